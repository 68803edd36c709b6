"""The demo city's stations and limits (X04, X14, T25): counts, places, and that each value can be judged."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from desktop.city import CITY_FOLDER, CityError, load_boundaries
from desktop.city_stations import load_limits, load_stations
from domain.stations import Limit, Span, Station, StationKind

JUDGED_BY_INDEX = StationKind.AIR


def test_so_many_stations_of_each_kind() -> None:
    kinds = Counter(station.kind for station in load_stations())
    assert kinds == {
        StationKind.DUST: 75,
        StationKind.WATER: 20,
        StationKind.STACK: 12,
        StationKind.NOISE: 15,
        StationKind.AIR: 10,
    }
    assert [station.number for station in load_stations()] == list(range(1, 133))


def test_every_station_lies_inside_its_county_and_every_county_has_its_air() -> None:
    rings = {
        f["properties"]["adcode"]: f["geometry"]["coordinates"][0] for f in load_boundaries()["features"]
    }
    for station in load_stations():
        assert station.area is not None
        assert station.lng is not None
        assert station.lat is not None
        assert _inside(station.lng, station.lat, rings[station.area]), station.name
    air = [station.area for station in load_stations() if station.kind is StationKind.AIR]
    assert sorted(map(str, air)) == sorted(rings)


def test_an_identity_and_a_password_have_the_standards_form() -> None:
    for station in load_stations():
        assert re.fullmatch(r"[0-9A-F]{24}", station.mn), station.key
        assert len(station.password) == 6


def test_a_station_is_answered_for_by_who_leads_its_category_there() -> None:
    bodies = {station.key: station.body for station in load_stations()}
    assert bodies["dust-01"] == "housing"
    assert bodies["water-01"] == "gulou"  # a local kind in a county that is a responsible body itself
    assert bodies["water-05"] == "water"
    assert bodies["air-01"] == "ecology"


@pytest.mark.parametrize(
    "station", [s for s in load_stations() if s.kind is not JUDGED_BY_INDEX], ids=lambda s: s.key
)
def test_each_station_has_a_limit_of_its_own_or_of_its_kind(station: Station) -> None:
    factors = {measure.factor for measure in station.measures}
    limits = [limit for limit in load_limits() if station.key == limit.station or station.kind == limit.kind]
    assert {limit.factor for limit in limits if _holds(limit, date(2026, 11, 22))} & factors


def test_a_noise_point_has_one_limit_at_every_minute_and_on_every_day() -> None:
    for station in load_stations():
        if station.kind is not StationKind.NOISE:
            continue
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 11, 22)):
            own = [limit for limit in load_limits() if limit.station == station.key and _holds(limit, day)]
            for minute in (0, 359, 360, 1319, 1320, 1439):
                assert sum(_is_at(limit, minute) for limit in own) == 1, (station.key, day, minute)


def test_dust_is_counted_by_the_day_and_says_what_is_not_verified() -> None:
    (dust,) = [limit for limit in load_limits() if limit.key == "dust-pm10-hour"]
    assert (dust.high, dust.span, dust.allowed_per_day) == (80.0, Span.HOUR, 2)
    assert dust.source.startswith("示例")
    (tsp,) = [limit for limit in load_limits() if limit.key == "dust-tsp-minute"]
    assert (tsp.span, tsp.minutes) == (Span.MINUTE, 5)
    # What is limited at a reference oxygen content is judged by what is converted to it.
    of_power = {limit.factor for limit in load_limits() if limit.key.startswith("power-")}
    assert of_power == {"a21002-Zs", "a21026-Zs", "a34013-Zs"}
    assert all(limit.source for limit in load_limits())


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("stations.toml", "010000A8900016F032300022", "010000A8900016F032300011", "mn stands twice"),
        ("stations.toml", 'category = "B05"', 'category = "Z99"', "no category Z99"),
        ("stations.toml", 'township = "环城街道"', 'township = "湖滨街道"', "no 湖滨街道 in 320302"),
        ("limits.toml", '"water-20"]', '"water-99"]', "no station 'water-99'"),
        ("limits.toml", 'span = "hour"', 'span = "week"', "week"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_the_file(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    for path in CITY_FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(CityError, match=said) as refused:
        load_limits(tmp_path)
    assert file in str(refused.value)


def _holds(limit: Limit, day: date) -> bool:
    return limit.effective_from <= day and (limit.effective_until is None or day < limit.effective_until)


def _is_at(limit: Limit, minute: int) -> bool:
    if limit.from_minute is None or limit.until_minute is None:
        return True
    if limit.from_minute < limit.until_minute:
        return limit.from_minute <= minute < limit.until_minute
    return minute >= limit.from_minute or minute < limit.until_minute


def _inside(lng: float, lat: float, ring: list[list[float]]) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lng < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1
