"""The heads of a table's columns: a click on one asks for an order, and never selects the column."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.table.model import CellModel


class SortHeader(QHeaderView):
    """Signals: `section_clicked(int)` with the column whose head was clicked."""

    section_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        # Clickable in Qt's sense would select a million cells.
        self.setSectionsClickable(False)
        self.setMouseTracking(True)
        self._pressed = -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self.logicalIndexAt(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        section, pressed = self.logicalIndexAt(event.position().toPoint()), self._pressed
        self._pressed = -1
        if section >= 0 and section == pressed and event.button() == Qt.MouseButton.LeftButton:
            self.section_clicked.emit(section)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        model, section = self.model(), self.logicalIndexAt(event.position().toPoint())
        column = model.columns[section] if isinstance(model, CellModel) and section >= 0 else None
        sorts = column is not None and column.sortable
        self.setCursor(Qt.CursorShape.PointingHandCursor if sorts else Qt.CursorShape.ArrowCursor)
