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
from desktop.pages.lists import LongListDesk
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


class LedgerDesk(LongListDesk):
    """Remembers which items are listed, and which one's detail is shown."""

    def __init__(self, page: LedgerPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.ledger_page = page
        page.list_requested.connect(self.open_asked)
        page.directive_requested.connect(self.directive_requested)

    def open_colour(self, colour: Colour) -> None:
        """Show the items of one colour only."""
        self.ledger_page.show_colour(colour)

    def open_line(self, number: str) -> None:
        if self.ledger_page.chosen != LedgerFilter():
            self.ledger_page.show_colour(None)
        super().open_line(number)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.items)

    def names_in(self, touched: Touched) -> frozenset[str]:
        return touched.items

    async def update(self, touched: Touched) -> None:
        await super().update(touched)
        if touched.everything:
            self.ledger_page.show_choices(await self.readings.read(_bodies))

    def source_asked(self) -> Items:
        return Items(self.ledger_page.chosen, self.ledger_page.order)

    def show_counts(self, total: int, as_of: datetime) -> None:
        counted = self.source.counted
        if counted is not None:
            self.ledger_page.show_counts(total, counted.counts, counted.scheme, as_of)

    def detail_work(self, number: str) -> Any:
        def work(connection: Connection, rules: Rules, now: datetime) -> Any:
            return ledger_detail(connection, rules, number, now)

        return work


def _bodies(connection: Connection, _rules: Rules, _now: datetime) -> tuple[tuple[str, str], ...]:
    return tuple(read_names(connection).short_bodies.items())
