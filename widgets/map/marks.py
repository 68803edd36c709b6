"""What is drawn on the map for a camera: marks with stable ids, and the tickets that each one counts.

From afar there is a donut a county, nearer a donut a grid cell; a cell of one ticket is that ticket. On top
of either stand the alerts (alerts.py), ringed. An alert's ticket is counted in its donut too, so the donuts
of a city add up to its open tickets (the page draws a ticket that is ringed alone only once). Nearer, a
county's name stands with its count at its innermost place.

`build` is pure and knows no Qt, so it may run in any thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from domain.listing import TicketFilter
from domain.overview import AreaCount
from widgets.map.alerts import donut_of_heap, rings
from widgets.map.choice import EVERYTHING, MapFilter
from widgets.map.clusters import CELL, Clusters, Window, gather, grid, level_of, settle, zoom_of
from widgets.map.counties import County, CountyGroup, group_counties
from widgets.map.mercator import Floats, project, unproject
from widgets.map.points import STATES, Bools, Ints, PointColumns

# Nearer than this many zoom steps to the whole city, donuts stand for counties.
COUNTY_STEPS = 0.9
# Marks this share of the view's width and height outside of it are drawn already, ready for a pan.
PADDING = 0.5


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

    @property
    def window(self) -> Window:
        """The part of the world that is drawn: the view and what lies around it."""
        (west, east), (north, south) = project([self.west, self.east], [self.north, self.south])
        wide, high = (east - west) * PADDING, (south - north) * PADDING
        return Window(float(west - wide), float(north - high), float(east + wide), float(south + high))


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
        return [self.id, self.kind.value, self.lng, self.lat, self.count, list(self.states), self.label]


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The marks of a camera by id, and how to find the tickets that each stands for.

    `tickets`: positions in `columns`, found when asked for; `filters`: what a mark that counts tickets as the
    store does opens; `level`, `cells` and `rings`: what the next frame must know to hold still.
    """

    columns: PointColumns
    by_id: Mapping[str, Mark] = field(default_factory=dict)
    tickets: Mapping[str, tuple[Clusters, tuple[int, ...]]] = field(default_factory=dict)
    filters: Mapping[str, TicketFilter] = field(default_factory=dict)
    level: int | None = None
    cells: Clusters | None = None
    rings: Clusters | None = None

    def filter_of(self, mark_id: str) -> TicketFilter | None:
        """Return the filter of exactly the tickets that a mark counts; None if it counts none."""
        mark = self.by_id.get(mark_id)
        if mark is None or mark.count == 0:
            return None
        return self.filters.get(mark_id) or TicketFilter(numbers=self.numbers_of(mark_id))

    def numbers_of(self, mark_id: str) -> tuple[str, ...]:
        """Return the numbers of the tickets that a mark stands for."""
        if mark_id not in self.tickets:
            return ()
        clusters, which = self.tickets[mark_id]
        return tuple(self.columns.numbers[clusters.index[np.isin(clusters.owner, which)]])


@dataclass(frozen=True, slots=True)
class Difference:
    """What the page must change to show some marks after others."""

    changed: tuple[Mark, ...]
    removed: tuple[str, ...]


def build(
    columns: PointColumns,
    counties: tuple[County, ...],
    areas: Sequence[AreaCount],
    camera: Camera,
    before: Marks | None = None,
    chosen: MapFilter = EVERYTHING,
    among: Bools | None = None,
) -> Marks:
    """Return what the camera shows.

    Args:
        columns: the tickets, made with the codes of `counties` in their order.
        counties: all counties of the map.
        areas: open tickets by county as the store counts them, where `columns` lacks those without
            coordinates; empty where it has them.
        camera: the view.
        before: the marks on screen, so that clusters which are there already stay in place.
        chosen: the filter, for what the counties' donuts open.
        among: the tickets that pass it; None for all.
    """
    return _Drawing(columns, counties, areas, camera, before, chosen, among).marks()


def difference(before: Mapping[str, Mark], after: Mapping[str, Mark]) -> Difference:
    """Return what turns some marks into others."""
    return Difference(
        tuple(mark for mark_id, mark in after.items() if before.get(mark_id) != mark),
        tuple(mark_id for mark_id in before if mark_id not in after),
    )


