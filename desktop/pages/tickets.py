"""Feeds the ticket list: exactly the tickets that a figure counted, or that the hand narrowed them to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject

from data_access.readers.names import Names, read_names
from data_access.readers.settled import Settled
from data_access.readers.tickets import first_tickets, settled_tickets, tickets_by_number
from data_access.rules import Rules
from data_access.store import Connection
from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.pages.lazy_list import LazyList, Source
from desktop.readings import Readings
from desktop.touched import Touched
from domain.drafts import DirectiveDraft
from domain.listing import TicketFilter, TicketOrder, TicketRow
from widgets.tickets.filter_bar import FilterChoices
from widgets.tickets.page import TicketListPage

ALL_OPEN = TicketFilter(open_only=True)


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets that a filter names, in an order: a source of `LazyList`."""

    chosen: TicketFilter
    order: TicketOrder

    def first(self, connection: Connection, _rules: Rules, now: datetime, limit: int) -> Sequence[TicketRow]:
        return first_tickets(connection, self.chosen, now, limit, self.order)

    def settle(self, connection: Connection, _rules: Rules, now: datetime) -> Settled:
        return settled_tickets(connection, self.chosen, now, self.order)

    def by_key(
        self, connection: Connection, _rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[TicketRow | None]:
        found = {row.number: row for row in tickets_by_number(connection, keys, now)}
        return [found.get(key) for key in keys]


class TicketsDesk(Desk):
    """Remembers which tickets are listed."""

    def __init__(self, page: TicketListPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.list_page = page
        self._opened = False
        self._list = LazyList(page.table, readings, self)
        self._list.counted.connect(page.show_count)
        self._list.refused.connect(self.refused)
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.export.said.connect(self.refused)
        page.list_requested.connect(self._list_again)
        page.ticket_requested.connect(self.ticket_requested)
        page.directive_requested.connect(self.directive_requested)
        page.repeats_requested.connect(self._show_repeats)

    @property
    def restless(self) -> bool:
        return self._list.restless

    def open_list(self, wanted: TicketFilter, title: str) -> None:
        """List these tickets under a title, worst first."""
        self._opened = True
        self.list_page.open_list(title, wanted)
        self._list.open(Tickets(wanted, TicketOrder()))

    def turn_minute(self) -> None:
        super().turn_minute()
        self._list.turn_minute()

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))
        await self.painted()

    async def painted(self) -> None:
        await self._list.settled()

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.tickets)

    async def update(self, touched: Touched) -> None:
        if not self._opened:
            self.open_list(ALL_OPEN, self.tr("在办工单"))
        elif self.concerned(touched) or self._list.restless:
            await self._list.update(touched.tickets, everything=touched.everything)
        if touched.everything:
            self.list_page.show_choices(await self.readings.read(_choices))

    def carried(self, draft: object, _found: object) -> None:
        """Let go of the selection that a directive was made of."""
        if isinstance(draft, DirectiveDraft):
            self.list_page.let_go(draft.tickets)

    def _listed(self) -> Source | None:
        return self._list.source

    def _show_repeats(self) -> None:
        self.page_requested.emit("repeats")

    def _list_again(self, wanted: TicketFilter, order: TicketOrder) -> None:
        self._list.open(Tickets(wanted, order))


def _choices(connection: Connection, _rules: Rules, _now: datetime) -> FilterChoices:
    names = read_names(connection)
    return FilterChoices(
        bodies=tuple(names.short_bodies.items()),
        areas=tuple(names.areas.items()),
        categories=tuple(_categories(names)),
        channels=tuple(names.channels.items()),
    )


def _categories(names: Names) -> Iterator[tuple[str, str]]:
    """Yield each class, and behind it the kinds that belong to it."""
    kinds: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for code, category in names.categories.items():
        kinds.setdefault((category.class_code, category.class_name), []).append((code, category.name))
    for class_, own in kinds.items():
        yield class_
        for code, name in own:
            yield code, f"　{name}"
