"""The working calendar: which days count, make-up Saturdays and Sundays included (standards.md §2.11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class DayKind(StrEnum):
    """What a day is: the two MAKE_UP and HOLIDAY kinds are what the yearly notice says."""

    WORKING = "working"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class YearNotice:
    """The exceptions that one year's notice makes: days off on weekdays, working days at weekends."""

    year: int
    off: frozenset[date]
    working: frozenset[date]
    source: str


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of known years. A year without a notice counts Monday to Friday and is provisional.

    `office_end` is when a working-day clock ends on its last day, in `zone`.
    """

    notices: Mapping[int, YearNotice]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    office_start: time = time(9)
    office_end: time = time(18)

    def is_provisional(self, year: int) -> bool:
        """Whether the year's notice is not known, so that its days are a guess."""
        return year not in self.notices

    def kind(self, day: date) -> DayKind:
        """Return what a day is."""
        weekend = day.weekday() >= 5
        # A notice also rules on the last days of December before its year.
        for year in (day.year, day.year + 1):
            notice = self.notices.get(year)
            if notice is not None and day in notice.off:
                return DayKind.HOLIDAY
            if notice is not None and day in notice.working:
                return DayKind.MAKE_UP if weekend else DayKind.WORKING
        return DayKind.WEEKEND if weekend else DayKind.WORKING

    def is_working(self, day: date) -> bool:
        """Whether people work on this day."""
        return self.kind(day) in (DayKind.WORKING, DayKind.MAKE_UP)

    def local_day(self, moment: datetime) -> date:
        """Return the day in the city's zone that an aware moment falls on."""
        return moment.astimezone(self.zone).date()

    def end_of_office(self, day: date) -> datetime:
        """Return the moment at which office hours end on this day."""
        return datetime.combine(day, self.office_end, self.zone)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after a day.

        Raises:
            ValueError: there is none within a year.
        """
        for _ in range(366):
            day += timedelta(days=1)
            if self.is_working(day):
                return day
        raise ValueError(f"no working day within a year of {day}")


def parse_holiday_cn(values: Mapping[str, Any]) -> YearNotice | None:
    """Return the notice in a holiday-cn JSON object, or None when it carries no days yet.

    Raises:
        ValueError: the object is not of that format, or a day lies in another year.
    """
    try:
        year = int(values["year"])
        days = [(date.fromisoformat(day["date"]), day["isOffDay"]) for day in values["days"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"not a holiday-cn file (year, days[].date, days[].isOffDay): {error}") from error
    for day, off in days:
        if not isinstance(off, bool):
            raise ValueError(f"holiday-cn file of {year}: isOffDay of {day} is neither true nor false")
        if day.year not in (year - 1, year):
            raise ValueError(f"holiday-cn file of {year}: {day} lies in another year")
    if len({day for day, _ in days}) != len(days):
        raise ValueError(f"holiday-cn file of {year}: a day stands twice")
    if not days:
        return None
    return notice_of(year, days, "holiday-cn")


def notice_of(year: int, days: Iterable[tuple[date, bool]], source: str) -> YearNotice:
    """Return a notice from (day, is off) pairs."""
    pairs = list(days)
    return YearNotice(
        year,
        frozenset(day for day, off in pairs if off),
        frozenset(day for day, off in pairs if not off),
        source,
    )
