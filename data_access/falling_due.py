"""What falls due, and what is over: the statements of the sweep over the partial indexes of what is open.

Each index holds only what is left to do, so that looking costs the same whatever the store holds.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from data_access import schema
from data_access.readers.states import open_node_is
from domain.events import WarningKind
from domain.nodes import NodeStatus
from domain.warnings import LEVELS

_node, _warning = schema.node_state.c, schema.warning.c
# Made once with names for what changes: to make such a statement takes longer than to run it.
_now = bindparam("now", type_=TIMESTAMP(timezone=True))
_most = bindparam("most", type_=Integer)
_tickets = bindparam("tickets", type_=ARRAY(Text))
_without = bindparam("without", type_=ARRAY(Text))


def _begin(kind: WarningKind) -> ColumnElement[datetime]:
    return _node.due_at if kind is WarningKind.LATE else _node.yellow_at


def _begun(kind: WarningKind) -> ColumnElement[bool]:
    """Late from the first moment after the due time, slow from the yellow time itself."""
    return _begin(kind) < _now if kind is WarningKind.LATE else _begin(kind) <= _now


def _left(kind: WarningKind) -> ColumnElement[bool]:
    warned = _node.warned_late if kind is WarningKind.LATE else _node.warned_slow
    return and_(_node.ended_at.is_(None), _begin(kind).is_not(None), ~warned)


def _is_over(kind: WarningKind) -> ColumnElement[bool]:
    """Whether a clock no longer causes its warning: it ended, fell due (a slow one), or got more time.

    A paused clock keeps its warnings: it stands still, and with it what it says.
    """
    status = NodeStatus.OVERDUE if kind is WarningKind.LATE else NodeStatus.DUE_SOON
    runs = open_node_is(status, _now).is_(True)
    return (_node.ended_at <= _now) | (_node.ended_at.is_(None) & ~_node.paused & ~runs)


def _over_at(raised_at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    # A step reported late may lie before the warning: it is cleared then, but not before it stood.
    return func.greatest(
        raised_at,
        case(
            (_node.ended_at.is_not(None), _node.ended_at),
            (_fell_due(), func.greatest(_node.due_at, _node.started_at)),
            else_=_now,
        ),
    )


def _over_reason() -> ColumnElement[str]:
    """How the node ended; "late" for a slow one that fell due; "moved" when it got more time."""
    return case(
        (_node.ended_at.is_not(None), _node.ended), (_fell_due(), literal("late")), else_=literal("moved")
    )


def _fell_due() -> ColumnElement[bool]:
    return open_node_is(NodeStatus.OVERDUE, _now).is_(True)


def _same_clock() -> ColumnElement[bool]:
    return and_(
        _warning.ticket == _node.ticket,
        _warning.round == _node.round,
        _warning.leg == _node.leg,
        _warning.node == _node.node,
        _warning.part == _node.part,
    )


def _next_times() -> Select[*tuple[Any, ...]]:
    stands = and_(_warning.cleared_at.is_(None), _warning.clear_from.is_not(None))
    first = select(func.min(_warning.clear_from)).where(stands, _warning.ticket != func.all(_without))
    late, slow = (
        select(func.min(_begin(kind))).where(_left(kind), _node.ticket != func.all(_without))
        for kind in (WarningKind.LATE, WarningKind.SLOW)
    )
    return select(
        late.scalar_subquery().label("late"),
        slow.scalar_subquery().label("slow"),
        first.scalar_subquery().label("standing"),
        first.where(_warning.clear_from > _now).scalar_subquery().label("clear"),
    )


def _tickets_to_warn() -> Select[*tuple[Any, ...]]:
    parts = [
        select(_node.ticket, _begin(kind).label("begin"))
        .where(_left(kind), _begun(kind), _node.ticket != func.all(_without))
        .order_by(_begin(kind))
        .limit(_most)
        .subquery()
        for kind in LEVELS
    ]
    found = union_all(*(select(part.c.ticket, part.c.begin) for part in parts)).subquery()
    return select(found.c.ticket).order_by(found.c.begin).limit(_most)


def _to_raise(kind: WarningKind) -> Select[*tuple[Any, ...]]:
    ticket = schema.ticket
    # A source's due time may lie before the ticket came in; nothing happens to a ticket before that.
    since = func.greatest(_begin(kind), _node.started_at)
    return (
        select(
            _node.ticket,
            _node.round,
            _node.leg,
            _node.node,
            _node.part,
            _node.body,
            since.label("since"),
            _is_over(kind).label("over"),
            _over_at(since).label("over_at"),
            _over_reason().label("over_reason"),
            ticket.c.policy_family,
            ticket.c.received_at,
        )
        .join(ticket, ticket.c.number == _node.ticket)
        .where(_node.ticket == func.any(_tickets), _left(kind), _begun(kind))
        .order_by(_begin(kind), _node.ticket, _node.node)
    )


def _to_raise_afterwards(kind: WarningKind) -> Select[*tuple[Any, ...]]:
    ticket = schema.ticket
    warned = _node.warned_late if kind is WarningKind.LATE else _node.warned_slow
    since = func.greatest(_begin(kind), _node.started_at)
    begun = _begin(kind) < _node.ended_at if kind is WarningKind.LATE else _begin(kind) <= _node.ended_at
    # A slow one that fell due was over then; a late one with its clock.
    fell_due = and_(_node.due_at.is_not(None), _node.due_at < _node.ended_at)
    over_at: ColumnElement[Any] = _node.ended_at
    reason: ColumnElement[Any] = _node.ended
    if kind is WarningKind.SLOW:
        over_at = case((fell_due, func.greatest(_node.due_at, since)), else_=_node.ended_at)
        reason = case((fell_due, literal("late")), else_=_node.ended)
    return (
        select(
            _node.ticket,
            _node.round,
            _node.leg,
            _node.node,
            _node.part,
            _node.body,
            since.label("since"),
            literal(True).label("over"),
            over_at.label("over_at"),
            reason.label("over_reason"),
            ticket.c.policy_family,
            ticket.c.received_at,
        )
        .join(ticket, ticket.c.number == _node.ticket)
        .where(_node.ticket == func.any(_tickets), _node.ended_at >= _now, begun, ~warned)
        .order_by(_begin(kind), _node.node)
    )


def _to_clear(kind: WarningKind) -> Select[*tuple[Any, ...]]:
    return (
        select(
            _warning.ticket,
            _warning.round,
            _warning.leg,
            _warning.node,
            _warning.part,
            _warning.level,
            _over_at(_warning.raised_at).label("at"),
            _over_reason().label("reason"),
        )
        .select_from(schema.warning)
        .join(schema.node_state, _same_clock())
        .where(_warning.ticket == func.any(_tickets), _ended(kind))
        .order_by(_warning.ticket, _warning.raised_at)
    )


def _tickets_to_clear() -> Select[*tuple[Any, ...]]:
    # In the order of the index, which spares a sort, and the start of workers for one.
    return (
        select(_warning.ticket)
        .join(schema.node_state, _same_clock())
        .where(
            or_(*(_ended(kind) for kind in LEVELS)),
            _warning.clear_from <= _now,
            _warning.ticket != func.all(_without),
        )
        .order_by(_warning.clear_from)
        .limit(_most)
    )


def _ended(kind: WarningKind) -> ColumnElement[bool]:
    return and_(
        _warning.cleared_at.is_(None),
        _warning.clear_from <= _now,
        _warning.kind == kind.value,
        _is_over(kind),
    )


def _of_these_to_warn() -> Select[*tuple[Any, ...]]:
    left = or_(*(and_(_left(kind), _begun(kind)) for kind in LEVELS))
    return select(_node.ticket).where(_node.ticket == func.any(_tickets), left).distinct()


NEXT_TIMES = _next_times()
"""When to raise something next (`late` and `slow`, `now` or earlier when it waits already), when the first of
what stands could end (`standing`), and when the first could that comes after `now` (`clear`).

