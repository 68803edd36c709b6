"""A re-supervision's course: launched or declined, asked, explained, found, closed (T08, T10, X03, X06)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from domain.clock import TicketClock
from domain.drafts import AskDraft, CloseFileDraft, DeclineDraft, ExplainDraft, FindDraft, ReSupervisionDraft
from domain.events import (
    Event,
    ReSupervisionAsked,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
    ReSupervisionReferred,
)
from domain.evidence import EvidenceFile
from domain.frozen_facts import Comparable, frozen_facts
from domain.orders import future, known, note, written
from domain.people import Actor
from domain.re_supervision import ENDED, FileState, ReSupervision
from domain.rights import Command, Reason, RefusedError, check


def launch_re_supervision(
    draft: ReSupervisionDraft,
    actor: Actor,
    bodies: Collection[str],
    clock: TicketClock,
    log: Sequence[Event],
    head: str,
    files: Sequence[ReSupervision],
    now: datetime,
    evidence: Mapping[str, EvidenceFile] = MappingProxyType({}),
    comparable: Comparable | None = None,
) -> tuple[Event, ...]:
    """Return the events that launch a re-supervision: the draft first where there is none yet.

    The ticket's events and clocks are frozen into the file with `head`, the hash of its last event, and
    beside them what is kept as `evidence` and how `comparable` cases of the body went. `files` are all files
    about the ticket.

    Raises:
        RefusedError: the actor is no discipline officer, the question is empty, the body is unknown, the
            deadline has passed, the named file is no draft, or one about the same node and body runs.
    """
    check(Command.LAUNCH_RE_SUPERVISION, actor)
    question = written(draft.question)
    known((draft.body,), bodies, Reason.UNKNOWN_BODY)
    future(draft.deadline, now)
    events: list[Event] = []
    if draft.number is not None:
        file = next((file for file in files if file.number == draft.number), None)
        if file is None or file.state is not FileState.DRAFTED:
            raise RefusedError(Reason.NOT_A_DRAFT, draft.number)
    else:
        running = next((file for file in files if _is_same_matter(file, draft)), None)
        if running is not None:
            raise RefusedError(Reason.ALREADY_RUNNING, running.number)
        drafted = ReSupervisionDrafted(draft.ticket, draft.body, draft.node, draft.round, note(draft.cause))
        events.append(Event(now, actor, drafted))
    facts = frozen_facts(clock, log, evidence, comparable)
    launched = ReSupervisionLaunched(draft.body, question, draft.deadline, facts, head)
    return (*events, Event(now, actor, launched))


def decline_re_supervision(draft: DeclineDraft, actor: Actor, file: ReSupervision, now: datetime) -> Event:
    """Return the event by which an officer declines a drafted file.

    Raises:
        RefusedError: the actor is no discipline officer, the file is no draft, or there is no reason.
    """
    check(Command.LAUNCH_RE_SUPERVISION, actor)
    if file.state is not FileState.DRAFTED:
        raise RefusedError(Reason.NOT_A_DRAFT, file.number)
    return Event(now, actor, ReSupervisionDeclined(written(draft.reason)))


def ask(draft: AskDraft, actor: Actor, file: ReSupervision, now: datetime) -> Event:
    """Return the event by which an officer asks a further question, for the body to explain again.

    Raises:
        RefusedError: the actor is no discipline officer, the file does not run or has a finding, the body may
            still explain what it was asked before, the question is empty, or the deadline has passed.
    """
    check(Command.LAUNCH_RE_SUPERVISION, actor)
    _may_go_on(file, now)
    question = written(draft.question)
    future(draft.deadline, now)
    return Event(now, actor, ReSupervisionAsked(question, draft.deadline))


def explain(
    draft: ExplainDraft,
    actor: Actor,
    file: ReSupervision,
    now: datetime,
    evidence: tuple[str, ...] = (),
) -> Event:
    """Return the event by which the supervised body explains, once to each question.

    A late explanation is kept as well. `evidence` are the checksums of the draft's files, which are kept.

    Raises:
        RefusedError: the actor does not act for the body, the file is a draft or has ended, the body has
            explained already, or the text is empty or too long.
    """
    check(Command.EXPLAIN_RE_SUPERVISION, actor, file.body)
    _runs(file)
    if file.explanation is not None:
        raise RefusedError(Reason.ALREADY_EXPLAINED, file.number)
    return Event(now, actor, ReSupervisionExplained(written(draft.text), evidence))


def find(draft: FindDraft, actor: Actor, file: ReSupervision, now: datetime) -> Event:
    """Return the event by which an officer finds: after the explanation, or after the time for it.

    Raises:
        RefusedError: the actor is no discipline officer, the file does not run, the body may still explain,
            there is a finding already, or the text is empty or too long.
    """
    check(Command.LAUNCH_RE_SUPERVISION, actor)
    _may_go_on(file, now)
    return Event(now, actor, ReSupervisionFound(draft.behaviour, written(draft.text)))


def close_re_supervision(draft: CloseFileDraft, actor: Actor, file: ReSupervision, now: datetime) -> Event:
    """Return the event by which an officer closes a file with a recommendation.

    Raises:
        RefusedError: the actor is no discipline officer, the file does not run or has no finding, or there
            is no recommendation.
    """
    check(Command.LAUNCH_RE_SUPERVISION, actor)
    _runs(file)
    if file.state is not FileState.FOUND:
        raise RefusedError(Reason.NOT_FOUND_YET, file.number)
    return Event(now, actor, ReSupervisionClosed(written(draft.recommendation)))


def reference(number: str, event: Event) -> Event | None:
    """Return what the ticket's own log says of a file's step, None where it says nothing.

    The ticket knows that a file was launched, asked on, declined or closed; what the body explained and
    what was found of it stands in the file.
    """
    match event.fact:
        case ReSupervisionLaunched(question=text, deadline=deadline):
            fact = ReSupervisionReferred(number, "launched", text, deadline)
        case ReSupervisionAsked(question=text, deadline=deadline):
            fact = ReSupervisionReferred(number, "asked", text, deadline)
        case ReSupervisionDeclined(reason=text):
            fact = ReSupervisionReferred(number, "declined", text)
        case ReSupervisionClosed(recommendation=text):
            fact = ReSupervisionReferred(number, "closed", text)
        case _:
            return None
    return Event(event.at, event.actor, fact)


def _is_same_matter(file: ReSupervision, draft: ReSupervisionDraft) -> bool:
    running = file.state not in (FileState.DRAFTED, *ENDED)
    return running and (file.node, file.round, file.body) == (draft.node, draft.round, draft.body)


def _may_go_on(file: ReSupervision, now: datetime) -> None:
    """Whether an officer may ask or find: not while the body has time to explain."""
    _runs(file)
    if file.state is FileState.FOUND:
        raise RefusedError(Reason.ALREADY_FOUND, file.number)
    if file.explanation is None and file.deadline is not None and now <= file.deadline:
        raise RefusedError(Reason.EXPLANATION_PENDING, file.number)


def _runs(file: ReSupervision) -> None:
    if file.state is FileState.DRAFTED:
        raise RefusedError(Reason.NOT_LAUNCHED, file.number)
    if file.state in ENDED:
        raise RefusedError(Reason.FILE_ENDED, file.number)
