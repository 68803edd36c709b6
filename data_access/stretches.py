"""Judges what came in of each series, and reads no more of it than that needs (X14).

A device that was away for days sends thousands of values, in many portions, while the newest ones come.
Each portion is read once, with what runs into it and out of it; `domain.rejudging` says where that begins and
ends.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection

from data_access import episodes
from data_access.episodes import Series
from domain.exceedance import Run, Value, limits_of, run_of
from domain.rejudging import (
    Matched,
    Rejudged,
    Start,
    Stretch,
    changes_nothing,
    match,
    reach_back,
    reach_on,
    rejudge,
    start_of,
    touched,
)
from domain.sensor_rules import SensorRule
from domain.stations import MINUTES, Episode, Limit, Station

VALUES = 40_000
"""New values judged in one transaction, over all series; a longer stretch is worked off in slices."""
LEAST = 200
"""Values of a series in a slice, at the least."""
INSTANT = timedelta(microseconds=1)
BEFORE = timedelta(minutes=MINUTES[-1] + 1)
"""So much is read of what came before: a minute value's own time is known by the one before it."""


@dataclass(slots=True)
class City:
    """What values are weighed with: the stations by their numbers, the limits, the rule in force.

    Of `retired` stations values may still wait from before, but nothing is opened any more.
    """

    stations: Mapping[int, Station]
    limits: Sequence[Limit]
    rule: SensorRule
    by_key: Mapping[str, Limit] = field(default_factory=dict)
    retired: frozenset[int] = frozenset()

    def bound(self, key: str, value: float) -> float:
        """Return the number of a limit that a value crossed, the value itself where that is not known."""
        limit = self.by_key.get(key)
        if limit is None:
            return value
        bounds = [bound for bound in (limit.high, limit.low) if bound is not None]
        return min(bounds, key=lambda bound: abs(bound - value), default=value)

    def limits_of(self, series: Series) -> tuple[Limit, ...]:
        """Return what a series' values can be held against."""
        station = self.stations.get(series[0])
        return limits_of(station, series[1], series[2], self.limits) if station is not None else ()


@dataclass(slots=True)
class _Work:
    """One series while it is judged: `until` is how far its values and episodes were read.

    Values before `judged_from` are only counted.
    """

    limits: tuple[Limit, ...]
    stretch: Stretch
    until: datetime
    judged_from: datetime
    cut: bool = False
    known: Sequence[Episode] = ()
    values: list[Value] = field(default_factory=list)
    judged: Rejudged = field(default_factory=lambda: Rejudged((), None))


def judge_stretches(
    connection: Connection, city: City, zone: tzinfo, stretches: Mapping[Series, Stretch], now: datetime
) -> tuple[dict[Series, Matched], dict[Series, datetime]]:
    """Judge a stretch of each series; return what is to be done to its episodes.

    And from when on a series is not judged yet, because its stretch was too long for one turn.
    """
    judging = _Stretches(connection, city, zone, now)
    left = judging.take(stretches)
    judging.judge()
    while going_on := judging.going_on():
        judging.read_on(going_on)
    return {series: judging.matched(series) for series in judging.works}, left


