"""When the receivers of a directive are late, who is told when nobody sees to it, and which of that the log
does not say yet (T20, X05, T13).

A receiver is late from the first moment after it should have signed, and after the deadline while no feedback
lies with the leader. What was sent back after the deadline is overdue again from then on: each round of
feedback is a cause of its own, and each cause is warned of once, at its own time, however late that is noted.

Such a warning is red, and climbs the policy's ladder like one of a ticket, until its cause ends. What a named
person does about it is to remind the receiver: as with an acknowledgement, it climbs no further from then on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.directive import Directive
from domain.events import DirectiveEscalated, DirectiveLateness, DirectiveWarned, Event, WarningLevel
from domain.people import SYSTEM
from domain.wrong.ladder import next_climb


@dataclass(frozen=True, slots=True)
class _Lapse:
    """A receiver was late, and until when: None while it is."""

    body: str
    lateness: DirectiveLateness
    at: datetime
    until: datetime | None


def unwarned(directive: Directive) -> list[Event]:
    """Return the warnings and their climbs that its log does not hold, each at the time when it fell or will
    fall due, the first one first. Those to come hold only if nobody answers until then."""
    found: list[Event] = []
    for lapse in _lapses(directive):
        if (lapse.body, lapse.lateness, lapse.at) not in directive.warned:
            found.append(Event(lapse.at, SYSTEM, DirectiveWarned(lapse.body, lapse.lateness)))
        found += _climbs(directive, lapse)
    return sorted(found, key=_at)


def due_warnings(directive: Directive, now: datetime) -> list[Event]:
    """Return the warnings and climbs to write at `now`: what is due at this very moment is not late yet."""
    return [event for event in unwarned(directive) if event.at < now]


def _climbs(directive: Directive, lapse: _Lapse) -> Iterator[Event]:
    taken_up = [at for at in directive.reminders.get(lapse.body, ()) if at >= lapse.at]
    ends = [*taken_up, *([lapse.until] if lapse.until is not None else [])]
    until = min(ends, default=None)
    step = 0
    while climb := next_climb(directive.ladder, WarningLevel.RED, lapse.at, step, until):
        step = climb.step
        if (lapse.body, lapse.lateness, lapse.at, step) not in directive.climbed:
            fact = DirectiveEscalated(lapse.body, lapse.lateness, lapse.at, step, climb.to)
            yield Event(climb.at, SYSTEM, fact)


def _lapses(directive: Directive) -> Iterator[_Lapse]:
    terms = directive.terms
    for body, receipt in directive.receipts.items():
        yield from _lapse(directive, body, DirectiveLateness.UNSIGNED, terms.sign_by, receipt.signed_at)
        begin = directive.issued_at
        for feedback in directive.rounds.get(body, ()):
            due = max(terms.deadline, begin)
            yield from _lapse(directive, body, DirectiveLateness.OVERDUE, due, feedback.at)
            if feedback.accepted is not False or feedback.judged_at is None:
                break
            begin = feedback.judged_at
        else:
            due = max(terms.deadline, begin)
            yield from _lapse(directive, body, DirectiveLateness.OVERDUE, due, None)


def _lapse(
    directive: Directive, body: str, lateness: DirectiveLateness, due: datetime, done_at: datetime | None
) -> Iterator[_Lapse]:
    ends = [moment for moment in (done_at, directive.withdrawn_at) if moment is not None]
    until = min(ends, default=None)
    if until is None or until > due:
        yield _Lapse(body, lateness, due, until)


def _at(event: Event) -> datetime:
    return event.at
