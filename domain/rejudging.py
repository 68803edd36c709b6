"""Judging goes on, or anew, when values come in: where to begin, and where all is as the store has it (X14).

Values come in order, late, or days late in thousands while the newest come, too. So what is judged is a
stretch of a series: it begins where an episode can be carried on from, and ends at the first value from which
on nothing of what came in can matter. What lies between two stretches is read by neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from domain.exceedance import Judging, Run, Value, crossed, fitting, is_calm, limit_at, run_of
from domain.sensor_rules import SensorRule
from domain.stations import MINUTES, Episode, Limit, Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of which moments values came in: the first and the last of them."""

    since: datetime
    until: datetime


def reach_back(rule: SensorRule, span: Span) -> timedelta:
    """Return how long before a stretch an episode can have ended that its values may change or go on with."""
    of_span = rule.spans[span]
    return max(of_span.open_after, of_span.end_after) * of_span.lost + rule.reopen


def reach_on(rule: SensorRule, span: Span) -> timedelta:
    """Return for how long after a stretch values are read at first: as a rule all is as it was by then."""
    return 2 * (rule.spans[span].lost + rule.reopen)


def touched(stretch: Stretch, limits: Iterable[Limit]) -> Stretch:
    """Return the stretch of what is to be judged: what came in also says how long the next value's is."""
    if all(limit.minutes is None for limit in limits):
        return stretch
    return replace(stretch, until=stretch.until + timedelta(minutes=MINUTES[-1] + 1))


def counted_from(limits: Iterable[Limit], at: datetime, zone: tzinfo) -> datetime:
    """Return from when on values are counted: what may happen some times a day, from midnight on."""
    if not any(limit.allowed_per_day for limit in limits):
        return at
    return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)


@dataclass(frozen=True)
class Start:
    """Where to begin to judge: at `begin`, with the last `before` valid values before it, not before `back`.

    Values from `counted` on until then are only counted, where some a day are allowed. `carried` is the
    episode behind which it goes on, `known` are the store's that may change besides.
    """

    begin: datetime
    before: int
    back: datetime
    counted: datetime
    carried: Episode | None
    known: tuple[Episode, ...]


def start_of(
    episodes: Sequence[Episode],
    limits: Iterable[Limit],
    rule: SensorRule,
    span: Span,
    since: datetime,
    zone: tzinfo,
) -> Start:
    """Return where to begin to judge values that came in since a moment of their own time.

    `episodes` are the store's of that series, in order of time. The last one whose values are all older goes
    on; those behind it are made anew, one that the moment lies in from its own beginning. Where no episode
    runs, no more values before can be beyond the limit one after the other than would open one.
    """
    limits, of_span = tuple(limits), rule.spans[span]
    of_any_time = all(limit.minutes is None for limit in limits)
    older = [episode for episode in episodes if episode.last_over_at < since]
    later = tuple(episode for episode in episodes if episode.last_over_at >= since)
    last = older[-1] if older else None
    if last is not None and last.ended_at is None and of_any_time:
        # It ran until then: of what followed its last value beyond, only so many matter as would end it.
        return Start(
            since, of_span.end_after, last.last_over_at, counted_from(limits, since, zone), last, later
        )
    if last is not None and (
        last.ended_at is None or last.ended_at >= since - of_span.end_after * of_span.lost or _is_lost(last)
    ):
        # What ended it is looked at again: a value in between may say otherwise.
        begin, last, before = last.last_over_at, replace(last, ended_at=None), 0
    else:
        begin, before = min([since, *(episode.began_at for episode in later)]), of_span.open_after
    counted = counted_from(limits, begin, zone)
    return Start(begin, before, begin - before * of_span.lost, counted, last, later)


def _is_lost(episode: Episode) -> bool:
    """Whether an episode ended because no values came, and not by one on the good side."""
    return episode.ended_at is not None and episode.ended_at <= episode.last_over_at


