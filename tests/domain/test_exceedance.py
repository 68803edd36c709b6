"""From values to episodes: limits by day and hour, hysteresis, flags, what is allowed a day (X14, Q04)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.device_trouble import interval_trouble_of, is_silent, trouble_of
from domain.exceedance import Run, Value, fitting, judge, limit_at, limits_of
from domain.sensor_clue import is_told
from domain.sensor_proof import ProofTime, proof_of, proof_time
from domain.sensor_rules import SPANS, SensorRule, parse_sensors
from domain.stations import DataFlag, DeviceTrouble, Limit, Span, Station, StationKind
from tests.domain.city import CITY, at

RULE = SensorRule()
START = at("2026-11-20 08:00")
DUST = Limit("dust-pm10", "a34002", Span.MINUTE, 150.0, date(2026, 1, 1), "示例", kind=StationKind.DUST)
SITE = Station(1, "dust-01", "一号工地", StationKind.DUST, "MN1", ())


def minutes(*values: float | str | None, begin: datetime = START) -> list[Value]:
    """A value each minute; a letter is a flag of an invalid one, None is a minute without any."""
    found = []
    for minute, value in enumerate(values):
        when = begin + timedelta(minutes=minute)
        if isinstance(value, str):
            found.append(Value(when, 500.0, DataFlag(value)))
        elif value is not None:
            found.append(Value(when, value))
    return found


def judged(values: list[Value], *limits: Limit, now: datetime | None = None, carried: Run | None = None):
    last = values[-1].at if values else START
    return judge(values, limits or (DUST,), RULE, Span.MINUTE, CITY, now or last, carried)


def test_three_values_open_and_three_calm_ones_end_an_episode():
    (run,) = judged(minutes(100, 151, 180, 210, 160, 149, 140, 142, 100, 90))
    assert run.began_at == START + timedelta(minutes=1)
    assert (run.over, run.peak, run.bound, run.limit) == (4, 210, 150, "dust-pm10")
    # 149 is below the limit and above 95 % of it: not calm yet.
    assert run.ended_at == START + timedelta(minutes=6)


def test_two_values_beyond_are_no_episode_and_exactly_the_limit_is_within():
    assert judged(minutes(151, 160, 100, 151, 152, 149, 153, 150, 150, 150, 150)) == ()


def test_invalid_values_never_judge_nor_count_as_calm():
    assert judged(minutes("D", "M", "F", "C", "B", "T", "S")) == ()
    (run,) = judged(minutes(200, "D", 200, "T", 200, "D", "D", "D", 100, 100))
    assert (run.over, run.ended_at) == (3, None)


def test_an_episode_ends_when_no_value_comes_any_more():
    values = minutes(200, 200, 200)
    assert judged(values)[0].ended_at is None
    (run,) = judged(values, now=values[-1].at + timedelta(minutes=121))
    assert (run.ended_at, run.lost) == (values[-1].at, True)


def test_values_far_apart_do_not_follow_one_another():
    values = [Value(START + timedelta(hours=3 * n), 200.0) for n in range(5)]
    assert judged(values) == ()


def test_one_that_comes_again_soon_goes_on_with_the_same_episode_and_a_later_one_is_new():
    calm, over = [100.0] * 60, [200.0] * 4
    (run,) = judged(minutes(*over, *calm, *over))
    assert (run.over, run.reopened, run.ended_at) == (8, 1, None)
    runs = judged(minutes(*over, *[100.0] * 180, 160.0, 300.0, 160.0))
    assert [(r.over, r.reopened, r.peak) for r in runs] == [(4, 0, 200), (3, 0, 300)]


def test_so_many_a_day_are_allowed_and_each_day_begins_anew():
    """DB13/T 2934-2019 allows two a day: the third one is an exceedance at once."""
    limit = replace(DUST, span=Span.HOUR, allowed_per_day=2)
    hours = [
        Value(at("2026-11-20 00:00") + timedelta(hours=n), v)
        for n, v in enumerate([200.0, 100, 200, 100, 100, 190, 100, 100] + [100.0] * 16 + [200, 200, 100])
    ]
    (run,) = judge(hours, (limit,), RULE, Span.HOUR, CITY, hours[-1].at)
    assert (run.began_at, run.over, run.peak) == (at("2026-11-20 05:00"), 1, 190)


def test_a_night_has_its_own_limit_past_midnight():
    """GB 12523: 70 dB by day, 55 by night, day from 6 to 22."""
    day = Limit(
        "d", "LA", Span.MINUTE, 70.0, date(2026, 1, 1), "GB 12523", from_minute=360, until_minute=1320
    )
    night = replace(day, key="n", high=55.0, from_minute=1320, until_minute=360)
    found = [
        limit_at((day, night), at(f"2026-11-20 {t}"), CITY) for t in ("05:59", "06:00", "21:59", "22:00")
    ]
    assert [limit.key for limit in found if limit] == ["n", "d", "d", "n"]
    evening = minutes(*[60.0] * 10, begin=at("2026-11-20 21:57"))
    (run,) = judged(evening, day, night)
    assert (run.began_at, run.limit) == (at("2026-11-20 22:00"), "n")


def test_the_edition_in_force_that_day_is_taken_and_the_station_s_own_goes_first():
    old = replace(DUST, key="old", effective_until=date(2026, 3, 1))
    new = replace(DUST, key="new", high=120.0, effective_from=date(2026, 3, 1))
    own = replace(DUST, key="own", high=80.0, station="dust-01", kind=None, effective_from=date(2026, 6, 1))
    other = replace(own, key="other", station="dust-02")
    limits = limits_of(SITE, "a34002", Span.MINUTE, (new, old, own, other))
    days = ("2025-12-31 23:59", "2026-02-28 23:59", "2026-03-01 00:00", "2026-06-01 00:00")
    found = [limit_at(limits, at(day), CITY) for day in days]
    assert [limit and limit.key for limit in found] == [None, "old", "new", "own"]


def test_a_value_may_be_too_low():
    """pH 6 to 9."""
    ph = Limit("ph", "w01001", Span.MINUTE, 9.0, date(2026, 1, 1), "GB 8978-1996", low=6.0)
    (run,) = judged(minutes(7, 5.5, 4.0, 5.9, 6.1, 6.1, 6.4, 6.4, 6.4), ph)
    assert (run.peak, run.bound, run.over) == (4.0, 6.0, 3)
    assert run.ended_at == START + timedelta(minutes=6)


def test_flags_say_what_the_device_needs():
    rule = SPANS[Span.MINUTE]
    assert trouble_of(minutes(1, "D", "D"), rule) is None
    found = trouble_of(minutes(1, "M", "D", "D"), rule)
    assert found is not None
    assert (found.trouble, found.since, found.flag) == (
        DeviceTrouble.INVALID,
        START + timedelta(minutes=1),
        DataFlag.FAULT,
    )
    above = trouble_of(minutes(1, "T", "T", "T"), rule)
    assert above is not None
    assert above.trouble is DeviceTrouble.ABOVE_RANGE
    assert trouble_of(minutes("D", "D", "D", 1), rule) is None


def test_silence_is_measured_by_what_a_station_promised():
    assert not is_silent(START, 60, RULE, START + timedelta(minutes=10))
    assert is_silent(START, 60, RULE, START + timedelta(minutes=10, seconds=1))
    assert not is_silent(START, 3600, RULE, START + timedelta(hours=3))


def test_the_policy_sets_the_numbers_and_a_mistake_is_named():
    assert parse_sensors({}) == RULE
    told = {"sensors": {"reopen_minutes": 5, "span": [{"span": "hour", "open_after": 2}]}}
    assert parse_sensors(told).spans[Span.HOUR].open_after == 2
    for wrong in (
        {"reopen_minutes": -1},
        {"odd": 1},
        {"span": [{"span": "year"}]},
        {"span": 3},
        {"sample": 1},
    ):
        with pytest.raises(ValueError, match="policy: sensors"):
            parse_sensors({"sensors": wrong})


def test_the_same_sensor_proves_a_rectification_or_does_not():
    """Q04: no exceedance, enough valid values, and no hours of which nobody knows."""

    def proved(*values: float | str | None, hours: float = 2) -> tuple[int, int, int, bool]:
        until = START + timedelta(hours=hours)
        time = ProofTime(START, until, until)
        found = proof_of(minutes(*values), (DUST,), RULE, Span.MINUTE, CITY, time)
        return (found.values, found.valid, found.over, found.passed)

    assert proved(*[100.0] * 121) == (120, 120, 0, True)
    assert proved(*[100.0] * 60, 160, 160, *[100.0] * 59) == (120, 120, 0, True)
    assert proved(*[100.0] * 60, 160, 160, 160, *[100.0] * 58) == (120, 120, 3, False)
    assert proved(*[100.0] * 90, *["D"] * 31) == (120, 89, 0, False)
    assert proved() == (0, 0, 0, False)
    # Switched off two hours after it was reported done.
    assert proved(*[100.0] * 121, hours=24) == (120, 120, 0, False)


def test_only_whole_days_and_hours_after_a_rectification_prove_it():
    """Q04: the day on which the work was done tells of before it, too; and a day's value comes after it."""
    time = proof_time(RULE, Span.DAY, CITY, at("2026-11-20 14:30"))
    assert (time.begins, time.until) == (at("2026-11-21 00:00"), at("2026-11-22 00:00"))
    assert time.due == at("2026-11-22 06:00")
    assert proof_time(RULE, Span.DAY, CITY, at("2026-11-20 00:00")).until == at("2026-11-21 00:00")
    hours = proof_time(replace(RULE, verify_minutes=90), Span.HOUR, CITY, at("2026-11-20 14:30"))
    assert (hours.begins, hours.until) == (at("2026-11-20 15:00"), at("2026-11-20 17:00"))
    assert hours.due == at("2026-11-20 17:30")
    minute = proof_time(RULE, Span.MINUTE, CITY, at("2026-11-20 14:30"))
    assert (minute.begins, minute.until) == (at("2026-11-20 14:30"), at("2026-11-21 14:30"))

    daily = replace(DUST, span=Span.DAY)
    days = [Value(at(f"2026-11-{day} 00:00"), value) for day, value in ((20, 300.0), (21, 90.0), (22, 300.0))]
    found = proof_of(days, (daily,), RULE, Span.DAY, CITY, time)
    assert (found.values, found.valid, found.over, found.passed) == (1, 1, 0, True)


