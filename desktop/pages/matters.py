"""Feeds the list of matters across tickets, at any length."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from data_access.errors import StoreError
from data_access.readers.matters import matter_counts, matter_rows, matters_by_key, settled_matters
from data_access.readers.month_sums import month_sums
from data_access.readers.names import read_names
from data_access.readers.settled import Settled
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.pages.list_desk import ListDesk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.drafts import Choice
from domain.matter_listing import MatterCounts, MatterFilter, MatterRow
from domain.month_sums import MonthSums
from widgets.pages.matters_page import MattersPage


class Matters:
    """The matters that a filter names: a source of `LazyList` that counts what is open, too."""

    def __init__(self, chosen: MatterFilter) -> None:
        self._chosen = chosen
        self.counts = MatterCounts()

    def first(self, connection: Connection, _rules: Rules, _now: datetime, limit: int) -> Sequence[MatterRow]:
        """Return the first rows."""
        return matter_rows(connection, self._chosen, limit)

    def settle(self, connection: Connection, _rules: Rules, now: datetime) -> Settled:
        """Return the keys of all."""
        self.counts = matter_counts(connection, now, self._chosen.body)
        return settled_matters(connection, self._chosen)

    def by_key(
        self, connection: Connection, _rules: Rules, _now: datetime, keys: Sequence[str]
    ) -> Sequence[MatterRow | None]:
        """Return rows by their keys."""
        return matters_by_key(connection, keys)


class MattersDesk(ListDesk):
    """Remembers which matters are listed."""

    def __init__(self, page: MattersPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.matters_page = page
        self.source: Matters | None = None
        self._summing: asyncio.Task[None] | None = None
        page.list_requested.connect(self.open_asked)
        page.ticket_requested.connect(self.ticket_requested)
        page.sums_requested.connect(self._ask_sums)
        page.sums.tickets_requested.connect(self.tickets_requested)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.tickets)

    def open_asked(self) -> None:
        """Begin to read the list that the page asks for."""
        self.source = Matters(self.matters_page.chosen)
        self._list.open(self.source)
        self._ask_sums()

    async def update(self, touched: Touched) -> None:
        if touched.new_minute or touched.everything:
            self._ask_sums()
        if touched.everything:
            self.matters_page.show_bodies(await self.readings.read(_bodies))
        if self.source is None:
            self.open_asked()
        elif self.concerned(touched) or self._list.restless:
            keys = self.matters_page.keys_of(touched.tickets)
            await self._list.update(keys, everything=touched.everything)

    async def painted(self) -> None:
        await super().painted()
        if self._summing is not None:
            await asyncio.wait([self._summing])

    def _ask_sums(self) -> None:
        """Sum the months up for the body that the list is of, where the sums are shown."""
        if not self.matters_page.sums.isHidden():
            self._summing = runtime.spawn(self._sum(), "sums by month")

    async def _sum(self) -> None:
        body = self.matters_page.chosen.body

        def work(connection: Connection, rules: Rules, now: datetime) -> tuple[MonthSums, ...]:
            return month_sums(connection, now, rules.calendar.zone, body)

        try:
            found = await self.readings.read(work)
        except StoreError as error:
            self.refused.emit(error.message)
        else:
            self.matters_page.sums.show_sums(found, body)

    def _listed(self) -> Matters | None:
        return self.source

    def _counted(self, total: int | None, as_of: datetime) -> None:
        if total is not None and self.source is not None:
            self.matters_page.show_counts(total, self.source.counts, as_of)


def _bodies(connection: Connection, _rules: Rules, _now: datetime) -> tuple[Choice, ...]:
    return tuple(Choice(key, name) for key, name in read_names(connection).short_bodies.items())
