"""The yearly notices that are known: those of the package chinesecalendar, and imported ones on top."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

import chinese_calendar

from domain.calendar import YearNotice, notice_of


def notices(imported: Iterable[YearNotice] = ()) -> dict[int, YearNotice]:
    """Return all known notices by year. An imported year holds against the package's."""
    return {**_built_in(), **{notice.year: notice for notice in imported}}


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
