"""What waits to be done in a store, for the living demo: open tickets, warnings, files, directives and items.

Only what made-up people may touch: tickets that an import brought belong to their source, and are left alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Select, Text, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from data_access import bulk, schema
from data_access.store import Session, Store
from domain.due import DueSource
from domain.events import WarningKind, WarningLevel
from domain.nodes import Node
from domain.people import IMPORTED_BY
from domain.re_supervision import FileState
from domain.urgency import Urgency

ALIVE = 71230010
"""An advisory lock of the session that plays the city's life: one at a time."""

CHUNK = 2000
FAMILY = "standard"


@dataclass(frozen=True, slots=True)
class OpenNode:
    """A clock that runs. `extended`: its due time was granted by the platform office."""

    node: Node
    round: int
    leg: int
    body: str | None
    due_at: datetime | None
    yellow_at: datetime | None
    extended: bool


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket as far as the next step depends on it. `version` is that of its stream; `stepped_at`
    is when the last node ended, or when it came in.
    """

    number: str
    version: int
    urgency: Urgency
    category: str
    area: str | None
    lead: str | None
    assisting: tuple[str, ...]
    paused: bool
    stepped_at: datetime
    nodes: tuple[OpenNode, ...]


def is_sample(connection: Connection) -> bool:
    """Whether the store's city is marked as made up."""
    return bool(connection.execute(select(schema.city.c.sample)).scalar())


def count_open(connection: Connection) -> int:
    """Return how many open tickets there are to play with."""
    count = connection.execute(_own(select(func.count()).select_from(schema.ticket))).scalar_one()
    return int(count)


def open_tickets(connection: Connection, most: int) -> list[OpenTicket]:
    """Return open tickets, those next due first, `most` at the most."""
    ticket = schema.ticket.c
    statement = _own(select(ticket.number)).order_by(ticket.red_at.nulls_last(), ticket.number).limit(most)
    return tickets_of(connection, connection.execute(statement).scalars().all())


def open_tickets_since(connection: Connection, channel: str, since: datetime) -> list[OpenTicket]:
    """Return the open tickets that came in by a channel since a moment."""
    ticket = schema.ticket.c
    came = _own(select(ticket.number)).where(ticket.received_at >= since, ticket.channel == channel)
    return tickets_of(connection, connection.execute(came).scalars().all())


def tickets_of(connection: Connection, numbers: Sequence[str]) -> list[OpenTicket]:
    """Return those of these tickets that are open."""
    found: list[OpenTicket] = []
    for first in range(0, len(numbers), CHUNK):
        found += _tickets(connection, numbers[first : first + CHUNK])
    return found


def _tickets(connection: Connection, numbers: Sequence[str]) -> list[OpenTicket]:
    ticket, state = schema.ticket.c, schema.node_state.c
    nodes: defaultdict[str, list[OpenNode]] = defaultdict(list)
    ended: dict[str, datetime] = {}
    clocks = select(
        state.ticket,
        state.node,
        state.round,
        state.leg,
        state.body,
        state.due_at,
        state.yellow_at,
        state.due_source,
        state.ended_at,
    ).where(_among(state.ticket, numbers))
    for row in connection.execute(clocks):
        if row.ended_at is None:
            nodes[row.ticket].append(
                OpenNode(
                    Node(row.node),
                    row.round,
                    row.leg,
                    row.body,
                    row.due_at,
                    row.yellow_at,
                    row.due_source == DueSource.EXTENSION.value,
                )
            )
        else:
            ended[row.ticket] = max(row.ended_at, ended.get(row.ticket, row.ended_at))
    statement = _own(
        select(
            ticket.number,
            ticket.version,
            ticket.urgency,
            ticket.category,
            ticket.area,
            ticket.lead,
            ticket.assisting,
            ticket.paused,
            ticket.received_at,
        )
    ).where(_among(ticket.number, numbers))
    return [
        OpenTicket(
            row.number,
            row.version,
            Urgency(row.urgency),
            row.category,
            row.area,
            row.lead,
            tuple(row.assisting),
            row.paused,
            ended.get(row.number, row.received_at),
            tuple(nodes[row.number]),
        )
        for row in connection.execute(statement)
    ]


def last_serial(connection: Connection, prefix: str) -> int:
    """Return the highest serial of ticket numbers that begin so, 0 when there is none."""
    number = schema.ticket.c.number
    statement = (
        select(number)
        .where(number >= prefix, number < f"{prefix}:")
        .order_by(func.length(number).desc(), number.desc())
        .limit(1)
    )
    last = connection.execute(statement).scalar()
    return 0 if last is None else int("0" + last.removeprefix(prefix))


def may_bring_tickets(connection: Connection) -> bool:
    """Take the imports' lock if nobody has it: an import that runs for minutes is not waited for."""
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(bulk.IMPORTS))).scalar_one())


