"""What officers and the supervised do with a re-supervision: each writes once for its request id, or refuses.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from data_access import evidence, log, orders
from data_access.readers.comparable import comparable_cases
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.evidence import keep_files
from desktop.use_cases.requests import once
from domain import re_supervision_orders as decide
from domain.drafts import (
    AskDraft,
    CloseFileDraft,
    DeclineDraft,
    ExplainDraft,
    FindDraft,
    ReSupervisionDraft,
)
from domain.events import Event
from domain.people import Actor
from domain.re_supervision import ReSupervision
from domain.rights import Reason, RefusedError

D = TypeVar("D", bound=DeclineDraft | AskDraft | ExplainDraft | FindDraft | CloseFileDraft)


def launch_re_supervision(store: Store, draft: ReSupervisionDraft, actor: Actor, now: datetime) -> str:
    """Launch a re-supervision with the facts frozen as of now; return the file's number.

    Raises:
        RefusedError: it may not be launched; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"ticket/{draft.ticket}"
        log.lock(connection, [stream, *([] if draft.number is None else [f"re_supervision/{draft.number}"])])
        ticket = orders.standing(connection, rules, draft.ticket, now)
        if ticket is None:
            raise RefusedError(Reason.UNKNOWN_TICKET, draft.ticket)
        files = orders.files_about(connection, ticket.events)
        kind = ticket.clock.trace.received.category
        happened = decide.launch_re_supervision(
            draft,
            actor,
            orders.body_kinds(connection),
            ticket.clock,
            ticket.events,
            ticket.head.hash.hex(),
            files,
            ticket.clock.as_of,
            evidence.files_of(connection, ticket.number),
            comparable_cases(connection, draft.body, draft.node, kind, ticket.number, ticket.clock.as_of),
        )
        year = now.astimezone(rules.calendar.zone).year
        number = draft.number or orders.re_supervision_number(connection, year)
        file = f"re_supervision/{number}"
        additions = [
            log.Addition(file, happened, log.head(connection, file).version),
            *_referred(number, ticket.number, happened[-1], ticket.head.version),
        ]
        log.append(connection, rules, additions, UUID(draft.request_id))
        return number

    return once(store, draft, work)


def decline_re_supervision(store: Store, draft: DeclineDraft, actor: Actor, now: datetime) -> str:
    """Decline a drafted re-supervision; return its number.

    Raises:
        RefusedError: as `domain.re_supervision_orders.decline_re_supervision`; there is no such file.
        StoreError: the database is away; nothing was written.
    """
    return _go_on(store, draft, actor, now, decide.decline_re_supervision)


def ask(store: Store, draft: AskDraft, actor: Actor, now: datetime) -> str:
    """Ask a further question; return the file's number.

    Raises:
        RefusedError: as `domain.re_supervision_orders.ask`; there is no such file.
        StoreError: the database is away; nothing was written.
    """
    return _go_on(store, draft, actor, now, decide.ask)


def explain(store: Store, draft: ExplainDraft, actor: Actor, now: datetime) -> str:
    """Explain, as the supervised body; return the file's number. The draft's files are kept first.

    Raises:
        EvidenceError: a file cannot be read, or is none that can be kept; nothing was explained.
        RefusedError: as `domain.re_supervision_orders.explain`; there is no such file.
        StoreError: the database is away; nothing was explained.
    """
    kept = keep_files(store, f"re_supervision/{draft.number}", draft.files)

    def decided(draft: ExplainDraft, actor: Actor, file: ReSupervision, now: datetime) -> Event:
        return decide.explain(draft, actor, file, now, kept)

    return _go_on(store, draft, actor, now, decided)


def find(store: Store, draft: FindDraft, actor: Actor, now: datetime) -> str:
    """Find one of the four behaviours, or no fault; return the file's number.

    Raises:
        RefusedError: as `domain.re_supervision_orders.find`; there is no such file.
        StoreError: the database is away; nothing was written.
    """
    return _go_on(store, draft, actor, now, decide.find)


def close_re_supervision(store: Store, draft: CloseFileDraft, actor: Actor, now: datetime) -> str:
    """Close a re-supervision with a recommendation; return its number.

    Raises:
        RefusedError: as `domain.re_supervision_orders.close_re_supervision`; there is no such file.
        StoreError: the database is away; nothing was written.
    """
    return _go_on(store, draft, actor, now, decide.close_re_supervision)


def _go_on(
    store: Store,
    draft: D,
    actor: Actor,
    now: datetime,
    decided: Callable[[D, Actor, ReSupervision, datetime], Event],
) -> str:
    """Continue a file by what is decided on it as it stands, and tell the ticket's log where that is due."""

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"re_supervision/{draft.number}"
        ticket = orders.ticket_of_file(connection, draft.number)
        if ticket is None:
            raise RefusedError(Reason.UNKNOWN_FILE, draft.number)
        # Both at once: a launch locks the same two, and neither must wait for the other in a circle.
        log.lock(connection, [stream, f"ticket/{ticket}"])
        found = orders.re_supervision(connection, draft.number)
        if found is None:
            raise RefusedError(Reason.UNKNOWN_FILE, draft.number)
        # A seat's clock may be slow: nothing is decided before what it is decided on.
        event = decided(draft, actor, found.state, max(now, found.last_at))
        additions = [log.Addition(stream, [event], found.version), *_referred(draft.number, ticket, event)]
        log.append(connection, rules, additions, UUID(draft.request_id))
        return draft.number

    return once(store, draft, work)


def _referred(number: str, ticket: str, event: Event, version: int | None = None) -> list[log.Addition]:
    """Return what a file's step adds to the log of the ticket that it is about."""
    reference = decide.reference(number, event)
    return [] if reference is None else [log.Addition(f"ticket/{ticket}", [reference], version)]
