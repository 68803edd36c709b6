"""The tickets of a handler's own body by what is due next, and what waits for the body's answer.

Read as the handler: row-level security leaves nothing of other bodies (gate/rows.sql).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Text,
    and_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data_access import schema
from data_access.readers.names import Names, read_names
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from domain.case import MatterKind
from domain.desk_queue import OpenClock, QueueRow, Task
from domain.events import Chased
from domain.handler_desk import NODES_OF, Answers, HandlerCounts, HandlerGroup
from domain.nodes import ORDER, Node
from domain.re_supervision import FileState
from domain.urgency import Urgency

_ticket, _node = schema.ticket.c, schema.node_state.c


def settled_queue(connection: Connection, body: str, group: HandlerGroup, text: str = "") -> Settled:
    """Return the numbers of a body's tickets of a group, what is due next first; what is paused or has no
    limit comes last."""
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    if group is HandlerGroup.WAITING:
        keys = in_order(_ticket.number, [_ticket.received_at, _ticket.number])
        waiting = select(keys).select_from(schema.ticket).where(_waits(body), *_says(text))
        return Settled([connection.execute(waiting).scalar_one()])
    found = _next_due(body, group, text).subquery("found")
    keys = in_order(found.c.number, [found.c.due_at.asc().nulls_last(), found.c.number])
    return Settled([connection.execute(select(keys)).scalar_one()])


def first_of_queue(
    connection: Connection, body: str, group: HandlerGroup, text: str, now: datetime, limit: int
) -> tuple[QueueRow, ...]:
    """Return the first tickets of a group, without settling the rest; WAITING begins when it is settled."""
    if group is HandlerGroup.WAITING:
        return ()
    found = _next_due(body, group, text).subquery("found")
    first = select(found.c.number).order_by(found.c.due_at.asc().nulls_last(), found.c.number).limit(limit)
    numbers = connection.execute(first).scalars().all()
    return tuple(row for row in queue_rows(connection, body, numbers, now) if row is not None)


def queue_rows(
    connection: Connection, body: str, numbers: Sequence[str], now: datetime, names: Names | None = None
) -> list[QueueRow | None]:
    """Return tickets as a body's desk shows them, in the order of their numbers; None for those that are not
    there any more."""
    if not numbers:
        return []
    named = literal(list(numbers), ARRAY(Text))
    rows = {
        row.number: row
        for row in connection.execute(select(schema.ticket).where(_ticket.number == func.any(named)))
    }
    own: dict[str, list[OpenClock]] = defaultdict(list)
    running = select(schema.node_state).where(_own(body), _node.ticket == func.any(named))
    for row in connection.execute(running):
        own[row.ticket].append(_clock(row))
    chased = _chases(connection, numbers)
    asked = _requests(connection, body, named)
    known = names or read_names(connection)
    return [
        _queue_row(rows[number], body, own[number], chased.get(number), asked.get(number, ""), known, now)
        if number in rows
        else None
        for number in numbers
    ]


def handler_counts(connection: Connection, body: str, now: datetime) -> HandlerCounts:
    """Return how many tickets each group of a body's desk has, and what waits for its answer."""
    each = func.count(_node.ticket.distinct())
    groups: dict[HandlerGroup, ColumnElement[int]] = {
        group: each.filter(_node.node.in_([node.value for node in nodes]))
        for group, nodes in NODES_OF.items()
    }
    groups[HandlerGroup.TO_DO] = each
    groups[HandlerGroup.ASSISTING] = each.filter(_node.part > 0)
    overdue = each.filter(_node.due_at < now)
    joined = _own_open()
    found = connection.execute(select(*groups.values(), overdue).select_from(joined).where(_own(body))).one()
    counts = dict(zip(groups, found[:-1], strict=True))
    waiting = select(func.count()).select_from(schema.ticket).where(_waits(body))
    counts[HandlerGroup.WAITING] = connection.execute(waiting).scalar_one()
    return HandlerCounts(
        {group: count for group, count in counts.items() if count}, found[-1], answers_due(connection, body)
    )


def answers_due(connection: Connection, body: str) -> Answers:
    """Return what waits for a body's answer: directives, re-supervisions, questions of others."""
    receiver, directive = schema.directive_receiver, schema.directive
    mine = and_(receiver.c.body == body, directive.c.withdrawn_at.is_(None))
    to_feed_back = and_(
        receiver.c.signed_at.is_not(None),
        or_(receiver.c.fed_back_at.is_(None), receiver.c.accepted.is_(False)),
    )
    by_deadline = aggregate_order_by(directive.c.number, directive.c.deadline, directive.c.number)
    first = func.array_agg(by_deadline)
    unsigned = receiver.c.signed_at.is_(None)
    signed, fed_back = connection.execute(
        select(first.filter(unsigned), first.filter(to_feed_back))
        .select_from(receiver.join(directive, directive.c.number == receiver.c.directive))
        .where(mine, or_(unsigned, to_feed_back))
    ).one()
    file = schema.re_supervision.c
    explain = (
        select(file.number)
        .where(file.body == body, file.state == FileState.LAUNCHED.value)
        .order_by(file.deadline, file.number)
    )
    files = connection.execute(explain).scalars().all()
    matter = schema.matter.c
    asked = (
        select(matter.ticket)
        .where(matter.kind == MatterKind.HELP.value, matter.to_body == body, matter.ended_at.is_(None))
        .order_by(matter.opened_at, matter.ticket)
    )
    questions = tuple(dict.fromkeys(connection.execute(asked).scalars()))
    signed, fed_back = signed or [], fed_back or []
    return Answers(
        len(signed),
        signed[0] if signed else None,
        len(fed_back),
        fed_back[0] if fed_back else None,
        len(files),
        files[0] if files else None,
        questions,
    )


