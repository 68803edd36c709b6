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
# Bits that tell a heap's key and a donut's block from those of grid cells.
HEAP = 1 << 62
DONUT = 1 << 61


def alerts(columns: PointColumns) -> Bools:
    """Return which tickets stand out by themselves: critical or first level, and due soon or overdue."""
    urgent = columns.urgency < URGENCIES.index(Urgency.ORDINARY)
    return urgent & (columns.state <= STATES.index(TicketState.DUE_SOON))


def rings(
    columns: PointColumns, level: int, among: Bools, window: Window, donuts: Ints | None = None
) -> Clusters:
    """Return the rings of the alerts among these tickets; crowded blocks have one heap for all of theirs.

    A block is a cell of the grid; where donuts stand for counties it is a donut, and a cell for tickets that
    are in none. A heap counts its overdue tickets alone where it has some: "so many are late" must be seen.

    Args:
        columns: the tickets.
        level: see clusters.level_of.
        among: only these tickets.
        window: the part of the world that is drawn.
        donuts: for each county the number of the donut that it is counted in; None where there are none.
    """
    index = grid(columns, level, BLOCK, alerts(columns) & among, window).index
    near = _keys(columns.x[index], columns.y[index], cells_per_world(level, NEAR))
    blocks = _keys(columns.x[index], columns.y[index], cells_per_world(level, BLOCK))
    if donuts is not None:
        # One more for the tickets of no county, whose area is -1.
        home = np.append(donuts, -1)[columns.area[index]]
        blocks = np.where(home >= 0, home | DONUT, blocks)
        # A cell on a border is parted: a ring belongs to one block.
        near = np.where(home >= 0, near ^ ((home + 1) << 50), near)
    found, block = np.unique(blocks, return_inverse=True)
    block = block.reshape(-1)
    _, one_each = np.unique(near, return_index=True)
    crowded = np.bincount(block[one_each], minlength=len(found)) > MOST_IN_A_BLOCK
    late = columns.state[index] == STATES.index(TicketState.OVERDUE)
    some_late = np.bincount(block, late, len(found)) > 0
    kept = ~crowded[block] | ~some_late[block] | late
    keys = np.where(crowded[block], blocks | HEAP, near)
    return gather(columns, index[kept], keys[kept])


def donut_of_heap(key: int) -> int | None:
    """Return the number of the donut whose heap has this key; None if it is no donut's."""
    return key & (DONUT - 1) if key & HEAP and key & DONUT else None


def _keys(x: Floats, y: Floats, cells: float) -> Ints:
    return (np.floor(x * cells).astype(np.int64) << 32) | np.floor(y * cells).astype(np.int64)
