"""Warnings that nobody acknowledged climb the policy's ladder, each step at its own second (T13).

A warning's row knows when it climbs next (`project`): what was not raised in a standstill is raised after it,
with the time at which it should have been, and not at all when somebody had taken note of it by then.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Text, func, literal, select

from data_access import log, schema
from data_access.rules import Rules
from data_access.sweep import lock_proved
from domain.events import Event, WarningEscalated, WarningKind, WarningLevel
from domain.nodes import Node
from domain.people import SYSTEM
from domain.wrong.ladder import next_climb

_warning = schema.warning.c


def next_at(connection: Connection, without: Collection[str] = ()) -> datetime | None:
    """Return when the next warning climbs, None when none does."""
    left = _warning.ticket != func.all(literal(list(without), ARRAY(Text)))
    return connection.execute(
        select(func.min(_warning.escalate_at)).where(_warning.escalate_at.is_not(None), left)
    ).scalar()


def escalate(
    connection: Connection, rules: Rules, now: datetime, most: int, without: Collection[str] = ()
) -> int | None:
    """Let warnings climb by one step each, `most` tickets at a time; return how many did.

    None when there are some and somebody is writing to all of their tickets.
    """
    left = _warning.ticket != func.all(literal(list(without), ARRAY(Text)))
    due = select(_warning.ticket).where(_warning.escalate_at <= now, left)
    found = connection.execute(due.order_by(_warning.escalate_at).limit(most)).scalars()
    numbers = list(dict.fromkeys(found))
    if not numbers:
        return 0
    locked = lock_proved(connection, numbers)
    rows = connection.execute(_due(locked, now)).all()
    additions = {number: [_climbed(rules, row) for row in rows if row.ticket == number] for number in locked}
    log.append(
        connection,
        rules,
        [log.Addition(f"ticket/{number}", sorted(new, key=_at)) for number, new in additions.items() if new],
    )
    return len(rows) if locked else None


def _due(numbers: Sequence[str], now: datetime) -> Any:
    ticket = schema.ticket.c
    return (
        select(schema.warning, ticket.policy_family, ticket.received_at)
        .join(schema.ticket, ticket.number == _warning.ticket)
        .where(_warning.ticket == func.any(literal(list(numbers), ARRAY(Text))), _warning.escalate_at <= now)
        .order_by(_warning.ticket, _warning.escalate_at)
    )


def _climbed(rules: Rules, row: Row[Any]) -> Event:
    level = WarningLevel(row.level)
    ladder = rules.policies.in_force(row.policy_family, row.received_at).ladder
    climb = next_climb(ladder, level, row.raised_at, row.escalated_step or 0)
    if climb is None or climb.at != row.escalate_at:
        raise ValueError(f"ticket {row.ticket}: a warning does not climb when its row says")
    fact = WarningEscalated(
        WarningKind(row.kind),
        level,
        Node(row.node),
        row.round,
        row.leg,
        climb.step,
        climb.to,
        row.part,
        row.rule_id,
    )
    return Event(climb.at, SYSTEM, fact)


def _at(event: Event) -> datetime:
    return event.at