class _Stretches:
    """The stretches of a turn."""

    def __init__(self, connection: Connection, city: City, zone: tzinfo, now: datetime) -> None:
        self._connection, self._city, self._zone, self._now = connection, city, zone, now
        self._horizon = now + episodes.AHEAD
        self.works: dict[Series, _Work] = {}

    def take(self, stretches: Mapping[Series, Stretch]) -> dict[Series, datetime]:
        """Read what came in, and leave out what changes nothing; return where slices end."""
        rule, left = self._city.rule, dict[Series, datetime]()
        for series, stretch in stretches.items():
            if limits := self._city.limits_of(series):
                wide = touched(stretch, limits)
                wide = replace(wide, until=min(wide.until, self._horizon))
                self.works[series] = _Work(limits, wide, wide.until + reach_on(rule, series[2]), wide.since)
        if not self.works:
            return left
        most = max(LEAST, VALUES // len(self.works))
        new = episodes.values_within(
            self._connection, [(series, work.stretch) for series, work in self.works.items()], most
        )
        for series, work in self.works.items():
            work.values = new[series]
            if len(work.values) == most and work.values[-1].at < work.stretch.until:
                last = work.values[-1].at
                left[series] = last + INSTANT
                work.stretch, work.until, work.cut = replace(work.stretch, until=last), last, True
        self._read_episodes(self.works)
        self.works = {
            series: work
            for series, work in self.works.items()
            if not changes_nothing(
                work.values, work.limits, rule, series[2], work.known, work.stretch, self._zone
            )
        }
        return left

    def _read_episodes(self, asked: Collection[Series]) -> None:
        stretches = {
            series: Stretch(
                self.works[series].stretch.since - reach_back(self._city.rule, series[2]),
                self.works[series].until,
            )
            for series in asked
        }
        found = episodes.episodes_within(self._connection, stretches)
        for series in asked:
            self.works[series].known = found[series]

    def judge(self) -> None:
        """Read what is about the stretches, and judge them."""
        asked: list[tuple[Series, Stretch]] = []
        earlier: dict[Series, tuple[Stretch, int]] = {}
        for series, work in self.works.items():
            start = self._start(series)
            asked.append((series, Stretch(start.counted, work.stretch.since - INSTANT)))
            asked.append((series, Stretch(work.stretch.until + INSTANT, work.until)))
            if start.before or any(limit.minutes is not None for limit in work.limits):
                back = min(start.back, start.begin - BEFORE)
                earlier[series] = (Stretch(back, start.begin), start.before)
        before = episodes.values_before(self._connection, earlier)
        around = episodes.values_within(self._connection, asked)
        for series, work in self.works.items():
            start = self._start(series)
            follow = [value.at for value in before[series] if value.at >= start.back]
            work.judged_from = min([start.begin, *follow])
            earliest = [value for value in before[series] if value.at < start.counted]
            work.values = earliest + sorted([*around[series], *work.values], key=_at)
            self._judge(series)

    def _start(self, series: Series) -> Start:
        work = self.works[series]
        return start_of(work.known, work.limits, self._city.rule, series[2], work.stretch.since, self._zone)

    def _judge(self, series: Series) -> None:
        work, carried = self.works[series], self._start(series).carried
        work.judged = rejudge(
            work.values,
            work.limits,
            self._city.rule,
            series[2],
            self._zone,
            work.until if work.cut else self._now,
            self._run(carried),
            work.judged_from,
            work.stretch,
            work.known,
        )

    def _run(self, carried: Episode | None) -> Run | None:
        return run_of(carried, self._city.bound(carried.limit, carried.peak)) if carried is not None else None

    def going_on(self) -> list[Series]:
        """Return the series that are not as the store has them yet, and may have values farther on."""
        return [series for series, work in self.works.items() if self._goes_on(work, series)]

    def _goes_on(self, work: _Work, series: Series) -> bool:
        if work.judged.rests_at is not None or work.cut or work.until >= self._horizon:
            return False
        rule = self._city.rule
        last = next((value.at for value in reversed(work.values) if value.judges), None)
        # After so long without a value nothing of what was before matters.
        return last is not None and last >= work.until - rule.spans[series[2]].lost - rule.reopen

    def read_on(self, asked: Iterable[Series]) -> None:
        """Read as much again as was read behind each stretch, and judge it anew."""
        more: list[tuple[Series, Stretch]] = []
        for series in asked:
            work = self.works[series]
            farther = work.until + (work.until - work.stretch.until)
            more.append((series, Stretch(work.until + INSTANT, farther)))
            work.until = farther
        self._read_episodes([series for series, _ in more])
        found = episodes.values_within(self._connection, more)
        for series, _ in more:
            self.works[series].values += found[series]
            self._judge(series)

    def matched(self, series: Series) -> Matched:
        """Return what is to be done to the store's episodes of a series."""
        work, start = self.works[series], self._start(series)
        numbers = {one.number for one in (*start.known, *([start.carried] if start.carried else ()))}
        rests_at = work.judged.rests_at
        may_change = [
            one
            for one in work.known
            if one.number in numbers and (rests_at is None or one.began_at < rests_at)
        ]
        return match(work.judged.runs, may_change)


def _at(value: Value) -> datetime:
    return value.at
