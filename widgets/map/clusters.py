"""Which tickets share a mark on the map: pure numpy, one pass over columns, no Qt, fit for any thread.

A cluster is a cell of a fixed grid over the whole world, so its id is the cell's: what one ticket does can
only touch the cell it left and the cell it came to. (Greedy clustering, as Leaflet.markercluster does it,
rebuilds neighbours too, and an open cluster collapses at a live update: its issue 318.)
"""

from dataclasses import dataclass, replace

import numpy as np

from widgets.map.mercator import Floats, pixels_per_world
from widgets.map.points import STATES, Bools, Ints, PointColumns

# Cells are this many page pixels wide at the lower end of a level; a level is half a zoom step.
CELL = 96.0
LEVELS_PER_ZOOM = 2
# A cluster stands at its members' mean, but keeps this share of the cell's width off each edge, so that
# donuts of neighbouring cells do not cover each other.
INNER_MARGIN = 0.28
# A cluster stays where it is until its members' mean has wandered this far, in page pixels.
TOLERANCE = 10.0
# Up to so many cells a count by cell is an array; beyond (a view of a continent) the cells are sorted.
DENSE_CELLS = 1 << 18


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the world, in world units; y grows southwards."""

    west: float
    north: float
    east: float
    south: float


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """The clusters of some tickets, as columns over the clusters in order of their keys.

    `counts`: (clusters, states) tickets; `first`: the position of its first ticket in the PointColumns;
    `x`, `y`: where it stands, world units. `index` and `owner`: which tickets were clustered, and the
    cluster of each.
    """

    keys: Ints
    x: Floats
    y: Floats
    counts: Ints
    first: Ints
    index: Ints
    owner: Ints

    def __len__(self) -> int:
        return len(self.keys)

    def members(self, cluster: int) -> Ints:
        """Return the positions of a cluster's tickets in the PointColumns, in ascending order."""
        return self.index[self.owner == cluster]

    @property
    def sizes(self) -> Ints:
        """How many tickets each cluster has."""
        return self.counts.sum(axis=1)


def level_of(zoom: float) -> int:
    """Return the grid level of a zoom; all zooms of one level share one grid."""
    return int(np.floor(zoom * LEVELS_PER_ZOOM + 1e-9))


def zoom_of(level: int) -> float:
    """Return the lowest zoom of a level."""
    return level / LEVELS_PER_ZOOM


def cells_per_world(level: int, cell: float = CELL) -> float:
    """Return how many cells of a level the world is wide; `cell` is their width in page pixels."""
    return pixels_per_world(zoom_of(level)) / cell


def grid(
    columns: PointColumns,
    level: int,
    cell: float = CELL,
    among: Bools | None = None,
    window: Window | None = None,
) -> Clusters:
    """Return the tickets clustered by the cells of the level's grid, each ticket in exactly one cluster.

    Args:
        columns: the tickets; those without coordinates are left out.
        level: see `level_of`.
        cell: width of a cell in page pixels at the level's lowest zoom.
        among: only these tickets (a mask over the columns); None for all.
        window: only the cells that touch it, each whole; None for the world.
    """
    cells = cells_per_world(level, cell)
    chosen = columns.placed if among is None else columns.placed & among
    if window is not None:
        left, top = np.floor(window.west * cells), np.floor(window.north * cells)
        right, bottom = np.floor(window.east * cells) + 1, np.floor(window.south * cells) + 1
        chosen &= (columns.x >= left / cells) & (columns.x <= right / cells)
        chosen &= (columns.y >= top / cells) & (columns.y <= bottom / cells)
    index = np.flatnonzero(chosen)
    column = np.floor(columns.x[index] * cells).astype(np.int64)
    row = np.floor(columns.y[index] * cells).astype(np.int64)
    if window is not None:
        # The edges once more in whole cells: a division's last digit must not cut a cell in two.
        whole = (column >= left) & (column < right) & (row >= top) & (row < bottom)
        index, column, row = index[whole], column[whole], row[whole]
    clusters = gather(columns, index, (column << 32) | row)
    alone = clusters.sizes == 1
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
    found, owner = _distinct(keys)
    length, states = len(found), len(STATES)
    counts = np.bincount(owner * states + columns.state[index], minlength=length * states)
    counts = counts.astype(np.int64).reshape(length, states)
    first = np.zeros(length, dtype=np.int64)
    # Assigned backwards, so that the first ticket of a cluster is the last to stand there.
    first[owner[::-1]] = index[::-1]
    sizes = np.maximum(counts.sum(axis=1), 1)
    return Clusters(
        found,
        np.bincount(owner, columns.x[index], length) / sizes,
        np.bincount(owner, columns.y[index], length) / sizes,
        counts,
        first,
        index,
        owner,
    )


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys in order, and for each key its position among them, if possible unsorted."""
    if not len(keys):
        return keys, keys
    column, row = keys >> 32, keys & 0xFFFFFFFF
    left, top = int(column.min()), int(row.min())
    wide, high = int(column.max()) - left + 1, int(row.max()) - top + 1
    if wide * high > DENSE_CELLS:
        found, owner = np.unique(keys, return_inverse=True)
        return found, owner.reshape(-1)
    flat = (column - left) * high + (row - top)
    taken = np.bincount(flat, minlength=wide * high) > 0
    place = np.cumsum(taken) - 1
    cells = np.flatnonzero(taken)
    return ((cells // high + left) << 32) | (cells % high + top), place[flat]


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
    several = (clusters.sizes > 1) & (before.sizes[at] > 1)
    hold = (before.keys[at] == clusters.keys) & near & several
    return replace(
        clusters, x=np.where(hold, before.x[at], clusters.x), y=np.where(hold, before.y[at], clusters.y)
    )
