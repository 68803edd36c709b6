"""What happens in a case beside its procedure: subjects, records, requests, help, transfers, mergers.

All stand in the ticket's own stream. Only a merger, a split and a category change a clock or a row of it; the
rest is folded by `domain.case`. Numbers in facts count a kind's facts in the stream, from 1.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.nodes import Node


class SubjectResult(StrEnum):
    """What was found at one of the subjects of a ticket (B24)."""

    COMPLIANT = "compliant"
    RECTIFIED = "rectified"
    VIOLATION = "violation"
    NOT_FOUND = "not_found"


class RecordKind(StrEnum):
    """What a record of a case is about."""

    ON_SITE_ACT = "on_site_act"
    """预警告知书, 责令停产 and the like, with the document's number (Y11)."""
    PLAN = "plan"
    """一案一策 (Q12); the one in force is the last that was approved."""
    EXPERT_OPINION = "expert_opinion"
    """专家意见 (Q13)."""
    CONSULTATION = "consultation"
    """会商, with decisions and their deadlines (B13, Q10)."""
    ROUND_TABLE = "round_table"
    """圆桌对话 of office, enterprise and public (Q11)."""
    VISIT = "visit"
    """座谈, 下访, 送服务 (B16, Q15)."""
    NOTICE = "notice"
    """What the complainant was told, when and by which channel (Y21)."""
    SPOT_CHECK = "spot_check"
    """抽查 after the work was done (T18)."""
    PUBLICATION = "publication"
    """结果公示: where the result was published, with the address as its document (T14, T15)."""


class ResponsibleAs(StrEnum):
    """In which way a named person answers for a ticket or one of its nodes."""

    WATCHER = "watcher"
    """专人盯守 of a node (B02)."""
    FOLLOWER = "follower"
    """跟进人 of a bad review, until it is turned round (Y19)."""
    LEAD_IN_CHARGE = "lead_in_charge"
    """包案领导 (Q09)."""
    STATIONED = "stationed"
    """驻企帮扶人, stationed at the enterprise until the case is closed (Q14)."""


class CaseMark(StrEnum):
    """典型案例 or 警示案例 (B26)."""

    MODEL = "model"
    WARNING = "warning"


class Authority(StrEnum):
    """Where a case is transferred to (Y26, Q19)."""

    POLICE = "police"
    PROCURATORATE = "procuratorate"
    COURT = "court"


# --- what the clocks know of ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Categorised:
    """The kind of the responsibility list is this from now on; `words` of the text led to it."""

    category: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MergedInto:
    """This ticket repeats another, `main`: handled there, off the board until it is split off."""

    main: str
    reason: str
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class SplitOff:
    """It was no repeat after all: its clocks go on, and the time between counts for nobody."""

    main: str
    reason: str


# --- in the other ticket's stream -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TookIn:
    """Another ticket was merged into this one."""

    ticket: str
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class LetGo:
    """A merged ticket was split off again."""

    ticket: str


# --- requests -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PauseRequested:
    """The body asks for a standstill; the office grants it by `Paused`."""

    reason: str


@dataclass(frozen=True, slots=True)
class ExtensionRequested:
    """The body asks for more time for a node; the office grants it by `Extended`."""

    node: Node
    due: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RequestDeclined:
    """The office declines the last open request of a body."""

    body: str
    reason: str


# --- subjects and records -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubjectsListed:
    """The units that the ticket is about, such as fifteen restaurants: added to those known (B24)."""

    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectInspected:
    """What was found at one of them; a later finding replaces an earlier one."""

    subject: str
    result: SubjectResult
    text: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordAdded:
    """A record of the case; `deadlines` are those of `decisions`, one for each."""

    record: RecordKind
    title: str
    text: str = ""
    document: str = ""
    participants: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    deadlines: tuple[datetime, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordApproved:
    """The office approves record `number`, such as a plan."""

    number: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class DecisionDone:
    """Decision `decision` of record `number` was carried out."""

    number: int
    decision: int
    text: str = ""


# --- help, transfers, people, marks ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """A question to the steward of the next level, `to`: it stops no clock (B22)."""

    to: str
    question: str


@dataclass(frozen=True, slots=True)
class HelpAnswered:
    """The answer to question `number`, and the `law` that it cites."""

    number: int
    text: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class TransferredOut:
    """The case, or a part of it, was transferred with a document (Y26, Q19)."""

    to: Authority
    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferReceipted:
    """The authority confirmed transfer `number`."""

    number: int
    document: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ResponsibilityNamed:
    """A person answers for the ticket from now on, or for one node of it; "" for nobody any more."""

    responsible: ResponsibleAs
    name: str
    node: Node | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseMarked:
    """The ticket is an example; `marked` False takes the mark away."""

    mark: CaseMark
    marked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class LeadVolunteered:
    """A body offers to lead, or calls the departments in (B23)."""

    text: str


@dataclass(frozen=True, slots=True)
class SupervisionSignedOff:
    """A supervising body, the actor's, is content with what was done: the case waits for each (Y17)."""

    text: str


CaseFact = (
    Categorised
    | MergedInto
    | SplitOff
    | TookIn
    | LetGo
    | PauseRequested
    | ExtensionRequested
    | RequestDeclined
    | SubjectsListed
    | SubjectInspected
    | RecordAdded
    | RecordApproved
    | DecisionDone
    | HelpAsked
    | HelpAnswered
    | TransferredOut
    | TransferReceipted
    | ResponsibilityNamed
    | CaseMarked
    | LeadVolunteered
    | SupervisionSignedOff
)
