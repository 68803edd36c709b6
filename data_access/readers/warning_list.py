"""The list of running warnings at any length: its keys in order, and any of them by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from data_access import schema
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from data_access.readers.states import open_node_is
from data_access.readers.warnings import warnings_of_tickets
from data_access.rules import Rules
from domain.events import WarningKind, WarningLevel
from domain.listing import (
    KEY_MARK,
    WarningCounts,
    WarningFilter,
    WarningOrder,
    WarningRow,
    WarningsBy,
)
from domain.nodes import NodeStatus
from domain.urgency import Urgency

_node, _warning, _ticket = schema.node_state.c, schema.warning.c, schema.ticket.c


def ticket_of(key: str) -> str:
    """Return the number of the ticket that a key speaks of."""
    return key.partition(KEY_MARK)[0]


def settled_warnings(
    connection: Connection, chosen: WarningFilter, now: datetime, order: WarningOrder
) -> tuple[Settled, WarningCounts]:
    """Return the keys of all running warnings that a filter names, in an order, and how many there are.

    The counts are of the filter's body and area, whatever its level and kind.
    """
    running = union_all(
        clock_warnings(WarningKind.LATE, chosen, now, order.by),
        clock_warnings(WarningKind.SLOW, chosen, now, order.by),
        wrong_warnings(chosen, now),
    ).cte("running")
    row = running.c
    number = func.count()
    by_level = {level: number.filter(row.level == level.value) for level in WarningLevel}
    by_kind = {kind: number.filter(row.kind == kind.value) for kind in WarningKind}
    named = and_(
        row.level == chosen.level.value if chosen.level is not None else true(),
        row.kind == chosen.kind.value if chosen.kind is not None else true(),
        row.acknowledged_by.is_(None) if chosen.unacknowledged else true(),
    )
    keys = in_order(row.key, sort_keys(row, order)).filter(named)
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    found = connection.execute(
        select(
            keys,
            by_level[WarningLevel.RED],
            by_level[WarningLevel.YELLOW],
            by_kind[WarningKind.LATE],
            by_kind[WarningKind.SLOW],
            by_kind[WarningKind.WRONG],
        )
    ).one()
    return Settled([found[0]]), WarningCounts(*found[1:])


def warnings_by_key(
    connection: Connection, rules: Rules, keys: Sequence[str], now: datetime
) -> list[WarningRow | None]:
    """Return warnings as of now, in the order of their keys; None for those that no longer run."""
    tickets = list(dict.fromkeys(map(ticket_of, keys)))
    found = {row.key: row for row in warnings_of_tickets(connection, rules, tickets, now)}
    return [found.get(key) for key in keys]


def sort_keys(row: Any, order: WarningOrder) -> list[ColumnElement[Any]]:
    """Return what rows of running warnings are sorted by."""
    red_first = case((row.level == WarningLevel.RED.value, 0), else_=1)
    clock = [row.node, row.round, row.leg, row.part]
    urgency = case({urgency.value: place for place, urgency in enumerate(Urgency)}, value=row.urgency)
    urgent_red = case((row.level == WarningLevel.RED.value, urgency), else_=0)
    first = {
        WarningsBy.WORST: [red_first, row.acknowledged_by.is_not(None), urgent_red],
        WarningsBy.DUE: [row.due_at],
        WarningsBy.SINCE: [row.since],
        WarningsBy.URGENCY: [urgency],
        WarningsBy.AREA: [row.area],
        WarningsBy.BODY: [row.body],
    }[order.by]
    keys = [*first, red_first, row.due_at, row.ticket, *clock, row.kind, row.key]
    return [key.desc() for key in keys] if order.descending else keys


def clock_warnings(
    kind: WarningKind, chosen: WarningFilter, now: datetime, by: WarningsBy, *, noted: bool = False
) -> Select[*tuple[Any, ...]]:
    """Return the warnings late or slow that run now, by the clocks; with `noted`, who took note of them."""
    late = kind is WarningKind.LATE
    level = WarningLevel.RED if late else WarningLevel.YELLOW
    status = NodeStatus.OVERDUE if late else NodeStatus.DUE_SOON
    # One that runs was not cleared: an index has those that stand, however long the history of warnings is.
    standing = and_(_warning.kind == kind.value, _warning.level == level.value, _warning.cleared_at.is_(None))
    raised = and_(_same_clock(), standing)
    # The index of what is next due has all that is asked, but for these two.
    source: FromClause = schema.node_state
    taken: ColumnElement[Any] = cast(literal(None), Text)
    climbed: ColumnElement[Any] = cast(literal(None), Text)
    urgency: ColumnElement[Any] = cast(literal(None), Text)
    if chosen.unacknowledged or noted or by is WarningsBy.WORST:
        source, taken = source.outerjoin(schema.warning, raised), _warning.acknowledged_by
        climbed = _warning.escalated_to
    if by is WarningsBy.URGENCY:
        source, urgency = source.join(schema.ticket, _ticket.number == _node.ticket), _ticket.urgency
    elif by is WarningsBy.WORST and late:
        # Of red ones alone, each by its key: a join may look through all tickets there ever were.
        urgency = select(_ticket.urgency).where(_ticket.number == _node.ticket).scalar_subquery()
    since = func.greatest(_node.due_at if late else _node.yellow_at, _node.started_at)
    named, graded, no_rule = (cast(literal(word), Text) for word in (kind.value, level.value, ""))
    words = _Words(named, graded, no_rule, cast(literal(None), Text), taken, climbed, urgency)
    return (
        _columns(schema.node_state, words, _node.due_at, since, _node.area)
        .select_from(source)
        .where(open_node_is(status, now), *_narrowed(_node.body, _node.area, chosen))
    )


def wrong_warnings(chosen: WarningFilter, now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the warnings of wrong steps that stand."""
    source = schema.warning.join(schema.ticket, _ticket.number == _warning.ticket).outerjoin(
        schema.node_state, _same_clock()
    )
    due = func.coalesce(_node.due_at, _warning.raised_at)
    words = _Words(
        _warning.kind,
        _warning.level,
        _warning.rule_id,
        _warning.rule,
        _warning.acknowledged_by,
        _warning.escalated_to,
        _ticket.urgency,
    )
    return (
        _columns(schema.warning, words, due, _warning.raised_at, _ticket.area)
        .select_from(source)
        .where(
            _warning.kind == WarningKind.WRONG.value,
            _warning.cleared_at.is_(None),
            _warning.raised_at <= now,
            *_narrowed(_warning.body, _ticket.area, chosen),
        )
    )


