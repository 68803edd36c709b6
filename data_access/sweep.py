"""Raises what fell due: warnings late and slow, and a draft re-supervision for each red one (T09, T10, T13).

The sweep reads only the partial indexes of what is open and next due. A warning carries the second at which
it became due, however late the sweep runs, and is raised once for its cause; a due time that was moved and
passed again is another cause. What runs now is `domain.warnings`; a slow warning that became late is cleared
at the due time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Select, Text, and_, case, func, literal, select, true
from sqlalchemy.sql.elements import ColumnElement

from data_access import log, schema
from data_access.readers.states import open_node_is
from data_access.rules import Rules
from data_access.serials import re_supervision_numbers
from domain.events import (
    Event,
    ReSupervisionDrafted,
    ReSupervisionReferred,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.nodes import Node, NodeStatus
from domain.people import SYSTEM
from domain.re_supervision import FileState
from domain.warnings import LEVELS

LOCK = 71230003
"""One sweep at a time, whichever program runs it."""

PORTION = 100
"""Warnings of a level in one transaction, so that a long standstill is caught up in short steps."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. `more` says that another portion waits; `running` is False when another program
    was sweeping.
    """

    raised: int = 0
    cleared: int = 0
    drafted: int = 0
    more: bool = False
    running: bool = True


def sweep(connection: Connection, rules: Rules, now: datetime, ticket: str | None = None) -> Swept:
    """Raise and clear warnings as of now, in the caller's transaction: everywhere, or of one ticket.

    What is to be done is looked up, the tickets are locked, and it is looked up again: nothing is written
    that a step reported meanwhile has made untrue.
    """
    if ticket is None and not _may_run(connection):
        return Swept(running=False)
    candidates = _tickets(connection, now, ticket)
    if not candidates:
        return Swept()
    log.lock(connection, [f"ticket/{number}" for number in candidates])
    raised, drafted = _raise(connection, rules, now, candidates)
    cleared = _clear(connection, rules, now, candidates)
    return Swept(raised, cleared, drafted, more=ticket is None and len(candidates) >= PORTION)


def _raise(connection: Connection, rules: Rules, now: datetime, tickets: Sequence[str]) -> tuple[int, int]:
    """Raise what is due of these tickets; return how many warnings and how many drafts."""
    events: defaultdict[str, list[Event]] = defaultdict(list)
    late: list[_Raised] = []
    raised = 0
    for kind, level in LEVELS.items():
        for row in connection.execute(_to_raise(kind, now, tickets)):
            sentence = rules.policies.in_force(row.policy_family, row.received_at).sentences[kind.value]
            node = Node(row.node)
            fact = WarningRaised(kind, level, node, row.round, row.leg, row.body, sentence)
            events[row.ticket].append(Event(row.since, SYSTEM, fact))
            raised += 1
            if level is WarningLevel.RED:
                late.append(_Raised(row.ticket, row.body, node, row.round, sentence, row.since))
    drafts = _drafts(connection, rules, late, now)
    for number, matter in drafts.items():
        referred = ReSupervisionReferred(number, "drafted", matter.sentence)
        events[matter.ticket].append(Event(matter.since, SYSTEM, referred))
    files = [
        log.Addition(f"re_supervision/{number}", [matter.drafted], 0) for number, matter in drafts.items()
    ]
    _append(connection, rules, events, files)
    return raised, len(drafts)


def _clear(connection: Connection, rules: Rules, now: datetime, tickets: Sequence[str]) -> int:
    """Clear what has ended of these tickets; return how many warnings."""
    events: defaultdict[str, list[Event]] = defaultdict(list)
    cleared = 0
    for kind in LEVELS:
        for row in connection.execute(_to_clear(kind, now, tickets)):
            ended = WarningCleared(
                kind, WarningLevel(row.level), Node(row.node), row.round, row.leg, row.reason
            )
            events[row.ticket].append(Event(row.at, SYSTEM, ended))
            cleared += 1
    _append(connection, rules, events, ())
    return cleared


def _append(
    connection: Connection, rules: Rules, events: Mapping[str, Sequence[Event]], files: Sequence[log.Addition]
) -> None:
    tickets = [log.Addition(f"ticket/{number}", sorted(found, key=_at)) for number, found in events.items()]
    if tickets or files:
        log.append(connection, rules, [*tickets, *files])


@dataclass(frozen=True, slots=True)
class _Raised:
    """A red warning that was just raised."""

    ticket: str
    body: str | None
    node: Node
    round: int
    sentence: str
    since: datetime

    @property
    def drafted(self) -> Event:
        fact = ReSupervisionDrafted(self.ticket, self.body, self.node, self.round, self.sentence)
        return Event(self.since, SYSTEM, fact)


def _may_run(connection: Connection) -> bool:
    # An import that continues thousands of tickets goes first: the sweep comes round again in a moment.
    free = select(func.pg_try_advisory_xact_lock(LOCK), func.pg_try_advisory_xact_lock_shared(log.WRITERS))
    return all(connection.execute(free).one())


def _tickets(connection: Connection, now: datetime, ticket: str | None) -> list[str]:
    """Return the tickets with something to raise or to clear, at most a portion of each kind."""
    only = None if ticket is None else [ticket]
    found: dict[str, None] = {}
    for kind in LEVELS:
        for statement in (_to_raise(kind, now, only), _to_clear(kind, now, only)):
            found.update(dict.fromkeys(row.ticket for row in connection.execute(statement.limit(PORTION))))
    return list(found)


def _drafts(
    connection: Connection, rules: Rules, late: Sequence[_Raised], now: datetime
) -> dict[str, _Raised]:
    """Return a number for each matter that has no open file yet."""
    file = schema.re_supervision
    rows = connection.execute(
        select(file.c.ticket, file.c.node, file.c.round).where(
            file.c.ticket == func.any(literal([matter.ticket for matter in late], ARRAY(Text))),
            file.c.state.not_in([FileState.CLOSED.value, FileState.DECLINED.value]),
        )
    )
    known = {(row.ticket, row.node, row.round) for row in rows}
    new = {
        key: matter
        for matter in late
        if (key := (matter.ticket, matter.node.value, matter.round)) not in known
    }
    year = now.astimezone(rules.calendar.zone).year
    return dict(zip(re_supervision_numbers(connection, year, len(new)), new.values(), strict=True))


def _to_raise(kind: WarningKind, now: datetime, tickets: Sequence[str] | None) -> Select[*tuple[Any, ...]]:
    node, ticket = schema.node_state, schema.ticket
    late = kind is WarningKind.LATE
    begin: ColumnElement[datetime] = node.c.due_at if late else node.c.yellow_at
    # A source's due time may lie before the ticket came in; nothing happens to a ticket before that.
    since = func.greatest(begin, node.c.started_at)
    return (
        select(node, since.label("since"), ticket.c.policy_family, ticket.c.received_at)
        .join(ticket, ticket.c.number == node.c.ticket)
        .where(
            _among(node.c.ticket, tickets),
            node.c.ended_at.is_(None),
            begin < now if late else begin <= now,
            ~(node.c.warned_late if late else node.c.warned_slow),
        )
        .order_by(begin, node.c.ticket, node.c.node)
    )


def _to_clear(kind: WarningKind, now: datetime, tickets: Sequence[str] | None) -> Select[*tuple[Any, ...]]:
    """The reason is how the node ended; "late" for a slow one that fell due; "moved" when it got more time.

    A paused clock keeps its warnings: it stands still, and with it what it says.
    """
    node, warning = schema.node_state, schema.warning
    over = open_node_is(NodeStatus.OVERDUE, now).is_(True)
    runs = over if kind is WarningKind.LATE else open_node_is(NodeStatus.DUE_SOON, now).is_(True)
    return (
        select(
            warning.c.ticket,
            warning.c.round,
            warning.c.leg,
            warning.c.node,
            warning.c.level,
            # A step reported late may lie before the warning: it is cleared then, but not before it stood.
            func.greatest(
                warning.c.raised_at,
                case(
                    (node.c.ended_at.is_not(None), node.c.ended_at),
                    (over, func.greatest(node.c.due_at, node.c.started_at)),
                    else_=now,
                ),
            ).label("at"),
            case(
                (node.c.ended_at.is_not(None), node.c.ended), (over, literal("late")), else_=literal("moved")
            ).label("reason"),
        )
        .join(node, _same_cause())
        .where(
            _among(warning.c.ticket, tickets),
            warning.c.cleared_at.is_(None),
            warning.c.clear_from <= now,
            warning.c.kind == kind.value,
            (node.c.ended_at <= now) | (node.c.ended_at.is_(None) & ~node.c.paused & ~runs),
        )
        .order_by(warning.c.ticket, warning.c.raised_at)
    )


def _among(column: ColumnElement[str], tickets: Sequence[str] | None) -> ColumnElement[bool]:
    if tickets is None:
        return true()
    return column == func.any(literal(list(tickets), ARRAY(Text)))


def _same_cause() -> ColumnElement[bool]:
    node, warning = schema.node_state, schema.warning
    return and_(
        warning.c.ticket == node.c.ticket,
        warning.c.round == node.c.round,
        warning.c.leg == node.c.leg,
        warning.c.node == node.c.node,
    )


def _at(event: Event) -> datetime:
    return event.at
