"""The eight figures over the overview, each with the filter that opens what it counted (T06, Q01, X04).

Windows roll: a rate of the last 24 hours means something at five past midnight too. All windows are
[begin, end) and end now, so that a list opened later still finds the same nodes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from data_access import schema
from data_access.readers.counts import Window, counts
from data_access.rules import Rules
from data_access.tallies import handled, is_rectified
from domain.listing import Outcome, TicketFilter
from domain.nodes import Node, NodeStatus
from domain.overview import Kpi, KpiKey
from domain.ranking_query import RankBy
from domain.urgency import Urgency

HOUR = timedelta(hours=1)

FAST = timedelta(hours=24)
"""The window of sign and dispatch rates: 实时签收、实时分派 is about the last day."""

SLOW = timedelta(days=30)
"""The window of disposal rate, satisfaction and mean handling time."""

_FAST_RATES = {KpiKey.SIGN_RATE: Node.SIGN, KpiKey.DISPATCH_RATE: Node.DISPATCH}
_RATE = ("due", "on_time")
_DONE = ("revisited", "satisfied", "rectified", "handling")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the overview already counted: open tickets by urgency, overdue nodes, yellow warnings."""

    open_tickets: int
    critical: int
    first: int
    overdue_nodes: int
    yellow: int


def kpis(rates: Sequence[Kpi], standing: Standing) -> tuple[Kpi, ...]:
    """Return the eight figures in their order: the rates, with what stands now among them."""
    *before, satisfaction, mean_handling = rates
    return (*before, *standing_kpis(standing), satisfaction, mean_handling)


def rate_kpis(connection: Connection, rules: Rules, now: datetime) -> tuple[Kpi, ...]:
    """Return the six figures about windows of time.

    received today: tickets received since midnight in the city; before: yesterday up to the same time.
    sign, dispatch rate: nodes done on time ÷ nodes that fell due in the last 24 hours.
    disposal rate: the same for rectify, in the last 30 days.
    satisfaction: revisits satisfied ÷ revisits done in the last 30 days.
    mean handling: hours from received to rectified, over the tickets rectified in the last 30 days.
    A window's `previous` is the same figure one window earlier. A rate of nothing is None.
    """
    fast = _sums(connection, tuple(_FAST_RATES.values()), _RATE, FAST, now)
    slow = _sums(connection, (Node.RECTIFY, Node.REVISIT), (*_RATE, *_DONE), SLOW, now)
    return (
        _received(connection, rules, now),
        *(_rate(key, node, fast, FAST, now) for key, node in _FAST_RATES.items()),
        _rate(KpiKey.DISPOSAL_RATE, Node.RECTIFY, slow, SLOW, now),
        _satisfaction(slow, now),
        _mean_handling(connection, slow, now),
    )


def standing_kpis(standing: Standing) -> tuple[Kpi, Kpi]:
    """Return the two figures that are about what stands now, without a reading.

    open: tickets not closed, with the critical and the first-level ones.
    overdue nodes: open nodes past their due time, with the running red and yellow warnings.
    """
    return (
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
    )


Sums = dict[tuple[Node, bool], Counter[str]]
"""What was counted of a node, in the window (True) and in the one before (False)."""


def _sums(
    connection: Connection,
    nodes: tuple[Node, ...],
    measures: tuple[str, ...],
    window: timedelta,
    now: datetime,
) -> Sums:
    # By area, for every node has one or none: bodies and categories are more.
    found: Sums = {(node, current): Counter() for node in nodes for current in (True, False)}
    chosen = Window(now - window, now, now - 2 * window)
    for row in counts(connection, RankBy.AREA, nodes, measures, chosen, now):
        found[Node(row.node), row.current].update({name: int(getattr(row, name)) for name in measures})
    return found


