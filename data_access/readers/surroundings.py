"""What stands around tickets when the rule engine judges them: other tickets' evidence, pictures and points.

Each look is by an index and costs the same whatever the store holds.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Connection, Text, func, literal, select, text

from data_access import schema
from data_access.picture_marks import pictures_like
from domain.coordinates import Point, metres_between
from domain.factor_names import factor_name
from domain.nodes import Node
from domain.policy import Policy
from domain.re_supervision import FileState
from domain.wrong.rule import Parameter, Predicate
from domain.wrong.surroundings import DecidedFile, EvidenceUse, LaterComplaint, LikePicture, Surroundings

METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of the mean radius."""
MOST_NEAR = 200
"""Neighbours of one point, at the most."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the rules of some policies look: metres and days of a rebound, bits of a picture."""

    metres: int = 0
    days: int = 0
    bits: int | None = None


def reach_of(policies: Sequence[Policy]) -> Reach:
    """Return how far the rules of policies look at the most."""
    rules = [rule for policy in policies for rule in policy.wrong]
    rebounds = [rule.numbers for rule in rules if rule.predicate is Predicate.REBOUND]
    alike = [rule.numbers[Parameter.BITS] for rule in rules if rule.predicate is Predicate.PICTURE_ALIKE]
    return Reach(
        max((numbers[Parameter.METRES] for numbers in rebounds), default=0),
        max((numbers[Parameter.DAYS] for numbers in rebounds), default=0),
        max(alike, default=None),
    )


def surroundings_of(
    connection: Connection, numbers: Sequence[str], reach: Reach, now: datetime
) -> dict[str, Surroundings]:
    """Return what stands around each of these tickets."""
    if not numbers:
        return {}
    uses = _uses(connection, numbers)
    alike = _alike(connection, numbers, reach)
    decided = _decided(connection, numbers)
    names = _names(connection)
    return {
        number: Surroundings(
            tuple(uses[number]),
            tuple(alike[number]),
            _later(connection, number, reach, now),
            tuple(decided[number]),
            names,
        )
        for number in numbers
    }


def _uses(connection: Connection, numbers: Sequence[str]) -> defaultdict[str, list[EvidenceUse]]:
    found: defaultdict[str, list[EvidenceUse]] = defaultdict(list)
    for row in connection.execute(_USES, {"numbers": list(numbers)}):
        found[row.mine].append(EvidenceUse(row.sha256, row.other, row.at))
    return found


_USES = text(
    """
    SELECT mine.ticket AS mine, mine.sha256, first.ticket AS other, first.at
    FROM evidence_use AS mine JOIN LATERAL (
        SELECT other.ticket, other.at FROM evidence_use AS other
        WHERE other.sha256 = mine.sha256 AND other.ticket <> mine.ticket
        ORDER BY other.at, other.ticket LIMIT 1
    ) AS first ON true
    WHERE mine.ticket = ANY(CAST(:numbers AS text[]))
    """
)


def _alike(
    connection: Connection, numbers: Sequence[str], reach: Reach
) -> defaultdict[str, list[LikePicture]]:
    found: defaultdict[str, list[LikePicture]] = defaultdict(list)
    if reach.bits is None:
        return found
    use = schema.evidence_use.c
    mine = connection.execute(
        select(use.ticket, use.sha256).where(use.ticket == func.any(literal(list(numbers), ARRAY(Text))))
    ).all()
    for row in mine:
        like = pictures_like(connection, row.sha256, reach.bits)
        if not like:
            continue
        others = connection.execute(
            select(use.sha256, use.ticket, use.at).where(
                use.sha256 == func.any(literal(list(like), ARRAY(Text))), use.ticket != row.ticket
            )
        )
        found[row.ticket] += [
            LikePicture(row.sha256, other.sha256, other.ticket, other.at, like[other.sha256])
            for other in others
        ]
    return found


