"""Table models over frozen records: a list held in memory, and the base for one that is fetched in pages."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from widgets.painting import report_fault
from widgets.plain import tip
from widgets.table.cells import Cell, CellLook, Column
from widgets.wording import countdown_text, standing_text

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Cell` of an index, for the delegate."""

MOST_RUNS = 100
"""More places than this where rows come or go is another list: Qt would lay it out so many times."""

Index = QModelIndex | QPersistentModelIndex


class CellModel(QAbstractTableModel):
    """A table of cells. `data` is one look-up; only countdowns are worded when they are painted."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.now: datetime | None = None
        self.sorted_by: tuple[str, bool] | None = None
        self._countdowns = tuple(
            position for position, column in enumerate(self.columns) if column.key == "countdown"
        )

    @abstractmethod
    def cells(self, row: int) -> tuple[Cell, ...] | None:
        """Return the cells of a row, or None while they are still being fetched."""

    @abstractmethod
    def record(self, row: int) -> Any:
        """Return the record of a row, or None while it is still being fetched."""

    def words_of(self, record: Any) -> tuple[Cell, ...]:
        """Return the cells of a record. Made once, when its row first comes into sight."""
        return tuple(_worded(column, record) for column in self.columns)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == CELL_ROLE or role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.ToolTipRole:
            cells = self.cells(index.row()) if index.isValid() else None
            if cells is None:
                return None
            cell = cells[index.column()]
            if role == CELL_ROLE:
                return cell
            if role == Qt.ItemDataRole.DisplayRole:
                return self.text_of(cell)
            return tip(cell.tooltip) if cell.tooltip else None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.isValid():
            return self.columns[index.column()].alignment
        return None

    def text_of(self, cell: Cell) -> str:
        """Return a cell's words; a countdown's as of the last tick."""
        if cell.look is CellLook.COUNTDOWN and self.now is not None:
            if cell.since is not None:
                return standing_text(cell.since, self.now)
            if cell.due is not None:
                return countdown_text(cell.due, self.now)
        return cell.text

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            column = self.columns[section]
            if role == Qt.ItemDataRole.DisplayRole:
                by, descending = self.sorted_by or ("", False)
                return f"{column.title} {'↓' if descending else '↑'}" if by == column.key else column.title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return column.alignment
        return None

    def show_sorted(self, key: str, *, descending: bool) -> None:
        """Draw the arrow of an order in the head of its column; no column has the empty key."""
        self.sorted_by = (key, descending) if key else None
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def set_now(self, now: datetime, first: int, last: int) -> None:
        """Move the countdowns of the rows on screen, first to last, to a new moment."""
        self.now = now
        last = min(last, self.rowCount() - 1)
        for column in self._countdowns:
            if 0 <= first <= last:
                self.dataChanged.emit(
                    self.index(first, column), self.index(last, column), [Qt.ItemDataRole.DisplayRole]
                )


def _worded(column: Column, record: Any) -> Cell:
    """Return a cell. What its column has no words for, a newer program's value, stands as it is written."""
    try:
        return column.cell(record)
    except Exception as error:  # noqa: BLE001 - a list is worded while Qt paints it
        report_fault(error)
        return Cell(str(getattr(record, column.key, "?")), colour="text_muted")


class RecordModel(CellModel):
    """All records in memory; `key_of` names a record, so that a selection survives new data."""

    def __init__(
        self, columns: Sequence[Column], key_of: Callable[[Any], str], parent: QObject | None = None
    ) -> None:
        super().__init__(columns, parent)
        self.key_of = key_of
        self._records: list[Any] = []
        self._cells: list[tuple[Cell, ...] | None] = []

    def show_records(self, records: Sequence[Any]) -> None:
        """Show these records: rows that went or came are taken out or put in, rows that moved are moved, and
        of those that stay only what changed is told. A list that has little in common with the one before
        is a reset.
        """
        before = [self.key_of(record) for record in self._records]
        after = [self.key_of(record) for record in records]
        if before != after:
            kept, wanted = set(after), set(before)
            gone = _runs([row for row, key in enumerate(before) if key not in kept])
            new = _runs([row for row, key in enumerate(after) if key not in wanted])
            unique = len(kept) == len(after) and len(wanted) == len(before)
            if not unique or len(gone) + len(new) > MOST_RUNS:
                self._replace(records)
                return
            for first, last in reversed(gone):
                self._remove(first, last)
            self._move_to([key for key in after if key in wanted])
            for first, last in new:
                self._insert(first, records[first : last + 1])
        changed = [
            row for row, (old, new) in enumerate(zip(self._records, records, strict=True)) if old != new
        ]
        for row in changed:
            self._records[row] = records[row]
            self._cells[row] = None
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))

    def _replace(self, records: Sequence[Any]) -> None:
        self.beginResetModel()
        self._records = list(records)
        self._cells = [None] * len(records)
        self.endResetModel()

    def _remove(self, first: int, last: int) -> None:
        self.beginRemoveRows(QModelIndex(), first, last)
        del self._records[first : last + 1]
        del self._cells[first : last + 1]
        self.endRemoveRows()

    def _insert(self, first: int, records: Sequence[Any]) -> None:
        self.beginInsertRows(QModelIndex(), first, first + len(records) - 1)
        self._records[first:first] = records
        self._cells[first:first] = [None] * len(records)
        self.endInsertRows()

    def _move_to(self, keys: list[str]) -> None:
        rows = {self.key_of(record): row for row, record in enumerate(self._records)}
        order = [rows[key] for key in keys]
        if order == sorted(order):
            return
        self.layoutAboutToBeChanged.emit()
        places = {old: new for new, old in enumerate(order)}
        persistent = self.persistentIndexList()
        self._records = [self._records[row] for row in order]
        self._cells = [self._cells[row] for row in order]
        moved = [self.index(places[index.row()], index.column()) for index in persistent]
        self.changePersistentIndexList(persistent, moved)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._records)

    def cells(self, row: int) -> tuple[Cell, ...] | None:
        if not 0 <= row < len(self._records):
            return None
        made = self._cells[row]
        if made is None:
            made = self._cells[row] = self.words_of(self._records[row])
        return made

    def record(self, row: int) -> Any:
        return self._records[row] if 0 <= row < len(self._records) else None

    def forget_cells(self) -> None:
        """Word all records anew when they are next looked at: what is offered has changed."""
        self._cells = [None] * len(self._records)

    def row_of(self, key: str) -> int | None:
        """Return the row of the record with this key."""
        return next((row for row, record in enumerate(self._records) if self.key_of(record) == key), None)


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of neighbouring rows as (first, last), top to bottom."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found