def changes_nothing(
    values: Iterable[Value],
    limits: Sequence[Limit],
    rule: SensorRule,
    span: Span,
    episodes: Sequence[Episode],
    stretch: Stretch,
    zone: tzinfo,
) -> bool:
    """Whether a stretch's values cannot change what the store says: by far the most of all.

    `episodes` are the store's that are open or ended not long before the stretch, in order of time.
    """
    last = next((one for one in reversed(episodes) if one.began_at <= stretch.until), None)
    if last is not None and (last.ended_at is None or last.ended_at >= stretch.since or _is_lost(last)):
        # It runs, or lies behind, or ended because no values came: now some came.
        return False
    percent = rule.spans[span].release_percent
    mixed = any(limit.minutes is not None for limit in limits)
    for value in values:
        if value.value is None or not value.judges:
            continue
        # Which of them fits is seen by the values before.
        judging = limits if mixed else (limit_at(limits, value.at, zone),)
        for limit in judging:
            if limit is None:
                continue
            if last is None and crossed(limit, value.value) is not None:
                return False
            if last is not None and not is_calm(limit, value.value, percent):
                return False
    return True


@dataclass(frozen=True, slots=True)
class Rejudged:
    """The episodes that values make; from `rests_at` on all is as the store has it, None: it is not yet."""

    runs: tuple[Run, ...]
    rests_at: datetime | None


def rejudge(
    values: Iterable[Value],
    limits: Sequence[Limit],
    rule: SensorRule,
    span: Span,
    zone: tzinfo,
    now: datetime,
    carried: Run | None,
    judged_from: datetime,
    stretch: Stretch,
    episodes: Iterable[Episode],
) -> Rejudged:
    """Judge a stretch with the values before and after it, as far as need be.

    Values before `judged_from` are only counted.

    It rests at a value behind the stretch where neither what is judged now nor what the store has of it
    (`episodes`, in order of time) runs, or ended so short a time ago that the next would go on with it; and
    not before the next day, where some a day are allowed.
    """
    judging = Judging(limits, rule, span, zone, carried)
    if judging.is_open and judging.last is not None:
        # No hole ended it between its last value beyond and those that are read.
        judging.last = max(judging.last, judged_from)
    store = _Standing(episodes, rule.reopen)
    counts = any(limit.allowed_per_day for limit in limits)
    day = stretch.until.astimezone(zone).date()
    for value in fitting(values, limits, zone):
        if (
            value.at > stretch.until
            and value.judges
            and not (counts and value.at.astimezone(zone).date() == day)
            and judging.is_quiet(value.at)
            and store.is_quiet(value.at)
        ):
            return Rejudged(judging.found(), value.at)
        if value.at >= judged_from:
            judging.feed(value)
        elif value.judges:
            judging.count_only(value)
    judging.close(now)
    return Rejudged(judging.found(), None)


class _Standing:
    """Until when the store's episodes matter, seen from moments that go on."""

    def __init__(self, episodes: Iterable[Episode], reopen: timedelta) -> None:
        self._left = sorted(episodes, key=_began, reverse=True)
        self._reopen = reopen
        self._runs = False
        self._until: datetime | None = None

    def is_quiet(self, at: datetime) -> bool:
        while self._left and self._left[-1].began_at < at:
            ended = self._left.pop().ended_at
            if ended is None:
                self._runs = True
            elif self._until is None or ended > self._until:
                self._until = ended
        return not self._runs and (self._until is None or at - self._until > self._reopen)


@dataclass(frozen=True)
class Matched:
    """What is to be done to the store's episodes: `new` to write, `changed` to write over, `gone` to remove.

    `gone` are numbers of those that values sent in later have shown not to be any.
    """

    new: tuple[Run, ...]
    changed: tuple[tuple[Episode, Run], ...]
    gone: tuple[int, ...]


def match(runs: Iterable[Run], known: Iterable[Episode]) -> Matched:
    """Find which episodes of the store are which of those that the values make.

    One that has a ticket is never gone: the log says that it was.
    """
    left = {episode.number: episode for episode in known}
    new: list[Run] = []
    changed: list[tuple[Episode, Run]] = []
    for run in runs:
        same = left.get(run.number) if run.number else _met(left.values(), run)
        if same is None:
            new.append(run)
            continue
        del left[same.number]
        told = replace(run, number=same.number)
        if run_of(same, run.bound) != replace(told, resumed_at=None, lost=False):
            changed.append((same, told))
    gone = tuple(sorted(number for number, episode in left.items() if episode.ticket is None))
    return Matched(tuple(new), tuple(changed), gone)


def _met(episodes: Iterable[Episode], run: Run) -> Episode | None:
    """Return the first episode that has time in common with a run."""
    met = (
        episode
        for episode in episodes
        if episode.began_at <= run.last_over_at and run.began_at <= episode.last_over_at
    )
    return min(met, key=_began, default=None)


def _began(episode: Episode) -> datetime:
    return episode.began_at
