"""Episodes of exceedance and devices to look at, with the words of their stations (X14, Y27)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, or_, select

from data_access import schema
from data_access.readers.names import read_names
from domain.environment import DeviceItemRow, EpisodeRow
from domain.stations import DataFlag, DeviceItem, DeviceTrouble, Episode, Span, StationKind

_EPISODE = schema.episode.c
_ITEM = schema.device_item.c
_STATION = schema.station.c


def episode_of(row: Row[Any], now: datetime) -> Episode:
    """Return an episode as it was known at a moment, from a row of its table."""
    ended = row.ended_at
    return Episode(
        number=row.number,
        station=row.station,
        factor=row.factor,
        span=Span(row.span),
        limit=row.limit_key,
        began_at=row.began_at,
        last_over_at=row.last_over_at,
        over=row.over,
        peak=row.peak,
        ended_at=None if ended is None or ended > now else ended,
        ticket=row.ticket,
        reopened=row.reopened,
    )


def episode_rows(
    connection: Connection,
    now: datetime,
    *,
    since: datetime | None = None,
    station: int | None = None,
    limit: int = 500,
) -> tuple[EpisodeRow, ...]:
    """Return the episodes that had begun by `now`, those that go on first, then the latest.

    With `since` only those that had not ended by then, with `station` only that one's.
    """
    factor = schema.station_factor.c
    going_on = or_(_EPISODE.ended_at.is_(None), _EPISODE.ended_at > now)
    query = (
        select(
            schema.episode,
            _STATION.key,
            _STATION.name,
            _STATION.kind,
            _STATION.enterprise,
            factor.unit,
            schema.limit_value.c.high,
            schema.limit_value.c.low,
            schema.limit_value.c.source,
        )
        .select_from(
            schema.episode.join(schema.station, _STATION.number == _EPISODE.station)
            .outerjoin(
                schema.station_factor,
                and_(factor.station == _EPISODE.station, factor.factor == _EPISODE.factor),
            )
            .outerjoin(schema.limit_value, schema.limit_value.c.key == _EPISODE.limit_key)
        )
        .where(_EPISODE.began_at <= now)
        .order_by(case((going_on, 0), else_=1), _EPISODE.began_at.desc(), _EPISODE.number.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(or_(_EPISODE.ended_at.is_(None), _EPISODE.ended_at >= since))
    if station is not None:
        query = query.where(_EPISODE.station == station)
    return tuple(
        EpisodeRow(
            episode_of(row, now),
            row.key,
            row.name,
            StationKind(row.kind),
            row.enterprise,
            row.unit or "",
            row.high,
            row.low,
            row.source or "",
        )
        for row in connection.execute(query)
    )


def device_item_rows(connection: Connection, now: datetime, limit: int = 500) -> tuple[DeviceItemRow, ...]:
    """Return the devices that somebody had to look at by `now`, the open ones first, then the latest."""
    going_on = or_(_ITEM.ended_at.is_(None), _ITEM.ended_at > now)
    query = (
        select(
            schema.device_item,
            _STATION.key,
            _STATION.name,
            _STATION.kind,
            _STATION.enterprise,
            _STATION.body,
        )
        .join(schema.station, _STATION.number == _ITEM.station)
        .where(_ITEM.opened_at <= now)
        .order_by(case((going_on, 0), else_=1), _ITEM.opened_at.desc(), _ITEM.number.desc())
        .limit(limit)
    )
    bodies: Mapping[str, str] = read_names(connection).short_bodies
    return tuple(
        DeviceItemRow(
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
        for row in connection.execute(query)
    )
