"""One sheet of an XLSX workbook as a stream of rows of text."""

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from desktop.imports.errors import FileError

LARGEST_UNPACKED = 4 << 30
"""Bytes; a workbook that unpacks to more is refused before it is unpacked (zip bombs)."""

MOST_EXACT = 10**15
"""Spreadsheets keep 15 digits of a number."""

_BROKEN = (
    BadZipFile,
    DefusedXmlException,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True)
class Sheet:
    """`rows` are (row number, cells as stripped text); `total` is the number of rows, 0 if unknown."""

    rows: Iterator[tuple[int, list[str]]]
    total: int
    epoch: datetime


class Rounded(str):
    """A cell's number of more digits than a spreadsheet keeps: it may be another one than was typed in."""

    __slots__ = ()


@contextmanager
def open_workbook(path: Path, sheet: str | None) -> Iterator[Sheet]:
    """Open the named sheet of a workbook, or its first one.

    Raises:
        FileError: the file is truncated, encrypted or no workbook, or has no such sheet.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise _broken(path, error) from error
    # The file is ours to close: openpyxl leaves that of a damaged workbook open (3.1.5).
    with file, warnings.catch_warnings():
        # openpyxl warns about styles and validations that a table of text does not need.
        warnings.filterwarnings("ignore", module="openpyxl")
        book = _load(path, file)
        try:
            if sheet is not None and sheet not in book.sheetnames:
                names = "、".join(book.sheetnames)
                raise FileError(f"工作簿 {path.name} 里没有工作表「{sheet}」；有：{names}")
            table = book[sheet] if sheet is not None else book.worksheets[0]
            total = table.max_row or 0
            # Many exporters write a wrong extent; without it openpyxl reads what is there.
            table.reset_dimensions()
            yield Sheet(_rows(path, table), total, book.epoch)
        finally:
            book.close()


def _load(path: Path, file: BinaryIO) -> Any:
    try:
        with ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
                raise FileError(f"工作簿 {path.name} 展开后超过 4 GB，请拆分或另存为 CSV")
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise FileError(f"工作簿 {path.name} 已加密，请去掉密码后再导入")
        book = load_workbook(file, read_only=True, data_only=True)
    except FileError:
        raise
    except _BROKEN as error:
        raise _broken(path, error) from error
    if not book.worksheets:
        raise FileError(f"工作簿 {path.name} 里没有工作表")
    return book


def _rows(path: Path, table: Any) -> Iterator[tuple[int, list[str]]]:
    rows = enumerate(table.iter_rows(values_only=True), start=1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except _BROKEN as error:
            raise _broken(path, error) from error
        yield number, [_text(cell) for cell in cells]


def _broken(path: Path, error: Exception) -> FileError:
    return FileError(f"工作簿 {path.name} 不完整或已损坏（{type(error).__name__}: {error}）")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # Excel writes control characters as _x000D_, which openpyxl leaves as it is.
        return (unescape(value) if "_x" in value else value).strip()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        # Excel keeps times as fractions of a day: they come back a millisecond off at most.
        return (value + timedelta(milliseconds=1)).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return str(int(value)) if abs(value) < MOST_EXACT else Rounded(int(value))
    return str(value)
