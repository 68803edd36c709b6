"""What a person may do with a directive now: the domain's own decisions, tried on what the screen shows."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain import directive_orders as decide
from domain.directive import Directive
from domain.directive_listing import DirectiveDetail
from domain.drafts import (
    Choice,
    FeedBackDraft,
    JudgeDraft,
    Owing,
    RemindAllDraft,
    RemindDraft,
    SignDirectiveDraft,
    WithdrawDraft,
)
from domain.events import DirectiveIssued
from domain.people import Actor
from domain.receipts import Receipt
from domain.rights import Command, RefusedError
from widgets.forms.asked import Asked
from widgets.refusals import refusal_of, refusal_text
from widgets.step_bar import Offer
from widgets.wording import exact_count_text, minute_text

STEPS = (SignDirectiveDraft, FeedBackDraft, JudgeDraft, RemindDraft, WithdrawDraft)

_TRIED = "…"
"""Stands for the words that the form will ask for."""
_REMINDER = QT_TRANSLATE_NOOP("directive", "请尽快签收，并在期限内反馈落实情况。")
_PAST = QT_TRANSLATE_NOOP(
    "directive", "■ 反馈期限已过：退回后该单位当即计为反馈超期。要另给时间的，不要退回，另下一道指令。"
)
_ABOUT_ALL = QT_TRANSLATE_NOOP("directive", "{0} 道指令的 {1} 个接收单位未签收或未反馈")


def offers_of(detail: DirectiveDetail, actor: Actor | None, now: datetime) -> tuple[Offer, ...]:
    """Return the steps of a directive, with the reason for each that this person may not take now."""
    said = {step: _refusal(step, detail, actor, now) for step in STEPS}
    aside = (WithdrawDraft, RemindDraft)
    due = next((step for step in STEPS if step not in aside and not said[step]), None)
    return tuple(Offer(step, said[step], step is due) for step in STEPS)


def asked_of(
    detail: DirectiveDetail, step: type, actor: Actor | None, chosen: str | None, now: datetime
) -> Asked:
    """Return what a step's form has to know; `chosen` is the receiver whose line the hand is on."""
    row = detail.row
    fixed: dict[str, object] = {"number": row.number}
    options: dict[str, tuple[Choice, ...]] = {}
    preset: dict[str, object] = {}
    body = actor.body if actor is not None else None
    if step in (SignDirectiveDraft, FeedBackDraft):
        fixed["body"] = body or ""
    if step is JudgeDraft:
        waiting = _waiting(detail)
        options["body"] = tuple(Choice(r.body, r.body_name) for r in detail.receipts if r.body in waiting)
        preset["body"] = chosen if chosen in waiting else next(iter(waiting), None)
    if step is RemindDraft:
        owing = _owing(detail)
        options["bodies"] = tuple(Choice(r.body, r.body_name) for r in detail.receipts if r.body in owing)
        preset["bodies"] = (chosen,) if chosen in owing else owing
        preset["text"] = QCoreApplication.translate("directive", _REMINDER)
    about = [f"{row.number} · {minute_text(row.deadline)}", row.text]
    if step is JudgeDraft:
        if now >= row.deadline:
            # Sent back, it is overdue from that second on: whoever judges has to know before.
            about.insert(1, QCoreApplication.translate("directive", _PAST))
        about += [f"{r.body_name}：{r.feedback}" for r in detail.receipts if r.body in _waiting(detail)]
    return Asked(step, "\n".join(about), fixed, options, preset, body)


def asked_of_all(owing: Sequence[Owing]) -> Asked:
    """Return what the form has to know that reminds all these receivers in one order."""
    word = QCoreApplication.translate
    directives = len({one.number for one in owing})
    about = word("directive", _ABOUT_ALL).format(exact_count_text(directives), exact_count_text(len(owing)))
    return Asked(
        RemindAllDraft, about, {"owing": tuple(owing)}, preset={"text": word("directive", _REMINDER)}
    )


def _refusal(step: type, detail: DirectiveDetail, actor: Actor | None, now: datetime) -> str:
    if actor is None:
        return refusal_of(Command.ANSWER_DIRECTIVE, None)
    number, directive, body = detail.row.number, _directive(detail), actor.body or ""
    first = detail.receipts[0].body if detail.receipts else ""
    judged = next(iter(_waiting(detail)), first)
    reminded = next(iter(_owing(detail)), first)
    try:
        if step is SignDirectiveDraft:
            decide.sign_directive(SignDirectiveDraft("", number, body), actor, directive, now)
        elif step is FeedBackDraft:
            decide.feed_back(FeedBackDraft("", number, body, _TRIED), actor, directive, now)
        elif step is JudgeDraft:
            decide.judge_feedback(JudgeDraft("", number, judged, True), actor, directive, now)
        elif step is RemindDraft:
            decide.remind(RemindDraft("", number, (reminded,), _TRIED), actor, directive, now)
        else:
            decide.withdraw_directive(WithdrawDraft("", number, _TRIED), actor, directive, now)
    except RefusedError as error:
        return refusal_text(error)
    return ""


def _waiting(detail: DirectiveDetail) -> tuple[str, ...]:
    """The receivers whose feedback lies with the leader."""
    return tuple(r.body for r in detail.receipts if r.fed_back_at is not None and r.accepted is None)


def _owing(detail: DirectiveDetail) -> tuple[str, ...]:
    """The receivers who have still to feed back."""
    return tuple(r.body for r in detail.receipts if r.owes)


def _directive(detail: DirectiveDetail) -> Directive:
    row = detail.row
    return Directive(
        row.number,
        DirectiveIssued(row.text, row.receivers, row.deadline, row.urgency),
        row.issued_by,
        row.issued_at,
        {
            r.body: Receipt(r.body, r.signed_at, r.fed_back_at, r.feedback, r.accepted)
            for r in detail.receipts
        },
        row.issued_at if detail.withdrawn is not None else None,
    )
