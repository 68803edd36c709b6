"""What may be noted in a case: each fact of `domain.case_events` as an order, accepted or refused.

Who may, is told by the rights; here it is whether there is such a thing, whether it is the time for it, and
whether it has not been said already. Marks, records and transfers may come after the close; nothing else may,
and a merged ticket is dealt with in the ticket that it was merged into.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from domain import case_events as c
from domain.case import Case, CaseRecord, RequestKind
from domain.case_events import RecordKind, ResponsibleAs
from domain.city import BodyKind
from domain.clock import TicketClock
from domain.drafts import StepDraft
from domain.events import Event, Fact
from domain.node_clock import NodeClock
from domain.nodes import Node
from domain.orders import LONGEST_NAME, future, known, note, written
from domain.people import Actor
from domain.policy import Policy
from domain.rights import COMMAND_OF, Command, Reason, RefusedError, check
from domain.ticket_trace import Trace

T = TypeVar("T")

ORDERS: tuple[type[Fact], ...] = (
    c.SubjectsListed,
    c.SubjectInspected,
    c.RecordAdded,
    c.RecordApproved,
    c.DecisionDone,
    c.PauseRequested,
    c.ExtensionRequested,
    c.LeadVolunteered,
    c.RequestDeclined,
    c.HelpAsked,
    c.HelpAnswered,
    c.TransferredOut,
    c.TransferReceipted,
    c.ResponsibilityNamed,
    c.SupervisionSignedOff,
    c.CaseMarked,
)
"""What can be noted, in the order in which it is offered."""

BEFORE_CLOSE = (
    c.SubjectsListed,
    c.SubjectInspected,
    c.PauseRequested,
    c.ExtensionRequested,
    c.LeadVolunteered,
    c.RequestDeclined,
    c.HelpAsked,
    c.SupervisionSignedOff,
)
"""What makes no sense once the ticket is closed."""
WHILE_MERGED = (c.DecisionDone, c.HelpAnswered, c.TransferReceipted, c.CaseMarked)
"""What ends a thing that was begun before the merger, and marks."""
IN_COMPANY = (RecordKind.CONSULTATION, RecordKind.ROUND_TABLE, RecordKind.VISIT)
"""Records of a meeting: they say who took part (Q10, Q11, B16)."""

MOST_SUBJECTS = 200
MOST_NAMED = 50
"""Participants, and decisions, of one record."""
MOST_EVIDENCE = 100

_CHECKSUM = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order is decided on: the case and its clocks as of `now`, and all bodies with their kinds."""

    actor: Actor
    case: Case
    clock: TicketClock
    bodies: Mapping[str, BodyKind]
    now: datetime

    @property
    def trace(self) -> Trace:
        """What follows from the ticket's events for its clocks."""
        return self.clock.trace

    @property
    def policy(self) -> Policy:
        """The policy that judges the ticket."""
        return self.clock.policy

    @property
    def running(self) -> tuple[NodeClock, ...]:
        """The clocks that run for the actor's body."""
        return tuple(n for n in self.trace.open_nodes if n.body is not None and n.body == self.actor.body)


def possible_notes(actor: Actor, case: Case, clock: TicketClock) -> tuple[type[Fact], ...]:
    """Return what this person may note in the case now, in the order of ORDERS, so far as the fact's kind
    tells: a form that would have nothing to choose from is not offered."""
    standing = Standing(actor, case, clock, {}, clock.as_of)
    return tuple(kind for kind in ORDERS if _is_possible(kind, standing))


def _is_possible(kind: type[Fact], standing: Standing) -> bool:
    try:
        check_note(kind, standing)
    except RefusedError:
        return False
    return True


def check_note(kind: type[Fact], standing: Standing) -> None:
    """Let a kind of fact pass that this person may note now, whatever it will say.

    Raises:
        RefusedError: it is none of ORDERS, the role has no right to it, the person's body does not work on
            the ticket, the ticket was closed or merged, or there is nothing that it could be about.
    """
    command = COMMAND_OF.get(kind)
    if kind not in ORDERS or command is None:
        raise RefusedError(Reason.BAD_DATA, kind.__name__)
    actor, case, trace = standing.actor, standing.case, standing.trace
    check(command, actor, actor.body)
    if kind not in (c.HelpAnswered, c.SupervisionSignedOff):
        check(command, actor, _body_at_work(actor, trace))
    if trace.merged_into is not None and kind not in WHILE_MERGED:
        raise RefusedError(Reason.MERGED, trace.merged_into)
    if trace.closed_at is not None and kind in BEFORE_CLOSE:
        raise RefusedError(Reason.TICKET_CLOSED)
    if kind is c.HelpAnswered:
        _check_may_answer(standing)
    elif kind is c.SubjectInspected and not case.subjects:
        raise RefusedError(Reason.NO_SUBJECTS)
    elif kind is c.RecordApproved and not any(_waits(record) for record in case.records):
        raise RefusedError(Reason.NOTHING_TO_APPROVE)
    elif kind is c.DecisionDone and not case.open_decisions:
        raise RefusedError(Reason.NO_OPEN_DECISION)
    elif kind is c.RequestDeclined and not case.open_requests:
        raise RefusedError(Reason.NO_OPEN_REQUEST)
    elif kind is c.TransferReceipted and not case.open_transfers:
        raise RefusedError(Reason.NO_OPEN_TRANSFER)
    elif kind in (c.PauseRequested, c.ExtensionRequested):
        _check_may_ask(kind, standing)
    elif kind is c.SupervisionSignedOff:
        _check_may_sign_off(standing)


