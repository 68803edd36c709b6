"""The calm sight of nothing wrong: a green ring with a tick and two words."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.painting import CENTRE, draw_text
from widgets.scale import Scale
from widgets.tokens import tokens


class AllClear(QWidget):
    """Shown in the place of a list that is empty for a good reason."""

    def __init__(self, title: str, detail: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._detail = detail
        self._scale = scale
        self.setAccessibleName(f"{title} · {detail}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        scale = self._scale
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        side = min(scale.px(84), rect.height() * 0.4)
        ring = QRectF(0, 0, side, side)
        ring.moveCenter(QPointF(rect.center().x(), rect.center().y() - scale.px(34)))
        green = tokens().qcolor("done")
        glow = QColor(green)
        glow.setAlphaF(0.12)
        painter.setPen(QPen(green, scale.px(3)))
        painter.setBrush(glow)
        painter.drawEllipse(ring)
        pen = QPen(
            green, scale.px(5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        )
        painter.setPen(pen)
        x, y = ring.x(), ring.y()
        painter.drawPolyline(
            [
                QPointF(x + side * 0.30, y + side * 0.52),
                QPointF(x + side * 0.45, y + side * 0.67),
                QPointF(x + side * 0.71, y + side * 0.36),
            ]
        )
        line = QRectF(rect.x(), ring.bottom() + scale.px(14), rect.width(), scale.px(32))
        draw_text(painter, line, self._title, scale.font("font_title", bold=True), "done", CENTRE)
        line.translate(0, scale.px(32))
        draw_text(painter, line, self._detail, scale.font("font_small"), "text_muted", CENTRE)
