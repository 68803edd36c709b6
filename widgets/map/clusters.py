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
ALERT_CELL = 56.0
LEVELS_PER_ZOOM = 2
# A cluster stands at its members' mean, but keeps this share of the cell's width off each edge, so that
# donuts of neighbouring cells do not cover each other.
INNER_MARGIN = 0.28
# A cluster stays where it is until its members' mean has wandered this far, in page pixels.
TOLERANCE = 10.0


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
    index = np.flatnonzero(columns.placed if among is None else columns.placed & among)
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
