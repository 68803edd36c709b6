"""When the receivers of a directive are late, and which of that the log does not say yet (T20, X05).

A receiver is late from the first moment after it should have signed, and after the deadline while no feedback
lies with the leader. What was sent back after the deadline is overdue again from then on: each round of
feedback is a cause of its own, and each cause is warned of once, at its own time, however late that is noted.
"""

from collections.abc import Iterator
from datetime import datetime

from domain.directive import Directive
from domain.events import DirectiveLateness, DirectiveWarned, Event
from domain.people import SYSTEM


def unwarned(directive: Directive) -> list[Event]:
    """Return the warnings that its log does not hold, each at the time when it fell or will fall due, the
    first one first. Those to come hold only if nobody answers until then."""
    found = [
        Event(at, SYSTEM, DirectiveWarned(body, lateness))
        for body, lateness, at in _lapses(directive)
        if (body, lateness, at) not in directive.warned
    ]
    return sorted(found, key=_at)


def due_warnings(directive: Directive, now: datetime) -> list[Event]:
    """Return the warnings to write at `now`: what is due at this very moment is not late yet."""
    return [event for event in unwarned(directive) if event.at < now]


def _lapses(directive: Directive) -> Iterator[tuple[str, DirectiveLateness, datetime]]:
    terms, until = directive.terms, directive.withdrawn_at
    for body, receipt in directive.receipts.items():
        if _late(terms.sign_by, receipt.signed_at, until):
            yield body, DirectiveLateness.UNSIGNED, terms.sign_by
        begin = directive.issued_at
        for feedback in directive.rounds.get(body, ()):
            due = max(terms.deadline, begin)
            if _late(due, feedback.at, until):
                yield body, DirectiveLateness.OVERDUE, due
            if feedback.accepted is not False or feedback.judged_at is None:
                break
            begin = feedback.judged_at
        else:
            due = max(terms.deadline, begin)
            if _late(due, None, until):
                yield body, DirectiveLateness.OVERDUE, due


def _late(due: datetime, done_at: datetime | None, withdrawn_at: datetime | None) -> bool:
    ends = [moment for moment in (done_at, withdrawn_at) if moment is not None]
    return not ends or min(ends) > due


def _at(event: Event) -> datetime:
    return event.at
