"""Orders given from the screen become events here, or are refused with a reason (T10, T20, X03).

Pure decisions: they take a draft, the actor, what is known of the matter, and the time.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from domain.clock import TicketClock
from domain.codec import encode
from domain.drafts import AcknowledgeDraft, DirectiveDraft, ReSupervisionDraft
from domain.events import (
    DirectiveIssued,
    Event,
    ReSupervisionDrafted,
    ReSupervisionLaunched,
    WarningAcknowledged,
)
from domain.people import Actor
from domain.re_supervision import FileState, ReSupervision
from domain.rights import Command, Reason, RefusedError, check

LONGEST_TEXT = 2000


def issue_directive(
    draft: DirectiveDraft, actor: Actor, bodies: Collection[str], tickets: Collection[str], now: datetime
) -> Event:
    """Return the event that issues a directive. `bodies` and `tickets` are those that exist.

    Raises:
        RefusedError: the actor is no leader, the text is empty or too long, there is no receiver or an
            unknown one, an unknown ticket is named, or the deadline has passed.
    """
    check(Command.ISSUE_DIRECTIVE, actor)
    text = _text(draft.text)
    if not draft.receivers:
        raise RefusedError(Reason.NO_RECEIVERS)
    _known(draft.receivers, bodies, Reason.UNKNOWN_BODY)
    _known(draft.tickets, tickets, Reason.UNKNOWN_TICKET)
    _future(draft.deadline, now)
    fact = DirectiveIssued(
        text=text,
        receivers=tuple(dict.fromkeys(draft.receivers)),
        deadline=draft.deadline,
        urgency=draft.urgency,
        tickets=tuple(dict.fromkeys(draft.tickets)),
        items=tuple(dict.fromkeys(draft.items)),
        areas=tuple(dict.fromkeys(draft.areas)),
    )
    return Event(now, actor, fact)


def launch_re_supervision(
    draft: ReSupervisionDraft,
    actor: Actor,
    bodies: Collection[str],
    clock: TicketClock,
    log: Sequence[Event],
    head: str,
    files: Sequence[ReSupervision],
    now: datetime,
) -> tuple[Event, ...]:
    """Return the events that launch a re-supervision: the draft first where there is none yet.

    The ticket's events and clocks are frozen into the file with `head`, the hash of its last event.
    `files` are all files about the ticket.

    Raises:
        RefusedError: the actor is no discipline officer, the question is empty, the body is unknown, the
            deadline has passed, the named file is no draft, or one about the same node and body runs.
    """
    check(Command.LAUNCH_RE_SUPERVISION, actor)
    question = _text(draft.question)
    _known((draft.body,), bodies, Reason.UNKNOWN_BODY)
    _future(draft.deadline, now)
    events: list[Event] = []
    if draft.number is not None:
        file = next((file for file in files if file.number == draft.number), None)
        if file is None or file.state is not FileState.DRAFTED:
            raise RefusedError(Reason.NOT_A_DRAFT, draft.number)
    else:
        running = next((file for file in files if _is_same_matter(file, draft)), None)
        if running is not None:
            raise RefusedError(Reason.ALREADY_RUNNING, running.number)
        cause = draft.cause.strip()
        drafted = ReSupervisionDrafted(draft.ticket, draft.body, draft.node, draft.round, cause)
        events.append(Event(now, actor, drafted))
    launched = ReSupervisionLaunched(draft.body, question, draft.deadline, frozen_facts(clock, log), head)
    return (*events, Event(now, actor, launched))


def acknowledge(
    draft: AcknowledgeDraft, actor: Actor, body: str | None, acknowledged_by: str | None, now: datetime
) -> Event:
    """Return the event by which a named person takes note of a running warning of `body`.

    Raises:
        RefusedError: the actor may not, or somebody has acknowledged it already.
    """
    check(Command.ACKNOWLEDGE_WARNING, actor, body)
    if acknowledged_by is not None:
        raise RefusedError(Reason.ALREADY_ACKNOWLEDGED, acknowledged_by)
    fact = WarningAcknowledged(
        draft.kind, draft.level, draft.node, draft.round, draft.leg, draft.note.strip()[:LONGEST_TEXT]
    )
    return Event(now, actor, fact)


def frozen_facts(clock: TicketClock, log: Sequence[Event]) -> str:
    """Return what a launch freezes into a file: JSON of every event, and every clock with its verdict."""
    events = [
        {
            "at": event.at.isoformat(),
            "role": event.actor.role.value,
            "person": event.actor.name,
            "body": event.actor.body,
            "kind": encode(event.fact)[0],
            "data": encode(event.fact)[1],
        }
        for event in log
    ]
    nodes = [
        {
            "node": node.node.value,
            "round": node.round,
            "leg": node.leg,
            "body": node.body,
            "person": node.person,
            "started_at": node.started_at.isoformat(),
            "due_at": node.due_at.isoformat() if node.due_at else None,
            "due_source": node.due_source.value,
            "ended_at": node.ended_at.isoformat() if node.ended_at else None,
            "status": clock.status(node).value,
        }
        for node in clock.trace.nodes
    ]
    policy = {"family": clock.policy.family, "version": clock.policy.version}
    facts = {"as_of": clock.as_of.isoformat(), "policy": policy, "events": events, "clocks": nodes}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def _is_same_matter(file: ReSupervision, draft: ReSupervisionDraft) -> bool:
    running = file.state not in (FileState.DRAFTED, FileState.CLOSED, FileState.DECLINED)
    return running and (file.node, file.round, file.body) == (draft.node, draft.round, draft.body)


def _text(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise RefusedError(Reason.NO_TEXT)
    if len(stripped) > LONGEST_TEXT:
        raise RefusedError(Reason.TEXT_TOO_LONG, str(LONGEST_TEXT))
    return stripped


def _known(keys: Collection[str], known: Collection[str], reason: Reason) -> None:
    unknown = next((key for key in keys if key not in known), None)
    if unknown is not None:
        raise RefusedError(reason, unknown)


def _future(deadline: datetime, now: datetime) -> None:
    if deadline <= now:
        raise RefusedError(Reason.DEADLINE_PAST)
