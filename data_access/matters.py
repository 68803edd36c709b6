"""From a ticket's case to the rows of `matter`: what is open or has ended in it, for lists across tickets."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

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
    for question in case.questions:
        yield _row(
            number,
            MatterKind.HELP,
            question.number,
            "",
            question.asked.text,
            question.asked,
            to_body=question.to,
            ended_at=question.answer.at if question.answer else None,
            outcome=Ending.ANSWERED,
        )
    for transfer in case.transfers:
        yield _row(
            number,
            MatterKind.TRANSFER,
            transfer.number,
            transfer.to.value,
            transfer.document,
            transfer.sent,
            ended_at=transfer.receipt.at if transfer.receipt else None,
            outcome=Ending.RECEIPTED,
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
    for supervision in case.supervisions:
        yield _row(
            number,
            MatterKind.SUPERVISION,
            supervision.number,
            "",
            supervision.opened.text,
            supervision.opened,
            to_body=supervision.body,
            ended_at=supervision.ended.at if supervision.ended else None,
            outcome=supervision.ending,
        )
    for mark in case.marks:
        yield _row(
            number,
            MatterKind.MARK,
            mark.number,
            mark.mark.value,
            mark.set.text,
            mark.set,
            ended_at=mark.removed.at if mark.removed else None,
            outcome=Ending.REMOVED,
        )
    for subject in case.subjects:
        yield _row(
            number,
            MatterKind.SUBJECT,
            subject.number,
            subject.result.value if subject.result else "",
            subject.name,
            subject.listed,
            to_body=lead,
            ended_at=subject.inspected.at if subject.inspected else None,
            outcome=Ending.DONE,
        )


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
