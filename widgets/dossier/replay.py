"""The replay slider 回放: any minute of the ticket's life, asked for when the hand rests."""

from datetime import datetime, timedelta

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QWidget

from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.tokens import tokens
from widgets.wording import local_moment_text

REST_MS = 150
"""The hand has to rest this long before a minute is asked for."""

MAX_STEPS = 100_000
"""A slider has whole minutes up to about 70 days, longer lives coarser steps."""


class ReplaySlider(QWidget):
    """Signals: `replay_requested(object)` with an aware datetime, or None for now."""

    replay_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start: datetime | None = None
        self._end: datetime | None = None
        self._caption = PlainLabel(self.tr("回放"), self)
        self._caption.setProperty("tone", "muted")
        self._caption.setProperty("textsize", "small")
        self._moment = PlainLabel(self)
        self._moment.setProperty("textsize", "small")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("回放时间"))
        self.now_button = QPushButton(self.tr("现在"), self)
        self.now_button.setProperty("look", "small")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._caption)
        self._row.addWidget(self._moment)
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.now_button)
        self._rest = QTimer(self)
        self._rest.setObjectName("dossier replay rest")
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._ask)
        self.slider.valueChanged.connect(self._moved)
        self.now_button.clicked.connect(self.go_to_now)
        self._scale = scale
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def text(self) -> str:
        """The moment in words, as it stands beside the slider."""
        return self._moment.text()

    @property
    def moment(self) -> datetime | None:
        """The minute that the handle stands on, None at the right end (now) or without a span."""
        if self._start is None or self._end is None or self.slider.value() >= self.slider.maximum():
            return None
        span = self._end - self._start
        return self._start + span * (self.slider.value() / self.slider.maximum())

    def set_span(self, start: datetime, end: datetime, at: datetime | None) -> None:
        """Set what can be replayed, and where the handle stands (None: now).

        While the hand is on the slider or a request is pending, the handle stays where the hand put it.
        """
        held = self.slider.isSliderDown() or self._rest.isActive()
        wanted = self.moment if held else at
        self._start, self._end = start, max(end, start + timedelta(minutes=1))
        minutes = int((self._end - self._start) / timedelta(minutes=1))
        steps = min(MAX_STEPS, max(1, minutes))
        self.slider.blockSignals(True)
        self.slider.setRange(0, steps)
        self.slider.setPageStep(max(1, steps // 20))
        share = 1.0 if wanted is None else (wanted - self._start) / (self._end - self._start)
        # A minute just before the end still is the past, never "now".
        place = steps if wanted is None else min(steps - 1, max(0, round(share * steps)))
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self._write(wanted)

    def go_to_now(self) -> None:
        """Put the handle to the right end and ask for now at once."""
        self._rest.stop()
        self.slider.blockSignals(True)
        self.slider.setValue(self.slider.maximum())
        self.slider.blockSignals(False)
        self._write(None)
        self.replay_requested.emit(None)

    def _moved(self) -> None:
        self._write(self.moment)
        self._rest.start()

    def _ask(self) -> None:
        self.replay_requested.emit(self.moment)

    def _write(self, moment: datetime | None) -> None:
        """Say the very moment: the handle stands on the nearest step only."""
        self._moment.setText(self.tr("实时") if moment is None else local_moment_text(moment))
        self.now_button.setEnabled(moment is not None)

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(10))
        # Clear of the last node's row.
        self._row.setContentsMargins(0, self._scale.px(6), 0, 0)
        self._moment.setMinimumWidth(self._scale.px(176))
        look, px = tokens(), self._scale.px
        self.slider.setMinimumHeight(px(20))
        # A radius of more than half the side is none at all to Qt.
        groove = px(4)
        handle = groove + 2 * px(5)
        self.slider.setStyleSheet(
            f"QSlider::groove:horizontal {{ height: {groove}px; background: {look.colour('track')}; }}"
            f"QSlider::handle:horizontal {{ width: {handle}px; height: {handle}px;"
            f" margin: -{(handle - groove) // 2}px 0;"
            f" border-radius: {handle // 2}px; background: {look.colour('accent')}; }}"
            f"QSlider::handle:horizontal:hover {{ background: {look.colour('focus')}; }}"
        )
