"""The event log: append with an expected version and a request id, read a stream, ring the bell."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Table, Text, cast, func, literal, literal_column, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from data_access import schema
from data_access.copying import copy_rows
from data_access.errors import VersionConflictError
from data_access.gate.session import person_of, record
from data_access.project import Row as CachedRow
from data_access.project import Rows, StreamKind, kind_of, name_of, project
from data_access.rules import Rules
from domain.chain import GENESIS, link
from domain.codec import decode, encode, to_text
from domain.events import Event
from domain.people import Actor, Role

BELL = "qingshao"
"""The NOTIFY channel. Its payload is the id of the last event written: a bell, not the letter."""


WRITERS = 71230004
"""An advisory lock that each append shares. Who continues thousands of streams in one transaction takes it
alone: a lock for each stream would not fit into the server's memory.
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the log holds it. `hash` chains it to `previous`; `data` is the text that was hashed."""

    id: int
    stream: str
    seq: int
    event: Event
    data: str
    recorded_at: datetime
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """A stream's last event: its version (0 for none) and hash."""

    version: int
    hash: bytes


class UnreadableEventError(ValueError):
    """An event of the log is not one that this program could have written."""

    def __init__(self, stream: str, seq: int, reason: str) -> None:
        super().__init__(f"{stream} #{seq}: {reason}")
        self.stream = stream
        self.seq = seq
        self.reason = reason


