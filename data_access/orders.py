"""What an order needs to know before it is decided, read from the events themselves wherever that can be.

A cache may be behind, and shows a person no more than rows of its own: what a step is decided on is the
stream, under a lock that holds until the order is written.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, func, literal, select

from data_access import log, schema
from data_access.directive_rows import folded
from data_access.rules import Rules
from data_access.serials import directive_number, re_supervision_number
from domain.case_events import LetGo, TookIn
from domain.case_orders import ORDERS
from domain.city import BodyKind
from domain.clock import TicketClock, clock
from domain.directive import Directive
from domain.events import (
    DirectiveReferred,
    Event,
    Fact,
    Received,
    ReSupervisionDrafted,
    ReSupervisionReferred,
    WarningAcknowledged,
    WarningCleared,
    WarningRaised,
)
from domain.re_supervision import ReSupervision, fold_re_supervision

T = TypeVar("T")

NOTES: tuple[type[Fact], ...] = (
    WarningRaised,
    WarningCleared,
    WarningAcknowledged,
    DirectiveReferred,
    ReSupervisionReferred,
    *ORDERS,
    TookIn,
    LetGo,
)
"""What is noted in a ticket's log beside its procedure: it makes nobody's decision stale."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands when an order is decided: `events` in their order of time, and the clocks.

    `clock.as_of` is the moment of the decision: now, but never before what has happened already, as a seat's
    own clock may be slow. `head` is the stream's last event.
    """

    number: str
    events: tuple[Event, ...]
    clock: TicketClock
    head: log.Head
    recorded: tuple[log.Recorded, ...]

    def moved_since(self, version: int) -> bool:
        """Whether the ticket has gone on since somebody saw this version of it."""
        return version > self.head.version or any(
            record.seq > version and not isinstance(record.event.fact, NOTES) for record in self.recorded
        )


def standing(connection: Connection, rules: Rules, number: str, now: datetime) -> Standing | None:
    """Return how a ticket stands, None when there is none. The caller has locked its stream."""
    records = log.read_stream(connection, f"ticket/{number}")
    if not records:
        return None
    events = tuple(record.event for record in log.in_time_order(records))
    received = events[0].fact
    family = received.policy if isinstance(received, Received) else "standard"
    policy = rules.policies.in_force(family, events[0].at)
    moment = max(now, events[-1].at)
    clocks = clock(events, policy, rules.calendar, moment)
    return Standing(number, events, clocks, log.Head(records[-1].seq, records[-1].hash), records)


def events_of(connection: Connection, number: str) -> list[Event]:
    """Return a ticket's events in their order of time; none when there is no such ticket."""
    return _events(log.read_stream(connection, f"ticket/{number}"))


def events_of_tickets(connection: Connection, numbers: Collection[str]) -> dict[str, list[Event]]:
    """Return the events of several tickets as `events_of`; nothing of those that do not exist."""
    event = schema.event.c
    streams = literal([f"ticket/{number}" for number in numbers], ARRAY(Text))
    rows = connection.execute(select(*log.RECORDED_COLUMNS).where(event.stream == func.any(streams)))
    found: defaultdict[str, list[log.Recorded]] = defaultdict(list)
    for record in map(log.recorded, rows):
        found[record.stream.partition("/")[2]].append(record)
    return {number: _events(records) for number, records in found.items()}


def events_of_request(connection: Connection, request: UUID) -> list[tuple[str, Event]]:
    """Return what an order has written, if it was carried out: each event with its stream."""
    event = schema.event.c
    found = select(*log.RECORDED_COLUMNS).where(event.request == request).order_by(event.id)
    records = (log.recorded(row) for row in connection.execute(found))
    return [(record.stream, record.event) for record in records]


def body_kinds(connection: Connection) -> dict[str, BodyKind]:
    """Return all bodies by key, each with its kind."""
    body = schema.body.c
    return {row.key: BodyKind(row.kind) for row in connection.execute(select(body.key, body.kind))}


def categories(connection: Connection) -> frozenset[str]:
    """Return the codes of all kinds of the responsibility list."""
    return frozenset(connection.execute(select(schema.category.c.code)).scalars())


def existing_tickets(connection: Connection, numbers: Collection[str]) -> frozenset[str]:
    """Return those of the numbers that are tickets."""
    ticket = schema.ticket
    return frozenset(
        connection.execute(select(ticket.c.number).where(ticket.c.number.in_(numbers))).scalars()
    )


@dataclass(frozen=True, slots=True)
class Matter(Generic[T]):
    """A directive or a file as its events leave it: its version, and when the last of them happened."""

    state: T
    version: int
    last_at: datetime


def directive(connection: Connection, rules: Rules, number: str) -> Matter[Directive] | None:
    """Return a directive from its events, None when there is none."""
    records = log.read_stream(connection, f"directive/{number}")
    events = _events(records)
    return Matter(folded(number, events, rules), records[-1].seq, events[-1].at) if events else None


def re_supervision(connection: Connection, number: str) -> Matter[ReSupervision] | None:
    """Return a file from its events, None when there is none."""
    records = log.read_stream(connection, f"re_supervision/{number}")
    events = _events(records)
    return Matter(fold_re_supervision(number, events), records[-1].seq, events[-1].at) if events else None


def ticket_of_file(connection: Connection, number: str) -> str | None:
    """Return the ticket that a file is about, as its first event says for good; None without such a file."""
    first = next(iter(log.read_stream(connection, f"re_supervision/{number}")), None)
    if first is None or not isinstance(first.event.fact, ReSupervisionDrafted):
        return None
    return first.event.fact.ticket


def files_about(connection: Connection, events: Iterable[Event]) -> Sequence[ReSupervision]:
    """Return the re-supervision files that a ticket's events refer to: that is all files about it."""
    numbers = sorted({e.fact.number for e in events if isinstance(e.fact, ReSupervisionReferred)})
    found = (re_supervision(connection, number) for number in numbers)
    return [known.state for known in found if known is not None]


def _events(records: Sequence[log.Recorded]) -> list[Event]:
    return [record.event for record in log.in_time_order(records)]


__all__ = [
    "Matter",
    "Standing",
    "body_kinds",
    "categories",
    "directive",
    "directive_number",
    "events_of",
    "existing_tickets",
    "files_about",
    "re_supervision",
    "re_supervision_number",
    "standing",
    "ticket_of_file",
]
