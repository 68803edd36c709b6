"""Between which bodies tickets went, and which worked on them together (T22)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from data_access import schema
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.patterns import Flow

_node, _ticket = schema.node_state.c, schema.ticket.c
_next = schema.node_state.alias("next")


def handed_over() -> tuple[ColumnElement[bool], ...]:
    """What a row of `node_state` is where a body had a ticket and another got it, once for each time."""
    return (
        _node.node == Node.RECTIFY.value,
        _node.ended == NodeEnd.HANDED_OVER.value,
        _node.part == 0,
    )


def flows(connection: Connection, since: datetime, until: datetime) -> tuple[Flow, ...]:
    """Return the pairs of bodies: hand-overs in [since, until), and tickets received then of both."""
    handed = connection.execute(
        select(_node.body, _next.c.body.label("taker"), func.count().label("times"))
        .select_from(schema.node_state.join(_next, _follows()))
        .where(*handed_over(), _node.ended_at >= since, _node.ended_at < until)
        .where(_node.body.is_not(None), _next.c.body.is_not(None))
        .group_by(_node.body, _next.c.body)
    )
    times = {(row.body, row.taker): int(row.times) for row in handed}
    helper = func.unnest(_ticket.assisting).label("helper")
    together = (
        select(_ticket.lead, helper)
        .where(_ticket.received_at >= since, _ticket.received_at < until, _ticket.lead.is_not(None))
        .subquery()
    )
    shared = connection.execute(
        select(together.c.lead, together.c.helper, func.count().label("tickets"))
        .where(together.c.helper != together.c.lead)
        .group_by(together.c.lead, together.c.helper)
    )
    jointly = {(row.lead, row.helper): int(row.tickets) for row in shared}
    pairs = sorted(times.keys() | jointly.keys())
    return tuple(Flow(*pair, times.get(pair, 0), jointly.get(pair, 0)) for pair in pairs)


def tickets_handed(
    connection: Connection, giver: str, taker: str, since: datetime, until: datetime, most: int
) -> Sequence[str]:
    """Return the numbers of the tickets that went from one body to another, the latest first."""
    statement = (
        select(_node.ticket)
        .select_from(schema.node_state.join(_next, _follows()))
        .where(*handed_over(), _node.body == giver, _next.c.body == taker)
        .where(_node.ended_at >= since, _node.ended_at < until)
        .order_by(_node.ended_at.desc(), _node.ticket)
    )
    return tuple(dict.fromkeys(connection.execute(statement.limit(most)).scalars()))


def _follows() -> ColumnElement[bool]:
    """The same clock in the leg that follows: whoever got the ticket next."""
    return (
        (_next.c.ticket == _node.ticket)
        & (_next.c.round == _node.round)
        & (_next.c.leg == _node.leg + 1)
        & (_next.c.node == _node.node)
        & (_next.c.part == 0)
    )
