"""How a place's index ran: a bar an hour or a day in its level's colour, the figure where there is room."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from domain.aqi.index import level_of
from domain.aqi.standing import AirRanking, PlaceIndex
from widgets.air_words import index_text, level_colour, level_short
from widgets.environment.air_chart import AirChart, moment_word
from widgets.painting import CENTRE, RIGHT, draw_text, text_width
from widgets.scale import Scale
from widgets.tokens import tokens

BELOW = 0.38
"""How much of a bar's colour is below its top edge."""
LEAST_TOP = 100
"""The axis reaches at least to the end of 良, so that good air does not look like much."""


class AirCourse(AirChart):
    """Bars from the oldest moment of a ranking to its newest; NA leaves a gap and says so."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._ranking: AirRanking | None = None
        self._row: PlaceIndex | None = None

    def show_place(self, ranking: AirRanking | None, row: PlaceIndex | None) -> None:
        """Show a place of a ranking, None for none."""
        self._ranking, self._row = ranking, row
        said = () if row is None else (row.name, *map(index_text, row.course))
        self.setAccessibleName(" ".join(said) or self.tr("AQI 走势"))
        self.update()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        scale, ranking, row = self.scale, self._ranking, self._row
        small = scale.font("font_small")
        if ranking is None or row is None or not row.course:
            draw_text(painter, rect, self.tr("暂无数据"), small, "text_faint", CENTRE)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, line = text_width(small, "500") + scale.px(12), scale.px(26)
        plot = rect.adjusted(left, line, 0, -line)
        top = max(LEAST_TOP, *(aqi or 0 for aqi in row.course)) * 1.05
        for mark in (50, 100, 150, 200, 300, 400, 500):
            if mark > top:
                break
            y = plot.bottom() - plot.height() * mark / top
            painter.setPen(QPen(tokens().qcolor("row_line"), scale.px(1)))
            painter.drawLine(QPointF(plot.x(), y), QPointF(plot.right(), y))
            label = QRectF(rect.x(), y - line / 2, left - scale.px(10), line)
            draw_text(painter, label, str(mark), small, "text_muted", RIGHT)
        step = plot.width() / len(row.course)
        every = max(1, -(-int(text_width(small, "00:00") + scale.px(14)) // max(1, int(step))))
        for position, (moment, aqi) in enumerate(zip(ranking.moments, row.course, strict=False)):
            slot = QRectF(plot.x() + position * step, plot.y(), step, plot.height())
            if (len(row.course) - 1 - position) % every == 0:
                box = QRectF(slot.x() - step * every / 2, plot.bottom(), step * (every + 1), line)
                draw_text(painter, box, moment_word(moment, ranking.span), small, "text_muted", CENTRE)
            self._paint_bar(painter, slot, aqi, top)

    def _paint_bar(self, painter: QPainter, slot: QRectF, aqi: int | None, top: float) -> None:
        scale = self.scale
        small = scale.font("font_small")
        if aqi is None:
            draw_text(painter, slot, index_text(None), small, "text_faint", CENTRE)
            return
        level = level_of(aqi)
        bar = slot.adjusted(slot.width() * 0.18, 0, -slot.width() * 0.18, 0)
        bar.setTop(slot.bottom() - slot.height() * aqi / top)
        painter.setPen(Qt.PenStyle.NoPen)
        colour = QColor(tokens().qcolor(level_colour(level)))
        cap = QRectF(bar.x(), bar.y(), bar.width(), min(bar.height(), scale.px(4)))
        painter.fillRect(cap, colour)
        # Calm: a dozen full bars in yellow would draw the eye from whatever is red.
        colour.setAlphaF(BELOW)
        painter.fillRect(bar, colour)
        said = f"{aqi} {level_short(level)}"
        if text_width(small, said) > slot.width():
            said = str(aqi)
        above = QRectF(slot.x(), bar.top() - scale.px(25), slot.width(), scale.px(24))
        if text_width(small, said) <= slot.width():
            draw_text(painter, above, said, small, "text", CENTRE)
