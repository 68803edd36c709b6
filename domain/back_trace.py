"""倒查: what lies upwind of a place at the time of an alarm, as a list of problems to look at (Q05).

No source states how far or how wide to look: the numbers of `TraceRule` are 示例. A straight line against the
wind is no dispersion model; it says where to go first, not who did it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from math import atan2, cos, degrees, hypot, radians, sin, sqrt

from domain.coordinates import Point, metres_between

AIRBORNE = ("A", "B", "D", "H01", "H03", "I", "K01")
"""Classes and kinds of the responsibility list that come with the wind: 示例, of the demo city's list."""


class SuspectKind(StrEnum):
    """What a place upwind is known by."""

    STATION = "station"
    FINDING = "finding"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class TraceRule:
    """How to look: `hours` of wind before the alarm; half the sector's angle in degrees, at the least and the
    most; its reach in metres, at the least and the most (the wind's way in `hours` lies between). Below
    `calm` m/s there is no direction, and only what is within `calm_m` counts. `most` are listed."""

    hours: float = 1.0
    narrow: float = 22.5
    wide: float = 60.0
    nearest_m: float = 2_000.0
    farthest_m: float = 10_000.0
    calm: float = 0.5
    calm_m: float = 2_000.0
    most: int = 12


@dataclass(frozen=True, slots=True)
class WindReading:
    """One station's wind: metres a second, and the direction in degrees from which it blows (0 is north)."""

    at: datetime
    speed: float
    direction: float


@dataclass(frozen=True, slots=True)
class Wind:
    """The mean wind: `spread` is how far its directions lie apart, in degrees; `station` measured it."""

    speed: float
    direction: float
    spread: float
    station: str = ""
    distance_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be the source. `strong`: it was beyond its limit, called a problem, or open then."""

    kind: SuspectKind
    key: str
    name: str
    point: Point
    at: datetime | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Suspect:
    """A candidate within the sector: how far, in which bearing, how many degrees off the wind, and how long
    the wind takes from there in minutes (None in a calm)."""

    candidate: Candidate
    distance_m: float
    bearing: float
    off: float
    minutes: float | None


@dataclass(frozen=True, slots=True)
class BackTrace:
    """What lies upwind of `point` at `at`. `wind` None: nobody measured it; then all around counts.

    `half_angle` is half of the sector's, 180 for all around; `suspects` are the likeliest first.
    """

    point: Point
    at: datetime
    wind: Wind | None
    half_angle: float
    reach_m: float
    suspects: tuple[Suspect, ...]

    @property
    def has_direction(self) -> bool:
        """Whether the wind says where to look."""
        return self.half_angle < 180.0


def mean_wind(readings: Sequence[WindReading], station: str = "", distance_m: float = 0.0) -> Wind | None:
    """Return the mean of a station's readings, each direction weighed by its speed; None without readings."""
    if not readings:
        return None
    east = sum(each.speed * sin(radians(each.direction)) for each in readings)
    north = sum(each.speed * cos(radians(each.direction)) for each in readings)
    total = sum(each.speed for each in readings)
    direction = degrees(atan2(east, north)) % 360.0
    # Of vectors that all point the same way the sum is as long as they are: nothing is spread.
    steady = hypot(east, north) / total if total > 0 else 0.0
    spread = degrees(sqrt(max(0.0, 2.0 * (1.0 - steady))))
    return Wind(total / len(readings), direction, spread, station, distance_m)


def back_trace(
    point: Point,
    at: datetime,
    wind: Wind | None,
    candidates: Iterable[Candidate],
    rule: TraceRule | None = None,
) -> BackTrace:
    """Return what lies upwind of a point, strong ones first, then the nearer and straighter ones."""
    rule = rule or TraceRule()
    if wind is None or wind.speed < rule.calm:
        half, reach = 180.0, rule.calm_m
    else:
        half = min(max(rule.narrow, 1.5 * wind.spread), rule.wide)
        reach = min(max(rule.nearest_m, wind.speed * rule.hours * 3600.0), rule.farthest_m)
    found = []
    for candidate in candidates:
        distance = metres_between(point, candidate.point)
        bearing = bearing_of(point, candidate.point)
        off = 0.0 if wind is None or half >= 180.0 else angle_between(bearing, wind.direction)
        if distance <= reach and off <= half:
            minutes = None if half >= 180.0 or wind is None else distance / wind.speed / 60.0
            found.append(Suspect(candidate, distance, bearing, off, minutes))
    found.sort(key=partial(_rank, half, reach))
    return BackTrace(point, at, wind, half, reach, tuple(found[: rule.most]))


def _rank(half: float, reach: float, suspect: Suspect) -> tuple[bool, float, str]:
    unlikely = suspect.distance_m / reach + suspect.off / half
    return not suspect.candidate.strong, unlikely, suspect.candidate.key


def bearing_of(here: Point, there: Point) -> float:
    """Return in which direction one point lies from another, in degrees clockwise from north."""
    lat, other = radians(here.lat), radians(there.lat)
    across = radians(there.lng - here.lng)
    east = sin(across) * cos(other)
    north = cos(lat) * sin(other) - sin(lat) * cos(other) * cos(across)
    return degrees(atan2(east, north)) % 360.0


def angle_between(one: float, other: float) -> float:
    """Return the smaller angle between two directions in degrees: 0..180."""
    return abs((one - other + 180.0) % 360.0 - 180.0)


def point_at(here: Point, bearing: float, metres: float) -> Point:
    """Return the point that lies so far away in a direction; flat, good for some kilometres."""
    north = metres * cos(radians(bearing)) / 111_195.0
    east = metres * sin(radians(bearing)) / (111_195.0 * cos(radians(here.lat)))
    return Point(here.lng + east, here.lat + north)


def is_airborne(category: str | None) -> bool:
    """Whether what a kind of the list is about comes with the wind."""
    return category is not None and category.startswith(AIRBORNE)
