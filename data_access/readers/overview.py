"""The overview in one go: a handful of statements, each over what is open or over one window."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from data_access import schema
from data_access.calendars import holiday_name
from data_access.readers.directives import directive_rows, late_here, owed
from data_access.readers.feeds import feed_health
from data_access.readers.kpis import Standing, kpis, rate_kpis
from data_access.readers.ledger import read_ledger
from data_access.readers.names import Names, read_names
from data_access.readers.ranking import ranking
from data_access.readers.states import current_status, ticket_state
from data_access.readers.warnings import running_warnings
from data_access.rules import Rules
from domain.calendar import DayKind
from domain.ledger import Colour
from domain.listing import RunningWarnings, TicketFilter
from domain.nodes import Node, NodeStatus, TicketState
from domain.overview import AreaCount, MapPoint, Overview, PipelineNode
from domain.ranking_query import RankBy
from domain.urgency import Urgency

LEDGER_ROWS = 12
DIRECTIVES = 10
WARNINGS = 50
RANKING_DAYS = 30


@dataclass(slots=True)
class _Open:
    """Counts over the open tickets."""

    tickets: int = 0
    by_urgency: Counter[str] = field(default_factory=Counter)
    by_area: Counter[str] = field(default_factory=Counter)
    overdue_by_area: Counter[str] = field(default_factory=Counter)
    by_node: Counter[str] = field(default_factory=Counter)
    by_node_status: Counter[tuple[str, str]] = field(default_factory=Counter)


def overview(
    connection: Connection,
    rules: Rules,
    now: datetime,
    ranking_days: int = RANKING_DAYS,
    ranking_node: Node | None = None,
) -> Overview:
    """Return everything that the overview draws, as of now.

    The ranking is of responsible bodies over the last `ranking_days` days, for all nodes together unless one
    is named. Warnings are cut off at the 50 worst, ledger rows at the 12 reddest not closed out, directives
    at the 10 that need eyes most; their counts are of all.
    """
    names = read_names(connection)
    opened = _open(connection, now)
    warnings = warnings_part(connection, rules, now)
    standing = Standing(
        opened.tickets,
        opened.by_urgency[Urgency.CRITICAL.value],
        opened.by_urgency[Urgency.FIRST.value],
        warnings.late,
        warnings.yellow,
    )
    return Overview(
        as_of=now,
        **city_part(connection, rules, now),
        feeds=feed_health(connection, now),
        kpis=kpis(rate_kpis(connection, rules, now), standing),
        **ranking_part(connection, now, ranking_days, ranking_node),
        points=_points(connection, now),
        areas=_areas(opened, names),
        open_tickets=opened.tickets,
        pipeline=tuple(_stop(node, opened) for node in Node),
        warnings=warnings.rows,
        warnings_red=warnings.red,
        warnings_yellow=warnings.yellow,
        **ledger_part(connection, rules, now, names),
        **directives_part(connection, now, names),
    )


# Each part is a number of fields of `Overview`: a wall that is up reads again only what may have changed.


def city_part(connection: Connection, rules: Rules, now: datetime) -> dict[str, Any]:
    """Return whose city this is and what kind of day."""
    city = connection.execute(select(schema.city)).one_or_none()
    name, kind = _day(rules, now)
    return {
        "city": city.name if city else "",
        "sample": city is not None and city.sample,
        "day_name": name,
        "day_kind": kind,
    }


def header_part(connection: Connection, rules: Rules, now: datetime) -> dict[str, Any]:
    """Return what stands over every page: the city, the day, how the sources' links are, and who is late."""
    return {
        **city_part(connection, rules, now),
        "feeds": feed_health(connection, now),
        "directives_late": late_here(connection, now),
    }


def ranking_part(
    connection: Connection, now: datetime, days: int = RANKING_DAYS, node: Node | None = None
) -> dict[str, Any]:
    """Return the bodies' ranking, those without a rank apart."""
    ranked = ranking(connection, RankBy.BODY, node, now - timedelta(days=days), now, now)
    return {
        "ranking": tuple(row for row in ranked if row.rank is not None),
        "unranked": tuple(row for row in ranked if row.rank is None),
        "ranking_days": days,
        "ranking_node": node,
    }


