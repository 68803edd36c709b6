"""Lists of tickets: a page of those that a filter names, and how many there are."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from data_access import schema
from data_access.readers.conditions import Conditions, conditions
from data_access.readers.states import current_status, state_rank, ticket_state
from domain.listing import TicketFilter, TicketPage, TicketRow
from domain.nodes import Node, NodeStatus, TicketState
from domain.urgency import Urgency


class TicketOrder(StrEnum):
    """WORST is the worst colour first and, in it, what was or is due first."""

    WORST = "worst"
    NEWEST = "newest"
    OLDEST = "oldest"


def ticket_page(
    connection: Connection,
    chosen: TicketFilter,
    now: datetime,
    offset: int = 0,
    limit: int = 100,
    order: TicketOrder = TicketOrder.WORST,
) -> TicketPage:
    """Return a page of the tickets that a filter names, as of now."""
    asked = conditions(chosen, now)
    ticket, body, area, category = schema.ticket, schema.body, schema.area, schema.category
    channel = schema.channel
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
        )
        .select_from(
            ticket.outerjoin(body, body.c.key == ticket.c.lead)
            .outerjoin(channel, channel.c.key == ticket.c.channel)
            .outerjoin(area, area.c.code == ticket.c.area)
            .outerjoin(category, category.c.code == ticket.c.category)
        )
        .where(asked.where)
        .order_by(*_sorted_by(order, now))
        .offset(offset)
        .limit(limit)
    )
    rows = tuple(_ticket_row(row) for row in connection.execute(statement))
    return TicketPage(rows, _total(connection, asked), offset, now, _nodes(connection, asked))


def _total(connection: Connection, asked: Conditions) -> int:
    return connection.execute(select(func.count()).select_from(schema.ticket).where(asked.where)).scalar_one()


def _nodes(connection: Connection, asked: Conditions) -> int | None:
    if asked.of_node is None:
        return None
    node, ticket = schema.node_state, schema.ticket
    joined = node.join(ticket, ticket.c.number == node.c.ticket)
    statement = select(func.count()).select_from(joined).where(*asked.of_node, *asked.of_ticket)
    return connection.execute(statement).scalar_one()


def _sorted_by(order: TicketOrder, now: datetime) -> tuple[ColumnElement[Any], ...]:
    ticket = schema.ticket.c
    match order:
        case TicketOrder.NEWEST:
            return ticket.received_at.desc(), ticket.number.desc()
        case TicketOrder.OLDEST:
            return ticket.received_at, ticket.number
        case TicketOrder.WORST:
            closed_last = ticket.closed_at.desc().nulls_first()
            return state_rank(now), ticket.red_at.nulls_last(), closed_last, ticket.number


def _ticket_row(row: Row[*tuple[Any, ...]]) -> TicketRow:
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
        state=TicketState(row.state),
        node=Node(row.node) if row.node else None,
        node_status=NodeStatus(row.node_status) if row.node_status else None,
        round=row.round,
        received_at=row.received_at,
        due_at=row.node_due_at,
        closed_at=row.closed_at,
    )
