"""Many tickets at once, as an import or the demo city brings them: events, hashes and caches by COPY."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from data_access import log, schema
from data_access.copying import copy_rows
from data_access.project import KINDS, Rows, project
from data_access.rules import Rules
from domain.events import DueSupplied, Event
from domain.intake import ContradictionError, NewTicket, continuation

CHUNK = 2000

IMPORTS = 71230005
"""One transaction of new tickets at a time: two imports of the same file come one after the other.

Whoever takes several of the locks takes them in this order: IMPORTS, rules.CHANGES, log.WRITERS.
"""

T = TypeVar("T")


@dataclass(slots=True)
class Counts:
    """What became of the tickets, and how many events were written. `moved` counts, among those updated,
    the tickets for which the source gave a due time later or another one.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    events: int = 0
    moved: int = 0

    def add(self, other: "Counts") -> None:
        """Count what another step did, too."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))


@dataclass(frozen=True, slots=True)
class Refused:
    """A ticket whose delivery contradicts what is stored."""

    number: str
    error: ContradictionError


def be_the_only_import(connection: Connection) -> None:
    """Wait until no other transaction brings new tickets, and keep them waiting until this one ends."""
    connection.execute(select(func.pg_advisory_xact_lock(IMPORTS)))


def be_the_only_writer(connection: Connection) -> None:
    """Wait until no other transaction writes events, and keep them waiting until this one ends."""
    connection.execute(select(func.pg_advisory_xact_lock(log.WRITERS)))


def add_tickets(
    connection: Connection,
    rules: Rules,
    tickets: Iterable[NewTicket],
    delivered_at: datetime | None = None,
) -> tuple[Counts, tuple[Refused, ...]]:
    """Write tickets in the caller's transaction.

    A new number is added; a known one with the same content hash is left alone; a known one with other
    content is continued by the events that are new, or refused when it contradicts what is stored. Those
    wait in memory until all others are written, some kilobytes each: for a file of any length, `add_new`
    and `continue_known` leave the waiting to the caller. `delivered_at` (default: now, by the database's
    clock) is when the source said so, for what carries no time of its own.
    """
    be_the_only_import(connection)
    counts, changed, refused = Counts(), list[NewTicket](), list[Refused]()
    for chunk in _chunks(iter(tickets)):
        added, differing = add_new(connection, rules, chunk)
        counts.add(added)
        changed += differing
    for chunk in _chunks(iter(changed)):
        continued, contradicting = continue_known(connection, rules, chunk, delivered_at)
        counts.add(continued)
        refused += contradicting
    if counts.events:
        log.ring(connection)
    return counts, tuple(refused)


def add_new(
    connection: Connection, rules: Rules, tickets: Sequence[NewTicket]
) -> tuple[Counts, list[NewTicket]]:
    """Write the tickets that the store does not know; return the known ones whose content differs.

    Nobody else waits for this, however long the caller reads its file: call `be_the_only_import` first,
    `continue_known` for what comes back, and `log.ring` at the end.
    """
    known = _deliveries(connection, [ticket.number for ticket in tickets])
    fresh = [ticket for ticket in tickets if ticket.number not in known]
    changed = [
        ticket for ticket in tickets if known.get(ticket.number, ticket.content_hash) != ticket.content_hash
    ]
    events = _add(connection, rules, fresh, log.transaction_time(connection))
    unchanged = len(tickets) - len(fresh) - len(changed)
    return Counts(added=len(fresh), unchanged=unchanged, events=events), changed


def add_streams(connection: Connection, rules: Rules, streams: Iterable[tuple[str, Sequence[Event]]]) -> int:
    """Write whole new streams of any kind in the caller's transaction; return how many events."""
    recorded_at = log.transaction_time(connection)
    written = 0
    for chunk in _chunks(iter(streams)):
        written += _write(connection, rules, chunk, recorded_at)
    if written:
        log.ring(connection)
    return written


