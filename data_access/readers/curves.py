"""Values over a time, down-sampled where they lie: a year of minutes is a few hundred points on a screen.

Each point knows the least and the most of what it stands for, so no peak is lost.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Numeric,
    and_,
    extract,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import INTERVAL

from data_access import schema
from data_access.device_items import read_judging
from data_access.episodes import episode_of
from data_access.readers.back_trace import DIRECTION
from data_access.readers.episodes import episode_then
from data_access.readers.episodes_then import known_then
from data_access.rules import Rules
from data_access.stations import read_stations
from domain.environment import Curve, CurveQuery, FlagRun, Spark, StationRow, limit_steps
from domain.events import Arrived, Event, Rectified
from domain.sensor_events import SensorExceeded, SensorRecovered, SensorVerified
from domain.stations import DataFlag, Episode, Span

PERIODS = {
    Span.REAL_TIME: timedelta(seconds=30),
    Span.MINUTE: timedelta(minutes=1),
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
}
"""How far values of a span lie apart at the least; minute values are often ten minutes apart."""
ORIGIN = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(hours=8)
"""Steps begin at a midnight of the city, so that they are its hours and days."""
BEFORE = timedelta(hours=6)
"""A ticket's curve begins so long before its first value beyond the limit."""
AFTER = timedelta(hours=6)
"""It ends so long after the last thing that was heard of it or done about it."""
POINTS_ASIDE = 500
"""A curve beside a ticket is a few hundred pixels wide."""
LEVELS = ("LA", "Leq")
"""Sound levels in dB: their mean is that of the energy, as where old values are rolled up."""
HOLE = 2.5
"""A line breaks where so many steps have no value."""


def curve(
    connection: Connection, rules: Rules, query: CurveQuery, *, past: datetime | None = None
) -> Curve | None:
    """Return a factor's values over a time with what they are judged by; None without such a station.

    `query.until` also bounds what is known: later values are not there yet. At a `past` moment neither are
    those that came in after it, nor what was told after it.
    """
    station = next((s for s in read_stations(connection) if s.number == query.station), None)
    if station is None:
        return None
    unit = next((m.unit for m in station.measures if m.factor == query.factor), "")
    step = _step(query.span, query.since, query.until, query.points)
    found = Curve(query, station, unit, step=step)
    flagged = _read_points(connection, found, past)
    zone = rules.calendar.zone
    limits = read_judging(connection, query.until).of(station.number, query.factor)
    return replace(
        found,
        flags=_runs(flagged, step),
        limits=limit_steps(limits, station, query.factor, query.span, query.since, query.until, zone),
        episodes=_episodes(connection, rules, query, past),
    )


def sensor_curves(
    connection: Connection, rules: Rules, events: Iterable[Event], moment: datetime, *, past: bool = False
) -> tuple[Curve, ...]:
    """Return what the sensors measured whose exceedances came to a ticket, one curve a station and factor.

    Each begins before the first value beyond the limit, and ends some time after the last thing that was
    heard of it or done about it; at `moment` at the latest, and while it goes on. `past`: a moment that is
    over, of which nothing is taken that came in later.
    """
    told = tuple(events)
    first: dict[tuple[str, str], SensorExceeded] = {}
    for event in told:
        if isinstance(event.fact, SensorExceeded):
            first.setdefault((event.fact.station, event.fact.factor), event.fact)
    if not first:
        return ()
    episode = schema.episode.c
    numbers = [fact.episode for fact in first.values()]
    known = connection.execute(select(episode.number, episode.span).where(episode.number.in_(numbers)))
    spans = {row.number: Span(row.span) for row in known}
    stations = {station.key: station.number for station in read_stations(connection)}
    found: list[Curve] = []
    for concerned, fact in first.items():
        if fact.station not in stations:
            continue
        since = fact.began_at - BEFORE
        until = max(_told_until(told, concerned, moment), since + BEFORE)
        span = fact.span if fact.span is not None else spans.get(fact.episode, Span.MINUTE)
        query = CurveQuery(stations[fact.station], fact.factor, span, since, until, POINTS_ASIDE)
        read = curve(connection, rules, query, past=moment if past else None)
        if read is not None:
            found.append(read)
    return tuple(found)


