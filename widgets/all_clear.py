"""The calm sight of nothing wrong: a green ring with a tick and two words."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.painting import CENTRE, LEFT, draw_text, text_width
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
        title, detail = scale.font("font_title", bold=True), scale.font("font_small")
        if rect.height() < scale.px(190):
            # Too low for ring over words: they stand side by side.
            side, gap = min(scale.px(52), rect.height() * 0.8), scale.px(14)
            words = max(text_width(title, self._title), text_width(detail, self._detail))
            ring = QRectF(0, 0, side, side)
            ring.moveCenter(QPointF(rect.center().x() - (words + gap) / 2, rect.center().y()))
            line = QRectF(ring.right() + gap, rect.center().y() - scale.px(29), words, scale.px(30))
            align = LEFT
        else:
            side = scale.px(84)
            ring = QRectF(0, 0, side, side)
            ring.moveCenter(QPointF(rect.center().x(), rect.center().y() - scale.px(34)))
            line = QRectF(rect.x(), ring.bottom() + scale.px(14), rect.width(), scale.px(32))
            align = CENTRE
        _draw_tick(painter, ring, scale)
        draw_text(painter, line, self._title, title, "done", align)
        line.translate(0, line.height())
        draw_text(painter, line, self._detail, detail, "text_muted", align)


def _draw_tick(painter: QPainter, ring: QRectF, scale: Scale) -> None:
    green = tokens().qcolor("done")
    glow = QColor(green)
    glow.setAlphaF(0.12)
    painter.setPen(QPen(green, scale.px(3)))
    painter.setBrush(glow)
    painter.drawEllipse(ring)
    pen = QPen(green, ring.width() * 0.06)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    x, y, side = ring.x(), ring.y(), ring.width()
    points = ((0.30, 0.52), (0.45, 0.67), (0.71, 0.36))
    painter.drawPolyline([QPointF(x + side * across, y + side * down) for across, down in points])
