"""Table models over frozen records: a list held in memory, and the base for one that is fetched in pages."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from widgets.table.cells import Cell, CellLook, Column
from widgets.wording import countdown_text, standing_text

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Cell` of an index, for the delegate."""

Index = QModelIndex | QPersistentModelIndex


class CellModel(QAbstractTableModel):
    """A table of cells. `data` is one look-up; only countdowns are worded when they are painted."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.now: datetime | None = None
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
        return tuple(column.cell(record) for column in self.columns)

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
            return cell.tooltip or None
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
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return self.columns[section].alignment
        return None

    def set_now(self, now: datetime, first: int, last: int) -> None:
        """Move the countdowns of the rows on screen, first to last, to a new moment."""
        self.now = now
        last = min(last, self.rowCount() - 1)
        for column in self._countdowns:
            if 0 <= first <= last:
                self.dataChanged.emit(
                    self.index(first, column), self.index(last, column), [Qt.ItemDataRole.DisplayRole]
                )


class RecordModel(CellModel):
    """All records in memory; `key_of` names a record, so that a selection survives new data."""

    def __init__(
        self, columns: Sequence[Column], key_of: Callable[[Any], str], parent: QObject | None = None
    ) -> None:
        super().__init__(columns, parent)
        self.key_of = key_of
        self._records: tuple[Any, ...] = ()
        self._cells: list[tuple[Cell, ...] | None] = []

    def show_records(self, records: Sequence[Any]) -> None:
        """Replace the records; with as many rows as before nothing is reset."""
        kept = len(records) == len(self._records)
        if not kept:
            self.beginResetModel()
        self._records = tuple(records)
        self._cells = [None] * len(self._records)
        if not kept:
            self.endResetModel()
        elif records:
            self.dataChanged.emit(self.index(0, 0), self.index(len(records) - 1, len(self.columns) - 1))

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

    def row_of(self, key: str) -> int | None:
        """Return the row of the record with this key."""
        return next((row for row, record in enumerate(self._records) if self.key_of(record) == key), None)
