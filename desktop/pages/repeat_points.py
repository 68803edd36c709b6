"""Feeds the list of repeat points: settled in a worker thread, as of a moment, and calmly anew (B10)."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from data_access.errors import StoreError
from data_access.readers.repeat_points import (
    Found,
    find_points,
    numbers_at_all,
    points_by_key,
    settled_points,
)
from data_access.readers.settled import Settled
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.pages.list_desk import ListDesk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.listing import TicketFilter
from domain.repeat_points import RepeatPoint
from widgets.pages.repeat_points_page import RepeatPointsPage


class RepeatPoints:
    """The repeat points: a source of `LazyList`. `found` is what was last settled."""

    def __init__(self) -> None:
        self.found: Found | None = None

    def first(
        self, _connection: Connection, _rules: Rules, _now: datetime, _limit: int
    ) -> Sequence[RepeatPoint]:
        """Return nothing: which are the first is known when all are counted."""
        return ()

    def settle(self, connection: Connection, rules: Rules, now: datetime) -> Settled:
        """Return the keys of all, the fullest first."""
        self.found = find_points(connection, rules, now)
        return settled_points(self.found)

    def by_key(
        self, connection: Connection, _rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[RepeatPoint | None]:
        """Return points by their keys."""
        return () if self.found is None else points_by_key(connection, self.found, keys, now)


class RepeatPointsDesk(ListDesk):
    """Repeat points are counted while their page is shown, and rest in proportion to what that took."""

    def __init__(self, page: RepeatPointsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.points_page = page
        self._source: RepeatPoints | None = None
        page.tickets_requested.connect(self.tickets_requested)
        page.directive_requested.connect(self.directive_requested)
        page.all_requested.connect(self._list_all)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.tickets)

    async def update(self, touched: Touched) -> None:
        if self._source is None:
            self._source = RepeatPoints()
            self.points_page.start_over()
            self._list.open(self._source)
        elif self.concerned(touched) or self._list.restless:
            await self._list.update((), everything=touched.everything)

    def _listed(self) -> RepeatPoints | None:
        return self._source

    def _counted(self, total: int | None, as_of: datetime) -> None:
        found = self._source.found if self._source is not None else None
        if total is not None and found is not None:
            self.points_page.show_count(total, found.reports, found.rule, as_of)
            self.points_page.show_first_contact(found.settled, found.rule.days)

    def _list_all(self) -> None:
        runtime.spawn(self.list_all(), "tickets of repeat points")

    async def list_all(self) -> None:
        """Open the list of the tickets at all points, as of when they were counted."""
        found = self._source.found if self._source is not None else None

        def work(connection: Connection, rules: Rules, now: datetime) -> tuple[str, ...]:
            return numbers_at_all(connection, found or find_points(connection, rules, now))

        try:
            numbers = await self.readings.read(work)
        except StoreError as error:
            self.refused.emit(error.message)
            return
        self.tickets_requested.emit(TicketFilter(numbers=numbers), self.tr("重复点位的工单"))
