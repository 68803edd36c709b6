"""From a ticket's events to its case: one step for each kind of fact; all others do nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar

from domain import case_events as c
from domain import events as e
from domain.case import (
    Case,
    CaseRecord,
    Decision,
    Ending,
    Mark,
    Question,
    Request,
    RequestKind,
    Responsibility,
    Said,
    Subject,
    Supervision,
    Transfer,
)
from domain.case_events import RecordKind, ResponsibleAs
from domain.events import Event, Fact
from domain.nodes import Node
from domain.people import Role
from domain.steps import NODE_OF

T = TypeVar("T")


def fold_case(events: Iterable[Event]) -> Case:
    """Return a ticket's case from its events in their order of time."""
    folder = _Folder()
    for event in events:
        fold = _FOLDS.get(type(event.fact))
        if fold is not None:
            fold(folder, event)
    return Case(
        tuple(folder.subjects.values()),
        tuple(folder.records),
        tuple(folder.requests),
        tuple(folder.questions),
        tuple(folder.transfers),
        tuple(folder.responsibilities),
        tuple(folder.marks),
        folder.merged_into,
        folder.coordinated_at,
        tuple(folder.supervisions),
    )


def _said(event: Event, text: str = "") -> Said:
    return Said(event.at, event.actor, text)


