"""Many tickets at once, as an import or the demo city brings them: events, hashes and caches by COPY."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from data_access import log, schema
from data_access.copying import copy_rows
from data_access.project import KINDS, Rows, project
from data_access.rules import Rules
from domain.events import Event
from domain.intake import ContradictionError, NewTicket, continuation

CHUNK = 2000

IMPORTS = 71230005
"""One transaction of new tickets at a time: two imports of the same file come one after the other."""

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
    connection.execute(select(func.pg_advisory_xact_lock(IMPORTS)))
    recorded_at = log.transaction_time(connection)
    for chunk in _chunks(iter(tickets)):
        known = _deliveries(connection, [ticket.number for ticket in chunk])
        fresh: list[NewTicket] = []
        changed: list[NewTicket] = []
        for ticket in chunk:
            stored = known.get(ticket.number)
            if stored is None:
                fresh.append(ticket)
            elif stored != ticket.content_hash:
                changed.append(ticket)
        added = _add(connection, rules, fresh, recorded_at)
        updated, continued, contradicting = _continue(connection, rules, changed, recorded_at)
        counts.added += len(fresh)
        counts.updated += updated
        counts.unchanged += len(chunk) - len(fresh) - updated - len(contradicting)
        counts.events += added + continued
        refused += contradicting
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


def be_the_only_writer(connection: Connection) -> None:
    """Wait until no other transaction writes events, and keep them waiting until this one ends."""
    connection.execute(select(func.pg_advisory_xact_lock(log.WRITERS)))


def _continue(
    connection: Connection, rules: Rules, tickets: Sequence[NewTicket], recorded_at: datetime
) -> tuple[int, int, list[Refused]]:
    """Continue known tickets; return how many grew, by how many events, and which contradict the store."""
    if not tickets:
        return 0, 0, []
    be_the_only_writer(connection)
    stored = _streams(connection, tickets)
    refused: list[Refused] = []
    grown: list[str] = []
    events: list[dict[str, object]] = []
    rows = Rows()
    deliveries: list[dict[str, object]] = []
    for ticket in tickets:
        stream = f"ticket/{ticket.number}"
        records = stored[stream]
        before = [record.event for record in log.in_time_order(records)]
        try:
            new = continuation(before, ticket.events)
        except ContradictionError as error:
            refused.append(Refused(ticket.number, error))
            continue
        deliveries.append({"ticket": ticket.number, "content_hash": ticket.content_hash})
        if new:
            last = records[-1]
            chained = log.chain(stream, new, recorded_at, log.Head(last.seq, last.hash))
            events.extend(chained)
            grown.append(ticket.number)
            project(stream, sorted((*before, *new), key=_moment), chained[-1]["hash"], rules, rows)
    copy_rows(connection, schema.event, events)
    for table, column in KINDS["ticket"].tables:
        connection.execute(table.delete().where(table.c[column].in_(grown)))
    for table, found in rows.by_table.items():
        copy_rows(connection, table, found)
    _note(connection, deliveries)
    return len(grown), len(events), refused


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
