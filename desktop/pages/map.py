"""The same map, as large as the window, and what feeds it. One web process draws both maps."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.pages.desk import Desk
from desktop.pages.overview import OverviewDesk
from desktop.touched import Touched
from widgets.scale import Scale


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

    @property
    def restless(self) -> bool:
        return self._overview.restless

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))

    async def update(self, touched: Touched) -> None:
        await self._overview.update_map(touched)

    async def painted(self) -> None:
        await self._overview.map_painted()
