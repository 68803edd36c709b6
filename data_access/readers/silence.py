"""Who did not report (T19): bodies with open tickets of which nobody has recorded a word on a day."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select

from data_access import schema
from data_access.readers.names import read_names
from domain.day_report import BodySilent, Reporting
from domain.people import Role

LOOKED_BACK = timedelta(days=30)
"""How far back the last word of a silent body is looked for."""

_event, _ticket = schema.event.c, schema.ticket.c


def reporting(connection: Connection, begin: datetime, end: datetime, now: datetime) -> Reporting:
    """Return which of the bodies that lead open tickets as of `now` said nothing between two moments.

    A word is any step, record or answer that one of their people put into a ticket's log. The longest silent
    stand first.
    """
    held = {
        row.lead: int(row.tickets)
        for row in connection.execute(
            select(_ticket.lead, func.count().label("tickets"))
            .where(_ticket.lead.is_not(None), _ticket.merged_into.is_(None), _ticket.received_at <= now)
            .where(or_(_ticket.closed_at.is_(None), _ticket.closed_at > now))
            .group_by(_ticket.lead)
        )
    }
    spoke = set(
        connection.execute(
            select(_event.body).distinct().where(_event.at >= begin, _event.at < end, *_by_a_body())
        ).scalars()
    )
    silent = [body for body in held if body not in spoke]
    names = read_names(connection)
    rows = [
        BodySilent(body, names.body(body), held[body], _last_word(connection, body, begin)) for body in silent
    ]
    return Reporting(len(held), tuple(sorted(rows, key=_longest_first)))


def _by_a_body() -> tuple[ColumnElement[bool], ...]:
    return (_event.role == Role.HANDLER.value, _event.body.is_not(None), _event.stream.startswith("ticket/"))


def _last_word(connection: Connection, body: str, before: datetime) -> datetime | None:
    """Look back along the index of times: a body that works at all is found soon."""
    return connection.execute(
        select(_event.at)
        .where(_event.at >= before - LOOKED_BACK, _event.at < before, *_by_a_body(), _event.body == body)
        .order_by(_event.at.desc())
        .limit(1)
    ).scalar()


def _longest_first(row: BodySilent) -> tuple[float, int, str]:
    return (row.last_word.timestamp() if row.last_word else 0.0, -row.tickets, row.key)
