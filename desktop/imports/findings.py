"""Imports what radar, van, drone and satellite found: GeoJSON or CSV of points and tracks with times (T24).

GeoJSON: a FeatureCollection of Points and LineStrings. A feature's properties are `time` (a LineString:
`times`, one a place, or `time` and `until`), `what`, `value` (`values`, one a place), `unit`, `suspect`. CSV:
a column for each of them, in English or Chinese (COLUMNS); rows with the same word under `track` are a track.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from data_access.findings import FindingFile, put_findings
from data_access.store import Store
from desktop.city import CITY_FOLDER
from desktop.imports.codes import TRUTHS, YES
from desktop.imports.encoding import examine
from desktop.imports.errors import FileError, RowError
from desktop.imports.tickets import CLOCK_SKEW
from desktop.imports.times import TimeReader
from domain.coordinates import Datum, wgs84_of
from domain.findings import FindingSource, NewFinding
from widgets.map.counties import counties_of, read_boundaries
from widgets.map.mercator import project
from widgets.map.outline import contains

CITY_ZONE = ZoneInfo("Asia/Shanghai")
LARGEST_FILE = 64 << 20
"""Bytes; a file of findings is read whole."""
MOST_PLACES = 20_000
"""Places of one track."""
LONGEST_WHAT = 200
LONGEST_UNIT = 20
MOST_REASONS = 1000
"""Of what was left out, each is told; of a file that is nothing but faults the first thousand."""
REASONS_OF_REFUSAL = 20
"""Reasons in the message about a file in which nothing can be read."""
_DELIMITERS = (",", "\t", ";")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "时间", "发现时间"),
    "until": ("until", "结束时间"),
    "lng": ("lng", "lon", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "what": ("what", "发现", "内容", "问题"),
    "value": ("value", "数值", "值"),
    "unit": ("unit", "单位"),
    "suspect": ("suspect", "疑似", "疑似问题"),
    "track": ("track", "轨迹", "航次"),
}
"""Names of a CSV's columns, and of a feature's properties."""
_NEEDED = ("time", "lng", "lat")


@dataclass(frozen=True, slots=True)
class FindingOptions:
    """What a file does not say itself. From the value `threshold` on a finding is a suspected problem."""

    source: FindingSource
    datum: Datum = Datum.WGS84
    threshold: float | None = None
    zone: ZoneInfo = CITY_ZONE


@dataclass(frozen=True, slots=True)
class FindingReport:
    """What an import did; `new` False: that file was there before. `reasons` tell what was left out."""

    file: str
    source: str
    new: bool
    points: int
    tracks: int
    suspects: int
    outside: int
    rejected: int
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Place:
    at: datetime
    until: datetime | None
    lng: float
    lat: float
    value: float | None


def import_findings(store: Store, path: Path, options: FindingOptions, now: datetime) -> FindingReport:
    """Bring a file of findings into the store: all that can be read, in one transaction; once.

    Raises:
        FileError: the file is neither GeoJSON nor such a CSV, is too large, or has nothing that can be read.
        StoreError: the database went away; nothing went in.
    """
    read = read_findings(path, options, now)
    new = store.write(lambda connection: put_findings(connection, read.file, read.findings, now))
    tracks = sum(bool(one.track) for one in read.findings)
    return FindingReport(
        str(path),
        options.source.value,
        new,
        len(read.findings) - tracks,
        tracks,
        sum(one.is_suspect for one in read.findings),
        sum(one.area is None for one in read.findings),
        read.rejected,
        read.reasons,
    )


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file and what is in it; `rejected` features or rows were left out, for reasons such as these."""

    file: FindingFile
    findings: tuple[NewFinding, ...]
    rejected: int
    reasons: tuple[str, ...]


def read_findings(path: Path, options: FindingOptions, now: datetime) -> ReadFile:
    """Read a file of findings.

    Raises:
        FileError: as for `import_findings`.
    """
    content = _read(path)
    reader = _Reader(options, now)
    text = content.decode(examine(lambda: io.BytesIO(content), "auto").encoding)
    found = tuple(reader.geojson(text) if text.lstrip()[:1] in "{[" else reader.csv(text))
    if not found:
        raise FileError(f"{path.name}：{_why_nothing(reader)}")
    file = FindingFile(options.source, path.name, sha256(content).hexdigest(), options.datum.value)
    return ReadFile(file, found, reader.rejected, tuple(reader.reasons))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError(f"文件 {path.name} 超过 {LARGEST_FILE >> 20} MB")
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"读不到文件 {path}：{error.strerror}") from error
    if not content.strip():
        raise FileError(f"文件 {path.name} 是空的")
    return content


