"""How the store itself is doing, for the doctor: version, clock, revision, size and what it holds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select, text

from data_access import schema
from data_access.migrate import newest, revision
from data_access.rules import load_rules
from data_access.stations import serving

SILENT = timedelta(hours=1)
"""A station that has said nothing for so long is counted as silent."""


@dataclass(frozen=True, slots=True)
class Health:
    """`now` is the server's clock; `last_event` when the newest event was recorded, None in an empty store.

    `calendar_years` are those whose holiday notice is known, with its source; `size` is in bytes.
    `silent` of the registered `stations`, without those that are retired, have not spoken for `SILENT`;
    `refused` devices are not registered, or otherwise not listened to, and tried within that time.
    """

    server: str
    now: datetime
    revision: str | None
    newest_revision: str | None
    size: int
    events: int
    last_event: datetime | None
    calendar_years: dict[int, str]
    stations: int = 0
    silent: int = 0
    refused: int = 0


def examine(connection: Connection) -> Health:
    """Return the store's health as of now."""
    server, now, size = connection.execute(
        text(
            "SELECT current_setting('server_version'), clock_timestamp(),"
            " pg_database_size(current_database())"
        )
    ).one()
    events, last = connection.execute(
        select(func.count(), func.max(schema.event.c.recorded_at)).select_from(schema.event)
    ).one()
    rules = load_rules(connection)
    years = rules.calendar.notices
    return Health(
        server=str(server),
        now=now,
        revision=revision(connection),
        newest_revision=newest(),
        size=int(size),
        events=int(events),
        last_event=last,
        calendar_years={year: notice.source for year, notice in years.items()},
        **_devices(connection, now.astimezone(rules.calendar.zone).date()),
    )


def _devices(connection: Connection, today: date) -> dict[str, int]:
    station, state, unknown = schema.station, schema.station_state, schema.unknown_device
    since = func.now() - SILENT
    stations, heard = connection.execute(
        select(func.count(), func.count().filter(state.c.last_seen >= since))
        .select_from(station.outerjoin(state, state.c.station == station.c.number))
        .where(serving(today))
    ).one()
    refused = connection.execute(
        select(func.count(unknown.c.mn.distinct())).select_from(unknown).where(unknown.c.last_seen >= since)
    ).scalar_one()
    return {"stations": int(stations), "silent": int(stations) - int(heard), "refused": int(refused)}
