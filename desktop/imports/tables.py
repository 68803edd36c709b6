"""Spreadsheets as a stream of rows: CSV, gzipped CSV and XLSX, told apart by what is in them.

Whatever ends the reading raises FileError before anything is stored; what spoils one row is said in that
row. Cells come out as text, stripped: a cell that XLSX holds as a date reads "2026-11-18 09:30:00".
"""

import csv
import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

from desktop.exports.cells import restored
from desktop.imports.encoding import examine
from desktop.imports.errors import FileError
from desktop.imports.mapping import Mapping
from desktop.imports.rejects import CUT, OWN_COLUMNS
from desktop.imports.workbook import open_workbook

LONGEST_CELL = 100_000
"""Characters; a longer cell is no complaint but a broken file."""

HEADER_WITHIN = 10
"""Rows from the top among which the header is looked for: exports like to put a title above it."""

_DELIMITERS = (",", "\t", ";")

LONGEST_READ = 32 << 20
"""Characters; a quote that is never closed is given up here, before it has eaten all memory."""

csv.field_size_limit(LONGEST_READ)


class Row(NamedTuple):
    """A row below the header. `cells` are stripped texts; `problem` says why it cannot be used, if so."""

    line: int
    cells: Sequence[str]
    problem: str | None


@dataclass(frozen=True)
class Table:
    """An open table: `columns` as written, `rows` below them, blank ones left out.

    `done` tells how much was read, in the units of `total` (bytes for CSV, rows for XLSX, 0 if unknown);
    `epoch` is the day 0 of serial dates where cells may hold them, None for plain text.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    done: Callable[[], int]
    total: int
    form: str
    epoch: datetime | None = None


@contextmanager
def open_table(path: Path, mapping: Mapping) -> Iterator[Table]:
    """Open a file of rows for reading.

    Raises:
        FileError: the file cannot be read, has no header with the mapped columns, or ends too early.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise FileError(f"读不到文件 {path}：{error.strerror}") from error
    if not start:
        raise FileError(f"文件 {path.name} 是空的")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError("文件是加密的工作簿或旧式 .xls；请去掉密码并另存为 .xlsx 或 CSV")
    if start.startswith(b"PK"):
        with _xlsx(path, mapping) as table:
            yield table
    else:
        with _csv(path, mapping, start.startswith(b"\x1f\x8b")) as table:
            yield table


@contextmanager
def _csv(path: Path, mapping: Mapping, zipped: bool) -> Iterator[Table]:
    raw = path.open("rb")

    def open_bytes() -> BufferedReader | gzip.GzipFile:
        return gzip.open(path, "rb") if zipped else path.open("rb")

    try:
        form = examine(open_bytes, mapping.source.encoding)
        stream = gzip.GzipFile(fileobj=raw, mode="rb") if zipped else raw
        text = TextIOWrapper(stream, encoding=form.encoding, newline="")
        delimiter, header, skipped = _find_header(path, open_bytes, form.encoding, mapping)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for _ in range(skipped):
            # A title above the header may be written as it likes.
            with suppress(csv.Error):
                next(reader)
        rows = _csv_rows(reader, header, _highest(header, mapping), form.has_nul)
        if _is_of_rejects(header):
            rows = map(_as_rejected, rows)
        label = f"CSV（{form.encoding.replace('-sig', '').upper()}）"
        yield Table(header, rows, raw.tell, path.stat().st_size, label)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileError(f"压缩文件 {path.name} 不完整或已损坏：{error}") from error
    finally:
        raw.close()


def _find_header(
    path: Path, open_bytes: Callable[[], BufferedReader | gzip.GzipFile], encoding: str, mapping: Mapping
) -> tuple[str, tuple[str, ...], int]:
    """Return the delimiter, the header and how many rows to skip, the header's own included."""
    fixed = mapping.source.delimiter
    best: tuple[int, tuple[str, ...]] = (-1, ())
    for delimiter in _DELIMITERS if fixed == "auto" else (fixed,):
        with TextIOWrapper(open_bytes(), encoding=encoding, newline="") as text:
            top = _first_rows(csv.reader(text, delimiter=delimiter))
        position, found, header = _best_header(top, mapping)
        if found == len(mapping.wanted()):
            return delimiter, header, position + 1
        best = max(best, (found, header))
    raise _missing(path, best[1], mapping)


def _first_rows(reader: Iterator[list[str]]) -> list[tuple[str, ...]]:
    """Return the rows among which the header is, or those of them before one that cannot be read."""
    found: list[tuple[str, ...]] = []
    with suppress(csv.Error):
        found.extend(tuple(_strip(row)) for row in itertools.islice(reader, HEADER_WITHIN))
    return found


