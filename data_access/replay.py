"""A past minute, or a rebuild, under the same names: temporary tables in front of the cached ones.

PostgreSQL looks into a session's temporary schema first, so every reader answers for the replayed moment
without a second way of asking. The tables go with the transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData, Row, Table, Text, column, func, select, table, text

from data_access import log, schema
from data_access.copying import copy_rows
from data_access.project import KINDS, Rows, project
from data_access.rules import Rules
from domain.events import Event

T = TypeVar("T")
_touched = table("touched", column("stream", Text))


def at(connection: Connection, rules: Rules, moment: datetime, work: Callable[[Connection], T]) -> T:
    """Return what `work` reads as the store stood at a past moment: later events have not happened yet.

    Streams without a later event keep their cached rows; the others are computed again from their events.
    Needs a connection of `Store.scratch`.
    """
    event = schema.event
    connection.execute(text("CREATE TEMPORARY TABLE touched (stream text PRIMARY KEY) ON COMMIT DROP"))
    later = select(event.c.stream).where(event.c.at > moment).distinct()
    connection.execute(_touched.insert().from_select(["stream"], later))
    touched = connection.execute(select(func.count()).select_from(_touched)).scalar_one()
    _shadow(connection)
    for prefix, cache, key in _caches():
        cached = in_schema(cache, "public")
        keep = select(*cached.c)
        if touched:
            stream = func.concat(prefix, "/", cached.c[key])
            keep = keep.where(stream.not_in(select(_touched.c.stream)))
        connection.execute(in_schema(cache, "pg_temp").insert().from_select(list(cached.c.keys()), keep))
    if touched:
        past = event.c.stream.in_(select(_touched.c.stream))
        fill(connection, rules, streams(connection, past & (event.c.at <= moment)))
    for _, cache, _key in _caches():
        connection.execute(text(f"ANALYZE pg_temp.{cache.name}"))
    return work(connection)


def rebuilt(connection: Connection, rules: Rules, batches: Iterator[list[log.Recorded]]) -> None:
    """Fill empty temporary tables with what follows from whole streams, one list of events a stream."""
    _shadow(connection)
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
            statement.where(position).limit(20_000), {"stream": last[0], "seq": last[1]}
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


def in_schema(cache: Table, name: str) -> Table:
    """Return a cached table as it stands in the schema `public` or `pg_temp`."""
    return cache.to_metadata(MetaData(), schema=name)


def _caches() -> Iterator[tuple[str, Table, str]]:
    for kind in KINDS.values():
        for cache, key in kind.tables:
            yield kind.prefix, cache, key


def _shadow(connection: Connection) -> None:
    for _, cache, _key in _caches():
        name = cache.name
        connection.execute(
            text(f"CREATE TEMPORARY TABLE {name} (LIKE public.{name} INCLUDING ALL) ON COMMIT DROP")
        )


def fill(connection: Connection, rules: Rules, pages: Iterator[list[log.Recorded]]) -> None:
    pending: list[log.Recorded] = []
    for page in pages:
        pending.extend(page)
        whole = [record for record in pending if record.stream != pending[-1].stream]
        _project(connection, rules, whole)
        pending = pending[len(whole) :]
    _project(connection, rules, pending)


def _project(connection: Connection, rules: Rules, records: Sequence[log.Recorded]) -> None:
    rows = Rows()
    begin = 0
    for position, record in enumerate(records):
        if position + 1 == len(records) or records[position + 1].stream != record.stream:
            one = records[begin : position + 1]
            events: list[Event] = [item.event for item in log.in_time_order(one)]
            project(record.stream, events, one[-1].hash, rules, rows)
            begin = position + 1
    for cache, found in rows.by_table.items():
        copy_rows(connection, cache, found)
