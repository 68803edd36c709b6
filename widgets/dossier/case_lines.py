"""A case as lines: each request, question, record, subject … with its state, and what can be done with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication

from domain import case_events as c
from domain import events as e
from domain.case import Case, CaseRecord, Ending, MatterKind, RequestKind, Said
from domain.case_events import RecordKind, SubjectResult
from domain.dossier import Dossier
from widgets.case_words import (
    authority_name,
    ending_name,
    mark_name,
    record_name,
    request_name,
    responsible_name,
    result_name,
)
from widgets.status import Mark, Shape
from widgets.wording import local_moment_text, node_name

_GRANTS: Mapping[RequestKind, type[e.Fact]] = {
    RequestKind.PAUSE: e.Paused,
    RequestKind.EXTENSION: e.Extended,
    RequestKind.LEAD: e.Dispatched,
}
"""By what the office grants a request."""

_RESULT_MARKS = {
    SubjectResult.COMPLIANT: ("done", Shape.CIRCLE),
    SubjectResult.RECTIFIED: ("done", Shape.CIRCLE),
    SubjectResult.VIOLATION: ("overdue", Shape.SQUARE),
    SubjectResult.NOT_FOUND: ("text_muted", Shape.DASH),
}
_END_MARKS = {
    Ending.DECLINED: ("text_muted", Shape.DASH),
    Ending.LAPSED: ("text_muted", Shape.DASH),
    Ending.REPLACED: ("text_muted", Shape.ARROW),
    Ending.REMOVED: ("text_muted", Shape.DASH),
    Ending.CLOSED: ("text_muted", Shape.CIRCLE),
}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One thing of a case. `whole` is all that is known of it, in lines; `act` is the fact by which a person
    goes on with it, with what is known of that fact already in `preset`; None when there is nothing to do."""

    key: str
    kind: MatterKind
    sort: str
    text: str
    mark: Mark
    said: Said
    is_open: bool
    whole: tuple[str, ...] = ()
    due: datetime | None = None
    act: type[e.Fact] | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)


def case_lines(dossier: Dossier) -> tuple[CaseLine, ...]:
    """Return the lines of a dossier's case: what waits first, then by kind, as it happened."""
    case, now = dossier.case, dossier.clock.as_of
    lines = [
        *_responsibilities(case),
        *_requests(dossier),
        *_questions(dossier),
        *_decisions(case, now),
        *_transfers(case),
        *_records(case),
        *_subjects(case),
        *_supervisions(dossier),
        *_marks(case),
    ]
    kinds = {kind: position for position, kind in enumerate(MatterKind)}
    return tuple(sorted(lines, key=lambda line: (_rank(line), kinds[line.kind])))


def _rank(line: CaseLine) -> int:
    """What waits for somebody, then who answers and what stands, then what has ended."""
    if line.is_open and line.mark.shape is not Shape.TRIANGLE:
        return 0
    standing = line.is_open or (line.kind is MatterKind.MARK and line.act is not None)
    return 1 if standing else 2


def _responsibilities(case: Case) -> Iterator[CaseLine]:
    for r in case.responsibilities:
        node = node_name(r.node) if r.node else ""
        waits = not r.name and r.ending is None
        mark = Mark("on_time", Shape.TRIANGLE, _word("在任")) if r.ending is None else _ended(r.ending)
        if waits:
            mark = Mark("overdue", Shape.SQUARE, _word("待明确"))
        preset: dict[str, Any] = {"responsible": r.kind.value}
        if r.node is not None:
            preset["node"] = r.node.value
        yield CaseLine(
            f"person.{r.number}",
            MatterKind.RESPONSIBILITY,
            responsible_name(r.kind),
            " · ".join(part for part in (r.name or _word("差评待明确跟进人"), node, r.named.text) if part),
            mark,
            r.named,
            r.ending is None,
            act=c.ResponsibilityNamed if r.ending is None else None,
            preset=preset,
        )


