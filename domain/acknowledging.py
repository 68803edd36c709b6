"""A named person takes note of a running warning (product.md, Warnings; T09, T13)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.drafts import AcknowledgeDraft
from domain.events import Event, WarningAcknowledged, WarningCleared, WarningRaised
from domain.orders import LONGEST_TEXT, note
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check


@dataclass(frozen=True, slots=True)
class RaisedWarning:
    """A warning that was raised and has not been cleared. `body` is who is charged."""

    body: str | None
    acknowledged_by: str | None = None


def raised_warning(events: Iterable[Event], draft: AcknowledgeDraft) -> RaisedWarning | None:
    """Return the running warning that a draft means, from the ticket's events in their order of time."""
    found: RaisedWarning | None = None
    for event in events:
        fact = event.fact
        if not isinstance(fact, WarningRaised | WarningAcknowledged | WarningCleared) or not _means(
            draft, fact
        ):
            continue
        match fact:
            case WarningRaised(body=body):
                found = RaisedWarning(body)
            case WarningCleared():
                found = None
            case WarningAcknowledged() if found is not None:
                found = replace(found, acknowledged_by=event.actor.name)
    return found


def acknowledge(draft: AcknowledgeDraft, actor: Actor, warning: RaisedWarning | None, now: datetime) -> Event:
    """Return the event by which a named person takes note of a running warning, None where none runs.

    Raises:
        RefusedError: there is no such warning, the actor may not, or somebody has acknowledged it already.
    """
    check(Command.ACKNOWLEDGE_WARNING, actor, actor.body)
    if warning is None:
        raise RefusedError(Reason.NO_SUCH_WARNING, draft.ticket)
    check(Command.ACKNOWLEDGE_WARNING, actor, warning.body)
    if warning.acknowledged_by is not None:
        raise RefusedError(Reason.ALREADY_ACKNOWLEDGED, warning.acknowledged_by)
    said = note(draft.note, LONGEST_TEXT)
    fact = WarningAcknowledged(draft.kind, draft.level, draft.node, draft.round, draft.leg, said)
    fact = replace(fact, part=draft.part, rule_id=draft.rule_id)
    return Event(now, actor, fact)


def _means(draft: AcknowledgeDraft, fact: WarningRaised | WarningAcknowledged | WarningCleared) -> bool:
    names = ("kind", "level", "node", "round", "leg", "part", "rule_id")
    return all(getattr(fact, name) == getattr(draft, name) for name in names)
