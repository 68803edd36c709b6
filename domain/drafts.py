"""What a form hands to a use case: an order not yet given, and what it is about.

A draft carries the `request_id` that its form made when it opened, so that a double click or a retry writes
once. Times are aware. A draft is not yet checked against rights; the use case does that and may refuse.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.events import Behaviour, Fact, WarningKind, WarningLevel
from domain.listing import TicketFilter, WarningRow
from domain.nodes import Node
from domain.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a form lets one choose, by key, with its name for the screen."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class DirectiveSubject:
    """What a directive will be about. `bodies` are proposed as receivers, by key.

    `basis` is the line that it is issued from, such as one of a ranking, in the words of the screen. `title`
    is the matter of a single ticket; `urgency` and `text` are proposed, and the leader may change both.
    `unled` are those of the tickets that no body leads yet: none of the proposed receivers stands for them.
    """

    tickets: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    areas: tuple[Choice, ...] = ()
    bodies: tuple[str, ...] = ()
    basis: str = ""
    title: str = ""
    urgency: Urgency = Urgency.ORDINARY
    text: str = ""
    unled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectSought:
    """A subject whose tickets are still to be read: the worst of `wanted`, with those who lead them."""

    subject: DirectiveSubject
    wanted: TicketFilter


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
    basis: str = ""


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
    part: int = 0
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgeTogetherDraft:
    """确认同类预警: a named person took note of all these warnings by one order, with one note (T09).

    The `warnings`' own request ids and notes mean nothing here.
    """

    request_id: str
    warnings: tuple[AcknowledgeDraft, ...]
    note: str


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step of the procedure on a ticket: `fact` is what will have happened.

    `expected` is the version of the ticket that the person saw when deciding; None where nothing that could
    have happened since matters. What only the use case knows (who approved a pause) may be left empty.
    `files` are the paths of evidence that is still to be kept; the fact will bear their checksums. `beside`
    is noted together with a note in a case, or not at all: a request to pause beside a question.
    """

    request_id: str
    ticket: str
    fact: Fact
    expected: int | None = None
    files: tuple[str, ...] = ()
    beside: Fact | None = None


@dataclass(frozen=True, slots=True)
class SignDirectiveDraft:
    """签收指令: receiver `body` takes note of directive `number`."""

    request_id: str
    number: str
    body: str


@dataclass(frozen=True, slots=True)
class FeedBackDraft:
    """反馈指令: what receiver `body` has done.

    `files` are the paths of evidence that is still to be kept, `evidence` the checksums of what is kept.
    """

    request_id: str
    number: str
    body: str
    text: str
    files: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindDraft:
    """催办: receivers of a directive are told to hurry, each by an event of its own."""

    request_id: str
    number: str
    bodies: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Owing:
    """A receiver that has not signed, or not fed back: the directive's number, and the body's key."""

    number: str
    body: str


@dataclass(frozen=True, slots=True)
class RemindAllDraft:
    """全部催办: many receivers of many directives in one order."""

    request_id: str
    owing: tuple[Owing, ...]
    text: str


@dataclass(frozen=True, slots=True)
class JudgeDraft:
    """评价反馈: the leader finds the feedback of `body` true (属实), or sends it back (退回) and says why."""

    request_id: str
    number: str
    body: str
    accepted: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawDraft:
    """撤回指令."""

    request_id: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeclineDraft:
    """不予启动: the officer declines a drafted re-supervision."""

    request_id: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class AskDraft:
    """追问: the officer asks on, and the body explains again by `deadline`."""

    request_id: str
    number: str
    question: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class ExplainDraft:
    """情况说明: the supervised body explains; `files` are paths of evidence that is still to be kept."""

    request_id: str
    number: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindDraft:
    """认定: one of the four behaviours, or no fault."""

    request_id: str
    number: str
    behaviour: Behaviour
    text: str


@dataclass(frozen=True, slots=True)
class CloseFileDraft:
    """办结再监督: 谈话, 通报, 移送 or 结案, in the officer's words."""

    request_id: str
    number: str
    recommendation: str


@dataclass(frozen=True, slots=True)
class ComplainantDraft:
    """查看举报人: look at who complained, for a reason that is logged."""

    request_id: str
    ticket: str
    reason: str


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
