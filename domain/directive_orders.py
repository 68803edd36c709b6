"""A directive's course: issued, signed, fed back, judged, reminded, withdrawn; never edited (T20, X03)."""

import re
from collections.abc import Collection
from datetime import datetime

from domain.directive import Directive
from domain.drafts import (
    DirectiveDraft,
    FeedBackDraft,
    JudgeDraft,
    RemindDraft,
    SignDirectiveDraft,
    WithdrawDraft,
)
from domain.events import (
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveReferred,
    DirectiveReminded,
    DirectiveSigned,
    DirectiveWithdrawn,
    Event,
)
from domain.orders import LONGEST_NAME, future, known, note, written
from domain.people import Actor
from domain.receipts import Receipt
from domain.rights import Command, Reason, RefusedError, check

MOST_SUBJECTS = 200
"""Tickets, items or areas in one directive: more would be a list that nobody reads."""
MOST_EVIDENCE = 20
"""Files that go with one feedback."""
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


def issue_directive(
    draft: DirectiveDraft, actor: Actor, bodies: Collection[str], tickets: Collection[str], now: datetime
) -> Event:
    """Return the event that issues a directive. `bodies` and `tickets` are those that exist.

    Raises:
        RefusedError: the actor is no leader, the text is empty or too long, there is no receiver or an
            unknown one, an unknown ticket or too much is named, or the deadline has passed.
    """
    check(Command.ISSUE_DIRECTIVE, actor)
    text = written(draft.text)
    if not draft.receivers:
        raise RefusedError(Reason.NO_RECEIVERS)
    if max(len(draft.tickets), len(draft.items), len(draft.areas)) > MOST_SUBJECTS:
        raise RefusedError(Reason.TOO_MANY, str(MOST_SUBJECTS))
    fact = DirectiveIssued(
        text=text,
        receivers=known(draft.receivers, bodies, Reason.UNKNOWN_BODY),
        tickets=known(draft.tickets, tickets, Reason.UNKNOWN_TICKET),
        deadline=future(draft.deadline, now),
        urgency=draft.urgency,
        items=tuple(dict.fromkeys(draft.items)),
        areas=tuple(dict.fromkeys(draft.areas)),
        basis=note(draft.basis, LONGEST_NAME),
    )
    return Event(now, actor, fact)


def sign_directive(draft: SignDirectiveDraft, actor: Actor, directive: Directive, now: datetime) -> Event:
    """Return the event by which a receiver signs.

    Raises:
        RefusedError: the actor does not act for the body, the body is no receiver or has signed, or the
            directive was withdrawn.
    """
    receipt = _receipt(Command.ANSWER_DIRECTIVE, actor, directive, draft.body)
    if receipt.signed_at is not None:
        raise RefusedError(Reason.ALREADY_SIGNED, draft.body)
    return Event(now, actor, DirectiveSigned(draft.body))


def may_feed_back(draft: FeedBackDraft, actor: Actor, directive: Directive) -> Receipt:
    """Let a receiver feed back: again only after it was sent back. Its files may be kept then.

    Raises:
        RefusedError: as for `sign_directive`; the body has not signed, or its feedback lies with the leader
            or was accepted.
    """
    receipt = _receipt(Command.ANSWER_DIRECTIVE, actor, directive, draft.body)
    if receipt.signed_at is None:
        raise RefusedError(Reason.NOT_SIGNED, draft.number)
    if receipt.accepted:
        raise RefusedError(Reason.ALREADY_JUDGED)
    if receipt.answered:
        raise RefusedError(Reason.ALREADY_FED_BACK)
    return receipt


def feed_back(draft: FeedBackDraft, actor: Actor, directive: Directive, now: datetime) -> Event:
    """Return the event by which a receiver tells what was done, with the evidence that is kept of it.

    Raises:
        RefusedError: as for `may_feed_back`; the text is empty or too long, or the evidence is no checksums.
    """
    may_feed_back(draft, actor, directive)
    sums = tuple(dict.fromkeys(draft.evidence))
    if len(sums) > MOST_EVIDENCE or not all(_CHECKSUM.fullmatch(found) for found in sums):
        raise RefusedError(Reason.BAD_EVIDENCE, str(MOST_EVIDENCE))
    return Event(now, actor, DirectiveFedBack(draft.body, written(draft.text), sums))


def judge_feedback(draft: JudgeDraft, actor: Actor, directive: Directive, now: datetime) -> Event:
    """Return the event by which a leader accepts a receiver's feedback, or sends it back with a reason.

    Raises:
        RefusedError: the actor is no leader, the body is no receiver, no feedback of it waits, it is sent
            back without a reason, or the directive was withdrawn.
    """
    receipt = _receipt(Command.ISSUE_DIRECTIVE, actor, directive, draft.body)
    if receipt.accepted:
        raise RefusedError(Reason.ALREADY_JUDGED)
    if not receipt.answered:
        raise RefusedError(Reason.NOT_FED_BACK)
    text = note(draft.text) if draft.accepted else written(draft.text)
    return Event(now, actor, DirectiveJudged(draft.body, draft.accepted, text))


def remind(draft: RemindDraft, actor: Actor, directive: Directive, now: datetime) -> list[Event]:
    """Return the events by which a leader reminds receivers, one for each (B03).

    Raises:
        RefusedError: the actor is no leader, no receiver is named, one of them is none or owes nothing, the
            text is empty or too long, or the directive was withdrawn.
    """
    check(Command.ISSUE_DIRECTIVE, actor)
    if not draft.bodies:
        raise RefusedError(Reason.NO_RECEIVERS)
    text = written(draft.text)
    for body in draft.bodies:
        if _receipt(Command.ISSUE_DIRECTIVE, actor, directive, body).answered:
            raise RefusedError(Reason.NOTHING_OWED, body)
    return [Event(now, actor, DirectiveReminded(body, text)) for body in dict.fromkeys(draft.bodies)]


def withdraw_directive(draft: WithdrawDraft, actor: Actor, directive: Directive, now: datetime) -> Event:
    """Return the event by which a leader withdraws a directive.

    Raises:
        RefusedError: the actor is no leader, the directive was withdrawn already, or there is no reason.
    """
    check(Command.ISSUE_DIRECTIVE, actor)
    _standing(directive)
    return Event(now, actor, DirectiveWithdrawn(written(draft.reason)))


def references(number: str, issue: Event) -> dict[str, Event]:
    """Return what the log of each ticket that a directive names says of its issue, by the ticket's number."""
    issued = issue.fact
    if not isinstance(issued, DirectiveIssued):
        return {}
    referred = DirectiveReferred(number, issued.text, issued.receivers, issued.deadline)
    return dict.fromkeys(issued.tickets, Event(issue.at, issue.actor, referred))


def _receipt(command: Command, actor: Actor, directive: Directive, body: str) -> Receipt:
    check(command, actor, body)
    _standing(directive)
    receipt = directive.receipts.get(body)
    if receipt is None:
        raise RefusedError(Reason.NOT_A_RECEIVER, directive.number)
    return receipt


def _standing(directive: Directive) -> None:
    if directive.withdrawn_at is not None:
        raise RefusedError(Reason.WITHDRAWN, directive.number)
