"""A directive as its events leave it (product.md, Directive; T20)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.events import (
    DirectiveEscalated,
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveLateness,
    DirectiveReminded,
    DirectiveSigned,
    DirectiveWarned,
    DirectiveWithdrawn,
    Event,
)
from domain.policy import SIGN_WITHIN
from domain.receipts import Feedback, Receipt, Terms
from domain.wrong.rule import Rung


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: what was issued, when and by whom, its receivers' answers by body, and all their rounds
    of feedback. `warned` are the warnings that stand in its log: whom, of what, from when on; `climbed` those
    with the steps of the `ladder` that they took, `reminders` when each receiver was reminded."""

    number: str
    issued: DirectiveIssued
    issued_by: str
    issued_at: datetime
    receipts: dict[str, Receipt] = field(default_factory=dict)
    withdrawn_at: datetime | None = None
    sign_within: timedelta = SIGN_WITHIN
    rounds: dict[str, tuple[Feedback, ...]] = field(default_factory=dict)
    warned: frozenset[tuple[str, DirectiveLateness, datetime]] = frozenset()
    withdrawn: str = ""
    ladder: tuple[Rung, ...] = ()
    climbed: frozenset[tuple[str, DirectiveLateness, datetime, int]] = frozenset()
    reminders: dict[str, tuple[datetime, ...]] = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """By when it is to be signed and fed back."""
        return Terms.of(self.issued_at, self.issued.deadline, self.sign_within)


def fold_directive(
    number: str,
    events: Iterable[Event],
    sign_within: timedelta = SIGN_WITHIN,
    ladder: tuple[Rung, ...] = (),
) -> Directive:
    """Return a directive from its events. Answers of bodies that are no receivers change nothing.

    Raises:
        ValueError: the first event does not issue the directive.
    """
    happened = iter(events)
    first = next(happened, None)
    if first is None or not isinstance(first.fact, DirectiveIssued):
        raise ValueError(f"directive {number} was never issued")
    receipts = {body: Receipt(body) for body in first.fact.receivers}
    rounds: dict[str, tuple[Feedback, ...]] = dict.fromkeys(receipts, ())
    reminders: dict[str, tuple[datetime, ...]] = dict.fromkeys(receipts, ())
    warned: set[tuple[str, DirectiveLateness, datetime]] = set()
    climbed: set[tuple[str, DirectiveLateness, datetime, int]] = set()
    withdrawn_at, withdrawn = None, ""
    for event in happened:
        body = getattr(event.fact, "body", None)
        if isinstance(event.fact, DirectiveWithdrawn):
            withdrawn_at, withdrawn = event.at, event.fact.reason
        if body not in receipts:
            continue
        if isinstance(event.fact, DirectiveFedBack):
            fact = event.fact
            rounds[body] = (*rounds[body], Feedback(event.at, event.actor.name, fact.text, fact.evidence))
        elif isinstance(event.fact, DirectiveJudged):
            rounds[body] = _judged(rounds[body], event, event.fact)
        elif isinstance(event.fact, DirectiveWarned):
            warned.add((body, event.fact.lateness, event.at))
        elif isinstance(event.fact, DirectiveEscalated):
            climbed.add((body, event.fact.lateness, event.fact.since, event.fact.step))
        elif isinstance(event.fact, DirectiveReminded):
            reminders[body] = (*reminders[body], event.at)
        receipts[body] = _after(receipts[body], event)
    return Directive(
        number,
        first.fact,
        first.actor.name,
        first.at,
        receipts,
        withdrawn_at,
        sign_within,
        rounds,
        frozenset(warned),
        withdrawn,
        ladder,
        frozenset(climbed),
        reminders,
    )


def _after(receipt: Receipt, event: Event) -> Receipt:
    match event.fact:
        case DirectiveSigned():
            return replace(receipt, signed_at=event.at, signed_by=event.actor.name)
        case DirectiveFedBack(text=text):
            return replace(
                receipt,
                fed_back_at=event.at,
                feedback=text,
                judged_at=None,
                accepted=None,
                rounds=receipt.rounds + 1,
            )
        case DirectiveJudged(accepted=accepted):
            return replace(receipt, judged_at=event.at, accepted=accepted)
        case DirectiveReminded():
            return replace(receipt, reminded=receipt.reminded + 1, reminded_at=event.at)
        case DirectiveWarned(lateness=DirectiveLateness.UNSIGNED):
            return replace(receipt, warned_unsigned=event.at)
        case DirectiveWarned():
            return replace(receipt, warned_overdue=event.at)
    return receipt


def _judged(rounds: tuple[Feedback, ...], event: Event, fact: DirectiveJudged) -> tuple[Feedback, ...]:
    if not rounds:
        return rounds
    last = replace(
        rounds[-1],
        judged_at=event.at,
        judged_by=event.actor.name,
        accepted=fact.accepted,
        verdict=fact.text,
    )
    return (*rounds[:-1], last)
