"""A list of any length: what is in sight is fetched page by page; pages long out of sight go."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Signal

from widgets.table.cells import Cell, Column
from widgets.table.model import CellModel, Index

PAGE_SIZE = 200
"""Rows in a page; a page is asked for by the offset of its first row, a multiple of this."""

PAGES_KEPT = 40


@dataclass(frozen=True, slots=True)
class Watched:
    """What must not jump when a list is settled anew: the keys in sight by row, and those that are chosen.

    `elsewhere` are the chosen rows whose records are not here: whoever feeds the list knows their keys.
    """

    in_sight: Mapping[int, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    elsewhere: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewal:
    """A list settled anew. `rows` stand from `offset` on, the start of a page.

    `shift` is by how many rows down went what was in sight; `chosen` are the rows of the chosen records that
    are still in the list, and the records.
    """

    total: int
    offset: int
    rows: tuple[Any, ...]
    shift: int = 0
    chosen: Mapping[int, Any] = field(default_factory=dict)


class PagedModel(CellModel):
    """Signals: `page_requested(int)` with the offset of a page that is in sight and not there."""

    page_requested = Signal(int)

    def __init__(
        self, columns: Sequence[Column], key_of: Callable[[Any], str], parent: QObject | None = None
    ) -> None:
        super().__init__(columns, parent)
        self.key_of = key_of
        self._total = 0
        self._pages: OrderedDict[int, list[Any]] = OrderedDict()
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._chosen: dict[int, Any] = {}
        self._asked: set[int] = set()

    def start_over(self) -> None:
        """Forget everything: another list begins."""
        self.beginResetModel()
        self._total = 0
        self._forget()
        self.endResetModel()

    def set_page(self, offset: int, rows: Sequence[Any], total: int) -> None:
        """Take in a page; rows come or go at the end when the list became longer or shorter.

        Raises:
            ValueError: the page does not start at a multiple of `PAGE_SIZE`.
        """
        if offset % PAGE_SIZE:
            raise ValueError(f"a page starts at a multiple of {PAGE_SIZE}, not at {offset}")
        self._fit_total(total)
        self._keep(offset, rows)
        self._tell(offset, offset + len(rows) - 1)

    def renew(self, renewal: Renewal) -> None:
        """Take in a list settled anew: what is not in it is fetched again when it comes into sight."""
        self._forget()
        self._fit_total(renewal.total)
        self._chosen = dict(renewal.chosen)
        self._keep(renewal.offset, renewal.rows)
        self._tell(0, self._total - 1)

    def update_records(self, records: Iterable[Any]) -> None:
        """Show records that changed in the rows where they stand; those that are not here are passed over."""
        changed = {self.key_of(record): record for record in records}
        rows = self.rows_of(changed)
        for key, row in rows.items():
            page = self._pages.get(row // PAGE_SIZE)
            if page is not None:
                page[row % PAGE_SIZE] = changed[key]
            if row in self._chosen:
                self._chosen[row] = changed[key]
            self._cells.pop(row, None)
        if rows:
            self._tell(min(rows.values()), max(rows.values()))

    def rows_of(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the rows of those keys whose records are here."""
        wanted = keys if isinstance(keys, (set, frozenset, dict)) else set(keys)
        found = {
            key: number * PAGE_SIZE + place
            for number, page in self._pages.items()
            for place, record in enumerate(page)
            if record is not None and (key := self.key_of(record)) in wanted
        }
        chosen = {self.key_of(record): row for row, record in self._chosen.items()}
        return {key: row for key, row in chosen.items() if key in wanted} | found

    def want(self, first: int, last: int) -> None:
        """Ask for the pages of these rows that are neither here nor on their way."""
        if self._total == 0:
            return
        for number in range(max(first, 0) // PAGE_SIZE, min(last, self._total - 1) // PAGE_SIZE + 1):
            if number in self._pages:
                self._pages.move_to_end(number)
            elif number not in self._asked:
                self._asked.add(number)
                self.page_requested.emit(number * PAGE_SIZE)

    def forget_asked(self) -> None:
        """A page that was asked for will not come: ask again when it is wanted again."""
        self._asked.clear()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self._total

    def cells(self, row: int) -> tuple[Cell, ...] | None:
        made = self._cells.get(row)
        if made is None:
            record = self.record(row)
            if record is None:
                return None
            made = self._cells[row] = self.words_of(record)
        return made

    def record(self, row: int) -> Any:
        page = self._pages.get(row // PAGE_SIZE) if row >= 0 else None
        place = row % PAGE_SIZE
        if page is not None and place < len(page):
            return page[place]
        return self._chosen.get(row)

    def _keep(self, offset: int, rows: Sequence[Any]) -> None:
        for start in range(0, len(rows), PAGE_SIZE):
            number = (offset + start) // PAGE_SIZE
            self._drop(number)
            self._pages[number] = list(rows[start : start + PAGE_SIZE])
            self._asked.discard(number)
        self._asked.discard(offset // PAGE_SIZE)
        while len(self._pages) > PAGES_KEPT:
            self._drop(next(iter(self._pages)))

    def _drop(self, number: int) -> None:
        self._pages.pop(number, None)
        for row in range(number * PAGE_SIZE, (number + 1) * PAGE_SIZE):
            self._cells.pop(row, None)

    def _forget(self) -> None:
        self._pages.clear()
        self._cells.clear()
        self._chosen.clear()
        self._asked.clear()

    def _tell(self, first: int, last: int) -> None:
        last = min(last, self._total - 1)
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def _fit_total(self, total: int) -> None:
        if total > self._total:
            self.beginInsertRows(QModelIndex(), self._total, total - 1)
            self._total = total
            self.endInsertRows()
        elif total < self._total:
            self.beginRemoveRows(QModelIndex(), total, self._total - 1)
            self._total = total
            for number in [number for number in self._pages if number * PAGE_SIZE >= total]:
                self._drop(number)
            self.endRemoveRows()
