"""Now or a past minute, by the same readers."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select

from data_access import replay, schema
from data_access.rules import Rules
from data_access.store import Store

T = TypeVar("T")


def at_moment(
    store: Store,
    rules: Rules,
    as_of: datetime | None,
    work: Callable[[Connection], T],
    rewinding: replay.Rewinding | None = None,
) -> T:
    """Return what `work` reads in the store as it stood at a moment; None is as it stands.

    The moment costs nothing extra when nothing has happened since; else the store is replayed up to it, and
    `rewinding` can stop that.

    Raises:
        StoreError: the database cannot be reached, or the replay was stopped.
    """
    if as_of is None or store.read(_newest) <= as_of:
        return store.read(work)
    moment = as_of

    def replayed(connection: Connection) -> T:
        return replay.at(connection, rules, moment, work, rewinding)

    return store.scratch(replayed)


def beginning(connection: Connection) -> datetime | None:
    """Return when the first ticket came in of those that one may see; None where there is none."""
    first: datetime | None = connection.execute(select(func.min(schema.ticket.c.received_at))).scalar()
    return first


def _newest(connection: Connection) -> datetime:
    newest: datetime | None = connection.execute(select(func.max(schema.event.c.at))).scalar()
    return newest or datetime.min.replace(tzinfo=UTC)
