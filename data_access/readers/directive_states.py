"""How receivers of directives stand, in SQL: the same as `domain.receipts`, for all of them at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, case, extract
from sqlalchemy.sql.elements import ColumnElement

from data_access import schema
from domain.overview import DirectiveState
from domain.receipts import WORST_FIRST, YELLOW_SHARE

_directive, _receiver = schema.directive.c, schema.directive_receiver.c


def owes() -> ColumnElement[bool]:
    """Whether a receiver has still to feed back, or to do so again."""
    return _receiver.fed_back_at.is_(None) | _receiver.accepted.is_(False)


def is_late(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a receiver of a directive in force is late to sign or to feed back."""
    unsigned = _receiver.signed_at.is_(None) & (now > _directive.sign_by)
    return owes() & ((now > _directive.deadline) | unsigned)


def rank(now: ColumnElement[datetime]) -> ColumnElement[int]:
    """Return the place of a receiver's state in `WORST_FIRST`."""
    passed = extract("epoch", now - _directive.issued_at)
    whole = extract("epoch", _directive.deadline - _directive.issued_at)
    place: dict[DirectiveState, Any] = {state: number for number, state in enumerate(WORST_FIRST)}
    return case(
        (_receiver.accepted.is_(True), place[DirectiveState.JUDGED]),
        (~owes(), place[DirectiveState.FED_BACK]),
        (now > _directive.deadline, place[DirectiveState.OVERDUE]),
        (is_late(now), place[DirectiveState.UNSIGNED_LATE]),
        (passed >= whole * YELLOW_SHARE, place[DirectiveState.DUE_SOON]),
        (_receiver.accepted.is_(False), place[DirectiveState.RETURNED]),
        (_receiver.signed_at.is_(None), place[DirectiveState.UNSIGNED]),
        else_=place[DirectiveState.RUNNING],
    ).cast(Integer)
