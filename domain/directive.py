"""A directive as its events leave it (product.md, Directive; T20)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.events import (
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveSigned,
    DirectiveWithdrawn,
    Event,
)
from domain.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: what was issued, when and by whom, and its receivers' answers by body."""

    number: str
    issued: DirectiveIssued
    issued_by: str
    issued_at: datetime
    receipts: dict[str, Receipt] = field(default_factory=dict)
    withdrawn_at: datetime | None = None


def fold_directive(number: str, events: Iterable[Event]) -> Directive:
    """Return a directive from its events. Answers of bodies that are no receivers change nothing.

    Raises:
        ValueError: the first event does not issue the directive.
    """
    happened = iter(events)
    first = next(happened, None)
    if first is None or not isinstance(first.fact, DirectiveIssued):
        raise ValueError(f"directive {number} was never issued")
    receipts = {body: Receipt(body) for body in first.fact.receivers}
    withdrawn: datetime | None = None
    for event in happened:
        match event.fact:
            case DirectiveSigned(body=body) if body in receipts:
                receipts[body] = replace(receipts[body], signed_at=event.at)
            case DirectiveFedBack(body=body, text=text) if body in receipts:
                receipts[body] = replace(receipts[body], fed_back_at=event.at, feedback=text, accepted=None)
            case DirectiveJudged(body=body, accepted=accepted) if body in receipts:
                receipts[body] = replace(receipts[body], accepted=accepted)
            case DirectiveWithdrawn():
                withdrawn = event.at
            case _:
                pass
    return Directive(number, first.fact, first.actor.name, first.at, receipts, withdrawn)
