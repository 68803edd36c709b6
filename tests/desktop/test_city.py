"""The master data of the demo city: counts that the source documents state, and points that lie inside."""

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desktop.city import CITY_FOLDER, CityError, load_boundaries, load_city
from domain.city import BodyKind
from domain.people import PLATFORM, Role
from domain.urgency import Urgency

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
REFERENCE = SHARED / "geo" / "xuzhou_county_wgs84_tianditu.geojson"


def _rings() -> dict[str, list[list[float]]]:
    return {
        feature["properties"]["adcode"]: feature["geometry"]["coordinates"][0]
        for feature in load_boundaries()["features"]
    }


def _inside(lng: float, lat: float, ring: list[list[float]]) -> bool:
    """Ray casting: an odd number of crossings to the east is inside."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lng < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


def test_the_list_has_11_classes_and_77_kinds() -> None:
    city = load_city()
    assert len(city.classes) == 11
    assert len(city.categories) == 77
    assert {category.class_code for category in city.categories} == {row.code for row in city.classes}


def test_fast_lane_kinds_come_in_two_batches() -> None:
    batches = Counter(category.fast_lane.batch for category in load_city().categories if category.fast_lane)
    assert batches == {1: 28, 2: 13}


def test_a_fast_lane_kind_counts_from_its_own_day() -> None:
    straw = load_city().category("H01")
    assert straw is not None
    assert not straw.is_fast_lane(datetime(2026, 8, 31, 23, 59, tzinfo=SHANGHAI), SHANGHAI)
    assert straw.is_fast_lane(datetime(2026, 9, 1, 0, 0, tzinfo=SHANGHAI), SHANGHAI)


def test_twelve_bodies_a_platform_office_and_a_supervisor() -> None:
    city = load_city()
    kinds = Counter(body.kind for body in city.bodies)
    assert kinds == {BodyKind.RESPONSIBLE: 12, BodyKind.PLATFORM: 1, BodyKind.DISCIPLINE: 1}
    assert city.body(PLATFORM) is not None
    assert len(city.linked) == 7
    assert [channel.key for channel in city.channels if channel not in city.linked] == ["tracing", "ahead"]
    assert {channel.key for channel in city.channels if channel.proactive} == {
        "enforcement",
        "monitoring",
        "tracing",
        "ahead",
    }


def test_every_role_and_body_has_somebody_at_the_screen() -> None:
    city = load_city()
    for role in (Role.WALL, Role.DUTY, Role.DISCIPLINE, Role.LEADER, Role.ADMIN):
        assert city.staff(role), role
    for body in city.responsible:
        assert city.staff(Role.HANDLER, body.key), body.name
    names = [person.name for person in city.people]
    assert len(set(names)) == len(names)


def test_every_county_and_township_lies_inside_its_boundary() -> None:
    rings = _rings()
    for area in load_city().areas:
        ring = rings[area.adcode]
        assert _inside(area.lng, area.lat, ring), area.name
        assert area.townships, area.name
        for township in area.townships:
            assert _inside(township.lng, township.lat, ring), (area.name, township.name)


def test_ten_counties_with_centres_inside() -> None:
    features = load_boundaries()["features"]
    assert {f["properties"]["adcode"] for f in features} == {area.adcode for area in load_city().areas}
    assert len(features) == 10
    for feature in features:
        lng, lat = feature["properties"]["center"]
        assert _inside(lng, lat, feature["geometry"]["coordinates"][0]), feature["properties"]["name"]


def test_tongshans_centroid_is_outside_so_its_point_is_given() -> None:
    assert not _inside(117.290, 34.280, _rings()["320312"])


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference boundaries are not in this checkout")
def test_boundaries_agree_with_the_reference() -> None:
    reference = {
        str(feature["properties"]["district_adcode"]): feature["geometry"]["coordinates"][0]
        for feature in _features_of(REFERENCE)
    }
    for adcode, ring in _rings().items():
        assert len(ring) == len(reference[adcode])
        for (x, y), (rx, ry) in zip(ring, reference[adcode], strict=True):
            assert abs(x - rx) < 1e-5
            assert abs(y - ry) < 1e-5


def _features_of(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def test_a_county_that_is_a_responsible_body_leads_its_local_kinds() -> None:
    city = load_city()
    fumes = city.category("D01")
    night_noise = city.category("C12")
    assert fumes is not None
    assert night_noise is not None
    assert city.lead_for(fumes, "320312")[0] == "tongshan"
    assert city.lead_for(fumes, "320321")[0] == "urban_management"
    assert "urban_management" in city.lead_for(fumes, "320312")[1]
    assert city.lead_for(night_noise, "320312") == ("housing", ("public_security",))
    assert night_noise.rule == "责任清单 3.12"
    assert night_noise.urgency is Urgency.CRITICAL


def test_every_file_says_that_it_is_sample_data() -> None:
    for path in sorted(CITY_FOLDER.iterdir()):
        assert "示例" in path.read_text(encoding="utf-8")[:200], path.name


def test_a_list_that_names_an_unknown_body_is_refused(tmp_path: Path) -> None:
    for path in CITY_FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "categories.toml":
            text = text.replace('lead = "ecology"', 'lead = "nobody"', 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(CityError, match="nobody"):
        load_city(tmp_path)
