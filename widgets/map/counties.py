"""The counties of the city: their boundaries' file, and where each one's donut stands at a zoom.

Where a donut stands depends on geography and zoom only, never on the tickets, so no change of a count moves
it. Counties too small on screen to hold a donut (the inner districts) share one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

import numpy as np

from widgets.map.mercator import Floats, pixels_per_world, project
from widgets.map.outline import Ring, innermost

# A county whose square root of area is below this many page pixels has no room for a donut of its own.
SMALL_SIDE = 56.0
# Small counties nearer to each other than this share a donut.
MERGE_DISTANCE = 90.0
# Donuts keep at least this far apart, centre to centre: two large donuts just touch.
CLEARANCE = 74.0
SETTLING_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class County:
    """A county: `x`, `y` its representative point and `side` the root of its area, all in world units.

    The representative point is the innermost one: a centroid may lie outside (Tongshan, around the city's
    districts), and so does the file's `center`, the seat of the government.
    """

    adcode: str
    name: str
    x: float
    y: float
    side: float
    rings: tuple[Ring, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class CountyGroup:
    """One donut: the counties that share it (mostly one), its label, its place in world units."""

    id: str
    adcodes: tuple[str, ...]
    name: str
    x: float
    y: float

    @property
    def shared(self) -> bool:
        """Whether several counties share the donut."""
        return len(self.adcodes) > 1


def read_boundaries(path: Path) -> dict[str, object]:
    """Return the GeoJSON of the boundaries: Polygon features with `adcode` and `name`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such GeoJSON.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ValueError(f"{path} is no GeoJSON FeatureCollection")
    for feature in document.get("features", ()):
        properties, geometry = feature.get("properties") or {}, feature.get("geometry") or {}
        missing = [key for key in ("adcode", "name") if not properties.get(key)]
        if missing:
            raise ValueError(f"{path}: a county lacks {', '.join(missing)}")
        if geometry.get("type") not in ("Polygon", "MultiPolygon"):
            raise ValueError(f"{path}: {properties['name']} is no polygon")
    return document


def counties_of(document: dict[str, object]) -> tuple[County, ...]:
    """Return the counties of a document of `read_boundaries`, ordered by their codes."""
    made = []
    for feature in document["features"]:  # type: ignore[attr-defined]
        properties, geometry = feature["properties"], feature["geometry"]
        polygons = (
            geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        )
        outer = sum(_ring_area(_ring(polygon[0])) for polygon in polygons)
        holes = sum(_ring_area(_ring(hole)) for polygon in polygons for hole in polygon[1:])
        rings = tuple(_ring(ring) for polygon in polygons for ring in polygon)
        x, y = innermost(rings)
        adcode, name = str(properties["adcode"]), str(properties["name"])
        made.append(County(adcode, name, x, y, (outer - holes) ** 0.5, rings))
    return tuple(sorted(made, key=lambda county: county.adcode))


@lru_cache(maxsize=64)
def group_counties(counties: tuple[County, ...], zoom: float) -> tuple[CountyGroup, ...]:
    """Return the donuts of all counties at a zoom, each county in exactly one, none on top of another."""
    scale = pixels_per_world(zoom)
    large = [[county] for county in counties if county.side * scale >= SMALL_SIDE]
    small = [county for county in counties if county.side * scale < SMALL_SIDE]
    groups = sorted(map(_group, [*large, *_merge(small, scale)]), key=attrgetter("id"))
    places = _push_apart(np.array([[g.x, g.y] for g in groups]).reshape(-1, 2) * scale) / scale
    return tuple(
        CountyGroup(group.id, group.adcodes, group.name, float(x), float(y))
        for group, (x, y) in zip(groups, places, strict=True)
    )


def _ring(points: Sequence[Sequence[float]]) -> Ring:
    """Return a ring of degrees in world units, without the last point, which repeats the first."""
    degrees = np.asarray(points, dtype=np.float64)
    return np.column_stack(project(degrees[:, 0], degrees[:, 1]))[:-1]


def _ring_area(ring: Ring) -> float:
    # The shoelace formula, about the first point: world units are small, and cancellation would eat them.
    x, y = (ring - ring[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2.0


def _merge(small: Sequence[County], scale: float) -> list[list[County]]:
    """Return the small counties in chains of neighbours (single linkage)."""
    chains: list[list[County]] = []
    for county in small:
        near = [
            chain
            for chain in chains
            if any(np.hypot(county.x - c.x, county.y - c.y) * scale < MERGE_DISTANCE for c in chain)
        ]
        chains = [chain for chain in chains if chain not in near]
        chains.append([*(c for chain in near for c in chain), county])
    return [sorted(chain, key=lambda county: county.adcode) for chain in chains]


def _group(members: Sequence[County]) -> CountyGroup:
    adcodes = tuple(county.adcode for county in members)
    name = members[0].name if len(members) == 1 else "·".join(_short(county.name) for county in members)
    x = sum(county.x for county in members) / len(members)
    y = sum(county.y for county in members) / len(members)
    return CountyGroup("c:" + "+".join(adcodes), adcodes, name, x, y)


def _short(name: str) -> str:
    return name[:-1] if len(name) > 2 and name[-1] in "区县市" else name


def _push_apart(places: Floats) -> Floats:
    """Return page pixels in which no two are nearer than CLEARANCE, each moved as little as that needs."""
    places = places.copy()
    for _ in range(SETTLING_ROUNDS):
        moved = False
        for i in range(len(places)):
            for j in range(i + 1, len(places)):
                gap = places[j] - places[i]
                distance = float(np.hypot(*gap))
                if distance >= CLEARANCE - 0.01:
                    continue
                direction = gap / distance if distance > 0 else np.array([0.0, 1.0])
                places[i] -= direction * (CLEARANCE - distance) / 2
                places[j] += direction * (CLEARANCE - distance) / 2
                moved = True
        if not moved:
            break
    return places
