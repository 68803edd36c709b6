"""When a clock ends, and why: natural and working time, pauses, provisional years (product.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendar import DayKind, WorkCalendar
from domain.policy import ClockKind, Limit

MAX_DAYS = 3660
"""A working clock that finds no end within ten years is a calendar without working days."""


@dataclass(frozen=True, slots=True)
class Pause:
    """An approved standstill; `end` is None while it lasts."""

    start: datetime
    end: datetime | None
    reason: str = ""

    def covers(self, moment: datetime) -> bool:
        """Whether the clock stands still up to this moment.

        A pause that begins with a moment does not cover it, and one that ends with it does: who was paused
        until the end of office had nothing of that day, who was paused from then on had all of it.
        """
        return self.start < moment and (self.end is None or moment <= self.end)


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day that a working clock looked at: its kind, whether it counted, and whether the year is a guess."""

    day: date
    kind: DayKind
    counted: bool
    provisional: bool


def due_time(
    start: datetime, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """Return when a clock of this limit ends that started then, or None while it is paused.

    A natural clock is moved on by each pause. A working clock ends with office hours of its last day; the
    day after the start is day 1, and a day at whose end of office the clock is paused does not count.
    """
    if limit.kind is ClockKind.NATURAL:
        return _natural_due(start, limit.duration, pauses)
    day = calendar.local_day(start)
    if not pauses:
        for _ in range(limit.working_days):
            day = calendar.next_working_day(day)
        return calendar.end_of_office(day)
    left = limit.working_days
    for _ in range(MAX_DAYS):
        day += timedelta(days=1)
        end = calendar.end_of_office(day)
        paused = next((pause for pause in pauses if pause.covers(end)), None)
        if paused is not None and paused.end is None:
            return None
        if paused is None and calendar.is_working(day):
            left -= 1
            if left == 0:
                return end
    raise ValueError("the calendar has no working days")


def counted_days(
    start: datetime, until: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> tuple[CountedDay, ...]:
    """Return the days from the day after the start to the last day of a working clock, each with its kind."""
    days: list[CountedDay] = []
    day, last = calendar.local_day(start), calendar.local_day(until)
    while day < last and len(days) < MAX_DAYS:
        day += timedelta(days=1)
        paused = any(pause.covers(calendar.end_of_office(day)) for pause in pauses)
        counted = calendar.is_working(day) and not paused
        days.append(CountedDay(day, calendar.kind(day), counted, calendar.is_provisional(day.year)))
    return tuple(days)


def _natural_due(start: datetime, duration: timedelta, pauses: Sequence[Pause]) -> datetime | None:
    due = start + duration
    for pause in pauses:
        if pause.start >= due or (pause.end is not None and pause.end <= start):
            continue
        if pause.end is None:
            return None
        due += pause.end - max(pause.start, start)
    return due
