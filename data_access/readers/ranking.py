"""Who is on time: the tallies of a window from the node cache, ranked by `domain.ranking`."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from data_access import schema
from data_access.readers.states import fell_due, outcome_is
from domain.city import BodyKind
from domain.listing import UNSET, Outcome
from domain.nodes import Node
from domain.people import PLATFORM
from domain.ranking import RankingRow, Tally, rank
from domain.ranking_query import RankBy
from domain.trace import NodeEnd


def ranking(
    connection: Connection,
    by: RankBy,
    node: Node | None,
    due_from: datetime | None,
    due_to: datetime | None,
    now: datetime,
    *,
    platform: bool = False,
) -> tuple[RankingRow, ...]:
    """Return the ranking of nodes that fell due in [due_from, due_to) and by now, best first.

    On-time rate = nodes done on time ÷ nodes that fell due or were done, open overdue ones counted. A body is
    charged for its own time: a node that it handed over in time is not counted. Bodies are the responsible
    ones, each of them listed even when nothing fell due; the platform office only with `platform`.
    Tickets without a category or area are one row, of key UNSET and without a name.
    Revisits and bounce-backs of the window are credited to the ticket's handler. `move` compares with the
    window of the same length before, as seen now; without `due_from` there is none.
    """
    end = due_to or now
    begin = None if due_from is None else due_from - (end - due_from)
    tallies = _tallies(connection, by, node, (begin, due_from, due_to), now, platform=platform)
    found = _follow_ups(connection, by, due_from, due_to, now)
    current = [
        Tally(
            row["key"],
            row["name"],
            row["due"],
            row["on_time"],
            row["open_overdue"],
            *found.get(row["key"], (0, 0, 0)),
        )
        for row in tallies
        if row["due"] or row["listed"]
    ]
    if due_from is None:
        return rank(current)
    before = rank(
        Tally(row["key"], row["name"], row["due_before"], row["on_time_before"], 0) for row in tallies
    )
    return rank(current, {row.key: row.rank for row in before})


Window = tuple[datetime | None, datetime | None, datetime | None]
"""Start of the window before, start and end of the window."""


def _tallies(
    connection: Connection, by: RankBy, node: Node | None, window: Window, now: datetime, *, platform: bool
) -> list[dict[str, Any]]:
    before, begin, end = window
    state = schema.node_state
    due = state.c.due_at
    current = literal(True) if begin is None else due >= begin
    conditions = [fell_due(now)]
    if before is not None:
        conditions.append(due >= before)
    if end is not None:
        conditions.append(due < end)
    if node is not None:
        conditions.append(state.c.node == node.value)
    if by is RankBy.BODY:
        # By its key, too: a store without master data knows no kinds of bodies.
        conditions.append(state.c.body.is_not(None) if platform else state.c.body != PLATFORM)
    key = _key(by)
    on_time = outcome_is(Outcome.ON_TIME, now)
    counted = (
        select(
            key.label("key"),
            func.count().filter(current).label("due"),
            func.count().filter(and_(current, on_time)).label("on_time"),
            func.count().filter(and_(current, state.c.ended_at.is_(None))).label("open_overdue"),
            func.count().filter(~current).label("due_before"),
            func.count().filter(and_(~current, on_time)).label("on_time_before"),
        )
        .where(*conditions)
        .group_by(key)
        .subquery()
    )
    figures = [counted.c[name] for name in ("due", "on_time", "open_overdue", "due_before", "on_time_before")]
    if by is RankBy.BODY:
        body = schema.body
        kinds = [BodyKind.RESPONSIBLE.value, *([BodyKind.PLATFORM.value] if platform else [])]
        statement = (
            select(
                func.coalesce(body.c.key, counted.c.key).label("key"),
                func.coalesce(body.c.name, counted.c.key).label("name"),
                body.c.key.is_not(None).label("listed"),
                *(func.coalesce(figure, 0).label(figure.name) for figure in figures),
            )
            .select_from(counted.outerjoin(body, body.c.key == counted.c.key, full=True))
            .where(or_(body.c.key.is_(None), body.c.kind.in_(kinds)))
        )
    else:
        names = schema.category if by is RankBy.CATEGORY else schema.area
        name = case((counted.c.key == UNSET, ""), else_=func.coalesce(names.c.name, counted.c.key))
        statement = select(
            counted.c.key, name.label("name"), literal(False).label("listed"), *figures
        ).select_from(counted.outerjoin(names, names.c.code == counted.c.key))
    return [dict(row) for row in connection.execute(statement).mappings()]


def _follow_ups(
    connection: Connection, by: RankBy, begin: datetime | None, end: datetime | None, now: datetime
) -> dict[str, tuple[int, int, int]]:
    """Return for each key: revisits that were satisfied, all revisits, and bounce-backs."""
    state = schema.node_state
    key: ColumnElement[str] = state.c.handler if by is RankBy.BODY else _key(by)
    revisit = state.c.node == Node.REVISIT.value
    conditions = [
        state.c.node.in_([Node.REVISIT.value, Node.POST_CHECK.value]),
        state.c.ended == NodeEnd.DONE.value,
        state.c.ended_at <= now,
    ]
    if begin is not None:
        conditions.append(state.c.ended_at >= begin)
    if end is not None:
        conditions.append(state.c.ended_at < end)
    statement = (
        select(
            key,
            func.count().filter(and_(revisit, state.c.passed)),
            func.count().filter(revisit),
            func.count().filter(~state.c.passed),
        )
        .where(*conditions)
        .group_by(key)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(statement) if row[0] is not None}


def _key(by: RankBy) -> ColumnElement[str]:
    state = schema.node_state.c
    match by:
        case RankBy.BODY:
            return state.body
        case RankBy.CATEGORY:
            return func.coalesce(state.category, literal(UNSET))
        case RankBy.AREA:
            return func.coalesce(state.area, literal(UNSET))
