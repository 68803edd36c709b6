"""Whether the same sensor's values prove what was reported as done (Q04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from domain.exceedance import Value, fitting, judge
from domain.sensor_rules import SensorRule
from domain.stations import Limit, Span

LENGTHS: Mapping[Span, timedelta] = {
    Span.REAL_TIME: timedelta(0),
    Span.MINUTE: timedelta(minutes=1),
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
}
"""How long after the moment that a value bears its period ends: a day's value bears the day's beginning."""
LATE: Mapping[Span, timedelta] = {
    Span.REAL_TIME: timedelta(minutes=10),
    Span.MINUTE: timedelta(minutes=10),
    Span.HOUR: timedelta(minutes=30),
    Span.DAY: timedelta(hours=6),
}
"""How long after the time of proof its last values may come in; devices send a day's some time at night."""
_WHOLE = (Span.HOUR, Span.DAY)
"""Spans so long that one value may tell of before and after the rectification: only whole periods prove."""


@dataclass(frozen=True, slots=True)
class ProofTime:
    """The time whose values prove a rectification; `due` is when all of them should have come in."""

    begins: datetime
    until: datetime
    due: datetime


def proof_time(rule: SensorRule, span: Span, zone: tzinfo, rectified_at: datetime) -> ProofTime:
    """Return the time of proof of values of a span: whole hours and days of the city, one at least."""
    begins, length = rectified_at, timedelta(minutes=rule.verify_minutes)
    if span in _WHOLE:
        period, here = LENGTHS[span], rectified_at.astimezone(zone)
        hour = 0 if span is Span.DAY else here.hour
        begun = here.replace(hour=hour, minute=0, second=0, microsecond=0)
        begins = (begun if begun == here else begun + period).astimezone(UTC)
        length = -(-length // period) * period
    until = begins + length
    return ProofTime(begins, until, until + LATE[span])


@dataclass(frozen=True, slots=True)
class Proof:
    """What a sensor's values say of a rectification: so many came, so many were valid, so many beyond."""

    values: int
    valid: int
    over: int
    passed: bool


def proof_of(
    values: Sequence[Value],
    limits: Sequence[Limit],
    rule: SensorRule,
    span: Span,
    zone: tzinfo,
    time: ProofTime,
) -> Proof:
    """Judge a rectification by the same sensor's values in a time after it, in order of time (Q04).

    `values` may begin before that time: a value's interval is known by the one before it.

    Passed when they make no episode, enough of them are valid, and there never were none for so long that
    nobody knows: a device that was switched off proves nothing.
    """
    begins, until = time.begins, time.until
    judged = fitting(values, limits, zone)
    if span in _WHOLE:
        since = [value for value in judged if begins <= value.at < until]
    else:
        since = [value for value in judged if begins < value.at <= until]
    valid = [value for value in since if value.judges]
    runs = judge(since, limits, rule, span, zone, until)
    moments = [begins, *(value.at for value in valid), until]
    is_covered = all(later - one <= rule.spans[span].lost for one, later in pairwise(moments))
    enough = bool(valid) and len(valid) * 100 >= len(since) * rule.verify_percent
    over = sum(run.over for run in runs)
    return Proof(len(since), len(valid), over, not runs and enough and is_covered)
