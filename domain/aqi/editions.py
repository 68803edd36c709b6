"""The editions of HJ 633 with their effective dates, and the concentrations at which their steps begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Pollutant(StrEnum):
    """The six that make an index, in the order in which they are listed."""

    PM25 = "PM2.5"
    PM10 = "PM10"
    SO2 = "SO2"
    NO2 = "NO2"
    CO = "CO"
    O3 = "O3"


class Edition(IntEnum):
    """An edition by its year."""

    HJ633_2012 = 2012
    HJ633_2026 = 2026

    @property
    def title(self) -> str:
        """The edition's name, as it stands beside each index."""
        return f"HJ 633-{self.value}"


EFFECTIVE = MappingProxyType(
    {Edition.HJ633_2012: date(2016, 1, 1), Edition.HJ633_2026: date(2026, 3, 1)},
)
"""From which day on an edition is in force; the later one takes the place of the earlier one."""


def edition_on(day: date) -> Edition:
    """Return the edition that judges this local day. Days before the first one are judged by the first."""
    in_force = [edition for edition, begins in EFFECTIVE.items() if begins <= day]
    return max(in_force, default=Edition.HJ633_2012)


class Average(StrEnum):
    """Over how long a concentration is averaged; PM has steps for 24 hours only, which hours use as well."""

    HOUR = "1h"
    EIGHT_HOURS = "8h"
    DAY = "24h"


STEPS = (0, 50, 100, 150, 200, 300, 400, 500)
"""The sub-indices at which a step ends and the next one begins (both editions)."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where the steps begin, µg/m³ (CO: mg/m³), as written in the standard, for as many STEPS as it goes.

    A concentration beyond the last one gives the sub-index `beyond`; None: it has none (2012, notes 2 and 3
    of table 1, where another average stands in for it).
    """

    concentrations: tuple[int, ...]
    beyond: int | None = 500


_Table = dict[tuple[Pollutant, Average], Column]

_SAME: _Table = {
    (Pollutant.SO2, Average.DAY): Column((0, 50, 150, 475, 800, 1600, 2100, 2620)),
    (Pollutant.NO2, Average.DAY): Column((0, 40, 80, 180, 280, 565, 750, 940)),
    (Pollutant.NO2, Average.HOUR): Column((0, 100, 200, 700, 1200, 2340, 3090, 3840)),
    (Pollutant.CO, Average.DAY): Column((0, 2, 4, 14, 24, 36, 48, 60)),
    (Pollutant.CO, Average.HOUR): Column((0, 5, 10, 35, 60, 90, 120, 150)),
    (Pollutant.O3, Average.HOUR): Column((0, 160, 200, 300, 400, 800, 1000, 1200)),
}

_SO2_HOUR = (0, 150, 500, 650, 800)
_O3_EIGHT_HOURS = (0, 100, 160, 215, 265, 800)

TABLES: Mapping[Edition, Mapping[tuple[Pollutant, Average], Column]] = MappingProxyType(
    {
        Edition.HJ633_2012: _SAME
        | {
            (Pollutant.SO2, Average.HOUR): Column(_SO2_HOUR, beyond=None),
            (Pollutant.O3, Average.EIGHT_HOURS): Column(_O3_EIGHT_HOURS, beyond=None),
            (Pollutant.PM10, Average.DAY): Column((0, 50, 150, 250, 350, 420, 500, 600)),
            (Pollutant.PM25, Average.DAY): Column((0, 35, 75, 115, 150, 250, 350, 500)),
        },
        Edition.HJ633_2026: _SAME
        | {
            (Pollutant.SO2, Average.HOUR): Column(_SO2_HOUR, beyond=200),
            (Pollutant.O3, Average.EIGHT_HOURS): Column(_O3_EIGHT_HOURS, beyond=300),
            (Pollutant.PM10, Average.DAY): Column((0, 50, 120, 250, 350, 420, 500, 600)),
            (Pollutant.PM25, Average.DAY): Column((0, 35, 60, 115, 150, 250, 350, 500)),
        },
    }
)
"""HJ 633-2012 table 1 and HJ 633-2026 table 3."""
