"""Which tickets may be about the same matter as one: read by place and by address, each by its index.

`merge_candidates` is what a dossier and the duty's desk ask; `compared` looks at any other ticket that is
named. Both answer in milliseconds at a million tickets: a box of a few hundred metres around a point is a
short range of the index `ticket_place` (latitude, longitude, time), and an address one entry of
`ticket_address`. No extension is needed for it.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, text

from data_access import schema
from data_access.readers.tickets import tickets_by_number
from data_access.rules import Rules
from domain.coordinates import Point
from domain.merging import Candidate, CandidateRow, MergedRow, MergeView, Report, candidates, compare
from domain.policy import Policy
from domain.sensor_clue import CHANNEL

LIMIT = 12
"""So many candidates are shown: the nearest."""
MOST_COMPARED = 500
"""So many neighbours are compared: of more, those that came in last."""
METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of the mean radius."""

_ticket = schema.ticket.c


def merge_candidates(
    connection: Connection, rules: Rules, number: str, now: datetime, limit: int = LIMIT
) -> tuple[CandidateRow, ...]:
    """Return the open tickets that may repeat a ticket or be repeated by it, the likeliest first.

    Each says how far it is, how alike its category, how long before (`domain.merging.Candidate`). Radius and
    days are the policy's by which the ticket is judged. None for a ticket that is closed or merged itself, or
    that there is none of.
    """
    one = _one(connection, number)
    if one is None or one.closed_at is not None:
        return ()
    rule = _policy(rules, one).merging
    report, span = _report(one), timedelta(days=rule.days)
    can_be = and_(
        _ticket.received_at.between(one.received_at - span, one.received_at + span),
        _ticket.closed_at.is_(None),
        _ticket.number != number,
    )
    others = {other.number: other for other in _neighbours(connection, report, rule.radius_m, can_be)}
    found = candidates(report, others.values(), rule)[:limit]
    return candidate_rows(connection, found, others, now)


def compared(connection: Connection, number: str, other: str, now: datetime) -> CandidateRow | None:
    """Return how another ticket compares with one, however far it is; None where either is unknown."""
    one, two = _one(connection, number), _one(connection, other)
    if one is None or two is None:
        return None
    report = _report(two)
    rows = candidate_rows(connection, (compare(_report(one), report),), {other: report}, now)
    return rows[0] if rows else None


def merge_view(connection: Connection, rules: Rules, number: str, now: datetime) -> MergeView | None:
    """Return a ticket beside those that it may be merged with; None when there is no such ticket."""
    this, one = compared(connection, number, number, now), _one(connection, number)
    if this is None or one is None:
        return None
    rule = _policy(rules, one).merging
    found = merge_candidates(connection, rules, number, now)
    return MergeView(this, found, float(rule.radius_m), rule.days)


def merged_rows(connection: Connection, main: str, numbers: Sequence[str]) -> tuple[MergedRow, ...]:
    """Return those of the tickets that are merged into a main one now, in the order of their numbers' list.

    Whoever handles the main ticket sees them, whether or not they are its own (gate/mergers.sql).
    """
    held = {row.number: row for row in connection.execute(_HELD, {"main": main})} if numbers else {}
    return tuple(
        MergedRow(row.number, row.title, row.said, row.address, row.received_at, row.channel_name)
        for row in (held.get(number) for number in numbers)
        if row is not None
    )


def reports_at(connection: Connection, rules: Rules, number: str) -> int:
    """Count the reports about a ticket's point in the days of the policy up to it, itself included (B10).

    Merged ones are counted: two people who complain of one place are what makes it a repeat point.
    """
    one = _one(connection, number)
    if one is None:
        return 1
    rule = _policy(rules, one).repeats
    report = _report(one)
    recent = and_(
        _ticket.received_at.between(one.received_at - timedelta(days=rule.days), one.received_at),
        _ticket.number != number,
    )
    near = [compare(report, other) for other in _neighbours(connection, report, rule.radius_m, recent)]
    same = (n.same_address if n.distance_m is None else n.distance_m <= rule.radius_m for n in near)
    return 1 + sum(same)


def candidate_rows(
    connection: Connection, found: Sequence[Candidate], reports: dict[str, Report], now: datetime
) -> tuple[CandidateRow, ...]:
    """Return candidates with their lines of the list, in their order."""
    numbers = [candidate.number for candidate in found]
    rows = {row.number: row for row in tickets_by_number(connection, numbers, now)}
    version = select(_ticket.number, _ticket.version).where(_ticket.number.in_(numbers))
    versions = {row.number: row.version for row in connection.execute(version)}
    return tuple(
        CandidateRow(
            why,
            rows[why.number],
            reports[why.number].text,
            reports[why.number].address,
            versions[why.number],
        )
        for why in found
        if why.number in rows
    )


def box(point: Point, radius_m: float) -> ColumnElement[bool]:
    """Return whether a row of `ticket` lies in the square around a point: a range of the index."""
    north = radius_m / METRES_A_DEGREE
    east = north / max(math.cos(math.radians(point.lat)), 0.01)
    return and_(
        _ticket.lat.between(point.lat - north, point.lat + north),
        _ticket.lng.between(point.lng - east, point.lng + east),
    )


def _neighbours(
    connection: Connection, one: Report, radius_m: float, can_be: ColumnElement[bool]
) -> list[Report]:
    """Return what may be near a ticket: in the square around its point, or at its address."""
    where: list[ColumnElement[bool]] = []
    if one.point is not None:
        where.append(box(one.point, radius_m))
    if one.address:
        # The index has no empty addresses, and a plan for any address must be told so.
        where.append(and_(_ticket.address == one.address, _ticket.address != ""))
    found: dict[str, Report] = {}
    # One after the other: each is a range of its own index.
    for place in where:
        statement = _REPORTS.where(place, can_be).order_by(_ticket.received_at.desc()).limit(MOST_COMPARED)
        found.update((row.number, _report(row)) for row in connection.execute(statement))
    return list(found.values())


_HELD = text("""
    SELECT r.number, r.title, r.said, r.address, r.received_at, coalesce(c.name, r.channel) AS channel_name
    FROM repeats_held(:main) AS r LEFT JOIN channel AS c ON c.key = r.channel
""")

_REPORTS = select(
    _ticket.number,
    _ticket.title,
    _ticket.text,
    _ticket.category,
    schema.category.c.class_code,
    _ticket.area,
    _ticket.address,
    _ticket.lng,
    _ticket.lat,
    _ticket.received_at,
    _ticket.closed_at,
    _ticket.policy_family,
    _ticket.channel,
).select_from(schema.ticket.outerjoin(schema.category, schema.category.c.code == _ticket.category))


def _one(connection: Connection, number: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(_REPORTS.where(_ticket.number == number)).one_or_none()


def _policy(rules: Rules, row: Row[*tuple[Any, ...]]) -> Policy:
    return rules.policies.in_force(row.policy_family, row.received_at)


def _report(row: Row[*tuple[Any, ...]]) -> Report:
    return Report(
        number=row.number,
        title=row.title,
        text=row.text,
        kind=row.category,
        class_code=row.class_code,
        area=row.area,
        address=row.address,
        point=None if row.lng is None or row.lat is None else Point(row.lng, row.lat),
        received_at=row.received_at,
        sensed=row.channel == CHANNEL,
    )
