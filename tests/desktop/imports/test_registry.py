"""Stations and limits are registered from a file, all of it or nothing (X14)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from data_access.master import put_city
from data_access.stations import RegistryError, read_limits, read_registry
from data_access.store import Store
from desktop.city import CITY_FOLDER, load_city
from desktop.city_stations import load_limits, load_stations
from desktop.imports.errors import FileError
from desktop.imports.registry import Registered, import_stations
from desktop.reports.registry import registry_values

ONE = """
[dust]
category = "B01"
password = "123456"
measures = [{ factor = "a34002", unit = "µg/m³", factor_to_unit = 0.001 }]
station = [{ key = "d1", name = "一号工地", mn = "M1", area = "320302", point = [117.2, 34.2] }]

[[limit]]
key = "night"
stations = "loud"
factor = "LA"
span = "minute"
high = 55
from = 22:00:00
until = 06:00:00
effective_from = 2026-01-01
source = "GB 12523-2025"

[groups]
loud = ["d1"]
"""


@pytest.fixture
def city(store: Store) -> Store:
    store.write(lambda c: put_city(c, load_city(), datetime(2026, 1, 1, tzinfo=UTC)))
    return store


def written(folder: Path, text: str) -> Path:
    file = folder / "stations.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_demo_city_can_be_registered_from_its_own_files(city: Store, tmp_path: Path) -> None:
    """X14."""
    for name, wanted in (
        ("stations.toml", Registered(len(load_stations()), 0)),
        ("limits.toml", Registered(0, len(load_limits()))),
    ):
        assert import_stations(city, CITY_FOLDER / name) == wanted
        assert import_stations(city, CITY_FOLDER / name) == wanted
    registered = city.read(read_registry)
    assert [(s.key, s.mn, s.password, s.measures) for s in registered] == [
        (s.key, s.mn, s.password, s.measures) for s in load_stations()
    ]
    assert all(station.body for station in registered)
    assert set(city.read(read_limits)) == set(load_limits())


def test_what_the_store_does_not_know_is_refused_with_its_name(city: Store, tmp_path: Path) -> None:
    for old, new, words in (
        ('"B01"', '"Z99"', "没有类别 Z99"),
        ('"320302"', '"999999"', "没有县区 999999"),
        ('area = "320302"', 'body = "nobody"', "没有单位 nobody"),
        ('loud = ["d1"]', 'loud = ["d2"]', "监测点 d2 没有登记"),
        ("high = 55", "high = 55\nconverted = true", "没有登记 LA-Zs"),
        ('loud = ["d1"]', 'loud = ["d1", "d1"]', "限值编号 night/d1 出现两次"),
    ):
        with pytest.raises(FileError, match=words):
            import_stations(city, written(tmp_path, ONE.replace(old, new, 1)))
    wrong = ONE.replace('"B01"', '"Z99"').replace('"320302"', '"999999"')
    with pytest.raises(FileError, match=r"(?s)有 2 处不对，什么也没有登记.*Z99.*999999"):
        import_stations(city, written(tmp_path, wrong))
    assert city.read(read_registry) == ()
    assert import_stations(city, written(tmp_path, ONE)) == Registered(1, 1)
    (limit,) = city.read(read_limits)
    assert (limit.key, limit.from_minute, limit.until_minute) == ("night/d1", 22 * 60, 6 * 60)
    changed = ONE.replace("high = 55", "high = 60").replace("一号工地", "二号工地")
    with pytest.raises(RegistryError, match="night/d1 已经在用，不能改 high"):
        import_stations(city, written(tmp_path, changed))
    assert city.read(read_limits) == (limit,)
    assert [station.name for station in city.read(read_registry)] == ["一号工地"]
    with pytest.raises(FileError, match="M1 已登记给监测点 d1"):
        import_stations(city, written(tmp_path, ONE.replace('"d1"', '"d3"')))


def test_a_station_is_retired_by_the_file_and_brought_back_by_a_later_one(
    city: Store, tmp_path: Path
) -> None:
    """X14: the list says so, and for programs; nothing judges it any more."""
    day, file = date(2026, 11, 30), ONE.replace('"LA"', '"a34002"')
    import_stations(city, written(tmp_path, file))
    import_stations(city, written(tmp_path, file.replace("point =", "retired = 2026-11-30, point =")))
    (station,) = city.read(read_registry)
    limits = city.read(read_limits)
    assert station.retired == day
    (before,) = registry_values([station], limits, day - timedelta(days=1))
    (after,) = registry_values([station], limits, day)
    assert (before["retired"], len(before["limits"])) == ("2026-11-30", 1)
    assert (after["retired"], after["limits"]) == ("2026-11-30", [])
    import_stations(city, written(tmp_path, file))
    (station,) = city.read(read_registry)
    assert station.retired is None
    with pytest.raises(FileError, match="retired：应为日期，不加引号"):
        import_stations(city, written(tmp_path, file.replace("point =", 'retired = "soon", point =')))


def test_the_example_of_the_docs_goes_in_beside_the_demo_city_and_changes_nothing_of_it(
    city: Store, tmp_path: Path
) -> None:
    """Who tries it word by word must not damage the city that they try it in."""
    docs = Path(__file__).parents[3] / "docs" / "import.md"
    example = docs.read_text(encoding="utf-8").split("## Stations and limits")[1].split("```toml")[1]
    for name in ("stations.toml", "limits.toml"):
        import_stations(city, CITY_FOLDER / name)
    before = set(city.read(read_registry)), set(city.read(read_limits))
    found = import_stations(city, written(tmp_path, example.split("```")[0]))
    stations, limits = set(city.read(read_registry)), set(city.read(read_limits))
    assert stations > before[0]
    assert limits > before[1]
    assert found == Registered(len(stations - before[0]), len(limits - before[1]))
    assert {limit.station for limit in limits - before[1]} <= {s.key for s in stations - before[0]}