def _own(body: str) -> ColumnElement[bool]:
    return and_(_node.body == body, _node.ended_at.is_(None))


def _own_open() -> FromClause:
    """Running clocks with their tickets: of those that another body leads by now, there is nothing to do."""
    helps_or_leads = or_(
        and_(_node.part > 0, _ticket.lead.is_distinct_from(_node.body)),
        and_(_node.part == 0, _ticket.lead == _node.body),
    )
    joined = and_(_ticket.number == _node.ticket, _ticket.closed_at.is_(None), helps_or_leads)
    return schema.node_state.join(schema.ticket, joined)


def _next_due(body: str, group: HandlerGroup, text: str) -> Select[tuple[str, datetime | None]]:
    asked = [_own(body), *_says(text)]
    if group in NODES_OF:
        asked.append(_node.node.in_([node.value for node in NODES_OF[group]]))
    if group is HandlerGroup.ASSISTING:
        asked.append(_node.part > 0)
    return (
        select(_ticket.number, func.min(_node.due_at).label("due_at"))
        .select_from(_own_open())
        .where(*asked)
        .group_by(_ticket.number)
    )


def _waits(body: str) -> ColumnElement[bool]:
    """Whether a ticket that the body leads has nothing for it to do now."""
    own = select(_node.ticket).where(_own(body), _node.ticket == _ticket.number)
    return and_(_ticket.lead == body, _ticket.closed_at.is_(None), ~own.exists())


def _says(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    columns = (_ticket.number, _ticket.title, _ticket.address, _ticket.external_id)
    return [or_(*(column.icontains(text, autoescape=True) for column in columns))]


def _chases(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    """Return how often, and when last, somebody was told to hurry."""
    event = schema.event.c
    streams = literal([f"ticket/{number}" for number in numbers], ARRAY(Text))
    statement = (
        select(event.stream, func.count(), func.max(event.at))
        .where(event.stream == func.any(streams), event.kind == Chased.__name__)
        .group_by(event.stream)
    )
    return {
        stream.removeprefix("ticket/"): (count, last) for stream, count, last in connection.execute(statement)
    }


def _requests(connection: Connection, body: str, named: ColumnElement[Any]) -> dict[str, str]:
    """Return what the body has asked the office for and what waits there, by ticket."""
    matter = schema.matter.c
    statement = select(matter.ticket, matter.title).where(
        matter.kind == MatterKind.REQUEST.value,
        matter.ended_at.is_(None),
        matter.from_body == body,
        matter.ticket == func.any(named),
    )
    return {row.ticket: row.title for row in connection.execute(statement)}


def _clock(row: Row[*tuple[Any, ...]]) -> OpenClock:
    return OpenClock(
        Node(row.node),
        row.round,
        row.leg,
        row.part,
        row.body,
        row.started_at,
        row.due_at,
        row.yellow_at,
        row.paused,
    )


def _queue_row(
    row: Row[*tuple[Any, ...]],
    body: str,
    own: Sequence[OpenClock],
    chased: tuple[int, datetime] | None,
    said: str,
    names: Names,
    now: datetime,
) -> QueueRow:
    assisting = row.lead != body
    mine = [clock for clock in own if (clock.part > 0) == assisting]
    following = min(mine, key=_next_first, default=_others(row))
    category = names.category(row.category)
    return QueueRow(
        key=row.number,
        ticket=row.number,
        task=Task(following.node.value),
        title=row.title,
        urgency=Urgency(row.urgency),
        channel_name=names.channel(row.channel),
        category=row.category,
        category_name=category.name,
        area=row.area,
        area_name=names.area(row.area),
        township=row.township or "",
        lead=row.lead,
        lead_name=names.short_body(row.lead),
        body=body,
        body_name=names.short_body(body),
        node=following.node,
        status=following.status(now),
        round=row.round,
        received_at=row.received_at,
        due_at=following.due_at,
        version=row.version,
        part=following.part if mine else int(assisting),
        paused=row.paused,
        chased=chased[0] if chased else 0,
        chased_at=chased[1] if chased else None,
        said=said,
    )


def _others(row: Row[*tuple[Any, ...]]) -> OpenClock:
    """Return what a ticket waits for that has nothing for the body to do: the office's clock, mostly."""
    node = Node(row.node) if row.node else Node.CLOSE
    due, yellow = row.node_due_at, row.node_yellow_at
    return OpenClock(node, row.round, 1, 0, None, row.received_at, due, yellow, row.paused)


def _next_first(clock: OpenClock) -> tuple[bool, datetime, int]:
    due = clock.due_at
    return (due is None, due if due is not None else _NEVER, ORDER[clock.node])


_NEVER = datetime.max.replace(tzinfo=UTC)
