"""The orders of a ticket list as parts that follow one another, each of them a range of an index.

A part is a condition and the keys that sort it, all in one direction, the number last: so every order
is total, and nulls stand where the part says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, true

from data_access import schema
from data_access.readers.states import state_is, state_rank, told_due
from domain.listing import SortBy, TicketOrder
from domain.nodes import TicketState
from domain.urgency import Urgency

_ticket = schema.ticket.c
_OPEN = _ticket.closed_at.is_(None)
Keys = tuple[ColumnElement[Any], ...]
_LAST_CLOSED_FIRST = (_ticket.closed_at.is_not(None), (_ticket.closed_at, _ticket.number), True)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows for which `where` holds, sorted by `keys`."""

    where: ColumnElement[bool]
    keys: Keys


def ticket_parts(order: TicketOrder, now: datetime, *, whole: bool) -> list[Part]:
    """Return the parts of an order.

    `whole` is for reading all of it, in as few parts as can be; without it, for reading its beginning, each
    part is what an index has in order.
    """
    parts = list(_parts(order.by, now, whole))
    if not order.descending:
        return [Part(where, tuple(_way(key, down) for key in keys)) for where, keys, down in parts]
    return [Part(where, tuple(_way(key, not down) for key in keys)) for where, keys, down in reversed(parts)]


def _way(key: ColumnElement[Any], down: bool) -> ColumnElement[Any]:
    # PostgreSQL's defaults: nulls after everything upwards, before everything downwards; so one index serves.
    return key.desc() if down else key.asc()


def _parts(by: SortBy, now: datetime, whole: bool) -> Iterator[tuple[ColumnElement[bool], Keys, bool]]:
    number = _ticket.number
    match by:
        case SortBy.WORST:
            yield from _open_by_state(now, whole)
            yield _LAST_CLOSED_FIRST
        case SortBy.DUE:
            yield _OPEN, (told_due(now), number), False
            yield _LAST_CLOSED_FIRST
        case SortBy.URGENCY:
            for urgency in Urgency:
                yield _ticket.urgency == urgency.value, (number,), False
        case SortBy.NUMBER:
            yield true(), (number,), False
        case SortBy.RECEIVED:
            yield true(), (_ticket.received_at, number), False
        case SortBy.CATEGORY | SortBy.AREA | SortBy.BODY:
            column = {SortBy.CATEGORY: _ticket.category, SortBy.AREA: _ticket.area}.get(by, _ticket.lead)
            yield true(), (column, number), False


def _open_by_state(now: datetime, whole: bool) -> Iterator[tuple[ColumnElement[bool], Keys, bool]]:
    if whole:
        yield _OPEN, (state_rank(now), _ticket.red_at, _ticket.number), False
        return
    for state in TicketState:
        if state is not TicketState.CLOSED:
            yield and_(_OPEN, state_is(state, now)), (_ticket.red_at, _ticket.number), False
