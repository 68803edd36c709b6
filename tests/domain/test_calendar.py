"""The working calendar against the published notices (standards.md 2.11) and twenty years of days."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.calendars import notices
from domain.calendar import DayKind, WorkCalendar, notice_of, parse_holiday_cn
from domain.due import counted_days, due_time
from domain.policy import parse_limit
from tests.domain.city import CALENDAR, CITY, at

OFF_2026 = [
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
]
MAKE_UP_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def holiday_cn(shared_data: Path, year: int) -> dict[str, object]:
    values: dict[str, object] = json.loads(
        (shared_data / "calendar" / f"holiday-cn_{year}.json").read_text("utf-8")
    )
    return values


def test_every_day_of_twenty_years(shared_data: Path) -> None:
    with (shared_data / "calendar" / "workdays_2007_2026.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    wrong = [
        row["date"]
        for row in rows
        if CALENDAR.is_working(date.fromisoformat(row["date"])) != (row["is_workday_holiday_cn"] == "1")
    ]
    assert len(rows) == 7305
    assert wrong == []


def test_the_notice_of_2026() -> None:
    for first, last in OFF_2026:
        day = date.fromisoformat(f"2026-{first}")
        while day <= date.fromisoformat(f"2026-{last}"):
            assert CALENDAR.kind(day) is DayKind.HOLIDAY, day
            day += timedelta(days=1)
    make_up = [d for d in days_of(2026) if CALENDAR.kind(d) is DayKind.MAKE_UP]
    assert [day.strftime("%m-%d") for day in make_up] == MAKE_UP_2026


def days_of(year: int) -> list[date]:
    return [
        date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]


def test_an_imported_2026_equals_the_package(shared_data: Path) -> None:
    notice = parse_holiday_cn(holiday_cn(shared_data, 2026))
    assert notice is not None
    imported = WorkCalendar({2026: notice})
    assert [imported.kind(d) for d in days_of(2026)] == [CALENDAR.kind(d) for d in days_of(2026)]


def test_a_year_whose_notice_is_not_out_stays_provisional(shared_data: Path) -> None:
    assert parse_holiday_cn(holiday_cn(shared_data, 2027)) is None
    assert CALENDAR.is_provisional(2027)
    assert not CALENDAR.is_provisional(2026)


def test_a_notice_rules_on_the_last_days_of_the_year_before() -> None:
    notice = parse_holiday_cn(
        {
            "year": 2027,
            "days": [
                {"name": "元旦", "date": "2026-12-31", "isOffDay": True},
                {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
            ],
        }
    )
    assert notice is not None
    calendar = WorkCalendar(notices([notice]))
    assert calendar.kind(date(2026, 12, 31)) is DayKind.HOLIDAY
    assert calendar.kind(date(2027, 1, 3)) is DayKind.MAKE_UP
    assert not calendar.is_provisional(2027)


def test_an_imported_year_does_not_take_away_the_new_year_of_the_next() -> None:
    # Mon 2018-12-31 was off, and Sat 2018-12-29 worked, by the notice of 2019.
    spring = [(date(2018, 2, 15) + timedelta(days=n), True) for n in range(7)]
    calendar = WorkCalendar(notices([notice_of(2018, spring, "holiday-cn")]))
    assert calendar.kind(date(2018, 12, 31)) is DayKind.HOLIDAY
    assert calendar.kind(date(2018, 12, 29)) is DayKind.MAKE_UP
    assert calendar.kind(date(2018, 10, 1)) is DayKind.WORKING  # an imported year holds otherwise


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "year"),
        ({"year": 2026}, "days"),
        ({"year": 2026, "days": [{"date": "2026-02-30", "isOffDay": True}]}, "day is out of range"),
        ({"year": 2026, "days": [{"date": "2026-02-03"}]}, "isOffDay"),
        ({"year": 2026, "days": [{"date": "2026-02-03", "isOffDay": "false"}]}, "2026-02-03"),
        ({"year": 2026, "days": [{"date": "2024-02-03", "isOffDay": True}]}, "2024-02-03"),
        ({"year": 2026, "days": [{"date": "2026-02-03", "isOffDay": True}] * 2}, "twice"),
        ([], "not a holiday-cn file"),
    ],
)
def test_a_faulty_holiday_file_is_refused_by_name(values: object, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_holiday_cn(values)  # type: ignore[arg-type]


def test_five_working_days_over_a_make_up_sunday() -> None:
    start = at("2026-09-17 16:00")
    due = due_time(start, parse_limit("5 wd"), CALENDAR, ())
    assert due == at("2026-09-23 18:00")
    days = counted_days(start, due, CALENDAR, ())
    assert [(d.day.day, d.kind) for d in days if d.counted] == [
        (18, DayKind.WORKING),
        (20, DayKind.MAKE_UP),
        (21, DayKind.WORKING),
        (22, DayKind.WORKING),
        (23, DayKind.WORKING),
    ]
    assert [d.day.day for d in days if not d.counted] == [19]


def test_a_revisit_before_the_spring_festival_is_due_on_the_make_up_saturday() -> None:
    due = due_time(at("2026-02-13 11:00"), parse_limit("1 wd"), CALENDAR, ())
    assert due == at("2026-02-14 18:00")


def test_the_day_of_receipt_is_the_citys_not_utcs() -> None:
    # 00:30 on Friday the 18th in the city is still Thursday the 17th in UTC, and the other way round.
    assert due_time(at("2026-09-18 00:30"), parse_limit("1 wd"), CALENDAR) == at("2026-09-20 18:00")
    assert due_time(at("2026-09-17 23:59"), parse_limit("1 wd"), CALENDAR) == at("2026-09-18 18:00")
    in_utc = datetime(2026, 9, 17, 16, 30, tzinfo=UTC)
    assert in_utc == at("2026-09-18 00:30")
    assert due_time(in_utc, parse_limit("1 wd"), CALENDAR) == at("2026-09-20 18:00")


def test_a_receipt_on_a_day_off_counts_from_the_next_working_day() -> None:
    assert due_time(at("2026-10-03 09:00"), parse_limit("1 wd"), CALENDAR) == at("2026-10-08 18:00")


def test_a_clock_into_an_unpublished_year_says_so() -> None:
    start = at("2026-12-29 10:00")
    due = due_time(start, parse_limit("5 wd"), CALENDAR)
    assert due is not None
    days = counted_days(start, due, CALENDAR)
    assert [day.day for day in days if day.provisional] == [day.day for day in days if day.day.year == 2027]
    assert any(day.provisional for day in days)


EARLIEST, LATEST = datetime(2007, 1, 1), datetime(2026, 11, 30)  # noqa: DTZ001 - Hypothesis adds the zone
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(CITY))


@given(MOMENTS, st.integers(1, 20))
def test_the_explanation_counts_exactly_the_days_of_the_limit(start: datetime, amount: int) -> None:
    due = due_time(start, parse_limit(f"{amount} wd"), CALENDAR)
    assert due is not None
    days = counted_days(start, due, CALENDAR)
    assert sum(day.counted for day in days) == amount
    assert days[-1].counted
    assert days[0].day == start.date() + timedelta(days=1)
    assert due.astimezone(CITY).time() == CALENDAR.office_end
    assert all(day.counted == (day.kind in (DayKind.WORKING, DayKind.MAKE_UP)) for day in days)


@given(MOMENTS, st.integers(1, 20))
def test_a_zone_does_not_change_a_due_time(start: datetime, amount: int) -> None:
    limit = parse_limit(f"{amount} wd")
    assert due_time(start, limit, CALENDAR) == due_time(start.astimezone(UTC), limit, CALENDAR)


def test_a_calendar_without_working_days_is_refused() -> None:
    empty = {
        year: notice_of(year, [(day, True) for day in days_of(year)], "nothing") for year in (2026, 2027)
    }
    with pytest.raises(ValueError, match="no working day"):
        due_time(at("2026-01-05 09:00"), parse_limit("1 wd"), WorkCalendar(empty))
