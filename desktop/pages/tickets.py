"""Feeds the ticket list: pages of exactly the tickets that a figure counted, searched when asked."""

from dataclasses import replace

from PySide6.QtCore import QObject

from data_access.errors import StoreError
from data_access.readers.tickets import ticket_page
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.pages.desk import Desk
from desktop.readings import Readings
from domain.listing import TicketFilter, TicketPage
from widgets.tickets.model import PAGE_SIZE
from widgets.tickets.page import TicketListPage

ALL_OPEN = TicketFilter(open_only=True)


class TicketsDesk(Desk):
    """Remembers which tickets are listed."""

    def __init__(self, page: TicketListPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.list_page = page
        self._filter: TicketFilter | None = None
        page.page_requested.connect(self._fetch)
        page.search_requested.connect(self._search)
        page.ticket_requested.connect(self.ticket_requested)
        page.directive_requested.connect(self.directive_requested)

    def open_list(self, wanted: TicketFilter, title: str) -> None:
        """List these tickets under a title."""
        self._filter = wanted
        self.list_page.open_list(title, wanted.text or "")

    async def refresh(self) -> None:
        if self._filter is None:
            self.open_list(ALL_OPEN, self.tr("在办工单"))
        self.list_page.refresh(await self._read(0))

    def _search(self, text: str) -> None:
        self._filter = replace(self._filter or ALL_OPEN, text=text.strip() or None)
        self.list_page.show_searched()

    def _fetch(self, offset: int) -> None:
        runtime.spawn(self._fetch_page(offset), f"tickets from {offset}")

    async def _fetch_page(self, offset: int) -> None:
        asked = self._filter
        try:
            page = await self._read(offset)
        except StoreError as error:
            self.refused.emit(error.message)
            return
        if asked == self._filter:
            self.list_page.set_page(page)

    async def _read(self, offset: int) -> TicketPage:
        wanted = self._filter or ALL_OPEN

        def work(connection: Connection, _rules: Rules, moment: object) -> TicketPage:
            return ticket_page(connection, wanted, moment, offset, PAGE_SIZE)  # type: ignore[arg-type]

        return await self.readings.read(work)
