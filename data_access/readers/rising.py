"""Counts by kind and place, for what rises faster than usual (B18)."""

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data_access import schema
from data_access.readers.names import read_names
from domain.rising import PlaceCount, Rise, RisingRule, rises

_ticket = schema.ticket.c


def rising(connection: Connection, now: datetime, rule: RisingRule | None = None) -> tuple[Rise, ...]:
    """Return which kinds rise at which places, the least probable first; what is merged counts once."""
    rule = rule or RisingRule()
    border = now - rule.recent
    recent = _ticket.received_at >= border
    township = func.coalesce(_ticket.township, "")
    numbers = func.array_agg(aggregate_order_by(_ticket.number, _ticket.received_at.desc())).filter(recent)
    rows = connection.execute(
        select(
            _ticket.category,
            func.coalesce(_ticket.area, "").label("area"),
            township.label("township"),
            numbers.label("numbers"),
            func.count().filter(_ticket.received_at < border).label("before"),
        )
        .where(
            _ticket.received_at >= now - rule.whole,
            _ticket.received_at < now,
            _ticket.merged_into.is_(None),
            _ticket.category.is_not(None),
        )
        .group_by(_ticket.category, _ticket.area, township)
        .having(func.count().filter(recent) >= rule.least)
    )
    names = read_names(connection)
    return rises(
        (
            PlaceCount(
                row.category,
                row.area,
                row.township,
                tuple(row.numbers),
                row.before,
                names.category(row.category).name,
                names.area(row.area),
            )
            for row in rows
        ),
        rule,
    )
