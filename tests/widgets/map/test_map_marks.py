"""What is drawn: each ticket counted once, each mark opening what it counts, little changed at a time."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.overview import AreaCount, MapPoint
from domain.urgency import Urgency
from tests.widgets.map.samples import CODES, areas_of, boundaries, cities, columns_of, scattered, ticket
from widgets.map.counties import counties_of
from widgets.map.marks import MOST_ALERTS, Camera, Frame, MarkKind, build, difference

COUNTIES = counties_of(boundaries())
FAR = Camera(9.0, 9.0, 116.5, 33.7, 118.5, 35.3)
NEAR = Camera(11.0, 9.0, 116.5, 33.7, 118.5, 35.3)
cameras = st.sampled_from([FAR, NEAR])


def frame_of(points: list[MapPoint], camera: Camera, before: Frame | None = None) -> Frame:
    return build(columns_of(points), COUNTIES, areas_of(points), camera, before)


def kinds(frame: Frame) -> dict[MarkKind, int]:
    found: dict[MarkKind, int] = {}
    for mark in frame.marks.values():
        found[mark.kind] = found.get(mark.kind, 0) + 1
    return found


@given(cities(), cameras)
def test_each_ticket_is_counted_once_besides_its_ring(points: list[MapPoint], camera: Camera) -> None:
    frame = frame_of(points, camera)
    counted = [
        number
        for mark in frame.marks.values()
        if mark.kind is not MarkKind.ALERT
        for number in frame.numbers_of(mark.id)
    ]
    ringed = {
        number
        for mark in frame.marks.values()
        if mark.kind is MarkKind.ALERT
        for number in frame.numbers_of(mark.id)
    }
    assert len(counted) == len(set(counted))
    # What has no donut of its own is a ring: one ticket alone, drawn once.
    assert {point.number for point in points} - set(counted) <= ringed


@given(cities(), cameras)
def test_a_mark_opens_exactly_what_it_counts(points: list[MapPoint], camera: Camera) -> None:
    frame = frame_of(points, camera)
    for mark in frame.marks.values():
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
    counties = [mark for mark in frame.marks.values() if mark.kind is MarkKind.COUNTY]
    assert [mark.label for mark in counties] == ["甲县", "乙县", "丙区", "丁市"]
    assert sum(mark.count for mark in counties) == 400
    assert MarkKind.CLUSTER not in kinds(frame)


def test_a_county_without_tickets_keeps_its_name() -> None:
    frame = frame_of([], FAR)
    assert [(mark.label, mark.count) for mark in frame.marks.values()] == [
        ("甲县", 0),
        ("乙县", 0),
        ("丙区", 0),
        ("丁市", 0),
    ]


def test_the_store_knows_tickets_without_coordinates() -> None:
    points = [ticket("a", 117.1, 34.1)]
    areas = [AreaCount(CODES[0], "甲县", 5, 2)]
    frame = build(columns_of(points), COUNTIES, areas, FAR)
    mark = frame.marks[f"c:{CODES[0]}"]
    assert mark.count == 5
    assert frame.filter_of(mark.id) == TicketFilter(open_only=True, area=CODES[0])


def test_a_count_of_the_store_that_lags_behind_is_not_believed() -> None:
    points = [ticket("a", 117.1, 34.1), ticket("b", 117.2, 34.1)]
    frame = build(columns_of(points), COUNTIES, [AreaCount(CODES[0], "甲县", 1, 0)], FAR)
    assert frame.filter_of(f"c:{CODES[0]}") == TicketFilter(numbers=("a", "b"))


def test_tickets_outside_of_all_counties_are_shown_too() -> None:
    frame = frame_of([ticket("out", 116.8, 33.9)], FAR)
    assert [frame.numbers_of(m.id) for m in frame.marks.values() if m.kind is MarkKind.TICKET] == [("out",)]


def test_urgent_late_tickets_are_ringed_and_counted_in_their_county() -> None:
    points = [
        ticket("late", 117.1, 34.1, TicketState.OVERDUE, Urgency.CRITICAL),
        ticket("soon", 117.4, 34.4, TicketState.DUE_SOON, Urgency.FIRST),
        ticket("calm", 117.2, 34.2, TicketState.ON_TIME, Urgency.CRITICAL),
        ticket("plain", 117.3, 34.3, TicketState.OVERDUE, Urgency.ORDINARY),
    ]
    frame = frame_of(points, FAR)
    rings = [mark for mark in frame.marks.values() if mark.kind is MarkKind.ALERT]
    assert sorted(mark.label for mark in rings) == ["late", "soon"]
    assert frame.marks[f"c:{CODES[0]}"].count == 4


def test_a_ringed_ticket_alone_in_its_cell_is_drawn_once() -> None:
    frame = frame_of([ticket("late", 117.1, 34.1, TicketState.OVERDUE, Urgency.CRITICAL)], NEAR)
    assert kinds(frame) == {MarkKind.LABEL: 4, MarkKind.ALERT: 1}


def test_with_too_many_alerts_the_overdue_ones_are_ringed() -> None:
    points = [
        ticket(
            f"{state.value}{i}",
            117.01 + (i % 10) / 10.2,
            34.01 + (i // 10) / 10.2 + shift,
            state,
            Urgency.FIRST,
        )
        for state, count, shift in ((TicketState.DUE_SOON, 100, 0.0), (TicketState.OVERDUE, 10, 0.05))
        for i in range(count)
    ]
    frame = frame_of(points, NEAR)
    rings = [mark for mark in frame.marks.values() if mark.kind is MarkKind.ALERT]
    assert len(rings) == MOST_ALERTS
    assert sum(mark.states[0] for mark in rings) == 10


def test_only_what_is_in_view_or_near_is_drawn() -> None:
    points = scattered(2000)
    frame = frame_of(points, Camera(13.0, 9.0, 117.2, 34.2, 117.3, 34.3))
    clusters = [m for m in frame.marks.values() if m.kind in (MarkKind.CLUSTER, MarkKind.TICKET)]
    assert clusters
    assert all(117.1 < mark.lng < 117.4 and 34.1 < mark.lat < 34.4 for mark in clusters)


@given(cities(least=1), cameras, st.data())
def test_a_change_of_one_ticket_changes_few_marks(
    points: list[MapPoint], camera: Camera, data: st.DataObject
) -> None:
    before = frame_of(points, camera)
    which = data.draw(st.integers(0, len(points) - 1))
    after_points = list(points)
    after_points[which] = dataclasses.replace(
        points[which], state=data.draw(st.sampled_from([TicketState.DONE, TicketState.OVERDUE]))
    )
    after = frame_of(after_points, camera, before)
    change = difference(before.marks, after.marks)
    # Its donut or itself, and a ring that comes, goes or makes room for another under the cap.
    assert len(change.changed) + len(change.removed) <= 4


@given(cities(), cities(), cameras)
def test_differences_lead_from_one_frame_to_the_other(
    first: list[MapPoint], second: list[MapPoint], camera: Camera
) -> None:
    before = frame_of(first, camera)
    after = frame_of(second, camera, before)
    change = difference(before.marks, after.marks)
    page = {key: mark for key, mark in before.marks.items() if key not in change.removed}
    page |= {mark.id: mark for mark in change.changed}
    assert page == dict(after.marks)


def test_an_unchanged_city_changes_nothing() -> None:
    points = scattered(300)
    before = frame_of(points, NEAR)
    change = difference(before.marks, frame_of(points, NEAR, before).marks)
    assert (change.changed, change.removed) == ((), ())


def test_clusters_hold_still_while_tickets_come() -> None:
    points = scattered(3000)
    before = frame_of(points, NEAR)
    after = frame_of([*points, ticket("new", 117.30, 34.30)], NEAR, before)
    change = difference(before.marks, after.marks)
    assert len(change.changed) == 1
    moved = change.changed[0]
    assert (moved.lng, moved.lat) == (before.marks[moved.id].lng, before.marks[moved.id].lat)
    assert moved.count == before.marks[moved.id].count + 1


@pytest.mark.parametrize("zoom", [9.0, 9.89])
def test_counties_until_the_view_is_narrow(zoom: float) -> None:
    assert dataclasses.replace(FAR, zoom=zoom).by_county
    assert not dataclasses.replace(FAR, zoom=9.91).by_county