Each is the first entry of a partial index that is not of a ticket in `without`. What could end may stand for
long, as under a paused clock: TICKETS_TO_CLEAR tells of that.
"""

TICKETS_TO_WARN = _tickets_to_warn()
"""At most `most` tickets with a warning to raise by `now`, longest waiting first; some more than once.

None that is in `without`.
"""

TICKETS_TO_CLEAR = _tickets_to_clear()
"""At most `most` tickets with a warning that is over by `now`, none in `without`; some more than once."""

OF_THESE_TO_WARN = _of_these_to_warn()
"""Those of `tickets` with a warning to raise by `now`."""

TO_RAISE = {kind: _to_raise(kind) for kind in LEVELS}
"""Clocks of `tickets` to warn of by `now`, and `since` when.

A slow clock that also fell due while nobody swept has a warning that is `over` already; `over_at` and
`over_reason` say when and why.
"""

TO_RAISE_AFTERWARDS = {kind: _to_raise_afterwards(kind) for kind in LEVELS}
"""Clocks of `tickets` that ended at `now` or later and were never warned of, though they had begun to be late
or slow: the columns of TO_RAISE."""

TO_CLEAR = {kind: _to_clear(kind) for kind in LEVELS}
"""Open warnings of `tickets` that are over by `now`: `at` when, and the `reason`."""
