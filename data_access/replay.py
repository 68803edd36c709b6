"""A past minute, or a rebuild, under the same names: temporary views or tables in front of the cached ones.

PostgreSQL looks into a session's temporary schema first, so every reader answers for the replayed moment
without a second way of asking. They go with the transaction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from psycopg import sql
from sqlalchemy import Connection, MetaData, Row, Table, Text, column, func, select, table, text, tuple_

from data_access import log, schema, tallies
from data_access.copying import copy_rows
from data_access.project import KINDS, Rows, project
from data_access.readers.stop import Stop
from data_access.rules import Rules
from domain.events import Event

T = TypeVar("T")
PORTION = 20_000
"""Events fetched at a time."""
_touched = table("touched", column("kind", Text), column("name", Text))


class Rewinding(Stop):
    """One replay's brake, and how far it is: `done` of `total` streams are computed again.

    The numbers are written in the replay's thread, and may be read in any.
    """

    def __init__(self) -> None:
        super().__init__()
        self.done = 0
        self.total = 0

    def expect(self, total: int) -> None:
        """Say how many streams have a later event."""
        self.done, self.total = 0, total

    def advance(self) -> None:
        """Say that one more stream is computed.

        Raises:
            StoreError: nobody waits for it any more.
        """
        self.raise_if_stopped()
        self.done += 1


def at(
    connection: Connection,
    rules: Rules,
    moment: datetime,
    work: Callable[[Connection], T],
    rewinding: Rewinding | None = None,
) -> T:
    """Return what `work` reads as the store stood at a past moment: later events have not happened yet.

    Streams without a later event are read from the caches as they are; only the others are computed again
    from their events, so that a moment costs what happened since. Needs a connection of `Store.scratch`.
    A person replays what is theirs to see now: events of others do not count, and rows that left their sight
    stay out of it.

    Raises:
        StoreError: `rewinding` was stopped.
    """
    if rewinding is None:
        rewinding = Rewinding()
    with rewinding.can_end(connection):
        _rewind(connection, rules, moment, rewinding)
        return work(connection)


def _rewind(connection: Connection, rules: Rules, moment: datetime, rewinding: Rewinding) -> None:
    event = schema.event
    kind = func.split_part(event.c.stream, "/", 1)
    name = func.substr(event.c.stream, func.strpos(event.c.stream, "/") + 1)
    connection.execute(
        text("CREATE TEMPORARY TABLE touched (kind text, name text, PRIMARY KEY (kind, name)) ON COMMIT DROP")
    )
    later = select(kind, name).where(event.c.at > moment).distinct()
    inserted = connection.execute(_touched.insert().from_select(["kind", "name"], later))
    rewinding.expect(inserted.rowcount)
    connection.execute(text("ANALYZE pg_temp.touched"))
    past = {cache: cache.to_metadata(MetaData(), name=f"{cache.name}_past") for _, cache, _key in _caches()}
    for cache, table_ in past.items():
        _create_like(connection, cache, table_.name)
    again = tuple_(kind, name).in_(select(_touched.c.kind, _touched.c.name))
    fill(connection, rules, streams(connection, again & (event.c.at <= moment)), past, rewinding)
    for prefix, cache, key in _caches():
        _run(connection, sql.SQL("ANALYZE pg_temp.{}").format(sql.Identifier(past[cache].name)))
        _run(
            connection,
            sql.SQL(
                "CREATE TEMPORARY VIEW {now} AS SELECT * FROM public.{now}"
                " WHERE {key} NOT IN (SELECT name FROM pg_temp.touched WHERE kind = {prefix})"
                " UNION ALL SELECT * FROM pg_temp.{past}"
            ).format(
                now=sql.Identifier(cache.name),
                key=sql.Identifier(key),
                prefix=sql.Literal(prefix),
                past=sql.Identifier(past[cache].name),
            ),
        )
    node, gone = in_schema(schema.node_state, "public"), select(_touched.c.name)
    replaced = select(node).where(node.c.ticket.in_(gone.where(_touched.c.kind == "ticket")))
    tallies.replay(connection, replaced.subquery("replaced"), past[schema.node_state])


def rebuilt(connection: Connection, rules: Rules, batches: Iterator[list[log.Recorded]]) -> None:
    """Fill empty temporary tables with what follows from whole streams, one list of events a stream."""
    for _, cache, _key in _caches():
        _create_like(connection, cache, cache.name)
    fill(connection, rules, batches)


def streams(connection: Connection, condition: Any = None) -> Iterator[list[log.Recorded]]:
    """Yield the events of one stream after the other, in order; rows are fetched in portions."""
    statement = select(*log.RECORDED_COLUMNS).order_by(schema.event.c.stream, schema.event.c.seq)
    if condition is not None:
        statement = statement.where(condition)
    # The driver's own cursor stays open while COPY runs on the same connection only if all is fetched:
    # read keys by pages instead.
    last = ("", 0)
    while True:
        position = text("(stream, seq) > (:stream, :seq)")
        page: Sequence[Row[*tuple[Any, ...]]] = connection.execute(
            statement.where(position).limit(PORTION), {"stream": last[0], "seq": last[1]}
        ).all()
        if not page:
            return
        last = (page[-1].stream, page[-1].seq)
        records: list[log.Recorded] = []
        try:
            for row in page:
                records.append(log.recorded(row))  # noqa: PERF401 - what came before a fault is needed
        except log.UnreadableEventError:
            yield records
            raise
        yield records
        if len(page) < PORTION:
            return


def in_schema(cache: Table, name: str) -> Table:
    """Return a cached table as it stands in the schema `public` or `pg_temp`."""
    return cache.to_metadata(MetaData(), schema=name)


def _caches() -> Iterator[tuple[str, Table, str]]:
    for kind in KINDS.values():
        for cache, key in kind.tables:
            yield kind.prefix, cache, key


def _create_like(connection: Connection, cache: Table, name: str) -> None:
    form = sql.SQL("CREATE TEMPORARY TABLE {} (LIKE public.{} INCLUDING ALL) ON COMMIT DROP")
    _run(connection, form.format(sql.Identifier(name), sql.Identifier(cache.name)))


def _run(connection: Connection, statement: sql.Composed) -> None:
    """Run a statement with names in it, which cannot be parameters: psycopg quotes them."""
    connection.exec_driver_sql(statement.as_string(connection.connection.driver_connection))


def fill(
    connection: Connection,
    rules: Rules,
    pages: Iterator[list[log.Recorded]],
    into: Mapping[Table, Table] = MappingProxyType({}),
    rewinding: Rewinding | None = None,
) -> None:
    """Write the rows that follow from whole streams into the caches, or into what stands for them."""
    pending: list[log.Recorded] = []
    for page in pages:
        pending.extend(page)
        whole = [record for record in pending if record.stream != pending[-1].stream]
        _project(connection, rules, whole, into, rewinding)
        pending = pending[len(whole) :]
    _project(connection, rules, pending, into, rewinding)


def _project(
    connection: Connection,
    rules: Rules,
    records: Sequence[log.Recorded],
    into: Mapping[Table, Table],
    rewinding: Rewinding | None,
) -> None:
    rows = Rows()
    begin = 0
    for position, record in enumerate(records):
        if position + 1 == len(records) or records[position + 1].stream != record.stream:
            one = records[begin : position + 1]
            if rewinding is not None:
                rewinding.advance()
            try:
                _project_one(one, rules, rows)
            except ValueError as error:
                raise _impossible(one, rules, error) from error
            begin = position + 1
    for cache, found in rows.by_table.items():
        copy_rows(connection, into.get(cache, cache), found)


def _project_one(records: Sequence[log.Recorded], rules: Rules, rows: Rows) -> None:
    events: list[Event] = [item.event for item in log.in_time_order(records)]
    project(records[0].stream, events, records[-1].hash, rules, rows)


def _impossible(records: Sequence[log.Recorded], rules: Rules, error: ValueError) -> log.UnreadableEventError:
    """Return the first event of a stream with which nothing can follow from it any more."""
    for end in range(1, len(records)):
        try:
            _project_one(records[:end], rules, Rows())
        except ValueError as first:
            return log.UnreadableEventError(records[0].stream, records[end - 1].seq, str(first))
    return log.UnreadableEventError(records[-1].stream, records[-1].seq, str(error))
