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
    Float,
    Integer,
    LargeBinary,
    Text,
    cast,
    collate,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data_access import schema

NEVER = 2**62
"""A time that does not come, in microseconds."""

_BETWEEN = "\x1f"
"""Between the values of a joined column: no text of the log contains it (`domain.chain`)."""

_NAN = literal_column("'NaN'::float8", Float)
_ticket = schema.ticket.c
_node = schema.node_state.c


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """Open tickets as columns of equal length, ordered by number (by code points, as Python sorts).

    Text columns have an empty string for none. The others are packed, eight bytes a ticket, big-endian:
    `lng`, `lat` doubles, NaN for none; times are microseconds since 1970 in UTC, NEVER where there is none;
    `paused`, `rectified` 0 or 1. 100,000 tickets are 14 objects this way, not more than a million.
    """

    number: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    node: tuple[str, ...] = ()
    lng: bytes = b""
    lat: bytes = b""
    node_due_at: bytes = b""
    node_yellow_at: bytes = b""
    red_at: bytes = b""
    yellow_at: bytes = b""
    paused: bytes = b""
    rectified: bytes = b""

    def __len__(self) -> int:
        return len(self.number)


def open_tickets(connection: Connection, numbers: Iterable[str] | None = None) -> OpenTickets:
    """Return the open tickets: all of them, or those among `numbers`; one that is closed is left out."""
    words = [_ticket.urgency, _ticket.category, _ticket.area, _ticket.lead, _ticket.node]
    times = [_ticket.node_due_at, _ticket.node_yellow_at, _ticket.red_at, _ticket.yellow_at]
    statement = select(
        _joined(_ticket.number),
        *(_joined(func.coalesce(word, "")) for word in words),
        *(_packed(func.float8send(func.coalesce(place, _NAN))) for place in (_ticket.lng, _ticket.lat)),
        *(_packed(func.int8send(_microseconds(time))) for time in times),
        *(
            _packed(func.int8send(cast(cast(flag, Integer), BigInteger)))
            for flag in (_ticket.paused, _ticket.rectified)
        ),
    ).where(_ticket.closed_at.is_(None))
    if numbers is not None:
        statement = statement.where(_ticket.number == func.any(literal(sorted(numbers), ARRAY(Text))))
    row: tuple[Any, ...] = tuple(connection.execute(statement).one())
    if row[0] is None:
        return OpenTickets()
    texts = 1 + len(words)
    columns: list[Any] = [*(tuple(text.split(_BETWEEN)) for text in row[:texts]), *map(bytes, row[texts:])]
    return OpenTickets(*columns)


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


def _joined(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.string_agg(column, aggregate_order_by(literal(_BETWEEN), _in_order()), type_=Text)


def _packed(column: ColumnElement[Any]) -> ColumnElement[bytes]:
    nothing = literal_column("''::bytea", LargeBinary)
    return func.string_agg(column, aggregate_order_by(nothing, _in_order()), type_=LargeBinary)


def _in_order() -> ColumnElement[str]:
    return collate(_ticket.number, "C")
