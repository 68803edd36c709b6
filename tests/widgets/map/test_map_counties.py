"""Where the counties' donuts stand: in the right order, off each other, and never moved by tickets."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.widgets.map.samples import CODES, boundaries, write_boundaries
from widgets.map.counties import (
    CLEARANCE,
    County,
    counties_of,
    group_counties,
    read_boundaries,
)
from widgets.map.mercator import pixels_per_world, project
from widgets.map.outline import Outline, contains, innermost

DEMO = Path(__file__).resolve().parents[3] / "resources" / "city" / "boundaries.geojson"


def test_reading_the_boundaries(tmp_path: Path) -> None:
    counties = counties_of(read_boundaries(write_boundaries(tmp_path)))
    assert tuple(county.adcode for county in counties) == CODES
    # A square of half a degree at 34 degrees north: 0.5/360 of the world wide, 1/cos(lat) of that high.
    assert counties[0].side == pytest.approx(0.5 / 360 / np.sqrt(np.cos(np.radians(34.25))), rel=1e-3)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda d: d.update(type="Feature"), "no GeoJSON FeatureCollection"),
        (lambda d: d["features"][0]["properties"].pop("name"), "lacks name"),
        (lambda d: d["features"][1]["geometry"].update(type="Point"), "no polygon"),
    ],
)
def test_a_file_that_is_not_fit_says_why(tmp_path: Path, spoil: object, complaint: str) -> None:
    document = boundaries()
    spoil(document)
    path = tmp_path / "bad.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_boundaries(path)


def test_a_hole_is_no_part_of_the_area() -> None:
    document = boundaries()
    ring = document["features"][0]["geometry"]["coordinates"][0]
    middle = np.mean(ring[:4], axis=0)
    hole = (middle + (np.array(ring) - middle) * 0.5).tolist()
    whole = counties_of(document)[0].side
    document["features"][0]["geometry"]["coordinates"].append(hole)
    assert counties_of(document)[0].side == pytest.approx(whole * np.sqrt(0.75), rel=1e-3)


def test_a_label_stands_inside_of_its_county_though_the_centroid_does_not() -> None:
    counties = counties_of(read_boundaries(DEMO))
    for county in counties:
        own = [contains(other.rings, np.array([county.x]), np.array([county.y]))[0] for other in counties]
        assert [c.name for c, inside in zip(counties, own, strict=True) if inside] == [county.name]
    # Tongshan lies around the city's districts: the file's own point for it is not the place for a label.
    tongshan = next(county for county in counties if county.name == "铜山区")
    seat = project(117.183894, 34.19288)
    assert np.hypot(tongshan.x - seat[0], tongshan.y - seat[1]) * 360 > 0.2


shapes = st.lists(st.tuples(st.floats(0.2, 1.0)), min_size=5, max_size=24)


@given(shapes)
def test_the_innermost_place_is_inside_of_any_star(radii: list[tuple[float]]) -> None:
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    reach = np.array(radii)[:, 0]
    ring = np.column_stack([reach * np.cos(angles), reach * np.sin(angles)])
    x, y = innermost([ring])
    assert contains([ring], np.array([x]), np.array([y]))[0]


def test_the_innermost_place_of_a_ring_road_is_on_the_road() -> None:
    outer = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=float)
    hole = np.array([[1, 1], [7, 1], [7, 7], [1, 7]], dtype=float)
    x, y = innermost([outer, hole])
    assert (x, y) == pytest.approx((8.24, 8.24), abs=0.35)  # the corner has most room


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_lies_in_the_city_is_found_but_for_the_border(seed: int) -> None:
    counties = counties_of(boundaries())
    outline = Outline(tuple(county.rings for county in counties))
    random = np.random.default_rng(seed)
    lng, lat = 116.9 + 1.2 * random.random(200), 33.9 + 1.2 * random.random(200)
    inside = (lng > 117) & (lng < 118) & (lat > 34) & (lat < 35)
    border = np.abs(np.abs(lng - 117.5) - 0.5) < 0.002
    border |= np.abs(np.abs(lat - 34.5) - 0.5) < 0.002
    found = outline.inside(*project(lng, lat))
    assert (found == inside)[~border].all()
    assert not outline.inside(np.array([np.nan]), np.array([0.4])).any()


counties_anywhere = st.lists(
    st.tuples(st.floats(0.80, 0.84), st.floats(0.39, 0.42), st.floats(0.0001, 0.004)), max_size=12
).map(lambda rows: tuple(County(f"{i:06d}", f"第{i}区", x, y, side) for i, (x, y, side) in enumerate(rows)))


@given(counties_anywhere, st.floats(6, 12))
def test_every_county_is_in_exactly_one_donut(counties: tuple[County, ...], zoom: float) -> None:
    groups = group_counties(counties, zoom)
    assert sorted(code for group in groups for code in group.adcodes) == [c.adcode for c in counties]
    assert len({group.id for group in groups}) == len(groups)


def test_demo_city_from_afar() -> None:
    counties = counties_of(read_boundaries(DEMO))
    groups = group_counties(counties, 8.5)
    shared = [group for group in groups if group.shared]
    assert [group.name for group in shared] == ["鼓楼·云龙·泉山"]
    assert len(groups) == 8
    pixels = pixels_per_world(8.5)
    for a, b in combinations(groups, 2):
        assert np.hypot(a.x - b.x, a.y - b.y) * pixels > CLEARANCE - 1


def test_demo_city_from_near_has_each_county_by_itself_at_its_own_point() -> None:
    counties = counties_of(read_boundaries(DEMO))
    groups = group_counties(counties, 11.0)
    assert [group.adcodes[0] for group in groups] == [county.adcode for county in counties]
    for group, county in zip(groups, counties, strict=True):
        assert (group.x, group.y) == pytest.approx((county.x, county.y), abs=1e-6)


def test_counties_at_the_same_point_are_parted() -> None:
    same = tuple(County(code, code, 0.82, 0.4, 0.004) for code in ("1", "2"))
    a, b = group_counties(same, 9)
    assert np.hypot(a.x - b.x, a.y - b.y) * pixels_per_world(9) == pytest.approx(CLEARANCE, abs=1)
