"""What falls due, and what is over: the statements of the sweep over the partial indexes of what is open.

Each index holds only what is left to do, so that looking costs the same whatever the store holds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Select, Text, and_, case, func, literal, select, true, union_all
from sqlalchemy.sql.elements import ColumnElement

from data_access import schema
from data_access.readers.states import open_node_is
from domain.events import WarningKind
from domain.nodes import NodeStatus
from domain.warnings import LEVELS

_node, _warning = schema.node_state.c, schema.warning.c


def next_times(now: datetime) -> Select[*tuple[Any, ...]]:
    """The next time to raise something (`late` and `slow`, now or earlier when it waits already) and to clear
    something that stands (`clear`, later than now). Each is the first entry of a partial index.

    What was to be cleared earlier may stand for long, as under a paused clock: `to_do` tells of that.
    """
    late, slow = _left(WarningKind.LATE), _left(WarningKind.SLOW)
    return select(
        select(func.min(_node.due_at)).where(late).scalar_subquery().label("late"),
        select(func.min(_node.yellow_at)).where(slow).scalar_subquery().label("slow"),
        select(func.min(_warning.clear_from))
        .where(_warning.cleared_at.is_(None), _warning.clear_from > now)
        .scalar_subquery()
        .label("clear"),
    )


def tickets_to_clear(now: datetime, most: int) -> Select[*tuple[Any, ...]]:
    """Tickets with a warning that ends by now."""
    over = [to_clear(kind, now, None).with_only_columns(_warning.ticket).order_by(None) for kind in LEVELS]
    found = union_all(*over).subquery()
    return select(found.c.ticket).distinct().limit(most)


def tickets_to_warn(now: datetime, most: int) -> Select[*tuple[Any, ...]]:
    """Tickets with a warning to raise by now, from those that have waited longest; some more than once."""
    parts = [
        select(_node.ticket, _begin(kind).label("begin"))
        .where(_left(kind), _begun(kind, now))
        .order_by(_begin(kind))
        .limit(most)
        .subquery()
        for kind in LEVELS
    ]
    found = union_all(*(select(part.c.ticket, part.c.begin) for part in parts)).subquery()
    return select(found.c.ticket).order_by(found.c.begin).limit(most)


def to_raise(kind: WarningKind, now: datetime, tickets: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Clocks of these tickets to warn of, and `since` when.

    A slow clock that also fell due while nobody swept has a warning that is `over` by now already; `over_at`
    and `over_reason` say when and why.
    """
    ticket = schema.ticket
    # A source's due time may lie before the ticket came in; nothing happens to a ticket before that.
    since = func.greatest(_begin(kind), _node.started_at)
    return (
        select(
            schema.node_state,
            since.label("since"),
            _is_over(kind, now).label("over"),
            _over_at(since, now).label("over_at"),
            _over_reason(now).label("over_reason"),
            ticket.c.policy_family,
            ticket.c.received_at,
        )
        .join(ticket, ticket.c.number == _node.ticket)
        .where(_among(_node.ticket, tickets), _left(kind), _begun(kind, now))
        .order_by(_begin(kind), _node.ticket, _node.node)
    )


def to_clear(kind: WarningKind, now: datetime, tickets: Sequence[str] | None) -> Select[*tuple[Any, ...]]:
    """Open warnings of these tickets, or of all, that are over by now: `at` when, and the `reason`."""
    return (
        select(
            _warning.ticket,
            _warning.round,
            _warning.leg,
            _warning.node,
            _warning.level,
            _over_at(_warning.raised_at, now).label("at"),
            _over_reason(now).label("reason"),
        )
        .select_from(schema.warning)
        .join(schema.node_state, _same_clock())
        .where(
            _among(_warning.ticket, tickets),
            _warning.cleared_at.is_(None),
            _warning.clear_from <= now,
            _warning.kind == kind.value,
            _is_over(kind, now),
        )
        .order_by(_warning.ticket, _warning.raised_at)
    )


def _begin(kind: WarningKind) -> ColumnElement[datetime]:
    return _node.due_at if kind is WarningKind.LATE else _node.yellow_at


def _begun(kind: WarningKind, now: datetime) -> ColumnElement[bool]:
    """Late from the first moment after the due time, slow from the yellow time itself."""
    return _begin(kind) < now if kind is WarningKind.LATE else _begin(kind) <= now


def _left(kind: WarningKind) -> ColumnElement[bool]:
    warned = _node.warned_late if kind is WarningKind.LATE else _node.warned_slow
    return and_(_node.ended_at.is_(None), _begin(kind).is_not(None), ~warned)


def _is_over(kind: WarningKind, now: datetime) -> ColumnElement[bool]:
    """Whether a clock no longer causes its warning: it ended, fell due (a slow one), or got more time.

    A paused clock keeps its warnings: it stands still, and with it what it says.
    """
    status = NodeStatus.OVERDUE if kind is WarningKind.LATE else NodeStatus.DUE_SOON
    runs = open_node_is(status, now).is_(True)
    return (_node.ended_at <= now) | (_node.ended_at.is_(None) & ~_node.paused & ~runs)


def _over_at(raised_at: ColumnElement[datetime], now: datetime) -> ColumnElement[datetime]:
    # A step reported late may lie before the warning: it is cleared then, but not before it stood.
    return func.greatest(
        raised_at,
        case(
            (_node.ended_at.is_not(None), _node.ended_at),
            (_fell_due(now), func.greatest(_node.due_at, _node.started_at)),
            else_=now,
        ),
    )


def _over_reason(now: datetime) -> ColumnElement[str]:
    """How the node ended; "late" for a slow one that fell due; "moved" when it got more time."""
    return case(
        (_node.ended_at.is_not(None), _node.ended), (_fell_due(now), literal("late")), else_=literal("moved")
    )


def _fell_due(now: datetime) -> ColumnElement[bool]:
    return open_node_is(NodeStatus.OVERDUE, now).is_(True)


def _among(column: ColumnElement[str], tickets: Sequence[str] | None) -> ColumnElement[bool]:
    if tickets is None:
        return true()
    return column == func.any(literal(list(tickets), ARRAY(Text)))


def _same_clock() -> ColumnElement[bool]:
    return and_(
        _warning.ticket == _node.ticket,
        _warning.round == _node.round,
        _warning.leg == _node.leg,
        _warning.node == _node.node,
    )
