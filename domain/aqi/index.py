"""One place's index of an hour or a day: sub-indices, the greatest, its level and who caused it (T01).

Concentrations are µg/m³ and CO mg/m³; they are rounded by GB/T 8170 (half to even) before they are judged,
CO to one decimal and all others to integers, and a sub-index is rounded up (HJ 633-2012, 4.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil, isfinite

from domain.aqi.editions import STEPS, TABLES, Average, Edition, Pollutant

Concentrations = Mapping[Pollutant, float | None]

_ONE, _TENTH = Decimal(1), Decimal("0.1")


class Level(IntEnum):
    """The six levels: 优, 良, 轻度污染, 中度污染, 重度污染, 严重污染."""

    EXCELLENT = 1
    GOOD = 2
    LIGHT = 3
    MODERATE = 4
    HEAVY = 5
    SEVERE = 6


_LEVEL_ENDS = ((50, Level.EXCELLENT), (100, Level.GOOD), (150, Level.LIGHT), (200, Level.MODERATE))


@dataclass(frozen=True, slots=True)
class AirIndex:
    """An index under an edition. `aqi` None is NA: too little was measured to publish one.

    `primary` are those with the greatest sub-index, above an index of 50 only; `parts` the sub-indices of
    what was measured, `missing` the pollutants that have none.
    """

    edition: Edition
    aqi: int | None
    primary: tuple[Pollutant, ...]
    parts: tuple[tuple[Pollutant, int], ...]
    missing: tuple[Pollutant, ...]

    @property
    def level(self) -> Level | None:
        """The level, None for NA."""
        return None if self.aqi is None else level_of(self.aqi)


def level_of(aqi: int) -> Level:
    """Return the level of an index (0 to 50 is the first, more than 300 the last).

    Raises:
        ValueError: the index does not lie in 0..500.
    """
    if not 0 <= aqi <= 500:
        raise ValueError(f"{aqi} is no air quality index")
    for end, level in _LEVEL_ENDS:
        if aqi <= end:
            return level
    return Level.HEAVY if aqi <= 300 else Level.SEVERE


def rounded(pollutant: Pollutant, concentration: float) -> Decimal:
    """Return the concentration as it is judged: half to even, CO with one decimal."""
    step = _TENTH if pollutant is Pollutant.CO else _ONE
    return Decimal(str(concentration)).quantize(step, ROUND_HALF_EVEN)


def sub_index(
    pollutant: Pollutant, average: Average, concentration: float | None, edition: Edition
) -> int | None:
    """Return the IAQI of a concentration.

    None where nothing was measured, and beyond the end of a column of 2012 that gives no value there.

    Raises:
        ValueError: the concentration is below zero or no number.
        KeyError: the edition has no steps for this average.
    """
    if concentration is None:
        return None
    if not isfinite(concentration) or concentration < 0:
        raise ValueError(f"{concentration} is no concentration of {pollutant}")
    return _judged(pollutant, average, rounded(pollutant, concentration), edition)


@lru_cache(maxsize=4096)
def _judged(pollutant: Pollutant, average: Average, concentration: Decimal, edition: Edition) -> int | None:
    column, value = TABLES[edition][pollutant, average], Fraction(concentration)
    ends = list(zip(column.concentrations, STEPS, strict=False))
    for (low, index_low), (high, index_high) in pairwise(ends):
        if value <= high:
            return ceil(Fraction(index_high - index_low, high - low) * (value - low) + index_low)
    return column.beyond


def real_time_index(
    hour: Concentrations, edition: Edition, *, so2_of_24_hours: float | None = None
) -> AirIndex:
    """Return the index of an hour from the hourly means; PM is judged by the steps for 24 hours.

    `so2_of_24_hours` stands in for an hour of SO2 beyond 800 µg/m³ under 2012 (table 1, note 2).
    """
    parts: dict[Pollutant, int | None] = {
        pollutant: sub_index(pollutant, _hourly_average(pollutant), hour.get(pollutant), edition)
        for pollutant in Pollutant
    }
    if parts[Pollutant.SO2] is None and hour.get(Pollutant.SO2) is not None:
        parts[Pollutant.SO2] = sub_index(Pollutant.SO2, Average.DAY, so2_of_24_hours, edition)
    return _of(parts, edition)


def daily_index(day: Concentrations, edition: Edition, *, ozone_hour_max: float | None = None) -> AirIndex:
    """Return the index of a day from the means of 24 hours and the greatest 8-hour mean of ozone.

    `ozone_hour_max` stands in for 8 hours beyond 800 µg/m³ under 2012 (table 1, note 3).
    """
    parts: dict[Pollutant, int | None] = {
        pollutant: sub_index(pollutant, _daily_average(pollutant), day.get(pollutant), edition)
        for pollutant in Pollutant
    }
    if parts[Pollutant.O3] is None and day.get(Pollutant.O3) is not None:
        parts[Pollutant.O3] = sub_index(Pollutant.O3, Average.HOUR, ozone_hour_max, edition)
    return _of(parts, edition)


def _hourly_average(pollutant: Pollutant) -> Average:
    return Average.DAY if pollutant in (Pollutant.PM10, Pollutant.PM25) else Average.HOUR


def _daily_average(pollutant: Pollutant) -> Average:
    return Average.EIGHT_HOURS if pollutant is Pollutant.O3 else Average.DAY


def _of(parts: Mapping[Pollutant, int | None], edition: Edition) -> AirIndex:
    found = tuple((pollutant, part) for pollutant, part in parts.items() if part is not None)
    missing = tuple(pollutant for pollutant, part in parts.items() if part is None)
    greatest = max((part for _, part in found), default=None)
    if greatest is not None and edition >= Edition.HJ633_2026:
        # 2026 lets an incomplete index stand only where what was measured is bad enough by itself;
        # its scale begins at 1.
        greatest = None if missing and greatest <= 100 else max(greatest, 1)
    primary: tuple[Pollutant, ...] = ()
    if greatest is not None and greatest > 50:
        primary = tuple(pollutant for pollutant, part in found if part == greatest)
    return AirIndex(edition, greatest, primary, found, missing)
