"""What the environment page says of a station follows from its values and limits alone (Y27)."""

from array import array
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.environment import LastValue, Spark, StationRow, limit_steps, state_of
from domain.exceedance import applying
from domain.sensor_rules import SensorRule
from domain.stations import (
    DataFlag,
    DeviceTrouble,
    Limit,
    Span,
    Station,
    StationKind,
    StationState,
)
from tests.domain.city import CITY, at

NOISE = Station(1, "noise-01", "路口", StationKind.NOISE, "MN1", ())
DAY = Limit(
    "day", "Leq", Span.MINUTE, 60.0, date(2026, 1, 1), "示例", kind=StationKind.NOISE,
    from_minute=360, until_minute=1320,
)  # fmt: skip
NIGHT = replace(DAY, key="night", high=50.0, from_minute=1320, until_minute=360)
NOW = at("2026-11-21 20:00")
RULE = SensorRule()


@pytest.mark.parametrize(
    ("seen", "exceeding", "troubles", "state"),
    [
        (None, False, (), StationState.NOT_CONNECTED),
        (NOW, False, (), StationState.ONLINE),
        (NOW, True, (DeviceTrouble.SILENT,), StationState.EXCEEDING),
        (NOW, False, (DeviceTrouble.SILENT, DeviceTrouble.ABOVE_RANGE), StationState.INVALID),
        (NOW, False, (DeviceTrouble.SILENT,), StationState.SILENT),
        (NOW - timedelta(minutes=RULE.silent_minutes), False, (), StationState.ONLINE),
        (NOW - timedelta(minutes=RULE.silent_minutes, seconds=1), False, (), StationState.SILENT),
    ],
)
def test_a_station_is_in_the_worst_state_that_is_true_of_it(
    seen: datetime | None, exceeding: bool, troubles: tuple[DeviceTrouble, ...], state: StationState
):
    assert state_of(NOISE, seen, RULE, NOW, exceeding=exceeding, troubles=troubles) is state


def test_the_limit_changes_at_the_hours_of_day_and_night():
    steps = limit_steps((DAY, NIGHT), NOISE, "Leq", Span.MINUTE, at("2026-11-20 12:00"), NOW, CITY)
    told = [(step.since.astimezone(CITY).strftime("%d %H"), step.high) for step in steps]
    assert told == [("20 12", 60.0), ("20 22", 50.0), ("21 06", 60.0)]
    assert [step.until for step in steps] == [*(step.since for step in steps[1:]), NOW]


def test_a_new_limit_applies_from_its_day_on_and_a_time_without_one_is_left_out():
    old = replace(DAY, from_minute=None, until_minute=None, effective_until=date(2026, 11, 20))
    new = replace(old, key="new", high=55.0, effective_from=date(2026, 11, 21), effective_until=None)
    steps = limit_steps((old, new), NOISE, "Leq", Span.MINUTE, at("2026-11-19 12:00"), NOW, CITY)
    assert [(step.since, step.until, step.high) for step in steps] == [
        (at("2026-11-19 12:00"), at("2026-11-20 00:00"), 60.0),
        (at("2026-11-21 00:00"), NOW, 55.0),
    ]


@given(st.integers(0, 3 * 24 * 60 - 1))
def test_at_every_minute_the_steps_say_what_the_rule_says(minute: int):
    since = at("2026-11-18 00:00")
    steps = limit_steps((DAY, NIGHT), NOISE, "Leq", Span.MINUTE, since, since + timedelta(days=3), CITY)
    moment = since + timedelta(minutes=minute)
    limit = applying((DAY, NIGHT), NOISE, "Leq", Span.MINUTE, moment, CITY)
    assert limit is not None
    assert [step.high for step in steps if step.since <= moment < step.until] == [limit.high]


def last(value: float | None, high: float | None, low: float | None = None, **other: object) -> LastValue:
    return replace(LastValue("a34002", "", Span.MINUTE, NOW, value, high=high, low=low), **other)


def test_the_value_that_presses_most_is_shown():
    near, far = last(140.0, 150.0), last(160.0, 400.0)
    acid = last(8.0, 9.0, 6.0)
    beyond = last(5.9, 9.0, 6.0)
    broken = last(900.0, 150.0, flag=DataFlag.FAULT)
    assert StationRow(NOISE, StationState.ONLINE, values=(far, near, acid)).worst is near
    assert StationRow(NOISE, StationState.ONLINE, values=(near, beyond, broken)).worst is beyond
    assert StationRow(NOISE, StationState.ONLINE).worst is None
    assert [acid.share, last(7.5, 9.0, 6.0).share, broken.share] == [pytest.approx(1 / 3), 0.0, None]
    assert [acid.beyond, beyond.beyond, broken.beyond, last(150.0, 150.0).beyond] == [
        False,
        True,
        False,
        False,
    ]


def test_a_small_curve_is_held_against_the_limit_of_each_hour() -> None:
    """A day's noise is no exceedance by the night's limit, though it is night by now."""
    since, until = at("2026-11-21 20:00"), at("2026-11-22 08:00")
    steps = limit_steps((DAY, NIGHT), NOISE, "Leq", Span.MINUTE, since, until, CITY)
    row = StationRow(NOISE, StationState.ONLINE)
    spark = Spark(row, "Leq", "dB", since, until, array("d", [55.0] * 24), 60.0, steps)
    assert spark.bounds == ((0, 4, 60.0), (4, 20, 50.0), (20, 24, 60.0))
    assert replace(spark, limits=()).bounds == ((0, 24, 60.0),)
    assert replace(spark, limits=(), high=None).bounds == ()


def test_what_is_invalid_is_told_by_the_value_that_is_flagged() -> None:
    near = LastValue("w01018", "mg/L", Span.HOUR, NOW, 39.0, high=40.0)
    fault = LastValue("w21003", "mg/L", Span.HOUR, NOW, None, DataFlag.FAULT)
    row = StationRow(NOISE, StationState.INVALID, values=(near, fault))
    assert row.telling == fault
    assert replace(row, state=StationState.ONLINE).telling == row.worst == near
    assert replace(row, values=(near,)).telling == near
    assert replace(row, values=()).telling is None
