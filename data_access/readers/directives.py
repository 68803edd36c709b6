"""Directives with their receipts: rows for lists, one in detail, and what is still owed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from data_access import schema
from data_access.readers.names import Names, read_names
from domain.details import DirectiveDetail, ReceiptRow
from domain.overview import DirectiveRow
from domain.receipts import LATE, Receipt, Terms, directive_state
from domain.urgency import Urgency

Cached = Mapping[Any, Any]
"""A row of a cache table, as it was read or as `data_access.project` makes it."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Receipts of directives in force that are not signed yet, and those not fed back yet."""

    to_sign: int
    to_feed_back: int


def directive_rows(
    connection: Connection, now: datetime, limit: int | None = None, names: Names | None = None
) -> tuple[DirectiveRow, ...]:
    """Return the directives, newest first."""
    directive = schema.directive
    statement = (
        select(directive).order_by(directive.c.issued_at.desc(), directive.c.number.desc()).limit(limit)
    )
    found = connection.execute(statement).mappings().all()
    receipts = _receipts(connection, [row["number"] for row in found])
    known = names or read_names(connection)
    return tuple(directive_row(row, receipts[row["number"]], known, now) for row in found)


def directive_detail(connection: Connection, number: str, now: datetime) -> DirectiveDetail | None:
    """Return a directive with each receiver's answers, None when there is none of this number."""
    directive = schema.directive
    found = connection.execute(select(directive).where(directive.c.number == number)).mappings().one_or_none()
    if found is None:
        return None
    receipts, names = _receipts(connection, [number])[number], read_names(connection)
    return DirectiveDetail(
        directive_row(found, receipts, names, now),
        tuple(
            ReceiptRow(r.body, names.body(r.body), r.signed_at, r.fed_back_at, r.feedback, r.accepted)
            for r in receipts
        ),
        tuple(found["items"]),
        tuple(names.area(code) for code in found["areas"]),
        found["withdrawn_reason"],
    )


def owed(connection: Connection, body: str | None = None) -> Owed:
    """Return what receivers still owe: of all bodies, or of one."""
    directive, receiver = schema.directive, schema.directive_receiver
    returned = receiver.c.accepted.is_(False)
    statement = (
        select(
            func.count().filter(receiver.c.signed_at.is_(None)),
            func.count().filter(or_(receiver.c.fed_back_at.is_(None), returned)),
        )
        .select_from(receiver.join(directive, directive.c.number == receiver.c.directive))
        .where(
            and_(
                directive.c.withdrawn_at.is_(None),
                *(() if body is None else (receiver.c.body == body,)),
            )
        )
    )
    return Owed(*connection.execute(statement).one())


def directive_row(found: Cached, receipts: Sequence[Receipt], names: Names, now: datetime) -> DirectiveRow:
    """Return a row for the screen from a cached directive and its receipts."""
    withdrawn = found["withdrawn_at"] is not None
    terms = Terms(found["issued_at"], found["sign_by"], found["deadline"])
    late = 0 if withdrawn else sum(receipt.state(terms, now) in LATE for receipt in receipts)
    return DirectiveRow(
        number=found["number"],
        text=found["text"],
        issued_by=found["issued_by"],
        issued_at=found["issued_at"],
        deadline=found["deadline"],
        urgency=Urgency(found["urgency"]),
        state=directive_state(receipts, terms, now, withdrawn=withdrawn),
        receivers=tuple(receipt.body for receipt in receipts),
        receiver_names=tuple(names.short_body(receipt.body) for receipt in receipts),
        signed=sum(receipt.signed_at is not None for receipt in receipts),
        fed_back=sum(receipt.answered for receipt in receipts),
        accepted=sum(receipt.accepted is True for receipt in receipts),
        tickets=tuple(found["tickets"]),
        late=late,
        reminded=sum(receipt.reminded for receipt in receipts),
        sign_by=found["sign_by"],
    )


def receipt(found: Cached) -> Receipt:
    """Return a receiver's answers from a cached row."""
    return Receipt(
        body=found["body"],
        signed_at=found["signed_at"],
        fed_back_at=found["fed_back_at"],
        feedback=found["feedback"] or "",
        accepted=found["accepted"],
        judged_at=found["judged_at"],
        signed_by=found["signed_by"] or "",
        rounds=found["rounds"],
        reminded=found["reminded"],
        reminded_at=found["reminded_at"],
        warned_unsigned=found["warned_unsigned"],
        warned_overdue=found["warned_overdue"],
    )


def _receipts(connection: Connection, numbers: Sequence[str]) -> defaultdict[str, list[Receipt]]:
    receiver, body = schema.directive_receiver, schema.body
    statement = (
        select(receiver)
        .select_from(receiver.outerjoin(body, body.c.key == receiver.c.body))
        .where(receiver.c.directive.in_(numbers))
        .order_by(body.c.position, receiver.c.body)
    )
    found: defaultdict[str, list[Receipt]] = defaultdict(list)
    for row in connection.execute(statement).mappings():
        found[row["directive"]].append(receipt(row))
    return found
