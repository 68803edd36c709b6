"""Running warnings counted by their causes, with the keys of those whose line is opened: one statement.

The lines are few, whatever runs: kinds, nodes, bodies and rules. What stands under a line may be as long as
the whole list, and is read page by page like it (`warning_list`).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, false, func, literal, select, true, union_all
from sqlalchemy.sql.elements import ColumnElement

from data_access.readers.names import read_names
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from data_access.readers.warning_list import (
    clock_warnings,
    sort_keys,
    warnings_by_key,
    wrong_warnings,
)
from data_access.rules import Rules
from domain.events import WarningKind, WarningLevel
from domain.listing import KEY_MARK, WarningCounts, WarningFilter, WarningOrder, WarningRow, WarningsBy
from domain.nodes import ORDER, Node
from domain.policy import NoPolicyError
from domain.warning_causes import CAUSE_MARK, Cause, CauseRow, CauseSought


def settled_causes(
    connection: Connection,
    rules: Rules,
    chosen: WarningFilter,
    now: datetime,
    order: WarningOrder,
    opened: Collection[str],
) -> tuple[Settled, WarningCounts, dict[str, CauseRow]]:
    """Return the lines' keys in order, each opened one followed by its warnings'; counts; the lines by key.

    The counts are of the filter's body and area, whatever its level and kind.
    """
    running = union_all(
        clock_warnings(WarningKind.LATE, chosen, now, order.by, noted=True),
        clock_warnings(WarningKind.SLOW, chosen, now, order.by, noted=True),
        wrong_warnings(chosen, now),
    ).cte("running")
    row = running.c
    parts = (row.kind, row.level, row.node, func.coalesce(row.body, ""), row.rule_id)
    mark = literal(CAUSE_MARK, Text)
    key: ColumnElement[str] = mark.concat(func.concat_ws(literal(KEY_MARK, Text), *parts))
    free = row.acknowledged_by.is_(None)
    named = free if chosen.unacknowledged else true()
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    found = connection.execute(
        select(
            row.kind,
            row.level,
            row.node,
            row.body,
            row.rule_id,
            func.max(row.rule).label("rule"),
            func.count().label("total"),
            func.count().filter(named).label("number"),
            func.count().filter(free).label("free"),
            func.count().filter(named, row.escalated_to.is_not(None)).label("escalated"),
            func.min(row.since).filter(named).label("since"),
            func.min(row.due_at).filter(named).label("due_at"),
            in_order(row.key, sort_keys(row, order))
            .filter(named, key.in_(list(opened)) if opened else false())
            .label("keys"),
        ).group_by(row.kind, row.level, row.node, row.body, row.rule_id)
    ).all()
    names = read_names(connection)
    sentences = _sentences(rules, now)
    lines: list[tuple[CauseRow, str | None]] = []
    for line in found:
        kind, level = WarningKind(line.kind), WarningLevel(line.level)
        if line.number == 0 or chosen.level not in (None, level) or chosen.kind not in (None, kind):
            continue
        cause = Cause(kind, level, Node(line.node), line.body, line.rule_id)
        lines.append(
            (
                CauseRow(
                    cause,
                    line.rule or sentences.get(kind, ""),
                    names.short_body(line.body),
                    line.number,
                    line.free,
                    line.escalated,
                    line.since,
                    line.due_at,
                    cause.key in opened,
                ),
                line.keys,
            )
        )
    ordered = _in_order(lines, order)
    settled = Settled(part for line, keys in ordered for part in (line.key, keys))
    return settled, _counts(found), {line.key: line for line, _ in ordered}


def warnings_of_cause(
    connection: Connection, rules: Rules, sought: CauseSought, now: datetime, most: int
) -> tuple[list[WarningRow], int]:
    """Return the unacknowledged warnings of a cause, `most` of them, the longest running first; how many
    there are in all."""
    cause = sought.row.cause
    narrowed = replace(
        sought.chosen,
        level=cause.level,
        kind=cause.kind,
        unacknowledged=True,
        body=cause.body or sought.chosen.body,
    )
    oldest = WarningOrder(WarningsBy.SINCE)
    settled, _, lines = settled_causes(connection, rules, narrowed, now, oldest, (cause.key,))
    row = settled.row_of(cause.key)
    if row is None:
        return [], 0
    total = lines[cause.key].count
    keys = settled.keys(row + 1, row + 1 + min(total, most))
    return [found for found in warnings_by_key(connection, rules, keys, now) if found is not None], total


def _counts(found: Sequence[Any]) -> WarningCounts:
    def total(attribute: str, value: str) -> int:
        return sum(line.total for line in found if getattr(line, attribute) == value)

    levels = [total("level", level.value) for level in WarningLevel]
    kinds = [total("kind", kind.value) for kind in WarningKind]
    return WarningCounts(*levels, *kinds)


def _sentences(rules: Rules, now: datetime) -> dict[WarningKind, str]:
    try:
        policy = rules.policies.in_force("standard", now)
    except NoPolicyError:
        return {}
    return {kind: policy.sentences[kind] for kind in WarningKind if kind in policy.sentences}


def _in_order(
    lines: list[tuple[CauseRow, str | None]], order: WarningOrder
) -> list[tuple[CauseRow, str | None]]:
    """Red ones first and, in a level, those with most warnings, unless another order is asked for."""

    def place(line: tuple[CauseRow, str | None]) -> tuple[Any, ...]:
        row = line[0]
        worst = (row.cause.level is not WarningLevel.RED, -row.count, ORDER[row.cause.node], row.key)
        match order.by:
            case WarningsBy.DUE:
                return (row.due_at, *worst)
            case WarningsBy.SINCE:
                return (row.since, *worst)
            case WarningsBy.BODY:
                return (row.body_name, *worst)
            case _:
                return worst

    return sorted(lines, key=place, reverse=order.descending)
