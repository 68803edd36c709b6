"""Feeds the pages of rankings and re-supervisions; what lists with a detail have in common."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QObject, Signal

from data_access.errors import StoreError
from data_access.readers.ranking import ranking
from data_access.readers.re_supervisions import (
    files_by_number,
    re_supervision_detail,
    re_supervision_rows,
    settled_files,
)
from data_access.readers.settled import Settled
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.dossiers.button import DossierExport
from desktop.evidence_view import EvidenceView
from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.pages.list_desk import ListDesk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.overview import ReSupervisionRow
from domain.ranking import RankingRow
from domain.ranking_query import RankingPage, RankingQuery
from domain.re_supervision import FileCounts, FileGroup
from widgets.pages.ranking_page import RankingsPage
from widgets.pages.re_supervisions_page import ReSupervisionsPage

CALM_SECONDS = 1.0
"""Rates are read anew no more often than this, however many tickets change."""


class RankingsDesk(Desk):
    """The ranking that the page's choices ask for.

    Signals: history_requested(str): the record of a body; and those of a Desk.
    """

    history_requested = Signal(str)

    def __init__(self, page: RankingsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.ranking_page = page
        self._old = False
        self._due = 0.0
        self._rows: tuple[RankingRow, ...] = ()
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.export.said.connect(self.refused)
        page.ranking_requested.connect(self._ask)
        page.tickets_requested.connect(self.tickets_requested)
        page.directive_requested.connect(self.directive_requested)
        page.history_requested.connect(self.history_requested)

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

        found = await self.readings.read(work)
        self._rows = found.rows
        self.ranking_page.show_ranking(found)

    def _listed(self) -> tuple[RankingRow, ...]:
        return self._rows


class DetailDesk(Desk):
    """A list with a detail beside it: the detail of the chosen line is read again with the list."""

    def __init__(self, page: Any, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.number: str | None = None
        self.wanted: str | None = None
        page.detail_requested.connect(self._choose)
        page.ticket_requested.connect(self.ticket_requested)

    @property
    def restless(self) -> bool:
        return self.wanted is not None

    def open_line(self, number: str) -> None:
        """Choose this line when the page is next read."""
        self.wanted = number

    async def refresh_detail(self) -> None:
        """Read and show what is known of the chosen line."""
        asked = self.number
        if asked is None:
            return
        found = await self.readings.read(self.detail_work(asked))
        if found is not None and asked == self.number:
            self.page.show_detail(found)  # type: ignore[attr-defined]

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


class LongListDesk(ListDesk, DetailDesk):
    """A list of any length with a detail beside it: the list is settled while the window goes on."""

    def __init__(self, page: Any, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.source: Any = None

    def source_asked(self) -> Any:
        """Return the source of the list that the page asks for."""
        raise NotImplementedError

    def show_counts(self, total: int, as_of: datetime) -> None:
        """Say how many lines the list has, and what its source counted."""
        raise NotImplementedError

    def names_in(self, touched: Touched) -> frozenset[str]:
        """Return which lines were touched."""
        raise NotImplementedError

    async def update(self, touched: Touched) -> None:
        names = self.names_in(touched)
        if self.source is None:
            self.open_asked()
        elif self.concerned(touched) or self._list.restless:
            await self._list.update(names, everything=touched.everything)
        if touched.everything or touched.new_minute or self.number in names:
            await self.refresh_detail()

    async def painted(self) -> None:
        await super().painted()
        await self.refresh_detail()

    def _listed(self) -> Any:
        return self._list.source

    def open_asked(self) -> None:
        """Begin to read the list that the page asks for."""
        self.source = self.source_asked()
        self._list.open(self.source)

    def open_line(self, number: str) -> None:
        """Choose this line: at once, or when the list has been read anew with it."""
        if not self._list.choose(number):
            super().open_line(number)
            self.open_asked()

    def _counted(self, total: int | None, as_of: datetime) -> None:
        if total is None:
            return
        self.show_counts(total, as_of)
        wanted, self.wanted = self.wanted, None
        # Its record may be on its way yet: it is chosen all the same.
        if wanted is None or not self._list.choose(wanted):
            self.page.choose_first()  # type: ignore[attr-defined]


class Files:
    """The re-supervision files of a group: a source of `LazyList` that counts all, too."""

    def __init__(self, group: FileGroup | None) -> None:
        self._group = group
        self.counts = FileCounts()

    def first(
        self, connection: Connection, _rules: Rules, _now: datetime, limit: int
    ) -> Sequence[ReSupervisionRow]:
        """Return the newest ones; those of one group begin when they are settled."""
        return re_supervision_rows(connection, limit) if self._group is None else ()

    def settle(self, connection: Connection, _rules: Rules, _now: datetime) -> Settled:
        """Return the numbers of all."""
        settled, self.counts = settled_files(connection, self._group)
        return settled

    def by_key(
        self, connection: Connection, _rules: Rules, _now: datetime, keys: Sequence[str]
    ) -> Sequence[ReSupervisionRow | None]:
        """Return files by their numbers."""
        return files_by_number(connection, keys)


class ReSupervisionsDesk(LongListDesk):
    """All re-supervision files; remembers which are listed, and which one's detail is shown.

    Signals: history_requested(str): the record of a body, or of all where it is empty; and those of a Desk.
    """

    history_requested = Signal(str)

    def __init__(self, page: ReSupervisionsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.files_page = page
        self.evidence = EvidenceView(readings, page.panel.scale, page, self)
        self.evidence.said.connect(self.refused)
        page.file.evidence_requested.connect(self._open_evidence)
        page.history_requested.connect(self.history_requested)
        self.dossier = DossierExport(page.file, self._shown, readings, self)
        self.dossier.said.connect(self.refused)
        page.list_requested.connect(self.open_asked)
        page.re_supervision_requested.connect(self.re_supervision_requested)
        page.step_requested.connect(self.step_requested)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or bool(self.names_in(touched))

    def names_in(self, touched: Touched) -> frozenset[str]:
        # A draft of a time when nobody held the ticket changes when that is dispatched.
        return touched.re_supervisions | self.files_page.drafts_about(touched.tickets)

    def open_line(self, number: str) -> None:
        if self.files_page.group is not None:
            self.files_page.show_group(None)
        super().open_line(number)

    def source_asked(self) -> Files:
        return Files(self.files_page.group)

    def _shown(self) -> str | None:
        return self.number if self.files_page.file.has_content else None

    def _open_evidence(self, number: str, checksums: tuple[str, ...]) -> None:
        self.evidence.open(f"re_supervision/{number}", checksums)

    def show_counts(self, total: int, as_of: datetime) -> None:
        self.files_page.show_counts(total, self.source.counts, as_of)

    def detail_work(self, number: str) -> Any:
        def work(connection: Connection, _rules: Rules, _now: datetime) -> Any:
            return re_supervision_detail(connection, number)

        return work
