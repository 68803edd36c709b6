"""A day's values from its hours, as far as enough hours are valid (GB 3095, HJ 663)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.aqi.editions import Pollutant
from domain.aqi.index import Concentrations

HOURS = 24
LEAST_HOURS = 20
"""A mean of 24 hours needs so many hourly means (GB 3095-2012, table 4)."""
WINDOW = 8
LEAST_OF_WINDOW = 6
"""A mean of 8 hours needs so many of them (GB 3095-2012, table 4)."""
LEAST_WINDOWS = 14
"""The greatest 8-hour mean of a day needs so many of the 17 that end at 8:00 to 24:00 (HJ 663-2013)."""
OZONE_LIMIT = 160.0
"""µg/m³; above the second-class limit a day's ozone counts with fewer means as well (HJ 663-2013)."""


@dataclass(frozen=True, slots=True)
class DayValues:
    """What a day is judged by: means of 24 hours, ozone's greatest 8-hour mean, its greatest hour."""

    concentrations: Mapping[Pollutant, float]
    ozone_hour_max: float | None = None


def day_values(hours: Sequence[Concentrations]) -> DayValues:
    """Return a local day's values from its 24 hours, 0:00 to 1:00 first; what has too few hours is left out.

    Raises:
        ValueError: there are not 24 hours.
    """
    if len(hours) != HOURS:
        raise ValueError(f"a day has {HOURS} hours, not {len(hours)}")
    found: dict[Pollutant, float] = {}
    for pollutant in Pollutant:
        values = [hour.get(pollutant) for hour in hours]
        mean = _greatest_window(values) if pollutant is Pollutant.O3 else _mean(values, LEAST_HOURS)
        if mean is not None:
            found[pollutant] = mean
    ozone = [value for hour in hours if (value := hour.get(Pollutant.O3)) is not None]
    return DayValues(found, max(ozone, default=None))


def _mean(values: Sequence[float | None], least: int) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if len(there) >= max(least, 1) else None


def _greatest_window(values: Sequence[float | None]) -> float | None:
    ends = range(WINDOW, HOURS + 1)
    means = [_mean(values[end - WINDOW : end], LEAST_OF_WINDOW) for end in ends]
    there = [mean for mean in means if mean is not None]
    greatest = max(there, default=None)
    if greatest is None or (len(there) < LEAST_WINDOWS and greatest <= OZONE_LIMIT):
        return None
    return greatest
