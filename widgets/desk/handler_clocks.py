"""The running clocks of one's own body on a ticket, each with its mark, its word and its countdown."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.node_clock import NodeClock
from widgets.painting import RIGHT, draw_text
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.wording import countdown_text, local_moment_text, node_name

LINE = 28
"""Pixels at 1080p."""


class OwnClocks(QWidget):
    """A line for each clock, made anew by `show_clocks`, moved by `tick`."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._clocks: tuple[NodeClock, ...] = ()
        self._now: datetime | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        scale.factor_changed.connect(self.updateGeometry)

    def show_clocks(self, clocks: Sequence[NodeClock], now: datetime) -> None:
        """Show these clocks as of a moment (aware)."""
        self._clocks, self._now = tuple(clocks), now
        self.updateGeometry()
        self._tell()

    def tick(self, now: datetime) -> None:
        """Move the countdowns to a new moment."""
        self._now = now
        if self._clocks:
            self._tell()

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The node and the time of each line."""
        return tuple((node_name(clock.node), self._time(clock)) for clock in self._clocks)

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(200), self._scale.px(LINE) * len(self._clocks))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._now is None:
            return
        painter, scale = QPainter(self), self._scale
        side, gap = scale.px(14), scale.px(8)
        for row, clock in enumerate(self._clocks):
            line = QRectF(0, row * scale.px(LINE), self.width(), scale.px(LINE))
            mark = mark_of(clock.status(self._now))
            paint_mark(painter, QRectF(0, line.center().y() - side / 2, side, side), mark)
            words = line.adjusted(side + gap, 0, 0, 0)
            taken = draw_text(painter, words, node_name(clock.node), scale.font("font_small"), "text")
            words.setLeft(words.left() + taken + gap)
            draw_text(
                painter, words, self._time(clock), scale.font("font_small", True), mark.colour_name, RIGHT
            )
        painter.end()

    def _time(self, clock: NodeClock) -> str:
        if self._now is None or clock.due_at is None:
            return mark_of(clock.status(self._now)).word if clock.paused and self._now else self.tr("无限时")
        return countdown_text(clock.due_at, self._now)

    def _tell(self) -> None:
        now = self._now
        if now is None:
            return
        told = [
            f"{node_name(clock.node)} {mark_of(clock.status(now)).word}"
            + (f" {local_moment_text(clock.due_at)}" if clock.due_at is not None else "")
            for clock in self._clocks
        ]
        self.setAccessibleName("；".join(told))
        self.update()
