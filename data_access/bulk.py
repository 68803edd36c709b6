"""Many tickets at once, as an import or the demo city brings them: events, hashes and caches by COPY."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

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


@dataclass(frozen=True, slots=True)
class Prepared:
    """How a ticket goes on after its event `version`, ready to be written: rows of the event table, and
    cached rows by the names of their tables. None of both when the delivery says nothing new.
    """

    ticket: NewTicket
    version: int
    events: list[dict[str, Any]]
    cached: dict[str, list[dict[str, Any]]]
    moved: bool


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
    wait in memory until all others are written, some kilobytes each: for a file of any length, `add_new`,
    `prepare` and `continue_known` leave the waiting to the caller.

    `delivered_at` (default: now, by the database's clock) is when the source said so, for what carries no
    time of its own.
    """
    be_the_only_import(connection)
    counts, waiting, refused = Counts(), list[Prepared](), list[Refused]()
    for chunk in _chunks(iter(tickets)):
        added, changed = add_new(connection, rules, chunk)
        counts.add(added)
        prepared, contradicting = prepare(connection, rules, changed, delivered_at)
        waiting += prepared
        refused += contradicting
    for ready in _chunks(iter(waiting)):
        continued, contradicting = continue_known(connection, rules, ready, delivered_at)
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
    `prepare` for what comes back, and when all is read `continue_known` and `log.ring`.
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
    copy_rows(connection, schema.delivery, [_delivery(ticket) for ticket in tickets])
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


def prepare(
    connection: Connection,
    rules: Rules,
    tickets: Sequence[NewTicket],
    delivered_at: datetime | None = None,
) -> tuple[list[Prepared], list[Refused]]:
    """Work out how known tickets go on; return also those that contradict the store. Writes nothing."""
    if not tickets:
        return [], []
    recorded_at = log.transaction_time(connection)
    stored = _streams(connection, tickets)
    prepared, refused = list[Prepared](), list[Refused]()
    for ticket in tickets:
        stream = f"ticket/{ticket.number}"
        records = stored[stream]
        before = [record.event for record in log.in_time_order(records)]
        try:
            new = continuation(before, ticket.events, delivered_at or recorded_at)
        except ContradictionError as error:
            refused.append(Refused(ticket.number, error))
            continue
        last, rows = records[-1], Rows()
        chained = log.chain(stream, new, recorded_at, log.Head(last.seq, last.hash))
        if new:
            project(stream, sorted((*before, *new), key=_moment), chained[-1]["hash"], rules, rows)
        cached = {table.name: found for table, found in rows.by_table.items()}
        moved = any(isinstance(event.fact, DueSupplied) for event in new)
        prepared.append(Prepared(ticket, last.seq, chained, cached, moved))
    return prepared, refused


def continue_known(
    connection: Connection,
    rules: Rules,
    prepared: Sequence[Prepared],
    delivered_at: datetime | None = None,
) -> tuple[Counts, list[Refused]]:
    """Write what was prepared; return what was done, and which tickets contradict the store by now.

    From the first call to the end of the transaction nobody else can write events: do this last.
    """
    if not prepared:
        return Counts(), []
    be_the_only_writer(connection)
    heads = log.heads(connection, [f"ticket/{item.ticket.number}" for item in prepared])
    valid, overtaken = list[Prepared](), list[NewTicket]()
    for item in prepared:
        if heads[f"ticket/{item.ticket.number}"].version == item.version:
            valid.append(item)
        else:
            overtaken.append(item.ticket)
    again, refused = prepare(connection, rules, overtaken, delivered_at)
    valid += again
    grown = [item for item in valid if item.events]
    numbers = [item.ticket.number for item in grown]
    copy_rows(connection, schema.event, [row for item in grown for row in item.events])
    for table, column in KINDS["ticket"].tables:
        connection.execute(table.delete().where(table.c[column].in_(numbers)))
        copy_rows(connection, table, [row for item in grown for row in item.cached.get(table.name, ())])
    _note(connection, [item.ticket for item in valid])
    return Counts(
        updated=len(grown),
        unchanged=len(valid) - len(grown),
        events=sum(len(item.events) for item in grown),
        moved=sum(item.moved for item in grown),
    ), refused


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


def _note(connection: Connection, tickets: Sequence[NewTicket]) -> None:
    # Not an upsert: that takes as long as all else here, and everybody waits for it.
    delivery = schema.delivery
    numbers = [ticket.number for ticket in tickets]
    connection.execute(delivery.delete().where(delivery.c.ticket.in_(numbers)))
    copy_rows(connection, delivery, [_delivery(ticket) for ticket in tickets])


def _delivery(ticket: NewTicket) -> dict[str, object]:
    return {"ticket": ticket.number, "content_hash": ticket.content_hash}


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