def _received(connection: Connection, rules: Rules, now: datetime) -> Kpi:
    zone = rules.calendar.zone
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    before, after = midnight - timedelta(days=1), midnight + timedelta(days=1)
    received, channel = schema.ticket.c.received_at, schema.channel
    ahead = select(channel.c.key).where(channel.c.proactive)
    today, yesterday, proactive = connection.execute(
        select(
            func.count().filter(received >= midnight),
            func.count().filter(and_(received < midnight, received <= now - timedelta(days=1))),
            func.count().filter(and_(received >= midnight, schema.ticket.c.channel.in_(ahead))),
        ).where(received >= before, received < after)
    ).one()
    chosen = TicketFilter(received_from=midnight, received_to=after)
    # What was begun before anybody complained is told apart from the complaints (B15).
    parts = (("proactive", proactive),)
    return Kpi(KpiKey.RECEIVED_TODAY, today, previous=yesterday, parts=parts, filter=chosen)


def _rate(key: KpiKey, node: Node, sums: Sums, window: timedelta, now: datetime) -> Kpi:
    current, before = sums[node, True], sums[node, False]
    chosen = TicketFilter(node=node, due_from=now - window, due_to=now)
    return Kpi(
        key,
        _ratio(current["on_time"], current["due"]),
        current["on_time"],
        current["due"],
        _ratio(before["on_time"], before["due"]),
        filter=replace(chosen, outcome=Outcome.DUE),
        spoilers=replace(chosen, outcome=Outcome.NOT_ON_TIME),
    )


def _satisfaction(sums: Sums, now: datetime) -> Kpi:
    current, before = sums[Node.REVISIT, True], sums[Node.REVISIT, False]
    begin = now - SLOW
    return Kpi(
        KpiKey.SATISFACTION,
        _ratio(current["satisfied"], current["revisited"]),
        current["satisfied"],
        current["revisited"],
        _ratio(before["satisfied"], before["revisited"]),
        filter=TicketFilter(node=Node.REVISIT, done_from=begin, done_to=now),
        spoilers=TicketFilter(satisfied=False, done_from=begin, done_to=now),
    )


def _mean_handling(connection: Connection, sums: Sums, now: datetime) -> Kpi:
    begin = now - SLOW
    again = _rectified_again(connection, now)
    means: dict[bool, float | None] = {}
    tickets: dict[bool, int] = {}
    for current in (True, False):
        twice = again[current]
        tickets[current] = sums[Node.RECTIFY, current]["rectified"] - twice["rectified"]
        took = timedelta(microseconds=sums[Node.RECTIFY, current]["handling"] - twice["handling"])
        means[current] = _ratio(took / HOUR, tickets[current])
    return Kpi(
        KpiKey.MEAN_HANDLING,
        means[True],
        None,
        tickets[True],
        means[False],
        filter=TicketFilter(node=Node.RECTIFY, done_from=begin, done_to=now),
    )


def _rectified_again(connection: Connection, now: datetime) -> dict[bool, Counter[str]]:
    """Return what the sums count too much, by window.

    A ticket rectified in two rounds counts once in a window, with the whole time that it took.
    """
    state = schema.node_state
    done = and_(is_rectified(state), state.c.ended_at >= now - 2 * SLOW, state.c.ended_at < now)
    later = select(state.c.ticket).where(done, or_(state.c.round > 1, state.c.leg > 1))
    current = (state.c.ended_at >= now - SLOW).label("current")
    took = handled(state)
    by_ticket = (
        select(
            current,
            (func.count() - 1).label("rectified"),
            (func.sum(took) - func.max(took)).label("handling"),
        )
        .where(done, state.c.ticket.in_(later))
        .group_by(state.c.ticket, current)
        .subquery()
    )
    figures = [func.sum(by_ticket.c[name]).label(name) for name in ("rectified", "handling")]
    found: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in connection.execute(select(by_ticket.c.current, *figures).group_by(by_ticket.c.current)):
        found[row.current].update(rectified=int(row.rectified), handling=int(row.handling))
    return found


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None