def take_note(draft: StepDraft, standing: Standing) -> Event:
    """Return the event of a note, its texts tidied.

    Raises:
        RefusedError: as for `check_note`; or a text is missing or too long, a body, a number or a subject is
            unknown, a deadline has passed, or it has been said already.
    """
    check_note(type(draft.fact), standing)
    complete = _COMPLETE[type(draft.fact)]
    return Event(standing.now, standing.actor, complete(draft.fact, standing))


def check_subjects_done(case: Case, actor: Actor, trace: Trace) -> None:
    """Let the lead report its work done only when every listed subject has a result (B24).

    Raises:
        RefusedError: a subject has none.
    """
    left = case.subjects_left
    if left and actor.body == trace.lead:
        raise RefusedError(Reason.SUBJECTS_LEFT, left[0].name)


def _body_at_work(actor: Actor, trace: Trace) -> str | None:
    """Return the actor's body where it works on the ticket, else the one that does."""
    return actor.body if actor.body in trace.assisting else trace.lead


# --- requests -------------------------------------------------------------------------------------------


def _check_may_ask(kind: type[Fact], standing: Standing) -> None:
    if not standing.running:
        raise RefusedError(Reason.NO_CLOCK)
    if standing.trace.pauses and standing.trace.pauses[-1].end is None:
        raise RefusedError(Reason.PAUSED)
    if kind is c.ExtensionRequested:
        if not any(n.due_at is not None for n in standing.running):
            raise RefusedError(Reason.NO_DUE_TIME, standing.running[0].node.value)
    else:
        _check_not_asked(standing, RequestKind.PAUSE)


def _check_not_asked(standing: Standing, kind: RequestKind, node: Node | None = None) -> None:
    body = standing.actor.body
    if any((r.kind, r.body, r.node) == (kind, body, node) for r in standing.case.open_requests):
        raise RefusedError(Reason.ALREADY_ASKED)


def _pause(fact: c.PauseRequested, _: Standing) -> c.PauseRequested:
    return c.PauseRequested(written(fact.reason))


def _extension(fact: c.ExtensionRequested, standing: Standing) -> c.ExtensionRequested:
    running = next((n for n in standing.running if n.node is fact.node), None)
    if running is None:
        raise RefusedError(Reason.NOT_RUNNING, fact.node.value)
    if running.due_at is None:
        raise RefusedError(Reason.NO_DUE_TIME, fact.node.value)
    _check_not_asked(standing, RequestKind.EXTENSION, fact.node)
    due = future(fact.due, standing.now)
    if due <= running.due_at:
        raise RefusedError(Reason.DUE_NOT_LATER)
    return c.ExtensionRequested(fact.node, due, written(fact.reason))


def _volunteer(fact: c.LeadVolunteered, standing: Standing) -> c.LeadVolunteered:
    _check_not_asked(standing, RequestKind.LEAD)
    return c.LeadVolunteered(written(fact.text))


def _decline(fact: c.RequestDeclined, standing: Standing) -> c.RequestDeclined:
    known((fact.body,), standing.bodies, Reason.UNKNOWN_BODY)
    if not any(request.body == fact.body for request in standing.case.open_requests):
        raise RefusedError(Reason.NO_OPEN_REQUEST)
    return c.RequestDeclined(fact.body, written(fact.reason))


# --- subjects and records -------------------------------------------------------------------------------


def _subjects(fact: c.SubjectsListed, standing: Standing) -> c.SubjectsListed:
    there = {subject.name for subject in standing.case.subjects}
    new = tuple(name for name in _lines(fact.subjects, MOST_SUBJECTS) if name not in there)
    if not new:
        raise RefusedError(Reason.UNCHANGED)
    if len(there) + len(new) > MOST_SUBJECTS:
        raise RefusedError(Reason.TOO_MANY, str(MOST_SUBJECTS))
    return c.SubjectsListed(new)


