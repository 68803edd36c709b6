"""Repeat points: places that two or more reports of the last days are about (B10, Y22).

Reports are counted in small cells first, and cells make up points: the fullest cell is a middle and takes in
what lies within the radius of it, then the fullest of the others, and so on. So a point is never wider than
the radius says, and the same reports always make the same points. Joining neighbours without end (DBSCAN,
connected cells) would make one point of a whole quarter of a dense city. `data_access.readers.repeat_points`
does it for all cells at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians

CELLS_A_RADIUS = 2
"""A cell is so many times smaller than the radius: it says where its reports are to some 12 m of 50."""
METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of the mean radius."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A net of cells over a city: sizes in degrees."""

    east: float
    north: float

    @classmethod
    def of(cls, radius_m: float, latitude: float) -> "Cells":
        """Return the net for a radius, square at a latitude (degrees)."""
        north = radius_m / CELLS_A_RADIUS / METRES_A_DEGREE
        return cls(north / max(cos(radians(latitude)), 0.01), north)


@dataclass(frozen=True, slots=True)
class RepeatPoint:
    """A repeat point as a list shows it. Names are ready for the screen.

    `count` is how many reports it had in the last days, merged ones included; `open` and `merged` are of
    these. `kinds` and `bodies` are names with how many, the most first; `plan` is what was decided about it,
    if a record says so. `numbers` are its reports' tickets, the last one first;
    `body_keys` who handles them.
    """

    key: str
    address: str
    area_name: str
    count: int
    open: int
    merged: int
    kinds: tuple[tuple[str, int], ...]
    bodies: tuple[tuple[str, int], ...]
    first_at: datetime
    last_at: datetime
    plan: str
    plan_approved: bool
    numbers: tuple[str, ...]
    body_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstContact:
    """首访即终访 (Y22): of the reports of the window that were closed in their own name, how many needed one
    round only, and were not followed or preceded by another about their place."""

    settled: int = 0
    closed: int = 0

    @property
    def rate(self) -> float | None:
        """The share, None where nothing was closed."""
        return self.settled / self.closed if self.closed else None


def most_first(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return names with how many, the most first, those without a name left out."""
    named = [(name, count) for name, count in counts.items() if name]
    return tuple(sorted(named, key=_many))


def _many(item: tuple[str, int]) -> tuple[int, str]:
    return (-item[1], item[0])