def _best_header(top: Sequence[tuple[str, ...]], mapping: Mapping) -> tuple[int, int, tuple[str, ...]]:
    """Return (position, mapped columns in it, row) of the row that looks most like the header."""
    wanted = set(mapping.wanted())
    top = [tuple(map(restored, row)) if _is_of_rejects(row) else row for row in top]
    scored = [(len(wanted.intersection(row)), -position) for position, row in enumerate(top)]
    if not scored:
        return 0, 0, ()
    found, negative = max(scored)
    return -negative, found, top[-negative]


def _is_of_rejects(header: Sequence[str]) -> bool:
    """Whether this is a file of rejected rows, mended perhaps: its cells were made harmless."""
    return tuple(header[: len(OWN_COLUMNS)]) == OWN_COLUMNS


def _as_rejected(row: Row) -> Row:
    cells = [restored(cell) for cell in row.cells]
    if row.problem is None and any(cell.endswith(CUT) for cell in cells[len(OWN_COLUMNS) :]):
        return Row(row.line, cells, "有单元格在退回时已截断，请从原文件补全")
    return Row(row.line, cells, row.problem)


def _missing(path: Path, header: Sequence[str], mapping: Mapping) -> FileError:
    absent = "、".join(f"「{name}」" for name in mapping.wanted() if name not in header)
    present = "、".join(f"「{name[:40]}」" for name in header[:60] if name) or "（没有）"
    return FileError(f"文件 {path.name} 缺少映射里写的列 {absent}；文件里有的列：{present}")


def _highest(header: Sequence[str], mapping: Mapping) -> int:
    wanted = mapping.wanted()
    for name in wanted:
        if header.count(name) > 1:
            raise FileError(f"列「{name}」在表头里出现了 {header.count(name)} 次")
    return max(header.index(name) for name in wanted)


def _csv_rows(reader: Any, header: Sequence[str], highest: int, has_nul: bool) -> Iterator[Row]:
    width = len(header)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                message = f"文件不完整：第 {line} 行起的引号到文件末尾仍未闭合"
                raise FileError(message) from error
            endless = "field limit" in str(error)
            reason = f"有单元格超过 {LONGEST_READ:,} 个字符，可能缺少右引号"
            yield Row(line, (), reason if endless else "引号不合 CSV 规则")
            continue
        cells = _strip(cells)
        if not any(cells):
            continue
        problem = _oversize(cells, header)
        if problem is None and has_nul and any("\0" in cell for cell in cells):
            problem = "含有 NUL 字符"
        if problem is None and len(cells) != width:
            if len(cells) <= highest:
                problem = f"只有 {len(cells)} 个单元格，表头有 {width} 个"
            elif any(cells[width:]):
                problem = f"有 {len(cells)} 个单元格，表头只有 {width} 个"
        yield Row(line, cells, problem)


def _strip(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells]


def _oversize(cells: Sequence[str], header: Sequence[str]) -> str | None:
    if max(map(len, cells)) <= LONGEST_CELL:
        return None
    for position, cell in enumerate(cells):
        if len(cell) > LONGEST_CELL:
            name = header[position] if position < len(header) else str(position + 1)
            return f"「{name}」有 {len(cell):,} 个字符，超过 {LONGEST_CELL:,}"
    return None


@contextmanager
def _xlsx(path: Path, mapping: Mapping) -> Iterator[Table]:
    with open_workbook(path, mapping.source.sheet) as book:
        rows = iter(book.rows)
        top = list(itertools.islice(rows, HEADER_WITHIN))
        position, found, header = _best_header([tuple(cells) for _, cells in top], mapping)
        if found < len(mapping.wanted()):
            raise _missing(path, header, mapping)
        _highest(header, mapping)
        rest = itertools.chain(top[position + 1 :], rows)
        counter = _Counter()
        found_rows = _xlsx_rows(rest, header, counter)
        if _is_of_rejects(header):
            found_rows = map(_as_rejected, found_rows)
        yield Table(header, found_rows, counter.value, book.total, "XLSX", book.epoch)


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def value(self) -> int:
        return self.count


def _xlsx_rows(
    rows: Iterator[tuple[int, list[str]]], header: Sequence[str], counter: _Counter
) -> Iterator[Row]:
    width = len(header)
    for line, cells in rows:
        counter.count = line
        if not any(cells):
            continue
        if len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        problem = _oversize(cells, header)
        if problem is None:
            problem = _unstorable("".join(cells))
        yield Row(line, cells, problem)


def _unstorable(text: str) -> str | None:
    """Say why the database cannot hold a text; XML escapes can smuggle in what no encoding has."""
    if "\0" in text:
        return "含有 NUL 字符"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "含有不成对的代理字符"
    return None