def _told_until(events: Iterable[Event], concerned: tuple[str, str], moment: datetime) -> datetime:
    """Return until when a ticket's sensor is worth looking at."""
    open_episodes: set[int] = set()
    last = datetime.min.replace(tzinfo=UTC)
    for event in events:
        match event.fact:
            case SensorExceeded() as fact if (fact.station, fact.factor) == concerned:
                open_episodes.add(fact.episode)
            case SensorRecovered() as fact if (fact.station, fact.factor) == concerned:
                open_episodes.discard(fact.episode)
                last = max(last, fact.ended_at)
            case SensorVerified() as fact if (fact.station, fact.factor) == concerned:
                last = max(last, fact.until)
            case Arrived() | Rectified():
                last = max(last, event.at)
    return moment if open_episodes else min(moment, last + AFTER)


def sparks(
    connection: Connection,
    rules: Rules,
    rows: Sequence[StationRow],
    now: datetime,
    over: timedelta = timedelta(hours=24),
    points: int = 96,
    *,
    past: bool = False,
) -> tuple[Spark, ...]:
    """Return for each station the last hours of the factor that presses most, at `points` equal steps.

    `past`: a minute that is over, of which no value is taken that came in later.
    """
    chosen = [(row, row.worst) for row in rows]
    step = over / points
    until = ORIGIN + step * math.ceil((now - ORIGIN) / step)
    since = until - over
    series = {row.station.number: array("d", [math.nan]) * points for row, _ in chosen}
    wanted = [(row.station.number, last.factor, int(last.span)) for row, last in chosen if last is not None]
    reading = schema.reading.c
    for number, factor, span in _grouped(wanted):
        at = func.floor(extract("epoch", reading.at - literal(since)) / step.total_seconds()).label("step")
        query = (
            select(reading.station, at, _mean_of(factor))
            .where(
                reading.station.in_(number),
                reading.factor == factor,
                reading.span == span,
                reading.at >= since,
                reading.at <= now,
                reading.flag == DataFlag.NORMAL.value,
                reading.value.is_not(None),
                *([reading.received_at <= now] if past else []),
            )
            .group_by(reading.station, at)
        )
        for station, position, mean in connection.execute(query):
            if 0 <= position < points:
                series[station][int(position)] = mean
    judging, zone = read_judging(connection, now), rules.calendar.zone
    found = []
    for row, last in chosen:
        mean = series[row.station.number]
        if last is None:
            found.append(Spark(row, "", "", since, until, mean))
            continue
        limits = judging.of(row.station.number, last.factor)
        own = [one for one in limits if one.factor == last.factor and one.span is last.span]
        steps = limit_steps(own, row.station, last.factor, last.span, since, until, zone)
        found.append(Spark(row, last.factor, last.unit, since, until, mean, last.high, steps))
    return tuple(found)


def _mean_of(factor: str) -> ColumnElement[float]:
    """Return the mean of a factor's values; directions are added as vectors."""
    value = schema.reading.c.value
    if factor in LEVELS:
        # What no ear has heard is bounded, or its power would be beyond all numbers.
        level = func.least(func.greatest(value, -200.0), 200.0)
        return 10 * func.log(func.avg(func.power(10.0, level / 10.0)))
    if factor == DIRECTION:
        turned = func.atan2d(func.avg(func.sind(value)), func.avg(func.cosd(value))) + 360.0
        return func.mod(turned.cast(Numeric), 360).cast(Float)
    return func.avg(value)


