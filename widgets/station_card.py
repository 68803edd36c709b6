"""A station of its kind in a card: its worst value against the limit, and the way there as a small curve."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from domain.environment import LastValue, Spark
from domain.stations import StationState
from widgets.environment.words import bounds_text, factor_name, flag_name, number_text, station_kind_name
from widgets.painting import draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tile import Tile
from widgets.tokens import tokens
from widgets.wording import short_moment_text

NEAR = 0.9
"""From so much of the limit on a value is drawn as near to it."""
HOLE = 3
"""The line breaks where the next value is so many steps away: one that is lacking is no silence."""


def drawn(spark: Spark) -> tuple[object, ...]:
    """Return what a card shows of a station: two that are equal in this look alike."""
    row = spark.row
    return row.station.key, row.station.name, row.state, row.worst, spark.bounds, spark.mean.tobytes()


class StationCard(Tile):
    """A station; pressed, `station_requested(key)`."""

    station_requested = Signal(object)

    fill = "card"

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._spark: Spark | None = None
        self.clicked.connect(self._request)

    def show_spark(self, spark: Spark) -> None:
        """Show a station with its last hours."""
        before, self._spark = self._spark, spark
        if before is not None and drawn(before) == drawn(spark):
            return
        row, last = spark.row, spark.row.worst
        mark = mark_of(row.state)
        self.setAccessibleName(
            f"{row.station.name} {mark.word} {self._value_text(last)} {self._unit_text(last)}"
        )
        self.setToolTip(tip(self._explained(spark)))
        self.update()
        if before is not None and (before.row.station.key, before.row.state) != (row.station.key, row.state):
            self.light(urgent=row.state is StationState.EXCEEDING)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        if self._spark is None:
            return
        scale, row, last = self.scale, self._spark.row, self._spark.row.worst
        pad, small = scale.px(11), scale.font("font_small")
        inner = rect.adjusted(pad, scale.px(3), -pad, -scale.px(3))
        line = inner.height() / 3.2
        top = QRectF(inner.x(), inner.y(), inner.width(), line)
        foot = QRectF(inner.x(), inner.bottom() - line, inner.width(), line)
        middle = QRectF(inner.x(), top.bottom(), inner.width(), foot.top() - top.bottom())
        self._paint_name(painter, top)
        value = self._value_text(last)
        font = scale.font("font_header", bold=True)
        taken = draw_text(painter, middle, value, font, self._tone(last))
        said = self._unit_text(last)
        if text_width(small, said) > foot.width():
            said = self._unit_text(last, with_unit=False)
        draw_text(painter, foot, said, small, "text_muted")
        left = inner.x() + max(taken + scale.px(14), inner.width() * 0.42)
        curve = QRectF(left, top.bottom(), inner.right() - left, foot.top() - top.bottom())
        if text_width(small, said) < left - inner.x():
            curve.setBottom(foot.bottom() - scale.px(5))
        if row.state is not StationState.NOT_CONNECTED and curve.width() > scale.px(30):
            self._paint_curve(painter, curve.adjusted(0, scale.px(3), 0, 0), self._tone(last))

    def _paint_name(self, painter: QPainter, box: QRectF) -> None:
        if self._spark is None:
            return
        scale, row = self.scale, self._spark.row
        small, mark, side = scale.font("font_small"), mark_of(row.state), scale.size("mark")
        paint_mark(painter, QRectF(box.x(), box.center().y() - side / 2, side, side), mark)
        rest = box.adjusted(side + scale.px(7), 0, 0, 0)
        word = mark.word if row.state is not StationState.ONLINE else ""
        width = text_width(small, word)
        if word:
            draw_text(
                painter,
                QRectF(rest.right() - width, rest.y(), width, rest.height()),
                word,
                small,
                mark.colour_name,
            )
            rest.setRight(rest.right() - width - scale.px(8))
        draw_text(painter, rest, row.station.name, small, "text_title")

    def _paint_curve(self, painter: QPainter, box: QRectF, tone: str) -> None:
        """Draw the values at their equal steps, broken where there are none, and the limit in dashes."""
        if self._spark is None:
            return
        values, bounds = self._spark.mean, self._spark.bounds
        there = [value for value in values if not math.isnan(value)]
        if not there:
            return
        reach = [*there, *(high for *_, high in bounds)]
        least, most = min(reach), max(reach)
        span = (most - least) or max(abs(most), 1.0)
        least, span = least - span * 0.08, span * 1.16

        def height_of(value: float) -> float:
            return box.bottom() - (value - least) / span * box.height()

        path, last = QPainterPath(), -HOLE
        step = box.width() / max(1, len(values) - 1)
        for position, value in enumerate(values):
            if math.isnan(value):
                continue
            point = QPointF(box.x() + position * step, height_of(value))
            if position - last >= HOLE:
                path.moveTo(point)
            path.lineTo(point)
            last = position
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dashes = QPen(tokens().qcolor("overdue"), self.scale.px(1.2), Qt.PenStyle.CustomDashLine)
        dashes.setDashPattern([4, 4])
        painter.setPen(dashes)
        for first, last, high in bounds:
            begin, end = (box.x() + box.width() * at / len(values) for at in (first, last))
            painter.drawLine(QPointF(begin, height_of(high)), QPointF(end, height_of(high)))
        painter.setPen(QPen(tokens().qcolor(tone), self.scale.px(1.8)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.restore()

    def _tone(self, last: LastValue | None) -> str:
        if last is None or last.share is None:
            return "text_muted"
        if last.beyond:
            return "overdue"
        return "due_soon" if last.share >= NEAR else "on_time"

    def _value_text(self, last: LastValue | None) -> str:
        if last is None or last.value is None:
            return "—"
        return number_text(last.value)

    def _unit_text(self, last: LastValue | None, *, with_unit: bool = True) -> str:
        """Return "PM10 µg/m³ · 限 80", or what the device says of a value that counts for nothing."""
        if last is None:
            return self.tr("暂无数据")
        factor = factor_name(last.factor)
        words = [factor if not with_unit or last.unit in ("", factor) else f"{factor} {last.unit}"]
        if last.share is None and last.value is not None and last.high is not None:
            words.append(flag_name(last.flag))
        elif last.high is not None or last.low is not None:
            words.append(self.tr("限 {0}").format(bounds_text(last.low, last.high)))
        return " · ".join(words)

    def _explained(self, spark: Spark) -> str:
        row, last = spark.row, spark.row.worst
        kind = station_kind_name(row.station.kind)
        lines = [f"{row.station.name} · {kind} · {mark_of(row.state).word}"]
        lines += [" · ".join(filter(None, (row.area, row.station.enterprise, row.body)))]
        if last is not None:
            moment = short_moment_text(last.at)
            lines.append(f"{moment} {self._value_text(last)} {self._unit_text(last)}")
            hours = round((spark.until - spark.since).total_seconds() / 3600)
            lines.append(self.tr("曲线为近 {0} 小时，虚线为适用限值").format(hours))
        return "\n".join(filter(None, lines))

    def _request(self) -> None:
        if self._spark is not None:
            self.station_requested.emit(self._spark.row.station.key)
