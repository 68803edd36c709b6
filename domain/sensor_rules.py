"""When values become a matter: the policy's table [sensors], with a [[sensors.span]] for each kind of value.

No source states these numbers: they are 示例, which a version of the policy changes (X14, Q04). HJ 212-2017
only says that data with flag N are valid ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from domain.stations import Span


@dataclass(frozen=True, slots=True)
class SpanRule:
    """How values of one span are judged.

    An episode opens with so many valid values beyond the limit one after the other, and ends with so many on
    the good side of `release_percent` of it (hysteresis). Valid values farther apart than `lost_minutes` do
    not follow one another, and an episode without any for so long ends. So many invalid values one after the
    other make somebody look at the device.
    """

    open_after: int = 3
    end_after: int = 3
    release_percent: int = 95
    lost_minutes: int = 120
    invalid_after: int = 3

    @property
    def lost(self) -> timedelta:
        """`lost_minutes` as a length of time."""
        return timedelta(minutes=self.lost_minutes)


SPANS: Mapping[Span, SpanRule] = {
    Span.REAL_TIME: SpanRule(open_after=5, end_after=5, lost_minutes=60, invalid_after=5),
    Span.MINUTE: SpanRule(),
    Span.HOUR: SpanRule(open_after=1, end_after=1, release_percent=100, lost_minutes=360, invalid_after=1),
    Span.DAY: SpanRule(open_after=1, end_after=1, release_percent=100, lost_minutes=4320, invalid_after=1),
}


@dataclass(frozen=True, slots=True)
class SensorRule:
    """What makes a clue of values, and when it joins another.

    An exceedance within `reopen_minutes` of an episode's end goes on with that episode. One of an enterprise
    joins the open ticket of another of its stations that came in within `group_minutes`, if that station is
    within `group_metres`. What ended longer than `told_minutes` ago, as data sent in later, makes nobody go
    there. A value of at least `first_percent` of its limit makes the ticket a matter of the first urgency.

    A station is silent after `silent_times` of the time in which it promised to speak, and `silent_minutes`
    at the least. Rectification is proved by `verify_minutes` of the same sensor's values, `verify_percent` of
    them valid and none of them an exceedance.
    """

    reopen_minutes: int = 120
    group_minutes: int = 1440
    group_metres: int = 1000
    told_minutes: int = 1440
    first_percent: int = 200
    silent_times: int = 3
    silent_minutes: int = 10
    verify_minutes: int = 1440
    verify_percent: int = 75
    sample: bool = True
    spans: Mapping[Span, SpanRule] = field(default_factory=lambda: dict(SPANS))

    @property
    def reopen(self) -> timedelta:
        """`reopen_minutes` as a length of time."""
        return timedelta(minutes=self.reopen_minutes)


_YEAR = 525_600
_RANGES = {
    "reopen_minutes": (0, _YEAR),
    "group_minutes": (0, _YEAR),
    "group_metres": (0, 100_000),
    "told_minutes": (1, _YEAR),
    "first_percent": (100, 10_000),
    "silent_times": (1, 1000),
    "silent_minutes": (1, _YEAR),
    "verify_minutes": (1, _YEAR),
    "verify_percent": (1, 100),
    "open_after": (1, 1000),
    "end_after": (1, 1000),
    "release_percent": (1, 100),
    "lost_minutes": (1, _YEAR),
    "invalid_after": (1, 1000),
}


def parse_sensors(values: Mapping[str, Any]) -> SensorRule:
    """Return the rule of the policy's table [sensors]; what it leaves out is as in older versions.

    Raises:
        ValueError: something does not fit; the message names the field.
    """
    where = "policy: sensors"
    written = values.get("sensors", {})
    if not isinstance(written, Mapping):
        raise ValueError(f"{where} is a table, [sensors]")
    tables = written.get("span", [])
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise ValueError(f"{where}: span is a list of tables, [[sensors.span]]")
    spans = dict(SPANS)
    for table in tables:
        span = _span(table, where)
        spans[span] = replace(spans[span], **_numbers(table, {"span"}, SpanRule(), f"{where}: span"))
    sample = written.get("sample", True)
    if not isinstance(sample, bool):
        raise ValueError(f"{where}: sample is true or false, not {sample!r}")
    numbers: dict[str, Any] = {**_numbers(written, {"span", "sample"}, SensorRule(), where)}
    return SensorRule(**numbers, sample=sample, spans=spans)


def _span(table: Mapping[str, Any], where: str) -> Span:
    try:
        return Span[str(table.get("span", "")).upper()]
    except KeyError as error:
        known = ", ".join(span.name.lower() for span in Span)
        raise ValueError(f"{where}: span: span is one of {known}") from error


def _numbers(
    table: Mapping[str, Any], others: set[str], default: SpanRule | SensorRule, where: str
) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in table.items():
        if name in others:
            continue
        if name not in _RANGES or name not in type(default).__dataclass_fields__:
            raise ValueError(f"{where}: {name} is no field of it")
        least, most = _RANGES[name]
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{where}: {name} is a whole number from {least} to {most}, not {value!r}")
        found[name] = value
    return found
