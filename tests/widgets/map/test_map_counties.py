"""Where the counties' donuts stand: in the right order, off each other, and never moved by tickets."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.map.samples import CODES, boundaries, write_boundaries
from widgets.map.counties import (
    CLEARANCE,
    County,
    counties_of,
    group_counties,
    read_boundaries,
)
from widgets.map.mercator import pixels_per_world

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
        (lambda d: d["features"][0]["properties"].pop("center"), "lacks center"),
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
