"""Whether the same sensor's values prove what was reported as done (Q04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise

from domain.exceedance import Value, judge
from domain.sensor_rules import SensorRule
from domain.stations import Limit, Span


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
    rectified_at: datetime,
    until: datetime,
) -> Proof:
    """Judge a rectification by the same sensor's values after it, in order of time, until a moment (Q04).

    Passed when they make no episode, enough of them are valid, and there never were none for so long that
    nobody knows: a device that was switched off proves nothing.
    """
    since = [value for value in values if rectified_at < value.at <= until]
    valid = [value for value in since if value.judges]
    runs = judge(since, limits, rule, span, zone, until)
    moments = [rectified_at, *(value.at for value in valid), until]
    is_covered = all(later - one <= rule.spans[span].lost for one, later in pairwise(moments))
    enough = bool(valid) and len(valid) * 100 >= len(since) * rule.verify_percent
    over = sum(run.over for run in runs)
    return Proof(len(since), len(valid), over, not runs and enough and is_covered)
