"""Now or a past minute, by the same readers."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select

from data_access import replay, schema
from data_access.rules import Rules
from data_access.store import Store

T = TypeVar("T")


def at_moment(store: Store, rules: Rules, as_of: datetime | None, work: Callable[[Connection], T]) -> T:
    """Return what `work` reads in the store as it stood at a moment; None is as it stands.

    The moment costs nothing extra when nothing has happened since; else the store is replayed up to it.

    Raises:
        StoreError: the database cannot be reached.
    """
    if as_of is None or store.read(_newest) <= as_of:
        return store.read(work)
    moment = as_of

    def replayed(connection: Connection) -> T:
        return replay.at(connection, rules, moment, work)

    return store.scratch(replayed)


def _newest(connection: Connection) -> datetime:
    newest: datetime | None = connection.execute(select(func.max(schema.event.c.at))).scalar()
    return newest or datetime.min.replace(tzinfo=UTC)
