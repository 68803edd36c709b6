"""What stands in the place of stations and indices as long as no station is registered."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from domain.overview import FeedState
from widgets.painting import CENTRE, RIGHT, draw_card, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tokens import tokens


class MonitoringPreview(QWidget):
    """Four stations and five places in outline, without a single made-up figure, and the way to fill them."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setAccessibleName(f"{self._headline()}. {self._advice()}")
        self.setToolTip(tip(self._advice()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, rect = self._scale, QRectF(self.rect())
        gap = scale.px(10)
        foot = QRectF(rect.x(), rect.bottom() - scale.px(60), rect.width(), scale.px(60))
        upper = QRectF(rect.x(), rect.y(), rect.width(), foot.top() - gap - rect.y())
        places = QRectF(upper)
        places.setLeft(upper.right() - upper.width() * 0.25)
        stations = QRectF(upper)
        stations.setRight(places.left() - gap)
        width, height = (stations.width() - gap) / 2, (stations.height() - scale.px(8)) / 2
        for position, (name, unit) in enumerate(self._stations()):
            column, row = position % 2, position // 2
            box = QRectF(
                stations.x() + column * (width + gap),
                stations.y() + row * (height + scale.px(8)),
                width,
                height,
            )
            self._paint_station(painter, box, name, unit)
        self._paint_places(painter, places)
        self._paint_foot(painter, foot)

    def _stations(self) -> tuple[tuple[str, str], ...]:
        return (
            (self.tr("工地扬尘"), "PM10"),
            (self.tr("入河排口"), "COD"),
            (self.tr("烟道排放"), "NOx"),
            (self.tr("场界噪声"), "dB(A)"),
        )

    def _headline(self) -> str:
        return self.tr("在线监测未接入")

    def _advice(self) -> str:
        return self.tr("登记站点与数据接口后，此处显示实测值、限值曲线与区县指数排名")

    def _paint_station(self, painter: QPainter, box: QRectF, name: str, unit: str) -> None:
        scale = self._scale
        small = scale.font("font_small")
        draw_card(painter, box, scale, "card")
        inner = box.adjusted(scale.px(12), 0, -scale.px(12), 0)
        draw_text(painter, inner, name, small, "text_title")
        taken = text_width(small, name) + scale.px(14)
        measure = inner.adjusted(taken, 0, 0, 0)
        draw_text(painter, measure, f"— {unit}", small, "text_faint", RIGHT)
        right = inner.right() - text_width(small, f"— {unit}") - scale.px(14)
        pen = QPen(tokens().qcolor("chip_border"), scale.px(1.5), Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        y = box.center().y()
        if right - inner.x() - taken > scale.px(20):
            painter.drawLine(QPointF(inner.x() + taken, y), QPointF(right, y))

    def _paint_places(self, painter: QPainter, box: QRectF) -> None:
        scale = self._scale
        small = scale.font("font_small")
        lines = 3
        height = box.height() / lines
        for place in range(lines):
            row = QRectF(box.x(), box.y() + place * height, box.width(), height)
            draw_text(painter, row, str(place + 1), scale.font("font_body", bold=True), "text_faint")
            name = row.adjusted(scale.px(24), 0, -scale.px(52), 0)
            draw_text(painter, name, self.tr("区县指数"), small, "text_faint")
            chip = QRectF(0, 0, scale.px(46), scale.px(24))
            chip.moveCenter(QPointF(row.right() - chip.width() / 2, row.center().y()))
            draw_card(painter, chip, scale, None, "chip_border")
            draw_text(painter, chip, "—", small, "text_faint", CENTRE)

    def _paint_foot(self, painter: QPainter, box: QRectF) -> None:
        scale = self._scale
        draw_card(painter, box, scale, "hover")
        side = scale.size("mark")
        left = box.x() + scale.px(14)
        line = QRectF(left, box.y() + scale.px(4), box.right() - left - scale.px(10), scale.px(26))
        paint_mark(
            painter, QRectF(left, line.center().y() - side / 2, side, side), mark_of(FeedState.NOT_CONNECTED)
        )
        head = line.adjusted(side + scale.px(9), 0, 0, 0)
        draw_text(painter, head, self._headline(), scale.font("font_small", bold=True), "text")
        line.translate(0, scale.px(26))
        draw_text(painter, line, self._advice(), scale.font("font_small"), "text_muted")
