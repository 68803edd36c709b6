"""Feeds the large map, and makes the frames of the one map that it shares with the overview."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from desktop import runtime
from desktop.pages.desk import Desk
from desktop.pages.findings import FindingLayers
from desktop.pages.ledger_layer import LedgerLayer
from desktop.pages.names import FINDINGS, MAP
from desktop.pages.overview import OverviewDesk
from desktop.pages.station_layer import StationLayer
from desktop.touched import Touched
from domain.back_trace import BackTrace, SuspectKind
from widgets.map.frames import FrameJob
from widgets.map.large_page import MapPage
from widgets.map.trace_layer import KEY as TRACE
from widgets.map.trace_layer import trace_layer
from widgets.map.view import TicketMap


class FrameFeeder(QObject):
    """Makes the map's frames beside the window's thread, one at a time: the map asks for no more."""

    def __init__(self, ticket_map: TicketMap, parent: QObject) -> None:
        super().__init__(parent)
        self._map = ticket_map
        ticket_map.frame_requested.connect(self._make)

    def _make(self, job: FrameJob) -> None:
        runtime.spawn(self._hand_back(job), "map frame")

    async def _hand_back(self, job: FrameJob) -> None:
        frame = None
        try:
            frame = await runtime.in_thread(job)
        finally:
            # Without a frame the map asks again when something changes; a fault is reported by the run.
            # At the end of the program the map may be gone before its last frame has come.
            if isValid(self._map):
                self._map.show_frame(frame)


class MapDesk(Desk):
    """Feeds the large map.

    Signals: finding_opened(int): a finding was clicked on; its page comes up. station_opened(str): a
    station was, by its key. And those of a Desk.
    """

    finding_opened = Signal(int)
    station_opened = Signal(str)

    def __init__(self, page: MapPage, overview_desk: OverviewDesk, parent: QObject) -> None:
        super().__init__(page, overview_desk.readings, parent)
        self._overview = overview_desk
        self._map_page = page
        self._feeder = FrameFeeder(overview_desk.map, self)
        page.follow(overview_desk.map)
        page.directive.directive_requested.connect(self.directive_requested)
        page.findings.clicked.connect(self._list_findings)
        self._layers = overview_desk.map.layers
        self._findings = FindingLayers(self._layers, overview_desk.readings, self)
        self._findings.finding_opened.connect(self._open_finding)
        self._stations = StationLayer(self._layers, overview_desk.readings, self)
        self._stations.station_opened.connect(self.station_opened)
        self._layers.opened.connect(self._open_suspect)
        self._ledger = LedgerLayer(self._layers, overview_desk.readings, self)
        # The window shows an item as when the overview asks for it.
        self._ledger.item_opened.connect(overview_desk.ledger_requested)

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.tickets or touched.items)

    async def update(self, touched: Touched) -> None:
        await self._overview.update_map(touched)
        if self._findings.concerned(touched):
            await self._findings.refresh()
        if touched.everything or touched.new_minute:
            await self._stations.refresh()
        if self._ledger.concerned(touched):
            await self._ledger.refresh()
        if self._overview.latest is not None:
            self._map_page.set_fresh(self._overview.latest.as_of)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        if self.fresh:
            self._stations.tick()

    async def painted(self) -> None:
        await self._overview.map_painted()

    def open_layer(self, key: str) -> None:
        """Show a layer on the map."""
        self._layers.set_on(key, True)
        self.page_requested.emit(MAP)

    def open_trace(self, trace: object) -> None:
        """Show on the map what lay upwind of a ticket's place."""
        if isinstance(trace, BackTrace):
            self._layers.show(trace_layer(trace))
            self._layers.look(TRACE)
            self.page_requested.emit(MAP)

    def forget_layers(self) -> None:
        """Drop what the layers show: the next person may see less."""
        self._layers.clear()

    def _open_suspect(self, layer: str, mark: str) -> None:
        """Open what a mark of a back-trace stands for."""
        kind, _, key = mark.partition("/")
        if layer != TRACE:
            return
        if kind == SuspectKind.TICKET:
            self.ticket_requested.emit(key)
        elif kind == SuspectKind.STATION:
            self.station_opened.emit(key)
        elif kind == SuspectKind.FINDING:
            self._open_finding(int(key))

    def _open_finding(self, number: int) -> None:
        self.finding_opened.emit(number)
        self.page_requested.emit(FINDINGS)

    def _list_findings(self) -> None:
        self.page_requested.emit(FINDINGS)
