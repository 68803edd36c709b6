"""The sample city's devices: who they are and what they have sent already, and episodes of their past."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from data_access import schema
from data_access.open_work import is_sample
from data_access.stations import read_registry
from domain.stations import Episode, Span, Station


@dataclass(frozen=True, slots=True)
class Emulated:
    """The sample city's devices, when the city was created, and by station the newest value of each span."""

    created_at: datetime
    stations: tuple[Station, ...]
    last: Mapping[int, Mapping[Span, datetime]]


def emulated(connection: Connection, since: datetime, own: Mapping[str, str]) -> Emulated | None:
    """Return the devices with their passwords, None where the city is not a made-up one or has none.

    `own` has the sample city's devices, their MN by their keys: a station that a person registered, or gave
    another MN, is a device of this world, for which nothing may speak. Values before `since` are not looked
    for.
    """
    registered = read_registry(connection) if is_sample(connection) else ()
    stations = tuple(station for station in registered if own.get(station.key) == station.mn)
    if not stations:
        return None
    reading = schema.reading.c
    last: defaultdict[int, dict[Span, datetime]] = defaultdict(dict)
    newest = (
        select(reading.station, reading.span, func.max(reading.at).label("at"))
        .where(reading.at >= since)
        .group_by(reading.station, reading.span)
    )
    for row in connection.execute(newest):
        last[row.station][Span(row.span)] = row.at
    created_at = connection.execute(select(schema.city.c.created_at)).scalar_one()
    return Emulated(created_at, stations, dict(last))


def put_episodes(connection: Connection, episodes: Iterable[Episode]) -> None:
    """Write episodes of a past that was made up, under their own numbers, into a store that has none.

    Those to come are numbered on behind them.
    """
    rows = [
        {
            "number": one.number,
            "station": one.station,
            "factor": one.factor,
            "span": int(one.span),
            "limit_key": one.limit,
            "began_at": one.began_at,
            "last_over_at": one.last_over_at,
            "ended_at": one.ended_at,
            "over": one.over,
            "peak": one.peak,
            "ticket": one.ticket,
            "reopened": one.reopened,
        }
        for one in episodes
    ]
    if not rows:
        return
    connection.execute(_OVERRIDING, rows)
    connection.execute(_GO_ON)


_OVERRIDING = text(
    """
    INSERT INTO episode (
        number, station, factor, span, limit_key, began_at, last_over_at, ended_at, over, peak,
        ticket, reopened
    ) OVERRIDING SYSTEM VALUE VALUES (
        :number, :station, :factor, :span, :limit_key, :began_at, :last_over_at, :ended_at, :over, :peak,
        :ticket, :reopened
    )
    """
)
_GO_ON = text("SELECT setval(pg_get_serial_sequence('episode', 'number'), (SELECT max(number) FROM episode))")
