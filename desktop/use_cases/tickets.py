"""What people do with a ticket: the steps of the procedure, and to take note of its warnings.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from datetime import datetime
from uuid import UUID

from data_access import log, orders, watched
from data_access.gate.session import person_of
from data_access.rules import Rules
from data_access.store import Connection, Store
from data_access.sweep import sweep
from desktop.use_cases.requests import once
from domain import steps
from domain.acknowledging import acknowledge, raised_warning
from domain.case_fold import fold_case
from domain.case_orders import check_subjects_done
from domain.drafts import AcknowledgeDraft, StepDraft
from domain.events import Rectified
from domain.people import Actor
from domain.rights import Reason, RefusedError


def take_step(store: Store, draft: StepDraft, actor: Actor, now: datetime) -> str:
    """Take a step of the procedure on a ticket; return the ticket's number.

    Raises:
        RefusedError: this person may not, it is not the time for it, what it says does not do, or the ticket
            went on since `draft.expected`; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"ticket/{draft.ticket}"
        # Of two people who take a step at once, the second sees the first.
        log.lock(connection, [stream])
        ticket = orders.standing(connection, rules, draft.ticket, now)
        if ticket is None:
            raise RefusedError(Reason.UNKNOWN_TICKET, draft.ticket)
        steps.check_step(type(draft.fact), actor, ticket.clock)
        if isinstance(draft.fact, Rectified):
            check_subjects_done(fold_case(ticket.events), actor, ticket.clock.trace)
        if draft.expected is not None and ticket.moved_since(draft.expected):
            raise RefusedError(Reason.CHANGED_MEANWHILE, stream)
        bodies = orders.body_kinds(connection)
        event = steps.take_step(draft, actor, ticket.clock, bodies, ticket.clock.as_of)
        follows = steps.consequence(event, ticket.clock, bodies)
        taken = [event] if follows is None else [event, follows]
        step = log.Addition(stream, taken, ticket.head.version)
        watched.append(connection, rules, [step], UUID(draft.request_id))
        return draft.ticket

    return once(store, draft, work)


def acknowledge_warning(store: Store, draft: AcknowledgeDraft, actor: Actor, now: datetime) -> str:
    """Note that a person has seen a running warning; return the ticket's number.

    Raises:
        RefusedError: the actor may not, there is no such warning, or somebody was first.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"ticket/{draft.ticket}"
        log.lock(connection, [stream])
        events = orders.events_of(connection, draft.ticket)
        warning = raised_warning(events, draft)
        if warning is None and person_of(connection) is None:
            # On the screen a countdown may have passed its due time before the sweep came round; a seat whose
            # clock is fast warns nobody before the time. No person may raise a warning: the sweep comes soon.
            sweep(connection, rules, min(now, log.transaction_time(connection)), draft.ticket)
            events = orders.events_of(connection, draft.ticket)
            warning = raised_warning(events, draft)
        # Where this seat's clock is slow, the warning was raised after what it calls now.
        event = acknowledge(draft, actor, warning, max([now, *(event.at for event in events[-1:])]))
        log.append(connection, rules, [log.Addition(stream, [event])], UUID(draft.request_id))
        return draft.ticket

    return once(store, draft, work)
