"""GCJ-02 to WGS-84, against a point that is published in both datums."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.imports.coordinates import _shift, gcj02_to_wgs84


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
