"""Areas as rings of points: where a label stands inside of one, and which places lie in none.

Rings are arrays (n, 2) in world units; a place is inside where it is in an odd number of an area's rings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from widgets.map.mercator import Floats
from widgets.map.points import Bools

Ring = NDArray[np.float64]

# The search for the innermost place: so many places across, then narrower around the best, so many times.
SEARCH_PLACES = 14
SEARCH_ROUNDS = 4
# The city is this many raster cells wide and high.
RASTER = 1024


def contains(rings: Sequence[Ring], x: Floats, y: Floats) -> Bools:
    """Return which places lie inside of the area (even-odd rule)."""
    start, end = _edges(rings)
    x, y = np.asarray(x)[..., None], np.asarray(y)[..., None]
    spans = (start[:, 1] > y) != (end[:, 1] > y)
    rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    return (np.count_nonzero(spans & (x < crossing), axis=-1) % 2).astype(bool)


def innermost(rings: Sequence[Ring]) -> tuple[float, float]:
    """Return about the place inside of an area that is farthest from its border (pole of inaccessibility).

    A centroid may lie outside (that of a county around a city does); this place never does, and a label has
    most room there. By grids that close in on it: the border is looked at some thousand times, no more.
    """
    start, end = _edges(rings)
    low, high = start.min(axis=0), start.max(axis=0)
    centre, reach = (low + high) / 2, (high - low) / 2
    best, best_distance = start[0], 0.0
    steps = np.linspace(-1, 1, SEARCH_PLACES)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    for _ in range(SEARCH_ROUNDS):
        places = grid * reach + centre
        places = places[contains(rings, places[:, 0], places[:, 1])]
        if len(places):
            distance = _to_border(places, start, end)
            at = int(distance.argmax())
            if distance[at] > best_distance:
                best, best_distance = places[at], float(distance[at])
            centre = best
        reach = reach * (3 / SEARCH_PLACES)
    return float(best[0]), float(best[1])


def _to_border(places: Ring, start: Ring, end: Ring) -> Floats:
    """Return how far each place is from the nearest edge."""
    wide, high = (end - start).T
    length = np.maximum(wide**2 + high**2, 1e-300)
    x, y = places[:, :1] - start[:, 0], places[:, 1:] - start[:, 1]
    along = np.clip((x * wide + y * high) / length, 0, 1)
    x -= along * wide
    y -= along * high
    x *= x
    y *= y
    return np.sqrt((x + y).min(axis=1))


@dataclass(frozen=True)
class Outline:
    """A city as the areas it consists of; says fast of many places whether they lie in one.

    Right but for a raster cell's width at the border (some 200 m in a city of 200 km; the boundaries are
    simplified by more): there every place counts as inside.
    """

    areas: tuple[tuple[Ring, ...], ...] = field(default=())

    def inside(self, x: Floats, y: Floats) -> Bools:
        """Return which places lie in the city; NaN does not."""
        if not self.areas:
            return np.zeros(len(x), dtype=bool)
        low, step, raster = self._raster
        with np.errstate(invalid="ignore"):
            column = np.floor((x - low[0]) / step[0])
            row = np.floor((y - low[1]) / step[1])
            near = (column >= 0) & (column < RASTER) & (row >= 0) & (row < RASTER)
        found = np.zeros(len(x), dtype=bool)
        found[near] = raster[row[near].astype(np.int64), column[near].astype(np.int64)]
        return found

    @cached_property
    def _raster(self) -> tuple[Floats, Floats, Bools]:
        points = np.concatenate([ring for rings in self.areas for ring in rings])
        low, high = points.min(axis=0), points.max(axis=0)
        step = (high - low) / RASTER * (1 + 1e-9)
        raster = np.zeros((RASTER, RASTER), dtype=bool)
        for rings in self.areas:
            start, end = _edges(rings)
            _fill(raster, (start - low) / step, (end - low) / step)
        return low, step, raster


def _fill(raster: Bools, start: Ring, end: Ring) -> None:
    """Mark the cells whose middle lies within these edges (in cells), and those along them."""
    left, top = np.floor(start.min(axis=0)).astype(int)
    right, bottom = np.ceil(start.max(axis=0)).astype(int)
    middles = np.arange(top, bottom) + 0.5
    rows, edges = np.nonzero((start[:, 1] > middles[:, None]) != (end[:, 1] > middles[:, None]))
    a, b = start[edges], end[edges]
    crossing = a[:, 0] + (middles[rows] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    first = np.ceil(crossing - 0.5).astype(np.int64) - left
    # Every crossing turns all cells to its right from out to in, or back.
    turned = np.zeros((bottom - top, right - left + 1), dtype=bool)
    np.logical_xor.at(turned, (rows, np.clip(first, 0, right - left)), True)
    raster[top:bottom, left:right] |= np.logical_xor.accumulate(turned, axis=1)[:, :-1]
    _mark_border(raster, start, end)


def _mark_border(raster: Bools, start: Ring, end: Ring) -> None:
    """Mark the cells along edges (in cells) as inside."""
    longest = float(np.abs(end - start).max(initial=0.0))
    share = np.linspace(0, 1, int(longest * 2) + 2)
    along = (start[:, None] + share[None, :, None] * (end - start)[:, None]).reshape(-1, 2)
    cells = np.clip(along.astype(np.int64), 0, RASTER - 1)
    raster[cells[:, 1], cells[:, 0]] = True


def _edges(rings: Sequence[Ring]) -> tuple[Ring, Ring]:
    """Return where each edge begins and ends; a ring closes itself."""
    return np.concatenate(list(rings)), np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
