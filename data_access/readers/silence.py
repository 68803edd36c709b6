"""Who did not report (T19): bodies with open tickets of which nobody has recorded a word on a day."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from data_access import schema
from data_access.readers.names import read_names
from domain.day_report import BodySilent, Reporting
from domain.people import Role

LOOKED_BACK = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""How far back the last word of a silent body is looked for, step by step."""

_event, _ticket = schema.event.c, schema.ticket.c


def reporting(connection: Connection, begin: datetime, end: datetime, now: datetime) -> Reporting:
    """Return which of the bodies that lead open tickets as of `now` said nothing between two moments.

    A word is any step, record or answer that one of their people put into a ticket's log. The longest silent
    stand first.
    """
    # Two questions, each answered by its own index: one with OR reads every ticket that ever was.
    held: Counter[str] = Counter()
    for was_open in (_ticket.closed_at.is_(None), _ticket.closed_at > now):
        rows = connection.execute(
            select(_ticket.lead, func.count().label("tickets"))
            .where(_ticket.lead.is_not(None), _ticket.merged_into.is_(None), _ticket.received_at <= now)
            .where(was_open)
            .group_by(_ticket.lead)
        )
        held.update({row.lead: int(row.tickets) for row in rows})
    spoke = set(
        connection.execute(
            select(_event.body).distinct().where(_event.at >= begin, _event.at < end, *_by_a_body())
        ).scalars()
    )
    silent = [body for body in held if body not in spoke]
    names, last = read_names(connection), _last_words(connection, silent, begin)
    found = [BodySilent(body, names.body(body), held[body], last.get(body)) for body in silent]
    return Reporting(len(held), tuple(sorted(found, key=_longest_first)))


def _by_a_body() -> tuple[ColumnElement[bool], ...]:
    return (_event.role == Role.HANDLER.value, _event.body.is_not(None), _event.stream.startswith("ticket/"))


def _last_words(connection: Connection, bodies: Sequence[str], before: datetime) -> dict[str, datetime]:
    """Look back along the index of times, farther only for those not found yet, over no event twice."""
    found: dict[str, datetime] = {}
    until = before
    for back in LOOKED_BACK:
        left = [body for body in bodies if body not in found]
        if not left:
            break
        rows = connection.execute(
            select(_event.body, func.max(_event.at).label("last"))
            .where(_event.at >= before - back, _event.at < until, *_by_a_body(), _event.body.in_(left))
            .group_by(_event.body)
        )
        found.update({row.body: row.last for row in rows})
        until = before - back
    return found


def _longest_first(row: BodySilent) -> tuple[float, int, str]:
    return (row.last_word.timestamp() if row.last_word else 0.0, -row.tickets, row.key)
