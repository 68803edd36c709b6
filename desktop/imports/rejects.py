"""The rows that could not go in, in a file beside the source, with line and reason."""

import csv
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from desktop.exports.cells import harmless
from desktop.imports.errors import FileError, RowError

OWN_COLUMNS = ("行", "列", "原因")

LONGEST_SHOWN = 32_000
"""Characters of a cell that a rejects file repeats: a spreadsheet program keeps 32,767."""

CUT = "…（此处已截断）"
"""The end of a longer one: it must be filled in from the source before the row can go in."""


class RejectsFile:
    """Collects rejected rows. The file appears only when the import is done, and only if there are any."""

    def __init__(self, source: Path, columns: Sequence[str], spare_folder: Path) -> None:
        folder = source.parent if os.access(source.parent, os.W_OK) else spare_folder
        self._path = folder / f"{source.name}.rejects.csv"
        self._columns = columns
        self._part = self._path.with_name(f"{self._path.name}.part")
        self._stream: TextIO | None = None
        self.count = 0

    def __enter__(self) -> "RejectsFile":
        return self

    def add(self, line: int, error: RowError, cells: Sequence[str]) -> None:
        """Write one rejected row.

        Raises:
            FileError: there is no room for the file; without it nothing should go in.
        """
        try:
            self._write(line, error, cells)
        except OSError as failed:
            raise FileError(f"写不了退回文件 {self._path}：{failed.strerror}") from failed

    def _write(self, line: int, error: RowError, cells: Sequence[str]) -> None:
        if self._stream is None:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            # With a byte order mark, without which Excel takes UTF-8 for the local code page.
            self._stream = self._part.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow([*OWN_COLUMNS, *map(harmless, self._columns)])
        shown = [harmless(_shortened(cell.replace("\0", "␀"))) for cell in cells]
        csv.writer(self._stream).writerow([line, harmless(error.column), harmless(error.reason), *shown])
        self.count += 1

    def keep(self) -> Path | None:
        """Put the file in its place and return where, or None when nothing was rejected.

        Then what an earlier run rejected is in: its file goes, too.
        """
        if self._stream is None:
            if _is_ours(self._path):
                # The import is done: a file that another program holds open must not make it look failed.
                with suppress(OSError):
                    self._path.unlink()
            return None
        self._stream.close()
        self._stream = None
        self._part.replace(self._path)
        return self._path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
            self._part.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    begin = f"{','.join(OWN_COLUMNS)},".encode("utf-8-sig")
    try:
        with path.open("rb") as stream:
            return stream.read(len(begin)) == begin
    except OSError:
        return False


def _shortened(cell: str) -> str:
    return cell if len(cell) <= LONGEST_SHOWN else cell[:LONGEST_SHOWN] + CUT
