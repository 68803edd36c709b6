"""Which tickets share a mark on the map: pure numpy, one pass over columns, no Qt, fit for any thread.

A cluster is a cell of a fixed grid over the whole world, so its id is the cell's: what one ticket does can
only touch the cell it left and the cell it came to. (Greedy clustering, as Leaflet.markercluster does it,
rebuilds neighbours too, and an open cluster collapses at a live update: its issue 318.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from domain.nodes import TicketState
from domain.overview import MapPoint
from domain.urgency import Urgency
from widgets.map.mercator import Floats, pixels_per_world, project

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# The order of a donut's segments, clockwise from twelve o'clock: the worst first.
STATES = (
    TicketState.OVERDUE,
    TicketState.DUE_SOON,
    TicketState.ON_TIME,
    TicketState.PAUSED,
    TicketState.DONE,
)
_STATE_CODES = {state: code for code, state in enumerate(STATES)}
# A closed ticket has left the board; should one be handed in, it counts as done rather than vanishing.
_STATE_CODES[TicketState.CLOSED] = _STATE_CODES[TicketState.DONE]
URGENCIES = tuple(Urgency)
_URGENCY_CODES = {urgency: code for code, urgency in enumerate(URGENCIES)}

# Cells are this many page pixels wide at the lower end of a level; a level is half a zoom step.
CELL = 96.0
ALERT_CELL = 56.0
LEVELS_PER_ZOOM = 2
# A cluster stands at its members' mean, but keeps this share of the cell's width off each edge, so that
# donuts of neighbouring cells do not cover each other.
INNER_MARGIN = 0.28
# A cluster stays where it is until its members' mean has wandered this far, in page pixels.
TOLERANCE = 10.0


@dataclass(frozen=True, slots=True)
class PointColumns:
    """Tickets as columns of equal length.

    `x`, `y`: world units (mercator.py); `state`, `urgency`: positions in STATES and URGENCIES; `area`: the
    position of the ticket's county in the list of counties it was made with, -1 for none of them.
    """

    numbers: tuple[str, ...]
    x: Floats
    y: Floats
    state: Ints
    urgency: Ints
    area: Ints

    @classmethod
    def from_points(cls, points: Sequence[MapPoint], counties: Sequence[str] = ()) -> Self:
        """Return the columns of these points; `counties` are county codes (adcodes).

        A point of a township belongs to the county whose six digits its code begins with. A point with
        coordinates off the world is left out: it cannot be shown anywhere.
        """
        lng = np.array([point.lng for point in points], dtype=np.float64)
        lat = np.array([point.lat for point in points], dtype=np.float64)
        placed = (np.abs(lng) <= 180.0) & (np.abs(lat) <= 90.0)
        if not placed.all():
            points = [point for point, kept in zip(points, placed, strict=True) if kept]
        x, y = project(lng[placed], lat[placed])
        position = {adcode: index for index, adcode in enumerate(counties)}
        areas = [point.area or "" for point in points]
        return cls(
            tuple(point.number for point in points),
            x,
            y,
            np.array([_STATE_CODES[point.state] for point in points], dtype=np.int64),
            np.array([_URGENCY_CODES[point.urgency] for point in points], dtype=np.int64),
            np.array([position.get(a, position.get(a[:6], -1)) for a in areas], dtype=np.int64),
        )

    def totals(self) -> list[int]:
        """Return how many tickets there are by STATES."""
        return [int(count) for count in np.bincount(self.state, minlength=len(STATES))]

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of some tickets, as columns over the clusters in order of their keys.

    `counts`: (clusters, states) tickets; cluster i's members are `order[starts[i]:starts[i + 1]]`, positions
    in the PointColumns. `x`, `y`: where it stands, world units.
    """

    keys: Ints
    x: Floats
    y: Floats
    counts: Ints
    order: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.keys)

    def members(self, index: int) -> Ints:
        """Return the positions of a cluster's tickets in the PointColumns, in ascending order."""
        return self.order[self.starts[index] : self.starts[index + 1]]


