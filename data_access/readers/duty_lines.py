"""The lines of the duty officer's queue: what each ticket waits for, worded from its clocks and its case."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, and_, func, literal, or_, select

from data_access import schema
from domain.case import MatterKind
from domain.case_events import ResponsibleAs
from domain.desk_queue import OpenClock, QueueRow, Task, lane_of_row, owed_task, own_task, ticket_of_row
from domain.nodes import Node, NodeStatus
from domain.suggesting import is_ongoing
from domain.urgency import Urgency

_ticket, _node, _matter = schema.ticket.c, schema.node_state.c, schema.matter.c


def queue_rows(connection: Connection, keys: Sequence[str], now: datetime) -> list[QueueRow | None]:
    """Return lines by their keys, in their order; None for those that wait no more."""
    numbers = list(dict.fromkeys(map(ticket_of_row, keys)))
    if not numbers:
        return []
    tickets = _tickets(connection, numbers)
    clocks = _clocks(connection, numbers)
    matters = _matters(connection, numbers)
    chases = _chases(connection, numbers)
    return [
        _row(key, tickets.get(number), clocks[number], matters[number], chases.get(number, (0, None)), now)
        for key, number in zip(keys, map(ticket_of_row, keys), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class TicketText:
    """What a suggestion is made from."""

    number: str
    title: str
    text: str
    category: str | None
    area: str | None


def ticket_texts(connection: Connection, numbers: Sequence[str]) -> Mapping[str, TicketText]:
    """Return the texts of tickets, by number."""
    statement = select(_ticket.number, _ticket.title, _ticket.text, _ticket.category, _ticket.area).where(
        _among(_ticket.number, numbers)
    )
    return {row.number: TicketText(*row) for row in connection.execute(statement)}


def open_requests() -> ColumnElement[bool]:
    """Return whether a row of `matter` is a request that the office has not answered."""
    return and_(_matter.kind == MatterKind.REQUEST.value, _matter.ended_at.is_(None))


def without_follower() -> ColumnElement[bool]:
    """Return whether a row of `matter` is a bad review that nobody follows (Y19)."""
    # A bad review waits for a named person; one that has a follower is not the office's to touch.
    return and_(
        _matter.kind == MatterKind.RESPONSIBILITY.value,
        _matter.sort == ResponsibleAs.FOLLOWER.value,
        _matter.person.is_(None),
        _matter.ended_at.is_(None),
    )


def _among(column: ColumnElement[str], numbers: Sequence[str]) -> ColumnElement[bool]:
    return column == func.any(literal(list(numbers), ARRAY(Text)))


def _tickets(connection: Connection, numbers: Sequence[str]) -> dict[str, Any]:
    body, area, category, channel = schema.body, schema.area, schema.category, schema.channel
    statement = (
        select(
            _ticket.number,
            _ticket.title,
            _ticket.text,
            _ticket.urgency,
            _ticket.category,
            _ticket.area,
            _ticket.township,
            _ticket.lead,
            _ticket.round,
            _ticket.received_at,
            _ticket.paused,
            _ticket.version,
            func.coalesce(channel.c.name, _ticket.channel).label("channel_name"),
            func.coalesce(category.c.name, _ticket.category, "").label("category_name"),
            func.coalesce(category.c.fast_lane, False).label("fast_lane"),
            func.coalesce(area.c.name, _ticket.area, "").label("area_name"),
            func.coalesce(body.c.short_name, _ticket.lead, "").label("lead_name"),
        )
        .select_from(
            schema.ticket.outerjoin(body, body.c.key == _ticket.lead)
            .outerjoin(channel, channel.c.key == _ticket.channel)
            .outerjoin(area, area.c.code == _ticket.area)
            .outerjoin(category, category.c.code == _ticket.category)
        )
        .where(_among(_ticket.number, numbers))
    )
    return {row.number: row for row in connection.execute(statement)}


def _clocks(connection: Connection, numbers: Sequence[str]) -> Mapping[str, list[tuple[OpenClock, str]]]:
    """Return the open clocks of tickets, each with the short name of the body that it is charged to."""
    body = schema.body
    statement = (
        select(schema.node_state, func.coalesce(body.c.short_name, _node.body, "").label("body_name"))
        .select_from(schema.node_state.outerjoin(body, body.c.key == _node.body))
        .where(_among(_node.ticket, numbers), _node.ended_at.is_(None))
    )
    found: defaultdict[str, list[tuple[OpenClock, str]]] = defaultdict(list)
    for row in connection.execute(statement):
        clock = OpenClock(
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
        found[row.ticket].append((clock, row.body_name))
    return found


def _matters(connection: Connection, numbers: Sequence[str]) -> Mapping[str, list[Any]]:
    body = schema.body
    statement = (
        select(schema.matter, func.coalesce(body.c.short_name, _matter.from_body, "").label("body_name"))
        .select_from(schema.matter.outerjoin(body, body.c.key == _matter.from_body))
        .where(_among(_matter.ticket, numbers), or_(open_requests(), without_follower()))
        .order_by(_matter.opened_at)
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.ticket].append(row)
    return found


def _chases(connection: Connection, numbers: Sequence[str]) -> Mapping[str, tuple[int, datetime | None]]:
    """Return how often tickets were chased since they were last handed to somebody, and when last."""
    event = schema.event.c
    streams = [f"ticket/{number}" for number in numbers]
    told = (
        select(event.stream, event.kind, event.at)
        .where(_among(event.stream, streams), event.kind.in_(("Chased", "Dispatched")))
        .order_by(event.at, event.seq)
    )
    found: dict[str, tuple[int, datetime | None]] = {}
    for row in connection.execute(told):
        number = row.stream.partition("/")[2]
        count = found.get(number, (0, None))[0]
        found[number] = (count + 1, row.at) if row.kind == "Chased" else (0, None)
    return found


def _row(
    key: str,
    ticket: Any,
    clocks: Iterable[tuple[OpenClock, str]],
    matters: Sequence[Any],
    chases: tuple[int, datetime | None],
    now: datetime,
) -> QueueRow | None:
    if ticket is None:
        return None
    names = {id(clock): name for clock, name in clocks}
    running = [clock for clock, _ in clocks]
    task: Task
    clock: OpenClock | None = None
    body, body_name, due, said = ticket.lead, ticket.lead_name, None, ""
    match lane_of_row(key):
        case "own":
            clock = own_task(running)
            if clock is None:
                return None
            task = Task(clock.node.value)
        case "owed":
            owed = owed_task(running, now)
            if owed is None:
                return None
            task, clock = owed
        case "paused":
            if not ticket.paused:
                return None
            task = Task.PAUSED
        case lane:
            kind = MatterKind.REQUEST if lane == "grant" else MatterKind.RESPONSIBILITY
            matter = next((m for m in matters if m.kind == kind.value), None)
            if matter is None:
                return None
            task = Task.GRANT if lane == "grant" else Task.FOLLOW
            body, body_name, said = matter.from_body, matter.body_name, matter.title
            due = min((c.due_at for c in running if c.due_at is not None), default=None)
    if clock is not None:
        body, body_name, due = clock.body, names[id(clock)], clock.due_at
    return QueueRow(
        key=key,
        ticket=ticket.number,
        task=task,
        title=ticket.title,
        urgency=Urgency(ticket.urgency),
        channel_name=ticket.channel_name,
        category=ticket.category,
        category_name=ticket.category_name,
        area=ticket.area,
        area_name=ticket.area_name,
        township=ticket.township or "",
        lead=ticket.lead,
        lead_name=ticket.lead_name,
        body=body,
        body_name=body_name,
        node=clock.node if clock is not None else None,
        status=NodeStatus.PAUSED
        if task is Task.PAUSED
        else clock.status(now)
        if clock
        else _status(due, now),
        round=ticket.round,
        received_at=ticket.received_at,
        due_at=due,
        version=ticket.version,
        part=clock.part if clock is not None else 0,
        paused=ticket.paused,
        fast_lane=ticket.fast_lane,
        ongoing=is_ongoing(ticket.title, ticket.text),
        chased=chases[0],
        chased_at=chases[1],
        said=said,
    )


def _status(due: datetime | None, now: datetime) -> NodeStatus:
    return NodeStatus.OVERDUE if due is not None and due < now else NodeStatus.RUNNING