@dataclass(frozen=True, slots=True)
class _Words:
    kind: ColumnElement[str]
    level: ColumnElement[str]
    rule_id: ColumnElement[str]
    rule: ColumnElement[Any]
    acknowledged_by: ColumnElement[Any]
    escalated_to: ColumnElement[Any]
    urgency: ColumnElement[Any]


def _columns(
    of: FromClause,
    words: _Words,
    due_at: ColumnElement[datetime],
    since: ColumnElement[datetime],
    area: ColumnElement[Any],
) -> Select[*tuple[Any, ...]]:
    clock = [of.c.ticket, cast(of.c.round, Text), cast(of.c.leg, Text), of.c.node]
    # An empty rule counts: of all parts none is left out.
    parts = [*clock, words.kind, words.level, cast(of.c.part, Text), words.rule_id]
    key: ColumnElement[str] = func.concat_ws(literal_column("E'\\x1e'", Text), *parts)
    return select(
        key.label("key"),
        of.c.ticket,
        of.c.round,
        of.c.leg,
        of.c.part,
        of.c.node,
        of.c.body,
        words.kind.label("kind"),
        words.level.label("level"),
        due_at.label("due_at"),
        since.label("since"),
        words.rule_id.label("rule_id"),
        words.rule.label("rule"),
        words.acknowledged_by.label("acknowledged_by"),
        words.escalated_to.label("escalated_to"),
        area.label("area"),
        words.urgency.label("urgency"),
    )


def _narrowed(
    body: ColumnElement[str], area: ColumnElement[Any], chosen: WarningFilter
) -> list[ColumnElement[bool]]:
    found = []
    if chosen.body is not None:
        found.append(body == chosen.body)
    if chosen.area is not None:
        found.append(area == chosen.area)
    return found


def _same_clock() -> ColumnElement[bool]:
    return and_(
        _warning.ticket == _node.ticket,
        _warning.round == _node.round,
        _warning.leg == _node.leg,
        _warning.node == _node.node,
        _warning.part == _node.part,
    )
