"""What the demo city's stations measure, as functions of time: days and nights, weather, works and mishaps.

Everything follows from the seed and the moment, so that the history of a new city and what its emulated
devices send afterwards are one curve, and a restart goes on where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from desktop.demo.incidents import Incident, Incidents, Mishap
from domain.stations import CONVERTED, Limit, Station, StationKind

Values = NDArray[np.float64]

BEIJING_SECONDS = 8 * 3600
DAY_SECONDS = 86_400.0
YEAR_DAYS = 365.25
CAP = 0.93
"""Without a mishap no value goes beyond this share of its limit."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a factor behaves. `level` is its mean, in shares of the limit where it has one; `slow` and `quick`
    how far it wanders in days and in minutes, in shares of the level; `rhythm` its course of the day.
    """

    level: float
    slow: float = 0.25
    quick: float = 0.06
    rhythm: str = "flat"
    digits: int = 1
    together: bool = False
    """Whether the whole city's values rise and fall together: weather does that."""
    winter: float = 0.0
    """How much higher in mid-January than in the mean of the year; below in July."""


_AIR = {
    "a34004": Habit(36, together=True, slow=0.42, rhythm="traffic", digits=0, winter=0.35),
    "a34002": Habit(51, together=True, slow=0.42, rhythm="traffic", digits=0, winter=0.3),
    "a05024": Habit(72, together=True, slow=0.2, rhythm="sun", digits=0, winter=-0.35),
    "a21004": Habit(27, together=True, slow=0.3, rhythm="traffic", digits=0, winter=0.25),
    "a21026": Habit(8, slow=0.25, digits=0, winter=0.15),
    "a21005": Habit(0.7, together=True, rhythm="traffic", winter=0.2),
}
_WEATHER = {"a01007": Habit(2.1, slow=0.5, quick=0.18, rhythm="sun", together=True)}
HABITS: Mapping[StationKind, Mapping[str, Habit]] = {
    StationKind.DUST: {
        "a34002": Habit(0.66, slow=0.3, rhythm="works", digits=0, together=True),
        "a34004": Habit(34, slow=0.4, rhythm="traffic", digits=0, together=True),
        "a34001": Habit(0.21, slow=0.3, quick=0.1, rhythm="works", digits=3),
        "LA": Habit(58, slow=0.03, quick=0.03, rhythm="voices"),
        **_WEATHER,
    },
    StationKind.WATER: {
        "w01018": Habit(0.62, slow=0.2, rhythm="people"),
        "w21003": Habit(0.42, slow=0.3, rhythm="people", digits=2),
        "w21011": Habit(0.5, slow=0.2, digits=3),
        "w21001": Habit(9.5, slow=0.15, digits=2),
        "w01001": Habit(7.4, slow=0.04, quick=0.01, digits=2),
        "w00000": Habit(180, slow=0.2, rhythm="people"),
    },
    StationKind.STACK: {
        "a21002": Habit(0.66, slow=0.15, quick=0.08),
        "a21026": Habit(0.48, slow=0.2, quick=0.1),
        "a34013": Habit(0.42, slow=0.15, quick=0.08),
        "a24088": Habit(0.5, slow=0.25, rhythm="works"),
        "a19001": Habit(6.4, slow=0.05, quick=0.04, digits=2),
        "a00000": Habit(310, slow=0.08),
    },
    StationKind.NOISE: {
        "Leq": Habit(0.84, slow=0.03, quick=0.02, rhythm="voices"),
        "LA": Habit(0.84, slow=0.03, quick=0.05, rhythm="voices"),
    },
    StationKind.AIR: {**_AIR, **_WEATHER},
}
DIRECTION = "a01008"
OTHER = Habit(1.0, digits=0)
FOLLOWS = {"a34002": 0.55, "a34004": 0.4, "LA": 0.05}
"""How much of an excess of dust another factor of the same site shows."""
RISE_SECONDS = 900.0
"""A mishap reaches its height within so long."""
SPREAD, AIR_SPREAD = 0.12, 0.3
"""How far stations of a kind differ from each other."""
LIMIT_OF = {(StationKind.NOISE, "LA"): "Leq"}
"""A factor that is not judged itself, but is of the size of one that is."""


OXYGEN, AIR_OXYGEN, REFERENCE_OXYGEN = "a19001", 21.0, 6.0
"""What is converted is what would be measured at so many percent of oxygen, as behind a coal-fired boiler."""


