"""What a person may do with a re-supervision now: the domain's decisions, tried on what the screen shows."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QCoreApplication

from domain import re_supervision_orders as decide
from domain.details import ReSupervisionDetail
from domain.drafts import AskDraft, CloseFileDraft, DeclineDraft, ExplainDraft, FindDraft
from domain.events import Behaviour, Event
from domain.people import Actor
from domain.re_supervision import FileState, ReSupervision
from domain.rights import Command, Reason, RefusedError
from widgets.forms.asked import Asked
from widgets.refusals import refusal_of, refusal_text
from widgets.step_bar import Offer

_TRIED = "…"
"""Stands for the words that the form will ask for."""
_TOMORROW = object()
"""Stands for a deadline to come."""

_COURSE: Mapping[type, tuple[Callable[..., Event], tuple[Any, ...]]] = {
    DeclineDraft: (decide.decline_re_supervision, (_TRIED,)),
    AskDraft: (decide.ask, (_TRIED, _TOMORROW)),
    ExplainDraft: (decide.explain, (_TRIED,)),
    FindDraft: (decide.find, (Behaviour.NO_FAULT, _TRIED)),
    CloseFileDraft: (decide.close_re_supervision, (_TRIED,)),
}

STEPS = tuple(_COURSE)
_AFTER_LAUNCH = STEPS[1:]
_AT_WILL = (DeclineDraft, AskDraft)
"""No steps that are due: an officer launches a draft, or not; a second question is an exception."""


def offers_of(detail: ReSupervisionDetail, actor: Actor | None, now: datetime) -> tuple[Offer, ...]:
    """Return the steps of a file, with the reason for each that this person may not take now; none for a
    file in a state that a newer program wrote."""
    file = _file(detail)
    if file is None:
        return ()
    # A draft is launched, by a button of its own, or declined; whatever else there is comes after the launch.
    steps = (DeclineDraft,) if file.state is FileState.DRAFTED else _AFTER_LAUNCH
    said = {step: _refusal(step, file, actor, now) for step in steps}
    due = next((step for step in steps if step not in _AT_WILL and not said[step]), None)
    return tuple(Offer(step, said[step], step is due) for step in steps)


def asked_of(detail: ReSupervisionDetail, step: type) -> Asked:
    """Return what a step's form has to know of a file."""
    row = detail.row
    about = [f"{row.number} · {row.body_name}", f"{row.ticket} {row.title}", row.cause, detail.question]
    if detail.explanation:
        about.append(detail.explanation)
    lines = "\n".join(line for line in about if line)
    return Asked(step, lines, fixed={"number": row.number}, body=row.body)


def _refusal(step: type, file: ReSupervision, actor: Actor | None, now: datetime) -> str:
    if actor is None:
        return refusal_of(Command.LAUNCH_RE_SUPERVISION, None)
    decided, tried = _COURSE[step]
    values = (now + timedelta(days=1) if value is _TOMORROW else value for value in tried)
    try:
        decided(step("", file.number, *values), actor, file, now)
    except RefusedError as error:
        if step is AskDraft and error.reason is Reason.EXPLANATION_PENDING:
            return QCoreApplication.translate("refusals", "说明期限未到，请等待单位说明后再追问")
        return refusal_text(error)
    return ""


def _file(detail: ReSupervisionDetail) -> ReSupervision | None:
    row = detail.row
    try:
        state = FileState(row.state)
    except ValueError:
        return None
    return ReSupervision(
        row.number,
        row.ticket,
        row.body,
        row.node,
        row.round,
        row.cause,
        state,
        row.drafted_at,
        deadline=row.deadline,
        explanation=detail.explanation or None,
    )
