"""What the environment page shows: how stations stand, what they measured, what that is judged by (Y27)."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo
from itertools import pairwise

from domain.device_trouble import is_silent
from domain.exceedance import applying, crossed
from domain.sensor_rules import SensorRule
from domain.stations import (
    DataFlag,
    DeviceItem,
    DeviceTrouble,
    Episode,
    Limit,
    Span,
    Station,
    StationKind,
    StationState,
)

POINTS = 1500
"""A curve has at the most about so many points: more than a screen has columns."""


@dataclass(frozen=True, slots=True)
class LastValue:
    """The newest value of a factor; `high` and `low` are the limit that applied to it."""

    factor: str
    unit: str
    span: Span
    at: datetime
    value: float | None
    flag: DataFlag = DataFlag.NORMAL
    high: float | None = None
    low: float | None = None

    @property
    def beyond(self) -> bool:
        """Whether the value crosses its limit; only what is flagged normal can."""
        if self.value is None or self.flag is not DataFlag.NORMAL:
            return False
        return crossed(self, self.value) is not None

    @property
    def share(self) -> float | None:
        """How much of the limit the value takes, 1 is all of it; None where nothing can be said.

        Of a limit with two sides it is how far from its middle the value lies.
        """
        if self.value is None or not self.high or self.flag is not DataFlag.NORMAL:
            return None
        if self.low is None:
            return self.value / self.high
        half = (self.high - self.low) / 2
        return abs(self.value - self.low - half) / half if half > 0 else None


@dataclass(frozen=True, slots=True)
class StationRow:
    """How a station stands: `episodes` of exceedance and device `items` are open ones.

    `body` and `area` are names for the screen. `worst` is the value that takes the most of its limit.
    """

    station: Station
    state: StationState
    last_seen: datetime | None = None
    values: tuple[LastValue, ...] = ()
    episodes: int = 0
    items: int = 0
    body: str = ""
    area: str = ""
    ticket: str | None = None

    @property
    def worst(self) -> LastValue | None:
        """The value that is shown where there is room for one: beyond its limit, or nearest to it."""
        return max(self.values, key=_pressing, default=None)

    @property
    def telling(self) -> LastValue | None:
        """The value that says why the station stands as it does: of invalid data one that is flagged."""
        flagged = (value for value in self.values if value.flag is not DataFlag.NORMAL)
        return next(flagged, self.worst) if self.state is StationState.INVALID else self.worst


def _pressing(value: LastValue) -> tuple[bool, float]:
    share = value.share
    return value.beyond, -1.0 if share is None else share


@dataclass(frozen=True, slots=True)
class CurveQuery:
    """Values of one factor in [since, until), aware; `points` bounds how many come back."""

    station: int
    factor: str
    span: Span
    since: datetime
    until: datetime
    points: int = POINTS


@dataclass(frozen=True, slots=True)
class FlagRun:
    """A time over which the values were flagged as something else than normal."""

    since: datetime
    until: datetime
    flag: DataFlag


@dataclass(frozen=True, slots=True)
class LimitStep:
    """A time over which one limit applied."""

    since: datetime
    until: datetime
    high: float | None
    low: float | None
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Values over a time. Equally long arrays of doubles: `at` in seconds of the epoch, the rest in `unit`.

    A point is a value, or all values of a short time: `mean`, `least` and `most` of them. Only values that
    are flagged normal count; where there was none the numbers are NaN, so that a line breaks.
    """

    query: CurveQuery
    station: Station
    unit: str
    at: "array[float]" = field(default_factory=lambda: array("d"))
    mean: "array[float]" = field(default_factory=lambda: array("d"))
    least: "array[float]" = field(default_factory=lambda: array("d"))
    most: "array[float]" = field(default_factory=lambda: array("d"))
    flags: tuple[FlagRun, ...] = ()
    limits: tuple[LimitStep, ...] = ()
    episodes: tuple[Episode, ...] = ()
    step: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, eq=False)