class Signals:
    """The curves of all stations of a city."""

    def __init__(self, limits: Sequence[Limit], incidents: Incidents, seed: int) -> None:
        self._limits = limits
        self._incidents = incidents
        self._seed = seed

    @property
    def incidents(self) -> Incidents:
        """What goes wrong meanwhile."""
        return self._incidents

    def digits(self, station: Station, factor: str) -> int:
        """Return how many decimals a station sends of a factor."""
        return _habit(station, factor).digits

    def values(self, station: Station, factor: str, moments: Values) -> Values:
        """Return what a factor is at moments, in seconds of the epoch, in the station's unit; any shape."""
        flat = moments.ravel()
        if factor == DIRECTION:
            course = self._direction(station, flat)
        else:
            habit, plain = _habit(station, factor), factor.removesuffix(CONVERTED)
            judged = judged_factor(station, plain)
            bounds = self._bounds(station, judged, flat)
            if bounds is None:
                # A city that was made before its stacks sent what they converted.
                bounds = self._bounds(station, plain + CONVERTED, flat)
            course = self._course(station, plain, habit, bounds and bounds[0], flat)
            course = self._with_incidents(station, plain, bounds and bounds[1], course, flat)
            if factor != judged:
                course = course * self._of_converted(station, flat)
            course = np.round(np.maximum(course, 0.0), habit.digits)
        return course.reshape(moments.shape)

    def _course(
        self, station: Station, factor: str, habit: Habit, bound: Values | None, moments: Values
    ) -> Values:
        curve = LIMIT_OF.get((station.kind, factor), factor)
        own, city = f"{self._seed}/{station.key}/{curve}", f"{self._seed}/city/{curve}"
        spread = AIR_SPREAD if station.kind is StationKind.AIR else SPREAD
        level = habit.level * (1 + spread * (2 * _share(own) - 1)) * (1.0 if bound is None else bound)
        slow = _noise(city if habit.together else own, moments, 31 * 3600.0)
        if habit.together:
            slow = 0.8 * slow + 0.2 * _noise(own, moments, 17 * 3600.0)
        quick = 0.6 * _noise(own + "/q", moments, 900.0) + 0.4 * _noise(own + "/m", moments, 150.0)
        hours = (moments + BEIJING_SECONDS) % DAY_SECONDS / 3600.0
        season = 1 + habit.winter * np.cos(2 * np.pi * (moments / DAY_SECONDS - 14) / YEAR_DAYS)
        course = level * RHYTHMS[habit.rhythm](hours) * season
        course = course * (1 + habit.slow * slow + habit.quick * quick)
        return course if bound is None else _below(course, CAP * bound)

    def _of_converted(self, station: Station, moments: Values) -> Values:
        """Return which share of the value at the reference oxygen content stands in the flue."""
        return (AIR_OXYGEN - self.values(station, OXYGEN, moments)) / (AIR_OXYGEN - REFERENCE_OXYGEN)

    def _direction(self, station: Station, moments: Values) -> Values:
        city = _noise(f"{self._seed}/city/wind", moments, 14 * 3600.0)
        own = _noise(f"{self._seed}/{station.key}/wind", moments, 1200.0)
        return np.round((95 + 190 * city + 14 * own) % 360.0)

    def _bounds(self, station: Station, factor: str, moments: Values) -> tuple[Values, Values] | None:
        """Return the lowest and the highest limit at each moment, over all averaging times; None if none."""
        judged = LIMIT_OF.get((station.kind, factor), factor)
        own = [limit for limit in self._limits if limit.station == station.key and limit.factor == judged]
        kind = [limit for limit in self._limits if limit.kind is station.kind and limit.factor == judged]
        minutes = (moments + BEIJING_SECONDS) % DAY_SECONDS / 60.0
        days = np.floor((moments + BEIJING_SECONDS) / DAY_SECONDS)
        lowest, highest = np.full(moments.shape, np.inf), np.full(moments.shape, -np.inf)
        for limit in own or kind:
            if limit.high is None or limit.low is not None:
                continue
            holds = _holds(limit, minutes, days)
            lowest = np.where(holds, np.minimum(lowest, limit.high), lowest)
            highest = np.where(holds, np.maximum(highest, limit.high), highest)
        return (lowest, highest) if np.isfinite(lowest).all() else None

    def _with_incidents(
        self, station: Station, factor: str, bound: Values | None, course: Values, moments: Values
    ) -> Values:
        if not moments.size:
            return course
        for incident in self._incidents.between(station, _aware(moments.min()), _aware(moments.max())):
            share = 1.0 if LIMIT_OF.get((station.kind, factor), factor) == incident.factor else 0.0
            if station.kind is StationKind.DUST and not share:
                share = FOLLOWS.get(factor, 0.0)
            if incident.mishap is not Mishap.EXCEEDS or not share:
                continue
            # Noise is a logarithm: a tenth more of it is twice as loud.
            scale = 0.16 if station.kind is StationKind.NOISE else 1.0
            peak, shake = 1 + (incident.peak - 1) * scale, 0.05 * scale
            above = (course if bound is None else bound) * peak
            shaken = above * (1 + shake * _noise(f"{self._seed}/{station.key}/peak", moments, 420.0))
            course = course + share * np.maximum(0.0, shaken - course) * _rise(incident, moments)
        return course


