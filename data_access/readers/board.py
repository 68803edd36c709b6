"""The open tickets as columns, for a board that is kept in memory and brought up to date by differences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    cast,
    func,
    literal,
    select,
    union_all,
)

from data_access import schema

NEVER = 2**62
"""A time that does not come, in microseconds."""

_ticket = schema.ticket.c
_node = schema.node_state.c


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """Open tickets as columns of equal length, ordered by number.

    Times are microseconds since 1970 in UTC, NEVER where there is none; keys are those of the master data.
    """

    number: tuple[str, ...] = ()
    lng: tuple[float | None, ...] = ()
    lat: tuple[float | None, ...] = ()
    urgency: tuple[str, ...] = ()
    category: tuple[str | None, ...] = ()
    area: tuple[str | None, ...] = ()
    body: tuple[str | None, ...] = ()
    node: tuple[str | None, ...] = ()
    node_due_at: tuple[int, ...] = ()
    node_yellow_at: tuple[int, ...] = ()
    red_at: tuple[int, ...] = ()
    yellow_at: tuple[int, ...] = ()
    paused: tuple[bool, ...] = ()
    rectified: tuple[bool, ...] = ()

    def __len__(self) -> int:
        return len(self.number)


def open_tickets(connection: Connection, numbers: Iterable[str] | None = None) -> OpenTickets:
    """Return the open tickets: all of them, or those among `numbers`; one that is closed is left out."""
    statement = select(
        _ticket.number,
        _ticket.lng,
        _ticket.lat,
        _ticket.urgency,
        _ticket.category,
        _ticket.area,
        _ticket.lead,
        _ticket.node,
        _microseconds(_ticket.node_due_at),
        _microseconds(_ticket.node_yellow_at),
        _microseconds(_ticket.red_at),
        _microseconds(_ticket.yellow_at),
        _ticket.paused,
        _ticket.rectified,
    ).where(_ticket.closed_at.is_(None))
    if numbers is not None:
        statement = statement.where(_ticket.number == func.any(literal(sorted(numbers), ARRAY(Text))))
    rows: list[Any] = sorted(map(tuple, connection.execute(statement)))
    return OpenTickets(*zip(*rows, strict=True)) if rows else OpenTickets()


def turned(connection: Connection, since: datetime, now: datetime) -> frozenset[str]:
    """Return the tickets of which time alone turned an open node yellow or red, from since to now.

    Both ends count: who looks twice at one moment reads a ticket once too often, never once too little.
    """
    still = _node.ended_at.is_(None)
    due = select(_node.ticket).where(still, _node.due_at >= since, _node.due_at <= now)
    yellow = select(_node.ticket).where(still, _node.yellow_at >= since, _node.yellow_at <= now)
    return frozenset(connection.execute(union_all(due, yellow)).scalars())


def _microseconds(column: ColumnElement[datetime]) -> ColumnElement[int]:
    # date_part is a double: its error is far below half a microsecond, which the cast rounds away.
    return func.coalesce(cast(func.date_part("epoch", column) * 1_000_000, BigInteger), literal(NEVER))
