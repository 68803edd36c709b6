"""What a cell shows, and what a column is. Cells are made once per record, so painting looks them up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from PySide6.QtCore import Qt

from widgets.status import Mark


class CellLook(Enum):
    """How a cell is painted: words, a status mark before words, a chip, a bar, or a countdown."""

    TEXT = "text"
    MARK = "mark"
    CHIP = "chip"
    BAR = "bar"
    COUNTDOWN = "countdown"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `colour` is a token name; `share` (0..1) fills a BAR, faint above `sure`.

    `due` is what a COUNTDOWN runs to, or `since` what it counts up from; its `text` is shown instead while
    both are None.
    """

    text: str
    look: CellLook = CellLook.TEXT
    colour: str = "text"
    mark: Mark | None = None
    tooltip: str = ""
    share: float = 0.0
    sure: float | None = None
    due: datetime | None = None
    since: datetime | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `width` in pixels at 1080p, `stretch` takes what is left. `cell` words one record.

    Where the table is too narrow it gives way down to `least` (0: it keeps its width).
    A click on the head of a `sortable` one asks for another order; whoever feeds the list sorts it.
    """

    key: str
    title: str
    width: int
    cell: Callable[[Any], Cell]
    right: bool = False
    stretch: bool = False
    sortable: bool = False
    least: int = 0

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Numbers to the right, words to the left."""
        side = Qt.AlignmentFlag.AlignRight if self.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