def _later(connection: Connection, number: str, reach: Reach, now: datetime) -> tuple[LaterComplaint, ...]:
    ticket = schema.ticket.c
    one = connection.execute(
        select(ticket.lng, ticket.lat, ticket.category, ticket.closed_at).where(ticket.number == number)
    ).one_or_none()
    if one is None or one.closed_at is None or not reach.days:
        return ()
    until = min(now, one.closed_at + timedelta(days=reach.days))
    sensed = _sensed(connection, number, one.closed_at, until)
    if one.lat is None or one.category is None or not reach.metres:
        return sensed
    north, east = degrees_of(reach.metres, one.lat)
    here = Point(one.lng, one.lat)
    rows = connection.execute(
        select(ticket.number, ticket.received_at, ticket.lng, ticket.lat)
        .where(
            ticket.lat.between(one.lat - north, one.lat + north),
            ticket.lng.between(one.lng - east, one.lng + east),
            ticket.received_at > one.closed_at,
            ticket.received_at <= until,
            ticket.category == one.category,
            ticket.number != number,
        )
        .order_by(ticket.received_at, ticket.number)
        .limit(MOST_NEAR)
    )
    known = {other.ticket for other in sensed}
    near = tuple(
        LaterComplaint(row.number, row.received_at, round(metres_between(here, Point(row.lng, row.lat)), 1))
        for row in rows
        if row.number not in known
    )
    return (*sensed, *near)


def _sensed(
    connection: Connection, number: str, closed_at: datetime, until: datetime
) -> tuple[LaterComplaint, ...]:
    """Return the tickets in which the same sensors were beyond a limit again, after this one was closed."""
    asked = {"number": number, "closed_at": closed_at, "until": until}
    return tuple(
        LaterComplaint(row.ticket, row.at, 0.0, f"{row.name} {factor_name(row.factor)}")
        for row in connection.execute(_SENSED, asked)
    )


# A merged ticket's sensors are those of the one that it is handled in. What went on all the time since is
# told of by the ticket that it made then.
_SENSED = text(
    """
    SELECT DISTINCT ON (later.ticket) later.ticket, s.name, later.factor,
        CASE WHEN other.received_at > :closed_at THEN other.received_at ELSE later.began_at END AS at
    FROM episode AS mine JOIN episode AS later
            ON later.station = mine.station AND later.factor = mine.factor AND later.ticket <> :number
        JOIN ticket AS other ON other.number = later.ticket
        JOIN station AS s ON s.number = later.station
    WHERE (
            mine.ticket = :number
            OR mine.ticket = ANY(ARRAY(SELECT t.number FROM ticket AS t WHERE t.merged_into = :number))
        )
        AND later.last_over_at > :closed_at
        AND other.merged_into IS DISTINCT FROM :number
        AND CASE WHEN other.received_at > :closed_at THEN other.received_at ELSE later.began_at END
            BETWEEN CAST(:closed_at AS timestamptz) + interval '1 microsecond' AND :until
    ORDER BY later.ticket, later.began_at
    """
)


def _decided(connection: Connection, numbers: Sequence[str]) -> defaultdict[str, list[DecidedFile]]:
    file = schema.re_supervision.c
    rows = connection.execute(
        select(file.number, file.ticket, file.node, file.round, file.closed_at).where(
            file.ticket == func.any(literal(list(numbers), ARRAY(Text))),
            file.state.in_([FileState.CLOSED.value, FileState.DECLINED.value]),
            file.closed_at.is_not(None),
        )
    )
    found: defaultdict[str, list[DecidedFile]] = defaultdict(list)
    for row in rows:
        node = Node(row.node) if row.node is not None else None
        found[row.ticket].append(DecidedFile(row.number, node, row.round, row.closed_at))
    return found


def _names(connection: Connection) -> dict[str, str]:
    body = schema.body.c
    return {row.key: row.short_name for row in connection.execute(select(body.key, body.short_name))}


def degrees_of(metres: float, lat: float) -> tuple[float, float]:
    """Return how many degrees of latitude and of longitude a length is, at a latitude."""
    north = metres / METRES_A_DEGREE
    return north, north / max(math.cos(math.radians(lat)), 0.01)
