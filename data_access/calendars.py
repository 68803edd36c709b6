"""The yearly notices that are known: those of the package chinesecalendar, and imported ones on top."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from types import MappingProxyType

import chinese_calendar

from domain.calendar import YearNotice, notice_of


def notices(imported: Iterable[YearNotice] = ()) -> dict[int, YearNotice]:
    """Return all known notices by year. An imported year holds against the package's."""
    known = dict(_built_in())
    for notice in imported:
        known[notice.year] = _with_new_year(notice, known.get(notice.year))
    return known


def _with_new_year(notice: YearNotice, replaced: YearNotice | None) -> YearNotice:
    # The package files a day under its own year, a notice under the year whose New Year it belongs to:
    # 2018-12-31 was off by the notice of 2019, and an imported 2018 must not take that away.
    if replaced is None:
        return notice
    named = notice.off | notice.working
    off = {day for day in replaced.off if _around_new_year(day) and day not in named}
    working = {day for day in replaced.working if _around_new_year(day) and day not in named}
    return replace(notice, off=notice.off | off, working=notice.working | working)


def _around_new_year(day: date) -> bool:
    return day.month == 12


@cache
def _built_in() -> Mapping[int, YearNotice]:
    days: defaultdict[int, list[tuple[date, bool]]] = defaultdict(list)
    for day in chinese_calendar.constants.holidays:
        days[day.year].append((day, True))
    for day in chinese_calendar.constants.workdays:
        days[day.year].append((day, False))
    return MappingProxyType(
        {year: notice_of(year, pairs, "chinesecalendar") for year, pairs in sorted(days.items())}
    )


def holiday_name(day: date) -> str:
    """Return what the package calls a day off, such as 国庆节; empty for any other day and unknown years."""
    holiday = chinese_calendar.constants.holidays.get(day)
    return chinese_calendar.Holiday(holiday).chinese if holiday is not None else ""
