"""How the ranks moved: a line a place, hour by hour or day by day, the first rank on top."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from domain.aqi.standing import AirRanking, PlaceIndex
from widgets.air_words import level_colour
from widgets.environment.air_chart import AirChart, moment_word
from widgets.painting import CENTRE, LEFT, RIGHT, draw_text, text_width
from widgets.scale import Scale
from widgets.tokens import tokens

LONGEST_NAME = 190
"""Pixels at 1080p."""


class RankHistory(AirChart):
    """The chosen place's line stands out; all others are faint."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._ranking: AirRanking | None = None
        self._chosen: str | None = None

    def show_ranking(self, ranking: AirRanking) -> None:
        """Show how each place's rank came."""
        self._ranking = ranking
        self._describe()
        self.update()

    def choose(self, place: str | None) -> None:
        """Let a place's line stand out, by its key."""
        if place != self._chosen:
            self._chosen = place
            self._describe()
            self.update()

    def _describe(self) -> None:
        row = self._row()
        ranks = [] if row is None else ["–" if rank is None else str(rank) for rank in row.history]
        self.setAccessibleName(f"{row.name} {' '.join(ranks)}" if row is not None else self.tr("名次变化"))

    def _row(self) -> PlaceIndex | None:
        rows = self._ranking.rows if self._ranking is not None else ()
        return next((row for row in rows if row.place.key == self._chosen), None)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        scale, ranking = self.scale, self._ranking
        small = scale.font("font_small")
        if ranking is None or len(ranking.moments) < 2 or not ranking.rows:
            draw_text(painter, rect, self.tr("暂无名次变化"), small, "text_faint", CENTRE)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = max((text_width(small, _names(rows)) for rows in self._ends().values()), default=0)
        right = min(names, scale.px(LONGEST_NAME)) + scale.px(12)
        foot = scale.px(28)
        left = text_width(small, "88") + scale.px(10)
        plot = rect.adjusted(left, scale.px(12), -right, -foot)
        lowest = max((rank for row in ranking.rows for rank in row.history if rank), default=1)

        def place_of(position: int, rank: int) -> QPointF:
            x = plot.x() + plot.width() * position / (len(ranking.moments) - 1)
            return QPointF(x, plot.y() + plot.height() * (rank - 1) / max(1, lowest - 1))

        self._paint_frame(painter, plot, ranking, lowest)
        chosen = self._row()
        for row in (*(row for row in ranking.rows if row is not chosen), *([chosen] if chosen else [])):
            path, broken = QPainterPath(), True
            for position, rank in enumerate(row.history):
                if rank is None:
                    broken = True
                    continue
                point = place_of(position, rank)
                if broken:
                    path.moveTo(point)
                path.lineTo(point)
                broken = False
            bright = row is chosen
            pen = QPen(tokens().qcolor("accent" if bright else "chip_border"), scale.px(3 if bright else 1.4))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
            if row.rank is not None:
                end, side = place_of(len(ranking.moments) - 1, row.rank), scale.px(4.5)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(tokens().qcolor(level_colour(row.level)))
                painter.drawEllipse(end, side, side)
        self._paint_names(painter, plot, rect, lowest)

    def _paint_frame(self, painter: QPainter, plot: QRectF, ranking: AirRanking, lowest: int) -> None:
        scale = self.scale
        small = scale.font("font_small")
        painter.setPen(QPen(tokens().qcolor("row_line"), scale.px(1)))
        for rank in sorted({1, (lowest + 1) // 2, lowest}):
            y = plot.y() + plot.height() * (rank - 1) / max(1, lowest - 1)
            painter.setPen(QPen(tokens().qcolor("row_line"), scale.px(1)))
            painter.drawLine(QPointF(plot.x(), y), QPointF(plot.right(), y))
            label = QRectF(0, y - scale.px(13), plot.x() - scale.px(9), scale.px(26))
            draw_text(painter, label, str(rank), small, "text_muted", RIGHT)
        first, last = ranking.moments[0], ranking.moments[-1]
        for moment, align in ((first, LEFT), (last, RIGHT)):
            text = moment_word(moment, ranking.span)
            box = QRectF(plot.x(), plot.bottom() + scale.px(6), plot.width(), scale.px(22))
            draw_text(painter, box, text, small, "text_muted", align)

    def _paint_names(self, painter: QPainter, plot: QRectF, rect: QRectF, lowest: int) -> None:
        """Write the names at the ends of the lines; places of one rank are written in one line."""
        scale = self.scale
        small = scale.font("font_small")
        line, below = scale.px(24), float("-inf")
        for rank, rows in sorted(self._ends().items()):
            y = plot.y() + plot.height() * (rank - 1) / max(1, lowest - 1)
            chosen = any(row.place.key == self._chosen for row in rows)
            if y - line / 2 < below and not chosen:
                continue
            below = y + line / 2
            left = plot.right() + scale.px(10)
            box = QRectF(left, y - line / 2, rect.right() - left, line)
            draw_text(painter, box, _names(rows), small, "text_strong" if chosen else "text_muted")

    def _ends(self) -> dict[int, list[PlaceIndex]]:
        """Return where the lines end: the places of each rank."""
        ends: dict[int, list[PlaceIndex]] = {}
        for row in self._ranking.rows if self._ranking is not None else ():
            if row.rank is not None:
                ends.setdefault(row.rank, []).append(row)
        return ends


def _names(rows: Sequence[PlaceIndex]) -> str:
    return "、".join(row.name for row in rows)
