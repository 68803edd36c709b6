"""Choosing a deadline: a date and time in the city's zone, with the usual ones a click away."""

from datetime import datetime, time, timedelta

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from domain.calendar import WorkCalendar
from domain.due import due_time
from domain.policy import ClockKind, Limit
from widgets.arrow_fields import ArrowDateTimeEdit
from widgets.scale import Scale

TONIGHT = time(22)
HOURS = timedelta(hours=24)
WORKING_DAYS = 3


class DeadlineEdit(QWidget):
    """A date-time edit with presets. It starts 24 hours from `now`.

    Signals: `deadline_changed()`.
    """

    deadline_changed = Signal()

    def __init__(
        self, now: datetime, calendar: WorkCalendar, scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._scale = scale
        self._now = now
        self._calendar = calendar
        self.edit = ArrowDateTimeEdit(scale, self)
        # Wall-clock time of the city: the machine's own zone and its summer time must not move it.
        self.edit.setTimeZone(QTimeZone(QTimeZone.Initialization.UTC))
        self.edit.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.edit.setCalendarPopup(True)
        self.tonight = QPushButton(self.tr("今晚 22:00"), self)
        self.hours = QPushButton(self.tr("24 小时"), self)
        self.working = QPushButton(self.tr("{0} 个工作日").format(WORKING_DAYS), self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.edit, 1)
        for button in (self.tonight, self.hours, self.working):
            button.setProperty("look", "small")
            button.setAutoDefault(False)
            self._row.addWidget(button)
        self.setFocusProxy(self.edit)
        self.tonight.clicked.connect(self._choose_tonight)
        self.hours.clicked.connect(self._choose_hours)
        self.working.clicked.connect(self._choose_working)
        self.edit.dateTimeChanged.connect(self.deadline_changed)
        tonight = self._tonight()
        self.tonight.setEnabled(tonight > now)
        self.tonight.setToolTip("" if tonight > now else self.tr("今晚 22:00 已过"))
        last = self._end_of_working_days()
        if calendar.is_provisional(last.astimezone(calendar.zone).year):
            self.working.setToolTip(self.tr("该年放假安排尚未公布，暂按周一至周五推算"))
        self._choose_hours()
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def deadline(self) -> datetime:
        """The chosen moment, aware, in the city's zone."""
        day, clock = self.edit.date(), self.edit.time()
        return datetime(
            day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=self._calendar.zone
        )

    @property
    def is_past(self) -> bool:
        """Whether the chosen moment had passed when the form was opened."""
        return self.deadline <= self._now

    def set_deadline(self, moment: datetime) -> None:
        """Choose an aware moment; seconds are dropped."""
        local = moment.astimezone(self._calendar.zone)
        self.edit.setDateTime(
            QDateTime(
                QDate(local.year, local.month, local.day),
                QTime(local.hour, local.minute),
                QTimeZone(QTimeZone.Initialization.UTC),
            )
        )

    def _tonight(self) -> datetime:
        day = self._calendar.local_day(self._now)
        return datetime.combine(day, TONIGHT, self._calendar.zone)

    def _end_of_working_days(self) -> datetime:
        due = due_time(self._now, Limit(ClockKind.WORKING, working_days=WORKING_DAYS), self._calendar)
        assert due is not None, "only a pause leaves a clock without an end"
        return due

    def _choose_tonight(self) -> None:
        self.set_deadline(self._tonight())

    def _choose_hours(self) -> None:
        self.set_deadline(self._now + HOURS)

    def _choose_working(self) -> None:
        self.set_deadline(self._end_of_working_days())

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(8))
