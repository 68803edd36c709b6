"""What a form hands to a use case: an order not yet given, and what it is about.

A draft carries the `request_id` that its form made when it opened, so that a double click or a retry writes
once. Times are aware. A draft is not yet checked against rights; the use case does that and may refuse.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.nodes import Node
from domain.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a form lets one choose, by key, with its name for the screen."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class DirectiveSubject:
    """What a directive will be about. `bodies` are proposed as receivers, by key."""

    tickets: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    areas: tuple[Choice, ...] = ()
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReSupervisionSubject:
    """What a re-supervision will be about; `number` names the draft file that a red warning opened.

    `facts` are the lines that tell the officer what will be frozen into the file.
    """

    ticket: str
    title: str
    body: str | None
    body_name: str
    node: Node | None = None
    round: int | None = None
    cause: str = ""
    number: str | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectiveDraft:
    """下达指令: `receivers` are body keys, `areas` adcodes."""

    request_id: str
    text: str
    receivers: tuple[str, ...]
    deadline: datetime
    urgency: Urgency = Urgency.ORDINARY
    tickets: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReSupervisionDraft:
    """启动再监督: `body` has to explain by `deadline` what `question` asks."""

    request_id: str
    ticket: str
    body: str
    cause: str
    question: str
    deadline: datetime
    node: Node | None = None
    round: int | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgeDraft:
    """确认预警: a named person took note of a warning."""

    request_id: str
    ticket: str
    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    note: str = ""


def directive_about(row: WarningRow) -> DirectiveSubject:
    """Return the subject of a directive that answers a warning: its ticket, to its body."""
    return DirectiveSubject(tickets=(row.ticket,), bodies=(row.body,) if row.body else ())


def re_supervision_about(row: WarningRow) -> ReSupervisionSubject:
    """Return the subject of a re-supervision that answers a warning: its node and the rule's sentence."""
    return ReSupervisionSubject(
        ticket=row.ticket,
        title=row.title,
        body=row.body,
        body_name=row.body_name,
        node=row.node,
        round=row.round,
        cause=row.rule,
        number=row.re_supervision,
    )
