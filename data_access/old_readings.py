"""Readings that have grown old: a month of them is rolled up to hours, or dropped."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from domain.stations import Span


def months_before(connection: Connection, before: datetime) -> tuple[datetime, ...]:
    """Return where the months of readings begin (UTC) that ended before a moment, the oldest first."""
    found = []
    for name in connection.execute(_MONTHS).scalars():
        year, month = int(name[8:12]), int(name[13:15])
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        if after <= before:
            found.append(datetime(year, month, 1, tzinfo=UTC))
    return tuple(sorted(found))


def roll_up(connection: Connection, month: datetime, least: Span | None) -> int:
    """Remove a month's values taken over less than `least`, None: all of them; return how many went.

    Each hour that the device sent no hourly value of is made of them first: the mean of the normal ones where
    these are three quarters or more (as HJ 212-2017 has it for flue gas), else of all, under the flag that is
    met most. Sound levels are averaged as energy, wind directions as vectors. Nothing is done, and 0
    returned, where none is so fine; that is found out without reading the month. Other writers to that month
    wait; readers of others only for its end. Few that came late are taken out of it; else it is written anew.

    Raises:
        DBAPIError: somebody has been reading the readings for too long; nothing was done.
    """
    return int(
        connection.execute(
            _ROLL_UP, {"of": month, "least": None if least is None else int(least)}
        ).scalar_one()
    )


_MONTHS = text(
    "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'public.reading'::regclass AND c.relname ~ '^reading_\\d{4}_\\d{2}$'"
)
_ROLL_UP = text("SELECT roll_up_readings(:of, CAST(:least AS integer))")
