"""How the stations stand: state, last values against the limits that apply, what is open about them (Y27)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    values,
)
from sqlalchemy import Integer as SqlInteger
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data_access import schema
from data_access.device_items import Judging, read_judging
from data_access.episodes import episode_of
from data_access.exceeding import sensor_rule
from data_access.readers.episodes_then import TOLD_AFTER, known_then
from data_access.readers.items_then import open_items_then
from data_access.readers.names import read_names
from data_access.rules import Rules
from data_access.stations import read_stations
from domain.environment import LastValue, StationRow, UnknownDevice, state_of
from domain.exceedance import applying
from domain.sensor_proof import LENGTHS
from domain.stations import (
    DataFlag,
    DeviceTrouble,
    Span,
    Station,
    StationKind,
    StationState,
)

LOOKED_BACK = timedelta(days=3)
"""A value older than this is no longer a station's last one: it has none."""
SHOWN_SPANS = (Span.REAL_TIME, Span.MINUTE, Span.HOUR)
_STATES = tuple(StationState)
_KINDS = tuple(StationKind)


def stations_mark(connection: Connection) -> str:
    """Return a text that is another one as soon as a station, an episode or a device item has moved.

    Of episodes and items it asks the newest and the open ones, which have an index each.
    """
    state, episode, item = schema.station_state.c, schema.episode.c, schema.device_item.c
    station, unknown = schema.station.c, schema.unknown_device.c
    days = func.string_agg(cast(station.retired, Text), aggregate_order_by(literal(" "), station.number))
    parts = (
        select(func.max(state.last_seen)),
        select(func.count()).select_from(schema.station),
        select(days),
        select(func.max(episode.number)),
        select(func.max(episode.last_over_at)).where(episode.ended_at.is_(None)),
        select(func.count()).where(episode.ended_at.is_(None)),
        select(func.sum(episode.number)).where(episode.ended_at.is_(None)),
        select(func.max(item.number)),
        select(func.count()).where(item.ended_at.is_(None)),
        select(func.sum(item.number)).where(item.ended_at.is_(None)),
        select(func.max(unknown.last_seen)),
        select(func.count()).select_from(schema.unknown_device),
    )
    found = connection.execute(select(*(part.scalar_subquery() for part in parts))).one()
    return "|".join(map(str, found))


def station_rows(
    connection: Connection, rules: Rules, now: datetime, *, past: bool = False
) -> tuple[StationRow, ...]:
    """Return how the stations stand at `now`, the worst first, and of one state those with a value beyond its
    limit; then in the order of kinds and of the city. One that was retired then is not among them.

    With `past` nothing is taken from what only knows the present: a station was last heard of when its
    newest reading of then came in.
    """
    today = now.astimezone(rules.calendar.zone).date()
    stations = [station for station in read_stations(connection) if station.serves(today)]
    judging = read_judging(connection, now)
    names, rule = read_names(connection), sensor_rule(rules, now)
    newest = _newest(connection, now, past=past)
    last = _last_values(newest, stations, judging, rules)
    seen = _seen_then(newest) if past else _seen(connection)
    spoke = _spoke_then(newest, now) if past else seen
    episodes = _open_episodes_then(connection, rules, now) if past else _open_episodes(connection, now)
    items = _open_items(connection, rules, now, past=past)
    rows = [
        StationRow(
            station,
            state_of(
                station,
                spoke.get(station.number),
                rule,
                now,
                exceeding=station.number in episodes,
                troubles=items.get(station.number, ()),
            ),
            seen.get(station.number),
            last.get(station.number, ()),
            len(episodes.get(station.number, ())),
            len(items.get(station.number, ())),
            names.short_body(station.body),
            names.area(station.area),
            next(filter(None, episodes.get(station.number, ())), None),
        )
        for station in stations
    ]
    return tuple(sorted(rows, key=_worst_first))


def unknown_devices(connection: Connection) -> tuple[UnknownDevice, ...]:
    """Return who sent frames and is refused, each reason of a device behind its newest one, the latest first.

    All that the store keeps: that is bounded (`MOST_UNKNOWN`).
    """
    device = schema.unknown_device
    latest = func.max(device.c.last_seen).over(partition_by=device.c.mn)
    rows = connection.execute(
        select(device).order_by(latest.desc(), device.c.mn, device.c.last_seen.desc(), device.c.reason)
    )
    found: list[UnknownDevice] = []
    for row in rows:
        again = bool(found) and found[-1].mn == row.mn
        found.append(
            UnknownDevice(
                row.mn, row.reason, row.first_seen, row.last_seen, row.frames, row.address, again=again
            )
        )
    return tuple(found)


def _worst_first(row: StationRow) -> tuple[int, bool, int]:
    # One value beyond its limit is no episode yet, but it is looked at before those that are well.
    well = row.worst is None or not row.worst.beyond
    return _STATES.index(row.state), well, _KINDS.index(row.station.kind)


