"""What an emulator of the sample city's devices must know: who they are, and what they have sent already."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data_access import schema
from data_access.open_work import is_sample
from data_access.stations import read_registry
from domain.stations import Span, Station


@dataclass(frozen=True, slots=True)
class Emulated:
    """The sample city's devices, when the city was created, and by station the newest value of each span."""

    created_at: datetime
    stations: tuple[Station, ...]
    last: Mapping[int, Mapping[Span, datetime]]


def emulated(connection: Connection, since: datetime) -> Emulated | None:
    """Return the devices with their passwords, None where the city is not a made-up one or has none.

    Values before `since` are not looked for.
    """
    stations = read_registry(connection) if is_sample(connection) else ()
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
