"""The band 回放 over every page: which past minute is shown, another one by hand, and the way back to now."""

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDate, QDateTime, QSignalBlocker, Qt, QTime, QTimer, QTimeZone, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSlider, QWidget

from widgets.arrow_fields import ArrowComboBox, ArrowDateTimeEdit
from widgets.elided_label import ElidedLabel
from widgets.plain import PlainLabel, tip
from widgets.scale import Scale
from widgets.tokens import tokens
from widgets.wording import CITY_ZONE, exact_count_text, minute_text

REST_MS = 180
"""The hand has to rest this long before a minute is asked for."""
SLOW_MS = 400
"""What is read sooner needs no word of it."""
MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60


class ReplayBand(QFrame):
    """Chooses a minute: by date and time, by steps, by a slider over the last day, week or month.

    Signals:
        minute_requested(object): an aware datetime on the full minute, or None for now.
        closed(): the hand has closed the band, at now.
        refused(str): the hand has put in what has not come yet; a sentence for the screen.
    """

    minute_requested = Signal(object)
    closed = Signal()
    refused = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._now: datetime | None = None
        self._minute: datetime | None = None
        self._wanted: datetime | None = None
        self._beginning: datetime | None = None
        self._known = False
        self._said = ""
        self._reading = False
        self.setProperty("look", "replay")
        self._mark = PlainLabel(self)
        self._mark.setProperty("tone", "strong")
        self.edit = ArrowDateTimeEdit(scale, self)
        # Wall-clock time of the city: the machine's own zone and its summer time must not move it.
        self.edit.setTimeZone(QTimeZone(QTimeZone.Initialization.UTC))
        self.edit.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.edit.setCalendarPopup(True)
        self.edit.setAccessibleName(self.tr("回放的日期和时间"))
        self.steps: dict[timedelta, QPushButton] = {}
        for step, word in (
            (timedelta(days=-1), self.tr("−1 天")),
            (timedelta(hours=-1), self.tr("−1 时")),
            (-MINUTE, self.tr("−1 分")),
            (MINUTE, self.tr("+1 分")),
            (timedelta(hours=1), self.tr("+1 时")),
            (timedelta(days=1), self.tr("+1 天")),
        ):
            button = QPushButton(word, self)
            button.setProperty("look", "small")
            button.clicked.connect(self._step)
            self.steps[step] = button
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("回放时间"))
        self.span = ArrowComboBox(scale, self)
        self.span.setAccessibleName(self.tr("滑块的时间跨度"))
        for days, word in ((1, self.tr("近 24 小时")), (7, self.tr("近 7 天")), (30, self.tr("近 30 天"))):
            self.span.addItem(word, days)
        self._note = ElidedLabel(scale, self, tone="text_strong", font_name="font_small")
        self.now_button = QPushButton(self.tr("现在"), self)
        self.now_button.setProperty("look", "primary")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark)
        self._row.addWidget(self.edit)
        for button in self.steps.values():
            self._row.addWidget(button)
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.span)
        self._row.addWidget(self._note)
        self._row.addWidget(self.now_button)
        self._rest = self._timer("replay band rest", REST_MS)
        self._rest.timeout.connect(self._ask)
        self._slow = self._timer("replay band slow", SLOW_MS)
        self._slow.timeout.connect(self._tell)
        self.edit.dateTimeChanged.connect(self._typed)
        self.slider.valueChanged.connect(self._slid)
        self.span.currentIndexChanged.connect(self._place)
        self.now_button.clicked.connect(self.go_to_now)
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self._write()
        self.hide()

    @property
    def text(self) -> str:
        """What the band says of the minute that is shown."""
        return self._mark.text()

    @property
    def note(self) -> str:
        """What the band says beside: that it reads, or that there was nothing yet."""
        return self._said

    def tick(self, present: datetime) -> None:
        """Take the present moment (aware): the slider ends there, and nothing later is shown."""
        present = _on_minute(present)
        if present == self._now:
            return
        self._now = present
        self._place()

    def show_minute(self, minute: datetime | None) -> None:
        """Say which minute the window shows; None is now."""
        self._minute = minute
        if not self._held:
            self._wanted = minute
        self._place()
        self._write()

    def show_beginning(self, beginning: datetime | None) -> None:
        """Take when the first ticket came in; None where there is none. Before that nothing is to be seen."""
        self._beginning = beginning
        self._known = True
        self._tell()

    def set_reading(self, reading: bool) -> None:
        """Say whether the shown minute is being read."""
        self._reading = reading
        if reading:
            self._slow.start()
        else:
            self._slow.stop()
            self._tell()

    def show_progress(self, done: int, total: int) -> None:
        """Say how much is replayed, once it takes long."""
        if self._reading and not self._slow.isActive():
            self._tell(done, total)

    def go_to_now(self) -> None:
        """Return to now; at now, close the band."""
        self._rest.stop()
        if self._minute is None and self._wanted is None:
            self.closed.emit()
            return
        self._wanted = None
        self._place()
        self.minute_requested.emit(None)

    # --- what the hand does ----------------------------------------------------------------------------

    @property
    def _held(self) -> bool:
        return self._rest.isActive() or self.slider.isSliderDown()

    def _step(self) -> None:
        step = next(step for step, button in self.steps.items() if button is self.sender())
        begin = self._wanted or self._now
        if begin is not None:
            self._want(begin + step)

    def _slid(self, value: int) -> None:
        if self._now is None:
            return
        before_end = self.slider.maximum() - value
        self._want(self._now - before_end * MINUTE)

    def _typed(self, typed: QDateTime) -> None:
        day, clock = typed.date(), typed.time()
        local = datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=CITY_ZONE)
        if self._now is not None and local > self._now:
            # The field does not hold the future back itself: it would do so without a word.
            stays = self.tr("现在") if self._wanted is None else minute_text(self._wanted)
            self.refused.emit(
                self.tr("{0} 还没有到，不能回放；仍显示 {1}。").format(minute_text(local), stays)
            )
            self._place()
            return
        self._want(local.astimezone(UTC))

    def _want(self, minute: datetime) -> None:
        late = self._now is not None and minute >= self._now
        self._wanted = None if late else _on_minute(minute)
        self._place()
        self._rest.start()

    def _ask(self) -> None:
        if self._wanted != self._minute:
            self.minute_requested.emit(self._wanted)

    # --- what is shown ---------------------------------------------------------------------------------

    def _place(self, _span: int = 0) -> None:
        """Put field and handle to the wanted minute, without asking for it."""
        if self._now is None:
            return
        at = self._wanted or self._now
        back = int((self._now - at) / MINUTE)
        with QSignalBlocker(self.span):
            # A minute before the slider's begin moves it to a span that has it, where there is one.
            fits = (n for n in range(self.span.count()) if back <= int(self.span.itemData(n)) * DAY_MINUTES)
            self.span.setCurrentIndex(max(self.span.currentIndex(), next(fits, self.span.count() - 1)))
        with QSignalBlocker(self.slider):
            length = int(self.span.currentData()) * DAY_MINUTES
            self.slider.setRange(0, length)
            self.slider.setSingleStep(max(1, length // 1440))
            self.slider.setPageStep(length // 24)
            if not self.slider.isSliderDown():
                # Any past minute is the past, however near the end.
                self.slider.setValue(max(0, length - back))
        with QSignalBlocker(self.edit):
            self.edit.setDateTime(_shown(at))
        for step, button in self.steps.items():
            button.setEnabled(step < timedelta(0) or self._wanted is not None)

    def _write(self) -> None:
        past = self._minute is not None
        text = (
            self.tr("回放 {0}").format(minute_text(self._minute))
            if self._minute is not None
            else self.tr("回放 · 选择时刻")
        )
        self._mark.setText(text)
        self._mark.setAccessibleName(text)
        self.now_button.setText(self.tr("现在") if past else self.tr("收起"))
        self.now_button.setToolTip(tip(self.tr("回到现在的实时画面") if past else ""))
        if self.property("past") != past:
            self.setProperty("past", past)
            self.style().unpolish(self)
            self.style().polish(self)
        self._tell()

    def _tell(self, done: int = 0, total: int = 0) -> None:
        wordings = self._words(done, total)
        self._said = wordings[0]
        self._note.set_text(*wordings)
        self._note.set_tone("text_strong" if len(wordings) == 1 else "due_soon")
        self._note.setToolTip(tip(self._said))

    def _words(self, done: int, total: int) -> tuple[str, ...]:
        """Return the wordings, the longest first; more than one for what must not be overlooked."""
        if self._reading and not self._slow.isActive():
            if not total:
                return (self.tr("正在重演…"),)
            share = f"{exact_count_text(done)} / {exact_count_text(total)}"
            return (self.tr("正在重演 {0}…").format(share),)
        if self._minute is None:
            return ("",)
        if self._beginning is None and self._known:
            return self.tr("■ 还没有任何工单"), self.tr("■ 无工单")
        if self._beginning is not None and self._minute < self._beginning:
            first = minute_text(self._beginning)
            said = self.tr("■ 那时还没有任何工单：最早一件在 {0}").format(first)
            return said, self.tr("■ 早于首件工单 {0}").format(first), self.tr("■ 那时无工单")
        return (self.tr("只能查看，不能办理"),)

    def _timer(self, name: str, milliseconds: int) -> QTimer:
        made = QTimer(self)
        made.setObjectName(name)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        return made

    def _rescale(self) -> None:
        px, look = self._scale.px, tokens()
        self.setFixedHeight(px(52))
        self._row.setContentsMargins(px(20), px(4), px(20), px(4))
        self._row.setSpacing(px(8))
        self._mark.setFont(self._scale.font("font_title", bold=True))
        self._note.setMinimumWidth(px(120))
        groove = px(4)
        handle = groove + 2 * px(5)
        self.slider.setMinimumWidth(px(160))
        self.slider.setStyleSheet(
            f"QSlider::groove:horizontal {{ height: {groove}px; background: {look.colour('chip_border')}; }}"
            f"QSlider::handle:horizontal {{ width: {handle}px; height: {handle}px;"
            f" margin: -{(handle - groove) // 2}px 0;"
            f" border-radius: {handle // 2}px; background: {look.colour('text_strong')}; }}"
            f"QSlider::handle:horizontal:hover {{ background: {look.colour('focus')}; }}"
        )


def _on_minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _shown(moment: datetime) -> QDateTime:
    local = moment.astimezone(CITY_ZONE)
    return QDateTime(
        QDate(local.year, local.month, local.day),
        QTime(local.hour, local.minute),
        QTimeZone(QTimeZone.Initialization.UTC),
    )
