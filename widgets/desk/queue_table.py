"""The table of a desk's queue: dense rows, one keystroke an order, and no order for a row that slid in."""

from time import monotonic

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from widgets.hand import AIM_SECONDS
from widgets.scale import Scale
from widgets.table.delegate import CellDelegate
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel, Renewal

ROW_HEIGHT = 21
"""Pixels at 1080p: forty rows stand under the header, filters and legend."""
LEAST_ROW_HEIGHT = 18
"""Pixels; a desk is read from near, but its rows never get smaller than this."""
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class QueueDelegate(CellDelegate):
    """Paints the cells in the small type of a desk."""

    def _make_fonts(self) -> None:
        super()._make_fonts()
        self._font = self._scale.font("font_dense")
        self._bold = self._scale.font("font_dense", bold=True)


class QueueTable(LazyTable):
    """Keeps what is chosen through every change of the list, and says when the choice moved by itself.

    Signals: `key_requested(str)`: one of `letters` was pressed.
    """

    key_requested = Signal(str)

    HEADER_HEIGHT = 24

    def __init__(self, model: PagedModel, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(model, scale, parent, multiple=True)
        self.letters: frozenset[str] = frozenset()
        self._moved_at = -AIM_SECONDS
        self._row_height = ROW_HEIGHT
        self.setProperty("look", "desk")
        # The head was dressed before the table had a look of its own.
        self.style().unpolish(self.horizontalHeader())
        self.style().polish(self.horizontalHeader())
        # Qt's own least height comes from the window's font.
        self.verticalHeader().setMinimumSectionSize(1)
        self.setItemDelegate(QueueDelegate(scale, self))
        # Qt's own least height follows the window's font, which is larger than a desk's.
        self.verticalHeader().setMinimumSectionSize(LEAST_ROW_HEIGHT)
        # Letters are orders: an input method would take them for the beginning of a word.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._rescale()

    @property
    def aimed(self) -> bool:
        """Whether the hand chose what is chosen, or has had the time to see that it moved."""
        return monotonic() - self._moved_at >= AIM_SECONDS

    def renew(self, renewal: Renewal) -> None:
        """Take in a list settled anew; where the chosen row has gone, the one in its place is chosen."""
        before, row = self.chosen_key(), self.currentIndex().row()
        several = self.selected_count() > 1
        super().renew(renewal)
        if before is None or several or self.chosen_key() == before or self.selected_count():
            return
        rows = self.paged.rowCount()
        if rows:
            self._moved_at = monotonic()
            self.selectRow(min(max(row + renewal.shift, 0), rows - 1))

    def chosen_key(self) -> str | None:
        """Return what names the chosen row, None when none is chosen."""
        record = self.chosen()
        return None if record is None else self.paged.key_of(record)

    def step(self, down: int) -> None:
        """Choose the next row, or with -1 the one before."""
        # The first step is onto the current row, not past it.
        self._go(self.currentIndex().row() + (down if self.selected_count() else 0))

    def choose_some(self) -> None:
        """Choose the current row, or the first, where none is chosen."""
        if self.selected_count() == 0 and self.paged.rowCount():
            self.selectRow(max(self.currentIndex().row(), 0))

    def selectRow(self, row: int) -> None:
        """Choose this row alone, whichever keys are held down: Qt's own adds to what is chosen with Shift."""
        only = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.paged.index(row, 0), only)

    # --- Qt --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = letter_of(event)
        if letter in ("J", "K"):
            self.step(1 if letter == "J" else -1)
        elif letter and letter in self.letters:
            self.key_requested.emit(letter)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers() & ~_KEYPAD:
            # Qt's own goes to the first column of the row.
            self._go(self.paged.rowCount() if event.key() == Qt.Key.Key_End else 0)
        elif event.key() == Qt.Key.Key_Escape and self.selected_count() > 1:
            row = self.currentIndex().row()
            self.clearSelection()
            self.selectRow(row)
        else:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
                self._moved_at = -AIM_SECONDS
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Qt has made a row current that is not chosen.
        self.choose_some()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what is chosen when the hand presses beside the rows."""
        if self.indexAt(event.position().toPoint()).isValid():
            super().mousePressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters are orders here; none of them searches."""

    def _go(self, row: int) -> None:
        rows = self.paged.rowCount()
        if rows:
            self._moved_at = -AIM_SECONDS
            self.choose_row(min(max(row, 0), rows - 1))

    def least_row(self) -> int:
        return max(self._scale.px(self._row_height), LEAST_ROW_HEIGHT)

    def _share_height(self) -> None:
        super()._share_height()
        # A head lower than Qt's own hint is only believed when it is asked for anew.
        if self.viewportMargins().top() != self.horizontalHeader().minimumHeight():
            self.updateGeometries()

    def _rescale(self) -> None:
        super()._rescale()
        self.horizontalHeader().setFont(self._scale.font("font_dense"))


def letter_of(event: QKeyEvent) -> str:
    """Return the letter, digit or sign of a key pressed alone or with Shift, empty for any other."""
    if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
        return ""
    key = event.key()
    if Qt.Key.Key_A <= key <= Qt.Key.Key_Z or Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
        return chr(key)
    return ""
