"""What the form of a note in a case has to know of it: what can be chosen, and what stands in it at first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from domain import case_events as c
from domain.case_orders import ORDERS, Standing, check_note
from domain.dossier import Dossier
from domain.drafts import Choice
from domain.people import Actor, Role
from domain.rights import COMMAND_OF, Reason, RefusedError
from widgets.dossier.case_lines import plan_of
from widgets.dossier.step_panel import asked_of
from widgets.forms.asked import BESIDE, Asked
from widgets.refusals import refusal_of, refusal_text
from widgets.step_bar import Offer
from widgets.wording import local_moment_text, node_name

SHORT = 40
"""Characters of a question or a decision where one is to be chosen."""

NOTHING = frozenset(
    {
        Reason.NO_SUBJECTS,
        Reason.NOTHING_TO_APPROVE,
        Reason.NO_OPEN_DECISION,
        Reason.NO_OPEN_REQUEST,
        Reason.NO_OPEN_TRANSFER,
        Reason.NO_OPEN_QUESTION,
        Reason.NO_SUPERVISION,
    }
)
"""Why there is nothing that a note could be about: its button would only take room."""


def note_offers(dossier: Dossier, actor: Actor | None, refusal: str = "") -> tuple[Offer, ...]:
    """Return what to offer of each note: what the person's role knows, and what there is to say it about.

    `refusal` is said of all of them, where there is one reason for all.
    """
    offers: list[Offer] = []
    for kind in ORDERS:
        if actor is None:
            offers.append(Offer(kind, refusal or refusal_of(COMMAND_OF[kind], None)))
            continue
        try:
            check_note(kind, _standing(dossier, actor))
        except RefusedError as error:
            if error.reason is not Reason.ROLE and error.reason not in NOTHING:
                offers.append(Offer(kind, refusal or refusal_text(error)))
        else:
            offers.append(Offer(kind, refusal))
    return tuple(offers)


def note_asked(
    dossier: Dossier, kind: type, actor: Actor | None, preset: Mapping[str, Any] | None = None
) -> Asked:
    """Return what a note's form, or the form of the step by which a request is granted, has to know."""
    asked = asked_of(dossier, kind, actor)
    options = {**asked.options, **_options(dossier, kind, actor)}
    handler = actor is not None and actor.role is Role.HANDLER
    return replace(
        asked,
        options=options,
        preset={**asked.preset, **_preset(kind), **(preset or {})},
        body=actor.body if handler and kind in ORDERS and actor is not None else asked.body,
    )


def _standing(dossier: Dossier, actor: Actor) -> Standing:
    return Standing(actor, dossier.case, dossier.clock, {}, dossier.clock.as_of)


def _preset(kind: type) -> dict[str, Any]:
    return {"marked": True} if kind is c.CaseMarked else {}


def _options(dossier: Dossier, kind: type, actor: Actor | None) -> dict[str, tuple[Choice, ...]]:
    case, trace = dossier.case, dossier.clock.trace
    match kind:
        case c.SubjectInspected:
            ordered = (*case.subjects_left, *(s for s in case.subjects if s.result is not None))
            return {"subject": tuple(Choice(s.name, s.name) for s in ordered)}
        case c.RecordApproved:
            waiting = [r for r in case.records if r.kind == "plan" and not (r.approved or r.replaced_at)]
            return {"number": tuple(Choice(str(r.number), plan_of(r)) for r in waiting)}
        case c.DecisionDone:
            return {
                "decision": tuple(
                    Choice(f"{record.number}.{d.number}", _short(f"{d.text}（{record.title}）"))
                    for record, d in case.open_decisions
                )
            }
        case c.RequestDeclined:
            bodies = dict.fromkeys(r.body for r in case.open_requests)
            return {"body": tuple(Choice(body, dossier.body_name(body)) for body in bodies)}
        case c.HelpAnswered:
            mine = [q for q in case.open_questions if _may_answer(actor, q.to)]
            return {"number": tuple(Choice(str(q.number), _short(q.asked.text)) for q in mine)}
        case c.TransferReceipted:
            sent = case.open_transfers
            return {
                "number": tuple(
                    Choice(str(t.number), f"{t.document} · {local_moment_text(t.sent.at)}") for t in sent
                )
            }
        case c.HelpAsked if actor is None or actor.role is not Role.HANDLER:
            # The office pauses by itself: it asks nobody.
            return {BESIDE: ()}
        case c.ResponsibilityNamed:
            return {"node": tuple(Choice(r.node, node_name(r.node)) for r in dossier.clock.policy.rules)}
        case c.ExtensionRequested:
            mine_running = [n for n in trace.open_nodes if n.due_at is not None and _runs_for(actor, n.body)]
            nodes = dict.fromkeys(n.node for n in mine_running)
            return {"node": tuple(Choice(node, node_name(node)) for node in nodes)}
    return {}


def _may_answer(actor: Actor | None, asked: str) -> bool:
    return actor is not None and (actor.role is not Role.HANDLER or actor.body == asked)


def _runs_for(actor: Actor | None, body: str | None) -> bool:
    return actor is not None and actor.body == body


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else line[:SHORT] + "…"


def not_now() -> str:
    """Return why nothing can be noted while a past minute is shown."""
    return QCoreApplication.translate("case", "正在回放，回到“现在”才能操作")
