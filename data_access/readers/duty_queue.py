"""The duty officer's queue: which tickets wait for the office, which bodies are to be chased, in one order.

What waits is read from the caches of what is open (`node_state`, `matter`), so that a queue of any length
costs one look at their indexes; the lines in sight are then worded from their tickets. A line's task is
decided by `domain.desk_queue`; a test holds the SQL of the order against it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from data_access import schema
from data_access.readers.duty_lines import open_requests, without_follower
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from domain.desk_queue import (
    BODY_NODES,
    FAST,
    OFFICE_NODES,
    TASKS_OF,
    DutyLane,
    Task,
)
from domain.nodes import Node
from domain.suggesting import ONGOING_WORDS
from domain.urgency import Urgency

_ticket, _node, _matter = schema.ticket.c, schema.node_state.c, schema.matter.c
_INTAKE = (Node.ACCEPT.value, Node.DISPATCH.value)
_FOLLOW_UP = tuple(node.value for node in OFFICE_NODES if node.value not in _INTAKE)
_TO_DO = tuple(t for tasks in TASKS_OF.values() for t in tasks if t is not Task.PAUSED)
ACROSS = (DutyLane.ALL, DutyLane.OVERDUE)
"""Lanes with lines of every task."""
_OWN, _UNSIGNED, _CHASED = range(3)
"""Where a task stands among all: what the office does itself, what nobody has in hand, what a body owes."""
_URGENT = (Urgency.CRITICAL.value, Urgency.FIRST.value)


def settled_queue(
    connection: Connection, lane: DutyLane, now: datetime, known: Mapping[DutyLane, int] | None = None
) -> tuple[Settled, Mapping[DutyLane, int]]:
    """Return the keys of a lane's lines in order, and how many lines each lane has.

    What is urgent or happening now comes in first (Y02), then what is overdue, the longest first, then what
    is due next; what has no due time stands last. In ALL what can only be chased comes after what the office
    does itself: a body may be late for weeks, and must not hide what has just come in. OVERDUE has every late
    line, whoever is late. With `known` counts only the asked lane is looked at and counted anew.
    """
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    alone = known is not None and lane not in ACROSS
    branches = [_BRANCHES[lane]] if alone else dict.fromkeys(_BRANCHES.values())
    waiting = union_all(*(branch(now) for branch in branches)).cte("waiting")
    row = waiting.c
    number = func.count()
    looked_at = [lane] if alone else list(DutyLane)
    counted = [number.filter(_stands_in(of, row, now)).label(of.value) for of in looked_at]
    order = [row.place, row.calm, row.due_at, row.key]
    found = connection.execute(
        select(in_order(row.key, order).filter(_stands_in(lane, row, now)), *counted).select_from(waiting)
    ).one()
    counts = {**(known or {}), **dict(zip(looked_at, map(int, found[1:]), strict=True))}
    if alone and known is not None and lane is not DutyLane.PAUSED:
        counts[DutyLane.ALL] += counts[lane] - known[lane]
    return Settled([found[0]]), counts


def _stands_in(lane: DutyLane, row: Any, now: datetime) -> ColumnElement[bool]:
    if lane in ACROSS:
        to_do: ColumnElement[bool] = row.task.in_(_values(_TO_DO))
        return and_(to_do, row.due_at < now) if lane is DutyLane.OVERDUE else to_do
    found: ColumnElement[bool] = row.task.in_(_values(TASKS_OF[lane]))
    return found


def _values(tasks: Sequence[Task]) -> list[str]:
    return [task.value for task in tasks]


# --- the order ---------------------------------------------------------------------------------------------


def _key(number: ColumnElement[str], lane: str) -> ColumnElement[str]:
    return func.concat(number, literal_column("E'\\x1e'", Text), literal(lane, Text))


def _place(task: ColumnElement[str]) -> ColumnElement[int]:
    """Return where a task of a body stands."""
    return case((task == Task.UNSIGNED.value, _UNSIGNED), else_=_CHASED)


def _intake(_now: datetime) -> Select[*tuple[Any, ...]]:
    """Few rows, with a look at the texts. Accept and dispatch run at once: a line waits for the first."""
    turn = case((_node.node == Node.ACCEPT.value, 0), else_=1)
    first = func.min(turn)
    task = case((first == 0, Node.ACCEPT.value), else_=Node.DISPATCH.value)
    due = case((first == 0, func.min(_node.due_at).filter(turn == 0)), else_=func.min(_node.due_at))
    says_now = or_(*(_ticket.text.contains(w) | _ticket.title.contains(w) for w in ONGOING_WORDS))
    return (
        select(
            _key(_node.ticket, "own").label("key"),
            task.label("task"),
            literal(_OWN).label("place"),
            func.min(case((or_(_ticket.urgency.in_(_URGENT), says_now), 0), else_=1)).label("calm"),
            due.label("due_at"),
        )
        .select_from(schema.node_state.join(schema.ticket, _ticket.number == _node.ticket))
        .where(_waits(_INTAKE))
        .group_by(_node.ticket)
    )


def _follow_up(_now: datetime) -> Select[*tuple[Any, ...]]:
    turn = case({node: number for number, node in enumerate(_FOLLOW_UP)}, value=_node.node)
    first = func.min(turn)
    task = case(dict(enumerate(_FOLLOW_UP)), value=first)
    due = case(*((first == n, func.min(_node.due_at).filter(turn == n)) for n in range(len(_FOLLOW_UP))))
    taking_in = schema.node_state.alias("taking_in").c
    intake = select(taking_in.ticket).where(
        taking_in.ended_at.is_(None), taking_in.node.in_(_INTAKE), ~taking_in.paused
    )
    return (
        select(
            _key(_node.ticket, "own").label("key"),
            task.label("task"),
            literal(_OWN).label("place"),
            literal(1).label("calm"),
            due.label("due_at"),
        )
        .where(_waits(_FOLLOW_UP), _node.ticket.not_in(intake))
        .group_by(_node.ticket)
    )


def _waits(nodes: Sequence[str]) -> ColumnElement[bool]:
    return and_(_node.ended_at.is_(None), _node.node.in_(nodes), ~_node.paused)


def _owed(now: datetime) -> Select[*tuple[Any, ...]]:
    late, near = _node.due_at < now, or_(_node.due_at < now, _node.yellow_at <= now)
    unsigned = and_(_node.node == Node.SIGN.value, or_(near, _node.due_at - _node.started_at <= FAST))
    chased = case((unsigned, 0), (and_(late, _node.node != Node.SIGN.value), 1), else_=2)
    wanted = and_(
        _node.ended_at.is_(None),
        _node.due_at.is_not(None),
        _node.body.is_not(None),
        ~_node.paused,
        _node.node.in_([node.value for node in BODY_NODES]),
        or_(unsigned, and_(near, _node.node != Node.SIGN.value)),
    )
    # One line a ticket: the worst of its clocks, and of these the earliest.
    worst = func.min(chased)
    by_rank = {0: Task.UNSIGNED.value, 1: Task.OVERDUE.value, 2: Task.NEAR.value}
    task = case(by_rank, value=worst)
    due = case(
        (worst == 0, func.min(_node.due_at).filter(chased == 0)),
        (worst == 1, func.min(_node.due_at).filter(chased == 1)),
        else_=func.min(_node.due_at),
    )
    return (
        select(
            _key(_node.ticket, "owed").label("key"),
            task.label("task"),
            _place(task).label("place"),
            literal(1).label("calm"),
            due.label("due_at"),
        )
        .where(wanted)
        .group_by(_node.ticket)
    )


def _requests(_now: datetime) -> Select[*tuple[Any, ...]]:
    return _from_matters("grant", Task.GRANT, open_requests())


def _followers(_now: datetime) -> Select[*tuple[Any, ...]]:
    return _from_matters("follow", Task.FOLLOW, without_follower())


def _paused(_now: datetime) -> Select[*tuple[Any, ...]]:
    return select(
        _key(_ticket.number, "paused").label("key"),
        literal(Task.PAUSED.value).label("task"),
        literal(_OWN).label("place"),
        literal(1).label("calm"),
        _ticket.received_at.label("due_at"),
    ).where(_ticket.paused, _ticket.closed_at.is_(None))


def _from_matters(lane: str, task: Task, wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # What the line shows as due: the first of all the ticket's clocks.
    due = (
        select(func.min(_node.due_at))
        .where(_node.ticket == _matter.ticket, _node.ended_at.is_(None))
        .correlate(schema.matter)
        .scalar_subquery()
    )
    return (
        select(
            _key(_matter.ticket, lane).label("key"),
            literal(task.value).label("task"),
            literal(_OWN).label("place"),
            literal(1).label("calm"),
            due.label("due_at"),
        )
        .where(wanted)
        .group_by(_matter.ticket)
    )


_Branch = Callable[[datetime], Select[*tuple[Any, ...]]]
_BRANCHES: Mapping[DutyLane, _Branch] = {
    DutyLane.INTAKE: _intake,
    DutyLane.FOLLOW_UP: _follow_up,
    DutyLane.UNSIGNED: _owed,
    DutyLane.GRANT: _requests,
    DutyLane.FOLLOW: _followers,
    DutyLane.NEAR: _owed,
    DutyLane.OVERDUE: _owed,
    DutyLane.PAUSED: _paused,
}
"""Where the lines of each lane come from; a body's worst clock decides which of three it is in."""
