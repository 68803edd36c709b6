"""From a directive's events to its cached rows; `data_access.project` puts them into their tables."""

from collections.abc import Sequence
from typing import Any

from data_access.rules import Rules
from domain.directive import Directive, fold_directive
from domain.directive_lateness import unwarned
from domain.events import DirectiveEscalated, DirectiveWarned, Event


def folded(number: str, events: Sequence[Event], rules: Rules) -> Directive:
    """Return a directive with the terms that were in force when it was issued.

    Raises:
        ValueError: the first event does not issue it.
    """
    issued_at = events[0].at
    within, ladder = rules.directive_signed_within(issued_at), rules.directive_ladder(issued_at)
    return fold_directive(number, events, within, ladder)


def directive_row(found: Directive, version: int, head: bytes) -> dict[str, Any]:
    """Return the directive's own row."""
    issued = found.issued
    return {
        "number": found.number,
        "text": issued.text,
        "basis": issued.basis,
        "issued_by": found.issued_by,
        "issued_at": found.issued_at,
        "sign_by": found.terms.sign_by,
        "deadline": issued.deadline,
        "urgency": issued.urgency.value,
        "tickets": list(issued.tickets),
        "items": list(issued.items),
        "areas": list(issued.areas),
        "withdrawn_at": found.withdrawn_at,
        "withdrawn_reason": found.withdrawn if found.withdrawn_at is not None else None,
        "version": version,
        "head": head,
    }


def receiver_rows(found: Directive) -> list[dict[str, Any]]:
    """Return a row for each receiver."""
    # The first one counts: they are in the order of time.
    warn_from = {
        event.fact.body: event.at
        for event in reversed(unwarned(found))
        if isinstance(event.fact, DirectiveWarned | DirectiveEscalated)
    }
    return [
        {
            "directive": found.number,
            "body": receipt.body,
            "signed_at": receipt.signed_at,
            "signed_by": receipt.signed_by if receipt.signed_at is not None else None,
            "fed_back_at": receipt.fed_back_at,
            "feedback": receipt.feedback if receipt.fed_back_at is not None else None,
            "judged_at": receipt.judged_at,
            "accepted": receipt.accepted,
            "rounds": receipt.rounds,
            "reminded": receipt.reminded,
            "reminded_at": receipt.reminded_at,
            "warned_unsigned": receipt.warned_unsigned,
            "warned_overdue": receipt.warned_overdue,
            "warn_from": warn_from.get(receipt.body),
        }
        for receipt in found.receipts.values()
    ]
