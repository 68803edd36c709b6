"""What people note in a case beside the procedure: subjects, records, requests, questions, transfers …

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from data_access import log, orders
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain.case_fold import fold_case
from domain.case_orders import Standing, take_note
from domain.drafts import StepDraft
from domain.people import Actor
from domain.rights import Reason, RefusedError


def take_case_note(store: Store, draft: StepDraft, actor: Actor, now: datetime) -> str:
    """Note a fact in a ticket's case; return the ticket's number.

    What makes a note stale is checked against the case as it stands; `draft.expected` plays no part.

    Raises:
        RefusedError: as `domain.case_orders.take_note`; there is no such ticket.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"ticket/{draft.ticket}"
        # Of two people who answer the same question at once, the second sees the first.
        log.lock(connection, [stream])
        ticket = orders.standing(connection, rules, draft.ticket, now)
        if ticket is None:
            raise RefusedError(Reason.UNKNOWN_TICKET, draft.ticket)
        case, bodies = fold_case(ticket.events), orders.body_kinds(connection)
        standing = Standing(actor, case, ticket.clock, bodies, ticket.clock.as_of)
        events = [take_note(draft, standing)]
        if draft.beside is not None:
            case = fold_case([*ticket.events, *events])
            beside = replace(draft, fact=draft.beside, beside=None)
            events.append(take_note(beside, replace(standing, case=case)))
        noted = log.Addition(stream, events, ticket.head.version)
        log.append(connection, rules, [noted], UUID(draft.request_id))
        return draft.ticket

    return once(store, draft, work)