def _inspection(fact: c.SubjectInspected, standing: Standing) -> c.SubjectInspected:
    name = note(fact.subject)
    if all(subject.name != name for subject in standing.case.subjects):
        raise RefusedError(Reason.UNKNOWN_SUBJECT, name)
    return replace(fact, subject=name, text=note(fact.text), evidence=_checksums(fact.evidence))


def _record(fact: c.RecordAdded, standing: Standing) -> c.RecordAdded:
    title = written(fact.title, LONGEST_NAME)
    if len(fact.decisions) != len(fact.deadlines):
        raise RefusedError(Reason.DEADLINES_UNPAIRED)
    if len(fact.decisions) > MOST_NAMED:
        raise RefusedError(Reason.TOO_MANY, str(MOST_NAMED))
    participants = _lines(fact.participants, MOST_NAMED)
    if fact.record in IN_COMPANY and not participants:
        raise RefusedError(Reason.NO_PARTICIPANTS)
    document = note(fact.document, LONGEST_NAME)
    if fact.record is RecordKind.ON_SITE_ACT and not document:
        raise RefusedError(Reason.NO_DOCUMENT)
    if fact.record is RecordKind.NOTICE:
        # What somebody was told, and by which way: without the words it says nothing (Y21).
        written(fact.text)
    return c.RecordAdded(
        fact.record,
        title,
        note(fact.text),
        document,
        participants,
        tuple(written(decision, LONGEST_NAME) for decision in fact.decisions),
        tuple(future(deadline, standing.now) for deadline in fact.deadlines),
        _checksums(fact.evidence),
    )


def _approval(fact: c.RecordApproved, standing: Standing) -> c.RecordApproved:
    record = _numbered(standing.case.records, fact.number, Reason.UNKNOWN_RECORD)
    if record.approved is not None or not _waits(record):
        raise RefusedError(Reason.ALREADY_APPROVED, str(fact.number))
    if record.noted.actor == standing.actor:
        # Four eyes: whoever wrote it does not approve it.
        raise RefusedError(Reason.OWN_RECORD)
    return c.RecordApproved(fact.number, note(fact.note))


def _waits(record: CaseRecord) -> bool:
    return record.kind is RecordKind.PLAN and record.approved is None and record.replaced_at is None


def _decision(fact: c.DecisionDone, standing: Standing) -> c.DecisionDone:
    record = _numbered(standing.case.records, fact.number, Reason.UNKNOWN_RECORD)
    decision = _numbered(record.decisions, fact.decision, Reason.UNKNOWN_DECISION)
    if decision.done is not None:
        raise RefusedError(Reason.DECISION_DONE, str(fact.decision))
    return c.DecisionDone(fact.number, fact.decision, note(fact.text))


# --- help, transfers, people, marks ---------------------------------------------------------------------


def _check_may_answer(standing: Standing) -> None:
    questions = standing.case.open_questions
    if not questions:
        raise RefusedError(Reason.NO_OPEN_QUESTION)
    check(Command.KEEP_CASE, standing.actor, _asked(standing.actor, [q.to for q in questions]))


def _asked(actor: Actor, bodies: Sequence[str]) -> str:
    """Return the actor's body where it was asked, else one that was."""
    return next((body for body in bodies if body == actor.body), bodies[0])


def _check_may_sign_off(standing: Standing) -> None:
    trace = standing.trace
    if standing.actor.body not in trace.supervisors:
        raise RefusedError(Reason.NO_SUPERVISION)
    if trace.pauses and trace.pauses[-1].end is None:
        raise RefusedError(Reason.PAUSED)
    if not trace.rectified and standing.policy.rule(Node.RECTIFY) is not None:
        # Nobody is content with work that has not been reported done.
        raise RefusedError(Reason.NOT_YET, Node.RECTIFY.value)


def _sign_off(fact: c.SupervisionSignedOff, _: Standing) -> c.SupervisionSignedOff:
    return c.SupervisionSignedOff(written(fact.text))


def _question(fact: c.HelpAsked, standing: Standing) -> c.HelpAsked:
    known((fact.to,), standing.bodies, Reason.UNKNOWN_BODY)
    if fact.to == standing.actor.body:
        raise RefusedError(Reason.OWN_HELP)
    question = written(fact.question)
    if any((q.to, q.asked.text) == (fact.to, question) for q in standing.case.open_questions):
        raise RefusedError(Reason.ALREADY_ASKED)
    return c.HelpAsked(fact.to, question)


