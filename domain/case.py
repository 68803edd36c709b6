"""A ticket as a case: what its events say beside the clocks, as `domain.case_fold` makes one record of it.

Subjects with their last result (B24), records with decisions and their deadlines (B13, B16, Q10–Q14, T18,
Y11, Y21), requests to the office, questions to a steward (B22), transfers (Y26, Q19), who answers for what
(B02, Y19, Q09), marks (B26) and offers to lead (B23). Facts that name what does not exist change nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.nodes import Node
from domain.people import Actor


class RequestKind(StrEnum):
    """What a body asks of the office. LEAD: it offers to lead, or as the lead calls the departments in."""

    PAUSE = "pause"
    EXTENSION = "extension"
    LEAD = "lead"


class MatterKind(StrEnum):
    """What can be open in a case; lists across tickets filter by it. The order is that on screen."""

    RESPONSIBILITY = "responsibility"
    REQUEST = "request"
    HELP = "help"
    DECISION = "decision"
    TRANSFER = "transfer"
    RECORD = "record"
    SUBJECT = "subject"
    SUPERVISION = "supervision"
    MARK = "mark"


class Ending(StrEnum):
    """How something of a case ended. LAPSED: nobody needs to decide any more."""

    GRANTED = "granted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    ANSWERED = "answered"
    RECEIPTED = "receipted"
    APPROVED = "approved"
    DONE = "done"
    REPLACED = "replaced"
    TURNED_ROUND = "turned_round"
    CLOSED = "closed"
    REMOVED = "removed"
    SIGNED_OFF = "signed_off"


@dataclass(frozen=True, slots=True)
class Said:
    """Who noted something, when, and in what words."""

    at: datetime
    actor: Actor
    text: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit that the ticket is about. `result` is None until somebody was there."""

    number: int
    name: str
    listed: Said
    result: SubjectResult | None = None
    inspected: Said | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a consultation decided, and by when it is to be done. `number` counts within its record."""

    number: int
    text: str
    deadline: datetime | None
    done: Said | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it was to be done by now, and is not."""
        return self.done is None and self.deadline is not None and self.deadline < now


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A record of the case; `noted.text` is its text. `replaced_at`: a later plan took a plan's place."""

    number: int
    kind: RecordKind
    title: str
    noted: Said
    document: str = ""
    participants: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    evidence: tuple[str, ...] = ()
    approved: Said | None = None
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a body asks of the office; `node` and `due` are an extension's."""

    number: int
    kind: RequestKind
    body: str
    asked: Said
    node: Node | None = None
    due: datetime | None = None
    ending: Ending | None = None
    ended: Said | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a steward, `to`: a body's key. `law` is what the answer cites."""

    number: int
    to: str
    asked: Said
    answer: Said | None = None
    law: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer to an authority and its receipt; `document` is ours, `receipt_document` theirs."""

    number: int
    to: Authority
    document: str
    sent: Said
    receipt: Said | None = None
    receipt_document: str = ""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """A named person who answers for the ticket or a node; "" while a bad review waits for a follower."""

    number: int
    kind: ResponsibleAs
    name: str
    node: Node | None
    named: Said
    ending: Ending | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Supervision:
    """A joint supervision as far as one supervisor, `body`, goes: it waits for that one (Y17)."""

    number: int
    body: str
    opened: Said
    ending: Ending | None = None
    ended: Said | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Why the ticket is, or was, an example."""

    number: int
    mark: CaseMark
    set: Said
    removed: Said | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a case. Everything is in the order in which it happened, numbered from 1.

    `merged_into` is the ticket that it repeats. `coordinated_at` is when somebody last moved the case on:
    dispatched, chased, conferred, or carried out a decision (Q09).
    """

    subjects: tuple[Subject, ...] = ()
    records: tuple[CaseRecord, ...] = ()
    requests: tuple[Request, ...] = ()
    questions: tuple[Question, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()
    marks: tuple[Mark, ...] = ()
    merged_into: str | None = None
    coordinated_at: datetime | None = None
    supervisions: tuple[Supervision, ...] = ()

    @property
    def subjects_left(self) -> tuple[Subject, ...]:
        """Subjects that nobody has inspected yet."""
        return tuple(subject for subject in self.subjects if subject.result is None)

    @property
    def open_requests(self) -> tuple[Request, ...]:
        """Requests that the office has not answered."""
        return tuple(request for request in self.requests if request.ending is None)

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Questions without an answer."""
        return tuple(question for question in self.questions if question.answer is None)

    @property
    def open_transfers(self) -> tuple[Transfer, ...]:
        """Transfers without a receipt."""
        return tuple(transfer for transfer in self.transfers if transfer.receipt is None)

    @property
    def open_supervisions(self) -> tuple[Supervision, ...]:
        """Supervisors that have not signed off."""
        return tuple(supervision for supervision in self.supervisions if supervision.ending is None)

    @property
    def open_decisions(self) -> tuple[tuple[CaseRecord, Decision], ...]:
        """Decisions that are still to be carried out."""
        return tuple((r, d) for r in self.records for d in r.decisions if d.done is None)

    @property
    def plan(self) -> CaseRecord | None:
        """The plan in force: the last that was approved (Q12)."""
        approved = (r for r in self.records if r.kind is RecordKind.PLAN and r.approved is not None)
        return max(approved, key=_approved_at, default=None)

    @property
    def watchers(self) -> Mapping[Node | None, str]:
        """Who watches which node, and under None the whole ticket (B02)."""
        watching = (r for r in self.responsibilities if r.kind is ResponsibleAs.WATCHER and r.ending is None)
        return {r.node: r.name for r in watching}

    def watcher(self, node: Node) -> str | None:
        """Return who watches a node: its own watcher, else the ticket's."""
        watchers = self.watchers
        return watchers.get(node) or watchers.get(None)

    @property
    def follower(self) -> str | None:
        """Who follows a bad review: "" when nobody was named yet, None when there is no bad review (Y19)."""
        return self._named(ResponsibleAs.FOLLOWER)

    @property
    def lead_in_charge(self) -> str | None:
        """包案领导 (Q09)."""
        return self._named(ResponsibleAs.LEAD_IN_CHARGE)

    @property
    def stationed(self) -> str | None:
        """驻企帮扶人 (Q14)."""
        return self._named(ResponsibleAs.STATIONED)

    @property
    def standing_marks(self) -> tuple[Mark, ...]:
        """Marks that were not taken away."""
        return tuple(mark for mark in self.marks if mark.removed is None)

    def _named(self, kind: ResponsibleAs) -> str | None:
        return next((r.name for r in self.responsibilities if r.kind is kind and r.ending is None), None)


def _approved_at(record: CaseRecord) -> tuple[datetime, int]:
    assert record.approved is not None
    return record.approved.at, record.number
