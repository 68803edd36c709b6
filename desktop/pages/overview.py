"""Feeds the overview; its map is the one that the large map's page (pages/map.py) shows too."""

import asyncio

from PySide6.QtCore import QObject, Signal

from data_access.readers.overview import overview
from desktop import runtime
from desktop.pages.desk import Desk
from desktop.readings import Readings
from domain.overview import Overview
from widgets.map.points import PointColumns
from widgets.map.view import TicketMap
from widgets.overview_page import OverviewPage

PAINT_SECONDS = 20
"""A map that has not painted by then stays as it is; the page shows its own list of counties instead."""


class OverviewDesk(Desk):
    """Reads the overview and hands it to page, map and (by `latest`) the window's header.

    Signals:
        ledger_requested(object): show the ledger at a Colour or an item's number.
        directive_opened(str): show a directive among the others.
    """

    ledger_requested = Signal(object)
    directive_opened = Signal(str)

    def __init__(
        self, page: OverviewPage, ticket_map: TicketMap, readings: Readings, parent: QObject
    ) -> None:
        super().__init__(page, readings, parent)
        self.overview_page = page
        self.map = ticket_map
        self.latest: Overview | None = None
        page.tickets_requested.connect(self.tickets_requested)
        page.ticket_requested.connect(self.ticket_requested)
        page.directive_requested.connect(self.directive_requested)
        page.re_supervision_requested.connect(self.re_supervision_requested)
        page.acknowledge_requested.connect(self.acknowledge_requested)
        page.ledger_requested.connect(self.ledger_requested)
        page.directive_opened.connect(self.directive_opened)
        page.warnings_requested.connect(self._open_warnings)
        ticket_map.tickets_requested.connect(self.tickets_requested)
        ticket_map.ticket_requested.connect(self.ticket_requested)

    async def read(self) -> Overview:
        """Read the overview; the header needs it on every page."""
        self.latest = await self.readings.read(overview)
        return self.latest

    async def refresh(self) -> None:
        latest = await self.read()
        self.overview_page.show_overview(latest)
        self.map.show_columns(await self._columns_of(latest), latest.areas)

    async def refresh_map(self) -> None:
        """Read the overview and show it on the map alone."""
        latest = await self.read()
        self.map.show_columns(await self._columns_of(latest), latest.areas)

    async def _columns_of(self, latest: Overview) -> PointColumns:
        # 100,000 points take a tenth of a second: not on the window's thread.
        return await runtime.in_thread(PointColumns.from_points, latest.points, self.map.county_codes)

    async def painted(self) -> None:
        await self.map_painted()

    async def map_painted(self) -> None:
        """Wait until the map shows what it was given."""
        for _ in range(PAINT_SECONDS * 20):
            if not self.map.isVisible() or self.map.render_state().settled:
                return
            await asyncio.sleep(0.05)

    def _open_warnings(self) -> None:
        self.page_requested.emit("warnings")
