"""The same map, as large as the window, and what feeds it. One web process draws both maps."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import runtime
from desktop.pages.desk import Desk
from desktop.pages.overview import OverviewDesk
from desktop.touched import Touched
from widgets.map.frames import FrameJob
from widgets.map.view import TicketMap
from widgets.scale import Scale


class FrameFeeder(QObject):
    """Makes the map's frames beside the window's thread, one at a time: the map asks for no more."""

    def __init__(self, ticket_map: TicketMap, parent: QObject) -> None:
        super().__init__(parent)
        self._map = ticket_map
        ticket_map.frame_requested.connect(self._make)

    def _make(self, job: FrameJob) -> None:
        runtime.spawn(self._hand_back(job), "map frame")

    async def _hand_back(self, job: FrameJob) -> None:
        try:
            frame = await runtime.in_thread(job)
        except BaseException:
            # The map asks again when something changes; the fault itself is reported by the run.
            self._map.show_frame(None)
            raise
        self._map.show_frame(frame)


class MapPage(QWidget):
    """The same map, as large as the window."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self._scale = scale
        self._layout = QVBoxLayout(self)
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def take(self, ticket_map: QWidget) -> None:
        """Give the map its place here."""
        self._layout.addWidget(ticket_map, 1)

    def _apply_scale(self) -> None:
        margin = self._scale.size("margin")
        self._layout.setContentsMargins(margin, margin, margin, margin)


class MapDesk(Desk):
    """Feeds the large map."""

    def __init__(self, page: MapPage, overview_desk: OverviewDesk, parent: QObject) -> None:
        super().__init__(page, overview_desk.readings, parent)
        self._overview = overview_desk
        self._feeder = FrameFeeder(overview_desk.map, self)

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or bool(touched.tickets)

    async def update(self, touched: Touched) -> None:
        await self._overview.update_map(touched)

    async def painted(self) -> None:
        await self._overview.map_painted()
