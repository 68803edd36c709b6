"""From values to episodes: which limit applied, when values went beyond it, when they came back (X14, Q04).

HJ 212-2017 has no message for an alarm: a platform compares. Only values with flag N judge; the others say
something of the device. An episode opens after some values beyond the limit, ends by itself after some on the
good side (hysteresis), and one that comes soon after another goes on with it, so that a value that flutters
about its limit is one matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Protocol

from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, Episode, Limit, Span, Station


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a station's factor; `at` as of `Sample`.

    `interval` is how long after the value before it, whatever the flag of that; None where that is not known.
    """

    at: datetime
    value: float | None
    flag: DataFlag = DataFlag.NORMAL
    interval: timedelta | None = None

    @property
    def judges(self) -> bool:
        """Whether it is held against a limit: only what is valid is."""
        return self.value is not None and self.flag is DataFlag.NORMAL


@dataclass(frozen=True, slots=True)
class Run:
    """An episode as it follows from values. `number` is the store's of one that goes on, 0 of a new one.

    `bound` is the number that its peak crossed. `resumed_at` is when it was taken up again last, with the
    peak and its bound since then, None where it was not among these values; `lost` says that it ended because
    no valid values came any more.
    """

    limit: str
    began_at: datetime
    last_over_at: datetime
    over: int
    peak: float
    bound: float
    ended_at: datetime | None = None
    reopened: int = 0
    number: int = 0
    resumed_at: datetime | None = None
    lost: bool = False
    resumed_peak: float | None = field(default=None, compare=False)
    resumed_bound: float | None = field(default=None, compare=False)


def run_of(episode: Episode, bound: float) -> Run:
    """Return an episode of the store as one that goes on; `bound` is the number that its peak crossed."""
    return Run(
        episode.limit,
        episode.began_at,
        episode.last_over_at,
        episode.over,
        episode.peak,
        bound,
        episode.ended_at,
        episode.reopened,
        episode.number,
    )


def limits_of(station: Station, factor: str, span: Span, limits: Iterable[Limit]) -> tuple[Limit, ...]:
    """Return what values of a factor can be held against: the station's own limits, before its kind's."""
    fitting = [limit for limit in limits if (limit.factor, limit.span) == (factor, span)]
    own = tuple(limit for limit in fitting if limit.station == station.key)
    return own + tuple(
        limit for limit in fitting if limit.station is None and limit.kind in (None, station.kind)
    )


def limit_at(limits: Iterable[Limit], at: datetime, zone: tzinfo) -> Limit | None:
    """Return the limit that applies at a moment, None for none.

    A station's own goes before that of its kind, one for these hours before one for all, then the newest,
    then the strictest.
    """
    here = at.astimezone(zone)
    minute = here.hour * 60 + here.minute
    fitting = [limit for limit in limits if _is_in_force(limit, here.date(), minute)]
    return min(fitting, key=_rank, default=None)


def applying(
    limits: Iterable[Limit], station: Station, factor: str, span: Span, at: datetime, zone: tzinfo
) -> Limit | None:
    """Return the limit that applies to a station's factor at a moment, None for none."""
    return limit_at(limits_of(station, factor, span, limits), at, zone)


def fits(limit: Limit, interval: timedelta | None) -> bool:
    """Whether a limit may judge a value that came so long after the one before it.

    A limit for a mean of so many minutes judges no mean of another time. HJ 212 does not say over which time
    a minute value was taken (the device's MinInterval, command 1064), but its moment is the beginning of that
    time: so values one after the other are as far apart as each of them is long.
    """
    if limit.minutes is None:
        return True
    return interval is not None and abs(interval - timedelta(minutes=limit.minutes)) < _HALF_A_MINUTE


def limit_for(limits: Iterable[Limit], value: Value, zone: tzinfo) -> Limit | None:
    """Return the limit that judges a value, None where none may."""
    return limit_at([limit for limit in limits if fits(limit, value.interval)], value.at, zone)


def fitting(values: Iterable[Value], limits: Sequence[Limit], zone: tzinfo) -> Iterable[Value]:
    """Return values in order of time with their intervals; one that no limit in force fits says nothing."""
    if all(limit.minutes is None for limit in limits):
        return values
    return _fitting(values, limits, zone)