def warnings_part(connection: Connection, rules: Rules, now: datetime) -> RunningWarnings:
    """Return the worst warnings, and how many there are."""
    return running_warnings(connection, rules, now, WARNINGS, reserve=True)


def ledger_part(connection: Connection, rules: Rules, now: datetime, names: Names) -> dict[str, Any]:
    """Return the ledger's counts and its reddest items."""
    ledger = read_ledger(connection, rules, now, names)
    return {
        "ledger_counts": ledger.counts,
        "ledger_rows": tuple(row for row in ledger.rows if row.colour is not Colour.GREEN)[:LEDGER_ROWS],
        "ledger_scheme": ledger.scheme,
    }


def directives_part(connection: Connection, now: datetime, names: Names) -> dict[str, Any]:
    """Return the directives that need eyes, and which receipts are missing."""
    due = owed(connection, now)
    return {
        "directives": directive_rows(connection, now, DIRECTIVES, names),
        "directives_to_sign": due.to_sign,
        "directives_to_feed_back": due.to_feed_back,
        "directives_late": late_here(connection, now) if due.late else 0,
    }


def _open(connection: Connection, now: datetime) -> _Open:
    """One pass over the open tickets serves pipeline, counties and the count of what is open."""
    ticket = schema.ticket.c
    keys = (
        ticket.node,
        current_status(now).label("node_status"),
        ticket.area,
        ticket.urgency,
        ticket_state(now).label("state"),
    )
    found = _Open()
    statement = select(*keys, func.count().label("tickets")).where(ticket.closed_at.is_(None)).group_by(*keys)
    for row in connection.execute(statement):
        count: int = row.tickets
        found.tickets += count
        found.by_urgency[row.urgency] += count
        if row.area is not None:
            found.by_area[row.area] += count
            if row.state == TicketState.OVERDUE.value:
                found.overdue_by_area[row.area] += count
        if row.node is not None:
            found.by_node[row.node] += count
            found.by_node_status[row.node, row.node_status] += count
    return found


def _points(connection: Connection, now: datetime) -> tuple[MapPoint, ...]:
    ticket = schema.ticket.c
    statement = (
        select(
            ticket.number,
            ticket.lng,
            ticket.lat,
            ticket_state(now).label("state"),
            ticket.urgency,
            ticket.area,
        )
        .where(ticket.closed_at.is_(None), ticket.lng.is_not(None), ticket.lat.is_not(None))
        .order_by(ticket.number)
    )
    states = {state.value: state for state in TicketState}
    urgencies = {urgency.value: urgency for urgency in Urgency}
    return tuple(
        MapPoint(number, lng, lat, states[state], urgencies[urgency], area)
        for number, lng, lat, state, urgency, area in connection.execute(statement)
    )


def _areas(opened: _Open, names: Names) -> tuple[AreaCount, ...]:
    """Return the counties in the city's order, then areas that only tickets name."""
    unknown = sorted(opened.by_area.keys() - names.areas.keys())
    return tuple(
        AreaCount(code, names.area(code), opened.by_area[code], opened.overdue_by_area[code])
        for code in (*names.areas, *unknown)
    )


def _stop(node: Node, opened: _Open) -> PipelineNode:
    return PipelineNode(
        node,
        opened.by_node[node.value],
        opened.by_node_status[node.value, NodeStatus.DUE_SOON.value],
        opened.by_node_status[node.value, NodeStatus.OVERDUE.value],
        TicketFilter(open_only=True, node=node),
    )


def _day(rules: Rules, now: datetime) -> tuple[str, DayKind | None]:
    day = rules.calendar.local_day(now)
    if rules.calendar.is_provisional(day.year):
        return "", None
    kind = rules.calendar.kind(day)
    return (holiday_name(day) if kind is DayKind.HOLIDAY else ""), kind
