"""The live ticket map as a widget: keeps a local page in step with the tickets, by differences only."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.overview import AreaCount, MapPoint
from widgets.map.channel import Bridge, LocalPage
from widgets.map.counties import counties_of, read_boundaries
from widgets.map.marks import Camera, Frame, Mark, MarkKind, build, difference
from widgets.map.page import Legend, PageText, write_page
from widgets.map.points import STATES, PointColumns
from widgets.map.substitute import CountyList
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.tokens import tokens

log = logging.getLogger(__name__)

# After a failure the page is loaded again: at once, then after ever longer waits, for ever (a wall is alone).
FIRST_WAIT_MS, LONGEST_WAIT_MS = 500, 60_000
# A page that stood this long was healthy: its next failure starts with the short wait again.
HEALTHY_MS = 60_000
# A page that has not come up, or has not taken a push, in this time is dead though its process may live.
ANSWER_MS = 30_000
# A message larger than this is cut in pieces: the channel's cost rises beyond it (traps 3.7).
MESSAGE_MARKS = 2_000
# The legend's order on screen; the donuts' order is clusters.STATES.
LEGEND = (
    TicketState.DONE,
    TicketState.ON_TIME,
    TicketState.DUE_SOON,
    TicketState.OVERDUE,
    TicketState.PAUSED,
)


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
    """The map of open tickets. Hand the tickets in by `show_points`; only what changed goes to the page.

    While the page is away (starting, or its process died) a list by county stands in its place.

    Signals:
        tickets_requested(TicketFilter, str): a donut or heap was opened: exactly its tickets, and a title.
        ticket_requested(str): a single ticket was opened.
        ready_changed(bool): the page came up or went away.
        painted(int): all pushes up to this number are on screen. Only a visible map paints.
    """

    tickets_requested = Signal(object, str)
    ticket_requested = Signal(str)
    ready_changed = Signal(bool)
    painted = Signal(int)

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
        self._counties = counties_of(read_boundaries(boundaries_path))
        self._codes = tuple(county.adcode for county in self._counties)
        self._columns = PointColumns.from_points((), self._codes)
        self._areas: tuple[AreaCount, ...] = ()
        self._camera: Camera | None = None
        self._frame: Frame | None = None
        self._sent: dict[str, Mark] = {}
        self._wanted = self._pushed = self._in_flight = self._painted = 0
        self._begin = True
        self._failures = 0
        self._up_since = QElapsedTimer()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("工单地图"))
        self._make_page(write_page(cache_dir, boundaries_path, tokens(), self._text(approval)))
        self._substitute = CountyList(scale, self)
        self._substitute.set_notice(self.tr("地图载入中"))
        self._substitute.area_opened.connect(self._open_area)
        self.setFocusProxy(self._substitute)
        self._retry = self._timer("map_retry", self._load)
        self._watchdog = self._timer("map_watchdog", self._give_up)
        scale.factor_changed.connect(self._apply_scale)
        self._apply_scale()
        self._load()

    @property
    def is_ready(self) -> bool:
        """Whether the page is up and takes pushes."""
        return self._camera is not None

    def show_points(self, points: Sequence[MapPoint], areas: Sequence[AreaCount]) -> int:
        """Show these open tickets and these counts by county; return the number `painted` will report."""
        return self.show_columns(PointColumns.from_points(points, self._codes), areas)

    def show_columns(self, columns: PointColumns, areas: Sequence[AreaCount]) -> int:
        """As `show_points`, with columns that were made elsewhere with `county_codes`."""
        self._columns = columns
        self._areas = tuple(areas)
        self._substitute.show_areas(self._areas)
        return self._refresh()

    @property
    def county_codes(self) -> tuple[str, ...]:
        """The codes that PointColumns for `show_columns` are made with."""
        return self._codes

    def render_state(self) -> RenderState:
        """Return how far the picture has come."""
        marks = tuple(self._sent.values())
        return RenderState(self.is_ready, self._wanted, self._painted, marks, self._camera, self._failures)

    @property
    def page(self) -> QWebEnginePage:
        """The web page, for tests and tools that look into it."""
        return self._page

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the widget with the page, or with what stands in its place."""
        super().resizeEvent(event)
        self._web.setGeometry(self.rect())
        self._substitute.setGeometry(self.rect())

    def _make_page(self, path: Path) -> None:
        self._web = QWebEngineView(self)
        self._web.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._page = LocalPage(QUrl.fromLocalFile(str(path.resolve())), self._web)
        self._page.setBackgroundColor(tokens().qcolor("panel"))
        self._bridge = Bridge(self)
        self._bridge.camera_changed.connect(self._take_camera)
        self._bridge.push_applied.connect(self._take_applied)
        self._bridge.push_painted.connect(self._take_painted)
        self._bridge.mark_opened.connect(self._open_mark)
        channel = QWebChannel(self._page)
        channel.registerObject("bridge", self._bridge)
        self._page.setWebChannel(channel)
        self._page.loadFinished.connect(self._take_load)
        self._page.renderProcessTerminated.connect(self._take_termination)
        self._web.setPage(self._page)

    def _timer(self, name: str, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _text(self, approval: str) -> PageText:
        marks = [mark_of(state) for state in STATES]
        legends = tuple(Legend(mark.colour_name, mark.shape.name.lower(), mark.word) for mark in marks)
        order = tuple(STATES.index(state) for state in LEGEND)
        return PageText(legends, order, self.tr("返回全市"), self.tr("{0} 件"), approval)

    # Loading, and coming back after a failure.

    def _load(self) -> None:
        self._watchdog.start(ANSWER_MS)
        self._page.open()

    def _take_load(self, succeeded: bool) -> None:
        # A navigation that was refused ends as a failed load too; the page that is up stays up.
        if not succeeded and not self.is_ready:
            self._fail("the page did not load")

    def _take_termination(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        self._fail(f"the page's process ended: {status.name}, exit code {code}")

    def _give_up(self) -> None:
        self._fail(f"the page gave no answer for {ANSWER_MS // 1000} s")

    def _fail(self, reason: str) -> None:
        if self._retry.isActive():
            return
        if self._up_since.isValid() and self._up_since.elapsed() > HEALTHY_MS:
            self._failures = 0
        was_ready = self.is_ready
        wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** min(self._failures, 16))
        self._failures += 1
        log.warning("ticket map failed (%s), attempt %d in %d ms", reason, self._failures, wait)
        self._camera = None
        self._up_since.invalidate()
        self._watchdog.stop()
        self._substitute.set_notice(self.tr("地图暂不可用，正在重新载入（第 {0} 次）").format(self._failures))
        self._substitute.show()
        self._substitute.raise_()
        self.setFocusProxy(self._substitute)
        self._retry.start(wait)
        if was_ready:
            self.ready_changed.emit(False)

    def _take_camera(self, camera: Camera) -> None:
        came_up = self._camera is None
        self._camera = camera
        if came_up:
            # A page that has just come up knows nothing: everything is replayed to it.
            self._begin = True
            self._in_flight = 0
            self._up_since.start()
            self._watchdog.stop()
            self._substitute.hide()
            self.setFocusProxy(self._web)
        self._refresh()
        if came_up:
            self.ready_changed.emit(True)

    # Pushing: one message on the way at a time; what comes meanwhile is merged into the next.

    def _refresh(self) -> int:
        self._wanted += 1
        if not self._in_flight:
            self._push()
        return self._wanted

    def _push(self) -> None:
        if self._camera is None:
            return
        self._frame = build(self._columns, self._counties, self._areas, self._camera, self._frame)
        if self._begin:
            self._sent = {}
        change = difference(self._sent, self._frame.marks)
        self._pushed = self._in_flight = self._wanted
        for first in range(0, max(1, len(change.changed)), MESSAGE_MARKS):
            part = change.changed[first : first + MESSAGE_MARKS]
            last = first + MESSAGE_MARKS >= len(change.changed)
            message = {
                # Only the last piece is answered.
                "push": self._pushed if last else 0,
                "all": self._begin and first == 0,
                "changed": [mark.as_row() for mark in part],
                "removed": change.removed if first == 0 else (),
                "totals": self._columns.totals(),
            }
            self._bridge.pushed.emit(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        self._begin = False
        self._sent = dict(self._frame.marks)
        self._watchdog.start(ANSWER_MS)

    def _take_applied(self, push: int) -> None:
        if push != self._in_flight:
            return
        self._in_flight = 0
        self._watchdog.stop()
        if self._wanted > self._pushed:
            self._push()

    def _take_painted(self, push: int) -> None:
        if push > self._painted:
            self._painted = push
            self.painted.emit(push)

    # What the user opens.

    def _open_mark(self, mark_id: str) -> None:
        frame = self._frame
        wanted = frame.filter_of(mark_id) if frame is not None else None
        if frame is None or wanted is None:
            return
        mark = frame.marks[mark_id]
        if mark.kind in (MarkKind.TICKET, MarkKind.ALERT) and mark.count == 1:
            self.ticket_requested.emit(mark.label)
        elif mark.kind is MarkKind.COUNTY:
            self.tickets_requested.emit(wanted, self.tr("{0} · 在办 {1} 件").format(mark.label, mark.count))
        elif mark.kind is MarkKind.ALERT:
            self.tickets_requested.emit(wanted, self.tr("紧急工单 {0} 件").format(mark.count))
        else:
            self.tickets_requested.emit(wanted, self.tr("地图聚合 · {0} 件").format(mark.count))

    def _open_area(self, code: str) -> None:
        area = next(area for area in self._areas if area.area == code)
        title = self.tr("{0} · 在办 {1} 件").format(area.name, area.open)
        self.tickets_requested.emit(TicketFilter(open_only=True, area=code), title)

    def _apply_scale(self) -> None:
        self._web.setZoomFactor(self._scale.factor)
