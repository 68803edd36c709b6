"""A list of frozen records: a model that is updated in place, and a view that says which one was chosen."""

from collections.abc import Callable, Sequence
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
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from widgets.painting import draw_card, draw_focus
from widgets.scale import Scale
from widgets.tokens import tokens

Index = QModelIndex | QPersistentModelIndex

RECORD_ROLE = Qt.ItemDataRole.UserRole
SPOKEN_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class RecordModel(QAbstractListModel):
    """Records, one a row. `spoken` and `explained` give a record's accessible text and its tooltip."""

    def __init__(
        self, spoken: Callable[[Any], str], explained: Callable[[Any], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._spoken = spoken
        self._explained = explained
        self._records: tuple[Any, ...] = ()

    @property
    def records(self) -> tuple[Any, ...]:
        """The records in their order on screen."""
        return self._records

    def show_records(self, records: Sequence[Any]) -> None:
        """Take new records; rows stay, and only the difference in number is inserted or removed."""
        new = tuple(records)
        before, after = len(self._records), len(new)
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self._records = new
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
            self._records = new
            self.endRemoveRows()
        elif new == self._records:
            return
        self._records = new
        if after:
            self.dataChanged.emit(self.index(0), self.index(after - 1))

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
            return self._explained(record)
        return None


class RecordDelegate(QStyledItemDelegate):
    """Paints a record over its hair line; subclasses draw the content in `paint_record`."""

    def __init__(self, scale: Scale, row_size: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.row_size = row_size
        self.row_height = scale.px(row_size)

    def paint_record(self, painter: QPainter, rect: QRectF, record: Any) -> None:
        """Draw one record into the rectangle (pixels)."""
        raise NotImplementedError

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        record = index.data(RECORD_ROLE)
        if record is None:
            return
        rect = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_MouseOver:
            draw_card(painter, rect, self.scale, "hover")
        painter.setPen(tokens().qcolor("row_line"))
        if index.row():
            painter.drawLine(rect.topLeft(), rect.topRight())
        self.paint_record(painter, rect, record)
        if option.state & QStyle.StateFlag.State_HasFocus:
            draw_focus(painter, rect, self.scale)
        painter.restore()


MOST_STRETCH = 1.4
"""Rows grow at most to so many times their height to use the room under the last one."""


class RecordList(QListView):
    """Shows a `RecordModel`; a click, Enter or Space chooses a record.

    The rows share the list's height: none is cut at the lower edge, and a short list stretches a little.
    """

    record_chosen = Signal(object)

    def __init__(self, model: RecordModel, delegate: RecordDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = delegate
        model.setParent(self)
        delegate.setParent(self)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)
        delegate.scale.factor_changed.connect(self._share_height)
        model.rowsInserted.connect(self._share_height)
        model.rowsRemoved.connect(self._share_height)

    def _choose(self, index: QModelIndex) -> None:
        record = index.data(RECORD_ROLE)
        if record is not None:
            self.record_chosen.emit(record)

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
