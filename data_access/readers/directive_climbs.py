"""How far the warnings of late receivers of directives have climbed, read from the log (T13)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, func, literal, select

from data_access import log, schema
from domain.events import DirectiveEscalated, DirectiveLateness
from domain.overview import DirectiveState
from domain.people import Role
from domain.receipts import LATE, Receipt, Terms


@dataclass(frozen=True, slots=True)
class Climb:
    """The last step of the ladder that the warning of a receiver has taken: to whom, and when."""

    to: Role
    at: datetime


Climbs = Mapping[str, Climb]
"""By the receiver's body."""


def read_climbs(
    connection: Connection,
    directives: Sequence[Mapping[Any, Any]],
    receipts: Mapping[str, Sequence[Receipt]],
    now: datetime,
) -> dict[str, Climbs]:
    """Return the climbs of late receivers by the directive's number; `directives` are cached rows.

    Of a cause that has ended nothing is told here; the thread has it.
    """
    late = {
        row["number"]: [
            (receipt, causes)
            for receipt in receipts.get(row["number"], ())
            if (causes := _causes(receipt, Terms(row["issued_at"], row["sign_by"], row["deadline"]), now))
        ]
        for row in directives
        if row["withdrawn_at"] is None
    }
    numbers = [number for number, receivers in late.items() if receivers]
    taken = _taken(connection, numbers, now) if numbers else {}
    return {
        number: {
            receipt.body: max((found[cause] for cause in causes if cause in found), key=_at)
            for receipt, causes in late[number]
            if any(cause in found for cause in causes)
        }
        for number in numbers
        if (found := taken.get(number))
    }


_Cause = tuple[str, DirectiveLateness, datetime]


def _causes(receipt: Receipt, terms: Terms, now: datetime) -> list[_Cause]:
    """Return what a receiver is late with now, as its warnings name it."""
    state = receipt.state(terms, now)
    found: list[_Cause] = []
    if state not in LATE:
        return found
    if state is DirectiveState.OVERDUE and receipt.warned_overdue is not None:
        found.append((receipt.body, DirectiveLateness.OVERDUE, receipt.warned_overdue))
    if receipt.signed_at is None and receipt.warned_unsigned is not None:
        found.append((receipt.body, DirectiveLateness.UNSIGNED, receipt.warned_unsigned))
    return found


def _taken(connection: Connection, numbers: Sequence[str], now: datetime) -> dict[str, dict[_Cause, Climb]]:
    event = schema.event.c
    streams = literal([f"directive/{number}" for number in numbers], ARRAY(Text))
    statement = (
        select(*log.RECORDED_COLUMNS)
        .where(event.stream == func.any(streams), event.kind == DirectiveEscalated.__name__, event.at <= now)
        .order_by(event.stream, event.at)
    )
    found: defaultdict[str, dict[_Cause, Climb]] = defaultdict(dict)
    for record in map(log.recorded, connection.execute(statement)):
        fact = record.event.fact
        if isinstance(fact, DirectiveEscalated):
            cause = (fact.body, fact.lateness, fact.since)
            found[record.stream.partition("/")[2]][cause] = Climb(fact.to, record.event.at)
    return found


def _at(climb: Climb) -> datetime:
    return climb.at
