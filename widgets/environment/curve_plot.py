"""A curve against the limit that applied, with flags, episodes and marked moments; hand and keys move it.

Items are made once and only filled anew. What is not a curve is painted over the plot, in its own pixels.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from domain.environment import Curve
from widgets.environment.time_axis import TimeAxis, ValueAxis, dress
from widgets.environment.words import bounds_text, flag_name, number_text
from widgets.painting import CENTRE, LEFT, draw_card, draw_text, text_width
from widgets.scale import Scale
from widgets.status import Mark, Shape, paint_mark
from widgets.tokens import tokens
from widgets.wording import short_moment_text

REST_MS = 250
"""So long the hand must rest before values are asked for the range that it turned to."""
SHORTEST = 600.0
"""A range is no shorter than so many seconds."""
BAND = 26
WORDS_TOP, WORDS_ROW, WORDS_ROWS = 28, 26, 3
"""Pixels above the words of moments, where the unit stands; from row to row of them; and how many rows."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is marked on the plot: a line, a shape and a word at its top."""

    at: datetime
    mark: Mark


class CurvePlot(pg.GraphicsView):
    """Signals: `range_turned(datetime, datetime)`: the hand turned to another time, and rests there."""

    range_turned = Signal(object, object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        self._scale = scale
        self.curve: Curve | None = None
        super().__init__(parent, useOpenGL=False, background=None)
        # pyqtgraph's own PlotItem would make seven menus that nobody owns.
        self._view = pg.ViewBox(enableMenu=False, defaultPadding=0)
        self._view.setMouseEnabled(x=True, y=False)
        self._axes = (TimeAxis(scale), ValueAxis(scale))
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addItem(self._axes[1], 0, 0)
        layout.addItem(self._view, 0, 1)
        layout.addItem(self._axes[0], 1, 1)
        for axis in self._axes:
            axis.linkToView(self._view)
        self._axes[1].setGrid(30)
        self.setCentralItem(layout)
        self._moments: tuple[Moment, ...] = ()
        self._at = self._mean = np.empty(0)
        self._extent = (0.0, 1.0)
        self._empty = ""
        self._hover: float | None = None
        self.setFrameShape(self.Shape.NoFrame)
        # What is painted behind the curves moves with them.
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self._spread = pg.PlotCurveItem(connect="pairs")
        self._line, self._high, self._low = (pg.PlotCurveItem(connect="finite") for _ in range(3))
        self._over = pg.ScatterPlotItem(
            symbol="s", pen=None, brush=pg.mkBrush(tokens().qcolor("overdue")), pxMode=True
        )
        for item in (self._spread, self._line, self._high, self._low, self._over):
            self._view.addItem(item, ignoreBounds=True)
        self._rest = QTimer(self)
        self._rest.setObjectName("curve range")
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._tell_range)
        self._view.sigRangeChangedManually.connect(self._turned)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    # --- data ------------------------------------------------------------------------------------------

    def show_curve(self, curve: Curve, moments: Sequence[Moment] = (), *, keep_range: bool = False) -> None:
        """Show a curve; with `keep_range` the time in sight stays where the hand left it."""
        self.curve = curve
        self._moments = tuple(moments)
        at, mean = np.array(curve.at), np.array(curve.mean)
        least, most = np.array(curve.least), np.array(curve.most)
        self._at, self._mean = at, mean
        self._line.setData(at, mean)
        wide = np.flatnonzero(most - least > 0)
        self._spread.setData(np.repeat(at[wide], 2), np.column_stack((least[wide], most[wide])).ravel())
        steps = curve.limits
        self._high.setData(*_stairs([(s.since, s.until, s.high) for s in steps]))
        self._low.setData(*_stairs([(s.since, s.until, s.low) for s in steps]))
        beyond = self._beyond(curve, at, least, most)
        self._over.setData(at[beyond], np.where(most > self._limit_at(at), most, least)[beyond])
        if not keep_range:
            self._view.setXRange(curve.query.since.timestamp(), curve.query.until.timestamp(), padding=0)
        self._extent = self._extent_of(least, most, curve)
        self._fit_values()
        self.viewport().update()

    def set_empty_text(self, text: str) -> None:
        """Set the words that stand where there is no value."""
        self._empty = text
        self.viewport().update()

    @property
    def moments(self) -> tuple[Moment, ...]:
        """What is marked."""
        return self._moments

    @property
    def shown_range(self) -> tuple[datetime, datetime]:
        """The time in sight, aware."""
        since, until = self._view.viewRange()[0]
        return datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)

    def _limit_at(self, at: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> "np.ndarray":
        return self._bound_at(at, math.inf, high=True)

    def _bound_at(self, at: "np.ndarray", otherwise: float, *, high: bool) -> "np.ndarray":
        bounds = np.full(at.shape, otherwise)
        if self.curve is None:
            return bounds
        for step in self.curve.limits:
            value = step.high if high else step.low
            if value is not None:
                bounds[(at >= step.since.timestamp()) & (at < step.until.timestamp())] = value
        return bounds

    def _beyond(
        self, curve: Curve, at: "np.ndarray", least: "np.ndarray", most: "np.ndarray"
    ) -> "np.ndarray":
        if not curve.limits:
            return np.empty(0, dtype=np.int64)
        high, low = self._limit_at(at), self._bound_at(at, -math.inf, high=False)
        return np.flatnonzero((most > high) | (least < low))

    def _extent_of(self, least: "np.ndarray", most: "np.ndarray", curve: Curve) -> tuple[float, float]:
        """Return from where to where values and limits reach."""
        bounds = [b for step in curve.limits for b in (step.high, step.low) if b is not None]
        values = [*bounds, *([float(np.nanmin(least)), float(np.nanmax(most))] if self._has_values else [])]
        if not values:
            return 0.0, 1.0
        bottom, top = min(values), max(values)
        if bottom > 0:
            # Levels and acidity keep to a band far above nought; what is a quantity begins there.
            bottom = bottom - (top - bottom) * 0.25 if bottom > top * 0.4 else 0.0
        return bottom, top + (top - bottom or 1.0) * 0.16

    def _fit_values(self) -> None:
        """Let values reach up to the words of marked moments, never behind them."""
        bottom, top = self._extent
        place = self._plot_rect()
        rows = 1 + max((row for *_, row in self._placed(place)), default=-1)
        words = self._scale.px(WORDS_TOP + rows * WORDS_ROW) if rows else 0
        share = min(words / place.height(), 0.5) if place.height() > 0 else 0.0
        self._view.setYRange(bottom, bottom + (top - bottom) / (1 - share), padding=0)

    @property
    def _has_values(self) -> bool:
        return bool(np.isfinite(self._mean).any())

    # --- the hand --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, plus and minus zoom."""
        since, until = self._view.viewRange()[0]
        width = until - since
        turns = {
            Qt.Key.Key_Left: (since - width / 8, until - width / 8),
            Qt.Key.Key_Right: (since + width / 8, until + width / 8),
            Qt.Key.Key_Plus: (since + width / 4, until - width / 4),
            Qt.Key.Key_Equal: (since + width / 4, until - width / 4),
            Qt.Key.Key_Minus: (since - width / 2, until + width / 2),
        }
        turned = turns.get(Qt.Key(event.key()))
        if turned is None or turned[1] - turned[0] < SHORTEST:
            super().keyPressEvent(event)
            return
        self._view.setXRange(*turned, padding=0)
        self._rest.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        place = self._plot_rect()
        inside = place.contains(QPointF(event.position()))
        self._hover = self._view.mapSceneToView(QPointF(event.position())).x() if inside else None
        self.viewport().update()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self._hover = None
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.curve is not None:
            self._fit_values()

    def _turned(self, _mask: object) -> None:
        self._rest.start()

    def _tell_range(self) -> None:
        self.range_turned.emit(*self.shown_range)

    # --- painting --------------------------------------------------------------------------------------

    def _plot_rect(self) -> QRectF:
        view = self._view
        return view.mapRectToScene(view.boundingRect())

    def _x(self, moment: datetime) -> float:
        return float(self._view.mapViewToScene(QPointF(moment.timestamp(), 0.0)).x())

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        if self.curve is None:
            return
        place = self._plot_rect()
        painter.save()
        painter.setClipRect(place)
        painter.setPen(Qt.PenStyle.NoPen)
        fill = tokens().qcolor("overdue")
        painter.setBrush(fill)
        painter.setOpacity(0.10)
        for episode in self.curve.episodes:
            left = self._x(episode.began_at)
            right = self._x(episode.ended_at) if episode.ended_at is not None else place.right()
            painter.drawRect(QRectF(left, place.top(), max(right - left, 2.0), place.height()))
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawForeground(painter, rect)
        place = self._plot_rect()
        if self.curve is None:
            return
        if not self._has_values and not self.curve.flags:
            draw_text(painter, place, self._empty, self._scale.font("font_body"), "text_muted", CENTRE)
        painter.save()
        painter.setClipRect(place)
        self._paint_flags(painter, place)
        self._paint_limit_words(painter, place)
        self._paint_moments(painter, place)
        painter.restore()
        self._paint_unit(painter, place, self.curve.unit)
        if self._hover is not None:
            self._paint_hover(painter, place, self._hover)

    def _paint_unit(self, painter: QPainter, place: QRectF, unit: str) -> None:
        scale, font = self._scale, self._scale.font("font_small")
        box = QRectF(place.left() + scale.px(1), place.top(), 0, scale.px(26))
        box.setWidth(text_width(font, unit) + scale.px(12) if unit else 0)
        painter.fillRect(box, tokens().qcolor("background"))
        draw_text(painter, box, unit, font, "text_muted", CENTRE)

    def _paint_flags(self, painter: QPainter, place: QRectF) -> None:
        scale = self._scale
        font, height = scale.font("font_small"), scale.px(BAND)
        for run in self.curve.flags if self.curve else ():
            left, right = self._x(run.since), self._x(run.until)
            box = QRectF(left, place.bottom() - height, max(right - left, 2.0), height)
            if not box.intersects(place):
                continue
            painter.fillRect(box, tokens().qcolor("selection"))
            painter.fillRect(QRectF(box.x(), box.y(), box.width(), scale.px(3)), tokens().qcolor("due_soon"))
            word = f"{run.flag.value} {flag_name(run.flag)}"
            if text_width(font, word) + scale.px(8) <= box.width():
                draw_text(painter, box, word, font, "due_soon", CENTRE)
            elif text_width(font, run.flag.value) <= box.width():
                draw_text(painter, box, run.flag.value, font, "due_soon", CENTRE)

    def _paint_limit_words(self, painter: QPainter, place: QRectF) -> None:
        """Write each limit once, over the longest of its lines in sight, below it where that is too short."""
        scale, view, font = self._scale, self._view, self._scale.font("font_small")
        lines: dict[str, tuple[float, float, float]] = {}
        for step in self.curve.limits if self.curve else ():
            value = step.high if step.high is not None else step.low
            left, right = max(self._x(step.since), place.left()), min(self._x(step.until), place.right())
            word = self.tr("限值 {0}").format(bounds_text(step.low, step.high))
            known = lines.get(word)
            if value is not None and right > left and (known is None or right - left >= known[1] - known[0]):
                lines[word] = (left, right, value)
        for word, (left, right, value) in lines.items():
            width = text_width(font, word)
            y = float(view.mapViewToScene(QPointF(0.0, value)).y())
            box = QRectF(right - width - scale.px(10), y - scale.px(27), width + scale.px(6), scale.px(25))
            if right - left < width + scale.px(16):
                box.moveCenter(QPointF((left + right) / 2, y + scale.px(15)))
                box.moveRight(min(box.right(), place.right()))
            at_left = box.translated(left + scale.px(4) - box.left(), 0)
            if box.left() >= left and self._is_crossed(box) and not self._is_crossed(at_left):
                box = at_left
            painter.fillRect(box, tokens().qcolor("background"))
            draw_text(painter, box, word, font, "overdue_text", CENTRE)

    def _is_crossed(self, box: QRectF) -> bool:
        """Whether the curve or a marked moment runs through a box."""
        if any(box.left() <= self._x(moment.at) <= box.right() for moment in self._moments):
            return True
        first, last = (self._view.mapSceneToView(corner) for corner in (box.bottomLeft(), box.topRight()))
        inside = np.flatnonzero((self._at >= first.x()) & (self._at <= last.x()))
        if not len(inside):
            return False
        # A line that leads into the box from beside it counts, too.
        values = self._mean[max(0, inside[0] - 1) : inside[-1] + 2]
        values = values[np.isfinite(values)]
        return bool(len(values) and values.min() <= last.y() and values.max() >= first.y())

    def _placed(self, place: QRectF) -> Iterator[tuple[Moment, float, float, int]]:
        """Yield the moments in sight, each with its x, the left edge and the row of its word."""
        scale = self._scale
        font = scale.font("font_small")
        taken, row = -1e9, 0
        for moment in sorted(self._moments, key=_at):
            x = self._x(moment.at)
            if not place.left() - 1 <= x <= place.right() + 1:
                continue
            width = scale.px(19) + text_width(font, moment.mark.word)
            left = x + scale.px(5)
            if left + width > place.right():
                left = x - scale.px(5) - width
            row = (row + 1) % WORDS_ROWS if left < taken else 0
            taken = max(taken, left + width + scale.px(8))
            yield moment, x, left, row

    def _paint_moments(self, painter: QPainter, place: QRectF) -> None:
        scale = self._scale
        font, side = scale.font("font_small"), scale.px(13)
        for moment, x, left, row in self._placed(place):
            width = scale.px(19) + text_width(font, moment.mark.word)
            y = place.top() + scale.px(WORDS_TOP + row * WORDS_ROW)
            colour = tokens().qcolor(moment.mark.colour_name)
            painter.setPen(QPen(colour, scale.px(2), Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
            box = QRectF(left, y, width, scale.px(24))
            painter.fillRect(box, tokens().qcolor("background"))
            paint_mark(painter, QRectF(left, box.center().y() - side / 2, side, side), moment.mark)
            word = box.adjusted(side + scale.px(6), 0, 0, 0)
            draw_text(painter, word, moment.mark.word, font, moment.mark.colour_name, LEFT)

    def _paint_hover(self, painter: QPainter, place: QRectF, at: float) -> None:
        if not len(self._at) or self.curve is None:
            return
        nearest = int(np.argmin(np.abs(self._at - at)))
        if not math.isfinite(self._mean[nearest]):
            return
        scale, curve = self._scale, self.curve
        moment = datetime.fromtimestamp(float(self._at[nearest]), UTC)
        x = self._x(moment)
        if not place.left() <= x <= place.right():
            return
        painter.setPen(QPen(tokens().qcolor("text_faint"), scale.px(1)))
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        words = f"{short_moment_text(moment)}  {number_text(curve.mean[nearest])} {curve.unit}"
        if curve.most[nearest] > curve.least[nearest]:
            low, high = number_text(curve.least[nearest]), number_text(curve.most[nearest])
            words = self.tr("{0}（{1} 至 {2}）").format(words, low, high)
        font = scale.font("font_small")
        box = QRectF(x + scale.px(8), 0, text_width(font, words) + scale.px(16), scale.px(30))
        box.moveTop(place.top() + scale.px(2))
        if box.right() > place.right():
            box.moveRight(x - scale.px(8))
        draw_card(painter, box, scale, "hover", "chip_border")
        draw_text(painter, box, words, font, "text_strong", CENTRE)

    def _rescale(self) -> None:
        for axis in self._axes:
            dress(axis, self._scale)
        # Whole pixels: a line of one is drawn several times as fast as a wider one.
        width = max(1, int(self._scale.factor))
        look = tokens()
        self._line.setPen(pg.mkPen(look.qcolor("accent"), width=width))
        self._spread.setPen(_pen("accent", 90, width))
        for limit in (self._high, self._low):
            limit.setPen(_dashed(width))
        self._over.setSize(self._scale.px(5))
        self.viewport().update()


def over_mark(word: str) -> Mark:
    """Return the mark of a moment at which values went beyond their limit."""
    return Mark("overdue", Shape.SQUARE, word)


def _at(moment: Moment) -> datetime:
    return moment.at


def _pen(name: str, alpha: int, width: int) -> QPen:
    colour = tokens().qcolor(name)
    return pg.mkPen((colour.red(), colour.green(), colour.blue(), alpha), width=width)


def _dashed(width: int) -> QPen:
    return pg.mkPen(tokens().qcolor("overdue_text"), width=width, style=Qt.PenStyle.DashLine)


def _stairs(steps: Sequence[tuple[datetime, datetime, float | None]]) -> tuple[list[float], list[float]]:
    """Return the line of a limit: level while it applies, broken where none does."""
    at: list[float] = []
    values: list[float] = []
    for since, until, value in steps:
        if value is None or (at and at[-1] != since.timestamp()):
            at.append(since.timestamp())
            values.append(math.nan)
        if value is not None:
            at += [since.timestamp(), until.timestamp()]
            values += [value, value]
    return at, values
