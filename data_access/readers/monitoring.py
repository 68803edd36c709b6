"""The overview's part of stations and indices, in one go (X04)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_access.readers.air_index import air_ranking
from data_access.readers.curves import sparks
from data_access.readers.device_calls import device_calls
from data_access.readers.stations import station_rows
from data_access.rules import Rules
from domain.aqi.standing import AirQuery
from domain.environment import Spark, StationRow
from domain.monitoring import Monitoring, counted, most_pressing
from domain.stations import Span

HOURS, POINTS = 24, 144
_OVER = timedelta(hours=HOURS)


def monitoring_part(connection: Connection, rules: Rules, now: datetime, *, past: bool = False) -> Monitoring:
    """Return how the stations stand, which county has the cleanest air at `now`, and what devices need.

    `past`: a minute that is over, of which nothing is taken that only knows the present.
    """
    rows = station_rows(connection, rules, now, past=past)
    return Monitoring(
        counted(rows),
        tuple(_card(connection, rules, row, now, past=past) for row in most_pressing(rows)),
        air_ranking(connection, rules, AirQuery(), now, past=past),
        device_calls(connection, rules, now, past=past),
    )


def _card(connection: Connection, rules: Rules, row: StationRow, now: datetime, *, past: bool) -> Spark:
    """Return a station's last hours in steps that each have a value, or the line would be all holes."""
    by_hours = row.worst is not None and row.worst.span is Span.HOUR
    return sparks(connection, rules, [row], now, _OVER, HOURS if by_hours else POINTS, past=past)[0]
