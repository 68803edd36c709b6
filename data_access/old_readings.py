"""Readings that have grown old: a month of them is rolled up to hours, or dropped."""

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, text

from data_access.store import Store
from domain.stations import Span

ATTEMPTS = 3
"""The first has late values noted, the second writes; one more where another program came between."""


def months_before(connection: Connection, before: datetime) -> tuple[datetime, ...]:
    """Return where the months of readings begin (UTC) that ended before a moment, the oldest first."""
    found = []
    for name in connection.execute(_MONTHS).scalars():
        year, month = int(name[8:12]), int(name[13:15])
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        if after <= before:
            found.append(datetime(year, month, 1, tzinfo=UTC))
    return tuple(sorted(found))


def roll_up(store: Store, month: datetime, least: Span | None) -> int:
    """Remove a month's values taken over less than `least`, None: all of them; return how many went.

    Each hour that the device sent no hourly value of is made of them first: the mean of the normal ones where
    these are three quarters or more (as HJ 212-2017 has it for flue gas), else of all, under the flag that is
    met most. Sound levels are averaged as energy, wind directions as vectors. Nothing is done, and 0
    returned, where none is so fine; that is found out without reading the month. Few that came late are taken
    out of it; else it is written anew, beside it: who writes to it or reads waits only while what was written
    is put into its place, for well under a second at a time. What comes in meanwhile is noted, and taken in.

    Raises:
        StoreError: somebody has been reading the readings for too long, or much came into the month while it
            was written; nothing was done, and the next time goes on.
    """
    for _ in range(ATTEMPTS):
        gone = store.write(partial(_roll_up, month=month, least=least))
        if gone >= 0:
            return gone
    return 0


def _roll_up(connection: Connection, month: datetime, least: Span | None) -> int:
    about = {"of": month, "least": None if least is None else int(least)}
    return int(connection.execute(_ROLL_UP, about).scalar_one())


_MONTHS = text(
    "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'public.reading'::regclass AND c.relname ~ '^reading_\\d{4}_\\d{2}$'"
)
_ROLL_UP = text("SELECT roll_up_readings(:of, CAST(:least AS integer))")
