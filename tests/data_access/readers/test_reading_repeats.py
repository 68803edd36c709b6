"""What may be the same matter, and repeat points: by place, by address, and as brute force would have it."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from data_access.readers.dossier import dossier
from data_access.readers.repeat_points import (
    PACKED,
    find_points,
    group,
    numbers_at_all,
    points_by_key,
    settled_points,
)
from data_access.readers.repeats import compared, merge_candidates, merge_view, reports_at
from data_access.readers.tickets import settled_tickets, tickets_by_number
from data_access.rules import Rules
from data_access.store import Store
from domain.case_events import MergedInto, RecordAdded, RecordApproved, RecordKind, TookIn
from domain.coordinates import Point, metres_between
from domain.events import Accepted, Closed, Dispatched, Event, Fact
from domain.listing import TicketFilter
from domain.merging import Sameness
from domain.nodes import TicketState
from domain.people import Actor
from tests.data_access.readers.worlds import put_city, put_streams
from tests.data_access.streams import DUTY, HANDLER, received
from tests.fresh_database import opened_copy

NOW = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in the city."""
NORTH = 1 / 111_195
"""Degrees of latitude in a metre."""
LNG, LAT = 117.2, 34.27


def life(
    hours: float, north_m: float | None, *steps: tuple[Actor, Fact], **values: object
) -> tuple[Event, ...]:
    """A ticket that came in so many hours before NOW, so many metres north of the place."""
    place = {} if north_m is None else {"lng": LNG, "lat": LAT + north_m * NORTH}
    start = NOW - timedelta(hours=hours)
    first = received(**({"category": "C02", "address": "荆山路 18 号"} | place | values))
    happened = [(DUTY, first), *steps]
    return tuple(Event(start + timedelta(minutes=n), actor, fact) for n, (actor, fact) in enumerate(happened))


PLAN = RecordAdded(RecordKind.PLAN, "夜间施工整治方案")
APPROVED = (DUTY, RecordApproved(1))
TICKETS = {
    "T-1": life(72, 0, (DUTY, Accepted()), (DUTY, Dispatched("housing")), (HANDLER, PLAN), APPROVED),
    "T-2": life(48, 40, (DUTY, Accepted())),
    "T-3": life(1, 30),
    "T-far": life(2, 260, address="荆山路 40 号"),
    "T-kind": life(3, 10, category="C09"),
    "T-class": life(4, 10, category="A01"),
    "T-old": life(24 * 31 + 2, 0),
    "T-past": life(24 * 91, 0),
    "T-closed": life(20, 5, (DUTY, Closed("已解决"))),
    "T-address": life(5, None),
    "T-nowhere": life(6, None, address=""),
    "T-merged": life(30, 20, (DUTY, MergedInto("T-1", "同一工地", 20.0))),
    "A-1": life(10, None, address="汉风路 3 号", category="B01"),
    "A-2": life(9, None, address="汉风路 3 号", category="B01"),
    "A-3": life(8, None, address="汉风路 5 号", category="B01"),
}
TOOK_IN = Event(NOW - timedelta(hours=30), DUTY, TookIn("T-merged", 20.0))


