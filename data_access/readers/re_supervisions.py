"""Re-supervision files: rows for the list, and one in detail with the facts frozen at launch."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    select,
)

from data_access import log, schema
from data_access.readers.names import Names, read_names
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from domain.codec import decode
from domain.details import ReSupervisionDetail
from domain.events import Behaviour, Event, WarningKind
from domain.frozen_facts import comparable_of
from domain.nodes import Node
from domain.overview import ReSupervisionRow
from domain.people import Actor, Role
from domain.re_supervision import ENDED, FileCounts, FileGroup, FileState, fold_re_supervision

OPEN = (FileState.DRAFTED, FileState.LAUNCHED, FileState.EXPLAINED, FileState.FOUND)


def re_supervision_rows(
    connection: Connection, limit: int | None = None, *, open_only: bool = False, body: str | None = None
) -> tuple[ReSupervisionRow, ...]:
    """Return the files, newest first. With `body` those that concern it: launched ones only, never drafts."""
    file = schema.re_supervision
    statement = _rows().order_by(file.c.drafted_at.desc(), file.c.number.desc()).limit(limit)
    if open_only:
        statement = statement.where(file.c.state.in_([state.value for state in OPEN]))
    if body is not None:
        statement = statement.where(file.c.body == body, file.c.launched_at.is_not(None))
    names = read_names(connection)
    return tuple(re_supervision_row(row, names) for row in connection.execute(statement).mappings())


def settled_files(connection: Connection, group: FileGroup | None) -> tuple[Settled, FileCounts]:
    """Return the numbers of all files of a group in order, and how many each group has.

    The newest come first; of those that run, first those whose body still has to explain, by their deadline:
    so the longest overdue lead.
    """
    file, number = schema.re_supervision.c, func.count()
    drafted, ended = file.state == FileState.DRAFTED.value, file.state.in_([state.value for state in ENDED])
    groups = {
        FileGroup.DRAFTED: drafted,
        FileGroup.RUNNING: and_(~drafted, ~ended),
        FileGroup.ENDED: ended,
    }
    newest = [file.drafted_at.desc(), file.number.desc()]
    # Once explained, a file's deadline is of the past: nobody is late by it any more.
    awaited = case((file.state == FileState.LAUNCHED.value, file.deadline))
    first = [awaited.asc().nulls_last()] if group is FileGroup.RUNNING else []
    keys = in_order(file.number, [*first, *newest])
    if group is not None:
        keys = keys.filter(groups[group])
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    counts = (number.filter(groups[name]) for name in FileGroup)
    joined, *found = connection.execute(select(keys, *counts)).one()
    return Settled([joined]), FileCounts(*found)


def files_by_number(connection: Connection, numbers: Sequence[str]) -> list[ReSupervisionRow | None]:
    """Return files in the order of their numbers; None for those that are not there."""
    if not numbers:
        return []
    named = literal(list(numbers), ARRAY(Text))
    rows = connection.execute(_rows().where(schema.re_supervision.c.number == func.any(named))).mappings()
    names = read_names(connection)
    found = {row["number"]: re_supervision_row(row, names) for row in rows}
    return [found.get(number) for number in numbers]


def re_supervision_detail(connection: Connection, number: str) -> ReSupervisionDetail | None:
    """Return a file in full, None when there is none of this number."""
    cached = schema.re_supervision.c
    found = connection.execute(_files().where(cached.number == number)).mappings().one_or_none()
    if found is None:
        return None
    names, frozen = read_names(connection), frozen_events(found["facts"])
    # As the screen's moment has it, the cache says which of the stream's events there are yet.
    records = log.read_stream(connection, f"re_supervision/{number}")[: found["version"]]
    # A row that no event stands behind is named by `verify`; here it has no exchanges.
    events = [record.event for record in log.in_time_order(records)]
    exchanges = fold_re_supervision(number, events).exchanges if events else ()
    return ReSupervisionDetail(
        row=re_supervision_row(found, names),
        question=found["question"] or "",
        head=found["facts_head"] or "",
        explanation=found["explanation"] or "",
        behaviour=Behaviour(found["behaviour"]) if found["behaviour"] else None,
        finding=found["finding"] or "",
        recommendation=found["recommendation"] or "",
        events=frozen,
        names=names.short_bodies,
        channels=names.channels,
        exchanges=exchanges,
        comparable=comparable_of(found["facts"]),
    )


def frozen_events(facts: str | None) -> tuple[Event, ...]:
    """Return the ticket's events that `domain.re_supervision_orders` froze into a file; none for a draft.

    A file that is not of that form keeps its text in the store and shows no events.
    """
    if not facts:
        return ()
    try:
        return tuple(
            Event(
                datetime.fromisoformat(row["at"]),
                Actor(Role(row["role"]), row["person"], row["body"]),
                decode(row["kind"], row["data"]),
            )
            for row in json.loads(facts)["events"]
        )
    except (KeyError, TypeError, ValueError):
        return ()


def file_rows(
    connection: Connection, where: Sequence[ColumnElement[bool]], names: Names, limit: int
) -> list[tuple[ReSupervisionRow, Mapping[Any, Any]]]:
    """Return files that meet conditions, the newest first, each with what was found and recommended."""
    file = schema.re_supervision.c
    shown = _with_title(*_SHOWN, file.behaviour, file.finding, file.recommendation)
    statement = shown.where(*where).order_by(file.drafted_at.desc(), file.number.desc()).limit(limit)
    return [(re_supervision_row(row, names), row) for row in connection.execute(statement).mappings()]


def re_supervision_row(found: Mapping[Any, Any], names: Names) -> ReSupervisionRow:
    """Return a row for the screen from a cached file with its ticket's `title`."""
    return ReSupervisionRow(
        number=found["number"],
        ticket=found["ticket"],
        title=found["title"] or "",
        body=found["body"],
        body_name=names.short_body(found["body"]),
        node=Node(found["node"]) if found["node"] else None,
        round=found["round"],
        cause=found["cause"],
        state=found["state"],
        drafted_at=found["drafted_at"],
        launched_at=found["launched_at"],
        deadline=found["deadline"],
        officer=found["officer"],
    )


