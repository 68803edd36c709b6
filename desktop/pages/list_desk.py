"""What the desks of pages with one long list have in common: the list, its file, its moments."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject

from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.pages.lazy_list import LazyList
from desktop.readings import Readings
from desktop.touched import Touched
from widgets.pages.list_page import ListPage


class ListDesk(Desk):
    """Feeds a page whose `table` is lazy; `_listed` says what it lists now, `_counted` takes the counts."""

    def __init__(self, page: ListPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self._list = LazyList(page.table, readings, self)
        self._list.counted.connect(self._counted)
        self._list.refused.connect(self.refused)
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.export.said.connect(self.refused)

    @property
    def restless(self) -> bool:
        return self._list.restless

    def turn_minute(self) -> None:
        super().turn_minute()
        self._list.turn_minute()

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))
        await self.painted()

    async def painted(self) -> None:
        await self._list.settled()

    def _listed(self) -> Any:
        raise NotImplementedError

    def _counted(self, total: int | None, as_of: datetime) -> None:
        raise NotImplementedError
