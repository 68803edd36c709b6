"""What was rectified is held against the same sensors' values afterwards, and the log says so (Q04)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any

from sqlalchemy import TIMESTAMP, Connection, Row, bindparam, text

from data_access import episodes, log
from data_access.episodes import Series
from data_access.exceeding import city_of, sensor_rule
from data_access.rules import Rules
from data_access.stretches import BEFORE, City
from domain.events import Event, SensorVerified
from domain.exceedance import Value, limits_of
from domain.people import SYSTEM
from domain.rejudging import Stretch
from domain.sensor_proof import LATE, ProofTime, proof_of, proof_time
from domain.stations import Span

MOST = 50
"""Tickets in one transaction."""
LOOKED_BACK = timedelta(days=30)
"""What was rectified longer ago is not looked at any more: values of then may be rolled up."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which values are asked about a rectification."""

    series: Series
    rectified_at: datetime
    time: ProofTime


def due_tickets(connection: Connection, rules: Rules, now: datetime) -> tuple[str, ...]:
    """Return the tickets whose time of proof is over and that were not told yet, in order."""
    return tuple(_due(connection, rules, now))


def verify_rectified(
    connection: Connection,
    rules: Rules,
    now: datetime,
    *,
    only: str | None = None,
    without: Collection[str] = (),
) -> int:
    """Tell the tickets whose time of proof is over what their sensors say; return how many were told.

    With `only` no more than that ticket, and none of `without`.
    """
    due = _due(connection, rules, now)
    asked = dict(
        islice(
            ((n, of) for n, of in due.items() if only in (None, n) and n not in without),
            MOST,
        )
    )
    if not asked:
        return 0
    city = city_of(connection, rules, now)
    earliest: dict[Series, datetime] = {}
    for one in (one for of in asked.values() for one in of):
        begins = one.time.begins - BEFORE
        earliest[one.series] = min(begins, earliest.get(one.series, begins))
    values = episodes.values_within(
        connection, [(series, Stretch(begins, now)) for series, begins in earliest.items()]
    )
    additions = [
        log.Addition(f"ticket/{number}", [Event(now, SYSTEM, _fact(rules, city, one, values)) for one in of])
        for number, of in asked.items()
    ]
    log.append(connection, rules, additions)
    return len(additions)


def _fact(
    rules: Rules, city: City, asked: _Asked, values: Mapping[Series, Sequence[Value]]
) -> SensorVerified:
    number, factor, span = asked.series
    station = city.stations[number]
    limits = limits_of(station, factor, span, city.limits)
    proof = proof_of(values[asked.series], limits, city.rule, span, rules.calendar.zone, asked.time)
    return SensorVerified(
        station=station.key,
        factor=factor,
        rectified_at=asked.rectified_at,
        until=asked.time.until,
        values=proof.values,
        valid=proof.valid,
        over=proof.over,
        passed=proof.passed,
        name=station.name,
    )


def _due(connection: Connection, rules: Rules, now: datetime) -> dict[str, list[_Asked]]:
    """Return what is asked of which tickets, all of a ticket's at once: when the last of it has come in."""
    rule, zone = sensor_rule(rules, now), rules.calendar.zone
    after = now - timedelta(minutes=rule.verify_minutes)
    moments = {"before": after - min(LATE.values()), "after": after - LOOKED_BACK}
    found: dict[str, list[_Asked]] = {}
    for number, rows in groupby(connection.execute(_RECTIFIED, moments), _home):
        asked = [
            _Asked(
                (row.station, row.factor, Span(row.span)),
                row.rectified_at,
                proof_time(rule, Span(row.span), zone, row.rectified_at),
            )
            for row in rows
        ]
        if all(one.time.due <= now for one in asked):
            found[number] = asked
    return found


def _home(row: Row[Any]) -> str:
    return str(row.home)


# The last time that the lead reported the work done, in the round that runs; what was told of it is not told
# again. Tickets that are closed are not asked about any more: what comes then is a rebound. What stands in
# a ticket, or in one merged into it, is asked about however long ago it began.
_RECTIFIED = text(
    """
    WITH asked AS MATERIALIZED (
        SELECT t.number, max(n.ended_at) AS rectified_at
        FROM ticket AS t JOIN node_state AS n ON n.ticket = t.number AND n.round = t.round
        WHERE t.closed_at IS NULL AND t.rectified AND n.node = 'rectify' AND n.ended = 'done' AND n.part = 0
            AND n.ended_at >= :after
        GROUP BY t.number
        HAVING max(n.ended_at) <= :before
    ), own AS (
        SELECT number AS home, number, rectified_at FROM asked
        UNION ALL
        SELECT asked.number, m.number, asked.rectified_at
        FROM asked JOIN ticket AS m ON m.merged_into = asked.number
    ), sensed AS MATERIALIZED (
        SELECT DISTINCT own.home, own.rectified_at, e.station, e.factor, e.span
        FROM own JOIN episode AS e ON e.ticket = own.number JOIN station AS s ON s.number = e.station
        WHERE e.ticket IS NOT NULL AND e.began_at <= own.rectified_at
    )
    SELECT * FROM sensed
    WHERE NOT EXISTS (
        SELECT FROM event AS told
        WHERE told.stream = 'ticket/' || sensed.home AND told.kind = 'SensorVerified'
            AND told.at > sensed.rectified_at
    )
    ORDER BY rectified_at, home, station, factor, span
    """
).bindparams(
    bindparam("before", type_=TIMESTAMP(timezone=True)), bindparam("after", type_=TIMESTAMP(timezone=True))
)
