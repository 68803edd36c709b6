"""Fields that open a list or a calendar, with an arrow that grows with the window."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QWidget

from widgets.scale import Scale
from widgets.tokens import tokens


class ArrowComboBox(QComboBox):
    """A combo box whose arrow is seen on the dark ground."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _draw_arrow(self, self._scale)


class ArrowDateTimeEdit(QDateTimeEdit):
    """A date and time whose calendar opens at an arrow that is seen on the dark ground."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _draw_arrow(self, self._scale)


def _draw_arrow(field: QWidget, scale: Scale) -> None:
    painter = QPainter(field)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(tokens().qcolor("text_muted" if field.isEnabled() else "text_faint"), scale.px(2))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    x, y, half = field.width() - scale.px(18), field.height() / 2, scale.px(5)
    painter.drawPolyline(
        [QPointF(x - half, y - half / 2), QPointF(x, y + half / 2), QPointF(x + half, y - half / 2)]
    )
    painter.end()
