"""What leaders and receivers do with a directive: each writes once for its request id, or refuses.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from data_access import log, orders
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store
from desktop.use_cases.evidence import keep_files
from desktop.use_cases.requests import once
from domain import directive_orders as decide
from domain.directive import Directive
from domain.drafts import (
    DirectiveDraft,
    FeedBackDraft,
    JudgeDraft,
    RemindAllDraft,
    RemindDraft,
    SignDirectiveDraft,
    WithdrawDraft,
)
from domain.events import Event
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check

D = TypeVar("D", bound=SignDirectiveDraft | FeedBackDraft | JudgeDraft | RemindDraft | WithdrawDraft)

MOST_REMINDED = 500
"""Receivers reminded by one order: a transaction of some seconds at the most."""


def issue_directive(store: Store, draft: DirectiveDraft, actor: Actor, now: datetime) -> str:
    """Issue a directive and note it in the log of each ticket that it names; return its number.

    Raises:
        RefusedError: it may not be issued; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        bodies = orders.body_kinds(connection)
        tickets = orders.existing_tickets(connection, draft.tickets)
        event = decide.issue_directive(draft, actor, bodies, tickets, now)
        year = now.astimezone(rules.calendar.zone).year
        number = orders.directive_number(connection, year)
        named = decide.references(number, event)
        additions = [log.Addition(f"ticket/{ticket}", [referred]) for ticket, referred in named.items()]
        issued = log.Addition(f"directive/{number}", [event], 0)
        log.append(connection, rules, [issued, *additions], UUID(draft.request_id))
        return number

    return once(store, draft, work)


def sign_directive(store: Store, draft: SignDirectiveDraft, actor: Actor, now: datetime) -> str:
    """Sign a directive for a receiver; return its number.

    Raises:
        RefusedError: as `domain.directive_orders.sign_directive`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, _one(decide.sign_directive))


def feed_back(store: Store, draft: FeedBackDraft, actor: Actor, now: datetime) -> str:
    """Tell what a receiver has done about a directive; return its number. Its files are kept first.

    Raises:
        EvidenceError: a file cannot be read, or is none that can be kept; nothing was told.
        RefusedError: as `domain.directive_orders.feed_back`; there is no such directive.
        StoreError: the database is away; nothing was told.
    """
    if draft.files:
        kept: tuple[str, ...] = ()
        if store.read(lambda c: _waits(c, draft, actor)):
            kept = keep_files(store, f"directive/{draft.number}", draft.files)
        draft = replace(draft, files=(), evidence=(*draft.evidence, *kept))
    return _answer(store, draft, actor, now, _one(decide.feed_back))


def judge_feedback(store: Store, draft: JudgeDraft, actor: Actor, now: datetime) -> str:
    """Accept a receiver's feedback or send it back; return the directive's number.

    Raises:
        RefusedError: as `domain.directive_orders.judge_feedback`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, _one(decide.judge_feedback))


def remind(store: Store, draft: RemindDraft, actor: Actor, now: datetime) -> str:
    """Remind receivers of a directive; return its number.

    Raises:
        RefusedError: as `domain.directive_orders.remind`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, decide.remind)


def remind_all(store: Store, draft: RemindAllDraft, actor: Actor, now: datetime) -> str:
    """Remind receivers of many directives in one order, each by an event of its own; return a number of one.

    Who has answered since they were listed is passed over; so is a directive that was withdrawn.

    Raises:
        RefusedError: the actor is no leader, too many are named, or nobody of them owes anything any more.
        StoreError: the database is away; nothing was written.
    """
    check(Command.ISSUE_DIRECTIVE, actor)
    if len(draft.owing) > MOST_REMINDED:
        raise RefusedError(Reason.TOO_MANY, str(MOST_REMINDED))
    bodies: defaultdict[str, list[str]] = defaultdict(list)
    for owing in draft.owing:
        bodies[owing.number].append(owing.body)

    def work(connection: Connection, rules: Rules) -> str:
        log.lock(connection, [f"directive/{number}" for number in bodies])
        additions = []
        for number, wanted in sorted(bodies.items()):
            found = orders.directive(connection, rules, number)
            if found is None or found.state.withdrawn_at is not None:
                continue
            receipts = found.state.receipts
            late = tuple(body for body in wanted if body in receipts and not receipts[body].answered)
            if late:
                order = RemindDraft(draft.request_id, number, late, draft.text)
                events = decide.remind(order, actor, found.state, max(now, found.last_at))
                additions.append(log.Addition(f"directive/{number}", events, found.version))
        if not additions:
            raise RefusedError(Reason.NO_RECEIVERS)
        log.append(connection, rules, additions, UUID(draft.request_id))
        return additions[0].stream.partition("/")[2]

    return once(store, draft, work)


def withdraw_directive(store: Store, draft: WithdrawDraft, actor: Actor, now: datetime) -> str:
    """Withdraw a directive; return its number.

    Raises:
        RefusedError: as `domain.directive_orders.withdraw_directive`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, _one(decide.withdraw_directive))


_Decided = Callable[[D, Actor, Directive, datetime], Sequence[Event]]


def _one(decided: Callable[[D, Actor, Directive, datetime], Event]) -> _Decided[D]:
    def events(draft: D, actor: Actor, directive: Directive, now: datetime) -> Sequence[Event]:
        return [decided(draft, actor, directive, now)]

    return events


def _answer(store: Store, draft: D, actor: Actor, now: datetime, decided: _Decided[D]) -> str:
    """Continue a directive's stream by what is decided on it as it stands, nobody else writing meanwhile."""

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"directive/{draft.number}"
        log.lock(connection, [stream])
        found = orders.directive(connection, rules, draft.number)
        if found is None:
            raise RefusedError(Reason.UNKNOWN_DIRECTIVE, draft.number)
        # A seat's clock may be slow: nothing is decided before what it is decided on.
        events = decided(draft, actor, found.state, max(now, found.last_at))
        log.append(connection, rules, [log.Addition(stream, events, found.version)], UUID(draft.request_id))
        return draft.number

    return once(store, draft, work)


def _waits(connection: Connection, draft: FeedBackDraft, actor: Actor) -> bool:
    """Whether files are to be kept for a feedback: not when its request was carried out already.

    Raises:
        RefusedError: the feedback could not be given; nothing is kept for it.
    """
    if log.request_done(connection, UUID(draft.request_id)) is not None:
        return False
    found = orders.directive(connection, load_rules(connection), draft.number)
    if found is None:
        raise RefusedError(Reason.UNKNOWN_DIRECTIVE, draft.number)
    decide.may_feed_back(draft, actor, found.state)
    return True
