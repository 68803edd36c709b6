"""Feeds the four-colour ledger, at any length."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject

from data_access.readers.ledger import Ledger, items_by_number, ledger_detail, read_ledger, settled_ledger
from data_access.readers.names import read_names
from data_access.readers.settled import Settled
from data_access.rules import Rules
from data_access.store import Connection
from desktop.pages.lazy_list import LazyList
from desktop.pages.lists import DetailDesk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.ledger import Colour, LedgerFilter, LedgerOrder, LedgerRow
from widgets.pages.ledger_page import LedgerPage


class Items:
    """The items that a filter names, in an order: a source of `LazyList`. Colours follow from rules, not from
    columns, so that settling it reads and colours all; `counted` keeps their counts and scheme."""

    def __init__(self, chosen: LedgerFilter, order: LedgerOrder) -> None:
        self._chosen = chosen
        self._order = order
        self.counted: Ledger | None = None

    def first(self, _connection: Connection, _rules: Rules, _now: datetime, _limit: int) -> Sequence[Any]:
        """Return nothing: which are the first is known when all are coloured."""
        return ()

    def settle(self, connection: Connection, rules: Rules, now: datetime) -> Settled:
        """Return the numbers of all."""
        ledger = read_ledger(connection, rules, now)
        self.counted = Ledger((), ledger.counts, ledger.scheme)
        return settled_ledger(ledger, self._chosen, self._order)

    def by_key(
        self, connection: Connection, rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[LedgerRow | None]:
        """Return items by their numbers."""
        return items_by_number(connection, rules, keys, now)


class LedgerDesk(DetailDesk):
    """Remembers which items are listed, and which one's detail is shown."""

    def __init__(self, page: LedgerPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.ledger_page = page
        self._source: Items | None = None
        self._list = LazyList(page.table, readings, self)
        self._list.counted.connect(self._counted)
        self._list.refused.connect(self.refused)
        page.list_requested.connect(self._open)
        page.directive_requested.connect(self.directive_requested)

    @property
    def restless(self) -> bool:
        return self._list.restless

    def open_colour(self, colour: Colour) -> None:
        """Show the items of one colour only."""
        self.ledger_page.show_colour(colour)

    def open_line(self, number: str) -> None:
        if self.ledger_page.chosen != LedgerFilter():
            self.ledger_page.show_colour(None)
        super().open_line(number)

    async def refresh(self) -> None:
        if self._source is None:
            self._open(self.ledger_page.chosen, LedgerOrder())
        await self._list.settled()
        self.ledger_page.show_choices(await self.readings.read(_bodies))
        await self.refresh_detail()

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.items)

    async def update(self, touched: Touched) -> None:
        if self._source is None or self.wanted or (touched.everything and self._list.rested):
            await self.refresh()
            return
        await self._list.update(touched.items, everything=touched.everything)
        if self.number in touched.items or touched.new_minute:
            await self.refresh_detail()

    def choose(self, number: str) -> None:
        self._list.choose(number)

    def detail_work(self, number: str) -> Any:
        def work(connection: Connection, rules: Rules, now: datetime) -> Any:
            return ledger_detail(connection, rules, number, now)

        return work

    def _open(self, chosen: LedgerFilter, order: LedgerOrder) -> None:
        self._source = Items(chosen, order)
        self._list.open(self._source)

    def _counted(self, total: int | None, as_of: datetime) -> None:
        counted = self._source.counted if self._source is not None else None
        if counted is not None and total is not None:
            self.ledger_page.show_counts(total, counted.counts, counted.scheme, as_of)
            if not self.wanted:
                self.ledger_page.choose_first()


def _bodies(connection: Connection, _rules: Rules, _now: datetime) -> tuple[tuple[str, str], ...]:
    return tuple(read_names(connection).short_bodies.items())
