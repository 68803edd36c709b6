"""How the store itself is doing, for the doctor: version, clock, revision, size and what it holds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from data_access import schema
from data_access.migrate import newest, revision
from data_access.rules import load_rules


@dataclass(frozen=True, slots=True)
class Health:
    """`now` is the server's clock; `last_event` when the newest event was recorded, None in an empty store.

    `calendar_years` are those whose holiday notice is known, with its source; `size` is in bytes.
    """

    server: str
    now: datetime
    revision: str | None
    newest_revision: str | None
    size: int
    events: int
    last_event: datetime | None
    calendar_years: dict[int, str]


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
    years = load_rules(connection).calendar.notices
    return Health(
        server=str(server),
        now=now,
        revision=revision(connection),
        newest_revision=newest(),
        size=int(size),
        events=int(events),
        last_event=last,
        calendar_years={year: notice.source for year, notice in years.items()},
    )