def _requests(dossier: Dossier) -> Iterator[CaseLine]:
    for r in dossier.case.requests:
        about = dossier.body_name(r.body)
        if r.node is not None and r.due is not None:
            until = _word("{0} 延至 {1}").format(node_name(r.node), local_moment_text(r.due))
            about = f"{about} · {until}"
        answer = () if r.ended is None else (_by(r.ended, _word("答复")),)
        preset: dict[str, Any] = {"reason": r.asked.text}
        if r.node is not None:
            preset |= {"node": r.node.value, "due": r.due}
        yield CaseLine(
            f"request.{r.number}",
            MatterKind.REQUEST,
            request_name(r.kind),
            f"{about}：{_one_line(r.asked.text)}",
            _waiting(_word("待批准")) if r.ending is None else _ended(r.ending),
            r.asked,
            r.ending is None,
            (about, r.asked.text, *answer),
            act=_GRANTS[r.kind] if r.ending is None else None,
            preset=preset if r.kind is not RequestKind.LEAD else {},
        )


def _questions(dossier: Dossier) -> Iterator[CaseLine]:
    for q in dossier.case.questions:
        law = (_word("依据：{0}").format(q.law),) if q.law else ()
        answer = () if q.answer is None else (_by(q.answer, _word("答复")), *law)
        asked = _word("问 {0}：{1}").format(dossier.body_name(q.to), _one_line(q.asked.text))
        replied = "" if q.answer is None else _word(" → {0}").format(_one_line(q.answer.text))
        yield CaseLine(
            f"help.{q.number}",
            MatterKind.HELP,
            _word("求助"),
            asked + replied,
            _waiting(_word("待答复")) if q.answer is None else _ended(Ending.ANSWERED),
            q.asked,
            q.answer is None,
            (_word("问 {0}：{1}").format(dossier.body_name(q.to), q.asked.text), *answer),
            act=c.HelpAnswered if q.answer is None else None,
            preset={"number": str(q.number)},
        )


def _decisions(case: Case, now: datetime) -> Iterator[CaseLine]:
    for record in case.records:
        for d in record.decisions:
            mark = _waiting(_word("待落实")) if d.done is None else _ended(Ending.DONE)
            if d.is_overdue(now):
                mark = Mark("overdue", Shape.SQUARE, _word("逾期"))
            done = () if d.done is None else (_by(d.done, _word("落实")),)
            yield CaseLine(
                f"decision.{record.number}.{d.number}",
                MatterKind.DECISION,
                _word("议定事项"),
                f"{d.text}（{record.title}）",
                mark,
                record.noted,
                d.done is None,
                (d.text, *_decided(record, d.deadline), *done),
                d.deadline,
                c.DecisionDone if d.done is None else None,
                {"decision": f"{record.number}.{d.number}"},
            )


def _decided(record: CaseRecord, deadline: datetime | None) -> Iterator[str]:
    yield f"{record_name(record.kind)}：{record.title}"
    if deadline is not None:
        yield _word("期限 {0}").format(local_moment_text(deadline))
    if record.participants:
        yield _word("参加：{0}").format("、".join(record.participants))


def _transfers(case: Case) -> Iterator[CaseLine]:
    for t in case.transfers:
        receipt = (
            ()
            if t.receipt is None
            else (_word("回执 {0}").format(t.receipt_document), _by(t.receipt, _word("签收")))
        )
        yield CaseLine(
            f"transfer.{t.number}",
            MatterKind.TRANSFER,
            _word("移送"),
            f"{authority_name(t.to)} · {t.document}：{_one_line(t.sent.text)}",
            _waiting(_word("待回执")) if t.receipt is None else _ended(Ending.RECEIPTED),
            t.sent,
            t.receipt is None,
            (f"{authority_name(t.to)} · {t.document}", t.sent.text, *receipt),
            act=c.TransferReceipted if t.receipt is None else None,
            preset={"number": str(t.number)},
        )


def _records(case: Case) -> Iterator[CaseLine]:
    for r in case.records:
        waits = r.kind is RecordKind.PLAN and r.approved is None and r.replaced_at is None
        if waits:
            mark = _waiting(_word("待批准"))
        elif r.kind is RecordKind.PLAN:
            mark = _ended(Ending.APPROVED if r.approved is not None else Ending.REPLACED)
        else:
            mark = Mark("done", Shape.CIRCLE, _word("已登记"))
        files = _word("材料 {0} 份").format(len(r.evidence)) if r.evidence else ""
        people = _word("参加：{0}").format("、".join(r.participants)) if r.participants else ""
        approved = _by(r.approved, _word("批准")) if r.approved is not None else ""
        yield CaseLine(
            f"record.{r.number}",
            MatterKind.RECORD,
            record_name(r.kind),
            " · ".join(part for part in (r.title, r.document, _one_line(r.noted.text), files) if part),
            mark,
            r.noted,
            waits,
            tuple(part for part in (r.title, r.document, people, r.noted.text, files, approved) if part),
            act=c.RecordApproved if waits else None,
            preset={"number": str(r.number)},
        )