def _seen(connection: Connection) -> Mapping[int, datetime]:
    state = schema.station_state.c
    return {row.station: row.last_seen for row in connection.execute(select(state.station, state.last_seen))}


def _seen_then(newest: Sequence[Row[Any]]) -> Mapping[int, datetime]:
    found: dict[int, datetime] = {}
    for row in newest:
        found[row.station] = max(found.get(row.station, row.received_at), row.received_at)
    return found


def _spoke_then(newest: Sequence[Row[Any]], now: datetime) -> Mapping[int, datetime]:
    """Return until when each station may have spoken.

    Of an older time only hours may be left: who sent one of them sent finer values until the next.
    """
    found: dict[int, datetime] = {}
    for row in newest:
        until = min(now, row.received_at + LENGTHS[Span(row.span)])
        found[row.station] = max(found.get(row.station, until), until)
    return found


def is_open(began: ColumnElement[Any], ended: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Return the condition that something goes on at the present: an index of what is open says it all."""
    return and_(began <= now, ended.is_(None))


def _open_episodes(connection: Connection, now: datetime) -> Mapping[int, Sequence[str | None]]:
    """Return the tickets of each station's open episodes, None for one without a ticket."""
    episode = schema.episode.c
    query = select(episode.station, episode.ticket).where(is_open(episode.began_at, episode.ended_at, now))
    found: dict[int, list[str | None]] = defaultdict(list)
    for station, ticket in connection.execute(query):
        found[station].append(ticket)
    return found


def _open_episodes_then(
    connection: Connection, rules: Rules, now: datetime
) -> Mapping[int, Sequence[str | None]]:
    """Return the same of a past minute: of the episodes that were known then."""
    episode = schema.episode.c
    query = select(schema.episode).where(
        episode.began_at <= now, or_(episode.ended_at.is_(None), episode.ended_at > now - TOLD_AFTER)
    )
    found: dict[int, list[str | None]] = defaultdict(list)
    known = known_then(connection, rules, map(episode_of, connection.execute(query)), now)
    for one in known.values():
        if one.ended_at is None:
            found[one.station].append(one.ticket)
    return found


def _open_items(
    connection: Connection, rules: Rules, now: datetime, *, past: bool
) -> Mapping[int, Sequence[DeviceTrouble]]:
    item = schema.device_item.c
    query = select(item.station, item.trouble).where(is_open(item.opened_at, item.ended_at, now))
    found: dict[int, list[DeviceTrouble]] = defaultdict(list)
    for row in open_items_then(connection, rules, now) if past else connection.execute(query):
        found[row.station].append(DeviceTrouble(row.trouble))
    return found


def _newest(connection: Connection, now: datetime, *, past: bool) -> Sequence[Row[Any]]:
    """Return each station's newest reading of a factor and span; of the `past` only what was there then."""
    spans = values(sql_column("span", SqlInteger), name="spans").data([(int(span),) for span in SHOWN_SPANS])
    factor, reading = schema.station_factor.c, schema.reading.c
    newest = (
        select(reading.at, reading.value, reading.flag, reading.received_at)
        .where(
            reading.station == factor.station,
            reading.factor == factor.factor,
            reading.span == spans.c.span,
            reading.at > literal(now - LOOKED_BACK),
            reading.at <= literal(now),
            *([reading.received_at <= literal(now)] if past else []),
        )
        .order_by(reading.at.desc())
        .limit(1)
        .lateral("newest")
    )
    query = select(factor.station, factor.factor, spans.c.span, *newest.c).select_from(
        schema.station_factor.join(spans, true()).join(newest, true())
    )
    return connection.execute(query).all()


def _last_values(
    newest: Sequence[Row[Any]], stations: Sequence[Station], judging: Judging, rules: Rules
) -> Mapping[int, tuple[LastValue, ...]]:
    """Return each station's last values in the order of its measures, one a factor.

    Of a factor that comes as several spans the one is taken that is judged, else the shortest.
    """
    zone = rules.calendar.zone
    known: dict[tuple[int, str], dict[Span, Any]] = defaultdict(dict)
    for row in newest:
        known[row.station, row.factor][Span(row.span)] = row
    found: dict[int, tuple[LastValue, ...]] = {}
    for station in stations:
        worded: list[LastValue] = []
        for measure in station.measures:
            rows = known.get((station.number, measure.factor))
            if rows is None:
                continue
            limits = judging.of(station.number, measure.factor)
            judged = {
                span: limit
                for span in rows
                if (limit := applying(limits, station, measure.factor, span, rows[span].at, zone))
            }
            span = next(iter(sorted(judged or rows)))
            row, limit = rows[span], judged.get(span)
            worded.append(
                LastValue(
                    measure.factor,
                    measure.unit,
                    span,
                    row.at,
                    row.value,
                    DataFlag(row.flag),
                    limit.high if limit else None,
                    limit.low if limit else None,
                )
            )
        found[station.number] = tuple(worded)
    return found
