"""From a ticket's case to the rows of `matter`: what is open or has ended in it, for lists across tickets."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from domain.case import Case, CaseRecord, Ending, MatterKind, Said
from domain.case_events import RecordKind, ResponsibleAs
from domain.people import PLATFORM

LONGEST_TITLE = 200
"""Characters: a list shows no more, the dossier has the whole text."""


def matter_rows(number: str, case: Case, lead: str | None) -> Iterator[dict[str, Any]]:
    """Yield a ticket's rows. `lead` is who holds it now: what was decided waits for that body."""
    for request in case.requests:
        yield _row(
            number,
            MatterKind.REQUEST,
            request.number,
            request.kind.value,
            request.asked.text,
            request.asked,
            node=request.node.value if request.node else None,
            from_body=request.body,
            to_body=PLATFORM,
            due_at=request.due,
            ended_at=request.ended.at if request.ended else None,
            outcome=request.ending,
        )
    for record in case.records:
        yield from _record_rows(number, record, lead)
    for responsible in case.responsibilities:
        row = _row(
            number,
            MatterKind.RESPONSIBILITY,
            responsible.number,
            responsible.kind.value,
            responsible.named.text,
            responsible.named,
            node=responsible.node.value if responsible.node else None,
            ended_at=responsible.ended_at,
            outcome=responsible.ending,
        )
        row["person"] = responsible.name or None
        if responsible.kind is ResponsibleAs.LEAD_IN_CHARGE:
            row["coordinated_at"] = case.coordinated_at
        yield row
    for matter in _plain_matters(case, lead):
        ended = matter.ended.at if matter.ended else None
        yield _row(
            number,
            matter.kind,
            matter.number,
            matter.sort,
            matter.title,
            matter.begun,
            to_body=matter.to,
            ended_at=ended,
            outcome=matter.outcome,
        )


class _Plain(NamedTuple):
    """What begins with a word and ends with another one; `to` is for whom it waits."""

    kind: MatterKind
    number: int
    sort: str
    title: str
    begun: Said
    to: str | None
    ended: Said | None
    outcome: Ending | None


def _plain_matters(case: Case, lead: str | None) -> Iterator[_Plain]:
    for q in case.questions:
        yield _Plain(MatterKind.HELP, q.number, "", q.asked.text, q.asked, q.to, q.answer, Ending.ANSWERED)
    for t in case.transfers:
        sort, outcome = t.to.value, Ending.RECEIPTED
        yield _Plain(MatterKind.TRANSFER, t.number, sort, t.document, t.sent, None, t.receipt, outcome)
    for s in case.supervisions:
        title = s.opened.text
        yield _Plain(MatterKind.SUPERVISION, s.number, "", title, s.opened, s.body, s.ended, s.ending)
    for m in case.marks:
        sort, outcome = m.mark.value, Ending.REMOVED
        yield _Plain(MatterKind.MARK, m.number, sort, m.set.text, m.set, None, m.removed, outcome)
    for u in case.subjects:
        sort = u.result.value if u.result else ""
        yield _Plain(MatterKind.SUBJECT, u.number, sort, u.name, u.listed, lead, u.inspected, Ending.DONE)


def _record_rows(number: str, record: CaseRecord, lead: str | None) -> Iterator[dict[str, Any]]:
    """A plan waits for the office's approval; any other record says what was done."""
    waits = record.kind is RecordKind.PLAN
    approved, ended, outcome = record.approved, record.noted.at, Ending.DONE
    if waits:
        ended = approved.at if approved else record.replaced_at  # type: ignore[assignment]
        outcome = Ending.APPROVED if approved else Ending.REPLACED
    yield _row(
        number,
        MatterKind.RECORD,
        record.number,
        record.kind.value,
        record.title,
        record.noted,
        to_body=PLATFORM if waits else None,
        ended_at=ended,
        outcome=outcome,
    )
    for decision in record.decisions:
        yield _row(
            number,
            MatterKind.DECISION,
            record.number,
            record.kind.value,
            decision.text,
            record.noted,
            part=decision.number,
            to_body=lead,
            due_at=decision.deadline,
            ended_at=decision.done.at if decision.done else None,
            outcome=Ending.DONE,
        )


def _row(
    ticket: str,
    kind: MatterKind,
    number: int,
    sort: str,
    title: str,
    begun: Said,
    *,
    part: int = 0,
    node: str | None = None,
    from_body: str | None = None,
    to_body: str | None = None,
    due_at: datetime | None = None,
    ended_at: datetime | None = None,
    outcome: Ending | None = None,
) -> dict[str, Any]:
    """Return a row; `outcome` counts when it has ended."""
    return {
        "ticket": ticket,
        "kind": kind.value,
        "number": number,
        "part": part,
        "sort": sort,
        "title": title[:LONGEST_TITLE],
        "node": node,
        "from_body": from_body or begun.actor.body,
        "to_body": to_body,
        "person": begun.actor.name,
        "due_at": due_at,
        "opened_at": begun.at,
        "ended_at": ended_at,
        "outcome": outcome.value if outcome is not None and ended_at is not None else None,
        "coordinated_at": None,
    }
