"""The rules of `domain.clock` and `domain.trace` as SQL, so that what is counted is what is shown.

A test holds each of them against its Python original.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, func, literal, null, or_, select

from data_access import schema
from domain.listing import Outcome
from domain.node_clock import NodeEnd
from domain.nodes import NodeStatus, TicketState

_ticket, _node = schema.ticket.c, schema.node_state.c


def ticket_state(now: datetime) -> ColumnElement[str]:
    """Return the colour of a row of `ticket`, as `domain.clock.state_of` gives it.

    A pause stands still for all open nodes at once: a paused ticket is overdue or paused, never due soon.
    """
    return case(
        (_ticket.closed_at <= now, literal(TicketState.CLOSED.value)),
        (_ticket.red_at < now, literal(TicketState.OVERDUE.value)),
        (_ticket.paused, literal(TicketState.PAUSED.value)),
        (_ticket.yellow_at <= now, literal(TicketState.DUE_SOON.value)),
        (_ticket.rectified, literal(TicketState.DONE.value)),
        else_=literal(TicketState.ON_TIME.value),
    )


def state_rank(now: datetime) -> ColumnElement[int]:
    """Return the position of a ticket's colour in lists, worst first."""
    return case(
        {state.value: position for position, state in enumerate(TicketState)}, value=ticket_state(now)
    )


def state_is(state: TicketState, now: datetime) -> ColumnElement[bool]:
    """Return whether a row of `ticket` has this colour; those that an index can find are said so."""
    if state is TicketState.CLOSED:
        return _ticket.closed_at <= now
    found = ticket_state(now) == state.value
    if state is TicketState.OVERDUE:
        return and_(_ticket.closed_at.is_(None), _ticket.red_at < now, found)
    return and_(_ticket.closed_at.is_(None), found)


def current_status(now: datetime) -> ColumnElement[str | None]:
    """Return how the node stands at which a row of `ticket` is; NULL when nothing is left to do."""
    return case(
        (_ticket.node.is_(None), null()),
        (_ticket.node_due_at < now, literal(NodeStatus.OVERDUE.value)),
        (_ticket.paused, literal(NodeStatus.PAUSED.value)),
        (_ticket.node_yellow_at <= now, literal(NodeStatus.DUE_SOON.value)),
        else_=literal(NodeStatus.RUNNING.value),
    )


def presses(now: datetime) -> ColumnElement[bool]:
    """Return whether a row of `node_state` makes its ticket yellow or red; of several, the one first due."""
    node = _node
    return and_(node.ended_at.is_(None), or_(node.due_at < now, node.yellow_at <= now))


def told_due(now: datetime) -> ColumnElement[datetime]:
    """Return when the node is due that a line of an open row of `ticket` names (`TicketRow.told_due_at`)."""
    first = (
        select(func.min(_node.due_at))
        .where(_node.ticket == _ticket.number, presses(now))
        .correlate(schema.ticket)
        .scalar_subquery()
    )
    # Only the yellow ones are looked up: what is red has its time in the ticket's row.
    return case(
        (_ticket.red_at < now, _ticket.red_at),
        (_ticket.paused, _ticket.node_due_at),
        (_ticket.yellow_at <= now, first),
        else_=_ticket.node_due_at,
    )


def open_node_is(status: NodeStatus, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return whether a row of `node_state` is open and stands so; an ended one never does."""
    node, still = _node, _node.ended_at.is_(None)
    in_time = or_(node.due_at.is_(None), node.due_at >= now)
    match status:
        case NodeStatus.OVERDUE:
            return and_(still, node.due_at < now)
        case NodeStatus.DUE_SOON:
            # A yellow time comes with a due time, which lets the index of open due times find these.
            return and_(still, node.due_at >= now, node.yellow_at <= now, ~node.paused)
        case NodeStatus.PAUSED:
            return and_(still, in_time, node.paused)
        case NodeStatus.RUNNING:
            not_yellow = or_(node.yellow_at.is_(None), node.yellow_at > now)
            return and_(still, in_time, not_yellow, ~node.paused)
        case _:
            return false()


def fell_due(now: datetime) -> ColumnElement[bool]:
    """Return whether a row of `node_state` counts as 应办结 by now: it fell due, or was done before it did.

    A window of due times narrows it further. A node handed over or skipped in time is nobody's debt; one
    that ended otherwise than done after its due time fell due and was not on time. Due this very moment and
    not done is neither: it still has the moment.
    """
    node = _node
    return and_(
        node.due_at.is_not(None),
        or_(node.due_at < now, node.ended_at.is_not(None)),
        or_(node.ended_at.is_(None), node.ended == NodeEnd.DONE.value, node.ended_at > node.due_at),
    )


def outcome_is(outcome: Outcome, now: datetime) -> ColumnElement[bool]:
    """Return whether a row of `node_state` fell due with this outcome. Done exactly when due is on time."""
    node = _node
    late = and_(node.ended_at.is_not(None), node.ended_at > node.due_at)
    match outcome:
        case Outcome.DUE:
            return fell_due(now)
        case Outcome.ON_TIME:
            return and_(node.ended == NodeEnd.DONE.value, node.ended_at <= node.due_at)
        case Outcome.LATE:
            return late
        case Outcome.OPEN_OVERDUE:
            return and_(node.due_at < now, node.ended_at.is_(None))
        case Outcome.NOT_ON_TIME:
            return or_(late, and_(node.due_at < now, node.ended_at.is_(None)))