def _grouped(wanted: Sequence[tuple[int, str, int]]) -> list[tuple[list[int], str, int]]:
    """Return which stations are asked for each factor and span: one query each."""
    groups: dict[tuple[str, int], list[int]] = {}
    for number, factor, span in wanted:
        groups.setdefault((factor, span), []).append(number)
    return [(numbers, factor, span) for (factor, span), numbers in groups.items()]


def _step(span: Span, since: datetime, until: datetime, points: int) -> timedelta:
    """Return how long each point lasts: whole seconds, and not less than the values lie apart."""
    seconds = math.ceil((until - since).total_seconds() / max(points, 1))
    return max(PERIODS[span], timedelta(seconds=seconds))


def _read_points(
    connection: Connection, found: Curve, past: datetime | None
) -> list[tuple[datetime, DataFlag]]:
    """Fill the curve's arrays; return at which points values were flagged, and how."""
    query, reading = found.query, schema.reading.c
    step: ColumnElement[timedelta] = literal(found.step, INTERVAL)
    start = func.date_bin(step, reading.at, literal(ORIGIN)).label("start")
    grouped = (
        select(
            start,
            reading.flag,
            _mean_of(query.factor).label("mean"),
            func.min(reading.value).label("least"),
            func.max(reading.value).label("most"),
            func.min(reading.at).label("first"),
            func.count().label("number"),
        )
        .where(
            reading.station == query.station,
            reading.factor == query.factor,
            reading.span == int(query.span),
            reading.at >= query.since,
            reading.at < query.until,
            *([reading.received_at <= past] if past is not None else []),
        )
        .group_by(start, reading.flag)
        .order_by(start)
    )
    flagged: list[tuple[datetime, DataFlag]] = []
    for row in connection.execute(grouped):
        if row.flag != DataFlag.NORMAL.value:
            flagged.append((row.start, DataFlag(row.flag)))
        elif row.mean is not None:
            # A value alone stands at its own moment, not at its step's.
            _put(found, (row.first if row.number == 1 else row.start).timestamp(), row)
    return flagged


def _put(found: Curve, at: float, row: object) -> None:
    hole = HOLE * max(found.step.total_seconds(), _usual(found))
    if found.at and at - found.at[-1] > hole:
        found.at.append((found.at[-1] + at) / 2)
        for numbers in (found.mean, found.least, found.most):
            numbers.append(math.nan)
    found.at.append(at)
    found.mean.append(row.mean)  # type: ignore[attr-defined]
    found.least.append(row.least)  # type: ignore[attr-defined]
    found.most.append(row.most)  # type: ignore[attr-defined]


def _usual(found: Curve) -> float:
    """Return how far the first values lie apart in seconds: minute values may come each ten minutes."""
    first = found.at[:8]
    return min((b - a for a, b in pairwise(first)), default=0.0)


def _runs(flagged: Sequence[tuple[datetime, DataFlag]], step: timedelta) -> tuple[FlagRun, ...]:
    runs: list[FlagRun] = []
    for at, flag in flagged:
        if runs and runs[-1].flag is flag and at - runs[-1].until <= step * HOLE:
            runs[-1] = replace(runs[-1], until=at + step)
        else:
            runs.append(FlagRun(at, at + step, flag))
    return tuple(runs)


def _episodes(
    connection: Connection, rules: Rules, query: CurveQuery, past: datetime | None
) -> tuple[Episode, ...]:
    episode = schema.episode.c
    rows = connection.execute(
        select(schema.episode)
        .where(
            and_(
                episode.station == query.station,
                episode.factor == query.factor,
                episode.began_at < query.until,
                or_(episode.ended_at.is_(None), episode.ended_at >= query.since),
            )
        )
        .order_by(episode.began_at)
    )
    if past is None:
        return tuple(episode_then(row, query.until) for row in rows)
    known = known_then(connection, rules, map(episode_of, rows), past)
    return tuple(episode for episode in known.values() if episode.began_at <= past)
