"""Raises what fell due: warnings late and slow, and a draft re-supervision for each red one (T09, T10, T13).

The sweep reads only the partial indexes of what is open and next due. A warning carries the second at which
it became due, however late the sweep runs, and is raised once for its cause.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, literal, not_, select
from sqlalchemy.sql.elements import ColumnElement

from data_access import log, schema
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
from domain.nodes import Node
from domain.people import SYSTEM

LOCK = 71230003
"""One sweep at a time, whichever program runs it."""

PORTION = 500
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
    events: defaultdict[str, list[Event]] = defaultdict(list)
    drafts: list[tuple[str, Row[*tuple[Any, ...]], str]] = []
    raised = cleared = 0
    for level, kind in ((WarningLevel.RED, WarningKind.LATE), (WarningLevel.YELLOW, WarningKind.SLOW)):
        for row in connection.execute(_to_raise(level, kind, now)):
            sentence = rules.policies.in_force(row.policy_family, row.received_at).sentences[kind.value]
            fact = WarningRaised(kind, level, Node(row.node), row.round, row.leg, row.body, sentence)
            events[row.ticket].append(Event(row.due, SYSTEM, fact))
            raised += 1
            if level is WarningLevel.RED:
                drafts.append((row.ticket, row, sentence))
    for row in connection.execute(_to_clear(now)):
        ended = WarningCleared(
            WarningKind(row.kind), WarningLevel(row.level), Node(row.node), row.round, row.leg, row.reason
        )
        events[row.ticket].append(Event(row.at, SYSTEM, ended))
        cleared += 1
    for ticket, row, sentence in drafts:
        number = re_supervision_number(connection, now.astimezone(rules.calendar.zone).year)
        drafted = ReSupervisionDrafted(ticket, row.body, Node(row.node), row.round, sentence)
        log.append(connection, rules, f"re_supervision/{number}", 0, [Event(row.due, SYSTEM, drafted)])
        events[ticket].append(Event(row.due, SYSTEM, ReSupervisionReferred(number, "drafted", sentence)))
    for ticket, happened in sorted(events.items()):
        log.append(connection, rules, f"ticket/{ticket}", None, sorted(happened, key=_at))
    return Swept(raised, cleared, len(drafts), more=raised >= PORTION)


def _to_raise(level: WarningLevel, kind: WarningKind, now: datetime) -> Select[*tuple[Any, ...]]:
    node, ticket, warning = schema.node_state, schema.ticket, schema.warning
    due: ColumnElement[datetime] = node.c.due_at if level is WarningLevel.RED else node.c.yellow_at
    return (
        select(node, due.label("due"), ticket.c.policy_family, ticket.c.received_at)
        .join(ticket, ticket.c.number == node.c.ticket)
        .where(
            node.c.ended_at.is_(None),
            due < now if level is WarningLevel.RED else due <= now,
            not_(
                select(literal(1))
                .where(_same_cause(), warning.c.kind == kind.value, warning.c.level == level.value)
                .exists()
            ),
        )
        .order_by(due, node.c.ticket, node.c.node)
        .limit(PORTION)
    )


def _to_clear(now: datetime) -> Select[*tuple[Any, ...]]:
    node, warning = schema.node_state, schema.warning
    return (
        select(
            warning.c.ticket,
            warning.c.round,
            warning.c.leg,
            warning.c.node,
            warning.c.kind,
            warning.c.level,
            func.coalesce(node.c.ended_at, now).label("at"),
            func.coalesce(node.c.ended, literal("moved")).label("reason"),
        )
        .join(node, _same_cause())
        .where(
            warning.c.cleared_at.is_(None),
            warning.c.kind.in_([WarningKind.LATE.value, WarningKind.SLOW.value]),
            (node.c.ended_at <= now)
            | (
                node.c.ended_at.is_(None)
                & (func.coalesce(node.c.due_at, now) > now)
                & (warning.c.level == WarningLevel.RED.value)
            ),
        )
        .order_by(warning.c.ticket)
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
