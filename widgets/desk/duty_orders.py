"""What a key of the duty officer's desk asks for, from the line that was chosen and its dossier."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain import case_events as c
from domain import events as e
from domain.case import Request, RequestKind
from domain.case_events import ResponsibleAs
from domain.clock import TicketClock
from domain.desk_queue import QueueRow, Task
from domain.dispatching import DispatchDraft, check_again
from domain.dossier import Dossier
from domain.drafts import AcknowledgeDraft, StepDraft
from domain.listing import WarningRow
from domain.people import Actor
from domain.rights import Reason, RefusedError
from domain.steps import check_step
from domain.suggesting import Advice, Assignment
from widgets.desk.dispatch_form import DispatchSubject, Purpose
from widgets.desk.duty_detail import DutyDetail
from widgets.desk.duty_pane import place_text
from widgets.desk.duty_words import (
    CHASE,
    CLOSE,
    DECLINE,
    DISPATCH,
    POST_CHECK,
    REVISIT,
    TASKS_OF_KEY,
    assignment_text,
    chase_text,
)
from widgets.desk.queue_batch import BatchLine
from widgets.desk.queue_columns import dotted, task_word
from widgets.dossier.case_asked import note_asked
from widgets.dossier.log_text import kind_text
from widgets.dossier.step_panel import asked_of
from widgets.forms.asked import Asked
from widgets.refusals import refusal_text
from widgets.wording import kind_name, node_name

STEP_OF: Mapping[str, type] = {
    CHASE: e.Chased,
    REVISIT: e.Revisited,
    POST_CHECK: e.PostChecked,
    CLOSE: e.Closed,
}

NO_COUNTER: Mapping[type, str] = {
    e.Closed: QT_TRANSLATE_NOOP("desk", "“销号”已记入日志，不能撤回；仍有反映的，按新来件受理。"),
    e.Extended: QT_TRANSLATE_NOOP("desk", "“延期”已记入日志，不能撤回，也不能改早；要提前办的请催办。"),
    c.MergedInto: QT_TRANSLATE_NOOP("desk", "要撤回合并，请打开档案，在“重复与合并”处拆分。"),
}
"""What the office did last and no step of the desk undoes, with what can be done instead; of a revisit and a
post-check `_after_check` says it. What is less than these is passed over."""


def expected_version(row: QueueRow, detail: DutyDetail, actor: Actor) -> int:
    """Return the version that an order names: the line's, or the present one where all that has happened
    since was done by the same person."""
    since = [entry.event.actor for entry in detail.dossier.log[row.version :]]
    return detail.version if all(who == actor for who in since) else row.version


def accept_draft(row: QueueRow) -> StepDraft:
    """Return the order that accepts a line's ticket as it was shown."""
    return StepDraft(str(uuid.uuid4()), row.ticket, e.Accepted(), row.version)


def asked_step(letter: str, row: QueueRow, detail: DutyDetail, actor: Actor, now: datetime) -> Asked:
    """Return what the form of a step has to know."""
    asked = asked_of(detail.dossier, STEP_OF[letter], actor)
    preset = {"text": chase_text(row, now)} if letter == CHASE else {}
    return _quick(asked, row, detail, actor, preset)


def refused_step(letter: str, detail: DutyDetail, actor: Actor) -> str:
    """Return why a step is not to be taken now, before its form is filled in; empty when it may be."""
    dossier = detail.dossier
    try:
        check_step(STEP_OF[letter], actor, dossier.clock)
    except RefusedError as error:
        text = refusal_text(error)
        if error.reason is Reason.SUPERVISION_OPEN:
            waiting = "、".join(dossier.body_name(key) for key in dossier.clock.trace.supervisors)
            return _word("{0}：待{1}签结").format(text, waiting)
        return text
    return ""


def asked_answer(letter: str, row: QueueRow, detail: DutyDetail, actor: Actor) -> Asked | None:
    """Return the form that grants or declines the first open request; None where the answer to it is a
    dispatch, or nothing is asked any more."""
    request = open_request(detail.dossier)
    if request is None:
        return None
    about = f"{detail.dossier.body_name(request.body)}：{request.asked.text}"
    if letter == DECLINE:
        asked = note_asked(detail.dossier, c.RequestDeclined, actor, {"body": request.body})
    elif request.kind is RequestKind.LEAD:
        return None
    else:
        step = e.Paused if request.kind is RequestKind.PAUSE else e.Extended
        preset: dict[str, object] = {"reason": request.asked.text}
        if request.node is not None:
            preset |= {"node": request.node.value, "due": request.due}
        asked = note_asked(detail.dossier, step, actor, preset)
    return _quick(asked, row, detail, actor, {}, about)


