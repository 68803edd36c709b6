"""Episodes of exceedance and devices to look at, with the words of their stations (X14, Y27)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from data_access import schema
from data_access.episodes import episode_of
from data_access.readers.episodes_then import known_then
from data_access.readers.items_then import items_then
from data_access.readers.names import read_names
from data_access.rules import Rules
from domain.environment import DeviceItemRow, EpisodeRow
from domain.stations import DataFlag, DeviceItem, DeviceTrouble, Episode, StationKind

_EPISODE = schema.episode.c
_ITEM = schema.device_item.c
_STATION = schema.station.c


def episode_then(row: Row[Any], now: datetime) -> Episode:
    """Return an episode as it was known at a moment, from a row of its table."""
    episode = episode_of(row)
    if episode.ended_at is None or episode.ended_at <= now:
        return episode
    return replace(episode, ended_at=None)


def _open_first(
    connection: Connection,
    query: Select[Any],
    columns: tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[int]],
    now: datetime,
    limit: int,
) -> list[Row[Any]]:
    """Return the rows that went on at a moment, then the others, each the latest first.

    `columns` say when one began, when it ended and its number. What is open and what began last have an index
    each: all in one would join and sort the whole table. Only what ended after a past moment is searched.
    """
    began, ended, number = columns
    ordered = query.where(began <= now).order_by(began.desc(), number.desc())

    def part(condition: ColumnElement[bool], most: int) -> list[Row[Any]]:
        return list(connection.execute(ordered.where(condition).limit(most))) if most > 0 else []

    going_on = part(ended.is_(None), limit) + part(ended > now, limit)
    found = sorted(going_on, key=lambda row: (row._mapping[began], row._mapping[number]), reverse=True)[
        :limit
    ]
    return found + part(ended <= now, limit - len(found))


def episode_rows(
    connection: Connection,
    now: datetime,
    *,
    since: datetime | None = None,
    station: int | None = None,
    limit: int = 500,
    past: Rules | None = None,
) -> tuple[EpisodeRow, ...]:
    """Return the episodes that had begun by `now`, those that go on first, then the latest.

    With `since` only those that had not ended by then, with `station` only that one's. `past`, the rules, of
    a minute that is over: only those that were known then, as they were known.
    """
    factor = schema.station_factor.c
    query: Select[Any] = select(
        schema.episode,
        _STATION.key,
        _STATION.name,
        _STATION.kind,
        _STATION.enterprise,
        factor.unit,
        schema.limit_value.c.high,
        schema.limit_value.c.low,
        schema.limit_value.c.source,
    ).select_from(
        schema.episode.join(schema.station, _STATION.number == _EPISODE.station)
        .outerjoin(
            schema.station_factor,
            and_(factor.station == _EPISODE.station, factor.factor == _EPISODE.factor),
        )
        .outerjoin(schema.limit_value, schema.limit_value.c.key == _EPISODE.limit_key)
    )
    if since is not None:
        query = query.where(or_(_EPISODE.ended_at.is_(None), _EPISODE.ended_at >= since))
    if station is not None:
        query = query.where(_EPISODE.station == station)
    columns = (_EPISODE.began_at, _EPISODE.ended_at, _EPISODE.number)
    rows = _open_first(connection, query, columns, now, limit)
    known = {row.number: episode_then(row, now) for row in rows}
    if past is not None:
        known = dict(known_then(connection, past, map(episode_of, rows), now))
        # What ended shortly before may not have been known to have.
        rows = sorted((row for row in rows if row.number in known), key=partial(_has_ended, known))
    return tuple(
        EpisodeRow(
            known[row.number],
            row.key,
            row.name,
            StationKind(row.kind),
            row.enterprise,
            row.unit or "",
            row.high,
            row.low,
            row.source or "",
        )
        for row in rows
    )


def _has_ended(known: Mapping[int, Episode], row: Row[Any]) -> bool:
    return known[row.number].ended_at is not None


def device_item_rows(
    connection: Connection, now: datetime, limit: int = 500, *, past: Rules | None = None
) -> tuple[DeviceItemRow, ...]:
    """Return the devices that somebody had to look at by `now`, the open ones first, then the latest.

    `past`, the rules, of a minute that is over: only those that were known then, as they were known.
    """
    columns = (_ITEM.opened_at, _ITEM.ended_at, _ITEM.number)
    bodies: Mapping[str, str] = read_names(connection).short_bodies
    rows = _open_first(connection, _device_items(), columns, now, limit)
    items = [_item_row(row, bodies, now) for row in rows]
    if past is not None:
        ended = items_then(connection, past, [row.number for row in rows], now)
        known = [one for one in items if one.item.number in ended]
        items = [_open_again(one) for one in known if not ended[one.item.number]]
        items += [one for one in known if ended[one.item.number]]
    return tuple(items)


def _open_again(row: DeviceItemRow) -> DeviceItemRow:
    return replace(row, item=replace(row.item, ended_at=None))


def device_item_row(connection: Connection, number: int, now: datetime) -> DeviceItemRow | None:
    """Return one device item as it stood at `now`, None where there is none of this number."""
    row = connection.execute(_device_items().where(_ITEM.number == number)).one_or_none()
    return None if row is None else _item_row(row, read_names(connection).short_bodies, now)


def _device_items() -> Select[Any]:
    return select(
        schema.device_item,
        _STATION.key,
        _STATION.name,
        _STATION.kind,
        _STATION.enterprise,
        _STATION.body,
    ).join(schema.station, _STATION.number == _ITEM.station)


def _item_row(row: Row[Any], bodies: Mapping[str, str], now: datetime) -> DeviceItemRow:
    return DeviceItemRow(
        DeviceItem(
            number=row.number,
            station=row.station,
            trouble=DeviceTrouble(row.trouble),
            opened_at=row.opened_at,
            factor=row.factor,
            flag=DataFlag(row.flag) if row.flag else None,
            ended_at=None if row.ended_at is None or row.ended_at > now else row.ended_at,
        ),
        row.key,
        row.name,
        StationKind(row.kind),
        row.enterprise,
        bodies.get(row.body, row.body or ""),
    )
