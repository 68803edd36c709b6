"""Directives, re-supervisions and acknowledgements: each writes once for its request id, or refuses.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from data_access import log, orders
from data_access.errors import VersionConflictError
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store, be_patient_for_seconds
from data_access.sweep import sweep
from domain import orders as decide
from domain.clock import clock
from domain.drafts import AcknowledgeDraft, DirectiveDraft, ReSupervisionDraft
from domain.events import DirectiveReferred, Event, Received, ReSupervisionReferred
from domain.people import Actor
from domain.rights import Reason, RefusedError

PATIENCE_SECONDS = 8
"""An order that has waited this long behind an import is refused visibly; its form keeps what was typed."""


def issue_directive(store: Store, draft: DirectiveDraft, actor: Actor, now: datetime) -> str:
    """Issue a directive and note it in the log of each ticket that it names; return its number.

    Raises:
        RefusedError: it may not be issued; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        bodies = orders.body_keys(connection)
        tickets = orders.existing_tickets(connection, draft.tickets)
        event = decide.issue_directive(draft, actor, bodies, tickets, now)
        year = now.astimezone(rules.calendar.zone).year
        number = orders.directive_number(connection, year)
        referred = DirectiveReferred(number, draft.text.strip(), draft.receivers, draft.deadline)
        named = [
            log.Addition(f"ticket/{ticket}", [Event(now, actor, referred)])
            for ticket in dict.fromkeys(draft.tickets)
        ]
        issued = log.Addition(f"directive/{number}", [event], 0)
        log.append(connection, rules, [issued, *named], UUID(draft.request_id))
        return number

    return _once(store, draft.request_id, work)


def launch_re_supervision(store: Store, draft: ReSupervisionDraft, actor: Actor, now: datetime) -> str:
    """Launch a re-supervision with the facts frozen as of now; return the file's number.

    Raises:
        RefusedError: it may not be launched; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"ticket/{draft.ticket}"
        log.lock(connection, [stream])
        records = log.read_stream(connection, stream)
        if not records:
            raise RefusedError(Reason.UNKNOWN_TICKET, draft.ticket)
        events = [record.event for record in log.in_time_order(records)]
        received = events[0].fact
        family = received.policy if isinstance(received, Received) else "standard"
        policy = rules.policies.in_force(family, events[0].at)
        standing = clock(events, policy, rules.calendar, now)
        files = orders.files_about(connection, draft.ticket)
        happened = decide.launch_re_supervision(
            draft, actor, orders.body_keys(connection), standing, events, records[-1].hash.hex(), files, now
        )
        year = now.astimezone(rules.calendar.zone).year
        number = draft.number or orders.re_supervision_number(connection, year)
        file = f"re_supervision/{number}"
        referred = ReSupervisionReferred(number, "launched", draft.question.strip(), draft.deadline)
        additions = [
            log.Addition(file, happened, log.head(connection, file).version),
            log.Addition(stream, [Event(now, actor, referred)], records[-1].seq),
        ]
        log.append(connection, rules, additions, UUID(draft.request_id))
        return number

    return _once(store, draft.request_id, work)


def acknowledge_warning(store: Store, draft: AcknowledgeDraft, actor: Actor, now: datetime) -> str:
    """Note that a person has seen a running warning; return the ticket's number.

    Raises:
        RefusedError: the actor may not, there is no such warning, or somebody was first.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        # Of two people who acknowledge at once, the second sees the first.
        log.lock(connection, [f"ticket/{draft.ticket}"])
        warning = orders.open_warning(connection, draft)
        if warning is None:
            # On the screen a countdown may have passed its due time before the sweep came round; a seat whose
            # clock is fast warns nobody before the time.
            sweep(connection, rules, min(now, log.transaction_time(connection)), draft.ticket)
            warning = orders.open_warning(connection, draft)
        if warning is None:
            raise RefusedError(Reason.NO_SUCH_WARNING, draft.ticket)
        event = decide.acknowledge(draft, actor, warning.body, warning.acknowledged_by, now)
        acknowledged = log.Addition(f"ticket/{draft.ticket}", [event])
        log.append(connection, rules, [acknowledged], UUID(draft.request_id))
        return draft.ticket

    return _once(store, draft.request_id, work)


def _once(store: Store, request: str, work: Callable[[Connection, Rules], str]) -> str:
    """Run work in one transaction unless its request has been carried out already."""

    def transaction(connection: Connection) -> str:
        be_patient_for_seconds(connection, PATIENCE_SECONDS)
        log.lock_request(connection, UUID(request))
        done = log.request_done(connection, UUID(request))
        if done is not None:
            return done.partition("/")[2]
        return work(connection, load_rules(connection))

    try:
        return store.write(transaction, again=True)
    except VersionConflictError as error:
        raise RefusedError(Reason.CHANGED_MEANWHILE, error.stream) from error