def _fitting(values: Iterable[Value], limits: Sequence[Limit], zone: tzinfo) -> Iterator[Value]:
    before: datetime | None = None
    for value in values:
        known = value
        if value.interval is None and before is not None:
            known = replace(value, interval=value.at - before)
        before = value.at
        if known.judges and limit_for(limits, known, zone) is None and limit_at(limits, known.at, zone):
            known = replace(known, value=None)
        yield known


_HALF_A_MINUTE = timedelta(seconds=30)


def _is_in_force(limit: Limit, day: date, minute: int) -> bool:
    if limit.from_minute is not None and limit.until_minute is not None:
        begin, end = limit.from_minute, limit.until_minute
        wraps = begin > end
        inside = minute >= begin or minute < end if wraps else begin <= minute < end
        if not inside:
            return False
    if day < limit.effective_from:
        return False
    return limit.effective_until is None or day < limit.effective_until


def _rank(limit: Limit) -> tuple[bool, bool, bool, int, float, str]:
    highest = float("inf") if limit.high is None else limit.high
    newest = -limit.effective_from.toordinal()
    return (limit.station is None, limit.kind is None, limit.from_minute is None, newest, highest, limit.key)


class Bounds(Protocol):
    """Whatever has two sides that a value can cross; None where it has but one."""

    @property
    def low(self) -> float | None:
        """The least that is allowed."""

    @property
    def high(self) -> float | None:
        """The most that is allowed."""


def crossed(limit: Bounds, value: float) -> float | None:
    """Return the bound that a value is beyond, None within; exactly at a limit is within."""
    if limit.high is not None and value > limit.high:
        return limit.high
    if limit.low is not None and value < limit.low:
        return limit.low
    return None


def is_calm(limit: Limit, value: float, release_percent: int) -> bool:
    """Whether a value is far enough on the good side of a limit for an episode to end."""
    share = release_percent / 100
    if limit.high is not None and value > limit.high * share:
        return False
    return limit.low is None or value >= limit.low * (2 - share)


