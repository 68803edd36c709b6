"""Files of findings, read: GeoJSON and tables, points and tracks, in their own datum and encoding (T24)."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.imports.errors import FileError
from desktop.imports.findings import FindingOptions, area_of, read_findings
from domain.coordinates import Datum, gcj02_to_wgs84
from domain.findings import FindingSource

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def at(minutes: float) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def test_a_table_of_a_van_has_points_and_tracks_in_its_own_datum(tmp_path: Path) -> None:
    path = tmp_path / "van.csv"
    rows = [
        "时间,经度,纬度,发现,数值,单位,轨迹",
        f"{at(0)},117.20,34.10,走航,80,µg/m³,A1",
        f"{at(1)},117.21,34.10,走航,95,µg/m³,A1",
        f"{at(2)},117.30,34.20,异味,,,",
        f"{at(2)},217.30,34.20,错点,,,",
    ]
    path.write_text("\n".join(rows), encoding="gb18030")
    read = read_findings(path, FindingOptions(FindingSource.VAN, Datum.GCJ02), NOW)
    assert ([bool(one.track) for one in read.findings], read.rejected) == ([False, True], 1)
    found = read.findings[0]
    assert (found.what, found.at) == ("异味", NOW + timedelta(minutes=2))
    lng, lat = gcj02_to_wgs84(117.30, 34.20)
    assert (found.lng, found.lat) == pytest.approx((lng, lat), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.geojson", b"{", "GeoJSON"),
        ("a.geojson", b'{"type": "Feature"}', "FeatureCollection"),
        ("a.csv", "经度,纬度\n1,2\n".encode(), "时间"),
        ("a.csv", b"", "空的"),
        ("a.csv", "时间,经度,纬度\n昨天,117,34\n".encode(), "第 2 行"),
    ],
)
def test_a_file_without_findings_is_refused_whole(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=said):
        read_findings(tmp_path / name, FindingOptions(FindingSource.RADAR), NOW)


def test_a_point_is_in_the_county_that_surrounds_it() -> None:
    assert area_of(117.2, 34.1) == "320312"
    assert area_of(119.9, 33.0) is None


def test_what_lies_in_the_future_or_ends_before_it_begins_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "hot.csv"
    lines = [
        "time,until,lng,lat,what,value",
        f"{at(0)},{at(9)},117.2,34.1,热点,331.5",
        f"{at(600)},,117.2,34.1,将来,1",
        f"{at(0)},{at(-9)},117.2,34.1,倒流,1",
        f"{at(0)},,117.2,34.1,非数,nan",
    ]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    read = read_findings(path, FindingOptions(FindingSource.SATELLITE, threshold=330.0), NOW)
    (found,) = read.findings
    assert (found.what, found.value, found.is_suspect) == ("热点", 331.5, True)
    assert found.until == NOW + timedelta(minutes=9)
    assert [reason[:5] for reason in read.reasons] == ["第 3 行", "第 4 行", "第 5 行"]


def test_each_that_is_left_out_is_told(tmp_path: Path) -> None:
    """T24: whoever sends the file has to mend all of it."""
    path, good = tmp_path / "seven.csv", f"{at(0)},117.2,34.1"
    path.write_text("\n".join(["time,lng,lat", good, *[f"{at(0)},217,34.1"] * 7]), encoding="utf-8")
    read = read_findings(path, FindingOptions(FindingSource.VAN), NOW)
    assert read.rejected == len(read.reasons) == 7
    assert [reason[:5] for reason in read.reasons] == [f"第 {line} 行" for line in range(3, 10)]


def test_of_a_file_in_which_all_is_wrong_more_than_the_first_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wrong.geojson"
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [117.2, 34.1]}}
    features = [point, {**point, "geometry": None}, {**point, "properties": {"time": "昨天"}}]
    for repeated, more in ((1, ""), (10, "另有 10 条")):
        document = {"type": "FeatureCollection", "features": features * repeated}
        path.write_text(json.dumps(document), encoding="utf-8")
        with pytest.raises(FileError, match="第 1 个要素.*第 2 个要素.*第 3 个要素.*" + more):
            read_findings(path, FindingOptions(FindingSource.VAN), NOW)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_may_be_written_as_spreadsheets_write_it(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "van.csv"
    rows = [("发现时间", "Longitude", "Latitude", "问题"), (at(0), "117.2", "34.1", "异味")]
    path.write_text("\n".join(map(delimiter.join, rows)), encoding="utf-8")
    (found,) = read_findings(path, FindingOptions(FindingSource.VAN), NOW).findings
    assert (found.lng, found.lat, found.what) == (117.2, 34.1, "异味")


def test_a_missing_column_is_told_with_the_names_that_it_may_have(tmp_path: Path) -> None:
    path = tmp_path / "van.csv"
    path.write_text(f"时间;x;纬度\n{at(0)};117.2;34.1\n", encoding="utf-8")
    with pytest.raises(FileError) as told:
        read_findings(path, FindingOptions(FindingSource.VAN), NOW)
    assert "lon / longitude" in told.value.message
    assert "时间" not in told.value.message


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["2026-11-19 10:00", "2026-11-19T10:00:00Z", "117.2", "是", "1e999", "9999-12-31", "\0"]),
)
_JSON = st.recursive(
    _VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
_FEATURES = st.fixed_dictionaries(
    {
        "geometry": st.one_of(
            _JSON,
            st.fixed_dictionaries(
                {"type": st.sampled_from(["Point", "LineString", "Polygon"]), "coordinates": _JSON}
            ),
            st.just({"type": "LineString", "coordinates": [[117.2, 34.1], [117.3, 34.2]]}),
        ),
        "properties": st.one_of(
            _JSON,
            st.dictionaries(
                st.sampled_from(["time", "until", "times", "values", "value", "what", "unit", "suspect"]),
                _JSON,
            ),
        ),
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(features=st.lists(st.one_of(_FEATURES, _JSON), max_size=3), source=st.sampled_from(FindingSource))
def test_whatever_a_document_holds_is_read_or_left_out_with_a_reason(
    tmp_path: Path, features: list[object], source: FindingSource
) -> None:
    path = tmp_path / "any.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    try:
        read = read_findings(path, FindingOptions(source, Datum.BD09, 1.0), NOW)
    except FileError:
        return
    assert len(read.findings) + read.rejected == len(features)
    for found in read.findings:
        assert abs(found.lng) <= 181
        assert abs(found.lat) <= 91
        assert found.until is None or found.until > found.at


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=200), rows=st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=4))
def test_whatever_bytes_a_file_has_it_is_read_or_refused(
    tmp_path: Path, content: bytes, rows: list[list[str]]
) -> None:
    head = b"time,lng,lat,value,track\n"
    table = "\n".join(",".join(row) for row in rows).encode(errors="replace")
    for name, data in (("raw.csv", content), ("some.csv", head + content), ("table.csv", head + table)):
        (tmp_path / name).write_bytes(data)
        with contextlib.suppress(FileError):
            read_findings(tmp_path / name, FindingOptions(FindingSource.VAN), NOW)