@dataclass(slots=True)
class _Folder:
    subjects: dict[str, Subject] = field(default_factory=dict)
    records: list[CaseRecord] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    responsibilities: list[Responsibility] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    joint: tuple[str, ...] = ()
    """The bodies of the last joint supervision."""
    merged_into: str | None = None
    coordinated_at: datetime | None = None
    lead: str | None = None
    assisting: tuple[str, ...] = ()

    # --- subjects -----------------------------------------------------------------------------------

    def list_subjects(self, event: Event) -> None:
        assert isinstance(event.fact, c.SubjectsListed)
        for name in event.fact.subjects:
            if name not in self.subjects:
                self.subjects[name] = Subject(len(self.subjects) + 1, name, _said(event))

    def inspect(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.SubjectInspected)
        subject = self.subjects.get(fact.subject)
        if subject is not None:
            said = _said(event, fact.text)
            self.subjects[fact.subject] = replace(
                subject, result=fact.result, inspected=said, evidence=fact.evidence
            )

    # --- records ------------------------------------------------------------------------------------

    def add_record(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.RecordAdded)
        decisions = tuple(
            Decision(number, text, deadline)
            for number, (text, deadline) in enumerate(zip_longest(fact.decisions, fact.deadlines), 1)
            if text is not None
        )
        if fact.record is RecordKind.PLAN:
            for position, older in enumerate(self.records):
                if older.kind is RecordKind.PLAN and older.approved is None and older.replaced_at is None:
                    self.records[position] = replace(older, replaced_at=event.at)
        if fact.record is RecordKind.CONSULTATION:
            self.coordinated_at = event.at
        self.records.append(
            CaseRecord(
                len(self.records) + 1,
                fact.record,
                fact.title,
                _said(event, fact.text),
                fact.document,
                fact.participants,
                decisions,
                fact.evidence,
            )
        )

    def approve(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.RecordApproved)
        record = _at(self.records, fact.number)
        if record is not None and record.approved is None:
            self.records[fact.number - 1] = replace(record, approved=_said(event, fact.note))

    def carry_out(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.DecisionDone)
        record = _at(self.records, fact.number)
        decision = None if record is None else _at(record.decisions, fact.decision)
        if record is None or decision is None or decision.done is not None:
            return
        done = replace(decision, done=_said(event, fact.text))
        decisions = tuple(done if d is decision else d for d in record.decisions)
        self.records[fact.number - 1] = replace(record, decisions=decisions)
        self.coordinated_at = event.at

    # --- requests -----------------------------------------------------------------------------------

    def request(self, event: Event) -> None:
        number, body = len(self.requests) + 1, event.actor.body or ""
        match event.fact:
            case c.PauseRequested(reason=reason):
                asked = Request(number, RequestKind.PAUSE, body, _said(event, reason))
            case c.ExtensionRequested(node=node, due=due, reason=reason):
                asked = Request(number, RequestKind.EXTENSION, body, _said(event, reason), node, due)
            case c.LeadVolunteered(text=text):
                asked = Request(number, RequestKind.LEAD, body, _said(event, text))
            case _:
                return
        self.requests.append(asked)

    def end_requests(
        self, event: Event, ending: Ending, meant: Callable[[Request], bool], text: str = ""
    ) -> None:
        for position, request in enumerate(self.requests):
            if request.ending is None and meant(request):
                self.requests[position] = replace(request, ending=ending, ended=_said(event, text))

    def pause(self, event: Event) -> None:
        assert isinstance(event.fact, e.Paused)
        self.end_requests(event, Ending.GRANTED, _is_pause, event.fact.reason)

    def extend(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, e.Extended)
        self.end_requests(event, Ending.GRANTED, lambda r: r.node is fact.node, fact.reason)

    def decline(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.RequestDeclined)
        last = max((r.number for r in self.requests if r.ending is None and r.body == fact.body), default=0)
        self.end_requests(event, Ending.DECLINED, lambda r: r.number == last, fact.reason)

    def finish_node(self, event: Event) -> None:
        """A body's step ends what it asked for that node: there is nothing to extend any more."""
        node, body = NODE_OF[type(event.fact)], event.actor.body
        self.end_requests(
            event,
            Ending.LAPSED,
            lambda r: r.node is node and (r.body == body or event.actor.role is Role.SYSTEM),
        )

    # --- who holds the ticket -----------------------------------------------------------------------

    def dispatch(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, e.Dispatched)
        before, more = self.lead, set(fact.assisting) - set(self.assisting)
        self.lead, self.assisting = fact.lead, fact.assisting
        self.coordinated_at = event.at
        # Whoever offered to lead leads now; a lead that called the departments in has got them.
        self.end_requests(
            event,
            Ending.GRANTED,
            lambda r: (
                r.kind is RequestKind.LEAD
                and (r.body == fact.lead != before or (r.body == before == fact.lead and bool(more)))
            ),
        )
        works = (fact.lead, *fact.assisting)
        self.end_requests(
            event, Ending.LAPSED, lambda r: r.body not in works or r.body == before != fact.lead
        )

    def take_back(self, event: Event) -> None:
        body = event.actor.body if event.actor.body in self.assisting else self.lead
        if body == self.lead:
            self.lead = None
        else:
            self.assisting = tuple(key for key in self.assisting if key != body)
        self.end_requests(event, Ending.LAPSED, lambda r: r.body == body)

    def supervise_jointly(self, event: Event) -> None:
        assert isinstance(event.fact, e.JointSupervisionOpened)
        self.coordinated_at = event.at
        # The last one counts: whoever signed an earlier one off has not seen what is done now.
        self.end_supervisions(event, Ending.REPLACED, _is_any)
        self.joint = tuple(dict.fromkeys(event.fact.bodies))
        for body in self.joint:
            number, opened = len(self.supervisions) + 1, _said(event, event.fact.reason)
            self.supervisions.append(Supervision(number, body, opened))
        self.end_requests(event, Ending.GRANTED, lambda r: r.kind is RequestKind.LEAD and r.body == self.lead)

    def sign_off(self, event: Event) -> None:
        assert isinstance(event.fact, c.SupervisionSignedOff)
        self.end_supervisions(event, Ending.SIGNED_OFF, lambda s: s.body == event.actor.body, event.fact.text)

    def end_supervisions(
        self, event: Event, ending: Ending, meant: Callable[[Supervision], bool], text: str = ""
    ) -> None:
        for position, supervision in enumerate(self.supervisions):
            if supervision.ending is None and meant(supervision):
                self.supervisions[position] = replace(supervision, ending=ending, ended=_said(event, text))

    def chase(self, event: Event) -> None:
        self.coordinated_at = event.at

    def merge(self, event: Event) -> None:
        assert isinstance(event.fact, c.MergedInto)
        self.merged_into = event.fact.main
        self.end_requests(event, Ending.LAPSED, _is_any)

    def split_off(self, _: Event) -> None:
        self.merged_into = None

    # --- reviews and the end ------------------------------------------------------------------------

    def revisit(self, event: Event) -> None:
        assert isinstance(event.fact, e.Revisited)
        if event.fact.satisfied:
            self.end_responsibility(ResponsibleAs.FOLLOWER, None, Ending.TURNED_ROUND, event.at)
            return
        self.end_round(event)
        if not any(r.kind is ResponsibleAs.FOLLOWER and r.ending is None for r in self.responsibilities):
            self.name(ResponsibleAs.FOLLOWER, "", None, _said(event, event.fact.text))

    def post_check(self, event: Event) -> None:
        assert isinstance(event.fact, e.PostChecked)
        if not event.fact.passed:
            self.end_round(event)

    def end_round(self, event: Event) -> None:
        """A new round has new clocks; a filed case goes on in its own time.

        Work that was found wanting again is another than what its supervisors were content with (Y17).
        """
        going_on = (Node.FILE, Node.PENALISE)
        self.end_requests(event, Ending.LAPSED, lambda r: r.node is not None and r.node not in going_on)
        last = {supervision.body: supervision for supervision in self.supervisions}
        for body in self.joint:
            if last[body].ending is not None:
                number, opened = len(self.supervisions) + 1, _said(event, last[body].opened.text)
                self.supervisions.append(Supervision(number, body, opened))

    def close(self, event: Event) -> None:
        self.end_requests(event, Ending.LAPSED, _is_any)
        self.end_supervisions(event, Ending.CLOSED, _is_any)
        for position, responsible in enumerate(self.responsibilities):
            if responsible.ending is None:
                self.responsibilities[position] = replace(
                    responsible, ending=Ending.CLOSED, ended_at=event.at
                )

    # --- help, transfers, people, marks --------------------------------------------------------------

    def ask(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.HelpAsked)
        self.questions.append(Question(len(self.questions) + 1, fact.to, _said(event, fact.question)))

    def answer(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.HelpAnswered)
        asked = _at(self.questions, fact.number)
        if asked is not None and asked.answer is None:
            self.questions[fact.number - 1] = replace(asked, answer=_said(event, fact.text), law=fact.law)

    def transfer(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.TransferredOut)
        number = len(self.transfers) + 1
        self.transfers.append(Transfer(number, fact.to, fact.document, _said(event, fact.reason)))

    def receipt(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.TransferReceipted)
        sent = _at(self.transfers, fact.number)
        if sent is not None and sent.receipt is None:
            said = _said(event, fact.by)
            self.transfers[fact.number - 1] = replace(sent, receipt=said, receipt_document=fact.document)

    def name_responsible(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.ResponsibilityNamed)
        node = fact.node if fact.responsible is ResponsibleAs.WATCHER else None
        self.end_responsibility(fact.responsible, node, Ending.REPLACED, event.at)
        if fact.name:
            self.name(fact.responsible, fact.name, node, _said(event, fact.reason))

    def name(self, kind: ResponsibleAs, name: str, node: Node | None, said: Said) -> None:
        self.responsibilities.append(Responsibility(len(self.responsibilities) + 1, kind, name, node, said))

    def end_responsibility(
        self, kind: ResponsibleAs, node: Node | None, ending: Ending, at: datetime
    ) -> None:
        for position, responsible in enumerate(self.responsibilities):
            if responsible.ending is None and (responsible.kind, responsible.node) == (kind, node):
                self.responsibilities[position] = replace(responsible, ending=ending, ended_at=at)

    def mark(self, event: Event) -> None:
        fact = event.fact
        assert isinstance(fact, c.CaseMarked)
        standing = next((m for m in self.marks if m.mark is fact.mark and m.removed is None), None)
        if fact.marked and standing is None:
            self.marks.append(Mark(len(self.marks) + 1, fact.mark, _said(event, fact.reason)))
        elif not fact.marked and standing is not None:
            self.marks[standing.number - 1] = replace(standing, removed=_said(event, fact.reason))