def _answer(fact: c.HelpAnswered, standing: Standing) -> c.HelpAnswered:
    asked = _numbered(standing.case.questions, fact.number, Reason.UNKNOWN_QUESTION)
    check(Command.KEEP_CASE, standing.actor, asked.to)
    if asked.answer is not None:
        raise RefusedError(Reason.ALREADY_ANSWERED, str(fact.number))
    return c.HelpAnswered(fact.number, written(fact.text), note(fact.law))


def _transfer(fact: c.TransferredOut, standing: Standing) -> c.TransferredOut:
    document = written(fact.document, LONGEST_NAME)
    if any((t.to, t.document) == (fact.to, document) for t in standing.case.transfers):
        raise RefusedError(Reason.UNCHANGED)
    return c.TransferredOut(fact.to, document, written(fact.reason))


def _receipt(fact: c.TransferReceipted, standing: Standing) -> c.TransferReceipted:
    sent = _numbered(standing.case.transfers, fact.number, Reason.UNKNOWN_TRANSFER)
    if sent.receipt is not None:
        raise RefusedError(Reason.ALREADY_RECEIPTED, str(fact.number))
    return c.TransferReceipted(fact.number, written(fact.document, LONGEST_NAME), note(fact.by, LONGEST_NAME))


def _responsibility(fact: c.ResponsibilityNamed, standing: Standing) -> c.ResponsibilityNamed:
    case, kind = standing.case, fact.responsible
    if kind is not ResponsibleAs.LEAD_IN_CHARGE and standing.trace.closed_at is not None:
        raise RefusedError(Reason.TICKET_CLOSED)
    if fact.node is not None and kind is not ResponsibleAs.WATCHER:
        raise RefusedError(Reason.BAD_DATA, "node")
    if fact.node is not None and standing.policy.rule(fact.node) is None:
        raise RefusedError(Reason.NO_SUCH_NODE, fact.node.value)
    if kind is ResponsibleAs.FOLLOWER and case.follower is None:
        raise RefusedError(Reason.NO_BAD_REVIEW)
    name = note(fact.name, LONGEST_NAME)
    now = {
        ResponsibleAs.WATCHER: case.watchers.get(fact.node),
        ResponsibleAs.FOLLOWER: case.follower,
        ResponsibleAs.LEAD_IN_CHARGE: case.lead_in_charge,
        ResponsibleAs.STATIONED: case.stationed,
    }[kind]
    if name == (now or ""):
        raise RefusedError(Reason.UNCHANGED)
    return c.ResponsibilityNamed(kind, name, fact.node, note(fact.reason))


def _mark(fact: c.CaseMarked, standing: Standing) -> c.CaseMarked:
    stands = any(mark.mark is fact.mark for mark in standing.case.standing_marks)
    if stands is fact.marked:
        raise RefusedError(Reason.UNCHANGED)
    return c.CaseMarked(fact.mark, fact.marked, written(fact.reason))


# --- what all have in common ----------------------------------------------------------------------------


def _numbered(things: Sequence[T], number: int, reason: Reason) -> T:
    if not 1 <= number <= len(things):
        raise RefusedError(reason, str(number))
    return things[number - 1]


def _lines(names: Iterable[str], most: int) -> tuple[str, ...]:
    """Return names each once, tidied, without empty ones."""
    found = tuple(dict.fromkeys(filter(None, (note(name, LONGEST_NAME) for name in names))))
    if len(found) > most:
        raise RefusedError(Reason.TOO_MANY, str(most))
    return found


def _checksums(evidence: Iterable[str]) -> tuple[str, ...]:
    sums = tuple(dict.fromkeys(evidence))
    if len(sums) > MOST_EVIDENCE or not all(_CHECKSUM.fullmatch(checksum) for checksum in sums):
        raise RefusedError(Reason.BAD_EVIDENCE, str(MOST_EVIDENCE))
    return sums


_COMPLETE: Mapping[type[Fact], Callable[..., Fact]] = {
    c.PauseRequested: _pause,
    c.ExtensionRequested: _extension,
    c.LeadVolunteered: _volunteer,
    c.RequestDeclined: _decline,
    c.SubjectsListed: _subjects,
    c.SubjectInspected: _inspection,
    c.RecordAdded: _record,
    c.RecordApproved: _approval,
    c.DecisionDone: _decision,
    c.HelpAsked: _question,
    c.HelpAnswered: _answer,
    c.TransferredOut: _transfer,
    c.TransferReceipted: _receipt,
    c.ResponsibilityNamed: _responsibility,
    c.SupervisionSignedOff: _sign_off,
    c.CaseMarked: _mark,
}
"""What makes each fact complete; one for each of ORDERS."""
