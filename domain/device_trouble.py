"""What is wrong with a device rather than with what it measures: invalid values, and silence (X14, T25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from domain.exceedance import Value, fitting
from domain.sensor_rules import SensorRule, SpanRule
from domain.stations import DataFlag, DeviceTrouble, Limit


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a device since a moment, by the flags of its last values."""

    trouble: DeviceTrouble
    since: datetime
    flag: DataFlag


def trouble_of(values: Sequence[Value], rule: SpanRule) -> Trouble | None:
    """Return what the last values say of the device, None where they do not: one valid value is enough.

    `values` are in order of time. Above the measuring range is a trouble of its own: it may be an exceedance
    that the device cannot measure, so people look.
    """
    run: list[Value] = []
    for value in reversed(values):
        if value.judges:
            break
        run.append(value)
    if len(run) < rule.invalid_after:
        return None
    last, first = run[0], run[-1]
    if last.flag is DataFlag.ABOVE_RANGE:
        return Trouble(DeviceTrouble.ABOVE_RANGE, first.at, last.flag)
    return Trouble(DeviceTrouble.INVALID, first.at, last.flag)


def interval_trouble_of(
    values: Sequence[Value], limits: Sequence[Limit], rule: SpanRule, zone: tzinfo
) -> Trouble | None:
    """Return since when a device's values are means of another time than the limit that should judge them.

    `values` are the last ones, in order of time. As many as make a trouble of invalid ones must be so, one
    after the other; flagged ones, and the first, of which it is not known, say nothing.
    """
    run: list[Value] = []
    for value, judged in reversed([*zip(values, fitting(values, limits, zone), strict=True)][1:]):
        if not value.judges:
            continue
        if judged.judges:
            break
        run.append(value)
    if len(run) < rule.invalid_after:
        return None
    return Trouble(DeviceTrouble.INTERVAL, run[-1].at, run[0].flag)


def is_silent(last_seen: datetime, every_seconds: int, rule: SensorRule, now: datetime) -> bool:
    """Whether a station that was last heard then should have spoken since."""
    return now - last_seen > silence_of(every_seconds, rule)


def silence_of(every_seconds: int, rule: SensorRule) -> timedelta:
    """Return how long a station that promised to speak so often may say nothing."""
    return max(timedelta(seconds=every_seconds * rule.silent_times), timedelta(minutes=rule.silent_minutes))
