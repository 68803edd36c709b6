"""How a body did with comparable cases of 90 days, against its peers: for a file's frozen facts (X06)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from data_access import schema
from data_access.readers.states import fell_due, outcome_is
from domain.city import BodyKind
from domain.frozen_facts import COMPARED_DAYS, MOST_CASES, Comparable, Count, LateCase
from domain.listing import Outcome
from domain.nodes import Node

_node = schema.node_state.c


def comparable_cases(
    connection: Connection, body: str, node: Node | None, category: str | None, ticket: str, now: datetime
) -> Comparable:
    """Return the counts of a body and of each other responsible body over the window that ends now.

    Cases of the same node (all nodes when None) and the same kind of matter (all when None) count, but for
    those of `ticket` itself, which is what the file is about. Late ones are named, the latest due first.
    """
    since = now - timedelta(days=COMPARED_DAYS)
    late = outcome_is(Outcome.NOT_ON_TIME, now)
    # Nodes are named one by one: the index of due times has the node first.
    nodes = [node.value] if node is not None else [each.value for each in Node]
    same: Sequence[ColumnElement[bool]] = (
        _node.node.in_(nodes),
        _node.due_at >= since,
        fell_due(now),
        *(() if category is None else (_node.category == category,)),
        _node.ticket != ticket,
    )
    responsible = select(schema.body.c.key).where(schema.body.c.kind == BodyKind.RESPONSIBLE.value)
    counted = connection.execute(
        select(_node.body, func.count().label("due"), func.count().filter(late).label("late"))
        .where(*same, or_(_node.body == body, _node.body.in_(responsible)))
        .group_by(_node.body)
        .order_by(_node.body)
    ).all()
    counts = {row.body: Count(row.due, row.late) for row in counted}
    cases = connection.execute(
        select(_node.ticket, _node.node, _node.due_at, _node.ended_at)
        .where(and_(*same), _node.body == body, late)
        .order_by(_node.due_at.desc(), _node.ticket)
        .limit(MOST_CASES)
    )
    return Comparable(
        node,
        category,
        since,
        counts.pop(body, Count(0, 0)),
        tuple(counts.values()),
        tuple(LateCase(row.ticket, Node(row.node), row.due_at, row.ended_at) for row in cases),
    )