# --- beside the tickets -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """A warning that runs and that nobody has acknowledged."""

    ticket: str
    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    body: str | None
    raised_at: datetime
    part: int = 0
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A re-supervision file that is not closed; `last_at` is when its last event happened."""

    number: str
    version: int
    ticket: str
    body: str | None
    node: Node | None
    round: int | None
    cause: str
    state: FileState
    officer: str | None
    last_at: datetime


@dataclass(frozen=True, slots=True)
class OpenReceipt:
    """A receiver of a directive whose answer is not accepted yet."""

    directive: str
    version: int
    issued_by: str
    issued_at: datetime
    deadline: datetime
    body: str
    signed_at: datetime | None
    fed_back_at: datetime | None
    accepted: bool | None
    sign_by: datetime
    reminded_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it has not signed, or not fed back, by when it should have."""
        owes = self.fed_back_at is None or self.accepted is False
        return owes and (now > self.deadline or (self.signed_at is None and now > self.sign_by))


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A ledger item that is not closed out."""

    number: str
    version: int
    body: str
    percent: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class OpenAffairs:
    """What waits beside the tickets' own steps: red alarms first, the oldest of each kind first."""

    alarms: tuple[OpenAlarm, ...]
    files: tuple[OpenFile, ...]
    receipts: tuple[OpenReceipt, ...]
    items: tuple[OpenItem, ...]


def open_affairs(connection: Connection, most: int) -> OpenAffairs:
    """Return `most` of each kind at the most."""
    return OpenAffairs(
        _alarms(connection, most),
        _files(connection, most),
        _receipts(connection, most),
        _items(connection, most),
    )


def _alarms(connection: Connection, most: int) -> tuple[OpenAlarm, ...]:
    warning = schema.warning.c
    statement = (
        select(schema.warning)
        .where(warning.cleared_at.is_(None), warning.acknowledged_at.is_(None), ~_imported(warning.ticket))
        .order_by(warning.level, warning.raised_at, warning.ticket)
        .limit(most)
    )
    return tuple(
        OpenAlarm(
            row.ticket,
            WarningKind(row.kind),
            WarningLevel(row.level),
            Node(row.node),
            row.round,
            row.leg,
            row.body,
            row.raised_at,
            row.part,
            row.rule_id,
        )
        for row in connection.execute(statement)
    )


def _files(connection: Connection, most: int) -> tuple[OpenFile, ...]:
    file, event = schema.re_supervision.c, schema.event.c
    done = [FileState.CLOSED.value, FileState.DECLINED.value]
    last = (
        select(event.at)
        .where(event.stream == literal("re_supervision/").concat(file.number), event.seq == file.version)
        .scalar_subquery()
    )
    statement = (
        select(schema.re_supervision, last.label("last_at"))
        .where(file.state.not_in(done), ~_imported(file.ticket))
        .order_by(file.drafted_at, file.number)
        .limit(most)
    )
    return tuple(
        OpenFile(
            row.number,
            row.version,
            row.ticket,
            row.body,
            Node(row.node) if row.node else None,
            row.round,
            row.cause,
            FileState(row.state),
            row.officer,
            row.last_at,
        )
        for row in connection.execute(statement)
    )


def _receipts(connection: Connection, most: int) -> tuple[OpenReceipt, ...]:
    directive, receiver = schema.directive.c, schema.directive_receiver.c
    statement = (
        select(
            directive.number,
            directive.version,
            directive.issued_by,
            directive.issued_at,
            directive.deadline,
            receiver.body,
            receiver.signed_at,
            receiver.fed_back_at,
            receiver.accepted,
            directive.sign_by,
            receiver.reminded_at,
        )
        .join_from(schema.directive, schema.directive_receiver, receiver.directive == directive.number)
        .where(directive.withdrawn_at.is_(None), receiver.accepted.is_not(True))
        .order_by(directive.issued_at, directive.number, receiver.body)
        .limit(most)
    )
    return tuple(OpenReceipt(*row) for row in connection.execute(statement))


def _items(connection: Connection, most: int) -> tuple[OpenItem, ...]:
    item = schema.item.c
    last = func.coalesce(item.last_progress_at, item.opened_at)
    statement = (
        select(item.number, item.version, item.body, item.percent, last)
        .where(item.closed_out_at.is_(None))
        .order_by(last, item.number)
        .limit(most)
    )
    return tuple(OpenItem(*row) for row in connection.execute(statement))


class Turn:
    """The right to play the city's life: held by a connection of its own, lost when that breaks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session: Session | None = None

    def take(self) -> bool:
        """Return whether this program has the turn now: it had it and still has, or it was free.

        Raises:
            StoreError: the database cannot be reached.
        """
        if self._session is None:
            self._session = self._store.session({"application_name": "qingshao living demo"})
            ask = _take_turn
        else:
            ask = _is_there
        taken = False
        try:
            taken = self._session.write(ask)
        finally:
            if not taken:
                self.give_back()
        return taken

    def give_back(self) -> None:
        """Let somebody else have it."""
        if self._session is not None:
            self._session.close()
            self._session = None


def _take_turn(connection: Connection) -> bool:
    return bool(connection.execute(select(func.pg_try_advisory_lock(ALIVE))).scalar_one())


def _is_there(connection: Connection) -> bool:
    return bool(connection.execute(select(literal(True))).scalar_one())


def _own(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    ticket = schema.ticket.c
    return statement.where(
        ticket.closed_at.is_(None),
        ticket.policy_family == FAMILY,
        ticket.category.is_not(None),
        ~_imported(ticket.number),
    )


def _imported(number: ColumnElement[Any]) -> ColumnElement[bool]:
    # One event a ticket, by its index: a condition on all of them read the whole log of a large store.
    event = schema.event.c
    first = select(event.person).where(event.stream == literal("ticket/").concat(number), event.seq == 1)
    return first.scalar_subquery().startswith(IMPORTED_BY)


def _among(column: ColumnElement[Any], numbers: Sequence[str]) -> ColumnElement[bool]:
    return column == func.any(literal(list(numbers), ARRAY(Text)))
