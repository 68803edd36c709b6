"""The store's episodes and device items: read for judging, and written as the rules say (X14)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, Connection, Row, bindparam, insert, select, text, update

from data_access import schema
from data_access.readings import ToWeigh
from domain.exceedance import Run, Value
from domain.rejudging import Matched, Stretch
from domain.sensor_clue import OpenTicket
from domain.stations import DataFlag, Episode, Span, Station

Series = tuple[int, str, Span]
"""A station, a factor and a span."""


AHEAD = timedelta(hours=25)
"""How fast a device's clock may be: the receiver takes no values that are farther ahead."""


@dataclass(frozen=True, slots=True)
class Written:
    """An episode as it stands after it was written; `before` is None where it is new."""

    number: int
    run: Run
    before: Episode | None


def series_of(taken: ToWeigh) -> Series:
    """Return whose values came in."""
    return (taken.station, taken.factor, taken.span)


def episode_of(row: Row[Any]) -> Episode:
    """Return a row of the table as a record."""
    return Episode(
        row.number,
        row.station,
        row.factor,
        Span(row.span),
        row.limit_key,
        row.began_at,
        row.last_over_at,
        row.over,
        row.peak,
        row.ended_at,
        row.ticket,
        row.reopened,
    )


def episodes_within(
    connection: Connection, asked: Mapping[Series, Stretch]
) -> defaultdict[Series, list[Episode]]:
    """Return the episodes of each series that ran at any time of a stretch, in order of time."""
    found: defaultdict[Series, list[Episode]] = defaultdict(list)
    if not asked:
        return found
    told = _columns({series: stretch.since for series, stretch in asked.items()})
    told |= {"ends": [stretch.until for stretch in asked.values()]}
    for row in connection.execute(_EPISODES, told):
        episode = episode_of(row)
        found[episode.station, episode.factor, episode.span].append(episode)
    return found


def values_within(
    connection: Connection, asked: Iterable[tuple[Series, Stretch]], most: int | None = None
) -> defaultdict[Series, list[Value]]:
    """Return the values of each series that lie in its stretches, in order of time.

    Several stretches of a series do not overlap; with `most` only so many of each stretch, the first ones.
    """
    found: defaultdict[Series, list[Value]] = defaultdict(list)
    wanted = [(series, stretch) for series, stretch in asked if stretch.since <= stretch.until]
    if not wanted:
        return found
    told: dict[str, Any] = {
        "stations": [station for (station, _, _), _ in wanted],
        "factors": [factor for (_, factor, _), _ in wanted],
        "spans": [int(span) for (_, _, span), _ in wanted],
        "moments": [stretch.since for _, stretch in wanted],
        "ends": [stretch.until for _, stretch in wanted],
        "earliest": min(stretch.since for _, stretch in wanted),
        "latest": max(stretch.until for _, stretch in wanted),
        "most": most,
    }
    for station, factor, span, at, value, flag in connection.execute(_VALUES, told):
        found[station, factor, Span(span)].append(Value(at, value, DataFlag(flag)))
    for values in found.values():
        values.sort(key=_at)
    return found


def values_before(
    connection: Connection, asked: Mapping[Series, tuple[Stretch, int]]
) -> defaultdict[Series, list[Value]]:
    """Return the last so many valid values of each series in a stretch but for its end, in order of time.

    And the last of all, valid or not. Each knows how long after the value before it it came.
    """
    found: defaultdict[Series, list[Value]] = defaultdict(list)
    if not asked:
        return found
    told: dict[str, Any] = _columns({series: stretch.since for series, (stretch, _) in asked.items()}) | {
        "ends": [stretch.until for stretch, _ in asked.values()],
        "counts": [count for _, count in asked.values()],
        "earliest": min(stretch.since for stretch, _ in asked.values()),
    }
    for station, factor, span, at, value, flag, interval in connection.execute(_BEFORE, told):
        found[station, factor, Span(span)].append(Value(at, value, DataFlag(flag), interval))
    return found


def finest_spans(connection: Connection, taken: Iterable[Series], since: datetime) -> set[Series]:
    """Return those series that are the finest ones that their station sends of their factor."""
    series = sorted(set(taken))
    if not series:
        return set()
    told: dict[str, Any] = _columns(dict.fromkeys(series, since)) | {"since": since}
    return {(row.station, row.factor, Span(row.span)) for row in connection.execute(_FINEST, told)}


