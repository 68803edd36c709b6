"""Reads what a photo says of itself: when it was taken, and where (EXIF 3.0, 4.6.5 and 4.6.6).

Only the headers are read, never the picture. Blocking: call from a worker thread.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from data_access.picture_size import picture_size
from domain.coordinates import DECIMALS, Point
from domain.evidence import LARGEST, PhotoFacts

MOST_PIXELS = 80_000_000
"""Pillow warns of pictures larger than some 89 million pixels; nobody needs what such a one says."""
HEAD = 1 << 18
"""Bytes from the start in which a picture says how large it is."""


def read_photo(path: str, zone: tzinfo) -> PhotoFacts:
    """Return what a file says of itself; a `problem` in words where it says nothing. `zone`: the city's."""
    name = Path(path).name
    try:
        if Path(path).stat().st_size > LARGEST:
            return PhotoFacts(path, name, problem="文件过大")
        with open(path, "rb") as file:
            size = picture_size(file.read(HEAD))
        if size is None:
            return PhotoFacts(path, name, problem="不是 JPEG 或 PNG 照片，读不出拍摄时间和位置")
        if size[0] * size[1] > MOST_PIXELS:
            return PhotoFacts(path, name, problem="照片过大，未读拍摄时间和位置")
        with Image.open(path, formats=("JPEG", "PNG")) as picture:
            # Not `getexif()`: of a PNG without any it unpacks the whole picture to look behind it.
            exif = Image.Exif()
            exif.load(picture.info.get("exif", b""))
            detail, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except OSError:
        return PhotoFacts(path, name, problem="无法读取文件")
    except Exception:  # noqa: BLE001 - a file from anywhere may break any parser
        return PhotoFacts(path, name, problem="照片信息已损坏")
    taken_at, zone_known = _taken_at(detail, gps, zone)
    point = _point(gps)
    if taken_at is None and point is None:
        return PhotoFacts(path, name, problem="照片没有拍摄时间和位置（EXIF）")
    datum = str(gps.get(ExifTags.GPS.GPSMapDatum, "")).strip("\0 ") or "按 WGS-84"
    return PhotoFacts(path, name, taken_at, zone_known, point, datum[:40])


def _taken_at(
    detail: Mapping[int, Any], gps: Mapping[int, Any], zone: tzinfo
) -> tuple[datetime | None, bool]:
    """Return when it was taken, and whether the photo says of which zone that is."""
    text = str(detail.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    offset = str(detail.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    try:
        naive = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone comes next
    except ValueError:
        return _by_satellite(gps), True
    try:
        return naive.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo), True
    except ValueError:
        return naive.replace(tzinfo=zone), False


def _by_satellite(gps: Mapping[int, Any]) -> datetime | None:
    """Return the time of the position, which is always UTC."""
    try:
        day = datetime.strptime(str(gps[ExifTags.GPS.GPSDateStamp]).strip("\0 "), "%Y:%m:%d")  # noqa: DTZ007
        hours, minutes, seconds = (float(part) for part in gps[ExifTags.GPS.GPSTimeStamp])
        return day.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _point(gps: Mapping[int, Any]) -> Point | None:
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    lng = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    # Cameras without a fix write zeros.
    if lat is None or lng is None or not (abs(lat) <= 90 and abs(lng) <= 180) or (lat == 0 and lng == 0):
        return None
    return Point(round(lng, DECIMALS), round(lat, DECIMALS))


def _degrees(parts: Any, reference: Any, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return -value if str(reference).strip("\0 ").upper() == negative else value
