"""Feeds the list pages that are shown whole: rankings, directives and re-supervisions."""

import time
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QObject

from data_access.errors import StoreError
from data_access.readers.directives import directive_detail, directive_rows
from data_access.readers.ranking import ranking
from data_access.readers.re_supervisions import re_supervision_detail, re_supervision_rows
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.overview import DirectiveRow, ReSupervisionRow
from domain.ranking_query import RankingPage, RankingQuery
from widgets.pages.directives_page import DirectivesPage
from widgets.pages.ranking_page import RankingsPage
from widgets.pages.re_supervisions_page import ReSupervisionsPage

CALM_SECONDS = 1.0
"""Rates are read anew no more often than this, however many tickets change."""


class RankingsDesk(Desk):
    """The ranking that the page's choices ask for."""

    def __init__(self, page: RankingsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.ranking_page = page
        self._old = False
        self._due = 0.0
        page.ranking_requested.connect(self._ask)
        page.tickets_requested.connect(self.tickets_requested)

    @property
    def restless(self) -> bool:
        return self._old

    async def refresh(self) -> None:
        self._old = False
        await self._answer(self.ranking_page.query)
        self._due = time.monotonic() + CALM_SECONDS

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.tickets)

    async def update(self, touched: Touched) -> None:  # noqa: ARG002 - rates are read whole
        self._old = True
        if time.monotonic() >= self._due:
            await self.refresh()

    def _ask(self, query: object) -> None:
        if isinstance(query, RankingQuery):
            runtime.spawn(self._answer_or_say(query), "ranking")

    async def _answer_or_say(self, query: RankingQuery) -> None:
        try:
            await self._answer(query)
        except StoreError as error:
            self.refused.emit(error.message)

    async def _answer(self, query: RankingQuery) -> None:
        def work(connection: Connection, _rules: Rules, now: datetime) -> RankingPage:
            begin = now - timedelta(days=query.days)
            rows = ranking(connection, query.by, query.node, begin, now, now)
            return RankingPage(query, rows, begin, now, now)

        self.ranking_page.show_ranking(await self.readings.read(work))


class DetailDesk(Desk):
    """A list with a detail beside it: the detail of the chosen line is read again with the list."""

    def __init__(self, page: Any, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.number: str | None = None
        self.wanted: str | None = None
        page.detail_requested.connect(self._choose)
        page.ticket_requested.connect(self.ticket_requested)

    def open_line(self, number: str) -> None:
        """Choose this line when the page is next read."""
        self.wanted = number

    async def refresh_detail(self) -> None:
        """Read and show what is known of the chosen line, or of the one that another page asked for."""
        if self.wanted is not None:
            self.choose(self.wanted)
            self.wanted = None
        asked = self.number
        if asked is None:
            return
        found = await self.readings.read(self.detail_work(asked))
        if found is not None and asked == self.number:
            self.page.show_detail(found)  # type: ignore[attr-defined]

    def choose(self, number: str) -> None:
        """Choose a line of the list that is shown."""
        self.page.table.choose(number)  # type: ignore[attr-defined]

    def detail_work(self, number: str) -> Any:
        """Return the reader of one line's detail."""
        raise NotImplementedError

    def _choose(self, number: str) -> None:
        self.number = number
        runtime.spawn(self._refresh_or_say(), "detail")

    async def _refresh_or_say(self) -> None:
        try:
            await self.refresh_detail()
        except StoreError as error:
            self.refused.emit(error.message)


class DirectivesDesk(DetailDesk):
    """All directives with their receipts."""

    def __init__(self, page: DirectivesPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.directives_page = page
        page.directive_requested.connect(self.directive_requested)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.directives)

    async def refresh(self) -> None:
        self.directives_page.show_directives(await self.readings.read(_directives), self.readings.now())
        await self.refresh_detail()

    def detail_work(self, number: str) -> Any:
        def work(connection: Connection, _rules: Rules, now: datetime) -> Any:
            return directive_detail(connection, number, now)

        return work


class ReSupervisionsDesk(DetailDesk):
    """All re-supervision files."""

    def __init__(self, page: ReSupervisionsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.files_page = page
        page.re_supervision_requested.connect(self.re_supervision_requested)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or bool(touched.re_supervisions)

    async def refresh(self) -> None:
        self.files_page.show_files(await self.readings.read(_files), self.readings.now())
        await self.refresh_detail()

    def detail_work(self, number: str) -> Any:
        def work(connection: Connection, _rules: Rules, _now: datetime) -> Any:
            return re_supervision_detail(connection, number)

        return work


def _directives(connection: Connection, _rules: Rules, now: datetime) -> tuple[DirectiveRow, ...]:
    return directive_rows(connection, now)


def _files(connection: Connection, _rules: Rules, _now: datetime) -> tuple[ReSupervisionRow, ...]:
    return re_supervision_rows(connection)
