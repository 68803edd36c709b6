"""A list of tickets of any length: only the pages in sight are fetched, the oldest are dropped again."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Signal

from domain.listing import TicketPage, TicketRow
from widgets.table.cells import Cell, Column
from widgets.table.model import CellModel, Index

PAGE_SIZE = 200
"""Rows in a page; a page is asked for by the offset of its first row, a multiple of this."""

PAGES_KEPT = 100


_Page = tuple[tuple[TicketRow, ...], list[tuple[Cell, ...] | None]]


class TicketModel(CellModel):
    """Signals: `page_requested(int)` with the offset of a page that is in sight and not there."""

    page_requested = Signal(int)

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self._total = 0
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._asked: set[int] = set()
        self._old: set[int] = set()

    def start_over(self) -> None:
        """Forget everything: another list begins."""
        self.beginResetModel()
        self._total = 0
        self._pages.clear()
        self._asked.clear()
        self._old.clear()
        self.endResetModel()

    def mark_old(self) -> None:
        """The store has changed: what is here stays on screen until its page has come again."""
        self._old = set(self._pages)
        self._asked.clear()

    def set_page(self, page: TicketPage) -> None:
        """Take in a page; rows come or go at the end when the list became longer or shorter.

        Raises:
            ValueError: the page does not start at a multiple of `PAGE_SIZE`.
        """
        if page.offset % PAGE_SIZE:
            raise ValueError(f"a page starts at a multiple of {PAGE_SIZE}, not at {page.offset}")
        self._fit_total(page.total)
        for start in range(0, len(page.rows), PAGE_SIZE):
            number = (page.offset + start) // PAGE_SIZE
            rows = page.rows[start : start + PAGE_SIZE]
            self._pages[number] = rows, [None] * len(rows)
            self._pages.move_to_end(number)
            self._old.discard(number)
        self._asked.discard(page.offset // PAGE_SIZE)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        if page.rows:
            last = min(self._total, page.offset + len(page.rows)) - 1
            self.dataChanged.emit(self.index(page.offset, 0), self.index(last, len(self.columns) - 1))

    def want(self, first: int, last: int) -> None:
        """Ask for the pages of these rows that are neither here nor on their way."""
        if self._total == 0:
            return
        for number in range(first // PAGE_SIZE, min(last, self._total - 1) // PAGE_SIZE + 1):
            if number in self._pages:
                self._pages.move_to_end(number)
            if (number not in self._pages or number in self._old) and number not in self._asked:
                self._asked.add(number)
                self.page_requested.emit(number * PAGE_SIZE)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self._total

    def cells(self, row: int) -> tuple[Cell, ...] | None:
        page = self._pages.get(row // PAGE_SIZE)
        position = row % PAGE_SIZE
        if page is None or position >= len(page[0]):
            return None
        rows, cells = page
        made = cells[position]
        if made is None:
            made = cells[position] = self.words_of(rows[position])
        return made

    def record(self, row: int) -> Any:
        page = self._pages.get(row // PAGE_SIZE) if row >= 0 else None
        position = row % PAGE_SIZE
        return page[0][position] if page is not None and position < len(page[0]) else None

    def _fit_total(self, total: int) -> None:
        if total > self._total:
            self.beginInsertRows(QModelIndex(), self._total, total - 1)
            self._total = total
            self.endInsertRows()
        elif total < self._total:
            self.beginRemoveRows(QModelIndex(), total, self._total - 1)
            self._total = total
            for number in [number for number in self._pages if number * PAGE_SIZE >= total]:
                del self._pages[number]
            self.endRemoveRows()
