"""The index ranking in a tile: rank, place and index of as many places as there is room for (X04)."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from domain.aqi.standing import AirQuery, AirRanking, PlaceIndex
from widgets.air_words import (
    draw_index_chip,
    index_text,
    level_name,
    period_text,
    place_kind_name,
    primary_text,
)
from widgets.painting import CENTRE, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.tile import Tile
from widgets.tokens import tokens

LEAST_ROW, LEAST_COLUMN = 27, 165
"""Pixels at 1080p."""
LAST_SHOWN = 2
"""Where not all places fit, so many of the worst are shown below a line."""


class AirTile(Tile):
    """Places in the order of their air, the cleanest first; pressed, `air_requested(AirQuery)`."""

    air_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._ranking: AirRanking | None = None
        self.clicked.connect(self._request)

    def show_ranking(self, ranking: AirRanking) -> None:
        """Show the newest index of each place."""
        before, self._ranking = self._ranking, ranking
        if before == ranking:
            return
        head = self._head(ranking)
        rows = [self._spoken(row) for row in ranking.rows]
        self.setAccessibleName(" ".join((head, *rows)))
        self.setToolTip(tip("\n".join((head, *rows))))
        self.update()
        if before is not None and before.at != ranking.at:
            self.light()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        ranking, scale = self._ranking, self.scale
        if ranking is None:
            return
        small = scale.font("font_small")
        inner = rect.adjusted(scale.px(6), scale.px(2), -scale.px(2), -scale.px(2))
        head = QRectF(inner.x(), inner.y(), inner.width(), scale.px(26))
        draw_text(painter, head, self._head(ranking), small, "text_muted")
        body = inner.adjusted(0, head.height(), 0, 0)
        if not ranking.rows or ranking.at is None:
            draw_text(painter, body, self.tr("暂无可用指数"), small, "text_faint", CENTRE)
            return
        columns = 2 if body.width() >= 2 * scale.px(LEAST_COLUMN) else 1
        lines = max(1, int(body.height() // scale.px(LEAST_ROW)))
        shown, cut = self._shown(ranking.rows, columns * lines)
        used = -(-len(shown) // columns)
        height = min(body.height() / max(used, 1), scale.px(39))
        width = (body.width() - (columns - 1) * scale.px(14)) / columns
        for position, row in enumerate(shown):
            column, line = divmod(position, used)
            box = QRectF(body.x() + column * (width + scale.px(14)), body.y() + line * height, width, height)
            if cut is not None and position == cut and line:
                painter.setPen(tokens().qcolor("chip_border"))
                painter.drawLine(box.topLeft(), box.topRight())
            self._paint_row(painter, box, row)

    def _paint_row(self, painter: QPainter, box: QRectF, row: PlaceIndex) -> None:
        scale = self.scale
        small, strong = scale.font("font_small"), scale.font("font_small", bold=True)
        place = QRectF(box.x(), box.y(), text_width(strong, "88"), box.height())
        draw_text(painter, place, "–" if row.rank is None else str(row.rank), strong, "text_faint")
        chip = QRectF(
            0, 0, text_width(strong, "188 良") + scale.px(14), min(box.height() - scale.px(3), scale.px(26))
        )
        chip.moveCenter(box.center())
        chip.moveRight(box.right())
        name = QRectF(place.right() + scale.px(7), box.y(), 0, box.height())
        name.setRight(chip.left() - scale.px(6))
        draw_text(painter, name, row.name, small, "text")
        draw_index_chip(painter, chip, scale, row.aqi, row.level)

    def _shown(self, rows: Sequence[PlaceIndex], room: int) -> tuple[tuple[PlaceIndex, ...], int | None]:
        """Return what is shown, and at which position the worst begin where something is left out."""
        if len(rows) <= room:
            return tuple(rows), None
        last = min(LAST_SHOWN, room - 1)
        first = room - last
        return (*rows[:first], *rows[len(rows) - last :]), first

    def _head(self, ranking: AirRanking) -> str:
        kind = place_kind_name(ranking.kind)
        if ranking.at is None:
            return self.tr("{0} AQI").format(kind)
        return self.tr("{0} AQI · {1}").format(kind, period_text(ranking.at, ranking.span))

    def _spoken(self, row: PlaceIndex) -> str:
        place = "–" if row.rank is None else str(row.rank)
        primary = self.tr("首要污染物 {0}").format(primary_text(row)) if row.primary else ""
        return f"{place} {row.name} {index_text(row.aqi)} {level_name(row.level)} {primary}".strip()

    def _request(self) -> None:
        if self._ranking is not None:
            self.air_requested.emit(AirQuery(self._ranking.kind, self._ranking.span))