class Judging:
    """The fold over values in order of time: `run` is the latest episode, open or ended.

    `carried` is the episode before the values, open or ended; values that it counts already are passed over.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        rule: SensorRule,
        span: Span,
        zone: tzinfo,
        carried: Run | None = None,
    ) -> None:
        self.limits, self.rule, self.of_span, self.zone = limits, rule, rule.spans[span], zone
        self.ended: list[Run] = []
        self.run = carried
        self.begin = (carried.ended_at or carried.last_over_at) if carried is not None else None
        self.pending: Run | None = None
        self.calm: list[datetime] = []
        self.last = self.begin
        self.day: date | None = None
        self.counts: dict[str, int] = {}

    @property
    def is_open(self) -> bool:
        return self.run is not None and self.run.ended_at is None

    def feed(self, value: Value) -> None:
        """Go on by one value; what is not valid changes nothing."""
        if not value.judges:
            return
        if self.begin is not None and value.at <= self.begin:
            self.count_only(value)
        else:
            self.take(value)

    def close(self, now: datetime) -> None:
        """End what runs, if no valid value came for so long that nobody knows."""
        if self.is_open and self.last is not None and now - self.last > self.of_span.lost:
            self.lose()

    def is_quiet(self, at: datetime) -> bool:
        """Whether nothing of what was before a valid value matters to what comes from it on."""
        if self.last is not None and at - self.last > self.of_span.lost:
            self.lose()
        if self.pending is not None or self.is_open:
            return False
        return self.run is None or self.run.ended_at is None or at - self.run.ended_at > self.rule.reopen

    def count_only(self, value: Value) -> None:
        """Note a value beyond its limit that an episode has in it already, for what is allowed a day."""
        assert value.value is not None
        limit = limit_for(self.limits, value, self.zone)
        if limit is not None and crossed(limit, value.value) is not None:
            self.is_beyond_allowed(limit, value.at)

    def take(self, value: Value) -> None:
        """Go on by one valid value."""
        assert value.value is not None
        if self.last is not None and value.at - self.last > self.of_span.lost:
            self.lose()
        self.last = value.at
        limit = limit_for(self.limits, value, self.zone)
        if limit is None:
            # Nothing is forbidden now: a night's limit has ended.
            self.quieten(value.at)
            return
        bound = crossed(limit, value.value)
        if bound is not None and self.is_beyond_allowed(limit, value.at):
            self.exceed(limit, bound, value.at, value.value)
        elif bound is None and is_calm(limit, value.value, self.of_span.release_percent):
            self.quieten(value.at)
        else:
            # Between the two, or one of those that are allowed: neither opens nor ends.
            self.pending = None
            self.calm.clear()

    def is_beyond_allowed(self, limit: Limit, at: datetime) -> bool:
        """Count a value beyond a limit, and say whether more are so than are allowed a day."""
        day = at.astimezone(self.zone).date()
        if day != self.day:
            self.day, self.counts = day, {}
        self.counts[limit.key] = self.counts.get(limit.key, 0) + 1
        return self.counts[limit.key] > limit.allowed_per_day

    def exceed(self, limit: Limit, bound: float, at: datetime, value: float) -> None:
        self.calm.clear()
        if self.run is not None and self.run.ended_at is None:
            self.run = _longer(self.run, at, value, bound)
            return
        if self.pending is None:
            self.pending = Run(limit.key, at, at, 1, value, bound)
        else:
            self.pending = _longer(self.pending, at, value, bound)
        needed = 1 if limit.allowed_per_day else self.of_span.open_after
        if self.pending.over >= needed:
            self.open(self.pending)
            self.pending = None

    def open(self, new: Run) -> None:
        before = self.run
        if before is not None and before.ended_at is not None:
            if new.began_at - before.ended_at <= self.rule.reopen:
                again = _longer(before, new.last_over_at, new.peak, new.bound)
                self.run = replace(
                    again,
                    over=before.over + new.over,
                    ended_at=None,
                    reopened=before.reopened + 1,
                    resumed_at=new.began_at,
                    lost=False,
                    resumed_peak=new.peak,
                    resumed_bound=new.bound,
                )
                return
            self.ended.append(before)
        self.run = new

    def quieten(self, at: datetime) -> None:
        self.pending = None
        if not self.is_open:
            return
        self.calm.append(at)
        if len(self.calm) >= self.of_span.end_after:
            self.end(self.calm[0])

    def lose(self) -> None:
        """No valid value for so long: what was pending is over, and an episode ends with its last value."""
        self.pending = None
        if self.run is not None and self.run.ended_at is None:
            self.end(self.calm[0] if self.calm else self.run.last_over_at)
            self.run = replace(self.run, lost=True)

    def end(self, at: datetime) -> None:
        assert self.run is not None
        self.run = replace(self.run, ended_at=at)
        self.calm.clear()

    def found(self) -> tuple[Run, ...]:
        """Return all episodes, in order of time."""
        return (*self.ended, *((self.run,) if self.run is not None else ()))


def _longer(run: Run, at: datetime, value: float, bound: float) -> Run:
    farther = abs(value - bound) > abs(run.peak - run.bound)
    longer = replace(
        run,
        last_over_at=at,
        over=run.over + 1,
        peak=value if farther else run.peak,
        bound=bound if farther else run.bound,
    )
    peak, known = run.resumed_peak, run.resumed_bound
    if peak is None or known is None or abs(value - bound) <= abs(peak - known):
        return longer
    return replace(longer, resumed_peak=value, resumed_bound=bound)


def judge(
    values: Iterable[Value],
    limits: Sequence[Limit],
    rule: SensorRule,
    span: Span,
    zone: tzinfo,
    now: datetime,
    carried: Run | None = None,
) -> tuple[Run, ...]:
    """Return the episodes that values of one factor and span make, in order of time.

    `values` are in order of time. `carried` is the episode before them, open or ended: values that it counts
    already are passed over, and it is among the answer.
    """
    judging = Judging(limits, rule, span, zone, carried)
    for value in fitting(values, limits, zone):
        judging.feed(value)
    judging.close(now)
    return judging.found()
