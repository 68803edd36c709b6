"""What is drawn on the map for a camera: marks with stable ids, and the tickets that each one counts.

From afar there is a donut a county, nearer a donut a grid cell; a cell of one ticket is that ticket. On top
of either stand the alerts: urgent tickets (critical or first level) that are due soon or overdue, ringed.
An alert's ticket is counted in its donut too, so the donuts of a city add up to its open tickets.

`build` is pure and knows no Qt, so it may run in any thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from domain.listing import TicketFilter
from domain.overview import AreaCount
from widgets.map.clusters import (
    ALERT_CELL,
    CELL,
    Clusters,
    gather,
    grid,
    level_of,
    settle,
    zoom_of,
)
from widgets.map.counties import County, group_counties
from widgets.map.mercator import project, unproject
from widgets.map.points import STATES, Ints, PointColumns, alerts

# Nearer than this many zoom steps to the whole city, donuts stand for counties.
COUNTY_STEPS = 0.9
# Marks this share of the view's width and height outside of it are drawn already, ready for a pan.
PADDING = 0.5
# The worst alerts are ringed, at most so many; all are in the donuts.
MOST_ALERTS = 24


class MarkKind(StrEnum):
    """How a mark is drawn; the members in drawing order, the last on top."""

    LABEL = "label"
    COUNTY = "county"
    CLUSTER = "cluster"
    TICKET = "ticket"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Camera:
    """What the page shows: its zoom, the zoom that fits the whole city, and the view's edges in degrees."""

    zoom: float
    fit_zoom: float
    west: float
    south: float
    east: float
    north: float

    @property
    def by_county(self) -> bool:
        """Whether the view is wide enough for a donut a county."""
        return self.zoom < self.fit_zoom + COUNTY_STEPS


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on the map, WGS-84 degrees.

    `count` is the figure on it, `states` its tickets by STATES (the donut's shares), `label` a county's name
    or a single ticket's number.
    """

    id: str
    kind: MarkKind
    lng: float
    lat: float
    count: int
    states: tuple[int, ...]
    label: str = ""

    def as_row(self) -> list[object]:
        """Return the mark as the page takes it (resources/map/map.js, `Marks.put`)."""
        lng, lat = round(self.lng, 6), round(self.lat, 6)
        return [self.id, self.kind.value, lng, lat, self.count, list(self.states), self.label]


@dataclass(frozen=True, slots=True)
class Frame:
    """The marks of a camera by id, and which tickets each stands for.

    `tickets`: positions in `columns`; `areas`: the county whose open tickets a donut counts, where it counts
    those of one county as the store does.
    """

    columns: PointColumns
    marks: Mapping[str, Mark]
    tickets: Mapping[str, Ints]
    areas: Mapping[str, str] = field(default_factory=dict)
    level: int | None = None
    cells: Clusters | None = None

    def filter_of(self, mark_id: str) -> TicketFilter | None:
        """Return the filter of exactly the tickets that a mark counts; None if it counts none."""
        mark = self.marks.get(mark_id)
        if mark is None or mark.count == 0:
            return None
        if mark_id in self.areas:
            return TicketFilter(open_only=True, area=self.areas[mark_id])
        return TicketFilter(numbers=self.numbers_of(mark_id))

    def numbers_of(self, mark_id: str) -> tuple[str, ...]:
        """Return the numbers of the tickets on the map that a mark stands for."""
        return tuple(self.columns.numbers[position] for position in self.tickets.get(mark_id, ()))


@dataclass(frozen=True, slots=True)
class Difference:
    """What the page must change to show one frame after another."""

    changed: tuple[Mark, ...]
    removed: tuple[str, ...]


def build(
    columns: PointColumns,
    counties: Sequence[County],
    areas: Sequence[AreaCount],
    camera: Camera,
    before: Frame | None = None,
) -> Frame:
    """Return what the camera shows.

    Args:
        columns: the tickets, made with the codes of `counties` in their order.
        counties: all counties of the map.
        areas: open tickets by county, as the store counts them (with those that have no coordinates).
        camera: the view.
        before: the frame on screen, so that clusters which are there already stay in place.
    """
    level = level_of(camera.zoom)
    marks: dict[str, Mark] = {}
    tickets: dict[str, Ints] = {}
    opened: dict[str, str] = {}
    if camera.by_county:
        _put_counties(columns, counties, areas, level, marks, tickets, opened)
        loose = columns.area < 0
    else:
        for county in counties:
            lng, lat = unproject(county.x, county.y)
            marks[f"l:{county.adcode}"] = Mark(
                f"l:{county.adcode}", MarkKind.LABEL, float(lng), float(lat), 0, (), county.name
            )
        loose = columns.placed
    standing_out = alerts(columns)
    ringed = _put_alerts(
        columns, grid(columns, level, ALERT_CELL, standing_out), camera, level, marks, tickets
    )
    cells = grid(columns, level, CELL, loose)
    if before is not None and before.cells is not None and before.level == level:
        cells = settle(cells, before.cells, zoom_of(level))
    for index in _seen(cells, camera):
        members = cells.members(index)
        if len(members) == 1 and members[0] in ringed:
            continue  # The ring is that ticket: two marks would look like two tickets.
        kind = MarkKind.TICKET if len(members) == 1 else MarkKind.CLUSTER
        label = columns.numbers[members[0]] if len(members) == 1 else ""
        _put(_mark(f"g:{level}:{cells.keys[index]}", kind, cells, index, label), members, marks, tickets)
    return Frame(columns, marks, tickets, opened, level, cells)


def difference(before: Mapping[str, Mark], after: Mapping[str, Mark]) -> Difference:
    """Return what turns the marks of one frame into those of another."""
    return Difference(
        tuple(mark for mark_id, mark in after.items() if before.get(mark_id) != mark),
        tuple(mark_id for mark_id in before if mark_id not in after),
    )


def _put_counties(
    columns: PointColumns,
    counties: Sequence[County],
    areas: Sequence[AreaCount],
    level: int,
    marks: dict[str, Mark],
    tickets: dict[str, Ints],
    opened: dict[str, str],
) -> None:
    position = {county.adcode: index for index, county in enumerate(counties)}
    stored = {area.area: area.open for area in areas}
    at_home = np.flatnonzero(columns.area >= 0)
    by_county = gather(columns, at_home, columns.area[at_home])
    row = {int(key): index for index, key in enumerate(by_county.keys)}
    nothing = np.empty(0, dtype=np.int64)
    for group in group_counties(counties, zoom_of(level)):
        rows = [row[position[code]] for code in group.adcodes if position[code] in row]
        members = np.concatenate([by_county.members(r) for r in rows]) if rows else nothing
        states = by_county.counts[rows].sum(axis=0) if rows else np.zeros(len(STATES), dtype=np.int64)
        count = len(members)
        if not group.shared and stored.get(group.adcodes[0], 0) >= count:
            # The store's count holds: it knows the tickets without coordinates as well.
            count = stored.get(group.adcodes[0], 0)
            opened[group.id] = group.adcodes[0]
        lng, lat = unproject(group.x, group.y)
        shares = tuple(int(n) for n in states)
        mark = Mark(group.id, MarkKind.COUNTY, float(lng), float(lat), count, shares, group.name)
        _put(mark, members, marks, tickets)


def _put_alerts(
    columns: PointColumns,
    rings: Clusters,
    camera: Camera,
    level: int,
    marks: dict[str, Mark],
    tickets: dict[str, Ints],
) -> set[int]:
    """Put the worst alerts and return the positions of their tickets."""
    seen = _seen(rings, camera)
    # An overdue ticket (first column) before any that is due soon, then the larger heap, then the key.
    worst = sorted(
        seen, key=lambda i: (-min(rings.counts[i, 0], 1), -int(rings.counts[i].sum()), rings.keys[i])
    )
    ringed: set[int] = set()
    for index in worst[:MOST_ALERTS]:
        members = rings.members(index)
        ringed.update(int(position) for position in members)
        label = columns.numbers[members[0]] if len(members) == 1 else ""
        _put(
            _mark(f"a:{level}:{rings.keys[index]}", MarkKind.ALERT, rings, index, label),
            members,
            marks,
            tickets,
        )
    return ringed


def _seen(clusters: Clusters, camera: Camera) -> list[int]:
    """Return which clusters lie in the view or near it."""
    (west, east), (north, south) = project([camera.west, camera.east], [camera.north, camera.south])
    wide, high = (east - west) * PADDING, (south - north) * PADDING
    inside = (clusters.x >= west - wide) & (clusters.x <= east + wide)
    inside &= (clusters.y >= north - high) & (clusters.y <= south + high)
    return [int(index) for index in np.flatnonzero(inside)]


def _mark(mark_id: str, kind: MarkKind, clusters: Clusters, index: int, label: str) -> Mark:
    lng, lat = unproject(clusters.x[index], clusters.y[index])
    states = tuple(int(n) for n in clusters.counts[index])
    return Mark(mark_id, kind, float(lng), float(lat), sum(states), states, label)


def _put(mark: Mark, members: Ints, marks: dict[str, Mark], tickets: dict[str, Ints]) -> None:
    marks[mark.id] = mark
    tickets[mark.id] = members