_SHOWN = tuple(
    schema.re_supervision.c[name]
    for name in (
        "number",
        "ticket",
        "body",
        "node",
        "round",
        "cause",
        "state",
        "drafted_at",
        "launched_at",
        "deadline",
        "officer",
    )
)
"""What a row shows: the frozen facts of each file are long and stay in the store."""


def _rows() -> Select[*tuple[Any, ...]]:
    return _with_title(*_SHOWN)


def _files() -> Select[*tuple[Any, ...]]:
    return _with_title(*schema.re_supervision.c)


def _with_title(*columns: Any) -> Select[*tuple[Any, ...]]:
    file, ticket = schema.re_supervision, schema.ticket
    joined = file.outerjoin(ticket, ticket.c.number == file.c.ticket)
    shown = (_body() if column is file.c.body else column for column in columns)
    return select(*shown, ticket.c.title).select_from(joined)


def _body() -> ColumnElement[str | None]:
    """The body that a file is about; of a draft without one that of `domain.re_supervision.charged_now`."""
    file, node, warning = schema.re_supervision, schema.node_state, schema.warning
    clock = (warning.c.ticket, warning.c.node, warning.c.round, warning.c.leg, warning.c.part)
    charged = (node.c.ticket, node.c.node, node.c.round, node.c.leg, node.c.part)
    late = and_(
        warning.c.kind == WarningKind.LATE.value,
        *(of_warning == of_node for of_warning, of_node in zip(clock, charged, strict=True)),
    )
    now = (
        select(node.c.body)
        .where(
            node.c.ticket == file.c.ticket,
            node.c.node == file.c.node,
            node.c.round == file.c.round,
            node.c.part == 0,
            exists().where(late),
        )
        .order_by(node.c.leg.desc())
        .limit(1)
        .correlate(file)
        .scalar_subquery()
    )
    waits = and_(file.c.body.is_(None), file.c.state == FileState.DRAFTED.value)
    return case((waits, now), else_=file.c.body).label(file.c.body.name)