def test_a_day_s_value_is_as_old_as_the_end_of_its_day():
    """X14: it bears the day's beginning and comes in after midnight."""
    day = at("2026-11-20 00:00")
    run = Run("daily", day, day, 1, 300.0, 150.0)
    assert is_told(run, Span.DAY, RULE, at("2026-11-21 00:20"))
    assert is_told(run, Span.DAY, RULE, at("2026-11-22 00:00"))
    assert not is_told(run, Span.DAY, RULE, at("2026-11-22 00:01"))
    assert not is_told(run, Span.MINUTE, RULE, at("2026-11-21 00:20"))


FIVE = replace(DUST, key="five", minutes=5, high=150.0)


def spaced(step: float, *values: float) -> list[Value]:
    return [Value(START + timedelta(minutes=n * step), value) for n, value in enumerate(values)]


@pytest.mark.parametrize("step", [1, 4, 6, 10, 15])
def test_a_limit_for_five_minutes_judges_no_mean_of_another_time(step: float):
    """X14: minute values are means of the time that the device is set to."""
    assert judged(spaced(step, *[400.0] * 12), FIVE) == ()
    (run,) = judged(spaced(step, *[400.0] * 12), DUST)
    assert run.over == 12


def test_a_value_s_own_time_is_known_by_the_one_before_it():
    (run,) = judged(spaced(5, *[400.0] * 6), FIVE)
    assert (run.began_at, run.over) == (START + timedelta(minutes=5), 5)
    # Nothing is known of the first one behind a hole; invalid ones lie as far apart as valid ones.
    values = [v for n, v in enumerate(spaced(5, *[400.0] * 9)) if n not in (3, 4)]
    values[1] = replace(values[1], flag=DataFlag.FAULT)
    assert [v.value is not None for v in fitting(values, (FIVE,), CITY)] == [False, True, True, False] + [
        True
    ] * 3
    # Set to another time on the way: what follows is judged by the limit that is made for it.
    ten = replace(FIVE, key="ten", minutes=10, high=100.0)
    later = [Value(START + timedelta(minutes=55 + 10 * n), 120.0) for n in range(5)]
    assert [v.value is None for v in fitting([*spaced(5, *[120.0] * 10), *later], (FIVE, ten), CITY)] == [
        True,
        *[False] * 14,
    ]
    assert [run.limit for run in judged([*spaced(5, *[120.0] * 10), *later], FIVE, ten)] == ["ten"]