def asked_follower(row: QueueRow, detail: DutyDetail, actor: Actor) -> Asked:
    """Return the form that names who follows a bad review (Y19)."""
    preset = {"responsible": ResponsibleAs.FOLLOWER.value}
    asked = note_asked(detail.dossier, c.ResponsibilityNamed, actor, preset)
    return _quick(asked, row, detail, actor, {}, row.said)


def open_request(dossier: Dossier) -> Request | None:
    """Return what a body asked of the office and waits for."""
    return next(iter(dossier.case.open_requests), None)


def dispatch_subject(
    row: QueueRow, detail: DutyDetail, actor: Actor, purpose: Purpose, lead: str | None = None
) -> DispatchSubject:
    """Return what the form of kind and bodies has to know. `lead` is proposed for a correction."""
    dossier = detail.dossier
    trace, facts = dossier.clock.trace, dossier.facts
    return DispatchSubject(
        ticket=row.ticket,
        title=dossier.title,
        text=facts.text,
        advice=detail.advice,
        kinds=detail.office.kinds,
        assignments=detail.assignments,
        holders=detail.office.holders,
        bodies=detail.office.bodies,
        names=dossier.names,
        category=trace.received.category,
        lead=trace.lead,
        assisting=trace.assisting,
        proposed=lead,
        expected=expected_version(row, detail, actor),
        purpose=purpose,
        place=place_text(facts),
    )


# --- undo --------------------------------------------------------------------------------------------------


def counter_step(detail: DutyDetail, actor: Actor) -> type | str:
    """Return the fact that a correction puts right: a pause, a dispatch or a kind; or why there is none.

    Nothing is erased: the counter-step is an event of its own.
    """
    dossier = detail.dossier
    if _may(e.Resumed, actor, dossier.clock):
        return e.Paused
    for entry in reversed(dossier.log):
        fact = entry.event.fact
        if isinstance(fact, e.Revisited | e.PostChecked):
            return _after_check(fact, dossier.clock, actor)
        if isinstance(fact, c.MergedInto) and dossier.clock.trace.merged_into is None:
            continue
        if instead := NO_COUNTER.get(type(fact)):
            return _word(instead)
        if isinstance(fact, c.Categorised):
            return c.Categorised
        if isinstance(fact, e.Dispatched):
            try:
                check_again(actor, dossier.clock)
            except RefusedError as error:
                return _word("不能改派：{0}").format(refusal_text(error))
            return e.Dispatched
    return _word("没有可撤回的步骤：签收、催办已记入日志，不删改。")


def _after_check(fact: e.Revisited | e.PostChecked, clock: TicketClock, actor: Actor) -> str:
    """Say what can be done about a revisit or a post-check that was noted wrongly."""
    said = _word("“{0}”已记入日志，不能撤回。").format(kind_text(fact))
    passed = fact.satisfied if isinstance(fact, e.Revisited) else fact.passed
    if _may(type(fact), actor, clock):
        then = _word("现在可再登记一次{0}更正。")
    elif not passed:
        then = _word("第 {1} 轮办结后可再登记一次{0}；误记的现在就在档案补一条案情记录说明。")
    elif _may(e.PostChecked, actor, clock):
        then = _word("举报人其实不满意的，可在后督查登记“未通过”打回重办。")
    else:
        then = _word("问题没有解决的，先开启联合督办：督办单位签结前不能销号；误记的在档案补一条案情记录。")
    return said + then.format(kind_text(fact), clock.trace.round)


def _may(step: type[e.Fact], actor: Actor, clock: TicketClock) -> bool:
    try:
        check_step(step, actor, clock)
    except RefusedError:
        return False
    return True


def asked_resume(row: QueueRow, detail: DutyDetail, actor: Actor) -> Asked:
    """Return the form that ends a pause."""
    return _quick(asked_of(detail.dossier, e.Resumed, actor), row, detail, actor, {})


# --- several at once ---------------------------------------------------------------------------------------


def accept_lines(rows: Sequence[QueueRow]) -> tuple[BatchLine, ...]:
    """Return the lines of a batch that accepts."""
    return tuple(
        BatchLine(row.ticket, row.title, _word("签收"), accept_draft(row))
        if row.task is Task.ACCEPT
        else _held(row, _word("不是“{0}”").format(task_word(Task.ACCEPT)))
        for row in rows
    )