def _subjects(case: Case) -> Iterator[CaseLine]:
    for s in case.subjects:
        if s.result is None:
            mark = Mark("text_muted", Shape.RING, _word("未检查"))
        else:
            mark = Mark(*_RESULT_MARKS[s.result], result_name(s.result))
        found = _one_line(s.inspected.text) if s.inspected is not None else ""
        yield CaseLine(
            f"subject.{s.number}",
            MatterKind.SUBJECT,
            _word("检查对象"),
            " · ".join(part for part in (f"{s.number}. {s.name}", found) if part),
            mark,
            s.inspected or s.listed,
            s.result is None,
            tuple(part for part in (s.name, s.inspected.text if s.inspected else "") if part),
            act=c.SubjectInspected,
            preset={"subject": s.name},
        )


def _supervisions(dossier: Dossier) -> Iterator[CaseLine]:
    for s in dossier.case.supervisions:
        mark = _waiting(_word("待签结")) if s.ending is None else _ended(s.ending)
        about = f"{dossier.body_name(s.body)}：{_one_line(s.opened.text)}"
        ended = () if s.ended is None or s.ending is None else (_by(s.ended, ending_name(s.ending)),)
        yield CaseLine(
            f"supervision.{s.number}",
            MatterKind.SUPERVISION,
            _word("联合督办"),
            about,
            mark,
            s.opened,
            s.ending is None,
            (about, *ended),
            act=c.SupervisionSignedOff if s.ending is None else None,
        )


def _marks(case: Case) -> Iterator[CaseLine]:
    for m in case.marks:
        standing = m.removed is None
        yield CaseLine(
            f"mark.{m.number}",
            MatterKind.MARK,
            mark_name(m.mark),
            _one_line(m.set.text),
            Mark("done", Shape.CIRCLE, _word("在列")) if standing else _ended(Ending.REMOVED),
            m.set,
            # A mark is nothing that waits for anybody.
            is_open=False,
            whole=(m.set.text, *(() if m.removed is None else (_by(m.removed, _word("撤销")),))),
            act=c.CaseMarked if standing else None,
            preset={"mark": m.mark.value, "marked": False},
        )


def plan_of(record: CaseRecord) -> str:
    """Return what a plan is called where it is to be chosen."""
    return f"{record.number}. {record.title}"


def people_text(dossier: Dossier) -> str:
    """Return who answers for the case now, and that nobody watches the node where it is (B02)."""
    case, current = dossier.case, dossier.clock.trace.current
    parts: list[str] = []
    if case.lead_in_charge:
        parts.append(_word("包案领导 {0}").format(case.lead_in_charge))
    if case.stationed:
        parts.append(_word("驻企帮扶 {0}").format(case.stationed))
    if case.follower is not None:
        name = case.follower or _word("待明确")
        parts.append(_word("差评跟进 {0}").format(name))
    if current is not None:
        watcher = case.watcher(current.node)
        words = _word("{0}盯守 {1}") if watcher else _word("{0}无人盯守")
        parts.append(words.format(node_name(current.node), watcher))
    return " · ".join(parts)


def kinds_of(lines: Iterable[CaseLine]) -> dict[MatterKind, int]:
    """Return how many lines there are of each kind."""
    found: dict[MatterKind, int] = {}
    for line in lines:
        found[line.kind] = found.get(line.kind, 0) + 1
    return found


def _waiting(words: str) -> Mark:
    return Mark("due_soon", Shape.DIAMOND, words)


def _ended(ending: Ending) -> Mark:
    return Mark(*_END_MARKS.get(ending, ("done", Shape.CIRCLE)), ending_name(ending))


def _by(said: Said, verb: str) -> str:
    who = f"{said.actor.name} {local_moment_text(said.at)} {verb}"
    return f"{who}：{said.text}" if said.text else who


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _word(source: str) -> str:
    return QCoreApplication.translate("case", source)
