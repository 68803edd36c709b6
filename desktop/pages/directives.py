"""Feeds the page of directives, at any length: the list, the matrix of receivers, and one with its thread."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from data_access.errors import StoreError
from data_access.readers.directive_list import (
    directive_years,
    owing_receivers,
    receiving_bodies,
    settled_directives,
)
from data_access.readers.directives import directive_detail, directives_by_number
from data_access.readers.names import read_names
from data_access.readers.settled import Settled
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.evidence_view import EvidenceView
from desktop.exports.directive_sheets import directive_sheets
from desktop.exports.lists import ListExport
from desktop.pages.lazy_list import LazyList
from desktop.pages.lists import DetailDesk
from desktop.readings import Readings
from desktop.touched import Touched
from desktop.use_cases.directives import MOST_REMINDED
from domain.directive_listing import (
    DirectiveCounts,
    DirectiveFilter,
    DirectiveOrder,
    DirectiveReceipts,
    ThreadRow,
)
from domain.drafts import DirectiveDraft
from widgets.pages.directive_steps import asked_of_all
from widgets.pages.directive_words import thread_columns
from widgets.pages.directives_page import DirectivesPage, View


class Directives:
    """The directives that a filter names, in an order: a source of `LazyList` that counts all, too."""

    def __init__(self, chosen: DirectiveFilter, order: DirectiveOrder) -> None:
        self._chosen = chosen
        self._order = order
        self.counts = DirectiveCounts()

    def first(self, _connection: Connection, _rules: Rules, _now: datetime, _limit: int) -> Sequence[Any]:
        """Return nothing: they are few enough to be settled at once."""
        return ()

    def settle(self, connection: Connection, _rules: Rules, now: datetime) -> Settled:
        """Return the numbers of all."""
        settled, self.counts = settled_directives(connection, self._chosen, self._order, now)
        return settled

    def by_key(
        self, connection: Connection, _rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[DirectiveReceipts | None]:
        """Return directives by their numbers."""
        return directives_by_number(connection, now, keys)


class DirectivesDesk(DetailDesk):
    """Remembers which directives are listed, and which one's thread is shown.

    Signals: `item_requested(str)`: show a ledger item.
    """

    item_requested = Signal(str)

    def __init__(self, page: DirectivesPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.directives_page = page
        self._source: Directives | None = None
        self._lists = {
            View.LIST: LazyList(page.table, readings, self),
            View.MATRIX: LazyList(page.matrix, readings, self),
        }
        for shown in self._lists.values():
            shown.counted.connect(self._counted)
            shown.refused.connect(self.refused)
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.thread_export = ListExport(
            page.directive, thread_columns(), self._thread, readings, self, self._sheets
        )
        self.evidence = EvidenceView(readings, page.directive.scale, page, self)
        for speaker in (self.export, self.thread_export, self.evidence):
            speaker.said.connect(self.refused)
        page.list_requested.connect(self._open)
        page.tickets_requested.connect(self.tickets_requested)
        page.item_requested.connect(self.item_requested)
        page.directive_requested.connect(self.directive_requested)
        page.step_requested.connect(self.step_requested)
        page.remind_all_requested.connect(self._ask_remind_all)
        page.evidence_requested.connect(self._open_evidence)

    @property
    def restless(self) -> bool:
        return self._list.restless

    def turn_minute(self) -> None:
        super().turn_minute()
        for shown in self._lists.values():
            shown.turn_minute()

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.directives)

    def open_line(self, number: str) -> None:
        """Choose this directive when the list is next read."""
        super().open_line(number)
        self.directives_page.show_all()
        self.directives_page.show_view(View.LIST)

    def carried(self, draft: object, found: object) -> None:
        """Say the number of a directive that was issued, and choose it among the others."""
        if not isinstance(draft, DirectiveDraft):
            return
        number, page = str(found), self.directives_page
        self.refused.emit(self.tr("已发出 {0}，送 {1} 家").format(number, len(draft.receivers)))
        super().open_line(number)
        page.show_all()
        if page.isVisible():
            page.show_view(page.view)
        else:
            self._source = None

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))
        await self.painted()

    async def update(self, touched: Touched) -> None:
        if touched.everything:
            bodies, years = await self.readings.read(_choices)
            self.directives_page.show_choices(bodies, years)
            if self.directives_page.show_bodies(bodies) and self.directives_page.view is View.MATRIX:
                self._source = None
        if self._source is None:
            self._open(self.directives_page.chosen, self.directives_page.order)
        elif self.concerned(touched) or self._list.restless:
            await self._list.update(touched.directives, everything=touched.everything)
        if touched.everything or touched.new_minute or self.number in touched.directives:
            await self.refresh_detail()

    async def painted(self) -> None:
        await self._list.settled()
        await self.refresh_detail()

    def detail_work(self, number: str) -> Any:
        def work(connection: Connection, _rules: Rules, now: datetime) -> Any:
            return directive_detail(connection, number, now)

        return work

    @property
    def _list(self) -> LazyList:
        return self._lists[self.directives_page.view]

    def _open(self, chosen: DirectiveFilter, order: DirectiveOrder) -> None:
        self._source = Directives(chosen, order)
        self._list.open(self._source)

    def _counted(self, total: int | None, as_of: datetime) -> None:
        if total is None or self._source is None or self.sender() is not self._list:
            return
        self.directives_page.show_counts(total, self._source.counts, as_of)
        wanted, self.wanted = self.wanted, None
        # Its record may be on its way yet: it is chosen all the same.
        if wanted is None or not self._list.choose(wanted):
            self.directives_page.choose_first()

    def _listed(self) -> Directives | None:
        return self._source

    def _thread(self) -> tuple[ThreadRow, ...] | None:
        detail = self.directives_page.directive.detail
        return detail.thread if detail is not None else None

    def _sheets(self) -> bytes | None:
        detail = self.directives_page.directive.detail
        return None if detail is None else directive_sheets(detail, self.readings.now())

    def _open_evidence(self, number: str, checksums: tuple[str, ...]) -> None:
        self.evidence.open(f"directive/{number}", checksums)

    def _ask_remind_all(self, chosen: DirectiveFilter) -> None:
        runtime.spawn(self._remind_all(chosen), "remind all")

    async def _remind_all(self, chosen: DirectiveFilter) -> None:
        def work(connection: Connection, _rules: Rules, now: datetime) -> Any:
            return owing_receivers(connection, chosen, now, MOST_REMINDED)

        try:
            owing = await self.readings.read(work)
        except StoreError as error:
            self.refused.emit(error.message)
            return
        if owing:
            self.step_requested.emit(asked_of_all(owing))
        else:
            self.refused.emit(self.tr("没有未签收或未反馈的单位。"))


def _choices(
    connection: Connection, _rules: Rules, _now: datetime
) -> tuple[tuple[tuple[str, str], ...], tuple[int, ...]]:
    names = read_names(connection)
    receivers = receiving_bodies(connection)
    return tuple((key, names.short_body(key)) for key in receivers), directive_years(connection)
