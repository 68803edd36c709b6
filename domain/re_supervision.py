"""A re-supervision file as its events leave it (product.md, Re-supervision; T08, T10, X03, X06)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.events import (
    Behaviour,
    Event,
    ReSupervisionAsked,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
    WarningKind,
    WarningRaised,
)
from domain.node_clock import NodeClock
from domain.nodes import Node


class FileState(StrEnum):
    """How far a file has come."""

    DRAFTED = "drafted"
    LAUNCHED = "launched"
    EXPLAINED = "explained"
    FOUND = "found"
    CLOSED = "closed"
    DECLINED = "declined"


class FileGroup(StrEnum):
    """Files by who has to act: a draft waits for an officer, one that runs for its steps, one that ended for
    nobody. A state that is not known here runs."""

    DRAFTED = "drafted"
    RUNNING = "running"
    ENDED = "ended"


ENDED = (FileState.CLOSED, FileState.DECLINED)
"""States of the group `FileGroup.ENDED`."""


@dataclass(frozen=True, slots=True)
class FileCounts:
    """How many files there are, by group."""

    drafted: int = 0
    running: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of an officer, and what the body explained to it: nothing while `explained_at` is None.

    `evidence` are the SHA-256 of the files that came with the explanation.
    """

    asked_at: datetime
    officer: str
    question: str
    deadline: datetime
    explained_at: datetime | None = None
    explained_by: str = ""
    explanation: str = ""
    evidence: tuple[str, ...] = ()

    def is_overdue(self, now: datetime) -> bool:
        """Whether nothing was explained by the deadline; one that came after it stays late."""
        return (self.explained_at or now) > self.deadline


@dataclass(frozen=True, slots=True)
class ReSupervision:
    """One file. `facts` is the JSON text frozen at launch, `facts_head` the ticket's hash then.

    `question`, `deadline` and `explanation` are those of the last of its `exchanges`: a further question
    waits for an explanation of its own.
    """

    number: str
    ticket: str
    body: str | None
    node: Node | None
    round: int | None
    cause: str
    state: FileState
    drafted_at: datetime
    launched_at: datetime | None = None
    officer: str | None = None
    question: str | None = None
    deadline: datetime | None = None
    facts: str | None = None
    facts_head: str | None = None
    explanation: str | None = None
    behaviour: Behaviour | None = None
    finding: str | None = None
    recommendation: str | None = None
    closed_at: datetime | None = None
    exchanges: tuple[Exchange, ...] = ()


def fold_re_supervision(number: str, events: Iterable[Event]) -> ReSupervision:
    """Return a file from its events.

    Raises:
        ValueError: the first event does not draft the file.
    """
    file: ReSupervision | None = None
    for event in events:
        fact = event.fact
        if isinstance(fact, ReSupervisionDrafted):
            file = ReSupervision(
                number, fact.ticket, fact.body, fact.node, fact.round, fact.cause, FileState.DRAFTED, event.at
            )
        elif file is None:
            break
        else:
            file = _step(file, event)
    if file is None:
        raise ValueError(f"re-supervision {number} was never drafted")
    return file


def charged_now(
    node: Node | None, round_: int | None, log: Iterable[Event], clocks: Iterable[NodeClock]
) -> str | None:
    """Return the body that a late clock of a node is charged to, of its last leg that was late.

    A draft of a time when nobody held the ticket names no body: this is the one that its warning names since
    the ticket was dispatched. None while nobody holds it, and for a warning of anything else.
    """
    raised = (event.fact for event in log if isinstance(event.fact, WarningRaised))
    of_node = (f for f in raised if (f.node, f.round, f.part) == (node, round_, 0))
    late = {fact.leg for fact in of_node if fact.kind is WarningKind.LATE}
    found = [c for c in clocks if (c.node, c.round, c.part) == (node, round_, 0) and c.leg in late]
    return max(found, key=_leg).body if found else None


def _leg(clock: NodeClock) -> int:
    return clock.leg


MAY_ASK = (FileState.LAUNCHED, FileState.EXPLAINED)
"""States in which a further question may be asked: before the finding."""
_OPEN = (*MAY_ASK, FileState.FOUND)


def _step(file: ReSupervision, event: Event) -> ReSupervision:
    """A step that does not fit the state changes nothing: what is frozen stays, what is closed is closed."""
    match event.fact:
        case ReSupervisionLaunched() as fact if file.state is FileState.DRAFTED:
            return replace(
                file,
                state=FileState.LAUNCHED,
                launched_at=event.at,
                officer=event.actor.name,
                body=fact.body,
                question=fact.question,
                deadline=fact.deadline,
                facts=fact.facts,
                facts_head=fact.head,
                exchanges=(Exchange(event.at, event.actor.name, fact.question, fact.deadline),),
            )
        case ReSupervisionAsked(question=question, deadline=deadline) if file.state in MAY_ASK:
            asked = Exchange(event.at, event.actor.name, question, deadline)
            return replace(
                file,
                state=FileState.LAUNCHED,
                question=question,
                deadline=deadline,
                explanation=None,
                exchanges=(*file.exchanges, asked),
            )
        case ReSupervisionDeclined(reason=reason) if file.state is FileState.DRAFTED:
            return replace(
                file, state=FileState.DECLINED, officer=event.actor.name, finding=reason, closed_at=event.at
            )
        case ReSupervisionExplained(text=text) as fact if file.state in _OPEN:
            # A late explanation is kept beside the finding, and does not undo it.
            state = file.state if file.state is FileState.FOUND else FileState.EXPLAINED
            last = replace(
                file.exchanges[-1],
                explained_at=event.at,
                explained_by=event.actor.name,
                explanation=text,
                evidence=fact.evidence,
            )
            return replace(file, state=state, explanation=text, exchanges=(*file.exchanges[:-1], last))
        case ReSupervisionFound(behaviour=behaviour, text=text) if file.state in _OPEN:
            return replace(file, state=FileState.FOUND, behaviour=behaviour, finding=text)
        case ReSupervisionClosed(recommendation=recommendation) if file.state in _OPEN:
            return replace(file, state=FileState.CLOSED, recommendation=recommendation, closed_at=event.at)
        case _:
            return file