class _Drawing:
    """One run of `build`: what its steps share."""

    def __init__(
        self,
        columns: PointColumns,
        counties: tuple[County, ...],
        areas: Sequence[AreaCount],
        camera: Camera,
        before: Marks | None,
        chosen: MapFilter,
        among: Bools | None,
    ) -> None:
        self.columns = columns
        self.counties = counties
        self.stored = {area.area: area.open for area in areas} if not chosen else {}
        self.camera = camera
        self.chosen = chosen
        # In a county one sees its tickets where they are, however wide the view.
        self.by_county = camera.by_county and not chosen.areas
        self.among = np.ones(len(columns), dtype=bool) if among is None else among
        self.level = level_of(camera.zoom)
        self.before = before if before is not None and before.level == self.level else None
        self.by_id: dict[str, Mark] = {}
        self.tickets: dict[str, tuple[Clusters, tuple[int, ...]]] = {}
        self.filters: dict[str, TicketFilter] = {}

    def marks(self) -> Marks:
        camera, columns, level = self.camera, self.columns, self.level
        at_home = np.flatnonzero(self.among & (columns.area >= 0))
        by_county = gather(columns, at_home, columns.area[at_home])
        groups = group_counties(self.counties, zoom_of(level))
        loose, donuts = self.among, None
        if self.by_county:
            self._put_groups(groups, by_county)
            donuts = self._donuts(groups)
            loose = loose & (columns.area < 0)
        else:
            self._put_labels(by_county)
        window = camera.window
        ringed = rings(columns, level, self.among, window, donuts)
        cells = grid(columns, level, CELL, loose, window)
        if self.before is not None and self.before.cells is not None and self.before.rings is not None:
            cells = settle(cells, self.before.cells, zoom_of(level))
            ringed = settle(ringed, self.before.rings, zoom_of(level))
        self._put_rings(ringed, groups)
        self._put_clusters(f"g:{level}:", cells, cells.x, cells.y, MarkKind.CLUSTER, MarkKind.TICKET)
        return Marks(columns, self.by_id, self.tickets, self.filters, level, cells, ringed)

    def _put_groups(self, groups: Sequence[CountyGroup], by_county: Clusters) -> None:
        position = {county.adcode: index for index, county in enumerate(self.counties)}
        row = {int(key): index for index, key in enumerate(by_county.keys)}
        for group in groups:
            rows = tuple(row[position[code]] for code in group.adcodes if position[code] in row)
            states = by_county.counts[list(rows)].sum(axis=0) if rows else np.zeros(len(STATES), np.int64)
            count = int(states.sum())
            if not group.shared:
                self._open_as_stored(group.id, group.adcodes[0], count)
                # The store's count holds: it knows the tickets without coordinates as well.
                count = max(count, self.stored.get(group.adcodes[0], 0))
            lng, lat = unproject(group.x, group.y)
            self.tickets[group.id] = (by_county, rows)
            self.by_id[group.id] = _mark(group.id, MarkKind.COUNTY, lng, lat, count, states, group.name)

    def _open_as_stored(self, mark_id: str, adcode: str, count: int) -> None:
        """Let a mark open its county's list as the store has it, if that lists what the mark counts."""
        if self.stored.get(adcode, count) < count:
            return
        found = self.chosen.as_ticket_filter(adcode)
        if found is not None:
            self.filters[mark_id] = found

    def _put_labels(self, by_county: Clusters) -> None:
        row = {int(key): index for index, key in enumerate(by_county.keys)}
        for index, county in enumerate(self.counties):
            mark_id = f"l:{county.adcode}"
            lng, lat = unproject(county.x, county.y)
            at = (row[index],) if index in row else ()
            states = by_county.counts[row[index]] if at else ()
            count = max(int(sum(states)), self.stored.get(county.adcode, 0))
            self._open_as_stored(mark_id, county.adcode, int(sum(states)))
            self.tickets[mark_id] = (by_county, at)
            self.by_id[mark_id] = _mark(mark_id, MarkKind.LABEL, lng, lat, count, states, county.name)

    def _donuts(self, groups: Sequence[CountyGroup]) -> Ints:
        """Return for each county the number of its donut: the position of the donut's first county.

        Not the donut's own position, which changes with the zoom while the heap's id should not.
        """
        position = {county.adcode: index for index, county in enumerate(self.counties)}
        first = {code: position[group.adcodes[0]] for group in groups for code in group.adcodes}
        return np.array([first[county.adcode] for county in self.counties], dtype=np.int64)

    def _put_rings(self, ringed: Clusters, groups: Sequence[CountyGroup]) -> None:
        donuts = {code: (group.x, group.y) for group in groups for code in group.adcodes}
        x, y = ringed.x.copy(), ringed.y.copy()
        for index, key in enumerate(ringed.keys.tolist()):
            first = donut_of_heap(key)
            if first is not None:
                # A heap hangs on its donut, always at the same side, wherever its tickets are.
                x[index], y[index] = donuts[self.counties[first].adcode]
        self._put_clusters(f"a:{self.level}:", ringed, x, y, MarkKind.ALERT, MarkKind.ALERT)

    def _put_clusters(
        self,
        prefix: str,
        clusters: Clusters,
        x: Floats,
        y: Floats,
        kind: MarkKind,
        alone: MarkKind,
    ) -> None:
        lngs, lats = unproject(x, y)
        numbers = self.columns.numbers[clusters.first]
        rows = zip(
            clusters.keys.tolist(),
            lngs.tolist(),
            lats.tolist(),
            clusters.counts.tolist(),
            numbers.tolist(),
            strict=True,
        )
        for index, (key, lng, lat, states, number) in enumerate(rows):
            count = sum(states)
            mark_id = f"{prefix}{key}"
            self.tickets[mark_id] = (clusters, (index,))
            single = count == 1
            self.by_id[mark_id] = _mark(
                mark_id, alone if single else kind, lng, lat, count, states, number if single else ""
            )


def _mark(
    mark_id: str, kind: MarkKind, lng: float, lat: float, count: int, states: Sequence[int], label: str
) -> Mark:
    # Rounded to a decimetre: what a sum's last digit does must not look like a change.
    at = (round(float(lng), 6), round(float(lat), 6))
    return Mark(mark_id, kind, *at, count, tuple(int(n) for n in states), label)
