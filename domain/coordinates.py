"""Points on the ground: three datums in use in China, the text that somebody pastes, metres between two.

The store knows WGS-84 only. GCJ-02, the shifted datum of Chinese web maps, and BD-09, Baidu's shift of it,
are made into WGS-84 once, when a point comes in.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import asin, atan2, cos, hypot, isfinite, pi, radians, sin, sqrt

# Krasovsky 1940, on which the published approximation of GCJ-02 rests.
_AXIS = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_NEAR_ENOUGH = 1e-9
_EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""
DECIMALS = 6
"""Of a degree, as the log keeps a point: a tenth of a metre."""


class Datum(StrEnum):
    """What a pair of degrees refers to."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees of WGS-84: longitude east, latitude north."""

    lng: float
    lat: float


def wgs84_of(datum: Datum, lng: float, lat: float) -> Point:
    """Return the WGS-84 point of degrees in a datum."""
    if datum is Datum.BD09:
        lng, lat = bd09_to_gcj02(lng, lat)
    if datum is not Datum.WGS84:
        lng, lat = gcj02_to_wgs84(lng, lat)
    # 0.0 is not -0.0 in the log.
    return Point(round(lng, DECIMALS) + 0.0, round(lat, DECIMALS) + 0.0)


def metres_between(first: Point, second: Point) -> float:
    """Return the length of the great circle between two points in metres (the haversine formula)."""
    lat, other = radians(first.lat), radians(second.lat)
    north = sin((other - lat) / 2) ** 2
    east = sin(radians(second.lng - first.lng) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(north + cos(lat) * cos(other) * east)))


# --- datums ---------------------------------------------------------------------------------------------


def gcj02_to_wgs84(lng: float, lat: float) -> tuple[float, float]:
    """Return the WGS-84 point (degrees) whose GCJ-02 point is the given one, to about a millimetre.

    Outside of China the two datums are the same.
    """
    if not in_china(lng, lat):
        return lng, lat
    guess_lng, guess_lat = lng, lat
    for _ in range(10):
        shift_lng, shift_lat = _shift(guess_lng, guess_lat)
        next_lng, next_lat = lng - shift_lng, lat - shift_lat
        moved = max(abs(next_lng - guess_lng), abs(next_lat - guess_lat))
        guess_lng, guess_lat = next_lng, next_lat
        if moved < _NEAR_ENOUGH:
            break
    return guess_lng, guess_lat


def bd09_to_gcj02(lng: float, lat: float) -> tuple[float, float]:
    """Return the GCJ-02 point of a BD-09 one, by the published approximation: to some decimetres."""
    x, y = lng - 0.0065, lat - 0.006
    wave = pi * 3000 / 180
    radius = hypot(x, y) - 0.00002 * sin(y * wave)
    angle = atan2(y, x) - 0.000003 * cos(x * wave)
    return radius * cos(angle), radius * sin(angle)


def in_china(lng: float, lat: float) -> bool:
    """Whether a point lies in the box in which GCJ-02 is shifted."""
    return 72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271


def _shift(lng: float, lat: float) -> tuple[float, float]:
    x, y = lng - 105.0, lat - 35.0
    wave = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (wave + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (wave + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    angle = lat / 180 * pi
    magic = 1 - _ECCENTRICITY_2 * sin(angle) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY_2) / (magic * sqrt(magic))
    return east * 180 / (_AXIS / sqrt(magic) * cos(angle) * pi), north * 180 / (meridian * pi)


# --- what somebody types or pastes ----------------------------------------------------------------------

_PART = re.compile(
    r"""(?P<before>[NSEW北南东西][纬经]?|lng|lon|lat)?[:=：\s]*
    (?P<sign>[-+]?)(?P<degrees>\d{1,3}(?:\.\d+)?)\s*[°度º]?
    (?:\s*(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’分]\s*(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:["″”秒]|''))?)?
    \s*(?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)
_NORTH = ("N", "S", "北", "南", "LAT")
_NEGATIVE = ("S", "W", "南", "西")
LONGEST = 100


def parse_degrees(text: str) -> tuple[float, float] | None:
    """Return (longitude, latitude) of a pair of degrees that somebody typed or pasted, None if it is none.

    Decimal degrees or degrees, minutes and seconds; with letters or Chinese words for the directions in
    either order. Without them, what can only be a longitude of China is one; otherwise longitude comes first.
    """
    tidy = text.strip().strip("()（）[]【】")
    if len(tidy) > LONGEST:
        return None
    parts = [part for part in re.split(r"[,，;；、\n]+|(?<=[NSEWnsew秒\"″”])\s+", tidy) if part.strip()]
    if len(parts) == 1:
        parts = tidy.split()
    if len(parts) != 2:
        return None
    found = [_degrees(part) for part in parts]
    if found[0] is None or found[1] is None:
        return None
    (first, first_north), (second, second_north) = found[0], found[1]
    if first_north is not None and first_north == second_north:
        return None
    named = first_north if first_north is not None else None if second_north is None else not second_north
    if named is None:
        named = in_china(second, first) and not in_china(first, second)
    lng, lat = (second, first) if named else (first, second)
    return (lng, lat) if abs(lng) <= 180 and abs(lat) <= 90 else None


def _degrees(text: str) -> tuple[float, bool | None] | None:
    """Return degrees, and whether they are said to be a latitude (None: not said)."""
    match = _PART.fullmatch(text.strip())
    if match is None:
        return None
    minutes, seconds = float(match["minutes"] or 0), float(match["seconds"] or 0)
    value = float(match["degrees"]) + minutes / 60 + seconds / 3600
    direction = (match["before"] or match["after"] or "").upper()
    if minutes >= 60 or seconds >= 60 or not isfinite(value):
        return None
    if match["sign"] == "-" or direction[:1] in _NEGATIVE:
        value = -value
    if not direction:
        return value, None
    return value, direction == "LAT" or direction[0] in _NORTH
