"""导出: what a list page lists, as many rows as it has, written to a file that the hand names.

The rows are read as they stand at one moment, by whoever sits there, so with their rights; a table never
holds who complained. It is read and written in a worker thread, in portions: the window goes on.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton

from data_access.errors import StoreError
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.errors import WorldError
from desktop.exports.names import file_name
from desktop.exports.tables import table_file
from desktop.readings import Readings
from widgets.panel import Panel
from widgets.table.cells import Cell, CellLook, Column
from widgets.wording import exact_count_text, local_moment_text

PDF = ".pdf"
PORTION = 500
"""Rows read and written before others have their turn."""

_log = logging.getLogger(__name__)


class Listed(Protocol):
    """Which rows: `desktop.pages.lazy_list.Source` without its first page."""

    def settle(self, connection: Connection, rules: Rules, now: datetime) -> Any:
        """Return the keys of all records, in order."""

    def by_key(
        self, connection: Connection, rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[Any]:
        """Return records by their keys."""


class ListExport(QObject):
    """The button 导出 in a panel's title row, and what it does.

    Signals:
        said(str): how it went; a sentence for the screen.
    """

    said = Signal(str)

    def __init__(
        self,
        panel: Panel,
        columns: Sequence[Column],
        listed: Callable[[], Listed | Sequence[Any] | None],
        readings: Readings,
        parent: QObject,
        sheets: Callable[[], bytes | None] | None = None,
    ) -> None:
        """`sheets` returns a PDF of the same, where there is one; it is called in a worker thread."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._sheets = sheets
        self._listed = listed
        self._readings = readings
        self._panel = panel
        self._under_way = False
        self.dialog: QFileDialog | None = None
        self.button = QPushButton(self.tr("导出"), panel)
        self.button.setToolTip(self.tr("把本页列出的全部行存为 Excel 或 CSV 文件"))
        self.button.clicked.connect(self._ask)
        panel.bar.addWidget(self.button)

    async def write(self, path: Path) -> int | None:
        """Write the list to a file; return how many rows, None when it could not be written."""
        listed = self._listed()
        if listed is None or self._under_way:
            return None
        self._under_way = True
        self.button.setEnabled(False)
        self.button.setText(self.tr("导出中…"))
        try:
            if self._sheets is not None and path.suffix.lower() == PDF:
                rows = await runtime.in_thread(_write_sheets, path, self._sheets)
            else:
                rows = await self._readings.read(_Writing(path, self._columns, listed))
        except (StoreError, WorldError) as error:
            _log.warning("not exported: %s", error.message)
            self.said.emit(self.tr("未导出：{0} {1}").format(error.message, error.way_out))
            return None
        finally:
            self._under_way = False
            self.button.setEnabled(True)
            self.button.setText(self.tr("导出"))
        said = self.tr("已导出到 {1}") if path.suffix.lower() == PDF else self.tr("已导出 {0} 行到 {1}")
        self.said.emit(said.format(exact_count_text(rows), path))
        return rows

    def _ask(self) -> None:
        if self.dialog is not None or self._listed() is None:
            return
        dialog = QFileDialog(self._panel.window(), self.tr("导出"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        filters = [self.tr("Excel 工作簿 (*.xlsx)"), self.tr("CSV 表格 (*.csv)")]
        if self._sheets is not None:
            filters.append(self.tr("可打印的 PDF (*.pdf)"))
        dialog.setNameFilters(filters)
        dialog.setDefaultSuffix("xlsx")
        moment = local_moment_text(self._readings.now()).replace(":", "")
        dialog.selectFile(file_name(f"{self._panel.title} {moment}", ".xlsx"))
        dialog.filterSelected.connect(self._filter_chosen)
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    def _filter_chosen(self, chosen: str) -> None:
        if self.dialog is not None:
            known = (ending for ending in ("csv", "pdf") if ending in chosen)
            self.dialog.setDefaultSuffix(next(known, "xlsx"))

    def _chosen(self, path: str) -> None:
        runtime.spawn(self.write(Path(path)), "export")

    def _closed(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def _write_sheets(path: Path, sheets: Callable[[], bytes | None]) -> int:
    """Write a PDF whole or not at all; return that it is one."""
    content = sheets()
    if content is None:
        return 0
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise WorldError(
            f"写不了 {path}：{error.strerror or error}", "换一个文件夹或文件名，或腾出空间后再导出。"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return 1


class _Writing:
    """The reading that writes as it goes; in a worker thread."""

    def __init__(self, path: Path, columns: Sequence[Column], listed: Listed | Sequence[Any]) -> None:
        self._path = path
        self._columns = columns
        self._listed = listed

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> int:
        with table_file(self._path, [column.title for column in self._columns]) as file:
            for record in self._records(connection, rules, now):
                file.add([_words(column.cell(record)) for column in self._columns])
            return file.rows

    def _records(self, connection: Connection, rules: Rules, now: datetime) -> Iterator[Any]:
        listed = self._listed
        if isinstance(listed, Sequence):
            yield from listed
            return
        settled = listed.settle(connection, rules, now)
        for first in range(0, len(settled), PORTION):
            keys = settled.keys(first, first + PORTION)
            found = listed.by_key(connection, rules, now, keys)
            yield from (record for record in found if record is not None)


def _words(cell: Cell) -> str:
    """Return what a cell says without being painted: a countdown as the moment that it runs to or from."""
    moment = cell.due or cell.since
    if cell.look is CellLook.COUNTDOWN and moment is not None:
        return local_moment_text(moment)
    return cell.text or (cell.mark.word if cell.mark is not None else "")


__all__ = ["ListExport", "Listed"]
