"""Small multiples: a cell a station with its last hours against its limit, always at the same place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from domain.environment import Spark, StationRow
from domain.stations import StationState
from widgets.environment.words import factor_name, flag_name, number_text
from widgets.painting import CENTRE, RIGHT, draw_card, draw_focus, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tokens import tokens

LEAST_WIDTH, LEAST_HEIGHT = 178, 100
"""Of a cell, in design pixels: below that its words are no longer read from afar."""
SHAPE = 1.75
"""Width to height of a cell that pleases."""
GAP = 6
_TROUBLED = (StationState.EXCEEDING, StationState.INVALID, StationState.SILENT)


class SparkWall(QScrollArea):
    """Signals: `station_chosen(str)`: a station's key, by a click or Enter."""

    station_chosen = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget(self)
        inner.setProperty("look", "clear")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        self.cells = SparkCells(scale, self)
        column.addWidget(self.cells)
        self.setWidget(inner)
        self.setFocusProxy(self.cells)
        self.cells.station_chosen.connect(self.station_chosen)
        self.cells.cell_reached.connect(self._bring_into_sight)

    def show_sparks(self, sparks: Sequence[Spark]) -> None:
        """Show these stations in this order."""
        self.cells.show_sparks(sparks, self.viewport().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.cells.fit(self.viewport().height())

    def _bring_into_sight(self, box: QRectF) -> None:
        centre = box.center().toPoint()
        self.ensureVisible(centre.x(), centre.y(), round(box.width() / 2), round(box.height() / 2))


class SparkCells(QWidget):
    """Signals: as of `SparkWall`; `cell_reached(QRectF)`: the keyboard is at this cell."""

    station_chosen = Signal(str)
    cell_reached = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._sparks: tuple[Spark, ...] = ()
        self._given: list[int] = []
        self._lines: list[np.ndarray] = []
        self._room = 0
        self._at = 0
        self._columns = 0
        self._empty = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        scale.factor_changed.connect(self._refit)

    @property
    def sparks(self) -> tuple[Spark, ...]:
        """What is shown."""
        return self._sparks

    def set_empty_text(self, text: str) -> None:
        """Set the words that stand where there is no station."""
        if text != self._empty:
            self._empty = text
            self.update()

    def show_sparks(self, sparks: Sequence[Spark], room: int) -> None:
        """Show these; `room` is the height in pixels that they can have without scrolling.

        Where there is not room for all, the worst come first: on a wall nobody scrolls.
        """
        self._room = room
        self._given = [spark.row.station.number for spark in sparks]
        self._sparks = tuple(sparks)
        self._at = min(self._at, max(0, len(self._sparks) - 1))
        exceeding = sum(spark.row.state is StationState.EXCEEDING for spark in self._sparks)
        self.setAccessibleName(self.tr("{0} 个站点，{1} 个超标").format(len(self._sparks), exceeding))
        self._refit()
        self._lines = [np.array(spark.mean) for spark in self._sparks]

    def show_rows(self, rows: Sequence[StationRow]) -> None:
        """Show how the stations stand by now; a cell whose station has not changed stays as it is painted."""
        known = {row.station.number: row for row in rows}
        shown = list(self._sparks)
        for position, spark in enumerate(shown):
            row = known.get(spark.row.station.number)
            if row is not None and _looks(row, spark.factor) != _looks(spark.row, spark.factor):
                self.update(self.rect_of(position).toAlignedRect())
            if row is not None:
                shown[position] = replace(spark, row=row)
        self._sparks = tuple(shown)

    def fit(self, room: int) -> None:
        """Share a height in pixels."""
        if room != self._room or not self._columns:
            self._room = room
            self._refit()

    def _is_too_much(self, count: int) -> bool:
        most = max(1, self.width() // self._scale.px(LEAST_WIDTH + GAP))
        return -(-count // most) * self._scale.px(LEAST_HEIGHT + GAP) > self._room

    def _arrange(self) -> None:
        """Let the worst come first where there is not room for all, else keep to the given order."""
        place = {number: position for position, number in enumerate(self._given)}
        first = self._is_too_much(len(self._sparks))
        order = [(_worst_first(s) if first else 0, place[s.row.station.number]) for s in self._sparks]
        if order != sorted(order):
            by_place = sorted(range(len(order)), key=order.__getitem__)
            self._sparks = tuple(self._sparks[position] for position in by_place)
            self._lines = [np.array(spark.mean) for spark in self._sparks]

    def _refit(self) -> None:
        self._arrange()
        self._columns = self._most_pleasing()
        rows = -(-len(self._sparks) // self.columns) if self._sparks else 0
        least = rows * self._scale.px(LEAST_HEIGHT + GAP)
        self.setMinimumHeight(least if least > self._room else 0)
        self.update()

    @property
    def columns(self) -> int:
        """How many cells stand beside each other."""
        return max(1, self._columns)

    def _most_pleasing(self) -> int:
        """Return how many cells beside each other please, and fit without scrolling."""
        count, width = max(1, len(self._sparks)), max(1, self.width())
        most = max(1, width // self._scale.px(LEAST_WIDTH + GAP))
        for columns in range(1, most + 1):
            rows = -(-count // columns)
            if (width / columns) / (max(1, self._room) / rows) <= SHAPE:
                return columns
        return min(most, count)

    def rect_of(self, position: int) -> QRectF:
        """Return where a cell stands, in pixels."""
        columns, gap = self.columns, self._scale.px(GAP)
        rows = -(-len(self._sparks) // columns)
        row, column = divmod(position, columns)
        width = (self.width() - gap * (columns - 1)) / columns
        usual = self._scale.px(LEAST_HEIGHT) * 2.2
        height = min((self.height() - gap * (rows - 1)) / rows, usual)
        return QRectF(column * (width + gap), row * (height + gap), width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refit()

    # --- painting --------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._sparks:
            self._paint_empty(painter)
        seen = QRectF(event.rect())
        for position, (spark, line) in enumerate(zip(self._sparks, self._lines, strict=True)):
            box = self.rect_of(position)
            if box.intersects(seen):
                self._paint_cell(painter, box, spark, line)
                if self.hasFocus() and position == self._at:
                    draw_focus(painter, box, self._scale)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        font = self._scale.font("font_body")
        line = QRectF(0, self._scale.px(50), self.width(), self._scale.px(30))
        for words in self._empty.splitlines():
            draw_text(painter, line, words, font, "text_muted", CENTRE)
            line.translate(0, line.height())

    def _paint_cell(self, painter: QPainter, box: QRectF, spark: Spark, line: "np.ndarray") -> None:
        scale, row = self._scale, spark.row
        mark = mark_of(row.state)
        online = row.state is StationState.ONLINE
        draw_card(painter, box, scale, "card", None if online else mark.colour_name)
        pad, side, height = scale.px(8), scale.px(12), scale.px(24)
        small, bold = scale.font("font_small"), scale.font("font_small", bold=True)
        head = QRectF(box.x() + pad, box.y() + scale.px(4), box.width() - 2 * pad, height)
        paint_mark(painter, QRectF(head.x(), head.center().y() - side / 2, side, side), mark)
        name = head.adjusted(side + scale.px(5), 0, 0, 0)
        draw_text(painter, name, row.station.name, small, "text" if online else "text_strong")
        below = head.translated(0, height)
        last = next((value for value in row.values if value.factor == spark.factor), None)
        if last is None or last.value is None:
            said = mark.word if last is None else flag_name(last.flag)
            draw_text(painter, below, said, bold, mark.colour_name, RIGHT)
        else:
            # One value beyond its limit is no episode yet, but it is seen.
            shown = mark_of(StationState.EXCEEDING) if online and last.beyond else mark
            word = "" if online and not last.beyond else shown.word
            said = f"{number_text(last.value)} {word}".strip()
            draw_text(painter, below, said, bold, shown.colour_name if word else "text_strong", RIGHT)
            room = below.adjusted(0, 0, -text_width(bold, said) - pad / 2, 0)
            draw_text(painter, room, factor_name(spark.factor), small, "text_muted")
        chart = QRectF(box.x() + pad, below.bottom() + scale.px(2), box.width() - 2 * pad, 0)
        chart.setBottom(box.bottom() - scale.px(6))
        self._paint_line(painter, chart, spark, line)

    def _paint_line(self, painter: QPainter, chart: QRectF, spark: Spark, line: "np.ndarray") -> None:
        known = np.flatnonzero(np.isfinite(line))
        if not len(known) or chart.height() < 4:
            return
        values, bounds = line[known], spark.bounds
        highs = np.full(len(line), np.inf)
        for first, last, high in bounds:
            highs[first:last] = high
        highs = highs[known]
        top = max(float(values.max()), *(high for *_, high in bounds), 0.0) * 1.05 or 1.0
        bottom = min(0.0, float(values.min()))
        x = chart.x() + known / max(1, len(line) - 1) * chart.width()
        y = chart.bottom() - (values - bottom) / (top - bottom or 1.0) * chart.height()
        painter.setPen(QPen(tokens().qcolor("overdue_text"), self._scale.px(1), Qt.PenStyle.DashLine))
        for first, last, high in bounds:
            level = chart.bottom() - (high - bottom) / (top - bottom) * chart.height()
            begin, end = (chart.x() + step / len(line) * chart.width() for step in (first, last))
            painter.drawLine(QPointF(begin, level), QPointF(end, level))
        apart = np.diff(known)
        # Hours are four steps apart: a line breaks where two values of its own pace are missing.
        breaks = np.flatnonzero(apart > 2.5 * (np.median(apart) if len(apart) else 1)) + 1
        for part in np.split(np.arange(len(known)), breaks):
            self._paint_part(painter, x[part], y[part], values[part] > highs[part])

    def _paint_part(self, painter: QPainter, x: "np.ndarray", y: "np.ndarray", beyond: "np.ndarray") -> None:
        points = QPolygonF(list(map(QPointF, x.tolist(), y.tolist())))
        # A line of one pixel is drawn several times as fast as a wider one.
        width = max(1, int(self._scale.factor))
        painter.setPen(_cosmetic("accent", width))
        if len(points) == 1:
            painter.drawPoint(points[0])
            return
        painter.drawPolyline(points)
        painter.setPen(_cosmetic("overdue", width + 1))
        for at in np.flatnonzero(beyond[1:]).tolist():
            painter.drawLine(points[at], points[at + 1])

    # --- the hand --------------------------------------------------------------------------------------

    def _position_at(self, place: QPointF) -> int | None:
        return next((n for n in range(len(self._sparks)) if self.rect_of(n).contains(place)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._position_at(QPointF(event.position()))
        if found is not None:
            self._at = found
            self.station_chosen.emit(self._sparks[found].row.station.key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._position_at(QPointF(event.position()))
        self.setCursor(Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor)
        station = None if found is None else self._sparks[found].row.station
        self.setToolTip("" if station is None else tip(f"{station.name}\n{station.enterprise}".strip()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from cell to cell, Enter opens one."""
        columns = self.columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        step = steps.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._sparks:
            self.station_chosen.emit(self._sparks[self._at].row.station.key)
        elif step is not None and 0 <= self._at + step < len(self._sparks):
            self._at += step
            self.cell_reached.emit(self.rect_of(self._at))
            self.update()
        elif step is None:
            super().keyPressEvent(event)


def _cosmetic(colour_name: str, width: int) -> QPen:
    pen = QPen(tokens().qcolor(colour_name), width)
    pen.setCosmetic(True)
    return pen


def _worst_first(spark: Spark) -> int:
    state = spark.row.state
    if state in _TROUBLED:
        return _TROUBLED.index(state)
    last = spark.row.worst
    return len(_TROUBLED) + int(last is None or not last.beyond)


def _looks(row: StationRow, factor: str) -> tuple[object, ...]:
    """Return what a cell shows of a station but its line."""
    last = next((value for value in row.values if value.factor == factor), None)
    return row.state, row.station.name, last and (last.value, last.flag, last.beyond)