@pytest.mark.parametrize(("step", "found"), [(1, True), (5, False), (10, True)])
def test_a_device_of_another_time_is_named(step: float, found: bool):
    """X14: its values are not judged; somebody has to set the device, or the limit."""
    rule = SPANS[Span.MINUTE]
    trouble = interval_trouble_of(spaced(step, *[100.0] * 4), (FIVE,), rule, CITY)
    assert (trouble is not None) is found
    if trouble is not None:
        assert (trouble.trouble, trouble.since) == (DeviceTrouble.INTERVAL, START + timedelta(minutes=step))
    assert interval_trouble_of(spaced(step, *[100.0] * 3), (FIVE,), rule, CITY) is None
    assert interval_trouble_of(spaced(step, *[100.0] * 4), (DUST,), rule, CITY) is None


def test_values_of_another_time_prove_nothing():
    """Q04: what may not be judged is not valid for a proof."""
    until = START + timedelta(hours=2)
    time = ProofTime(START, until, until)
    one, five = spaced(1, *[100.0] * 121), spaced(5, *[100.0] * 25)
    assert not proof_of(one, (FIVE,), RULE, Span.MINUTE, CITY, time).passed
    assert proof_of(one, (DUST,), RULE, Span.MINUTE, CITY, time).passed
    assert proof_of(five, (FIVE,), RULE, Span.MINUTE, CITY, time).passed
