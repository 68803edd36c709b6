"""What a handler's desk shows: the tickets of the own body by what is due next, and what needs an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.nodes import Node


class HandlerGroup(StrEnum):
    """Which of the own body's tickets. TO_DO is all with a running clock of its own; WAITING are those that
    it leads and that wait for the office; FEED_BACK those whose complainant has heard nothing yet (B04)."""

    TO_DO = "to_do"
    SIGN = "sign"
    ARRIVE = "arrive"
    RECTIFY = "rectify"
    CASE = "case"
    FEED_BACK = "feed_back"
    ASSISTING = "assisting"
    WAITING = "waiting"


NODES_OF: Mapping[HandlerGroup, tuple[Node, ...]] = {
    HandlerGroup.SIGN: (Node.SIGN,),
    HandlerGroup.ARRIVE: (Node.ARRIVE,),
    HandlerGroup.RECTIFY: (Node.RECTIFY,),
    HandlerGroup.CASE: (Node.FILE, Node.PENALISE),
    HandlerGroup.FEED_BACK: (Node.FEED_BACK,),
}
"""The nodes of the groups that are about nodes."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What waits for an answer of the body, each with the number that is opened first, if there is one.

    `directives` are those to sign, `feedbacks` those to feed back on, `explanations` the re-supervisions to
    explain, `questions` those of other bodies' tickets asked of this one (B22).
    """

    directives: int = 0
    first_directive: str | None = None
    feedbacks: int = 0
    first_feedback: str | None = None
    explanations: int = 0
    first_explanation: str | None = None
    questions: tuple[str, ...] = ()
    """The tickets in which they are asked."""


@dataclass(frozen=True, slots=True)
class HandlerCounts:
    """How many tickets each group has; groups without any are left out."""

    groups: Mapping[HandlerGroup, int] = field(default_factory=dict)
    overdue: int = 0
    answers: Answers = Answers()
