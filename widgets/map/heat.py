"""The heat layer: where open tickets are dense, as a small picture of levels. Pure numpy, for any thread."""

import base64
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from domain.nodes import TicketState
from widgets.map.clusters import Window, level_of, zoom_of
from widgets.map.mercator import Floats, pixels_per_world, unproject
from widgets.map.points import STATES, Bools, PointColumns

# A heat cell is this many page pixels wide at the level's lowest zoom; the page smooths between cells.
HEAT_CELL = 12.0
# The radius over which a ticket is felt, in cells (standard deviation of the blur).
BLUR = 2.2
# The picture is at most this many cells wide and high: a window much larger than a screen is cut.
MOST_CELLS = 640
# Levels of the picture: 0 is nothing, this is the densest.
TOP = 255


class Heat(StrEnum):
    """What the heat layer shows."""

    OFF = "off"
    OPEN = "open"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class HeatPicture:
    """Levels 0…TOP, `wide` by `high`, row by row from the north-west, over these edges (degrees)."""

    kind: Heat
    wide: int
    high: int
    west: float
    north: float
    east: float
    south: float
    levels: bytes

    def as_message(self) -> dict[str, object]:
        """Return the picture as the page takes it (resources/map/heat.js)."""
        return {
            "kind": self.kind.value,
            "wide": self.wide,
            "high": self.high,
            "edges": [round(edge, 7) for edge in (self.west, self.south, self.east, self.north)],
            "levels": base64.b64encode(self.levels).decode("ascii"),
        }


def heat_picture(
    columns: PointColumns, among: Bools, kind: Heat, zoom: float, window: Window
) -> HeatPicture | None:
    """Return the density of tickets in a window; None if there is nothing to show.

    The square root of the density is what is shown, or one hot spot would leave the rest dark. The densest
    place is rounded up to a power of two's root, so that a ticket more does not repaint the whole city.
    """
    if kind is Heat.OFF:
        return None
    chosen = among & columns.placed
    if kind is Heat.OVERDUE:
        chosen = chosen & (columns.state == STATES.index(TicketState.OVERDUE))
    cells = pixels_per_world(zoom_of(level_of(zoom))) / HEAT_CELL
    left, top = int(np.floor(window.west * cells)), int(np.floor(window.north * cells))
    wide = min(MOST_CELLS, int(np.ceil(window.east * cells)) - left)
    high = min(MOST_CELLS, int(np.ceil(window.south * cells)) - top)
    with np.errstate(invalid="ignore"):
        chosen &= (columns.x >= left / cells) & (columns.x < (left + wide) / cells)
        chosen &= (columns.y >= top / cells) & (columns.y < (top + high) / cells)
    column = np.minimum((columns.x[chosen] * cells).astype(np.int64) - left, wide - 1)
    row = np.minimum((columns.y[chosen] * cells).astype(np.int64) - top, high - 1)
    if not len(column):
        return None
    tickets = np.bincount(np.maximum(row, 0) * wide + np.maximum(column, 0), minlength=wide * high)
    density = _blurred(tickets.reshape(high, wide).astype(np.float64))
    densest = 2.0 ** (np.ceil(2 * np.log2(density.max())) / 2)
    levels = np.sqrt(density / densest) * TOP
    west, north = unproject(left / cells, top / cells)
    east, south = unproject((left + wide) / cells, (top + high) / cells)
    edges = (float(west), float(north), float(east), float(south))
    return HeatPicture(kind, wide, high, *edges, levels.astype(np.uint8).tobytes())


def _blurred(density: Floats) -> Floats:
    """Return the density blurred by a Gaussian, one direction after the other."""
    reach = int(np.ceil(3 * BLUR))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / BLUR) ** 2)
    weights /= weights.sum()
    for _ in range(2):
        padded = np.pad(density, ((reach, reach), (0, 0)))
        length = len(density)
        density = sum(weight * padded[at : at + length] for at, weight in enumerate(weights))
        density = density.T
    return np.ascontiguousarray(density)
