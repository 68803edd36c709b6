"""Directives with their receipts: rows for lists, lines of receivers, one with its thread, what is owed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, and_, case, func, literal, or_, select

from data_access import log, schema
from data_access.gate.session import person_of
from data_access.readers.directive_climbs import Climb, Climbs, read_climbs
from data_access.readers.directive_states import is_late, rank
from data_access.readers.names import Names, read_names
from domain.directive_listing import DirectiveDetail, DirectiveReceipts, ReceiptRow, ThreadRow
from domain.events import DirectiveFedBack, DirectiveReminded, Event
from domain.overview import DirectiveRow, DirectiveState
from domain.people import Role
from domain.receipts import LATE, WORST_FIRST, Receipt, Terms, directive_state
from domain.urgency import Urgency

Cached = Mapping[Any, Any]
"""A row of a cache table, as it was read or as `data_access.project` makes it."""
NO_CLIMBS: Climbs = {}
_DUE_SOON, _FED_BACK = map(WORST_FIRST.index, (DirectiveState.DUE_SOON, DirectiveState.FED_BACK))


@dataclass(frozen=True, slots=True)
class Owed:
    """Receipts of directives in force that are not signed yet, those not fed back yet, and those late."""

    to_sign: int
    to_feed_back: int
    late: int = 0


def directive_rows(
    connection: Connection, now: datetime, limit: int | None = None, names: Names | None = None
) -> tuple[DirectiveRow, ...]:
    """Return the directives that need eyes first.

    The late come first, then those that are due soon, then what else is owed, then what is to be judged: of
    each the more urgent, then the sooner due. What needs nothing follows, newest first; withdrawn ones last.
    """
    directive, receiver = schema.directive, schema.directive_receiver.c
    newest = (directive.c.issued_at.desc(), directive.c.number.desc())
    worst = func.min(rank(literal(now)))
    kind = case((worst == _FED_BACK, worst), (worst > _DUE_SOON, _DUE_SOON + 1), else_=worst).label("kind")
    # Most is accepted: to ask it of every directive would take longer than to read the ten that are shown.
    open_ = (
        select(receiver.directive, kind)
        .join(directive, directive.c.number == receiver.directive)
        .where(directive.c.withdrawn_at.is_(None), receiver.accepted.is_not(True))
        .group_by(receiver.directive)
        .subquery()
    )
    urgent = case({urgency.value: place for place, urgency in enumerate(Urgency)}, value=directive.c.urgency)
    statement = (
        select(directive)
        .join(open_, open_.c.directive == directive.c.number)
        .order_by(open_.c.kind, urgent, directive.c.deadline, directive.c.number)
    )
    found = list(connection.execute(statement.limit(limit)).mappings())
    if limit is None or len(found) < limit:
        shown = {row["number"] for row in found}
        most = None if limit is None else limit + len(found)
        rest = select(directive).order_by(directive.c.withdrawn_at.is_not(None), *newest).limit(most)
        found += [row for row in connection.execute(rest).mappings() if row["number"] not in shown]
    found = found[:limit]
    receipts = _receipts(connection, [row["number"] for row in found])
    known = names or read_names(connection)
    climbs = read_climbs(connection, found, receipts, now)
    return tuple(
        directive_row(row, receipts[row["number"]], known, now, climbs.get(row["number"], {}))
        for row in found
    )


def directives_by_number(
    connection: Connection, now: datetime, numbers: Sequence[str]
) -> list[DirectiveReceipts | None]:
    """Return directives with their receivers in the order of their numbers; None for those not there."""
    if not numbers:
        return []
    directive = schema.directive
    named = literal(list(numbers), ARRAY(Text))
    rows = connection.execute(select(directive).where(directive.c.number == func.any(named))).mappings().all()
    receipts, names = _receipts(connection, numbers), read_names(connection)
    climbs = read_climbs(connection, rows, receipts, now)
    found = {
        row["number"]: _with_receipts(row, receipts[row["number"]], names, now, climbs.get(row["number"], {}))
        for row in rows
    }
    return [found.get(number) for number in numbers]


def directive_detail(connection: Connection, number: str, now: datetime) -> DirectiveDetail | None:
    """Return a directive with each receiver's answers and its thread, None when there is none."""
    directive = schema.directive
    found = connection.execute(select(directive).where(directive.c.number == number)).mappings().one_or_none()
    if found is None:
        return None
    names = read_names(connection)
    receipts = _receipts(connection, [number])
    climbs = read_climbs(connection, [found], receipts, now)
    line = _with_receipts(found, receipts[number], names, now, climbs.get(number, {}))
    records = log.in_time_order(log.read_stream(connection, f"directive/{number}"))
    events = [record.event for record in records]
    if len(events) > found["version"]:
        # A past minute is shown: the cache says which of the events had been recorded by then.
        events = [event for event in events if event.at <= now]
    return DirectiveDetail(
        line.row,
        line.receipts,
        tuple(found["items"]),
        tuple(names.area(code) for code in found["areas"]),
        found["withdrawn_reason"],
        found["basis"],
        tuple(found["areas"]),
        thread_of(events, names),
    )


