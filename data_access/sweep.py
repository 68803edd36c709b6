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

from sqlalchemy import Connection, Row, Select, and_, case, func, literal, not_, select
from sqlalchemy.sql.elements import ColumnElement

from data_access import log, schema
from data_access.readers.states import open_node_is
from data_access.rules import Rules
from data_access.serials import re_supervision_number
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


def sweep(connection: Connection, rules: Rules, now: datetime) -> Swept:
    """Raise and clear warnings as of now, in the caller's transaction."""
    if not connection.execute(select(func.pg_try_advisory_xact_lock(LOCK))).scalar_one():
        return Swept(running=False)
    raised: defaultdict[str, list[Event]] = defaultdict(list)
    found = drafted = most = 0
    for kind, level in LEVELS.items():
        rows = connection.execute(_to_raise(kind, level, now)).all()
        most = max(most, len(rows))
        for row in rows:
            sentence = rules.policies.in_force(row.policy_family, row.received_at).sentences[kind.value]
            fact = WarningRaised(kind, level, Node(row.node), row.round, row.leg, row.body, sentence)
            raised[row.ticket].append(Event(row.since, SYSTEM, fact))
            found += 1
            if level is WarningLevel.RED:
                raised[row.ticket].append(_draft(connection, rules, row, sentence, now))
                drafted += 1
    _append(connection, rules, raised)
    cleared: defaultdict[str, list[Event]] = defaultdict(list)
    gone = 0
    for kind in LEVELS:
        rows = connection.execute(_to_clear(kind, now)).all()
        most = max(most, len(rows))
        for row in rows:
            ended = WarningCleared(
                kind, WarningLevel(row.level), Node(row.node), row.round, row.leg, row.reason
            )
            cleared[row.ticket].append(Event(row.at, SYSTEM, ended))
            gone += 1
    _append(connection, rules, cleared)
    return Swept(found, gone, drafted, more=most >= PORTION)


def _draft(
    connection: Connection, rules: Rules, row: Row[*tuple[Any, ...]], sentence: str, now: datetime
) -> Event:
    number = re_supervision_number(connection, now.astimezone(rules.calendar.zone).year)
    drafted = ReSupervisionDrafted(row.ticket, row.body, Node(row.node), row.round, sentence)
    log.append(connection, rules, f"re_supervision/{number}", 0, [Event(row.since, SYSTEM, drafted)])
    return Event(row.since, SYSTEM, ReSupervisionReferred(number, "drafted", sentence))


def _append(connection: Connection, rules: Rules, events: Mapping[str, Sequence[Event]]) -> None:
    for ticket, happened in sorted(events.items()):
        log.append(connection, rules, f"ticket/{ticket}", None, sorted(happened, key=_at))


def _to_raise(kind: WarningKind, level: WarningLevel, now: datetime) -> Select[*tuple[Any, ...]]:
    node, ticket, warning = schema.node_state, schema.ticket, schema.warning
    late = kind is WarningKind.LATE
    begin: ColumnElement[datetime] = node.c.due_at if late else node.c.yellow_at
    # A source's due time may lie before the ticket came in; nothing happens to a ticket before that.
    since = func.greatest(begin, node.c.started_at)
    return (
        select(node, since.label("since"), ticket.c.policy_family, ticket.c.received_at)
        .join(ticket, ticket.c.number == node.c.ticket)
        .where(
            node.c.ended_at.is_(None),
            begin < now if late else begin <= now,
            not_(
                select(literal(1))
                .where(
                    _same_cause(),
                    warning.c.kind == kind.value,
                    warning.c.level == level.value,
                    warning.c.cleared_at.is_(None) | (warning.c.raised_at >= since),
                )
                .exists()
            ),
        )
        .order_by(begin, node.c.ticket, node.c.node)
        .limit(PORTION)
    )


def _to_clear(kind: WarningKind, now: datetime) -> Select[*tuple[Any, ...]]:
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
            case(
                (node.c.ended_at.is_not(None), node.c.ended_at),
                (over, func.greatest(node.c.due_at, node.c.started_at)),
                else_=now,
            ).label("at"),
            case(
                (node.c.ended_at.is_not(None), node.c.ended), (over, literal("late")), else_=literal("moved")
            ).label("reason"),
        )
        .join(node, _same_cause())
        .where(
            warning.c.cleared_at.is_(None),
            warning.c.kind == kind.value,
            (node.c.ended_at <= now) | (node.c.ended_at.is_(None) & ~node.c.paused & ~runs),
        )
        .order_by(warning.c.ticket)
        .limit(PORTION)
    )


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
