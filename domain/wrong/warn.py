"""What the log has to say after a ticket was judged: a warning raised once for its cause, cleared as it ends.

A cause that was cleared and comes again with the same facts is the same cause: it is not raised again, so
nothing flaps. A wrong step that cannot be undone is settled by people: a red one when its re-supervision was
closed or declined, a yellow one when somebody took note of it and the ticket is closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.events import (
    Event,
    Fact,
    WarningAcknowledged,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.people import SYSTEM
from domain.wrong.history import Violation
from domain.wrong.judge import Judgement
from domain.wrong.surroundings import Surroundings

Cause = tuple[object, ...]

MENDED = "mended"
"""Why a warning was cleared: what was wrong was put right, or shown not to be so."""
SETTLED = "settled"
"""Why a warning was cleared: people have decided about it."""


@dataclass(slots=True)
class _Known:
    raised: WarningRaised
    at: datetime
    cleared: bool = False
    acknowledged: bool = False


def warnings_to_write(
    judgement: Judgement,
    events: Iterable[Event],
    around: Surroundings,
    known_at: datetime,
    not_before: datetime | None = None,
) -> tuple[Event, ...]:
    """Return the events that the log lacks, in order of time; none when it says everything already.

    `known_at` is when what changed came to be known: nobody can have been warned before that. Of what was
    wrong before `not_before` nobody is warned any more.
    """
    known = _known(events)
    new: list[Event] = []
    wanted: dict[Cause, Violation] = {}
    for violation in judgement.violations:
        fact = raised_by(violation)
        wanted[cause_of(fact)] = violation
        before = known.get(cause_of(fact))
        # A warning that was never cleared stands; the same facts are no new cause.
        if before is not None and (not before.cleared or before.raised.facts == fact.facts):
            continue
        if not_before is None or violation.at >= not_before:
            new.append(Event(max(violation.at, known_at), SYSTEM, fact))
    for cause, one in known.items():
        if one.cleared:
            continue
        reason = None
        if cause not in wanted and not judgement.inhibited:
            reason = MENDED
        elif _is_settled(one, judgement, around):
            reason = SETTLED
        if reason is not None:
            new.append(Event(max(one.at, known_at), SYSTEM, _cleared(one.raised, reason)))
    return tuple(sorted(new, key=_moment))


def raised_by(violation: Violation) -> WarningRaised:
    """Return the warning of a violation, as the log says it."""
    place = violation.place
    return WarningRaised(
        WarningKind.WRONG,
        violation.rule.level,
        place.node,
        place.round,
        place.leg,
        place.body,
        violation.rule.sentence,
        place.part,
        violation.rule.id,
        violation.facts,
    )


def cause_of(fact: WarningRaised | WarningAcknowledged | WarningCleared) -> Cause:
    """Return what names the cause of a warning."""
    return (fact.round, fact.leg, fact.node, fact.kind, fact.level, fact.part, fact.rule_id)


def _known(events: Iterable[Event]) -> dict[Cause, _Known]:
    known: dict[Cause, _Known] = {}
    for event in sorted(events, key=_moment):
        fact: Fact = event.fact
        match fact:
            case WarningRaised(kind=WarningKind.WRONG):
                known[cause_of(fact)] = _Known(fact, event.at)
            case WarningAcknowledged() if cause_of(fact) in known:
                known[cause_of(fact)].acknowledged = True
            case WarningCleared() if cause_of(fact) in known:
                known[cause_of(fact)].cleared = True
            case _:
                pass
    return known


def _is_settled(one: _Known, judgement: Judgement, around: Surroundings) -> bool:
    if one.raised.level is WarningLevel.YELLOW:
        return one.acknowledged and judgement.closed
    return any(
        (file.node, file.round) == (one.raised.node, one.raised.round) and file.at >= one.at
        for file in around.decided
    )


def _cleared(raised: WarningRaised, reason: str) -> WarningCleared:
    return WarningCleared(
        raised.kind,
        raised.level,
        raised.node,
        raised.round,
        raised.leg,
        reason,
        raised.part,
        raised.rule_id,
    )


def _moment(event: Event) -> datetime:
    return event.at
