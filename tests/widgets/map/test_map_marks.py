"""What is drawn: each ticket counted once, each mark opening what it counts, little changed at a time."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.overview import AreaCount, MapPoint
from domain.urgency import Urgency
from tests.widgets.map.samples import (
    CODES,
    OPEN_STATES,
    areas_of,
    boundaries,
    cities,
    columns_of,
    scattered,
    ticket,
)
from widgets.map.alerts import BLOCK
from widgets.map.clusters import CELL, cells_per_world, level_of
from widgets.map.counties import counties_of, group_counties, read_boundaries
from widgets.map.marks import Camera, MarkKind, Marks, build, difference
from widgets.map.points import PointColumns

COUNTIES = counties_of(boundaries())
DEMO = Path(__file__).resolve().parents[3] / "resources" / "city" / "boundaries.geojson"
FAR = Camera(9.0, 9.0, 116.5, 33.7, 118.5, 35.3)
NEAR = Camera(11.0, 9.0, 116.5, 33.7, 118.5, 35.3)
cameras = st.sampled_from([FAR, NEAR])


def frame_of(points: list[MapPoint], camera: Camera, before: Marks | None = None) -> Marks:
    return build(columns_of(points), COUNTIES, areas_of(points), camera, before)


def kinds(frame: Marks) -> dict[MarkKind, int]:
    found: dict[MarkKind, int] = {}
    for mark in frame.by_id.values():
        found[mark.kind] = found.get(mark.kind, 0) + 1
    return found


@given(cities(), cameras)
def test_each_ticket_is_counted_once_besides_its_ring(points: list[MapPoint], camera: Camera) -> None:
    frame = frame_of(points, camera)
    counted = [
        number
        for mark in frame.by_id.values()
        if mark.kind not in (MarkKind.ALERT, MarkKind.LABEL)
        for number in frame.numbers_of(mark.id)
    ]
    ringed = {
        number
        for mark in frame.by_id.values()
        if mark.kind is MarkKind.ALERT
        for number in frame.numbers_of(mark.id)
    }
    assert len(counted) == len(set(counted))
    # What has no donut of its own is a ring: one ticket alone, drawn once.
    assert {point.number for point in points} - set(counted) <= ringed


@given(cities(), cameras)
def test_a_mark_opens_exactly_what_it_counts(points: list[MapPoint], camera: Camera) -> None:
    frame = frame_of(points, camera)
    for mark in frame.by_id.values():
        wanted = frame.filter_of(mark.id)
        if mark.count == 0:
            assert wanted is None
            continue
        if wanted.numbers is not None:
            opened = set(wanted.numbers)
            assert wanted == TicketFilter(numbers=wanted.numbers)
        else:
            assert wanted == TicketFilter(open_only=True, area=wanted.area)
            opened = {point.number for point in points if point.area == wanted.area}
        assert len(opened) == mark.count
        assert opened == set(frame.numbers_of(mark.id))
        assert sum(mark.states) == mark.count


def test_from_afar_a_donut_a_county() -> None:
    points = scattered(400)
    frame = frame_of(points, FAR)
    counties = [mark for mark in frame.by_id.values() if mark.kind is MarkKind.COUNTY]
    assert [mark.label for mark in counties] == ["甲县", "乙县", "丙区", "丁市"]
    assert sum(mark.count for mark in counties) == 400
    assert MarkKind.CLUSTER not in kinds(frame)


def test_a_county_without_tickets_keeps_its_name() -> None:
    frame = frame_of([], FAR)
    assert [(mark.label, mark.count) for mark in frame.by_id.values()] == [
        ("甲县", 0),
        ("乙县", 0),
        ("丙区", 0),
        ("丁市", 0),
    ]


def test_the_store_knows_tickets_without_coordinates() -> None:
    points = [ticket("a", 117.1, 34.1)]
    areas = [AreaCount(CODES[0], "甲县", 5, 2)]
    frame = build(columns_of(points), COUNTIES, areas, FAR)
    mark = frame.by_id[f"c:{CODES[0]}"]
    assert mark.count == 5
    assert frame.filter_of(mark.id) == TicketFilter(open_only=True, area=CODES[0])


def test_a_count_of_the_store_that_lags_behind_is_not_believed() -> None:
    points = [ticket("a", 117.1, 34.1), ticket("b", 117.2, 34.1)]
    frame = build(columns_of(points), COUNTIES, [AreaCount(CODES[0], "甲县", 1, 0)], FAR)
    assert frame.filter_of(f"c:{CODES[0]}") == TicketFilter(numbers=("a", "b"))


def test_tickets_outside_of_all_counties_are_shown_too() -> None:
    frame = frame_of([ticket("out", 116.8, 33.9)], FAR)
    assert [frame.numbers_of(m.id) for m in frame.by_id.values() if m.kind is MarkKind.TICKET] == [("out",)]


def test_urgent_late_tickets_are_ringed_and_counted_in_their_county() -> None:
    points = [
        ticket("late", 117.1, 34.1, TicketState.OVERDUE, Urgency.CRITICAL),
        ticket("soon", 117.4, 34.4, TicketState.DUE_SOON, Urgency.FIRST),
        ticket("calm", 117.2, 34.2, TicketState.ON_TIME, Urgency.CRITICAL),
        ticket("plain", 117.3, 34.3, TicketState.OVERDUE, Urgency.ORDINARY),
    ]
    frame = frame_of(points, FAR)
    rings = [mark for mark in frame.by_id.values() if mark.kind is MarkKind.ALERT]
    assert sorted(mark.label for mark in rings) == ["late", "soon"]
    assert frame.by_id[f"c:{CODES[0]}"].count == 4


def test_a_crowded_block_has_one_heap_of_its_overdue_ones() -> None:
    soon = [ticket(f"s{i}", 117.05 + i * 0.1, 34.25, TicketState.DUE_SOON, Urgency.FIRST) for i in range(4)]
    late = [ticket(f"l{i}", 117.1 + i * 0.1, 34.1, TicketState.OVERDUE, Urgency.FIRST) for i in range(2)]
    frame = frame_of([*soon, *late], FAR)
    rings = [mark for mark in frame.by_id.values() if mark.kind is MarkKind.ALERT]
    assert [mark.states for mark in rings] == [(2, 0, 0, 0, 0)]
    # It hangs on its county's donut, wherever its tickets are.
    donut = frame.by_id[f"c:{CODES[0]}"]
    assert (rings[0].lng, rings[0].lat) == (donut.lng, donut.lat)
    assert set(frame.numbers_of(rings[0].id)) == {"l0", "l1"}
    assert sum(mark.count for mark in frame_of(soon, FAR).by_id.values() if mark.kind is MarkKind.ALERT) == 4


def test_counties_that_share_a_donut_share_its_heap() -> None:
    counties = counties_of(read_boundaries(DEMO))
    codes = [county.adcode for county in counties]
    shared = next(group for group in group_counties(counties, 8.5) if group.shared)
    late = [
        MapPoint(f"{code}-{i}", 117.1 + i / 5, 34.25, TicketState.OVERDUE, Urgency.CRITICAL, code)
        for code in shared.adcodes
        for i in range(5)
    ]
    camera = Camera(8.5, 8.5, 116.2, 33.6, 118.8, 35.1)
    marks = build(PointColumns.from_points(late, codes), counties, (), camera).by_id.values()
    heaps = [mark for mark in marks if mark.kind is MarkKind.ALERT]
    assert [mark.count for mark in heaps] == [5 * len(shared.adcodes)]


def test_only_what_is_in_view_or_near_is_drawn() -> None:
    points = scattered(2000)
    frame = frame_of(points, Camera(13.0, 9.0, 117.2, 34.2, 117.3, 34.3))
    clusters = [m for m in frame.by_id.values() if m.kind in (MarkKind.CLUSTER, MarkKind.TICKET)]
    assert clusters
    assert all(117.1 < mark.lng < 117.4 and 34.1 < mark.lat < 34.4 for mark in clusters)


def home_of(point: MapPoint, camera: Camera) -> set[str]:
    """Return the ids of all marks that a ticket at this place may be counted in or decide about."""
    level = level_of(camera.zoom)
    columns = columns_of([point])
    x, y = float(columns.x[0]), float(columns.y[0])

    def key(cell: float) -> int:
        cells = cells_per_world(level, cell)
        return (int(np.floor(x * cells)) << 32) | int(np.floor(y * cells))

    ids = {f"g:{level}:{key(CELL)}"}
    if point.area is not None:
        ids |= {f"c:{point.area}", f"l:{point.area}"}
    if camera.by_county and point.area is not None:
        return ids | {f"block:{point.area}"}
    return ids | {f"block:{key(BLOCK)}"}


def block_of(mark_id: str, frame: Marks, points: list[MapPoint], camera: Camera) -> str:
    """Return the block of a ring, by one of its tickets."""
    number = frame.numbers_of(mark_id)[0]
    point = next(point for point in points if point.number == number)
    return next(one for one in home_of(point, camera) if one.startswith("block:"))


places = st.tuples(st.floats(116.9, 118.1), st.floats(33.9, 35.1))


@settings(max_examples=300, deadline=None)
@given(cities(least=1), st.floats(8.6, 16), places, st.sampled_from(["add", "remove", "change"]), st.data())
def test_one_ticket_touches_only_the_cells_it_left_and_came_to(
    points: list[MapPoint], zoom: float, place: tuple[float, float], what: str, data: st.DataObject
) -> None:
    camera = dataclasses.replace(FAR, zoom=zoom)
    # A second frame before the change: clusters that are held in place are part of the promise.
    before = frame_of(points, camera, frame_of(points[: len(points) // 2], camera))
    which = data.draw(st.integers(0, len(points) - 1))
    new = ticket(
        "NEW", *place, data.draw(st.sampled_from(OPEN_STATES)), data.draw(st.sampled_from(list(Urgency)))
    )
    after_points = {
        "add": [*points, new],
        "remove": points[:which] + points[which + 1 :],
        "change": [*points[:which], new, *points[which + 1 :]],
    }[what]
    touched = set() if what == "remove" else home_of(new, camera)
    if what != "add":
        touched |= home_of(points[which], camera)
    after = frame_of(after_points, camera, before)
    change = difference(before.by_id, after.by_id)
    ids = [
        *((mark.id, after, after_points) for mark in change.changed),
        *((mark_id, before, points) for mark_id in change.removed),
    ]
    for mark_id, frame, drawn in ids:
        ring = mark_id.startswith("a:")
        assert (block_of(mark_id, frame, drawn, camera) if ring else mark_id) in touched


@given(cities(), cities(), cameras)
def test_differences_lead_from_one_frame_to_the_other(
    first: list[MapPoint], second: list[MapPoint], camera: Camera
) -> None:
    before = frame_of(first, camera)
    after = frame_of(second, camera, before)
    change = difference(before.by_id, after.by_id)
    page = {key: mark for key, mark in before.by_id.items() if key not in change.removed}
    page |= {mark.id: mark for mark in change.changed}
    assert page == dict(after.by_id)


def test_an_unchanged_city_changes_nothing() -> None:
    points = scattered(300)
    before = frame_of(points, NEAR)
    change = difference(before.by_id, frame_of(points, NEAR, before).by_id)
    assert (change.changed, change.removed) == ((), ())


def test_clusters_hold_still_while_tickets_come() -> None:
    points = scattered(3000)
    before = frame_of(points, NEAR)
    after = frame_of([*points, ticket("new", 117.30, 34.30)], NEAR, before)
    change = difference(before.by_id, after.by_id)
    label, moved = change.changed
    assert (label.id, label.count) == (f"l:{CODES[0]}", before.by_id[label.id].count + 1)
    assert (moved.lng, moved.lat) == (before.by_id[moved.id].lng, before.by_id[moved.id].lat)
    assert moved.count == before.by_id[moved.id].count + 1


@pytest.mark.parametrize("zoom", [9.0, 9.89])
def test_counties_until_the_view_is_narrow(zoom: float) -> None:
    assert dataclasses.replace(FAR, zoom=zoom).by_county
    assert not dataclasses.replace(FAR, zoom=9.91).by_county