def _at(things: Sequence[T], number: int) -> T | None:
    return things[number - 1] if 1 <= number <= len(things) else None


def _is_pause(request: Request) -> bool:
    return request.kind is RequestKind.PAUSE


def _is_any(_: object) -> bool:
    return True


_FOLDS: Mapping[type[Fact], Callable[[_Folder, Event], None]] = {
    c.SubjectsListed: _Folder.list_subjects,
    c.SubjectInspected: _Folder.inspect,
    c.RecordAdded: _Folder.add_record,
    c.RecordApproved: _Folder.approve,
    c.DecisionDone: _Folder.carry_out,
    c.PauseRequested: _Folder.request,
    c.ExtensionRequested: _Folder.request,
    c.LeadVolunteered: _Folder.request,
    c.RequestDeclined: _Folder.decline,
    c.HelpAsked: _Folder.ask,
    c.HelpAnswered: _Folder.answer,
    c.TransferredOut: _Folder.transfer,
    c.TransferReceipted: _Folder.receipt,
    c.ResponsibilityNamed: _Folder.name_responsible,
    c.CaseMarked: _Folder.mark,
    c.SupervisionSignedOff: _Folder.sign_off,
    c.MergedInto: _Folder.merge,
    c.SplitOff: _Folder.split_off,
    e.Paused: _Folder.pause,
    e.Extended: _Folder.extend,
    e.Dispatched: _Folder.dispatch,
    e.ReturnedAsWrong: _Folder.take_back,
    e.JointSupervisionOpened: _Folder.supervise_jointly,
    e.Chased: _Folder.chase,
    e.Revisited: _Folder.revisit,
    e.PostChecked: _Folder.post_check,
    e.Closed: _Folder.close,
    e.Signed: _Folder.finish_node,
    e.Arrived: _Folder.finish_node,
    e.Rectified: _Folder.finish_node,
    e.Filed: _Folder.finish_node,
    e.Penalised: _Folder.finish_node,
    e.FedBack: _Folder.finish_node,
}
"""What each kind of fact does to the case; all others do nothing."""