def _add(connection: Connection, rules: Rules, tickets: Sequence[NewTicket], recorded_at: datetime) -> int:
    streams = [(f"ticket/{ticket.number}", ticket.events) for ticket in tickets]
    written = _write(connection, rules, streams, recorded_at)
    deliveries = [{"ticket": t.number, "content_hash": t.content_hash} for t in tickets]
    copy_rows(connection, schema.delivery, deliveries)
    complainants = [
        {"ticket": t.number, "name": c.name, "phone": c.phone, "secrecy": c.secrecy}
        for t in tickets
        if (c := t.complainant) is not None
    ]
    copy_rows(connection, schema.complainant, complainants)
    return written


def _write(
    connection: Connection,
    rules: Rules,
    streams: Sequence[tuple[str, Sequence[Event]]],
    recorded_at: datetime,
) -> int:
    events: list[dict[str, object]] = []
    rows = Rows()
    for stream, happened in streams:
        chained = log.chain(stream, happened, recorded_at)
        events.extend(chained)
        project(stream, happened, chained[-1]["hash"], rules, rows)
    copy_rows(connection, schema.event, events)
    for table, found in rows.by_table.items():
        copy_rows(connection, table, found)
    return len(events)


def continue_known(
    connection: Connection,
    rules: Rules,
    tickets: Sequence[NewTicket],
    delivered_at: datetime | None = None,
) -> tuple[Counts, list[Refused]]:
    """Continue known tickets by what is new; return what was done, and which contradict the store.

    From the first call to the end of the transaction nobody else can write events: do this last.
    """
    if not tickets:
        return Counts(), []
    be_the_only_writer(connection)
    recorded_at = log.transaction_time(connection)
    stored = _streams(connection, tickets)
    counts, refused, grown = Counts(), list[Refused](), list[str]()
    events: list[dict[str, object]] = []
    rows = Rows()
    deliveries: list[dict[str, object]] = []
    for ticket in tickets:
        stream = f"ticket/{ticket.number}"
        records = stored[stream]
        before = [record.event for record in log.in_time_order(records)]
        try:
            new = continuation(before, ticket.events, delivered_at or recorded_at)
        except ContradictionError as error:
            refused.append(Refused(ticket.number, error))
            continue
        deliveries.append({"ticket": ticket.number, "content_hash": ticket.content_hash})
        if not new:
            counts.unchanged += 1
            continue
        last = records[-1]
        chained = log.chain(stream, new, recorded_at, log.Head(last.seq, last.hash))
        events.extend(chained)
        grown.append(ticket.number)
        counts.moved += any(isinstance(event.fact, DueSupplied) for event in new)
        after = sorted((*before, *new), key=_moment)
        project(stream, after, chained[-1]["hash"], rules, rows)
    copy_rows(connection, schema.event, events)
    for table, column in KINDS["ticket"].tables:
        connection.execute(table.delete().where(table.c[column].in_(grown)))
    for table, found in rows.by_table.items():
        copy_rows(connection, table, found)
    _note(connection, deliveries)
    counts.updated, counts.events = len(grown), len(events)
    return counts, refused


def _streams(connection: Connection, tickets: Sequence[NewTicket]) -> dict[str, list[log.Recorded]]:
    found: defaultdict[str, list[log.Recorded]] = defaultdict(list)
    names = [f"ticket/{ticket.number}" for ticket in tickets]
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS)
        .where(schema.event.c.stream.in_(names))
        .order_by(schema.event.c.stream, schema.event.c.seq)
    )
    for row in rows:
        record = log.recorded(row)
        found[record.stream].append(record)
    return found


def _note(connection: Connection, deliveries: Sequence[dict[str, object]]) -> None:
    if not deliveries:
        return
    statement = insert(schema.delivery).values(list(deliveries))
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[schema.delivery.c.ticket],
            set_={"content_hash": statement.excluded.content_hash},
        )
    )


def _moment(event: Event) -> datetime:
    return event.at


def _deliveries(connection: Connection, numbers: Sequence[str]) -> dict[str, bytes]:
    ticket, delivery = schema.ticket, schema.delivery
    rows = connection.execute(
        select(ticket.c.number, delivery.c.content_hash)
        .join(delivery, delivery.c.ticket == ticket.c.number, isouter=True)
        .where(ticket.c.number.in_(numbers))
    )
    return {row.number: bytes(row.content_hash or b"") for row in rows}


def _chunks(items: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(items, CHUNK)):
        yield chunk
