"""What a directive from a ranking, a map or a selection is about: the tickets behind the line, and who leads
them (T20, X05)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from data_access.readers.tickets import first_tickets
from domain.drafts import DirectiveSubject, SubjectSought

MOST_PROPOSED = 20
"""Tickets that a directive from a line of figures names, the worst of them."""


def subject_of(connection: Connection, sought: SubjectSought, now: datetime) -> DirectiveSubject:
    """Return a subject with the worst of the wanted tickets, and with who leads them as receivers.

    Where the subject proposes receivers already, as a body's line of the ranking does, it stays at those.
    """
    rows = first_tickets(connection, sought.wanted, now, MOST_PROPOSED)
    leads = tuple(dict.fromkeys(row.body for row in rows if row.body))
    subject = sought.subject
    tickets = tuple(dict.fromkeys((*subject.tickets, *(row.number for row in rows))))
    # A body's own line is about that body: what it does not lead is none of it.
    unled = () if subject.bodies else tuple(row.number for row in rows if not row.body)
    return replace(subject, tickets=tickets, bodies=subject.bodies or leads, unled=unled)
