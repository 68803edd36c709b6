"""Datums against points that are published in several, pasted texts, and metres (Y06)."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coordinates import (
    Datum,
    Point,
    _shift,
    gcj02_to_wgs84,
    metres_between,
    parse_degrees,
    wgs84_of,
)


def metres(first: tuple[float, float], second: tuple[float, float]) -> float:
    return 111_320 * hypot((first[0] - second[0]) * cos(radians(first[1])), first[1] - second[1])


@given(st.floats(73, 135), st.floats(4, 53))
def test_the_way_back_ends_where_it_began(lng: float, lat: float) -> None:
    east, north = _shift(lng, lat)
    assert metres(gcj02_to_wgs84(lng + east, lat + north), (lng, lat)) < 0.01


def test_the_published_example_of_coordtransform() -> None:
    # github.com/wandergis/coordtransform, README: wgs84togcj02(116.404, 39.915)
    back = gcj02_to_wgs84(116.41024449916938, 39.91640428150164)
    assert metres(back, (116.404, 39.915)) < 0.01


def test_the_shift_in_xuzhou_is_some_hundred_metres() -> None:
    assert 300 < metres(gcj02_to_wgs84(117.19, 34.26), (117.19, 34.26)) < 800


@pytest.mark.parametrize("point", [(-71.06, 42.36), (2.35, 48.86)])
def test_abroad_the_datums_are_one(point: tuple[float, float]) -> None:
    assert gcj02_to_wgs84(*point) == point


def test_the_published_example_of_coordtransform_for_baidu() -> None:
    # github.com/wandergis/coordtransform, README: bd09togcj02(116.404, 39.915)
    gcj02 = (116.39762729119315, 39.90865673957631)
    found = wgs84_of(Datum.BD09, 116.404, 39.915)
    assert metres((found.lng, found.lat), gcj02_to_wgs84(*gcj02)) < 0.2


def test_a_point_of_the_store_stays_as_it_is() -> None:
    assert wgs84_of(Datum.WGS84, 117.1846, 34.2612) == Point(117.1846, 34.2612)


def test_the_same_digits_in_another_datum_are_hundreds_of_metres_away() -> None:
    here = wgs84_of(Datum.WGS84, 117.1846, 34.2612)
    assert 400 < metres_between(here, wgs84_of(Datum.GCJ02, 117.1846, 34.2612)) < 700
    assert 900 < metres_between(here, wgs84_of(Datum.BD09, 117.1846, 34.2612)) < 1500


def test_metres_are_those_of_the_great_circle() -> None:
    # A minute of latitude is a nautical mile, near enough; one of longitude shrinks with the latitude.
    assert metres_between(Point(117, 34), Point(117, 34 + 1 / 60)) == pytest.approx(1853.2, abs=0.5)
    assert metres_between(Point(117, 60), Point(117 + 1 / 60, 60)) == pytest.approx(926.6, abs=0.5)
    assert metres_between(Point(117, 34), Point(117, 34)) == 0
    assert metres_between(Point(0, 0), Point(180, 0)) == pytest.approx(20_015_115, rel=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "117.1846,34.2612",
        "34.2612, 117.1846",
        "117.1846 34.2612",
        " (117.1846，34.2612) ",
        "lng:117.1846 lat:34.2612",
        "lat=34.2612;lng=117.1846",
        "34.2612N 117.1846E",
        "东经117.1846°，北纬34.2612°",
        "北纬34°15′40.32″，东经117°11′4.56″",
        "34°15'40.32\"N 117°11'4.56\"E",
    ],
)
def test_what_maps_and_people_write_is_understood(text: str) -> None:
    found = parse_degrees(text)
    assert found is not None
    assert found == pytest.approx((117.1846, 34.2612), abs=1e-9)


def test_directions_are_taken_at_their_word() -> None:
    assert parse_degrees("42.36N, 71.06W") == (-71.06, 42.36)
    assert parse_degrees("-71.06, 42.36") == (-71.06, 42.36)
    assert parse_degrees("2.35, 48.86") == (2.35, 48.86)  # in no order said: longitude first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "117.1846",
        "117,34,5",
        "181, 34",
        "34, 95.5N",
        "北纬34.2，北纬117.1",
        "117°61′, 34",
        "泰山路",
        "nan, nan",
        "1e5, 3",
        "9" * 300,
    ],
)
def test_what_is_no_point_is_none(text: str) -> None:
    assert parse_degrees(text) is None


@given(st.text(max_size=40))
def test_whatever_is_pasted_is_a_point_of_the_earth_or_none(text: str) -> None:
    found = parse_degrees(text)
    assert found is None or (abs(found[0]) <= 180 and abs(found[1]) <= 90)