def _why_nothing(reader: "_Reader") -> str:
    if not reader.rejected:
        return "文件里没有一条发现"
    told = "；".join(reader.reasons[:REASONS_OF_REFUSAL])
    more = reader.rejected - REASONS_OF_REFUSAL
    return f"{told}；另有 {more:,} 条也读不了" if more > 0 else told


class _Reader:
    """Makes findings of a file's features or rows; counts what it leaves out, by reason."""

    def __init__(self, options: FindingOptions, now: datetime) -> None:
        self._options = options
        self._times = TimeReader(options.zone)
        self._latest = now + CLOCK_SKEW
        self.rejected = 0
        self.reasons: list[str] = []

    def geojson(self, text: str) -> Iterator[NewFinding]:
        """Yield the findings of a FeatureCollection."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FileError(f"不是有效的 GeoJSON：{error}") from error
        features = document.get("features") if isinstance(document, dict) else None
        if not isinstance(features, list) or document.get("type") != "FeatureCollection":
            raise FileError("不是 GeoJSON 的 FeatureCollection")
        for number, feature in enumerate(features, start=1):
            try:
                yield self._feature(feature)
            except RowError as error:
                self._reject(f"第 {number} 个要素{error}")

    def csv(self, text: str) -> Iterator[NewFinding]:
        """Yield the findings of a table: each row a point, or rows of one track together."""
        try:
            rows, places = _table(text)
            tracks: dict[str, list[dict[str, Any]]] = {}
            for row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                said = {
                    key: row[at].strip()
                    for key, at in places.items()
                    if at is not None and at < len(row) and row[at].strip()
                }
                said["line"] = str(rows.line_num)
                if said.get("track"):
                    tracks.setdefault(said["track"], []).append(said)
                    continue
                try:
                    yield self._point(said, said.get("lng"), said.get("lat"))
                except RowError as error:
                    self._reject(f"第 {rows.line_num} 行{error}")
        except (csv.Error, StopIteration) as error:
            raise FileError(f"不是有效的 CSV：{error}") from error
        for name, said in tracks.items():
            try:
                yield self._track_of_rows(said)
            except RowError as error:
                self._reject(f"轨迹「{name}」{error}")

    def _reject(self, reason: str) -> None:
        self.rejected += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(reason)

    # --- one feature, one row, one track -----------------------------------------------------------------

    def _feature(self, feature: object) -> NewFinding:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict):
            raise RowError("", "没有 geometry")
        written = feature.get("properties") or {}  # type: ignore[union-attr]
        if not isinstance(written, dict):
            raise RowError("properties", "不是对象")
        said = _by_column(written)
        coordinates = geometry.get("coordinates")
        kind = geometry.get("type")
        if kind == "Point" and isinstance(coordinates, list) and len(coordinates) >= 2:
            return self._point(said, *coordinates[:2])
        if kind == "LineString" and isinstance(coordinates, list) and len(coordinates) >= 2:
            return self._line(said, written, coordinates)
        raise RowError("geometry", f"是 {kind}，只收 Point 与 LineString")

    def _point(self, said: Mapping[str, Any], lng: object, lat: object) -> NewFinding:
        at = self._time("time", said.get("time"))
        if at is None:
            raise RowError("time", "是空的")
        place = _Place(at, self._time("until", said.get("until")), *self._where(lng, lat), _value(said))
        return self._made(said, [place])

    def _line(
        self, said: Mapping[str, Any], written: Mapping[str, Any], coordinates: Sequence[Any]
    ) -> NewFinding:
        if len(coordinates) > MOST_PLACES:
            raise RowError("geometry", f"超过 {MOST_PLACES:,} 个点")
        times = written.get("times") or written.get("coordTimes")
        values = written.get("values")
        for name, listed in (("times", times), ("values", values)):
            if listed is not None and (not isinstance(listed, list) or len(listed) != len(coordinates)):
                raise RowError(name, f"应有 {len(coordinates)} 项，与点一一对应")
        begin, until = self._time("time", said.get("time")), self._time("until", said.get("until"))
        places = []
        for position, where in enumerate(coordinates):
            if not isinstance(where, list) or len(where) < 2:
                raise RowError("geometry", "有点没有坐标")
            at = self._time("times", times[position]) if times else begin
            if at is None:
                raise RowError("time", "是空的")
            value = _number("values", values[position]) if values else None
            places.append(_Place(at, until if not times else None, *self._where(*where[:2]), value))
        return self._made(said, places)

    def _track_of_rows(self, rows: Sequence[Mapping[str, Any]]) -> NewFinding:
        if len(rows) > MOST_PLACES:
            raise RowError("track", f"超过 {MOST_PLACES:,} 个点")
        places = []
        for said in rows:
            try:
                at = self._time("time", said.get("time"))
                if at is None:
                    raise RowError("time", "是空的")
                places.append(_Place(at, None, *self._where(said.get("lng"), said.get("lat")), _value(said)))
            except RowError as error:
                raise RowError("", f"第 {said['line']} 行{error}") from error
        return self._made(rows[0], places)

    def _made(self, said: Mapping[str, Any], places: Sequence[_Place]) -> NewFinding:
        """Return the finding of its places; it stands where its value is highest, or where it began."""
        measured = [place for place in places if place.value is not None]
        best = max(measured, key=_of_value) if measured else places[0]
        ends = [end for place in places for end in (place.at, place.until) if end is not None]
        begin, end = min(place.at for place in places), max(ends)
        if any(place.until is not None and place.until < place.at for place in places):
            raise RowError("until", "早于开始时间")
        threshold = self._options.threshold
        over = threshold is not None and best.value is not None and best.value >= threshold
        return NewFinding(
            self._options.source,
            begin,
            best.lng,
            best.lat,
            _text("what", said.get("what"), LONGEST_WHAT),
            best.value,
            _text("unit", said.get("unit"), LONGEST_UNIT),
            end if end > begin else None,
            tuple((place.lng, place.lat, place.value) for place in places) if len(places) > 1 else (),
            area_of(best.lng, best.lat),
            over or _truth(said.get("suspect")),
        )

    def _time(self, name: str, text: object) -> datetime | None:
        if text in (None, ""):
            return None
        try:
            moment = self._times.read(str(text).strip()).astimezone(UTC)
        except ValueError as error:
            raise RowError(name, str(error)) from error
        if moment > self._latest:
            raise RowError(name, f"（{str(text)[:40]}）晚于现在")
        return moment

    def _where(self, lng: object, lat: object) -> tuple[float, float]:
        east, north = _number("lng", lng), _number("lat", lat)
        if east is None or north is None or abs(east) > 180 or abs(north) > 90:
            raise RowError("", f"坐标不在范围内：{str(lng)[:20]}, {str(lat)[:20]}")
        point = wgs84_of(self._options.datum, east, north)
        return point.lng, point.lat


def _table(text: str) -> tuple[Any, dict[str, int | None]]:
    """Return the rows below the header, and where each column of COLUMNS is, by the delimiter that fits."""
    fewest: list[str] = list(_NEEDED)
    for delimiter in _DELIMITERS:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [cell.strip().lower() for cell in next(rows)]
        places = {
            key: next((header.index(name) for name in names if name in header), None)
            for key, names in COLUMNS.items()
        }
        missing = [key for key in _NEEDED if places[key] is None]
        if not missing:
            return rows, places
        fewest = min(fewest, missing, key=len)
    names = "、".join(f"「{COLUMNS[key][1]}」（{' / '.join(COLUMNS[key])}）" for key in fewest)
    raise FileError(f"缺少列 {names}")


def _by_column(written: Mapping[str, Any]) -> dict[str, Any]:
    lower = {str(name).strip().lower(): value for name, value in written.items()}
    return {
        key: next((lower[name] for name in names if name in lower), None) for key, names in COLUMNS.items()
    }


def _value(said: Mapping[str, Any]) -> float | None:
    return _number("value", said.get("value"))


def _number(name: str, said: object) -> float | None:
    if said in (None, ""):
        return None
    try:
        number = float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise RowError(name, f"不是数：{str(said)[:40]!r}") from error
    if not isfinite(number) or isinstance(said, bool):
        raise RowError(name, f"不是数：{str(said)[:40]!r}")
    return number


def _text(name: str, said: object, longest: int) -> str:
    text = "" if said is None else str(said).strip()
    if len(text) > longest:
        raise RowError(name, f"有 {len(text):,} 个字符，不超过 {longest}")
    if any(not (c.isprintable() or c == " ") for c in text):
        raise RowError(name, "含有控制字符")
    return text


def _truth(said: object) -> bool:
    if isinstance(said, bool) or said is None:
        return bool(said)
    return TRUTHS.get(str(said).strip().lower()) == YES


def _of_value(place: _Place) -> float:
    return place.value if place.value is not None else float("-inf")


def area_of(lng: float, lat: float, folder: Path = CITY_FOLDER) -> str | None:
    """Return the adcode of the county in which a point lies, None outside of the city."""
    x, y = project(lng, lat)
    for adcode, rings, low, high in _counties(folder):
        if low[0] <= x <= high[0] and low[1] <= y <= high[1] and bool(contains(rings, x, y)):
            return adcode
    return None


@lru_cache(maxsize=2)
def _counties(folder: Path) -> tuple[tuple[str, Any, Any, Any], ...]:
    made: list[tuple[str, Any, Any, Any]] = []
    for county in counties_of(read_boundaries(folder / "boundaries.geojson")):
        corners = np.concatenate(county.rings)
        made.append((county.adcode, county.rings, corners.min(axis=0), corners.max(axis=0)))
    return tuple(made)