def level_of(zoom: float) -> int:
    """Return the grid level of a zoom; all zooms of one level share one grid."""
    return int(np.floor(zoom * LEVELS_PER_ZOOM + 1e-9))


def zoom_of(level: int) -> float:
    """Return the lowest zoom of a level."""
    return level / LEVELS_PER_ZOOM


def grid(columns: PointColumns, level: int, cell: float = CELL, among: Bools | None = None) -> Clusters:
    """Return the tickets clustered by the cells of the level's grid, each ticket in exactly one cluster.

    Args:
        columns: the tickets.
        level: see `level_of`.
        cell: width of a cell in page pixels at the level's lowest zoom.
        among: only these tickets (a mask over the columns); None for all.
    """
    cells = pixels_per_world(zoom_of(level)) / cell
    index = np.arange(len(columns)) if among is None else np.flatnonzero(among)
    column = np.floor(columns.x[index] * cells).astype(np.int64)
    row = np.floor(columns.y[index] * cells).astype(np.int64)
    clusters = gather(columns, index, (column << 32) | row)
    alone = clusters.counts.sum(axis=1) == 1
    left, top = (clusters.keys >> 32) / cells, (clusters.keys & 0xFFFFFFFF) / cells
    low, high = INNER_MARGIN / cells, (1 - INNER_MARGIN) / cells
    return replace(
        clusters,
        # A single ticket stands exactly where it is.
        x=np.where(alone, clusters.x, np.clip(clusters.x, left + low, left + high)),
        y=np.where(alone, clusters.y, np.clip(clusters.y, top + low, top + high)),
    )


def gather(columns: PointColumns, index: Ints, keys: Ints) -> Clusters:
    """Return the tickets at these positions gathered by key (one a position), each cluster at its mean."""
    sort = np.argsort(keys, kind="stable")
    order, ordered = index[sort], keys[sort]
    first = (
        np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, np.int64)
    )
    starts = np.append(first, len(ordered)).astype(np.int64)
    sizes = np.diff(starts)
    owner = np.repeat(np.arange(len(first)), sizes)
    states = len(STATES)
    flat = np.bincount(owner * states + columns.state[order], minlength=len(first) * states)
    return Clusters(
        ordered[first],
        np.bincount(owner, columns.x[order], len(first)) / np.maximum(sizes, 1),
        np.bincount(owner, columns.y[order], len(first)) / np.maximum(sizes, 1),
        flat.astype(np.int64).reshape(-1, states),
        order,
        starts,
    )


def settle(clusters: Clusters, before: Clusters, zoom: float) -> Clusters:
    """Return the clusters, those that were there before kept in place unless their mean wandered off.

    Without this every change of a member would shift its donut by a pixel, and a wall would never be still.
    Single tickets are not held: they stand where they are.
    """
    if not len(clusters) or not len(before):
        return clusters
    at = np.minimum(np.searchsorted(before.keys, clusters.keys), len(before) - 1)
    reach = TOLERANCE / pixels_per_world(zoom)
    near = np.hypot(clusters.x - before.x[at], clusters.y - before.y[at]) <= reach
    several = (clusters.counts.sum(axis=1) > 1) & (before.counts.sum(axis=1)[at] > 1)
    hold = (before.keys[at] == clusters.keys) & near & several
    return replace(
        clusters, x=np.where(hold, before.x[at], clusters.x), y=np.where(hold, before.y[at], clusters.y)
    )


def alerts(columns: PointColumns) -> Bools:
    """Return which tickets stand out by themselves: critical or first level, and due soon or overdue."""
    urgent = columns.urgency < _URGENCY_CODES[Urgency.ORDINARY]
    return urgent & (columns.state <= _STATE_CODES[TicketState.DUE_SOON])
