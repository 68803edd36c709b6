"""Decisions of a meeting as rows that can be added and taken away, each with its deadline."""

from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, QTimeZone, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from domain.calendar import WorkCalendar
from domain.case_orders import MOST_NAMED
from domain.due import due_time
from domain.orders import LONGEST_NAME
from domain.policy import ClockKind, Limit
from widgets.arrow_fields import ArrowDateTimeEdit
from widgets.plain import PlainLabel
from widgets.scale import Scale

WORKING_DAYS = 5
"""A new row's deadline is so many working days away."""
MOST_SHOWN = 3
"""Rows in sight."""


class DecisionRow(QWidget):
    """What was decided, and by when it is to be done: wall-clock time of the city.

    Signals: `removed(object)`, the row itself.
    """

    removed = Signal(object)

    def __init__(self, deadline: datetime, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(self.tr("议定了什么、由谁落实"))
        self.until = ArrowDateTimeEdit(scale, self)
        # The machine's own zone and its summer time must not move it.
        zone = QTimeZone(QTimeZone.Initialization.UTC)
        self.until.setTimeZone(zone)
        self.until.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.until.setCalendarPopup(True)
        day, clock = deadline.date(), deadline.time()
        self.until.setDateTime(
            QDateTime(QDate(day.year, day.month, day.day), QTime(clock.hour, clock.minute), zone)
        )
        before = PlainLabel(self.tr("前"), self)
        self.remove = QPushButton(self.tr("删"), self)
        self.remove.setProperty("look", "small")
        self.remove.setAutoDefault(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(scale.px(8))
        row.addWidget(self.text, 1)
        for widget in (self.until, before, self.remove):
            row.addWidget(widget)
        self.setFocusProxy(self.text)
        self.remove.clicked.connect(self._ask_removal)

    def _ask_removal(self) -> None:
        self.removed.emit(self)


class DecisionRows(QWidget):
    """Rows of decisions, none at first. An empty row counts for nothing."""

    def __init__(
        self, now: datetime, calendar: WorkCalendar, scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._now, self._calendar, self._scale = now, calendar, scale
        self.rows: list[DecisionRow] = []
        self.add_button = QPushButton(self.tr("添加一项"), self)
        self.add_button.setProperty("look", "small")
        self.add_button.setAutoDefault(False)
        self._inner = QWidget(self)
        self._inner.setProperty("look", "clear")
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(scale.px(6))
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._inner)
        self._bar = QHBoxLayout()
        self._bar.addWidget(self.add_button)
        self._bar.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(scale.px(6))
        outer.addWidget(self.area)
        outer.addLayout(self._bar)
        self._most = 0
        self.area.verticalScrollBar().rangeChanged.connect(self._follow)
        self._make_room()
        self.setFocusProxy(self.add_button)
        self.add_button.clicked.connect(self.add)

    @property
    def value(self) -> tuple[tuple[str, datetime], ...]:
        """What was decided, each with its deadline, aware."""
        return tuple(
            (row.text.text().strip(), self._deadline(row)) for row in self.rows if row.text.text().strip()
        )

    @property
    def flaw(self) -> str:
        """Too long a row, or one whose day is over."""
        for number, row in enumerate(self.rows, 1):
            if len(row.text.text().strip()) > LONGEST_NAME:
                return self.tr("第 {0} 项过长，最多 {1} 字").format(number, LONGEST_NAME)
            if row.text.text().strip() and self._deadline(row) <= self._now:
                return self.tr("第 {0} 项的期限已过").format(number)
        return ""

    def add(self) -> DecisionRow:
        """Add an empty row at the end and let one type into it."""
        last = due_time(self._now, Limit(ClockKind.WORKING, working_days=WORKING_DAYS), self._calendar)
        assert last is not None
        row = DecisionRow(last.astimezone(self._calendar.zone), self._scale, self._inner)
        row.removed.connect(self._remove)
        self._column.insertWidget(len(self.rows), row)
        self.rows.append(row)
        self.add_button.setEnabled(len(self.rows) < MOST_NAMED)
        self._make_room()
        row.text.setFocus()
        return row

    def _remove(self, row: DecisionRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.deleteLater()
        self.add_button.setEnabled(True)
        self._make_room()
        (self.rows[-1] if self.rows else self.add_button).setFocus()

    def _follow(self, _least: int, most: int) -> None:
        """A new row is in sight; it has its place when the layout has given it one."""
        if most > self._most:
            self.area.verticalScrollBar().setValue(most)
        self._most = most

    def _make_room(self) -> None:
        """A form must fit the window: more rows than these scroll."""
        shown = min(len(self.rows), MOST_SHOWN)
        height = max((row.sizeHint().height() for row in self.rows), default=0)
        self.area.setVisible(bool(shown))
        self.area.setFixedHeight(shown * height + max(0, shown - 1) * self._column.spacing())

    def _deadline(self, row: DecisionRow) -> datetime:
        day, clock = row.until.date(), row.until.time()
        return datetime(
            day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=self._calendar.zone
        )
