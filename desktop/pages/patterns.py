"""Feeds the patterns page: counted when it is asked for, in a worker thread, and calmly anew (T12, X05)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.errors import StoreError
from data_access.readers.patterns import history, pattern_counts, pattern_tickets
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.listing import TicketFilter
from domain.patterns import (
    BodyPattern,
    History,
    HistoryQuery,
    PatternCounts,
    PatternQuery,
    TicketsQuery,
    body_patterns,
)
from widgets.pages.patterns_page import PatternsPage

PAGE = "patterns"
CALM_SECONDS = 60.0
"""Patterns of months are counted anew no more often than this, however many tickets change."""


class PatternsDesk(Desk):
    """Signals: file_requested(str): open a re-supervision among the others; and those of a Desk.

    `open_body` shows the record of a body, and of a person of it.
    """

    file_requested = Signal(str)

    def __init__(self, page: PatternsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.patterns_page = page
        self._old = True
        self._due = 0.0
        self._history: asyncio.Task[None] | None = None
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.export.said.connect(self.refused)
        page.patterns_requested.connect(self._ask)
        page.history_requested.connect(self._ask_history)
        page.numbers_requested.connect(self._ask_numbers)
        page.tickets_requested.connect(self.tickets_requested)
        page.ticket_requested.connect(self.ticket_requested)
        page.file_requested.connect(self.file_requested)

    @property
    def restless(self) -> bool:
        return self._old

    def open_body(self, body: str, person: str = "") -> None:
        """Go to the page, and to the record of a body there; to whichever is the first, when it is empty."""
        if body:
            self.patterns_page.show_body(body, person)
        self.page_requested.emit(PAGE)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute

    async def refresh(self) -> None:
        self._old = False
        await self._answer(self.patterns_page.query)
        self._due = time.monotonic() + CALM_SECONDS

    async def update(self, touched: Touched) -> None:
        self._old = True
        if touched.everything or time.monotonic() >= self._due:
            await self.refresh()

    async def painted(self) -> None:
        """Wait for the record of the chosen body, which is read after the counts."""
        if self._history is not None:
            await asyncio.wait([self._history])

    async def _answer(self, query: PatternQuery) -> None:
        def work(connection: Connection, rules: Rules, now: datetime) -> PatternCounts:
            return pattern_counts(connection, rules, query, now)

        self.patterns_page.show_counts(query, await self.readings.read(work))

    async def answer_history(self, query: HistoryQuery) -> None:
        """Read and show the record of a body."""

        def work(connection: Connection, _rules: Rules, now: datetime) -> History:
            return history(connection, query, now)

        self.patterns_page.show_history(query, await self.readings.read(work))

    async def list_tickets(self, query: TicketsQuery, title: str) -> None:
        """Open the list of the tickets behind a number."""

        def work(connection: Connection, rules: Rules, _now: datetime) -> tuple[str, ...]:
            return tuple(pattern_tickets(connection, rules, query))

        numbers = await self.readings.read(work)
        self.tickets_requested.emit(TicketFilter(numbers=numbers), title)

    def _ask(self, query: object) -> None:
        if isinstance(query, PatternQuery):
            runtime.spawn(self._or_say(self._answer, query), "patterns")

    def _ask_history(self, query: object) -> None:
        if isinstance(query, HistoryQuery):
            self._history = runtime.spawn(self._or_say(self.answer_history, query), "history")

    def _ask_numbers(self, query: object, title: str) -> None:
        if isinstance(query, TicketsQuery):
            runtime.spawn(self._or_say(self.list_tickets, query, title), "tickets of a pattern")

    async def _or_say(self, work: Callable[..., Awaitable[None]], *about: object) -> None:
        try:
            await work(*about)
        except StoreError as error:
            self.refused.emit(error.message)

    def _listed(self) -> tuple[BodyPattern, ...]:
        counts = self.patterns_page.counts
        return () if counts is None else body_patterns(counts)
