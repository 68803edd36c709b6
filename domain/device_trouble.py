"""What is wrong with a device rather than with what it measures: invalid values, and silence (X14, T25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.exceedance import Value
from domain.sensor_rules import SensorRule, SpanRule
from domain.stations import DataFlag, DeviceTrouble


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


def is_silent(last_seen: datetime, every_seconds: int, rule: SensorRule, now: datetime) -> bool:
    """Whether a station that was last heard then should have spoken since."""
    return now - last_seen > silence_of(every_seconds, rule)


def silence_of(every_seconds: int, rule: SensorRule) -> timedelta:
    """Return how long a station that promised to speak so often may say nothing."""
    return max(timedelta(seconds=every_seconds * rule.silent_times), timedelta(minutes=rule.silent_minutes))
