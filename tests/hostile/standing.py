"""What the store holds, as one value: equal before and after whatever was refused."""

import re
from typing import Any

from sqlalchemy import text

from data_access.schema_base import metadata
from data_access.store import Connection, Store

SQL = re.compile(
    r"psycopg|sqlalchemy|SQLSTATE|\[SQL|DETAIL:|violates|syntax error|relation \"|%\(\w+\)s::|::VARCHAR",
)
"""A message with this in it tells of the database's insides."""


def events(connection: Connection) -> tuple[Any, ...]:
    """Return how many events there are, and the last one."""
    row = connection.execute(text("SELECT count(*), max(id) FROM event")).one()
    last = connection.execute(text("SELECT stream, seq, hash FROM event ORDER BY id DESC LIMIT 1")).first()
    return (*row, last and (last.stream, last.seq, bytes(last.hash)))


def everything(connection: Connection) -> dict[str, Any]:
    """Return the number of rows of every table with a sum over what they hold."""
    quoted = connection.dialect.identifier_preparer.quote
    found = {}
    for name in sorted(metadata.tables):
        statement = f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {quoted(name)} t"
        found[name] = tuple(connection.execute(text(statement)).one())
    return found


def assert_quiet(error: Exception) -> None:
    """Check that what a user reads of an error names nothing of the database's."""
    said = f"{error} {getattr(error, 'message', '')} {getattr(error, 'way_out', '')}"
    assert not SQL.search(said), said


def read_events(store: Store) -> tuple[Any, ...]:
    return store.read(events)


def read_everything(store: Store) -> dict[str, Any]:
    return store.read(everything)