class Spark:
    """A station's cell on the wall of small multiples: `mean` at equal steps from `since`, NaN for none.

    `high` is the limit of its last value, `limits` are those that applied meanwhile: a night has another one
    than the day. Without them `high` holds throughout.
    """

    row: StationRow
    factor: str
    unit: str
    since: datetime
    until: datetime
    mean: "array[float]"
    high: float | None = None
    limits: tuple[LimitStep, ...] = ()

    @property
    def bounds(self) -> tuple[tuple[int, int, float], ...]:
        """The upper limits over the steps: (first step, step behind the last one, limit)."""
        count = len(self.mean)
        if not self.limits:
            return () if self.high is None else ((0, count, self.high),)
        step = (self.until - self.since) / count
        found = []
        for limit in self.limits:
            first = max(0, round((limit.since - self.since) / step))
            last = min(count, round((limit.until - self.since) / step))
            if limit.high is not None and first < last:
                found.append((first, last, limit.high))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """An episode of exceedance, with the words of its station. `high` and `low` are the limit's."""

    episode: Episode
    station_key: str
    station_name: str
    kind: StationKind
    enterprise: str = ""
    unit: str = ""
    high: float | None = None
    low: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class DeviceItemRow:
    """A device that does not do its work, with the words of its station, and who first took note of that."""

    item: DeviceItem
    station_key: str
    station_name: str
    kind: StationKind
    enterprise: str = ""
    body: str = ""
    noted_by: str = ""
    noted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceCalls:
    """What devices need of people now: open items by their trouble, and who sends frames and is refused.

    `unseen` items are those that nobody has taken note of; `oldest` is one of them where there are any.
    `refused` counts devices refused lately. The wall does not see who noted what: there all are unseen.
    """

    counts: tuple[tuple[DeviceTrouble, int], ...] = ()
    unseen: int = 0
    oldest: DeviceItemRow | None = None
    refused: int = 0

    @property
    def items(self) -> int:
        """How many items are open."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class UnknownDevice:
    """Somebody who sent frames and is refused. `reason` is the receiver's word for why.

    Who is refused for several reasons stands once for each: `again` behind the newest of them.
    """

    mn: str
    reason: str
    first_seen: datetime
    last_seen: datetime
    frames: int
    address: str
    again: bool = False


def state_of(
    station: Station,
    last_seen: datetime | None,
    rule: SensorRule,
    now: datetime,
    *,
    exceeding: bool = False,
    troubles: Sequence[DeviceTrouble] = (),
) -> StationState:
    """Return how a station stands, the worst that is true of it."""
    if last_seen is None:
        return StationState.NOT_CONNECTED
    if exceeding:
        return StationState.EXCEEDING
    if DeviceTrouble.INVALID in troubles or DeviceTrouble.ABOVE_RANGE in troubles:
        return StationState.INVALID
    if DeviceTrouble.SILENT in troubles or is_silent(last_seen, station.every_seconds, rule, now):
        return StationState.SILENT
    return StationState.ONLINE


def limit_steps(
    limits: Sequence[Limit],
    station: Station,
    factor: str,
    span: Span,
    since: datetime,
    until: datetime,
    zone: tzinfo,
) -> tuple[LimitStep, ...]:
    """Return which limits applied over [since, until), in order; a time without one is left out."""
    moments = sorted({since, until, *_turns(limits, factor, span, since, until, zone)})
    steps: list[LimitStep] = []
    for begin, end in pairwise(moments):
        limit = applying(limits, station, factor, span, begin, zone)
        if limit is None:
            continue
        step = LimitStep(begin, end, limit.high, limit.low, limit.source)
        if steps and replace(steps[-1], since=begin, until=end) == step and steps[-1].until == begin:
            steps[-1] = replace(steps[-1], until=end)
        else:
            steps.append(step)
    return tuple(steps)


def _turns(
    limits: Sequence[Limit], factor: str, span: Span, since: datetime, until: datetime, zone: tzinfo
) -> set[datetime]:
    """Return when another limit may begin to apply: at a date's beginning, or at a minute of each day."""
    concerned = [limit for limit in limits if limit.factor == factor and limit.span is span]
    dates = {day for limit in concerned for day in (limit.effective_from, limit.effective_until) if day}
    found = {datetime.combine(day, time(), zone) for day in dates}
    minutes = {m for limit in concerned for m in (limit.from_minute, limit.until_minute) if m is not None}
    day = since.astimezone(zone).date()
    last = until.astimezone(zone).date()
    while minutes and day <= last:
        begin = datetime.combine(day, time(), zone)
        found |= {begin + timedelta(minutes=minute) for minute in minutes}
        day += timedelta(days=1)
    return {moment for moment in found if since < moment < until}
