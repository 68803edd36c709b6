"""The eight figures over the overview, each with the filter that opens what it counted (T06, Q01, X04).

Windows roll: a rate of the last 24 hours means something at five past midnight too. All windows are
[begin, end) and end now, so that a list opened later still finds the same nodes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from data_access import schema
from data_access.readers.states import fell_due, outcome_is
from data_access.rules import Rules
from domain.listing import Outcome, TicketFilter
from domain.nodes import Node, NodeStatus
from domain.overview import Kpi, KpiKey
from domain.trace import NodeEnd
from domain.urgency import Urgency

FAST = timedelta(hours=24)
"""The window of sign and dispatch rates: 实时签收、实时分派 is about the last day."""

SLOW = timedelta(days=30)
"""The window of disposal rate, satisfaction and mean handling time."""

_RATES = {
    KpiKey.SIGN_RATE: (Node.SIGN, FAST),
    KpiKey.DISPATCH_RATE: (Node.DISPATCH, FAST),
    KpiKey.DISPOSAL_RATE: (Node.RECTIFY, SLOW),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the overview already counted: open tickets by urgency, overdue nodes, yellow warnings."""

    open_tickets: int
    critical: int
    first: int
    overdue_nodes: int
    yellow: int


def kpis(connection: Connection, rules: Rules, now: datetime, standing: Standing) -> tuple[Kpi, ...]:
    """Return the eight figures in their order.

    received today: tickets received since midnight in the city; before: yesterday up to the same time.
    sign, dispatch rate: nodes done on time ÷ nodes that fell due in the last 24 hours.
    disposal rate: the same for rectify, in the last 30 days.
    open: tickets not closed, with the critical and the first-level ones.
    overdue nodes: open nodes past their due time, with the running red and yellow warnings.
    satisfaction: revisits satisfied ÷ revisits done in the last 30 days.
    mean handling: hours from received to rectified, over the tickets rectified in the last 30 days.
    A window's `previous` is the same figure one window earlier. A rate of nothing is None.
    """
    rates = _rates(connection, now)
    return (
        _received(connection, rules, now),
        rates[KpiKey.SIGN_RATE],
        rates[KpiKey.DISPATCH_RATE],
        rates[KpiKey.DISPOSAL_RATE],
        Kpi(
            KpiKey.OPEN,
            standing.open_tickets,
            parts=((Urgency.CRITICAL.value, standing.critical), (Urgency.FIRST.value, standing.first)),
            filter=TicketFilter(open_only=True),
        ),
        Kpi(
            KpiKey.OVERDUE_NODES,
            standing.overdue_nodes,
            parts=(("red", standing.overdue_nodes), ("yellow", standing.yellow)),
            filter=TicketFilter(node_status=NodeStatus.OVERDUE),
        ),
        _satisfaction(connection, now),
        _mean_handling(connection, now),
    )


def _received(connection: Connection, rules: Rules, now: datetime) -> Kpi:
    zone = rules.calendar.zone
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    before, after = midnight - timedelta(days=1), midnight + timedelta(days=1)
    received = schema.ticket.c.received_at
    today, yesterday = connection.execute(
        select(
            func.count().filter(received >= midnight),
            func.count().filter(and_(received < midnight, received <= now - timedelta(days=1))),
        ).where(received >= before, received < after)
    ).one()
    chosen = TicketFilter(received_from=midnight, received_to=after)
    return Kpi(KpiKey.RECEIVED_TODAY, today, previous=yesterday, filter=chosen)


def _rates(connection: Connection, now: datetime) -> dict[KpiKey, Kpi]:
    node = schema.node_state.c
    within = or_(
        *(
            and_(node.node == which.value, node.due_at >= now - 2 * window)
            for which, window in _RATES.values()
        )
    )
    begin = {which.value: now - window for which, window in _RATES.values()}
    current = or_(*(and_(node.node == which, node.due_at >= start) for which, start in begin.items()))
    on_time = outcome_is(Outcome.ON_TIME, now)
    statement = (
        select(
            node.node,
            func.count().filter(current).label("due"),
            func.count().filter(and_(current, on_time)).label("on_time"),
            func.count().filter(~current).label("due_before"),
            func.count().filter(and_(~current, on_time)).label("on_time_before"),
        )
        .where(node.due_at >= now - 2 * SLOW, node.due_at < now, within, fell_due(now))
        .group_by(node.node)
    )
    rows = {row.node: row for row in connection.execute(statement)}
    found: dict[KpiKey, Kpi] = {}
    for key, (which, window) in _RATES.items():
        row = rows.get(which.value)
        due, on_time_count = (row.due, row.on_time) if row else (0, 0)
        due_before, on_time_before = (row.due_before, row.on_time_before) if row else (0, 0)
        chosen = TicketFilter(node=which, due_from=now - window, due_to=now)
        found[key] = Kpi(
            key,
            _ratio(on_time_count, due),
            on_time_count,
            due,
            _ratio(on_time_before, due_before),
            filter=replace(chosen, outcome=Outcome.DUE),
            spoilers=replace(chosen, outcome=Outcome.NOT_ON_TIME),
        )
    return found


def _satisfaction(connection: Connection, now: datetime) -> Kpi:
    node = schema.node_state.c
    begin = now - SLOW
    current = node.ended_at >= begin
    row = connection.execute(
        select(
            func.count().filter(current).label("revisited"),
            func.count().filter(and_(current, node.passed)).label("satisfied"),
            func.count().filter(~current).label("revisited_before"),
            func.count().filter(and_(~current, node.passed)).label("satisfied_before"),
        ).where(
            node.node == Node.REVISIT.value,
            node.ended == NodeEnd.DONE.value,
            node.ended_at >= now - 2 * SLOW,
            node.ended_at < now,
        )
    ).one()
    chosen = TicketFilter(node=Node.REVISIT, done_from=begin, done_to=now)
    return Kpi(
        KpiKey.SATISFACTION,
        _ratio(row.satisfied, row.revisited),
        row.satisfied,
        row.revisited,
        _ratio(row.satisfied_before, row.revisited_before),
        filter=chosen,
        spoilers=TicketFilter(satisfied=False, done_from=begin, done_to=now),
    )


def _mean_handling(connection: Connection, now: datetime) -> Kpi:
    node, ticket = schema.node_state.c, schema.ticket.c
    begin = now - SLOW
    # A ticket rectified in two rounds counts once in a window, with the whole time that it took.
    current = (node.ended_at >= begin).label("current")
    rectified = (
        select(node.ticket, current, func.max(node.ended_at).label("ended_at"))
        .where(
            node.node == Node.RECTIFY.value,
            node.ended == NodeEnd.DONE.value,
            node.ended_at >= now - 2 * SLOW,
            node.ended_at < now,
        )
        .group_by(node.ticket, current)
        .subquery()
    )
    hours = func.extract("epoch", rectified.c.ended_at - ticket.received_at) / 3600
    statement = (
        select(rectified.c.current, func.avg(hours), func.count())
        .select_from(rectified.join(schema.ticket, ticket.number == rectified.c.ticket))
        .group_by(rectified.c.current)
    )
    means = {row[0]: (float(row[1]), row[2]) for row in connection.execute(statement)}
    mean, count = means.get(True, (None, 0))
    return Kpi(
        KpiKey.MEAN_HANDLING,
        mean,
        None,
        count,
        means.get(False, (None, 0))[0],
        filter=TicketFilter(node=Node.RECTIFY, done_from=begin, done_to=now),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
