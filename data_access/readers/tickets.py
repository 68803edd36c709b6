"""Lists of tickets: the first of those that a filter names, all their numbers in order, and any of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Text,
    and_,
    case,
    func,
    literal,
    select,
    true,
    union_all,
)

from data_access import schema
from data_access.readers.conditions import Conditions, conditions
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from data_access.readers.states import current_status, presses, ticket_state
from data_access.readers.ticket_orders import ticket_parts
from domain.listing import Pressing, TicketFilter, TicketOrder, TicketPage, TicketRow
from domain.nodes import Node, NodeStatus, TicketState
from domain.urgency import Urgency

LIMIT = 100


def ticket_page(
    connection: Connection,
    chosen: TicketFilter,
    now: datetime,
    offset: int = 0,
    limit: int = LIMIT,
    order: TicketOrder = TicketOrder(),  # noqa: B008 - frozen
) -> TicketPage:
    """Return a page of the tickets that a filter names, as of now: the whole list is settled for it."""
    settled = settled_tickets(connection, chosen, now, order)
    rows = tickets_by_number(connection, settled.keys(offset, offset + limit), now)
    return TicketPage(rows, len(settled), offset, now, _nodes(connection, conditions(chosen, now)))


def first_tickets(
    connection: Connection,
    chosen: TicketFilter,
    now: datetime,
    limit: int = LIMIT,
    order: TicketOrder = TicketOrder(),  # noqa: B008 - frozen
) -> tuple[TicketRow, ...]:
    """Return the first tickets of a list, without settling the rest of it."""
    asked = conditions(chosen, now)
    found: list[str] = []
    for part in ticket_parts(order, now, whole=False):
        if len(found) == limit:
            break
        statement = (
            select(schema.ticket.c.number)
            .where(asked.where, part.where)
            .order_by(*part.keys)
            .limit(limit - len(found))
        )
        found += connection.execute(statement).scalars()
    return tickets_by_number(connection, found, now)


def settled_tickets(
    connection: Connection,
    chosen: TicketFilter,
    now: datetime,
    order: TicketOrder = TicketOrder(),  # noqa: B008 - frozen
) -> Settled:
    """Return the numbers of all tickets that a filter names, in an order."""
    asked = conditions(chosen, now)
    where = asked.where
    if asked.of_node is not None:
        # All parts ask the same of the nodes: these are looked through once.
        fitting = select(schema.node_state.c.ticket).where(*asked.of_node).distinct().cte("fitting")
        where = and_(*asked.of_ticket, schema.ticket.c.number.in_(select(fitting.c.ticket)))
    parts = [
        select(literal(position).label("part"), in_order(schema.ticket.c.number, part.keys).label("numbers"))
        .select_from(schema.ticket)
        .where(where, part.where)
        for position, part in enumerate(ticket_parts(order, now, whole=True))
    ]
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    found = union_all(*parts).subquery("parts")
    return Settled(connection.execute(select(found.c.numbers).order_by(found.c.part)).scalars())


def tickets_by_number(connection: Connection, numbers: Sequence[str], now: datetime) -> tuple[TicketRow, ...]:
    """Return tickets as of now, in the order of their numbers; unknown ones are left out."""
    if not numbers:
        return ()
    ticket, body, area, category = schema.ticket, schema.body, schema.area, schema.category
    channel, pressing = schema.channel, _pressing(now)
    statement = (
        select(
            ticket.c.number,
            ticket.c.title,
            ticket.c.urgency,
            ticket.c.channel,
            func.coalesce(channel.c.name, ticket.c.channel).label("channel_name"),
            ticket.c.category,
            func.coalesce(category.c.name, ticket.c.category, "").label("category_name"),
            ticket.c.area,
            func.coalesce(area.c.name, ticket.c.area, "").label("area_name"),
            func.coalesce(ticket.c.township, "").label("township"),
            ticket.c.lead,
            func.coalesce(body.c.short_name, ticket.c.lead, "").label("body_name"),
            ticket_state(now).label("state"),
            ticket.c.node,
            current_status(now).label("node_status"),
            ticket.c.round,
            ticket.c.received_at,
            ticket.c.node_due_at,
            ticket.c.closed_at,
            ticket.c.merged_into,
            _taken_in(),
            pressing,
        )
        .select_from(
            ticket.outerjoin(body, body.c.key == ticket.c.lead)
            .outerjoin(channel, channel.c.key == ticket.c.channel)
            .outerjoin(area, area.c.code == ticket.c.area)
            .outerjoin(category, category.c.code == ticket.c.category)
            .outerjoin(pressing, true())
        )
        .where(ticket.c.number == func.any(literal(list(numbers), ARRAY(Text))))
    )
    found = {row.number: _ticket_row(row) for row in connection.execute(statement)}
    return tuple(found[number] for number in numbers if number in found)


def _nodes(connection: Connection, asked: Conditions) -> int | None:
    if asked.of_node is None:
        return None
    node, ticket = schema.node_state, schema.ticket
    joined = node.join(ticket, ticket.c.number == node.c.ticket)
    statement = select(func.count()).select_from(joined).where(*asked.of_node, *asked.of_ticket)
    return connection.execute(statement).scalar_one()


def _ticket_row(row: Row[*tuple[Any, ...]]) -> TicketRow:
    state, pressing = TicketState(row.state), None
    if state in (TicketState.OVERDUE, TicketState.DUE_SOON) and row.pressing_node is not None:
        pressing = Pressing(
            Node(row.pressing_node), row.pressing_round, row.pressing_due_at, row.pressing_assisting
        )
    return TicketRow(
        number=row.number,
        title=row.title,
        urgency=Urgency(row.urgency),
        channel=row.channel,
        channel_name=row.channel_name,
        category=row.category,
        category_name=row.category_name,
        area=row.area,
        area_name=row.area_name,
        township=row.township,
        body=row.lead,
        body_name=row.body_name,
        state=state,
        node=Node(row.node) if row.node else None,
        node_status=NodeStatus(row.node_status) if row.node_status else None,
        round=row.round,
        received_at=row.received_at,
        due_at=row.node_due_at,
        closed_at=row.closed_at,
        merged_into=row.merged_into,
        merged=row.merged,
        pressing=pressing,
    )


def _pressing(now: datetime) -> FromClause:
    """Return the clock that makes a row of `ticket` yellow or red, beside it; the current node first."""
    node, ticket, body = schema.node_state.c, schema.ticket.c, schema.body.c
    assisting = case((node.part > 0, func.coalesce(body.short_name, node.body, "")), else_="")
    return (
        select(
            node.node.label("pressing_node"),
            node.round.label("pressing_round"),
            node.due_at.label("pressing_due_at"),
            assisting.label("pressing_assisting"),
        )
        .select_from(schema.node_state.outerjoin(schema.body, body.key == node.body))
        .where(node.ticket == ticket.number, presses(now))
        .order_by(node.due_at, node.part, node.round.desc(), node.node != ticket.node, node.node, node.leg)
        .limit(1)
        .correlate(schema.ticket)
        .lateral("pressing")
    )


def _taken_in() -> ColumnElement[int]:
    """Return how many tickets are merged into a row of `ticket`: by the index of those that are."""
    repeat = schema.ticket.alias("repeat")
    return (
        select(func.count())
        .where(repeat.c.merged_into == schema.ticket.c.number)
        .correlate(schema.ticket)
        .scalar_subquery()
        .label("merged")
    )
