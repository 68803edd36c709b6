"""A file of stations and limits is refused with the table, the key and the field that are wrong (X14)."""

from pathlib import Path

import pytest

from desktop.city import CITY_FOLDER
from desktop.imports.errors import FileError
from desktop.imports.registry_file import read_registry_file
from tests.desktop.imports.test_registry import ONE, written

LIMIT, STATION = "[[limit]] 第 1 项（night）", "[dust] station 第 1 项（d1）"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("high = 55", "hgh = 80", LIMIT, "不认识 hgh"),
        ("[groups]", "[dusty]\na = 1\n[groups]", "", "不认识的表 [dusty]"),
        ('category = "B01"', "every_second = 5", "[dust]", "不认识 every_second"),
        ('category = "B01"', "named = {}", "[dust]", "不认识 named"),
        ("high = 55", "", LIMIT, "low 与 high 至少写一个"),
        ("high = 55", "high = 40\nlow = 50", LIMIT, "low（50）大于 high（40）"),
        ("high = 55", "high = 55\neffective_until = 2025-12-31", LIMIT, "早于 effective_from（2026-01-01）"),
        ("[117.2, 34.2]", "[34.2, 117.2]", STATION, "point 应为 [经度, 纬度]"),
        ("[117.2, 34.2]", "[217.2, 34.2]", STATION, "217.2 不是经度"),
        ("[117.2, 34.2]", "[117.2]", f"{STATION} point", "应有 2 项"),
        ("[117.2, 34.2]", '"here"', f"{STATION} point", "应为方括号中的列表"),
        ('factor = "LA"', 'factor = "LZ9"', f"{LIMIT} factor", "没有因子代码 LZ9"),
        ('factor = "LA"', 'factor = "la"', f"{LIMIT} factor", "如 LA"),
        ('"a34002"', '"a99999"', "[dust] measures 第 1 项（a99999） factor", "没有因子代码 a99999"),
        ("high = 55", 'high = "lots"', f"{LIMIT} high", '应为数字，不加引号，而不是 "lots"'),
        ("high = 55", "high = nan", f"{LIMIT} high", "应为有限的数字"),
        ("22:00:00", '"22:00"', f"{LIMIT} from", '应为时刻，不加引号，如 22:00:00，而不是 "22:00"'),
        ("22:00:00", "22:00:30", f"{LIMIT} from", "秒应为 00"),
        ("from = 22:00:00", "", LIMIT, "from 与 until 须同时写"),
        ("22:00:00", "06:00:00", LIMIT, "from 与 until 相同"),
        ("22:00:00", "22:00", "", "TOML：第 14 行第 10 列"),
        ("[dust]", "[dust", "", "TOML：第 2 行"),
        ('"minute"', '"week"', f"{LIMIT} span", "应为 real_time, minute, hour, day 之一"),
        ("high = 55", "high = 55\nminutes = 7", LIMIT, "minutes = 7"),
        ('"minute"', '"hour"\nminutes = 15', LIMIT, "minutes = 15 应为 1、2、3"),
        ("high = 55", 'high = 55\nconverted = "yes"', f"{LIMIT} converted", "应为 true 或 false"),
        ("high = 55", "high = 55\nallowed_per_day = -1", f"{LIMIT} allowed_per_day", "应不小于 0"),
        ('stations = "loud"', "", LIMIT, "须写且只写一个"),
        ('stations = "loud"', 'stations = "quiet"', "[[limit]] night", "[groups] 中没有这一组"),
        ("2026-01-01", '"2026-01-01"', f"{LIMIT} effective_from", "应为日期，不加引号"),
        ('key = "d1", ', "", "[dust] station 第 1 项", "缺少 key"),
        ('"M1"', "7", f"{STATION} mn", "应为加引号的文字，而不是 7"),
        ("point = [", 'measures = "power", point = [', "[dust]", "没有这个表"),
        (
            "measures = [",
            'measures = [{ factor = "a34002", unit = "x" }, ',
            "[dust] measures",
            "a34002 出现两次",
        ),
        ("measures = [{", "measures_x = [{", "[dust]", "d1 没有 measures"),
        ('category = "B01"', "every_seconds = 0", "[dust] every_seconds", "应不小于 1"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in ONE
    with pytest.raises(FileError) as refused:
        read_registry_file(written(tmp_path, ONE.replace(old, new, 1)))
    message = refused.value.message
    assert place in message
    assert words in message
    for leak in ("Input should", "NoneType", "object has no", "could not convert", "Expected", "('"):
        assert leak not in message


def test_all_mistakes_are_told_at_once_and_a_password_never(tmp_path: Path) -> None:
    wrong = ONE.replace("high = 55", 'hgh = "x"').replace('"M1"', "7").replace('"123456"', "123456")
    with pytest.raises(FileError) as refused:
        read_registry_file(written(tmp_path, wrong))
    message = refused.value.message
    assert "有 3 处不对" in message
    assert all(word in message for word in ("hgh", f"{STATION} mn", "[dust] password"))
    assert "123456" not in message


def test_what_is_right_is_read_whatever_the_editor_put_before_it(tmp_path: Path) -> None:
    for name in ("stations.toml", "limits.toml"):
        read_registry_file(CITY_FOLDER / name)
    file = tmp_path / "marked.toml"
    file.write_text(ONE, encoding="utf-8-sig")
    ((_, dust), *_) = read_registry_file(file).tables()
    assert dust.station[0].point == [117.2, 34.2]
    file.write_bytes(ONE.encode("gb18030", errors="replace"))
    with pytest.raises(FileError, match="不是 UTF-8"):
        read_registry_file(file)
    with pytest.raises(FileError, match="读不到登记文件"):
        read_registry_file(tmp_path / "none.toml")
