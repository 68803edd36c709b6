"""A limit and a unit are not written anew over days that were judged by them (X14)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.registry_changes import changed_past, changed_units
from domain.stations import Limit, Measure, Span, StationKind

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
IN_FORCE = Limit("tsp", "a34001", Span.MINUTE, 0.8, date(2020, 1, 1), "示例", kind=StationKind.DUST)


@pytest.mark.parametrize(
    "change",
    [
        {"high": 1.0},
        {"low": 0.1},
        {"allowed_per_day": 2},
        {"minutes": 15},
        {"from_minute": 0, "until_minute": 360},
        {"span": Span.HOUR},
        {"factor": "a34002"},
        {"kind": None, "station": "dust-01"},
        {"effective_from": date(2021, 1, 1)},
        {"effective_from": TODAY, "high": 1.0},
        {"effective_until": TODAY - DAY},
    ],
)
def test_what_days_were_judged_by_stays(change: dict[str, Any]):
    assert set(changed_past(IN_FORCE, replace(IN_FORCE, **change), TODAY)) == set(change)


def test_a_limit_can_be_named_better_and_ended_from_today_on():
    for change in (
        {"source": "DB21/2642-2016"},
        {"effective_until": TODAY},
        {"effective_until": TODAY + DAY},
    ):
        assert changed_past(IN_FORCE, replace(IN_FORCE, **change), TODAY) == ()
    ends = replace(IN_FORCE, effective_until=TODAY + DAY)
    assert changed_past(ends, IN_FORCE, TODAY) == ()
    ended = replace(IN_FORCE, effective_until=TODAY - DAY)
    assert changed_past(ended, ended, TODAY) == ()
    assert changed_past(ended, IN_FORCE, TODAY) == ("effective_until",)


def test_what_is_to_come_can_change_but_not_begin_in_the_past():
    coming = replace(IN_FORCE, effective_from=TODAY + DAY)
    assert changed_past(coming, replace(coming, high=1.0, effective_from=TODAY + 9 * DAY), TODAY) == ()
    assert changed_past(coming, replace(coming, effective_from=TODAY - DAY), TODAY) == ("effective_from",)
    # What began today has judged since midnight.
    assert changed_past(replace(coming, effective_from=TODAY), replace(coming, high=1.0), TODAY) == (
        "high",
        "effective_from",
    )


def test_another_unit_is_another_thing_but_not_another_sign_for_it():
    known = (Measure("a34002", "µg/m³"), Measure("LA", "dB"))
    assert changed_units(known, (Measure("a34002", "μg/m3", 1000.0), Measure("a34001", "mg/m³"))) == ()
    ((old, new),) = changed_units(known, (Measure("a34002", "mg/m³"), Measure("LA", "dB")))
    assert (old.unit, new.unit) == ("µg/m³", "mg/m³")
