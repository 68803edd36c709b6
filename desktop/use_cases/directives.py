"""What leaders and receivers do with a directive: each writes once for its request id, or refuses.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from data_access import log, orders
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain import directive_orders as decide
from domain.directive import Directive
from domain.drafts import DirectiveDraft, FeedBackDraft, JudgeDraft, SignDirectiveDraft, WithdrawDraft
from domain.events import Event
from domain.people import Actor
from domain.rights import Reason, RefusedError

D = TypeVar("D", bound=SignDirectiveDraft | FeedBackDraft | JudgeDraft | WithdrawDraft)


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
    return _answer(store, draft, actor, now, decide.sign_directive)


def feed_back(store: Store, draft: FeedBackDraft, actor: Actor, now: datetime) -> str:
    """Tell what a receiver has done about a directive; return its number.

    Raises:
        RefusedError: as `domain.directive_orders.feed_back`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, decide.feed_back)


def judge_feedback(store: Store, draft: JudgeDraft, actor: Actor, now: datetime) -> str:
    """Accept a receiver's feedback or send it back; return the directive's number.

    Raises:
        RefusedError: as `domain.directive_orders.judge_feedback`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, decide.judge_feedback)


def withdraw_directive(store: Store, draft: WithdrawDraft, actor: Actor, now: datetime) -> str:
    """Withdraw a directive; return its number.

    Raises:
        RefusedError: as `domain.directive_orders.withdraw_directive`; there is no such directive.
        StoreError: the database is away; nothing was written.
    """
    return _answer(store, draft, actor, now, decide.withdraw_directive)


def _answer(
    store: Store,
    draft: D,
    actor: Actor,
    now: datetime,
    decided: Callable[[D, Actor, Directive, datetime], Event],
) -> str:
    """Continue a directive's stream by what is decided on it as it stands, nobody else writing meanwhile."""

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"directive/{draft.number}"
        log.lock(connection, [stream])
        found = orders.directive(connection, rules, draft.number)
        if found is None:
            raise RefusedError(Reason.UNKNOWN_DIRECTIVE, draft.number)
        # A seat's clock may be slow: nothing is decided before what it is decided on.
        event = decided(draft, actor, found.state, max(now, found.last_at))
        log.append(connection, rules, [log.Addition(stream, [event], found.version)], UUID(draft.request_id))
        return draft.number

    return once(store, draft, work)