def thread_of(events: Sequence[Event], names: Names) -> tuple[ThreadRow, ...]:
    """Return a directive's events, in their order, as the lines of its thread."""
    rounds: defaultdict[str, int] = defaultdict(int)
    reminders = 0
    lines = []
    for number, event in enumerate(events, start=1):
        body = getattr(event.fact, "body", "")
        if isinstance(event.fact, DirectiveFedBack):
            rounds[body] += 1
        reminders += isinstance(event.fact, DirectiveReminded)
        lines.append(
            ThreadRow(
                number,
                event,
                body,
                names.short_body(body),
                names.short_body(event.actor.body),
                reminders if isinstance(event.fact, DirectiveReminded) else rounds[body] if body else 0,
            )
        )
    return tuple(lines)


def owed(connection: Connection, now: datetime, body: str | None = None) -> Owed:
    """Return what receivers still owe: of all bodies, or of one."""
    directive, receiver = schema.directive, schema.directive_receiver
    returned = receiver.c.accepted.is_(False)
    statement = (
        select(
            func.count().filter(receiver.c.signed_at.is_(None)),
            func.count().filter(or_(receiver.c.fed_back_at.is_(None), returned)),
            func.count().filter(is_late(literal(now))),
        )
        .select_from(receiver.join(directive, directive.c.number == receiver.c.directive))
        .where(
            and_(
                directive.c.withdrawn_at.is_(None),
                # What is accepted owes nothing, and is most of it.
                receiver.c.accepted.is_not(True),
                *(() if body is None else (receiver.c.body == body,)),
            )
        )
    )
    return Owed(*connection.execute(statement).one())


def late_here(connection: Connection, now: datetime) -> int:
    """Return how many receipts are late, as far as they concern who is signed in: a handler's own only."""
    who = person_of(connection)
    return owed(connection, now, who.body if who is not None and who.role is Role.HANDLER else None).late


def directive_row(
    found: Cached, receipts: Sequence[Receipt], names: Names, now: datetime, climbs: Climbs = NO_CLIMBS
) -> DirectiveRow:
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
        climbed_to=max(climbs.values(), key=_climbed_at).to if climbs else None,
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


def _with_receipts(
    found: Cached, receipts: Sequence[Receipt], names: Names, now: datetime, climbs: Climbs
) -> DirectiveReceipts:
    row = directive_row(found, receipts, names, now, climbs)
    terms = Terms(found["issued_at"], found["sign_by"], found["deadline"])
    withdrawn = found["withdrawn_at"] is not None
    return DirectiveReceipts(
        row,
        tuple(
            ReceiptRow(
                body=receipt.body,
                body_name=names.body(receipt.body),
                signed_at=receipt.signed_at,
                fed_back_at=receipt.fed_back_at,
                feedback=receipt.feedback,
                accepted=receipt.accepted,
                signed_by=receipt.signed_by,
                rounds=receipt.rounds,
                reminded=receipt.reminded,
                reminded_at=receipt.reminded_at,
                state=directive_state([receipt], terms, now, withdrawn=withdrawn),
                climbed_to=climbs[receipt.body].to if receipt.body in climbs else None,
                climbed_at=climbs[receipt.body].at if receipt.body in climbs else None,
            )
            for receipt in receipts
        ),
    )


def _receipts(connection: Connection, numbers: Sequence[str]) -> defaultdict[str, list[Receipt]]:
    receiver, body = schema.directive_receiver, schema.body
    statement = (
        select(receiver)
        .select_from(receiver.outerjoin(body, body.c.key == receiver.c.body))
        .where(receiver.c.directive == func.any(literal(list(numbers), ARRAY(Text))))
        .order_by(body.c.position, receiver.c.body)
    )
    found: defaultdict[str, list[Receipt]] = defaultdict(list)
    for row in connection.execute(statement).mappings():
        found[row["directive"]].append(receipt(row))
    return found


def _climbed_at(climb: Climb) -> datetime:
    return climb.at
