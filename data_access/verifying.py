"""What was rectified is held against the same sensors' values afterwards, and the log says so (Q04)."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import TIMESTAMP, Connection, bindparam, text

from data_access import episodes, log
from data_access.episodes import Series
from data_access.exceeding import city_of, sensor_rule
from data_access.rules import Rules
from domain.events import Event, SensorVerified
from domain.exceedance import limits_of
from domain.people import SYSTEM
from domain.sensor_proof import proof_of
from domain.stations import Span

MOST = 50
"""Tickets in one transaction."""
LATE = timedelta(minutes=10)
"""How long after the time of proof its last values may come in."""
LOOKED_BACK = timedelta(days=30)
"""What began or was rectified longer ago is not looked at any more: values of then may be rolled up."""


def verify_rectified(connection: Connection, rules: Rules, now: datetime) -> int:
    """Tell the tickets whose time of proof is over what their sensors say; return how many were told."""
    rule = sensor_rule(rules, now)
    span = timedelta(minutes=rule.verify_minutes)
    asked = {"before": now - span - LATE, "after": now - span - LOOKED_BACK, "most": MOST}
    rows = connection.execute(_RECTIFIED, asked).all()
    if not rows:
        return 0
    city, zone = city_of(connection, rules, now), rules.calendar.zone
    waiting: defaultdict[str, list[tuple[Series, datetime]]] = defaultdict(list)
    for row in rows:
        waiting[row.home].append(((row.station, row.factor, Span(row.span)), row.rectified_at))
    earliest: dict[Series, datetime] = {}
    for series, at in (one for told in waiting.values() for one in told):
        earliest[series] = min(at, earliest.get(series, at))
    values = episodes.values_since(connection, earliest, now)
    additions: list[log.Addition] = []
    for ticket, told in waiting.items():
        facts: list[SensorVerified] = []
        for series, rectified_at in told:
            station = city.stations.get(series[0])
            if station is None:
                continue
            limits = limits_of(station, series[1], series[2], city.limits)
            until = rectified_at + span
            proof = proof_of(values[series], limits, rule, series[2], zone, rectified_at, until)
            facts.append(
                SensorVerified(
                    station=station.key,
                    factor=series[1],
                    rectified_at=rectified_at,
                    until=until,
                    values=proof.values,
                    valid=proof.valid,
                    over=proof.over,
                    passed=proof.passed,
                    name=station.name,
                )
            )
        if facts:
            additions.append(log.Addition(f"ticket/{ticket}", [Event(now, SYSTEM, fact) for fact in facts]))
    if additions:
        log.append(connection, rules, additions)
    return len(additions)


# The last time that the lead reported the work done, in the round that runs; what was told of it is not told
# again. Tickets that are closed are not asked about any more: what comes then is a rebound.
_RECTIFIED = text(
    """
    WITH sensed AS (
        SELECT DISTINCT coalesce(own.merged_into, own.number) AS home, e.station, e.factor, e.span, e.began_at
        FROM episode AS e JOIN ticket AS own ON own.number = e.ticket
        WHERE e.began_at >= :after
    ), asked AS (
        SELECT t.number, max(n.ended_at) AS rectified_at
        FROM (SELECT DISTINCT home FROM sensed) AS s JOIN ticket AS t ON t.number = s.home
            JOIN node_state AS n ON n.ticket = t.number AND n.round = t.round
        WHERE t.closed_at IS NULL AND t.rectified AND n.node = 'rectify' AND n.ended = 'done' AND n.part = 0
        GROUP BY t.number
        HAVING max(n.ended_at) BETWEEN :after AND :before
    ), due AS (
        SELECT asked.* FROM asked
        WHERE NOT EXISTS (
            SELECT FROM event AS told
            WHERE told.stream = 'ticket/' || asked.number AND told.kind = 'SensorVerified'
                AND told.at > asked.rectified_at
        )
        ORDER BY asked.rectified_at, asked.number
        LIMIT :most
    )
    SELECT DISTINCT due.number AS home, sensed.station, sensed.factor, sensed.span, due.rectified_at
    FROM due JOIN sensed ON sensed.home = due.number AND sensed.began_at <= due.rectified_at
    ORDER BY due.rectified_at, due.number, sensed.station, sensed.factor, sensed.span
    """
).bindparams(
    bindparam("before", type_=TIMESTAMP(timezone=True)), bindparam("after", type_=TIMESTAMP(timezone=True))
)
