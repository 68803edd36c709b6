"""A named person takes note of running warnings, one by one or together (product.md, Warnings; T09, T13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.drafts import AcknowledgeDraft, AcknowledgeTogetherDraft
from domain.events import Event, WarningAcknowledged, WarningCleared, WarningRaised
from domain.orders import LONGEST_TEXT, note, written
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check

MOST_TOGETHER = 500
"""Warnings acknowledged by one order: a transaction of some seconds at the most."""

WarningName = tuple[object, ...]
"""What tells a warning from all others."""


@dataclass(frozen=True, slots=True)
class RaisedWarning:
    """A warning that was raised and has not been cleared. `body` is who is charged."""

    body: str | None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class TakenNote:
    """What came of an order about several warnings: how many it acknowledged, and those that it left as they
    were, by name, with who had acknowledged each; None for one that does not run, or was not raised yet."""

    acknowledged: int
    left: Mapping[WarningName, str | None]


def name_of(about: AcknowledgeDraft | WarningAcknowledged, ticket: str) -> WarningName:
    """Return what tells the warning of a ticket that a draft or a fact means from all others."""
    clock = (about.node, about.round, about.leg, about.part)
    return (ticket, about.kind, about.level, *clock, about.rule_id)


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


def acknowledge_together(
    draft: AcknowledgeTogetherDraft, actor: Actor, tickets: Mapping[str, Sequence[Event]], now: datetime
) -> tuple[dict[str, list[Event]], TakenNote]:
    """Return the events by which a named person takes note of several warnings, by ticket, and what was left.

    `tickets` are the events of each ticket that is named, in their order of time. What somebody else has
    acknowledged meanwhile is left as it is, and what runs no more.

    Raises:
        RefusedError: the actor may not acknowledge one of them, none or too many are named, or it is not said
            why. Nothing is acknowledged then.
    """
    check(Command.ACKNOWLEDGE_WARNING, actor, actor.body)
    if not draft.warnings:
        raise RefusedError(Reason.NO_SUCH_WARNING)
    if len(draft.warnings) > MOST_TOGETHER:
        raise RefusedError(Reason.TOO_MANY, str(MOST_TOGETHER))
    said = written(draft.note)
    decided: dict[str, list[Event]] = {}
    left: dict[WarningName, str | None] = {}
    for name, one in {name_of(one, one.ticket): one for one in draft.warnings}.items():
        events = tickets.get(one.ticket, ())
        warning = raised_warning(events, one)
        if warning is None:
            left[name] = None
            continue
        check(Command.ACKNOWLEDGE_WARNING, actor, warning.body)
        if warning.acknowledged_by is not None:
            left[name] = warning.acknowledged_by
            continue
        # A seat's clock may be slow: nobody takes note of what was not raised yet.
        moment = max([now, *(event.at for event in events[-1:])])
        decided.setdefault(one.ticket, []).append(
            acknowledge(replace(one, note=said), actor, warning, moment)
        )
    return decided, TakenNote(sum(map(len, decided.values())), left)


def _means(draft: AcknowledgeDraft, fact: WarningRaised | WarningAcknowledged | WarningCleared) -> bool:
    names = ("kind", "level", "node", "round", "leg", "part", "rule_id")
    return all(getattr(fact, name) == getattr(draft, name) for name in names)