def chase_lines(rows: Sequence[QueueRow], now: datetime) -> tuple[BatchLine, ...]:
    """Return the lines of a batch that chases: each body with its own node and time."""
    lines, seen = [], set()
    for row in rows:
        if row.lead is None:
            lines.append(_held(row, _word("尚未分派，没有可催办的单位")))
        elif row.ticket in seen:
            lines.append(_held(row, _word("同一工单已在上面催办")))
        else:
            text = chase_text(row, now)
            order = StepDraft(str(uuid.uuid4()), row.ticket, e.Chased(text), row.version)
            lines.append(BatchLine(row.ticket, row.title, text, order))
        seen.add(row.ticket)
    return tuple(lines)


def dispatch_lines(
    rows: Sequence[QueueRow],
    advices: Mapping[str, Advice],
    assignments: Mapping[str, Mapping[str, Assignment]],
    names: Mapping[str, str],
) -> tuple[BatchLine, ...]:
    """Return the lines of a batch that dispatches as the list says, each with its kind, words and rule.

    A kind that the ticket has already is kept; a ticket without a kind or a word is not dispatched blindly.
    """
    return tuple(
        _dispatch_line(row, advices.get(row.ticket), assignments.get(row.ticket, {}), names) for row in rows
    )


def _dispatch_line(
    row: QueueRow, advice: Advice | None, assignments: Mapping[str, Assignment], names: Mapping[str, str]
) -> BatchLine:
    if row.task not in TASKS_OF_KEY[DISPATCH]:
        return _held(row, _word("不是“{0}”").format(task_word(Task.DISPATCH)))
    best = advice.best if advice is not None else None
    code = row.category or (best.category.code if best is not None else None)
    if code is None:
        return _held(row, _word("正文中没有责任清单的词，请单独定类"))
    found = assignments.get(code)
    if found is None:
        return _held(row, _word("责任清单没有指明本市的主办单位，请单独分派"))
    words = advice.words_for(code) if advice is not None else ()
    kind = row.category_name if row.category else best.category.name if best is not None else ""
    says = dotted(f"{code} {kind}", assignment_text(found, names))
    order = DispatchDraft(
        str(uuid.uuid4()),
        row.ticket,
        category=None if row.category else code,
        words=() if row.category else words,
        lead=found.lead,
        assisting=found.assisting,
        rule=found.rule,
        expected=row.version,
    )
    return BatchLine(row.ticket, row.title, says, order)


def note_lines(rows: Sequence[QueueRow], warnings: Iterable[WarningRow]) -> tuple[BatchLine, ...]:
    """Return the lines of a batch that takes note of all warnings of tickets, each warning an order."""
    by_ticket: dict[str, list[WarningRow]] = {}
    for warning in warnings:
        if warning.acknowledged_by is None:
            by_ticket.setdefault(warning.ticket, []).append(warning)
    lines: list[BatchLine] = []
    for row in {row.ticket: row for row in rows}.values():
        found = by_ticket.get(row.ticket, [])
        lines += [_note_line(row, warning) for warning in found]
        if not found:
            lines.append(_held(row, _word("没有未确认的预警")))
    return tuple(lines)


def _note_line(row: QueueRow, warning: WarningRow) -> BatchLine:
    order = AcknowledgeDraft(
        str(uuid.uuid4()),
        warning.ticket,
        warning.kind,
        warning.level,
        warning.node,
        warning.round,
        warning.leg,
        part=warning.part,
        rule_id=warning.rule_id,
    )
    says = dotted(kind_name(warning.kind), node_name(warning.node), warning.rule)
    return BatchLine(row.ticket, row.title, says, order)


def _held(row: QueueRow, reason: str) -> BatchLine:
    return BatchLine(row.ticket, row.title, _word("不办"), None, reason)


def _quick(
    asked: Asked,
    row: QueueRow,
    detail: DutyDetail,
    actor: Actor,
    preset: Mapping[str, object],
    about: str = "",
) -> Asked:
    return replace(
        asked,
        about="\n".join(part for part in (asked.about, about) if part),
        fixed={**asked.fixed, "expected": expected_version(row, detail, actor)},
        preset={**asked.preset, **preset},
        quick=True,
    )


def _word(source: str) -> str:
    return QCoreApplication.translate("desk", source)
