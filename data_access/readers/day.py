"""The figures of a day for the daily report: what happened is counted in the log, the rest in the caches."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, func, or_, select

from data_access import schema, seal
from data_access.readers.directives import directive_rows
from data_access.readers.feeds import feed_health
from data_access.readers.names import Names, read_names
from data_access.readers.silence import reporting
from data_access.readers.states import open_node_is
from domain.day_report import BodyOverdue, DayReport, Happened, Standing
from domain.events import WarningLevel
from domain.nodes import NodeStatus
from domain.overview import DirectiveState, FeedState
from domain.re_supervision import FileState

SEALS = 7
"""Seals in a report: a week, so that one sheet lost is no seal lost."""


def last_moment(day: date, zone: ZoneInfo) -> datetime:
    """Return the last moment of a day in the city."""
    return _midnight(day + timedelta(days=1), zone) - timedelta(microseconds=1)


def day_report(connection: Connection, day: date, zone: ZoneInfo, as_of: datetime) -> DayReport:
    """Return the report of a day; how things stood is asked as of a moment.

    That is its last one where the day has ended, and the connection is one of `at_moment`.
    """
    city = connection.execute(select(schema.city)).one_or_none()
    begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    return DayReport(
        city.name if city else "",
        city is not None and city.sample,
        day,
        as_of,
        as_of >= last_moment(day, zone),
        _happened(connection, begin, end),
        _standing(connection, as_of),
        seal.seals(connection, day, SEALS),
        reporting(connection, begin, min(end, as_of), as_of),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _happened(connection: Connection, begin: datetime, end: datetime) -> Happened:
    event = schema.event.c
    how = func.coalesce(*(event.data[name].astext for name in ("level", "satisfied", "passed")), "")
    counted: Counter[tuple[str, str]] = Counter()
    rows = connection.execute(
        select(event.kind, how.label("how"), func.count().label("events"))
        .where(event.at >= begin, event.at < end)
        .group_by("kind", "how")
    )
    for row in rows:
        counted[row.kind, row.how] += row.events
        if row.how:
            counted[row.kind, ""] += row.events
    red, yellow = WarningLevel.RED.value, WarningLevel.YELLOW.value
    return Happened(
        received=counted["Received", ""],
        proactive=_proactive(connection, begin, end),
        closed=counted["Closed", ""],
        bounced=counted["Revisited", "false"] + counted["PostChecked", "false"],
        red_raised=counted["WarningRaised", red],
        red_acknowledged=counted["WarningAcknowledged", red],
        yellow_raised=counted["WarningRaised", yellow],
        directives_issued=counted["DirectiveIssued", ""],
        directives_signed=counted["DirectiveSigned", ""],
        directives_fed_back=counted["DirectiveFedBack", ""],
        directives_judged=counted["DirectiveJudged", ""],
        files_drafted=counted["ReSupervisionDrafted", ""],
        files_launched=counted["ReSupervisionLaunched", ""],
        files_declined=counted["ReSupervisionDeclined", ""],
        files_closed=counted["ReSupervisionClosed", ""],
        complainants_seen=counted["ComplainantSeen", ""],
    )


def _proactive(connection: Connection, begin: datetime, end: datetime) -> int:
    """Count what came in before anybody complained (B15)."""
    ticket, channel = schema.ticket.c, schema.channel
    own = ticket.channel.in_(select(channel.c.key).where(channel.c.proactive))
    counted = select(func.count()).where(ticket.received_at >= begin, ticket.received_at < end, own)
    return connection.scalar(counted) or 0


def _standing(connection: Connection, now: datetime) -> Standing:
    names = read_names(connection)
    directives = Counter(row.state for row in directive_rows(connection, now, names=names))
    ticket, warning, file = schema.ticket.c, schema.warning.c, schema.re_supervision.c
    return Standing(
        open_tickets=connection.scalar(
            select(func.count()).where(
                or_(ticket.closed_at.is_(None), ticket.closed_at > now), ticket.received_at <= now
            )
        )
        or 0,
        overdue=_overdue(connection, names, now),
        red_unacknowledged=connection.scalar(
            select(func.count()).where(
                warning.level == WarningLevel.RED.value,
                warning.cleared_at.is_(None),
                warning.acknowledged_at.is_(None),
            )
        )
        or 0,
        directives_unsigned=directives[DirectiveState.UNSIGNED] + directives[DirectiveState.UNSIGNED_LATE],
        directives_overdue=directives[DirectiveState.OVERDUE],
        files_open=connection.scalar(
            select(func.count()).where(
                file.launched_at.is_not(None),
                file.state.not_in([FileState.CLOSED.value, FileState.DECLINED.value]),
            )
        )
        or 0,
        feeds=tuple(f for f in feed_health(connection, now) if f.state is not FeedState.OK),
    )


def _overdue(connection: Connection, names: Names, now: datetime) -> tuple[BodyOverdue, ...]:
    node = schema.node_state.c
    rows = connection.execute(
        select(
            node.body,
            func.count().label("nodes"),
            func.count(node.ticket.distinct()).label("tickets"),
            func.min(node.due_at).label("oldest"),
        )
        .where(and_(open_node_is(NodeStatus.OVERDUE, now), node.ended_at.is_(None), node.due_at.is_not(None)))
        .group_by(node.body)
        .order_by(func.count().desc(), node.body)
    )
    return tuple(
        BodyOverdue(row.body, names.body(row.body), row.nodes, row.tickets, row.oldest) for row in rows
    )
