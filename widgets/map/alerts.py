"""The rings: urgent tickets (critical or first level) that are due soon or overdue stand out by themselves.

Which rings there are is decided block by block, so that a ticket changes those of its own block only. (The
worst so many of a whole view would make room for each other: one ticket's ring would blink out far away.)
"""

import numpy as np

from domain.nodes import TicketState
from domain.urgency import Urgency
from widgets.map.clusters import Clusters, Window, cells_per_world, gather, grid
from widgets.map.mercator import Floats
from widgets.map.points import STATES, URGENCIES, Bools, Ints, PointColumns

# Alerts nearer to each other than this, in page pixels, share a ring.
NEAR = 56.0
# Blocks are this many page pixels wide; a block with more rings than it may have shows one heap instead.
BLOCK = 224.0
MOST_IN_A_BLOCK = 2
# Bits that tell a heap's key and a county's block from those of grid cells.
HEAP = 1 << 62
COUNTY = 1 << 61


def alerts(columns: PointColumns) -> Bools:
    """Return which tickets stand out by themselves: critical or first level, and due soon or overdue."""
    urgent = columns.urgency < URGENCIES.index(Urgency.ORDINARY)
    return urgent & (columns.state <= STATES.index(TicketState.DUE_SOON))


def rings(columns: PointColumns, level: int, among: Bools, window: Window, by_county: bool) -> Clusters:
    """Return the rings of the alerts among these tickets; crowded blocks have one heap for all of theirs.

    A block is a county where the donuts are counties (and a cell of the grid for tickets outside of them),
    else a cell. A heap counts its overdue tickets alone where it has some: "so many are late" must be seen.
    """
    index = grid(columns, level, BLOCK, alerts(columns) & among, window).index
    near = _keys(columns.x[index], columns.y[index], cells_per_world(level, NEAR))
    blocks = _keys(columns.x[index], columns.y[index], cells_per_world(level, BLOCK))
    if by_county:
        area = columns.area[index]
        blocks = np.where(area >= 0, area | COUNTY, blocks)
        # A cell on a border is parted: a ring belongs to one block.
        near = np.where(area >= 0, near ^ ((area + 1) << 50), near)
    found, home = np.unique(blocks, return_inverse=True)
    home = home.reshape(-1)
    _, one_each = np.unique(near, return_index=True)
    crowded = np.bincount(home[one_each], minlength=len(found)) > MOST_IN_A_BLOCK
    late = columns.state[index] == STATES.index(TicketState.OVERDUE)
    some_late = np.bincount(home, late, len(found)) > 0
    kept = ~crowded[home] | ~some_late[home] | late
    keys = np.where(crowded[home], blocks | HEAP, near)
    return gather(columns, index[kept], keys[kept])


def county_of_heap(key: int) -> int | None:
    """Return the position of the county whose heap has this key; None if it is no county's."""
    return key & (COUNTY - 1) if key & HEAP and key & COUNTY else None


def _keys(x: Floats, y: Floats, cells: float) -> Ints:
    return (np.floor(x * cells).astype(np.int64) << 32) | np.floor(y * cells).astype(np.int64)
