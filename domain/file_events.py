"""What can happen to a re-supervision file (product.md, Re-supervision)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.nodes import Node


class Behaviour(StrEnum):
    """What an officer finds in a re-supervision: one of four behaviours, or no fault (T10)."""

    INACTION = "inaction"
    SLOWNESS = "slowness"
    LAXITY = "laxity"
    MISCONDUCT = "misconduct"
    NO_FAULT = "no_fault"


@dataclass(frozen=True, slots=True)
class ReSupervisionDrafted:
    """Opened by a red warning, or by an officer from a ticket; nothing is frozen yet."""

    ticket: str
    body: str | None
    node: Node | None
    round: int | None
    cause: str


@dataclass(frozen=True, slots=True)
class ReSupervisionLaunched:
    """`facts` is the frozen file: a JSON text of the ticket's events and clocks at launch, and
    `head` the hash of the ticket's last event then."""

    body: str
    question: str
    deadline: datetime
    facts: str
    head: str


@dataclass(frozen=True, slots=True)
class ReSupervisionDeclined:
    reason: str


@dataclass(frozen=True, slots=True)
class ReSupervisionAsked:
    """A further question after the launch; the body explains again by this deadline."""

    question: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class ReSupervisionExplained:
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReSupervisionFound:
    behaviour: Behaviour
    text: str


@dataclass(frozen=True, slots=True)
class ReSupervisionClosed:
    recommendation: str


FileFact = (
    ReSupervisionDrafted
    | ReSupervisionLaunched
    | ReSupervisionDeclined
    | ReSupervisionAsked
    | ReSupervisionExplained
    | ReSupervisionFound
    | ReSupervisionClosed
)
