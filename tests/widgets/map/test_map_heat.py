"""The heat layer: as many levels as it says, hottest where tickets are, calm while they come and go."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.nodes import TicketState
from domain.overview import MapPoint
from tests.widgets.map.samples import cities, columns_of, scattered, ticket
from widgets.map.heat import MOST_CELLS, Heat, HeatPicture, heat_picture
from widgets.map.marks import Camera

CITY = Camera(9.0, 9.0, 116.5, 33.7, 118.5, 35.3)


def picture_of(points: list[MapPoint], kind: Heat = Heat.OPEN, camera: Camera = CITY) -> HeatPicture | None:
    columns = columns_of(points)
    return heat_picture(columns, np.ones(len(columns), dtype=bool), kind, camera.zoom, camera.window)


def levels(picture: HeatPicture) -> np.ndarray:
    return np.frombuffer(picture.levels, np.uint8).reshape(picture.high, picture.wide).astype(int)


@given(cities(least=1))
def test_the_picture_is_of_its_size_and_covers_its_edges(points: list[MapPoint]) -> None:
    picture = picture_of(points)
    assert picture is not None
    assert len(picture.levels) == picture.wide * picture.high
    assert picture.west <= CITY.west < CITY.east <= picture.east
    assert picture.south <= CITY.south < CITY.north <= picture.north
    message = picture.as_message()
    assert base64.b64decode(str(message["levels"])) == picture.levels


def test_it_is_hottest_where_the_tickets_are() -> None:
    crowd = [ticket(f"c{i}", 117.2, 34.2) for i in range(50)]
    picture = picture_of([*crowd, ticket("far", 117.9, 34.9)])
    assert picture is not None
    row, column = np.unravel_index(levels(picture).argmax(), (picture.high, picture.wide))
    lng = picture.west + (column + 0.5) / picture.wide * (picture.east - picture.west)
    lat = picture.north + (row + 0.5) / picture.high * (picture.south - picture.north)
    assert (lng, lat) == pytest.approx((117.2, 34.2), abs=0.03)
    assert levels(picture).max() > 180


def test_only_overdue_tickets_where_that_is_asked() -> None:
    calm = [ticket(f"c{i}", 117.2, 34.2) for i in range(50)]
    assert picture_of(calm, Heat.OVERDUE) is None
    late = picture_of([*calm, ticket("late", 117.9, 34.9, TicketState.OVERDUE)], Heat.OVERDUE)
    alone = picture_of([ticket("late", 117.9, 34.9, TicketState.OVERDUE)], Heat.OVERDUE)
    assert late == alone


def test_nothing_is_shown_of_nothing() -> None:
    assert picture_of([]) is None
    assert picture_of(scattered(10), Heat.OFF) is None


@given(st.floats(117.05, 117.95), st.floats(34.05, 34.95))
def test_one_ticket_more_changes_the_picture_there_alone(lng: float, lat: float) -> None:
    # With room to the next step of the densest place; crossing one is what makes the scale grow.
    points = scattered(3000)
    before, after = picture_of(points), picture_of([*points, ticket("new", lng, lat)])
    assert before is not None
    assert after is not None
    changed = np.argwhere(np.abs(levels(after) - levels(before)) > 0)
    if len(changed):
        assert np.ptp(changed, axis=0).max() <= 16


def test_a_window_far_larger_than_a_screen_is_cut() -> None:
    picture = picture_of(scattered(100), camera=Camera(14.0, 9.0, 116.5, 33.7, 118.5, 35.3))
    assert picture is None or max(picture.wide, picture.high) <= MOST_CELLS