def judged_factor(station: Station, factor: str) -> str:
    """Return whose values are judged: the converted ones where the station sends them."""
    converted = f"{factor}{CONVERTED}"
    return converted if any(measure.factor == converted for measure in station.measures) else factor


def _habit(station: Station, factor: str) -> Habit:
    return HABITS[station.kind].get(factor.removesuffix(CONVERTED), OTHER)


def _rise(incident: Incident, moments: Values) -> Values:
    """How far a mishap has come at each moment: up within minutes, long at its height, down again; 0 to 1."""
    begin, end = incident.begin.timestamp(), incident.end.timestamp()
    edge = min(RISE_SECONDS, (end - begin) / 4)
    return np.clip(np.minimum((moments - begin) / edge, (end - moments) / edge), 0.0, 1.0)


def _below(values: Values, cap: Values) -> Values:
    """Bend what comes near a cap, so that it stays below without being cut off flat."""
    knee = 0.8 * cap
    return np.where(values <= knee, values, cap - (cap - knee) * np.exp((knee - values) / (cap - knee)))


def _noise(key: str, moments: Values, period: float) -> Values:
    """Return smooth chance from -1 to 1: it has turned about after so many seconds; the same for a key."""
    place = moments / period
    before = np.floor(place)
    rest = place - before
    left, right = _hashed(key, before), _hashed(key, before + 1)
    return left + (right - left) * rest * rest * (3 - 2 * rest)


def _hashed(key: str, numbers: Values) -> Values:
    """Scatter whole numbers over -1 to 1 (splitmix64)."""
    seed = np.uint64(crc32(key.encode()) * 0x9E3779B97F4A7C15 % 2**64)
    mixed = numbers.astype(np.int64).astype(np.uint64) + seed
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed.astype(np.float64) / 2.0**63 - 1.0


def _share(key: str) -> float:
    return crc32(key.encode()) / 2**32


def _aware(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _holds(limit: Limit, minutes: Values, days: Values) -> NDArray[np.bool_]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC).date()
    found = days >= (limit.effective_from - epoch).days
    if limit.effective_until is not None:
        found &= days < (limit.effective_until - epoch).days
    if limit.from_minute is not None and limit.until_minute is not None:
        late, early = minutes >= limit.from_minute, minutes < limit.until_minute
        found &= (late & early) if limit.from_minute < limit.until_minute else (late | early)
    return found


def _flat(hours: Values) -> Values:
    return np.ones_like(hours)


def _traffic(hours: Values) -> Values:
    return 0.86 + 0.26 * _hump(hours, 8.0, 2.6) + 0.3 * _hump(hours, 20.5, 3.4)


def _works(hours: Values) -> Values:
    return 0.82 + 0.24 * _hump(hours, 9.5, 2.6) + 0.26 * _hump(hours, 15.5, 2.8)


def _people(hours: Values) -> Values:
    return 0.9 + 0.16 * _hump(hours, 9.0, 2.0) + 0.18 * _hump(hours, 20.0, 2.4)


def _sun(hours: Values) -> Values:
    return 0.62 + 0.8 * _hump(hours, 14.5, 3.6)


def _voices(hours: Values) -> Values:
    return 0.97 + 0.05 * _hump(hours, 10.0, 3.5) + 0.05 * _hump(hours, 18.0, 3.0)


def _hump(hours: Values, at: float, width: float) -> Values:
    away = np.abs(hours - at)
    return np.exp(-((np.minimum(away, 24.0 - away) / width) ** 2))


RHYTHMS: Mapping[str, Callable[[Values], Values]] = {
    "flat": _flat,
    "traffic": _traffic,
    "works": _works,
    "people": _people,
    "sun": _sun,
    "voices": _voices,
}
