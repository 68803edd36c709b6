"""Clusters: every ticket in exactly one, and none disturbed by what happens elsewhere."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.nodes import TicketState
from domain.overview import MapPoint
from domain.urgency import Urgency
from tests.widgets.map.samples import CODES, cities, columns_of, ticket
from widgets.map.alerts import alerts
from widgets.map.clusters import (
    Clusters,
    gather,
    grid,
    level_of,
    settle,
    zoom_of,
)
from widgets.map.mercator import pixels_per_world, project, unproject
from widgets.map.points import STATES, Choice, PointColumns

levels = st.integers(level_of(7.0), level_of(18.0))


def contents(points: list[MapPoint], clusters: Clusters) -> dict[int, frozenset[MapPoint]]:
    """Return the tickets of each cluster by its key."""
    return {
        int(key): frozenset(points[position] for position in clusters.members(index))
        for index, key in enumerate(clusters.keys)
    }


@given(cities(), levels)
def test_every_ticket_is_in_exactly_one_cluster(points: list[MapPoint], level: int) -> None:
    clusters = grid(columns_of(points), level)
    members = [int(position) for index in range(len(clusters)) for position in clusters.members(index)]
    assert sorted(members) == list(range(len(points)))


@given(cities(), levels)
def test_the_counts_are_those_of_the_members(points: list[MapPoint], level: int) -> None:
    clusters = grid(columns_of(points), level)
    for index in range(len(clusters)):
        states = [points[position].state for position in clusters.members(index)]
        assert tuple(clusters.counts[index]) == tuple(states.count(state) for state in STATES)


@given(cities(), levels)
def test_tickets_of_a_cluster_lie_within_one_cell(points: list[MapPoint], level: int) -> None:
    columns = columns_of(points)
    clusters = grid(columns, level, cell=96.0)
    pixels = pixels_per_world(zoom_of(level))
    for index in range(len(clusters)):
        members = clusters.members(index)
        assert np.ptp(columns.x[members]) * pixels < 96.001
        assert np.ptp(columns.y[members]) * pixels < 96.001


@given(cities(least=1), levels, st.data())
def test_a_ticket_that_moves_touches_at_most_two_clusters(
    points: list[MapPoint], level: int, data: st.DataObject
) -> None:
    before = grid(columns_of(points), level)
    which = data.draw(st.integers(0, len(points) - 1))
    moved = list(points)
    degrees = st.floats(0, 1, allow_nan=False)
    moved[which] = dataclasses.replace(
        points[which], lng=116.9 + 1.2 * data.draw(degrees), lat=33.9 + 1.2 * data.draw(degrees)
    )
    after = grid(columns_of(moved), level)
    old, new = contents(points, before), contents(moved, after)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert len(changed) <= 2
    # The others do not even move by a hair.
    for index, key in enumerate(after.keys):
        if int(key) not in changed:
            at = int(np.searchsorted(before.keys, key))
            assert after.x[index] == pytest.approx(before.x[at], abs=1e-12)
            assert after.y[index] == pytest.approx(before.y[at], abs=1e-12)


@given(cities(least=2), levels)
def test_clusters_do_not_depend_on_the_order_of_the_tickets(points: list[MapPoint], level: int) -> None:
    forwards = contents(points, grid(columns_of(points), level))
    turned = points[::-1]
    assert contents(turned, grid(columns_of(turned), level)) == forwards


@given(cities(least=1), levels)
def test_a_single_ticket_stands_where_it_is(points: list[MapPoint], level: int) -> None:
    columns = columns_of(points)
    clusters = grid(columns, level)
    for index in range(len(clusters)):
        members = clusters.members(index)
        if len(members) == 1:
            assert clusters.x[index] == pytest.approx(columns.x[members[0]], abs=1e-12)


@given(cities(least=4), levels)
def test_clusters_keep_off_each_other(points: list[MapPoint], level: int) -> None:
    clusters = grid(columns_of(points), level, cell=96.0)
    pixels = pixels_per_world(zoom_of(level))
    several = np.flatnonzero(clusters.counts.sum(axis=1) > 1)
    places = np.column_stack([clusters.x[several], clusters.y[several]]) * pixels
    for i in range(len(places)):
        for j in range(i):
            assert np.hypot(*(places[i] - places[j])) > 50


def test_a_mask_leaves_the_others_out() -> None:
    points = [ticket("a", 117.1, 34.1), ticket("b", 117.1, 34.1), ticket("c", 117.9, 34.9)]
    clusters = grid(columns_of(points), level_of(9), among=np.array([True, False, True]))
    assert sorted(int(p) for i in range(len(clusters)) for p in clusters.members(i)) == [0, 2]


def test_a_cluster_holds_still_until_its_mean_has_wandered() -> None:
    level = level_of(9)
    still = [ticket(f"s{i}", 117.03, 34.1) for i in range(40)]
    before = grid(columns_of(still), level)
    little = grid(columns_of([*still, ticket("n", 117.04, 34.1)]), level)
    assert little.x[0] != before.x[0]
    assert settle(little, before, zoom_of(level)).x[0] == before.x[0]
    much = grid(columns_of([*still, *(ticket(f"m{i}", 117.08, 34.1) for i in range(80))]), level)
    assert len(much) == 1
    assert settle(much, before, zoom_of(level)).x[0] == much.x[0]


def test_settling_with_nothing_before_or_after() -> None:
    level = level_of(9)
    nothing = grid(columns_of([]), level)
    one = grid(columns_of([ticket("a", 117.1, 34.1)]), level)
    assert len(settle(nothing, one, zoom_of(level))) == 0
    assert len(settle(one, nothing, zoom_of(level))) == 1


def test_gathering_by_any_key() -> None:
    columns = columns_of([ticket("a", 117.1, 34.1), ticket("b", 117.6, 34.1), ticket("c", 117.1, 34.2)])
    clusters = gather(columns, np.array([0, 1, 2]), np.array([7, 3, 7]))
    assert [int(key) for key in clusters.keys] == [3, 7]
    assert [clusters.members(i).tolist() for i in range(2)] == [[1], [0, 2]]


def test_tickets_belong_to_their_county_by_code_or_by_township() -> None:
    points = [
        MapPoint("a", 117.1, 34.1, TicketState.DONE, Urgency.ORDINARY, "100002"),
        MapPoint("b", 117.1, 34.1, TicketState.DONE, Urgency.ORDINARY, "100002103"),
        MapPoint("c", 117.1, 34.1, TicketState.DONE, Urgency.ORDINARY, "999999"),
        MapPoint("d", 117.1, 34.1, TicketState.DONE, Urgency.ORDINARY, None),
    ]
    assert columns_of(points).area.tolist() == [1, 1, -1, -1]


def test_a_place_off_the_world_is_counted_but_on_no_map() -> None:
    points = [ticket("a", 117.1, 34.1), ticket("b", float("nan"), 34.1), ticket("c", 500.0, 34.1)]
    columns = columns_of(points)
    assert columns.placed.tolist() == [True, False, False]
    assert len(columns) == sum(columns.totals()) == 3
    clusters = grid(columns, level_of(9))
    assert [clusters.members(index).tolist() for index in range(len(clusters))] == [[0]]


@given(cities())
def test_columns_of_arrays_are_those_of_the_points(points: list[MapPoint]) -> None:
    states, urgencies = list(TicketState), list(Urgency)[::-1]
    areas = ["", "999999", *CODES]
    columns = PointColumns.from_arrays(
        numbers=np.array([point.number for point in points], dtype=str),
        lng=[point.lng for point in points],
        lat=[point.lat for point in points],
        state=[states.index(point.state) for point in points],
        states=states,
        urgency=[urgencies.index(point.urgency) for point in points],
        urgencies=urgencies,
        counties=CODES,
        area=[-1 if point.area is None else areas.index(point.area) for point in points],
        areas=areas,
        category=[0] * len(points),
        categories=[Choice("A01", "废气", "A", "工业废气")],
    )
    same = columns_of(points)
    for name in ("numbers", "x", "y", "state", "urgency", "area", "body"):
        assert getattr(columns, name).tolist() == getattr(same, name).tolist()
    assert all(isinstance(number, str) for number in columns.numbers)
    assert columns.category.tolist() == [0] * len(points)


def test_a_closed_ticket_counts_as_done() -> None:
    columns = PointColumns.from_points([ticket("a", 117.1, 34.1, TicketState.CLOSED)])
    assert STATES[columns.state[0]] is TicketState.DONE


@given(cities())
def test_alerts_are_urgent_and_late_or_nearly(points: list[MapPoint]) -> None:
    expected = [
        point.urgency is not Urgency.ORDINARY and point.state in (TicketState.OVERDUE, TicketState.DUE_SOON)
        for point in points
    ]
    assert alerts(columns_of(points)).tolist() == expected


@given(st.floats(-179.9, 179.9), st.floats(-85, 85))
def test_projecting_there_and_back(lng: float, lat: float) -> None:
    back = unproject(*project(lng, lat))
    assert float(back[0]) == pytest.approx(lng, abs=1e-9)
    assert float(back[1]) == pytest.approx(lat, abs=1e-9)
