"""Writes a table to a file, CSV or XLSX: under another name first, so that it is whole or not there."""

import csv
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from desktop.errors import WorldError
from desktop.exports.cells import harmless

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header; a CSV has no end."""
LONGEST_CELL = 32_000
"""Characters: a spreadsheet keeps 32,767."""


class TableFile(ABC):
    """A table under way. `rows` counts what was written below the header; leaving without a fault puts it in
    its place, with one takes it away."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        self.rows = 0
        self._header = tuple(header)
        self._part = path

    def __enter__(self) -> "TableFile":
        try:
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".", suffix=".part")
            os.close(descriptor)
            self._part = Path(name)
            self._begin()
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return self

    def add(self, cells: Sequence[str]) -> None:
        """Write one row.

        Raises:
            WorldError: there is no room for it.
        """
        try:
            self._write([harmless(cell[:LONGEST_CELL]) for cell in cells])
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self.rows += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end(whole=kind is None)
            if kind is None:
                self._part.chmod(0o666 & ~_umask())
                self._part.replace(self.path)
        except OSError as failed:
            raise _unwritable(self.path, failed) from failed
        finally:
            self._part.unlink(missing_ok=True)

    @abstractmethod
    def _begin(self) -> None:
        """Write the header."""

    @abstractmethod
    def _write(self, cells: list[str]) -> None:
        """Write a row of harmless cells."""

    @abstractmethod
    def _end(self, *, whole: bool) -> None:
        """Close the file; a table that is not whole need not be finished."""


class CsvFile(TableFile):
    """For any number of rows, and any program."""

    _stream: TextIO

    def _begin(self) -> None:
        # Without the byte order mark Excel takes UTF-8 for the local code page.
        self._stream = self._part.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._writer = csv.writer(self._stream)
        self._writer.writerow([harmless(title) for title in self._header])

    def _write(self, cells: list[str]) -> None:
        self._writer.writerow([cell.replace("\0", "\ufffd") for cell in cells])

    def _end(self, *, whole: bool) -> None:  # noqa: ARG002 - closed either way
        self._stream.close()


class XlsxFile(TableFile):
    """For spreadsheet programs: every cell is text, so that no number loses its zeros."""

    def _begin(self) -> None:
        # Loaded with the first sheet: the window has the export's form, and starts without.
        from openpyxl import Workbook, cell

        self._cells = cell
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("青哨")
        self._sheet.freeze_panes = "A2"
        self._sheet.append([self._text(harmless(title)) for title in self._header])

    def _write(self, cells: list[str]) -> None:
        if self.rows >= MOST_ROWS:
            raise WorldError(f"表格超过 {MOST_ROWS:,} 行，放不进一张工作表。", "请改存为 CSV，或先缩小范围。")
        self._sheet.append([self._text(cell) for cell in cells])

    def _end(self, *, whole: bool) -> None:
        if whole:
            self._book.save(self._part)
        else:
            self._sheet.close()

    def _text(self, text: str) -> Any:
        clean = self._cells.cell.ILLEGAL_CHARACTERS_RE.sub("\ufffd", text.encode("utf-8", "replace").decode())
        cell = self._cells.WriteOnlyCell(self._sheet, value=clean)
        # Text, whatever it looks like: openpyxl takes what begins with "=" for a formula.
        cell.data_type = "s"
        return cell


def table_file(path: Path, header: Sequence[str]) -> TableFile:
    """Return the file for a name's ending: .xlsx, or CSV for all others."""
    kind = XlsxFile if path.suffix.lower() == ".xlsx" else CsvFile
    return kind(path, header)


def _umask() -> int:
    # There is no way to ask without setting it.
    found = os.umask(0o077)
    os.umask(found)
    return found


def _unwritable(path: Path, error: OSError) -> WorldError:
    way_out = "换一个文件夹或文件名，或腾出空间后再导出。"
    return WorldError(f"写不了 {path}：{error.strerror or error}", way_out)
