"""Tickets and counties for the map's tests: made in memory, in a small square city of four counties."""

import json
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from domain.nodes import TicketState
from domain.overview import AreaCount, MapPoint
from domain.urgency import Urgency
from widgets.map.points import PointColumns

# code, name, west, south: squares of half a degree.
SQUARES = (
    ("100001", "甲县", 117.0, 34.0),
    ("100002", "乙县", 117.5, 34.0),
    ("100003", "丙区", 117.0, 34.5),
    ("100004", "丁市", 117.5, 34.5),
)
CODES = tuple(code for code, *_ in SQUARES)
SIDE = 0.5

OPEN_STATES = [state for state in TicketState if state is not TicketState.CLOSED]


def boundaries() -> dict[str, object]:
    """Return the GeoJSON of the four counties."""
    features = []
    for code, name, west, south in SQUARES:
        east, north = west + SIDE, south + SIDE
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features.append(
            {
                "type": "Feature",
                "properties": {"adcode": code, "name": name, "center": [west + SIDE / 2, south + SIDE / 2]},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def write_boundaries(folder: Path) -> Path:
    """Write the GeoJSON of the four counties and return its path."""
    path = folder / "boundaries.geojson"
    path.write_text(json.dumps(boundaries(), ensure_ascii=False), encoding="utf-8")
    return path


def county_at(lng: float, lat: float) -> str | None:
    """Return the code of the square that a place lies in."""
    for code, _, west, south in SQUARES:
        if west <= lng < west + SIDE and south <= lat < south + SIDE:
            return code
    return None


def ticket(
    number: str,
    lng: float,
    lat: float,
    state: TicketState = TicketState.ON_TIME,
    urgency: Urgency = Urgency.ORDINARY,
) -> MapPoint:
    """Return a ticket in the county that its place lies in."""
    return MapPoint(number, lng, lat, state, urgency, county_at(lng, lat))


def areas_of(points: list[MapPoint]) -> list[AreaCount]:
    """Return the counts of the four counties for these tickets."""
    late = TicketState.OVERDUE
    return [
        AreaCount(
            code,
            name,
            sum(point.area == code for point in points),
            sum(point.area == code and point.state is late for point in points),
        )
        for code, name, *_ in SQUARES
    ]


def columns_of(points: list[MapPoint]) -> PointColumns:
    """Return the columns of these tickets."""
    return PointColumns.from_points(points, CODES)


@st.composite
def cities(draw: st.DrawFn, least: int = 0, most: int = 60) -> list[MapPoint]:
    """Tickets in and around the city, with distinct numbers."""
    count = draw(st.integers(least, most))
    degrees = st.floats(0, 1, allow_nan=False)
    return [
        ticket(
            f"T{index}",
            116.9 + 1.2 * draw(degrees),
            33.9 + 1.2 * draw(degrees),
            draw(st.sampled_from(OPEN_STATES)),
            draw(st.sampled_from(list(Urgency))),
        )
        for index in range(count)
    ]


def scattered(count: int, seed: int = 1) -> list[MapPoint]:
    """Return this many tickets spread evenly over the city, the same every time."""
    random = np.random.default_rng(seed)
    states = random.choice(len(OPEN_STATES), count)
    urgencies = random.choice(3, count, p=[0.02, 0.08, 0.9])
    lng = 117.0 + random.random(count)
    lat = 34.0 + random.random(count)
    return [
        ticket(
            f"T{index}",
            float(lng[index]),
            float(lat[index]),
            OPEN_STATES[states[index]],
            list(Urgency)[urgencies[index]],
        )
        for index in range(count)
    ]
