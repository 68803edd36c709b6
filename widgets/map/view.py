"""The live ticket map as a widget: keeps a local page in step with the tickets, by differences only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWidgets import QWidget

from domain.listing import TicketFilter
from domain.overview import AreaCount, MapPoint
from widgets.map.choice import EVERYTHING, Facets, MapFilter
from widgets.map.counties import counties_of, read_boundaries
from widgets.map.frames import Atlas, Frame, FrameJob, nothing
from widgets.map.heat import Heat
from widgets.map.host import PageHost
from widgets.map.layers import Layers
from widgets.map.marks import Camera, Mark
from widgets.map.openings import Opening, Openings
from widgets.map.page import write_page
from widgets.map.points import STATES, PointColumns
from widgets.map.substitute import CountyList
from widgets.map.words import filter_words, page_text
from widgets.scale import Scale
from widgets.tokens import tokens

# Under live updates the heat layer is made anew at most this often: density does not change in a second.
HEAT_MS = 2_000
NEXT_HEAT = {Heat.OFF: Heat.OPEN, Heat.OPEN: Heat.OVERDUE, Heat.OVERDUE: Heat.OFF}


@dataclass(frozen=True, slots=True)
class RenderState:
    """How far the picture has come: `wanted` is the newest push, `painted` the newest one on screen."""

    ready: bool
    wanted: int
    painted: int
    marks: tuple[Mark, ...]
    camera: Camera | None
    failures: int

    @property
    def settled(self) -> bool:
        """Whether the screen shows all that was handed in."""
        return self.ready and self.painted == self.wanted


class TicketMap(QWidget):
    """The map of open tickets. Hand them in by `show_columns`; only what changed goes to the page.

    The widget computes nothing itself: when tickets, view or filter changed it emits `frame_requested(job)`.
    Whoever is connected calls the job, in any thread, and hands its frame back by `show_frame`, on the
    window's thread. One job is out at a time; what comes meanwhile is in the next. Without an application
    (tests, benchmarks): `ticket_map.frame_requested.connect(ticket_map.compute_here)`, then `show_columns`,
    and `painted(number)` says when that is on screen.

    While the page is away (starting, or its process died) a list by county stands in its place.

    Signals:
        tickets_requested(TicketFilter, str): a figure was opened: exactly its tickets, and a title.
        ticket_requested(str): a single ticket was opened.
        frame_requested(FrameJob): see above.
        ready_changed(bool): the page came up or went away.
        painted(int): all pushes up to this number are on screen. Only a visible map paints.
        filter_changed(MapFilter), heat_changed(Heat): another choice holds, whoever made it.
        facets_changed(Facets): other counts by choice and county.
    """

    tickets_requested = Signal(object, str)
    ticket_requested = Signal(str)
    frame_requested = Signal(object)
    ready_changed = Signal(bool)
    painted = Signal(int)
    filter_changed = Signal(object)
    heat_changed = Signal(object)
    facets_changed = Signal(object)

    def __init__(
        self,
        scale: Scale,
        boundaries_path: Path,
        cache_dir: Path,
        parent: QWidget | None = None,
        approval: str = "",
    ) -> None:
        """Write the page and begin to load it.

        Args:
            scale: the window's scale.
            boundaries_path: GeoJSON of the counties, see counties.read_boundaries.
            cache_dir: folder for the page; made if missing.
            parent: as for any widget.
            approval: the map's approval number (审图号), empty for none.

        Raises:
            OSError: boundaries or page cannot be read or written.
            ValueError: the boundaries are no such GeoJSON.
        """
        super().__init__(parent)
        self._scale = scale
        self._atlas = Atlas.of(counties_of(read_boundaries(boundaries_path)))
        self._names = {county.adcode: county.name for county in self._atlas.counties}
        self._columns = PointColumns.from_points((), self._atlas.codes)
        self._areas: tuple[AreaCount, ...] = ()
        self._camera: Camera | None = None
        self._frame = nothing(self._columns)
        self._sent: dict[str, Mark] | None = None
        self._wanted = self._asked = self._in_flight = self._painted = 0
        self._filter, self._heat, self._large = EVERYTHING, Heat.OFF, False
        self._heat_due = self._heat_old = False
        self._heat_rest = QTimer(self)
        self._heat_rest.setObjectName("map_heat")
        self._heat_rest.setSingleShot(True)
        self._heat_rest.setInterval(HEAT_MS)
        self._heat_rest.timeout.connect(self._renew_heat)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("工单地图"))
        self._host = PageHost(write_page(cache_dir, boundaries_path, tokens(), page_text(approval)), self)
        self.layers = Layers(self._host.bridge, self)
        self._substitute = CountyList(scale, self)
        self._substitute.set_notice(self.tr("地图载入中"))
        self._substitute.area_opened.connect(self._open_area)
        self.setFocusProxy(self._substitute)
        self._connect()
        self._apply_scale()
        self._host.load()

    # What is shown.

    @property
    def is_ready(self) -> bool:
        """Whether the page is up and takes pushes."""
        return self._camera is not None

    @property
    def county_codes(self) -> tuple[str, ...]:
        """The codes that PointColumns for `show_columns` are made with."""
        return self._atlas.codes

    @property
    def facets(self) -> Facets:
        """The counts on screen."""
        return self._frame.facets

    @property
    def page(self) -> QWebEnginePage:
        """The web page, for tests and tools that look into it."""
        return self._host.page

    def show_points(self, points: Sequence[MapPoint], areas: Sequence[AreaCount] = ()) -> int:
        """Show these open tickets and these counts by county; return the number `painted` will report."""
        return self.show_columns(PointColumns.from_points(points, self._atlas.codes), areas)

    def show_columns(self, columns: PointColumns, areas: Sequence[AreaCount] = ()) -> int:
        """Show these open tickets; return the number `painted` will report.

        Args:
            columns: made with `county_codes`.
            areas: open tickets by county as the store counts them, where `columns` lacks those without
                coordinates.
        """
        self._columns = columns
        self._areas = tuple(areas)
        self._heat_old = True
        return self._refresh()

    def render_state(self) -> RenderState:
        """Return how far the picture has come."""
        marks = tuple((self._sent or {}).values())
        return RenderState(
            self.is_ready, self._wanted, self._painted, marks, self._camera, self._host.failures
        )

    def set_large(self, large: bool) -> None:
        """Say whether the map stands on its own page, where a strip shows the filter."""
        if large != self._large:
            self._large = large
            self._refresh()

    # Frames: one job out at a time, one message on the way at a time.

    def compute_here(self, job: FrameJob) -> None:
        """Make the frame on this thread: for tests and tools that have no workers."""
        self.show_frame(job())

    def show_frame(self, frame: Frame | None) -> None:
        """Take the frame of the job that was asked for; None if it could not be made."""
        if frame is None:
            self._asked = 0
            return
        if frame.number != self._asked:
            return  # The page has died meanwhile.
        self._asked = 0
        facets_before, self._frame = self._frame.facets, frame
        if frame.messages and self._camera is not None:
            self._in_flight = frame.number
            self._sent = dict(frame.marks.by_id)
            for message in frame.messages:
                self._host.bridge.pushed.emit(message)
            self._host.await_answer()
        elif self._wanted > frame.number:
            self._ask()
        if frame.facets != facets_before:
            self._show_counties(frame.facets)
            self.facets_changed.emit(frame.facets)

    def _refresh(self) -> int:
        self._wanted += 1
        self._ask()
        return self._wanted

    def _ask(self) -> None:
        if self._asked or self._in_flight:
            return
        self._asked = self._wanted
        self.frame_requested.emit(
            FrameJob(
                self._wanted,
                self._atlas,
                self._columns,
                self._areas,
                self._camera,
                self._filter,
                self._frame.marks,
                self._sent,
                self._heat_to_make(),
                self._scene(),
            )
        )

    def _heat_to_make(self) -> Heat | None:
        grown_old = self._heat_old and self._heat is not Heat.OFF and not self._heat_rest.isActive()
        if self._camera is None or not (self._heat_due or grown_old):
            return None
        self._heat_due = self._heat_old = False
        if self._heat is not Heat.OFF:
            self._heat_rest.start()
        return self._heat

    def _renew_heat(self) -> None:
        if self._heat_old and self._heat is not Heat.OFF:
            self._refresh()

    def _scene(self) -> dict[str, object]:
        badge = "" if self._large else filter_words(self._filter, self.facets)
        return {
            "area": self._openings.where,
            "areas": self._filter.areas,
            "states": sorted(STATES.index(state) for state in self._filter.states),
            "filtered": badge,
            "heatKind": self._heat.value,
            "large": self._large,
        }

    def _take_applied(self, push: int) -> None:
        if push != self._in_flight:
            return
        self._in_flight = 0
        self._host.take_answer()
        if self._wanted > push:
            self._ask()

    def _take_painted(self, push: int) -> None:
        if push > self._painted:
            self._painted = push
            self.painted.emit(push)

    # What is chosen: it holds through updates, other pages and a new web process.

    @property
    def filter(self) -> MapFilter:
        """Which tickets are shown."""
        return self._filter

    @property
    def heat(self) -> Heat:
        """Which heat layer is shown."""
        return self._heat

    def set_filter(self, chosen: MapFilter) -> None:
        """Show only these tickets; another county in it is where the map goes."""
        if chosen == self._filter:
            return
        moved = chosen.areas != self._filter.areas
        self._filter = chosen
        self._heat_due = True
        if moved and self.is_ready:
            # The page answers with its new view, and that asks for the frame.
            self._wanted += 1
            self._host.bridge.looked.emit(json.dumps(chosen.areas))
        else:
            self._refresh()
        self.filter_changed.emit(chosen)

    def set_heat(self, heat: Heat) -> None:
        """Show another heat layer."""
        if heat is not self._heat:
            self._heat = heat
            self._heat_due = True
            self._refresh()
            self.heat_changed.emit(heat)

    def open_county(self, codes: Sequence[str]) -> None:
        """Go into a county (or several that share a donut): only its tickets, as large as the map."""
        self.set_filter(replace(self._filter, areas=tuple(codes)))

    def go_home(self) -> None:
        """Go back to the whole city."""
        if self._filter.areas:
            self.set_filter(replace(self._filter, areas=()))
        elif self.is_ready:
            self._host.bridge.looked.emit("[]")

    @property
    def is_in_county(self) -> bool:
        """Whether the map shows a county instead of the city."""
        return bool(self._filter.areas)

    # What the page tells.

    def _connect(self) -> None:
        bridge = self._host.bridge
        bridge.camera_changed.connect(self._take_camera)
        bridge.push_applied.connect(self._take_applied)
        bridge.push_painted.connect(self._take_painted)
        bridge.mark_opened.connect(self._open_mark)
        bridge.county_opened.connect(self._take_county)
        bridge.home_opened.connect(self.go_home)
        bridge.list_opened.connect(self.open_list)
        bridge.state_toggled.connect(self._toggle_state)
        bridge.filter_cleared.connect(self._clear_filter)
        bridge.heat_opened.connect(self._turn_heat)
        bridge.aside_opened.connect(self._open_aside)
        self._host.failed.connect(self._take_failure)
        self._scale.factor_changed.connect(self._apply_scale)

    def _take_camera(self, camera: Camera) -> None:
        came_up = self._camera is None
        if camera != self._camera:
            self._heat_due = True
        self._camera = camera
        if came_up:
            # A page that has just come up knows nothing: everything is replayed to it.
            self._sent = None
            self._in_flight = self._asked = 0
            self._host.came_up()
            self.layers.replay()
            self._substitute.hide()
            self.setFocusProxy(self._host.view)
            if self._filter.areas:
                self._host.bridge.looked.emit(json.dumps(self._filter.areas))
        self._refresh()
        if came_up:
            self.ready_changed.emit(True)

    def _take_failure(self, failures: int) -> None:
        was_ready = self.is_ready
        self._camera = None
        self._sent = None
        self._in_flight = self._asked = 0
        self._substitute.set_notice(self.tr("地图暂不可用，正在重新载入（第 {0} 次）").format(failures))
        self._substitute.show()
        self._substitute.raise_()
        self.setFocusProxy(self._substitute)
        if was_ready:
            self.ready_changed.emit(False)

    def _take_county(self, joined: str) -> None:
        codes = tuple(joined.split("+"))
        if codes == self._filter.areas:
            self.open_list()
        else:
            self.open_county(codes)

    def _toggle_state(self, index: int) -> None:
        self.set_filter(replace(self._filter, states=self._filter.states ^ {STATES[index]}))

    def _clear_filter(self) -> None:
        self.set_filter(MapFilter(areas=self._filter.areas))

    def _turn_heat(self) -> None:
        self.set_heat(NEXT_HEAT[self._heat])

    # What the user opens.

    def open_list(self) -> None:
        """Ask for the list of all tickets that pass the filter."""
        self._open(self._openings.of_all())

    def tickets_shown(self) -> TicketFilter:
        """Return the filter of exactly the tickets that pass the map's."""
        return self._openings.of_all().wanted

    def _open_mark(self, mark_id: str) -> None:
        self._open(self._openings.of_mark(mark_id))

    def _open_aside(self, which: str) -> None:
        self._open(self._openings.of_aside(which))

    def _open_area(self, code: str) -> None:
        county = next(area for area in self._substitute.rows() if area.area == code)
        self._open(self._openings.of_county(code, county.open))

    @property
    def _openings(self) -> Openings:
        return Openings(self._frame, self._filter, self._names)

    def _open(self, opening: Opening | None) -> None:
        if opening is not None and opening.ticket:
            self.ticket_requested.emit(opening.ticket)
        elif opening is not None:
            self.tickets_requested.emit(opening.wanted, opening.title)

    # Around the page.

    def _show_counties(self, facets: Facets) -> None:
        """Fill the list that stands in for a page that is away."""
        counted = tuple(AreaCount(c.key, c.name, c.open, c.overdue) for c in facets.counties)
        self._substitute.show_areas(self._areas if self._areas and not self._filter else counted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the widget with the page, or with what stands in its place."""
        super().resizeEvent(event)
        self._host.view.setGeometry(self.rect())
        self._substitute.setGeometry(self.rect())

    def _apply_scale(self) -> None:
        self._host.view.setZoomFactor(self._scale.factor)