@pytest.fixture(scope="module")
def store(postgres: Path, template_database: str) -> Iterator[Store]:
    """One store for the module: nothing here writes to it."""
    with opened_copy(postgres, template_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def rules(store: Store) -> Rules:
    put_city(store)
    streams = {f"ticket/{number}": events for number, events in TICKETS.items()}
    streams["ticket/T-1"] = (*TICKETS["T-1"], TOOK_IN)
    return put_streams(store, streams)


def test_b09_candidates_are_near_in_place_time_and_kind_and_open(store: Store, rules: Rules) -> None:
    def work(connection: Connection) -> None:
        found = merge_candidates(connection, rules, "T-3", NOW)
        assert [row.why.number for row in found] == ["T-address", "T-2", "T-kind", "T-1"]
        same, near, kind, first = found
        assert near.why.distance_m == pytest.approx(10, abs=0.1)
        assert near.why.gap == timedelta(hours=47)
        assert (first.row.number, first.row.body_name, first.row.merged) == ("T-1", "住建局", 1)
        assert (same.why.distance_m, same.why.same_address) == (None, True)
        assert kind.why.sameness is Sameness.CLASS
        # Beyond the radius, of another class, too old, closed, merged: none, but each can be compared.
        assert merge_candidates(connection, rules, "T-merged", NOW) == ()
        assert merge_candidates(connection, rules, "T-closed", NOW) == ()
        assert merge_candidates(connection, rules, "T-0", NOW) == ()
        far = compared(connection, "T-3", "T-far", NOW)
        assert far is not None
        assert far.why.distance_m == pytest.approx(230, abs=0.2)
        assert compared(connection, "T-3", "T-0", NOW) is None
        view = merge_view(connection, rules, "T-3", NOW)
        assert view is not None
        assert (view.this.row.number, len(view.candidates)) == ("T-3", 4)
        assert (view.radius_m, view.days) == (200, 30)
        assert [view.is_beyond(row) for row in (far, *found)] == [True, False, False, False, False]

    store.read(work)


def test_lists_and_dossiers_say_what_is_merged(store: Store, rules: Rules) -> None:
    def work(connection: Connection) -> None:
        main, repeat = tickets_by_number(connection, ["T-1", "T-merged"], NOW)
        assert (main.merged, main.merged_into) == (1, None)
        assert (repeat.merged, repeat.merged_into) == (0, "T-1")
        closed = TicketFilter(state=TicketState.CLOSED, merged=False)
        assert list(settled_tickets(connection, closed, NOW).keys(0, 9)) == ["T-closed"]
        assert list(settled_tickets(connection, TicketFilter(merged=True), NOW).keys(0, 9)) == ["T-merged"]
        assert "T-merged" not in settled_tickets(connection, TicketFilter(open_only=True), NOW).keys(0, 99)
        one = dossier(connection, rules, "T-1", NOW, NOW)
        assert one is not None
        assert ([row.number for row in one.merged], one.merged_count) == (["T-merged"], 1)
        before = dossier(connection, rules, "T-1", NOW - timedelta(hours=31), NOW)
        assert before is not None
        assert (before.merged_count, before.candidates) == (0, ())
        other = dossier(connection, rules, "T-merged", NOW, NOW)
        assert other is not None
        assert other.merged_into == "T-1"

    store.read(work)


def test_b10_a_point_counts_all_reports_of_the_window(store: Store, rules: Rules) -> None:
    # Within 50 m of T-3 in 90 days: T-1, T-2, T-kind, T-class, T-old, T-closed, T-merged, and T-address by
    # its address; not T-past, nor T-far.
    assert store.read(lambda c: reports_at(c, rules, "T-3")) == 9
    assert store.read(lambda c: reports_at(c, rules, "T-far")) == 1

    def work(connection: Connection) -> None:
        found = find_points(connection, rules, NOW)
        by_place, by_address = points_by_key(connection, found, list(found.counts), NOW)
        assert by_place is not None
        assert by_address is not None
        at_the_place = {"T-1", "T-2", "T-3", "T-kind", "T-class", "T-old", "T-closed", "T-merged"}
        assert set(by_place.numbers) == at_the_place
        assert (by_place.count, by_place.open, by_place.merged) == (8, 6, 1)
        assert by_place.kinds[0][1] == 6
        assert by_place.bodies == (("住建局", 1),)
        assert (by_place.plan, by_place.plan_approved) == ("夜间施工整治方案", True)
        assert by_place.last_at == NOW - timedelta(hours=1)
        assert set(by_address.numbers) == {"A-1", "A-2"}
        # Y22: of the one that was closed in its own name, none was alone at its place.
        assert (found.settled.settled, found.settled.closed) == (0, 1)
        assert set(numbers_at_all(connection, found)) == at_the_place | {"A-1", "A-2"}
        assert settled_points(found).keys(0, 9) == list(found.counts)
        assert points_by_key(connection, found, ["9:9"], NOW) == (None,)

    store.read(work)


def test_before_the_first_report_there_is_none(store: Store, rules: Rules) -> None:
    long_ago = NOW - timedelta(days=400)
    found = store.read(lambda c: find_points(c, rules, long_ago))
    assert (found.counts, found.reports) == ({}, 0)
    assert len(settled_points(found)) == 0
    assert store.read(lambda c: numbers_at_all(c, found)) == ()


CELLS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4)),
    unique_by=lambda cell: cell[:2],
    max_size=30,
)


@settings(deadline=None)
@given(CELLS, st.integers(2, 4))
def test_points_are_what_one_after_the_other_would_make(
    cells: list[tuple[int, int, int]], reports: int
) -> None:
    """The fullest cell is a middle, then the fullest that is near none; each goes to the fullest near it."""
    size = 25 * NORTH
    east = size / math.cos(math.radians(LAT))
    packed = np.array(
        [(x, y, count, LNG + (x + 0.5) * east, LAT + (y + 0.5) * size, 0.0) for x, y, count in cells], PACKED
    )
    places = {(x, y): Point(LNG + (x + 0.5) * east, LAT + (y + 0.5) * size) for x, y, _ in cells}
    counts = {(x, y): count for x, y, count in cells}
    order = sorted(counts, key=lambda cell: (-counts[cell], cell[1], cell[0]))

    def near(one: tuple[int, int], other: tuple[int, int]) -> bool:
        return metres_between(places[one], places[other]) <= 50

    middles: list[tuple[int, int]] = []
    for cell in order:
        if not any(near(cell, middle) for middle in middles):
            middles.append(cell)
    home = {
        cell: next(middle for middle in middles if cell == middle or near(cell, middle)) for cell in order
    }
    wanted = {
        f"{x}:{y}": {cell for cell in order if home[cell] == (x, y)}
        for x, y in middles
        if sum(counts[cell] for cell in order if home[cell] == (x, y)) >= reports
    }
    found = group(packed, 50, reports)
    assert {key: set(place.cells) for key, place in found.items()} == wanted
    assert all(place.reports == sum(counts[cell] for cell in place.cells) for place in found.values())
    assert all(len(set(place.cells)) == len(place.cells) for place in found.values())
