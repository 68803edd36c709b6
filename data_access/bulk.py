"""Many tickets at once, as an import or the demo city brings them: events, hashes and caches by COPY."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from data_access import log, schema
from data_access.copying import copy_rows
from data_access.project import Rows, project
from data_access.rules import Rules
from domain.events import Event
from domain.intake import ContradictionError, NewTicket, continuation

CHUNK = 2000
T = TypeVar("T")


@dataclass(slots=True)
class Counts:
    """What became of the tickets, and how many events were written."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A ticket whose delivery contradicts what is stored."""

    number: str
    error: ContradictionError


def add_tickets(
    connection: Connection, rules: Rules, tickets: Iterable[NewTicket]
) -> tuple[Counts, tuple[Refused, ...]]:
    """Write tickets in the caller's transaction.

    A new number is added; a known one with the same content hash is left alone; a known one with other
    content is continued by the events that are new, or refused when it contradicts what is stored.
    """
    counts, refused = Counts(), []
    recorded_at = log.transaction_time(connection)
    for chunk in _chunks(iter(tickets)):
        known = _deliveries(connection, [ticket.number for ticket in chunk])
        fresh: list[NewTicket] = []
        for ticket in chunk:
            stored = known.get(ticket.number)
            if stored is None:
                fresh.append(ticket)
            elif stored == ticket.content_hash:
                counts.unchanged += 1
            else:
                try:
                    counts.events += _continue(connection, rules, ticket)
                    counts.updated += 1
                except ContradictionError as error:
                    refused.append(Refused(ticket.number, error))
        counts.events += _add(connection, rules, fresh, recorded_at)
        counts.added += len(fresh)
    if counts.events:
        log.ring(connection)
    return counts, tuple(refused)


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


def _continue(connection: Connection, rules: Rules, ticket: NewTicket) -> int:
    stream = f"ticket/{ticket.number}"
    stored = log.in_time_order(log.read_stream(connection, stream))
    new = continuation([record.event for record in stored], ticket.events)
    if new:
        log.append(connection, rules, stream, len(stored), new)
    values = {"content_hash": ticket.content_hash}
    connection.execute(
        insert(schema.delivery)
        .values(ticket=ticket.number, **values)
        .on_conflict_do_update(index_elements=[schema.delivery.c.ticket], set_=values)
    )
    return len(new)


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
