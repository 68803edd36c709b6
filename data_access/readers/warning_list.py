"""The list of running warnings at any length: its keys in order, and any of them by key."""

from collections.abc import Sequence
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
        _of_clocks(WarningKind.LATE, chosen, now),
        _of_clocks(WarningKind.SLOW, chosen, now),
        _wrong(chosen, now),
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
    keys = in_order(row.key, _sorted_by(row, order)).filter(named)
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


def _sorted_by(row: Any, order: WarningOrder) -> list[ColumnElement[Any]]:
    red_first = case((row.level == WarningLevel.RED.value, 0), else_=1)
    worst = [red_first, row.due_at, row.ticket, row.node, row.round, row.leg, row.kind]
    urgency = case({urgency.value: place for place, urgency in enumerate(Urgency)}, value=row.urgency)
    first = {
        WarningsBy.WORST: [],
        WarningsBy.DUE: [row.due_at],
        WarningsBy.SINCE: [row.since],
        WarningsBy.URGENCY: [urgency],
        WarningsBy.AREA: [row.area],
        WarningsBy.BODY: [row.body],
    }[order.by]
    keys = [*first, *worst]
    return [key.desc() for key in keys] if order.descending else keys


def _of_clocks(kind: WarningKind, chosen: WarningFilter, now: datetime) -> Select[*tuple[Any, ...]]:
    late = kind is WarningKind.LATE
    level = WarningLevel.RED if late else WarningLevel.YELLOW
    status = NodeStatus.OVERDUE if late else NodeStatus.DUE_SOON
    raised = and_(_same_clock(), _warning.kind == kind.value, _warning.level == level.value)
    source = schema.node_state.join(schema.ticket, _ticket.number == _node.ticket)
    noted: ColumnElement[Any] = cast(literal(None), Text)
    if chosen.unacknowledged:
        source, noted = source.outerjoin(schema.warning, raised), _warning.acknowledged_by
    since = func.greatest(_node.due_at if late else _node.yellow_at, _node.started_at)
    return _columns(schema.node_state, kind.value, level.value, _node.due_at, since, noted, source).where(
        open_node_is(status, now), *_narrowed(_node.body, chosen)
    )


def _wrong(chosen: WarningFilter, now: datetime) -> Select[*tuple[Any, ...]]:
    source = schema.warning.join(schema.ticket, _ticket.number == _warning.ticket).outerjoin(
        schema.node_state, _same_clock()
    )
    due = func.coalesce(_node.due_at, _warning.raised_at)
    noted = _warning.acknowledged_by
    return _columns(
        schema.warning, _warning.kind, _warning.level, due, _warning.raised_at, noted, source
    ).where(
        _warning.kind == WarningKind.WRONG.value,
        _warning.cleared_at.is_(None),
        _warning.raised_at <= now,
        *_narrowed(_warning.body, chosen),
    )


def _columns(
    of: FromClause,
    kind: ColumnElement[str] | str,
    level: ColumnElement[str] | str,
    due_at: ColumnElement[datetime],
    since: ColumnElement[datetime],
    noted: ColumnElement[Any],
    source: FromClause,
) -> Select[*tuple[Any, ...]]:
    kind, level = (cast(literal(word), Text) if isinstance(word, str) else word for word in (kind, level))
    parts = [of.c.ticket, cast(of.c.round, Text), cast(of.c.leg, Text), of.c.node, kind, level]
    key: ColumnElement[str] = func.concat_ws(literal_column("E'\\x1e'", Text), *parts)
    return select(
        key.label("key"),
        of.c.ticket,
        of.c.round,
        of.c.leg,
        of.c.node,
        of.c.body,
        kind.label("kind"),
        level.label("level"),
        due_at.label("due_at"),
        since.label("since"),
        noted.label("acknowledged_by"),
        _ticket.area,
        _ticket.urgency,
    ).select_from(source)


def _narrowed(body: ColumnElement[str], chosen: WarningFilter) -> list[ColumnElement[bool]]:
    found = []
    if chosen.body is not None:
        found.append(body == chosen.body)
    if chosen.area is not None:
        found.append(_ticket.area == chosen.area)
    return found


def _same_clock() -> ColumnElement[bool]:
    return and_(
        _warning.ticket == _node.ticket,
        _warning.round == _node.round,
        _warning.leg == _node.leg,
        _warning.node == _node.node,
    )
