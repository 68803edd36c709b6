"""What photos say of themselves: real files with real EXIF, and everything that is none (Y06, Y28)."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import ExifTags, Image

from desktop.photo_facts import read_photo
from domain.coordinates import Point

CITY = ZoneInfo("Asia/Shanghai")
BEIJING = timezone(timedelta(hours=8))
GPS = ExifTags.GPS
HERE: dict[int, Any] = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (34, 15, Fraction(4032, 100)),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (117, 11, Fraction(456, 100)),
}


def photo(
    folder: Path, detail: dict[int, Any] | None = None, gps: dict[int, Any] | None = None, ending: str = "jpg"
) -> str:
    """A small picture with these EXIF entries."""
    picture = Image.new("RGB", (32, 24), "gray")
    exif = picture.getexif()
    exif[ExifTags.Base.Make] = "相机".encode().decode("latin-1")
    exif.get_ifd(ExifTags.IFD.Exif).update(detail or {})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps or {})
    path = folder / f"现场 1.{ending}"
    picture.save(path, exif=exif)
    return str(path)


TAKEN = {ExifTags.Base.DateTimeOriginal: "2026:11:21 20:58:13"}


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_time_and_place_are_read(tmp_path: Path, ending: str) -> None:
    detail = {**TAKEN, ExifTags.Base.OffsetTimeOriginal: "+08:00"}
    found = read_photo(photo(tmp_path, detail, HERE, ending), CITY)
    assert found.name == f"现场 1.{ending}"
    assert found.taken_at == datetime(2026, 11, 21, 20, 58, 13, tzinfo=BEIJING)
    assert found.zone_known
    assert found.point == Point(117.184600, 34.261200)
    assert found.datum == "按 WGS-84"
    assert found.problem == ""


def test_a_time_without_a_zone_is_the_citys_and_says_so(tmp_path: Path) -> None:
    found = read_photo(photo(tmp_path, TAKEN), CITY)
    assert found.taken_at == datetime(2026, 11, 21, 12, 58, 13, tzinfo=UTC)
    assert not found.zone_known
    assert found.point is None


def test_the_satellites_know_the_time_too(tmp_path: Path) -> None:
    gps = {**HERE, GPS.GPSDateStamp: "2026:11:21", GPS.GPSTimeStamp: (12, 58, 13), GPS.GPSMapDatum: "WGS-84"}
    found = read_photo(photo(tmp_path, {}, gps), CITY)
    assert found.taken_at == datetime(2026, 11, 21, 12, 58, 13, tzinfo=UTC)
    assert found.zone_known
    assert found.datum == "WGS-84"


def test_south_and_west_are_negative(tmp_path: Path) -> None:
    gps = {**HERE, GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"}
    found = read_photo(photo(tmp_path, {}, gps), CITY)
    assert found.point == Point(-117.184600, -34.261200)


@pytest.mark.parametrize(
    "gps",
    [
        {**HERE, GPS.GPSLatitude: (0, 0, 0), GPS.GPSLongitude: (0, 0, 0)},
        {**HERE, GPS.GPSLatitude: (95, 0, 0)},
        {GPS.GPSLatitudeRef: "N"},
        {**HERE, GPS.GPSLongitude: (117,)},
    ],
)
def test_what_is_no_place_is_none(tmp_path: Path, gps: dict[int, Any]) -> None:
    found = read_photo(photo(tmp_path, TAKEN, gps), CITY)
    assert found.point is None
    assert found.taken_at is not None


def test_a_photo_that_says_nothing_says_so(tmp_path: Path) -> None:
    found = read_photo(photo(tmp_path), CITY)
    assert "没有拍摄时间和位置" in found.problem
    odd = read_photo(photo(tmp_path, {ExifTags.Base.DateTimeOriginal: "昨天晚上"}), CITY)
    assert odd.taken_at is None
    assert odd.problem


def test_what_is_no_photo_says_so(tmp_path: Path) -> None:
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    assert "不是 JPEG 或 PNG" in read_photo(str(pdf), CITY).problem
    assert "无法读取" in read_photo(str(tmp_path / "none.jpg"), CITY).problem
    whole = Path(photo(tmp_path, TAKEN, HERE)).read_bytes()
    for length in (4, 40, 100, 200, len(whole) // 2):
        cut = tmp_path / "cut.jpg"
        cut.write_bytes(whole[:length])
        found = read_photo(str(cut), CITY)  # whatever it is, it is told
        assert found.problem or found.taken_at is not None


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    """A header that promises gigabytes: no pixel is unpacked, and no warning is raised."""
    bomb = bytearray(Path(photo(tmp_path, TAKEN, ending="png")).read_bytes())
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    path = tmp_path / "bomb.png"
    path.write_bytes(bytes(bomb))
    assert "过大" in read_photo(str(path), CITY).problem
