"""When a clock ends, and why: natural and working time, pauses, provisional years (product.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import DayKind, WorkCalendar
from domain.policy import ClockKind, Limit

MAX_DAYS = 3660
"""A working clock that finds no end within ten years is a calendar without working days."""


class DueSource(StrEnum):
    """Where a due time comes from. NONE: the node has no limit, and is never late."""

    POLICY = "policy"
    SOURCE = "source"
    EXTENSION = "extension"
    NONE = "none"


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
        return _natural_due(start, start + limit.duration, pauses)
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


def moved_due(
    due: datetime,
    given_at: datetime,
    limit: Limit | None,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
) -> datetime | None:
    """Return a due time that a source or an extension gave, moved on by the pauses since then.

    None while it is paused. Whoever gave the time knew of the pauses before. It moves as the node's own
    clock would: by as many working days as the pause took, or by the time it lasted.
    """
    if limit is None or limit.kind is ClockKind.NATURAL:
        return _natural_due(given_at, due, pauses)
    for pause in pauses:
        begin = max(pause.start, given_at)
        if begin >= due or (pause.end is not None and pause.end <= begin):
            continue
        if pause.end is None:
            return None
        due = _working_days_later(due, _office_ends(begin, pause.end, calendar), calendar)
    return due


def running_time(start: datetime, until: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """Return how long a clock ran between two moments, pauses taken out."""
    running = until - start
    for pause in pauses:
        standstill = min(pause.end or until, until) - max(pause.start, start)
        running -= max(standstill, timedelta(0))
    return running


def share_time(start: datetime, due: datetime, share: float, pauses: Sequence[Pause] = ()) -> datetime:
    """Return when a clock has used this share of its running time, in whole seconds of it.

    The share is of time not paused, for natural and working clocks alike: one line explains it.
    """
    used = timedelta(seconds=int(running_time(start, due, pauses).total_seconds() * share))
    if used <= timedelta(0):
        return due
    return _natural_due(start, start + used, pauses) or due


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


def _natural_due(start: datetime, due: datetime, pauses: Sequence[Pause]) -> datetime | None:
    for pause in pauses:
        if pause.start >= due or (pause.end is not None and pause.end <= start):
            continue
        if pause.end is None:
            return None
        due += pause.end - max(pause.start, start)
    return due


def _office_ends(start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    pause = Pause(start, end)
    day, last, count = calendar.local_day(start), calendar.local_day(end), 0
    while day <= last:
        count += calendar.is_working(day) and pause.covers(calendar.end_of_office(day))
        day += timedelta(days=1)
    return count


def _working_days_later(moment: datetime, days: int, calendar: WorkCalendar) -> datetime:
    local = moment.astimezone(calendar.zone)
    day = local.date()
    for _ in range(days):
        day = calendar.next_working_day(day)
    return datetime.combine(day, local.time(), calendar.zone)