def head(connection: Connection, stream: str) -> Head:
    """Return where a stream ends."""
    event = schema.event
    row = connection.execute(
        select(event.c.seq, event.c.hash)
        .where(event.c.stream == stream)
        .order_by(event.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.seq, row.hash)


def read_stream(connection: Connection, stream: str) -> tuple[Recorded, ...]:
    """Return a stream's events in their order."""
    rows = connection.execute(
        select(*RECORDED_COLUMNS).where(schema.event.c.stream == stream).order_by(schema.event.c.seq)
    )
    return tuple(recorded(row) for row in rows)


RECORDED_COLUMNS = (
    schema.event.c.id,
    schema.event.c.stream,
    schema.event.c.seq,
    schema.event.c.kind,
    schema.event.c.at,
    schema.event.c.role,
    schema.event.c.person,
    schema.event.c.body,
    func.cast(schema.event.c.data, Text).label("data"),
    schema.event.c.recorded_at,
    schema.event.c.previous,
    schema.event.c.hash,
)


def recorded(row: Row[*tuple[Any, ...]]) -> Recorded:
    """Return a row of RECORDED_COLUMNS as a record.

    Raises:
        UnreadableEventError: the role or kind is unknown, or the data do not fit it.
    """
    try:
        actor = Actor(Role(row.role), row.person, row.body)
        event = Event(row.at, actor, decode(row.kind, json.loads(row.data)))
    except ValueError as error:
        raise UnreadableEventError(row.stream, row.seq, str(error)) from error
    return Recorded(
        row.id, row.stream, row.seq, event, row.data, row.recorded_at, bytes(row.previous), bytes(row.hash)
    )


def request_done(connection: Connection, request: UUID) -> str | None:
    """Return the stream that a request first wrote to, None when it has not written yet."""
    return connection.execute(
        select(schema.event.c.stream)
        .where(schema.event.c.request == request)
        .order_by(schema.event.c.id)
        .limit(1)
    ).scalar()


@dataclass(frozen=True, slots=True)
class Addition:
    """Events that continue a stream. `expected` is the version that the decision was made on; None takes
    whatever is there, for facts that hold in any case (a reference, a warning)."""

    stream: str
    events: Sequence[Event]
    expected: int | None = None


def append(
    connection: Connection, rules: Rules, additions: Sequence[Addition], request: UUID | None = None
) -> dict[str, Head]:
    """Append to streams and bring their cached rows up to date, in the caller's transaction.

    All streams of an order go into one call: their locks are taken in one order, so that two orders never
    wait for each other. Returns where each stream ends now. What moves a ticket's clocks goes through
    `data_access.watched`, which warns first of what had fallen due.

    Raises:
        VersionConflictError: somebody else wrote to a stream since.
        ValueError: a stream stands in two additions.
    """
    streams = [addition.stream for addition in additions]
    if len(set(streams)) != len(streams):
        raise ValueError("a stream stands in two additions")
    lock(connection, streams)
    before = _records(connection, streams)
    for addition in additions:
        version = before[addition.stream][-1].seq if before[addition.stream] else 0
        if addition.expected is not None and version != addition.expected:
            raise VersionConflictError(addition.stream, addition.expected, version)
    write = _write if person_of(connection) is None else _have_recorded
    after = write(connection, additions, before, request)
    ends: dict[str, Head] = {}
    rows = Rows()
    for addition in additions:
        stream = addition.stream
        last, happened = after[stream]
        ends[stream] = last
        # What is new stands behind what was there when both happened at the same time.
        events = sorted((*(record.event for record in before[stream]), *happened), key=_at)
        if events:
            project(stream, events, last.hash, rules, rows)
    _replace(connection, streams, rows)
    if any(addition.events for addition in additions):
        ring(connection)
    return ends


_After = dict[str, tuple[Head, Sequence[Event]]]
"""Where each stream ends now, and the events that were added as they were recorded."""


def _write(
    connection: Connection,
    additions: Sequence[Addition],
    before: Mapping[str, Sequence[Recorded]],
    request: UUID | None,
) -> _After:
    """Write events as the owner of the store and its engine do: the database checks how they are chained."""
    recorded_at = transaction_time(connection)
    chained: list[dict[str, Any]] = []
    after: _After = {}
    for addition in additions:
        last = _end(before[addition.stream])
        new = chain(addition.stream, addition.events, recorded_at, last, request)
        chained += new
        after[addition.stream] = (Head(new[-1]["seq"], new[-1]["hash"]) if new else last, addition.events)
    copy_rows(connection, schema.event, chained)
    return after


def _have_recorded(
    connection: Connection,
    additions: Sequence[Addition],
    before: Mapping[str, Sequence[Recorded]],
    request: UUID | None,
) -> _After:
    """Have a person's events recorded by the database, which says who did it and when.

    A ticket's own line comes last: it refers to the directive or the file that it stands for.
    """
    after: _After = {}
    for addition in sorted(additions, key=_is_of_ticket):
        last = _end(before[addition.stream])
        happened: list[Event] = []
        for event in addition.events:
            row = recorded(record(connection, addition.stream, last.version, event, request))
            last = Head(row.seq, row.hash)
            happened.append(row.event)
        after[addition.stream] = (last, happened)
    return after


def _end(records: Sequence[Recorded]) -> Head:
    return Head(records[-1].seq, records[-1].hash) if records else Head(0, GENESIS)


def _is_of_ticket(addition: Addition) -> bool:
    return addition.stream.startswith("ticket/")


def lock(connection: Connection, streams: Iterable[str]) -> None:
    """Let nobody else write to these streams until the transaction ends; waits for who does now.

    Locks are taken in one order. Take all that a transaction needs at once, before reading what decides.
    """
    connection.execute(select(func.pg_advisory_xact_lock_shared(WRITERS)))
    connection.execute(
        text(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(stream, 0) AS key"
            " FROM unnest(CAST(:streams AS text[])) AS stream ORDER BY key) AS ordered"
        ),
        {"streams": sorted(set(streams))},
    )


def lock_free(connection: Connection, streams: Iterable[str]) -> list[str]:
    """Lock those of the streams that nobody is writing to, and return them; waits for nobody."""
    return list(connection.execute(_LOCK_FREE, {"streams": list(streams)}).scalars())


_LOCK_FREE = text(
    "SELECT stream FROM unnest(CAST(:streams AS text[])) AS stream"
    " WHERE pg_try_advisory_xact_lock(hashtextextended(stream, 0))"
)


def lock_request(connection: Connection, request: UUID) -> None:
    """Let the same request wait until this transaction has carried it out, or not."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(request), 1))))


def heads(connection: Connection, streams: Sequence[str]) -> dict[str, Head]:
    """Return where each of these streams ends."""
    event = schema.event
    rows = connection.execute(
        select(event.c.stream, event.c.seq, event.c.hash)
        .ext(distinct_on(event.c.stream))
        .where(event.c.stream == func.any(literal(list(streams), ARRAY(Text))))
        .order_by(event.c.stream, event.c.seq.desc())
    )
    found = {row.stream: Head(row.seq, bytes(row.hash)) for row in rows}
    return {stream: found.get(stream, Head(0, GENESIS)) for stream in streams}


def chain(
    stream: str,
    events: Iterable[Event],
    recorded_at: datetime,
    last: Head | None = None,
    request: UUID | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of the event table that continue a stream after its last event."""
    seq, previous = (0, GENESIS) if last is None else (last.version, last.hash)
    rows: list[dict[str, Any]] = []
    for item in events:
        seq += 1
        kind, values = encode(item.fact)
        data = to_text(values)
        actor = item.actor
        current = link(previous, stream, seq, kind, item.at, actor, data, recorded_at)
        rows.append(
            {
                "stream": stream,
                "seq": seq,
                "kind": kind,
                "at": item.at,
                "role": actor.role.value,
                "person": actor.name,
                "body": actor.body,
                "data": data,
                "recorded_at": recorded_at,
                "previous": previous,
                "hash": current,
                "request": request,
            }
        )
        previous = current
    return rows


def _records(connection: Connection, streams: Sequence[str]) -> dict[str, list[Recorded]]:
    event = schema.event
    found: dict[str, list[Recorded]] = {stream: [] for stream in streams}
    rows = connection.execute(
        select(*RECORDED_COLUMNS)
        .where(event.c.stream == func.any(literal(list(streams), ARRAY(Text))))
        .order_by(event.c.stream, event.c.seq)
    )
    for row in rows:
        found[row.stream].append(recorded(row))
    return found


def _replace(connection: Connection, streams: Sequence[str], rows: Rows) -> None:
    """Write these streams' cached rows in place of those that are there; rows that stay are not touched.

    A node that ended long ago is in six indexes and in the tallies: most events leave most nodes as they are.
    A stream's own row bears its version, and changes with every event.
    """
    for kind, names in _by_kind(streams).items():
        for table, column in kind.tables:
            written = rows.by_table.get(table, [])
            of_streams = table.c[column] == func.any(literal(names, ARRAY(Text)))
            if table.primary_key.columns.keys() == [column] or not written:
                connection.execute(table.delete().where(of_streams))
            else:
                stored = connection.execute(
                    select(_PLACE, *(table.c[name] for name in written[0])).where(of_streams)
                )
                written, gone = _differing(table, written, stored)
                if gone:
                    connection.execute(table.delete().where(_AT_PLACES), {"places": gone})
            copy_rows(connection, table, written)


def repair(connection: Connection, rules: Rules, stream: str) -> bool:
    """Project a stream again from its events, and write what differs; return whether anything did.

    The stream is locked by the caller.
    """
    records = _records(connection, [stream])[stream]
    rows = Rows()
    project(stream, sorted((record.event for record in records), key=_at), records[-1].hash, rules, rows)
    differed = False
    for table, column in kind_of(stream).tables:
        written = rows.by_table.get(table, [])
        of_stream = table.c[column] == name_of(stream)
        names = list(written[0]) if written else [key.name for key in table.primary_key]
        stored = connection.execute(select(_PLACE, *(table.c[name] for name in names)).where(of_stream)).all()
        missing, gone = _differing(table, written, stored) if written else ([], [row.place for row in stored])
        if gone:
            connection.execute(table.delete().where(_AT_PLACES), {"places": gone})
        copy_rows(connection, table, missing)
        differed = differed or bool(gone or missing)
    return differed


def _differing(
    table: Table, written: Sequence[CachedRow], stored: Iterable[Row[*tuple[Any, ...]]]
) -> tuple[list[CachedRow], list[str]]:
    """Return the rows to write that are not stored so already, and the places of those that are to go."""
    names = [column.name for column in table.primary_key]
    key = itemgetter(*names)
    new = {key(row): row for row in written}
    stored_key = itemgetter(*(list(written[0]).index(name) + 1 for name in names))
    gone: list[str] = []
    for row in stored:
        found = tuple(row)
        same = new.get(stored_key(found))
        if same is not None and found[1:] == tuple(same.values()):
            del new[stored_key(found)]
        else:
            gone.append(found[0])
    return list(new.values()), gone


_PLACE = cast(literal_column("ctid"), Text).label("place")
_AT_PLACES = text("ctid = ANY(CAST(:places AS tid[]))")
"""Where rows lie: nobody moves them while the streams are locked and the table is in use."""


def _by_kind(streams: Iterable[str]) -> dict[StreamKind, list[str]]:
    found: dict[StreamKind, list[str]] = {}
    for stream in streams:
        found.setdefault(kind_of(stream), []).append(name_of(stream))
    return found


def in_time_order(records: Sequence[Recorded]) -> list[Recorded]:
    """Return records by the time they happened; at the same time, as they were written.

    A late report (a handler's phone without a signal) is recorded after what it precedes.
    """
    return sorted(records, key=_moment)


def transaction_time(connection: Connection) -> datetime:
    """Return the database's time of this transaction, in UTC: the one time of recording."""
    moment: datetime = connection.execute(select(func.transaction_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def ring(connection: Connection) -> None:
    """Ring the bell when this transaction commits."""
    connection.execute(text("SELECT pg_notify(:bell, coalesce(max(id), 0)::text) FROM event"), {"bell": BELL})


def _at(event: Event) -> datetime:
    return event.at


def _moment(record: Recorded) -> tuple[datetime, int]:
    return (record.event.at, record.seq)