def lost_episodes(connection: Connection, before: datetime) -> tuple[Episode, ...]:
    """Return the open episodes whose last value beyond a limit is older than a moment."""
    episode = schema.episode
    rows = connection.execute(
        select(episode)
        .where(episode.c.ended_at.is_(None), episode.c.last_over_at < before)
        .order_by(episode.c.number)
    )
    return tuple(episode_of(row) for row in rows)


def write_episodes(connection: Connection, series: Series, matched: Matched) -> list[Written]:
    """Write what is new of a series' episodes, and remove what is gone; return those that are new or changed.

    What changed is written by `change_episodes`, for all series at once.
    """
    episode = schema.episode
    if matched.gone:
        connection.execute(episode.delete().where(episode.c.number.in_(matched.gone)))
    done: list[Written] = []
    done += [Written(before.number, run, before) for before, run in matched.changed]
    for run in matched.new:
        station, factor, span = series
        number = connection.execute(
            insert(episode)
            .values(station=station, factor=factor, span=int(span), **_columns_of(run))
            .returning(episode.c.number)
        ).scalar_one()
        done.append(Written(number, run, None))
    return done


def change_episodes(connection: Connection, rows: Iterable[Written]) -> None:
    """Write over episodes as they are now."""
    changed = [_columns_of(row.run) | {"of": row.number} for row in rows if row.before is not None]
    if changed:
        episode = schema.episode
        values: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "of"}
        statement = update(episode).where(episode.c.number == bindparam("of")).values(values)
        connection.execute(statement, changed)


def open_tickets(connection: Connection, stations: Mapping[int, Station]) -> list[OpenTicket]:
    """Return the tickets that are open, or merged into an open one, and that stations' episodes stand in."""
    return [
        OpenTicket(row.number, stations[row.station], row.received_at, row.main)
        for row in connection.execute(_OPEN_TICKETS, {"stations": sorted(stations)})
    ]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a ticket's matter is handled: itself, or the one that it is merged into; and when that closed."""

    ticket: str
    closed_at: datetime | None


def homes_of(connection: Connection, tickets: Iterable[str]) -> dict[str, Home]:
    """Return where the matters of tickets are handled, by the tickets' numbers."""
    rows = connection.execute(_HOMES, {"tickets": sorted(set(tickets))})
    return {row.number: Home(row.home, row.closed_at) for row in rows}


def name_ticket(connection: Connection, tickets: Mapping[int, str]) -> None:
    """Note in which ticket episodes stand, by their numbers."""
    episode = schema.episode
    for number, ticket in tickets.items():
        connection.execute(update(episode).where(episode.c.number == number).values(ticket=ticket))


def heard(connection: Connection, channel: str, now: datetime) -> None:
    """Note that something came in by a channel, if there is such a one."""
    connection.execute(_HEARD, {"channel": channel, "now": now})


def _columns_of(run: Run) -> dict[str, Any]:
    return {
        "limit_key": run.limit,
        "began_at": run.began_at,
        "last_over_at": run.last_over_at,
        "ended_at": run.ended_at,
        "over": run.over,
        "peak": run.peak,
        "reopened": run.reopened,
    }


def _columns(asked: Mapping[Series, datetime]) -> dict[str, Sequence[Any]]:
    return {
        "stations": [station for station, _, _ in asked],
        "factors": [factor for _, factor, _ in asked],
        "spans": [int(span) for _, _, span in asked],
        "moments": list(asked.values()),
    }


def _at(value: Value) -> datetime:
    return value.at


