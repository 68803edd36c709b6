"""What lay upwind of a ticket's place when its alarm came: stations, findings and open tickets (Q05)."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from data_access import schema
from data_access.readers.findings import finding_by_number
from data_access.stations import read_stations
from domain.back_trace import (
    AIRBORNE,
    BackTrace,
    Candidate,
    SuspectKind,
    TraceRule,
    Wind,
    WindReading,
    back_trace,
    is_airborne,
    mean_wind,
)
from domain.coordinates import Point, metres_between
from domain.events import Event, Received
from domain.findings import TRACING, clue_number, finding_of
from domain.sensor_events import SensorExceeded
from domain.stations import DataFlag, Span, Station, StationKind

SPEED, DIRECTION = "a01007", "a01008"
"""Wind speed in m/s and direction in degrees: HJ 212-2017, table B.2."""
SOURCES = (StationKind.DUST, StationKind.STACK)
"""Stations that stand at what may be a source."""
FEEL_IT = (*SOURCES, StationKind.AIR)
"""Stations whose exceedance comes with the wind."""
EPISODE_BEFORE, EPISODE_AFTER = timedelta(hours=3), timedelta(minutes=30)
FOUND_BEFORE, FOUND_AFTER = timedelta(hours=24), timedelta(hours=2)
TICKETS_BEFORE = timedelta(days=30)
MOST_TICKETS = 200
METRES_A_DEGREE = 111_195.0

_ticket, _finding, _episode = schema.ticket.c, schema.finding.c, schema.episode.c


def trace_of(connection: Connection, number: str, events: Iterable[Event]) -> BackTrace | None:
    """Return what lay upwind of a ticket's place; None where it has none, or no wind brings what it is about.

    `events` are those of the ticket as of the minute shown.
    """
    received: Received | None = None
    at: datetime | None = None
    exceeded: SensorExceeded | None = None
    for event in events:
        if isinstance(event.fact, Received):
            received, at = event.fact, event.at
        elif isinstance(event.fact, SensorExceeded):
            exceeded = event.fact
    if received is None or at is None or received.lng is None or received.lat is None:
        return None
    stations = read_stations(connection)
    own = next((one for one in stations if exceeded is not None and one.key == exceeded.station), None)
    if exceeded is not None:
        if own is None or own.kind not in FEEL_IT:
            return None
        at = exceeded.began_at
    elif received.channel == TRACING and (named := finding_of(received.external_id)) is not None:
        finding = finding_by_number(connection, named)
        at = finding.new.at if finding is not None else at
    elif not is_airborne(received.category):
        return None
    point = Point(received.lng, received.lat)
    wind = wind_at(connection, stations, point, at)
    candidates = (
        *_stations(connection, stations, own, at),
        *_findings(connection, point, at, number),
        *_tickets(connection, point, at, number),
    )
    return back_trace(point, at, wind, candidates)


def wind_at(
    connection: Connection,
    stations: Sequence[Station],
    point: Point,
    at: datetime,
    rule: TraceRule | None = None,
) -> Wind | None:
    """Return the mean wind before a moment at the nearest station that measured it; None where none did."""
    wanted = {SPEED, DIRECTION}
    near = [
        (metres_between(point, Point(one.lng, one.lat)), one)
        for one in stations
        if one.lng is not None
        and one.lat is not None
        and wanted <= {measure.factor for measure in one.measures}
    ]
    reading = schema.reading.c
    hours = timedelta(hours=(rule or TraceRule()).hours)
    # An hour's value bears the start of its hour.
    since = or_(
        and_(reading.span < Span.HOUR, reading.at > at - hours),
        and_(reading.span == Span.HOUR, reading.at > at - hours - timedelta(hours=1)),
    )
    rows = connection.execute(
        select(
            reading.station,
            reading.span,
            reading.at,
            func.max(reading.value).filter(reading.factor == SPEED).label("speed"),
            func.max(reading.value).filter(reading.factor == DIRECTION).label("direction"),
        )
        .where(
            reading.station.in_([one.number for _, one in near]),
            reading.factor.in_(sorted(wanted)),
            # Named one by one: each is a range of the key, also for a server that skips nothing in it.
            reading.span.in_((Span.REAL_TIME, Span.MINUTE, Span.HOUR)),
            reading.at > at - hours - timedelta(hours=1),
            reading.at <= at,
            since,
            reading.flag == DataFlag.NORMAL.value,
        )
        .group_by(reading.station, reading.span, reading.at)
    ).all()
    measured: dict[int, list[WindReading]] = {}
    for row in rows:
        if row.speed is not None and row.direction is not None:
            measured.setdefault(row.station, []).append(WindReading(row.at, row.speed, row.direction))
    for distance, one in sorted(near, key=_distance):
        if one.number in measured:
            return mean_wind(measured[one.number], one.name, distance)
    return None


def _stations(
    connection: Connection, stations: Sequence[Station], own: Station | None, at: datetime
) -> Iterator[Candidate]:
    beyond = set(
        connection.execute(
            select(_episode.station).where(
                _episode.began_at <= at + EPISODE_AFTER,
                _episode.began_at > at - TICKETS_BEFORE,
                or_(_episode.ended_at.is_(None), _episode.ended_at >= at - EPISODE_BEFORE),
            )
        ).scalars()
    )
    for one in stations:
        if one.kind in SOURCES and one is not own and one.lng is not None and one.lat is not None:
            name = one.name if one.enterprise in ("", one.name) else f"{one.name}（{one.enterprise}）"
            place = Point(one.lng, one.lat)
            yield Candidate(SuspectKind.STATION, one.key, name, place, None, one.number in beyond)


def _findings(connection: Connection, point: Point, at: datetime, number: str) -> Iterator[Candidate]:
    rows = connection.execute(
        select(_finding.number, _finding.what, _finding.at, _finding.lng, _finding.lat, _finding.is_clue)
        .where(
            _finding.at >= at - FOUND_BEFORE,
            _finding.at <= at + FOUND_AFTER,
            _within(schema.finding, point),
        )
        # What its source suspects is never crowded out by the many that it merely saw.
        .order_by(_finding.is_clue.desc(), _finding.at.desc())
        .limit(MOST_TICKETS)
    )
    for row in rows:
        if clue_number(row.number) != number:
            place = Point(row.lng, row.lat)
            yield Candidate(SuspectKind.FINDING, str(row.number), row.what, place, row.at, row.is_clue)


def _tickets(connection: Connection, point: Point, at: datetime, number: str) -> Iterator[Candidate]:
    rows = connection.execute(
        select(
            _ticket.number,
            _ticket.title,
            _ticket.received_at,
            _ticket.lng,
            _ticket.lat,
            or_(_ticket.closed_at.is_(None), _ticket.closed_at > at).label("was_open"),
        )
        .where(
            _within(schema.ticket, point),
            _ticket.received_at.between(at - TICKETS_BEFORE, at),
            _ticket.number != number,
            _ticket.merged_into.is_(None),
            or_(*(_ticket.category.startswith(code, autoescape=True) for code in AIRBORNE)),
        )
        .order_by(_ticket.received_at.desc())
        .limit(MOST_TICKETS)
    )
    for row in rows:
        place = Point(row.lng, row.lat)
        yield Candidate(SuspectKind.TICKET, row.number, row.title, place, row.received_at, row.was_open)


def _within(table: Table, point: Point) -> ColumnElement[bool]:
    """What a box as large as the farthest reach holds."""
    reach = TraceRule().farthest_m / METRES_A_DEGREE
    across = reach / math.cos(math.radians(point.lat))
    return and_(
        table.c.lat.between(point.lat - reach, point.lat + reach),
        table.c.lng.between(point.lng - across, point.lng + across),
    )


def _distance(near: tuple[float, Station]) -> float:
    return near[0]
