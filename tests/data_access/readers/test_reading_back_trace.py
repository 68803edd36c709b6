"""What lay upwind of a ticket (Q05), read from stations, findings and tickets of a real store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data_access import bulk
from data_access.findings import FindingFile, put_findings
from data_access.readers.back_trace import MOST_TICKETS, trace_of
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import put_stations
from data_access.store import Store
from domain.back_trace import BackTrace, point_at
from domain.coordinates import Point
from domain.events import Event, Received
from domain.findings import FindingSource, NewFinding
from domain.intake import NewTicket
from domain.people import SYSTEM
from domain.stations import DataFlag, Measure, Sample, Span, Station, StationKind

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HERE = Point(117.2, 34.2)
WIND = (Measure("a01007", "m/s"), Measure("a01008", "°"))


def station(key: str, kind: StationKind, bearing: float, metres: float) -> Station:
    place = point_at(HERE, bearing, metres)
    measures = WIND if kind is StationKind.AIR else (Measure("a34002", "µg/m³"),)
    return Station(0, key, key, kind, f"MN{key}", measures, lng=place.lng, lat=place.lat)


def ticket(number: str, bearing: float, metres: float, category: str = "B01") -> NewTicket:
    place = point_at(HERE, bearing, metres)
    fact = Received("12345", number, category=category, lng=round(place.lng, 6), lat=round(place.lat, 6))
    return NewTicket(number, (Event(NOW, SYSTEM, fact),), number.encode().ljust(32, b"\0"))


def found(bearing: float, what: str) -> NewFinding:
    place = point_at(HERE, bearing, 900.0)
    at = NOW - timedelta(hours=2)
    return NewFinding(FindingSource.DRONE, at, place.lng, place.lat, what, is_suspect=True)


@pytest.fixture
def city(store: Store) -> Store:
    """A wind from the east, and things to the east and to the west."""

    def fill(connection):  # type: ignore[no-untyped-def]
        numbers = put_stations(
            connection,
            [
                station("air", StationKind.AIR, 180.0, 3_000.0),
                station("east", StationKind.DUST, 92.0, 1_900.0),
                station("west", StationKind.DUST, 270.0, 1_900.0),
                station("outlet", StationKind.WATER, 90.0, 500.0),
            ],
        )
        moments = [NOW - timedelta(minutes=minutes) for minutes in (10, 20, 30)]
        wind = [
            Sample(numbers["air"], factor, Span.MINUTE, at, value)
            for at in moments
            for factor, value in (("a01007", 3.0), ("a01008", 90.0))
        ]
        # What is flagged as invalid is no wind.
        broken = [
            replace(one, at=one.at + timedelta(minutes=1), value=270.0, flag=DataFlag.FAULT)
            for one in wind
            if one.factor == "a01008"
        ]
        store_samples(connection, [*wind, *broken], NOW)
        file = FindingFile(FindingSource.DRONE, "flight.csv", "0" * 64, "WGS-84")
        put_findings(connection, file, [found(85.0, "堆场"), found(265.0, "西堆场")], NOW)
        rules = load_rules(connection)
        others = [
            ticket("EAST", 95.0, 1_500.0),
            ticket("WEST", 275.0, 1_500.0),
            ticket("NOISE", 90.0, 700.0, "C12"),
        ]
        early = [replace(one, events=(replace(one.events[0], at=NOW - timedelta(days=1)),)) for one in others]
        bulk.add_tickets(connection, rules, early)

    store.write(fill)
    return store


def traced(store: Store, fact: Received) -> BackTrace | None:
    event = Event(NOW, SYSTEM, fact)
    return store.read(lambda connection: trace_of(connection, "ALARM", [event]))


ALARM = Received("12345", "扬尘", category="B01", lng=HERE.lng, lat=HERE.lat)


def test_what_lies_upwind_is_listed_with_its_kind_and_what_stands_out(city: Store) -> None:
    trace = traced(city, ALARM)
    assert trace is not None
    assert trace.wind is not None
    assert (trace.wind.station, round(trace.wind.direction), trace.wind.speed) == ("air", 90, 3.0)
    listed = [(one.candidate.kind.value, one.candidate.name, one.candidate.strong) for one in trace.suspects]
    assert listed == [("finding", "堆场", True), ("ticket", "EAST", True), ("station", "east", False)]


def test_a_suspect_is_not_crowded_out_by_what_was_merely_seen(city: Store) -> None:
    """Q05: a flight brings hundreds of later findings that nobody suspects."""
    many = [
        replace(found(85.0, f"巡查点{n}"), at=NOW - timedelta(minutes=30, seconds=n), is_suspect=False)
        for n in range(MOST_TICKETS)
    ]
    file = FindingFile(FindingSource.DRONE, "later.csv", "1" * 64, "WGS-84")
    assert city.write(lambda connection: put_findings(connection, file, many, NOW))
    trace = traced(city, ALARM)
    assert trace is not None
    assert "堆场" in [one.candidate.name for one in trace.suspects]


def test_what_no_wind_brings_is_not_traced(city: Store) -> None:
    assert traced(city, replace(ALARM, category="C12")) is None
    assert traced(city, replace(ALARM, lng=None, lat=None)) is None
    assert traced(city, replace(ALARM, category=None)) is None


def test_without_wind_all_that_is_near_is_listed(city: Store) -> None:
    event = Event(NOW - timedelta(days=3), SYSTEM, ALARM)
    trace = city.read(lambda connection: trace_of(connection, "ALARM", [event]))
    assert trace is not None
    assert trace.wind is None
    assert {one.candidate.name for one in trace.suspects} == {"east", "west"}