_MOMENTS = bindparam("moments", type_=ARRAY(TIMESTAMP(timezone=True)))
_ENDS = bindparam("ends", type_=ARRAY(TIMESTAMP(timezone=True)))
_EPISODES = text(
    """
    SELECT e.*
    FROM unnest(
            CAST(:stations AS integer[]), CAST(:factors AS text[]), CAST(:spans AS smallint[]),
            CAST(:moments AS timestamptz[]), CAST(:ends AS timestamptz[])
        ) AS asked (station, factor, span, since, until) JOIN episode AS e USING (station, factor, span)
    WHERE (e.ended_at IS NULL OR e.ended_at >= asked.since) AND e.began_at <= asked.until
    ORDER BY e.station, e.factor, e.span, e.began_at
    """
).bindparams(_MOMENTS, _ENDS)
# A lateral look for each stretch: each is a range of the primary key, in the months that it reaches into.
_VALUES = text(
    """
    SELECT r.station, r.factor, r.span, r.at, r.value, r.flag
    FROM unnest(
            CAST(:stations AS integer[]), CAST(:factors AS text[]), CAST(:spans AS smallint[]),
            CAST(:moments AS timestamptz[]), CAST(:ends AS timestamptz[])
        ) AS asked (station, factor, span, since, until) JOIN LATERAL (
        SELECT * FROM reading AS one
        WHERE one.station = asked.station AND one.factor = asked.factor AND one.span = asked.span
            AND one.at >= asked.since AND one.at <= asked.until
            AND one.at >= :earliest AND one.at <= :latest
        ORDER BY one.at
        LIMIT CAST(:most AS integer)
    ) AS r ON true
    """
).bindparams(_MOMENTS, _ENDS)
_BEFORE = text(
    """
    SELECT r.station, r.factor, r.span, r.at, r.value, r.flag, r.at - (
            SELECT max(p.at) FROM reading AS p
            WHERE p.station = r.station AND p.factor = r.factor AND p.span = r.span
                AND p.at < r.at AND p.at > r.at - interval '1 hour'
        ) AS interval
    FROM unnest(
            CAST(:stations AS integer[]), CAST(:factors AS text[]), CAST(:spans AS smallint[]),
            CAST(:moments AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:counts AS integer[])
        ) AS asked (station, factor, span, since, until, many) JOIN LATERAL (
        (
            SELECT * FROM reading AS one
            WHERE one.station = asked.station AND one.factor = asked.factor AND one.span = asked.span
                AND one.at >= asked.since AND one.at < asked.until AND one.at >= :earliest
                AND one.flag = 'N' AND one.value IS NOT NULL
            ORDER BY one.at DESC
            LIMIT asked.many
        ) UNION (
            SELECT * FROM reading AS one
            WHERE one.station = asked.station AND one.factor = asked.factor AND one.span = asked.span
                AND one.at >= asked.since AND one.at < asked.until AND one.at >= :earliest
            ORDER BY one.at DESC
            LIMIT 1
        )
    ) AS r ON true
    ORDER BY r.at
    """
).bindparams(_MOMENTS, _ENDS)
_FINEST = text(
    """
    SELECT asked.station, asked.factor, asked.span
    FROM unnest(
            CAST(:stations AS integer[]), CAST(:factors AS text[]), CAST(:spans AS smallint[])
        ) AS asked (station, factor, span)
    WHERE NOT EXISTS (
        SELECT FROM generate_series(0, asked.span - 1) AS finer (span) CROSS JOIN LATERAL (
            SELECT FROM reading AS r
            WHERE r.station = asked.station AND r.factor = asked.factor AND r.span = finer.span
                AND r.at >= :since
            LIMIT 1
        ) AS one
    )
    """
).bindparams(bindparam("since", type_=TIMESTAMP(timezone=True)))
_OPEN_TICKETS = text(
    """
    SELECT DISTINCT e.station, t.number, t.received_at, t.merged_into AS main
    FROM episode AS e JOIN ticket AS t ON t.number = e.ticket
        LEFT JOIN ticket AS m ON m.number = t.merged_into
    -- One that is merged into another is closed itself: the matter is open as long as that one is.
    WHERE e.station = ANY(CAST(:stations AS integer[])) AND m.closed_at IS NULL
        AND (t.closed_at IS NULL OR m.number IS NOT NULL)
    """
)
_HOMES = text(
    """
    SELECT t.number, coalesce(m.number, t.number) AS home,
        CASE WHEN m.number IS NULL THEN t.closed_at ELSE m.closed_at END AS closed_at
    FROM ticket AS t LEFT JOIN ticket AS m ON m.number = t.merged_into
    WHERE t.number = ANY(CAST(:tickets AS text[]))
    """
)
_HEARD = text(
    """
    INSERT INTO feed (channel, last_seen) SELECT c.key, :now FROM channel AS c WHERE c.key = :channel
    ON CONFLICT (channel) DO UPDATE SET last_seen = greatest(feed.last_seen, excluded.last_seen)
    """
).bindparams(bindparam("now", type_=TIMESTAMP(timezone=True)))
