"""Sums by month of what came of violations (Q19): of clocks that ended, of fines, of transfers."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Connection, Date, cast, func, literal, select

from data_access import schema
from domain.case import MatterKind
from domain.month_sums import MonthSums, months_before
from domain.node_clock import NodeEnd
from domain.nodes import Node

_node, _matter, _event = schema.node_state.c, schema.matter.c, schema.event.c


def month_sums(
    connection: Connection, now: datetime, zone: ZoneInfo, body: str | None = None
) -> tuple[MonthSums, ...]:
    """Return the last months, the latest first; of a body's own cases, or of all."""
    months = months_before(now.astimezone(zone).date())
    since = datetime.combine(months[-1], time(), zone)
    own = () if body is None else (_node.body == body,)
    month = _month(_node.ended_at, zone)
    done = (_node.ended == NodeEnd.DONE.value, _node.ended_at >= since, _node.ended_at <= now, *own)
    case_nodes = _node.node.in_([Node.FILE.value, Node.PENALISE.value])
    counted = {
        (row.month, row.node): int(row.cases)
        for row in connection.execute(
            select(month.label("month"), _node.node, func.count().label("cases"))
            .where(case_nodes, *done)
            .group_by(month, _node.node)
        )
    }
    fine = cast(func.coalesce(_event.data["amount"].astext, "0"), BigInteger)
    fines = {
        row.month: int(row.amount or 0)
        for row in connection.execute(
            select(month.label("month"), func.sum(fine).label("amount"))
            .select_from(
                schema.node_state.join(
                    schema.event,
                    (_event.stream == literal("ticket/") + _node.ticket)
                    & (_event.kind == "Penalised")
                    & (_event.at == _node.ended_at),
                )
            )
            .where(_node.node == Node.PENALISE.value, *done)
            .group_by(month)
        )
    }
    sent = _transfers(connection, _matter.opened_at, since, now, zone, body)
    receipted = _transfers(connection, _matter.ended_at, since, now, zone, body)
    return tuple(
        MonthSums(
            first,
            counted.get((first, Node.FILE.value), 0),
            counted.get((first, Node.PENALISE.value), 0),
            fines.get(first, 0),
            sent.get(first, 0),
            receipted.get(first, 0),
        )
        for first in months
    )


def _transfers(
    connection: Connection,
    when: ColumnElement[datetime],
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
    body: str | None,
) -> dict[object, int]:
    own = () if body is None else (_matter.from_body == body,)
    month = _month(when, zone)
    rows = connection.execute(
        select(month.label("month"), func.count().label("cases"))
        .where(_matter.kind == MatterKind.TRANSFER.value, when >= since, when <= now, *own)
        .group_by(month)
    )
    return {row.month: int(row.cases) for row in rows}


def _month(when: ColumnElement[datetime], zone: ZoneInfo) -> ColumnElement[object]:
    """The first day of a moment's month in the city."""
    return cast(func.date_trunc("month", func.timezone(zone.key, when)), Date)
