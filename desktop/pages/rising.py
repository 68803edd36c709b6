"""Feeds the page of kinds that rise faster than usual: counted while it is shown, calmly anew (B18)."""

import time
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from data_access.readers.rising import rising
from data_access.rules import Rules
from data_access.store import Connection
from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.rising import Rise, RisingRule
from widgets.pages.rising_page import RisingPage

CALM_SECONDS = 60.0
"""Weeks of tickets are counted anew no more often than this."""


class RisingDesk(Desk):
    """Signals: those of a Desk."""

    def __init__(self, page: RisingPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.rising_page = page
        self._rule = RisingRule()
        self._rises: tuple[Rise, ...] = ()
        self._due = 0.0
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.export.said.connect(self.refused)
        page.tickets_requested.connect(self.tickets_requested)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute

    async def refresh(self) -> None:
        def work(connection: Connection, _rules: Rules, now: datetime) -> tuple[tuple[Rise, ...], datetime]:
            return rising(connection, now, self._rule), now

        self._rises, as_of = await self.readings.read(work)
        self.rising_page.show_rises(self._rises, self._rule, as_of)
        self._due = time.monotonic() + CALM_SECONDS

    async def update(self, touched: Touched) -> None:
        if touched.everything or time.monotonic() >= self._due:
            await self.refresh()

    def _listed(self) -> Sequence[Rise]:
        return self._rises
