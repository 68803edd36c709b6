# ruff: noqa: DTZ001 - the local times of a source carry no zone
"""Times as sources write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import WINDOWS_EPOCH

from desktop.imports.times import TimeReader

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05 08:07:09",
        "2026-03-05T08:07:09",
        "2026/3/5 8:07:09",
        "2026.03.05 08:07:09",
        "2026年3月5日 8时7分9秒",
        "2026年03月05日08:07:09",
        "20260305080709",
        "2026-03-05 08:07:09.000",
        "2026-03-05T08:07:09+08:00",
        "2026-03-05T00:07:09Z",
    ],
)
def test_common_ways_to_write_a_time_are_understood(text: str) -> None:
    assert TimeReader(SHANGHAI).read(text) == datetime(2026, 3, 5, 0, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-05", "2026/3/5", "2026年3月5日", "20260305"])
def test_a_day_alone_is_its_midnight_in_the_citys_zone(text: str) -> None:
    assert TimeReader(SHANGHAI).read(text) == datetime(2026, 3, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2011-02-30 10:00:00",
        "2011-13-01",
        "2026-03-05 25:00:00",
        "yesterday",
        "0",
        "2026-3",
        "46086",
        "#VALUE!",
    ],
)
def test_what_is_no_time_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="不是有效的日期时间"):
        TimeReader(SHANGHAI).read(text)


@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "9999-12-31 00:00:00", "1899-12-30"])
def test_years_beyond_all_policies_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="年份"):
        TimeReader(SHANGHAI).read(text)


def test_a_given_format_goes_before_the_usual_ones() -> None:
    reader = TimeReader(SHANGHAI, ["%d/%m/%Y %H:%M"])
    assert reader.read("05/03/2026 08:07") == datetime(2026, 3, 5, 0, 7, tzinfo=UTC)
    assert reader.read("2026-03-05 08:07:09") == datetime(2026, 3, 5, 0, 7, 9, tzinfo=UTC)


def test_serial_days_count_only_where_a_workbook_may_hold_them() -> None:
    assert TimeReader(SHANGHAI, epoch=WINDOWS_EPOCH).read("46086.33829861111") == datetime(
        2026, 3, 5, 0, 7, 9, tzinfo=UTC
    )


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    reader = TimeReader(BOSTON)
    first = reader.read("2011-11-06 01:30:00")
    assert first == datetime(2011, 11, 6, 5, 30, tzinfo=UTC)
    assert reader.second_reading(first) == datetime(2011, 11, 6, 6, 30, tzinfo=UTC)
    noon = reader.read("2011-11-06 12:00:00")
    assert reader.second_reading(noon) == noon


def test_a_time_that_never_was_is_the_moment_of_the_change() -> None:
    change = datetime(2012, 3, 11, 7, 0, tzinfo=UTC)
    for text in ("2012-03-11 02:00:00", "2012-03-11 02:00:01", "2012-03-11 02:59:59"):
        assert TimeReader(BOSTON).read(text) == change
    assert TimeReader(BOSTON).read("2012-03-11 03:00:00") == change
    assert TimeReader(BOSTON).read("2012-03-11 01:59:59") == change - timedelta(seconds=1)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), st.sampled_from([BOSTON, SHANGHAI]))
def test_the_fast_way_equals_the_zones_own_arithmetic(local: datetime, zone: ZoneInfo) -> None:
    moment = TimeReader(zone).to_utc(local)
    there = moment.astimezone(zone)
    # A local time in the gap of spring is nobody's: everything else comes back as it was written.
    assert (
        there.replace(tzinfo=None, fold=0) == local
        or there.utcoffset() != local.replace(tzinfo=zone).utcoffset()
    )


@given(st.lists(st.datetimes(datetime(2011, 1, 1), datetime(2012, 12, 31)), min_size=2, max_size=2))
def test_the_order_of_local_times_is_kept(pair: list[datetime]) -> None:
    reader = TimeReader(BOSTON)
    low, high = sorted(pair)
    assert reader.to_utc(low) <= reader.to_utc(high)


@pytest.mark.parametrize("day", [datetime(2012, 3, 11), datetime(2011, 11, 6)])
def test_the_order_is_kept_minute_by_minute_on_days_of_change(day: datetime) -> None:
    reader = TimeReader(BOSTON)
    moments = [reader.to_utc(day + timedelta(minutes=minute)) for minute in range(1440)]
    assert moments == sorted(moments)
