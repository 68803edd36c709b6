"""The table view of every list: one row height, set widths, keyboard, an empty state in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from widgets.scale import Scale
from widgets.table.cells import Column
from widgets.table.delegate import CellDelegate
from widgets.table.head import SortHeader
from widgets.table.model import CellModel, RecordModel
from widgets.tokens import tokens


class RecordTable(QTableView):
    """A table over a `CellModel`. Of a list that goes on, whole rows share the height; one that fits may
    `stretch` to so many times its height.

    Signals: `record_activated(record, column key)` by Enter and by a double click, or by a single one where
    it `opens_on_click`; `record_chosen(record)` when another row is chosen (None when none is), and when
    the chosen record itself has changed;
    `rows_shown(first, last)` when other rows came into sight; `sort_requested(column key, descending)` when
    the head of a sortable column is clicked.
    """

    record_activated = Signal(object, str)
    record_chosen = Signal(object)
    rows_shown = Signal(int, int)
    sort_requested = Signal(str, bool)

    ROW_HEIGHT = HEADER_HEIGHT = 38

    def __init__(
        self,
        model: CellModel,
        scale: Scale,
        parent: QWidget | None = None,
        *,
        multiple: bool = False,
        opens_on_click: bool = False,
        row_height: int = ROW_HEIGHT,
        stretch: float = 1.0,
    ) -> None:
        super().__init__(parent)
        self._scale = scale
        self._cells = model
        self._row_height = row_height
        self._stretch = stretch
        self._empty_text = ""
        self._empty_tone = "text_muted"
        model.setParent(self)
        self.head = SortHeader(self)
        self.setHorizontalHeader(self.head)
        self.setModel(model)
        self.setItemDelegate(CellDelegate(scale, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(
            QAbstractItemView.SelectionMode.ExtendedSelection
            if multiple
            else QAbstractItemView.SelectionMode.SingleSelection
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.head.section_clicked.connect(self._ask_order)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        # A header asks for each column whether all its rows are selected, row by row: a minute for a
        # million. It highlights nothing here, so it gets a selection of its own that stays empty.
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(model, self))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(8)
        (self.clicked if opens_on_click else self.doubleClicked).connect(self._activate)
        self.selectionModel().selectionChanged.connect(self._tell_chosen)
        self.verticalScrollBar().valueChanged.connect(self._tell_rows)
        model.modelReset.connect(self._tell_rows)
        for changed in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            changed.connect(self._share_height)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    # --- data ------------------------------------------------------------------------------------------

    @property
    def empty_text(self) -> str:
        """The words of the empty table."""
        return self._empty_text

    def set_empty_text(self, text: str, tone: str = "text_muted") -> None:
        """Set the words that stand in an empty table, and their colour token."""
        self._empty_text, self._empty_tone = text, tone
        self.viewport().update()

    def show_records(self, records: Sequence[Any]) -> None:
        """Show records of a `RecordModel`; the chosen record stays chosen and in its place on screen."""
        model = self._cells
        if not isinstance(model, RecordModel):
            raise TypeError("only a RecordModel is shown as a whole")
        current = self.chosen()
        bar = self.verticalScrollBar()
        offset, first = bar.value(), self.rowAt(0)
        top = model.record(first) if offset else None
        before = self.selectionModel().blockSignals(True)
        model.show_records(records)
        self.selectionModel().blockSignals(before)
        row = None if current is None else model.row_of(model.key_of(current))
        if row is None:
            self.selectionModel().clear()
            if current is not None:
                self.record_chosen.emit(None)
        elif row != self.currentIndex().row() or not self.selectionModel().isRowSelected(row):
            self.selectRow(row)
        elif model.record(row) != current:
            self.record_chosen.emit(model.record(row))
        # What is looked at stays where it is, though rows came or went above it.
        place = None if top is None else model.row_of(model.key_of(top))
        shift = 0 if place is None else (place - first) * self.verticalHeader().defaultSectionSize()
        bar.setValue(offset + shift)
        self.viewport().update()

    def choose(self, key: str) -> None:
        """Choose the record with this key, if it is there."""
        row = self._cells.row_of(key) if isinstance(self._cells, RecordModel) else None
        if row is not None:
            self.selectRow(row)
            self.scrollTo(self._cells.index(row, 0))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, from the left."""
        return self._cells.columns

    def chosen(self) -> Any:
        """Return the record of the current row if it is selected, else None.

        Qt makes the first row current when a table gets the focus; nobody has chosen it by that.
        """
        index = self.currentIndex()
        if not index.isValid() or not self.selectionModel().isRowSelected(index.row()):
            return None
        return self._cells.record(index.row())

    def selected_records(self) -> list[Any]:
        """Return the selected records, top to bottom; rows not fetched yet are left out."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [record for record in map(self._cells.record, rows) if record is not None]

    def tick(self, now: datetime) -> None:
        """Move the countdowns in sight to a new moment."""
        first, last = self.rows_in_sight()
        self._cells.set_now(now, first, last)

    def least_row(self) -> int:
        """Return the least height of a row in pixels."""
        return self._scale.px(self._row_height)

    def rows_in_sight(self) -> tuple[int, int]:
        """Return the first and last row in sight; last is smaller than first when there is none."""
        first = self.rowAt(0)
        if first < 0:
            return 0, -1
        last = self.rowAt(self.viewport().height() - 1)
        return first, last if last >= 0 else self._cells.rowCount() - 1

    # --- Qt --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()
        self._spread_columns()
        self._tell_rows()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._cells.rowCount() == 0 and self._empty_text:
            painter = QPainter(self.viewport())
            painter.setFont(self._scale.font("font_body"))
            painter.setPen(tokens().qcolor(self._empty_tone))
            area = QRect(0, 0, self.viewport().width(), min(self.viewport().height(), self._scale.px(160)))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_text)
            painter.end()

    def _rescale(self) -> None:
        self._share_height()
        self.horizontalHeader().setFont(self._scale.font("font_small"))
        self._spread_columns()
        self.viewport().update()

    def _share_height(self) -> None:
        header = self.horizontalHeader()
        least, head = self.least_row(), self._scale.px(self.HEADER_HEIGHT)
        room = self.viewport().height() + (0 if header.isHidden() else header.height() - head)
        rows, whole = self._cells.rowCount(), room // least
        height, spare = least, 0
        if 0 < rows <= whole:
            height = min(room // rows, round(least * self._stretch))
        elif whole > 2:
            # One row fewer, where that leaves less over; the header takes what is left. A table without one
            # is a low one, where a row counts for more than the few pixels.
            shown = whole if header.isHidden() else min((whole, whole - 1), key=room.__mod__)
            height, spare = divmod(room, shown)
        at_end = 0 < self.verticalScrollBar().maximum() == self.verticalScrollBar().value()
        if height != self.verticalHeader().defaultSectionSize():
            self.verticalHeader().setDefaultSectionSize(height)
            if at_end:
                self.scrollToBottom()
        header.setFixedHeight(head + spare)

    def _spread_columns(self) -> None:
        columns = self._cells.columns
        widths = [self._scale.px(column.width) for column in columns]
        spare = self.viewport().width() - sum(widths)
        stretched = [position for position, column in enumerate(columns) if column.stretch]
        for position in stretched:
            widths[position] += max(0, spare // len(stretched))
        if spare < 0:
            self._give_way(widths, -spare)
        for position, width in enumerate(widths):
            self.setColumnWidth(position, width)

    def _give_way(self, widths: list[int], missing: int) -> None:
        """Narrow the columns that can be, each by its share, before the table has to scroll sideways."""
        px, columns = self._scale.px, self._cells.columns
        gifts = [
            width - px(column.least) if 0 < column.least < column.width else 0
            for column, width in zip(columns, widths, strict=True)
        ]
        for position, gift in enumerate(gifts):
            left = sum(gifts[position:])
            given = 0 if left == 0 else min(gift, -(-missing * gift // left))
            widths[position] -= given
            missing -= given

    def _ask_order(self, section: int) -> None:
        column = self._cells.columns[section]
        if column.sortable:
            by, descending = self._cells.sorted_by or ("", True)
            self.sort_requested.emit(column.key, by == column.key and not descending)

    def _activate(self, index: QModelIndex) -> None:
        record = self._cells.record(index.row()) if index.isValid() else None
        if record is not None:
            self.record_activated.emit(record, self._cells.columns[index.column()].key)

    def _tell_chosen(self) -> None:
        self.record_chosen.emit(self.chosen())

    def _tell_rows(self) -> None:
        first, last = self.rows_in_sight()
        if first <= last:
            self.rows_shown.emit(first, last)
