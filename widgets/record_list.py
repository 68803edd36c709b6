"""A list of frozen records: a model that is updated in place, and a view that says which one was chosen."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from widgets.painting import draw_card, draw_focus, draw_text, report_fault
from widgets.plain import tip
from widgets.scale import Scale
from widgets.tokens import tokens

Index = QModelIndex | QPersistentModelIndex

RECORD_ROLE = Qt.ItemDataRole.UserRole
SPOKEN_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class RecordModel(QAbstractListModel):
    """Records, one a row. `spoken` and `explained` give a record's accessible text and its tooltip.

    `key_of` names what a record is about, so that it is known again in another row.
    """

    def __init__(
        self,
        spoken: Callable[[Any], str],
        explained: Callable[[Any], str],
        key_of: Callable[[Any], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._spoken = spoken
        self._explained = explained
        self.key_of = key_of
        self._records: tuple[Any, ...] = ()

    @property
    def records(self) -> tuple[Any, ...]:
        """The records in their order on screen."""
        return self._records

    def row_of(self, key: str) -> int | None:
        """Return the row of the record with this key."""
        return next((row for row, record in enumerate(self._records) if self.key_of(record) == key), None)

    def show_records(self, records: Sequence[Any]) -> None:
        """Take new records; only rows that differ change, and only the difference in number comes or goes."""
        old, new = self._records, tuple(records)
        if new == old:
            return
        before, after = len(old), len(new)
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self._records = new
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
            self._records = new
            self.endRemoveRows()
        self._records = new
        for row in range(min(before, after)):
            if new[row] != old[row]:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._records)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._records):
            return None
        record = self._records[index.row()]
        if role == RECORD_ROLE:
            return record
        if role in SPOKEN_ROLES:
            return self._spoken(record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self._explained(record))
        return None


class RecordDelegate(QStyledItemDelegate):
    """Paints a record over its hair line; subclasses draw the content in `paint_record`."""

    def __init__(self, scale: Scale, row_size: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.list: RecordList | None = None
        self.row_size = row_size
        self.row_height = scale.px(row_size)

    def paint_record(self, painter: QPainter, rect: QRectF, record: Any) -> None:
        """Draw one record into the rectangle (pixels)."""
        raise NotImplementedError

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if self.list is None or not self.list.dirty.intersects(option.rect):
            return
        record = index.data(RECORD_ROLE)
        if record is None:
            return
        rect = QRectF(option.rect)
        painter.save()
        try:
            self._paint_row(painter, rect, option, index, record)
        except Exception as error:  # noqa: BLE001 - it would end the process
            report_fault(error)
            key = self.list.records.key_of(record)
            draw_text(painter, rect, key, self.scale.font("font_small"), "text_muted")
        finally:
            painter.restore()

    def _paint_row(
        self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem, index: Index, record: Any
    ) -> None:
        if self.list is None:
            return
        if option.state & QStyle.StateFlag.State_MouseOver:
            draw_card(painter, rect, self.scale, "hover")
        key = self.list.records.key_of(record)
        self.scale.glow.paint(painter, rect, self.scale.px(6), self.list, key)
        painter.setPen(tokens().qcolor("row_line"))
        if index.row():
            painter.drawLine(rect.topLeft(), rect.topRight())
        self.paint_record(painter, rect, record)
        if option.state & QStyle.StateFlag.State_HasFocus:
            draw_focus(painter, rect, self.scale)


MOST_STRETCH = 1.4
"""Rows grow at most to so many times their height to use the room under the last one."""


class RecordList(QListView):
    """Shows a `RecordModel`; a click, Enter or Space chooses a record.

    The rows share the list's height: none is cut at the lower edge, and a short list stretches a little.
    New records repaint only the rows that differ. The keyboard stays on its record when that moves to
    another row, and a click counts for the record that was there when the button went down.
    """

    record_chosen = Signal(object)

    def __init__(self, model: RecordModel, delegate: RecordDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.records = model
        self.dirty = QRegion()
        self._delegate = delegate
        self._pressed: Any = None
        model.setParent(self)
        delegate.setParent(self)
        delegate.list = self
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Nothing scrolls but by hand: the current row may move without taking the list along.
        self.setAutoScroll(False)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose_pressed)
        delegate.scale.factor_changed.connect(self._share_height)
        model.rowsInserted.connect(self._share_height)
        model.rowsRemoved.connect(self._share_height)

    def show_records(self, records: Sequence[Any]) -> None:
        """Show these records, and light what is new or differs from what was known under its key."""
        model = self.records
        known = {model.key_of(record): record for record in model.records}
        current = self.currentIndex().data(RECORD_ROLE)
        model.show_records(records)
        if current is not None:
            self._follow(model.key_of(current))
        if not known:
            return
        for record in model.records:
            key = model.key_of(record)
            if self.is_news(known.get(key), record):
                self._delegate.scale.glow.start(self, self.repaint_key, key)

    def is_news(self, before: Any, after: Any) -> bool:
        """Whether a record is worth a light; `before` is what was known under its key, None for nothing."""
        return bool(before != after)

    def repaint_key(self, key: Hashable) -> None:
        """Paint the row of a key anew."""
        row = self.records.row_of(str(key))
        if row is not None:
            self.update(self.records.index(row))

    def _follow(self, key: str) -> None:
        """Let the keyboard stay on the record of a key; on none if it is gone."""
        row = self.records.row_of(key)
        if row is None:
            self.setCurrentIndex(QModelIndex())
        elif row != self.currentIndex().row():
            self.setCurrentIndex(self.records.index(row))

    def _choose_pressed(self, index: QModelIndex) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None:
            self.record_chosen.emit(pressed)
        else:
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        record = index.data(RECORD_ROLE)
        if record is not None:
            self.record_chosen.emit(record)

    # --- Qt --------------------------------------------------------------------------------------------

    def dataChanged(self, top: QModelIndex, bottom: QModelIndex, roles: Sequence[int] = ()) -> None:
        """Repaint the row: QListView would lay out all rows anew, which have one height here."""
        QAbstractItemView.dataChanged(self, top, bottom, roles)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self.indexAt(event.position().toPoint()).data(RECORD_ROLE)
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        # Qt asks for every row between the first and the last one that is to be painted.
        self.dirty = event.region()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new height among the rows."""
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        least = max(1, self._delegate.scale.px(self._delegate.row_size))
        room = max(least, self.height())
        whole = room // least
        rows = min(whole, max(1, self.model().rowCount()))
        height = min(room // rows, round(least * MOST_STRETCH))
        # What is left after a list that goes on would show the head of one more row.
        self.setViewportMargins(0, 0, 0, room - rows * height if self.model().rowCount() > whole else 0)
        if height != self._delegate.row_height:
            self._delegate.row_height = height
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current record by Enter or Space."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in keys and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)
