"""Files of rows: what spoils a row is said in the row, what ends the reading ends the import."""

import gzip
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from desktop.imports.errors import FileError
from desktop.imports.mapping import Mapping
from desktop.imports.tables import LONGEST_READ, Row, open_table
from tests.desktop.imports.sources import COLUMNS, FIRST, SECOND, csv_text, mapping, write_csv, write_xlsx


def rows_of(path: Path, chosen: Mapping | None = None) -> list[Row]:
    with open_table(path, chosen or mapping()) as table:
        return list(table.rows)


def cells_of(path: Path) -> list[tuple[str, ...]]:
    return [tuple(row.cells) for row in rows_of(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_all_forms_reads_the_same(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_text([FIRST, SECOND], delimiter=delimiter).encode(encoding))
    assert cells_of(path) == [FIRST, SECOND]
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert cells_of(packed) == [FIRST, SECOND]


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text([SECOND, FIRST]) + "\n,,,,,,,\n" + csv_text([FIRST], columns=FIRST), "utf-8")
    # SECOND takes two lines; blank rows are left out, but counted.
    assert [row.line for row in rows_of(path)] == [2, 4, 7, 8]


def test_xlsx_reads_the_same_as_csv(tmp_path: Path) -> None:
    first = [*FIRST[:3], datetime(2026, 3, 5, 8), datetime(2026, 3, 6, 9, 30), *FIRST[5:7], None]  # noqa: DTZ001
    path = write_xlsx(tmp_path / "a.xlsx", [first, [None] * 8, SECOND])
    found = rows_of(path)
    assert [tuple(row.cells) for row in found] == [FIRST, SECOND]
    assert [row.line for row in found] == [2, 4]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [FIRST], above=[["2026 年 3 月投诉件"], []])
    assert [tuple(row.cells) for row in rows_of(path)] == [FIRST]
    other = tmp_path / "a.csv"
    other.write_text('"2026 年 3 月"投诉件\n' + csv_text([FIRST]), "utf-8")
    assert cells_of(other) == [FIRST]


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,名称\n1,x\n", "utf-8")
    with pytest.raises(FileError) as caught:
        rows_of(path)
    assert "「受理时间」" in caught.value.message
    assert "文件里有的列：「编号」、「名称」" in caught.value.message


def test_a_mapped_column_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text([(*FIRST, "x")], columns=(*COLUMNS, "受理时间")), "utf-8")
    with pytest.raises(FileError, match="「受理时间」在表头里出现了 2 次"):
        rows_of(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A1,x", "只有 2 个单元格，表头有 8 个"),
        (",".join((*FIRST, "a", "b")), "有 10 个单元格，表头只有 8 个"),
        ('A1,"x"y,,2026-03-05,,,,', "引号不合 CSV 规则"),
        ("A1,\0,,2026-03-05,,,,", "含有 NUL 字符"),
        (f"A1,{'x' * 10_000_000},,2026-03-05,,,,", "「标题」有 10,000,000 个字符，超过 100,000"),
    ],
)
def test_what_spoils_a_row_spoils_only_that_row(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text([FIRST]) + line + "\r\n" + ",".join(FIRST) + "\r\n", "utf-8", newline="")
    found = rows_of(path)
    assert [(row.line, row.problem) for row in found] == [(2, None), (3, said), (4, None)]


def test_a_quote_that_is_never_closed_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    endless = 'A0,"' + ("x" * 1023 + "\n") * (LONGEST_READ // 1024 + 1)
    path.write_text(csv_text([FIRST]) + endless + csv_text([SECOND], columns=FIRST), "utf-8")
    found = rows_of(path)
    assert found[1].problem is not None
    assert "可能缺少右引号" in found[1].problem
    assert [tuple(row.cells) for row in found[-2:]] == [FIRST, SECOND]


def test_empty_cells_after_the_last_column_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(COLUMNS) + "\n" + ",".join(FIRST) + ",,\n", "utf-8")
    assert [row.problem for row in rows_of(path)] == [None]


def test_a_file_that_ends_within_quotes_is_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text([FIRST]) + 'A2,"halfway', "utf-8")
    with pytest.raises(FileError, match="文件不完整：第 3 行起的引号"):
        rows_of(path)


def test_a_truncated_gzip_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    packed = gzip.compress(csv_text([FIRST] * 5000).encode())
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(FileError, match="不完整或已损坏"), open_table(path, mapping()):
        pass


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_workbook_is_refused(tmp_path: Path, share: float) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [FIRST] * 500)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(FileError, match="不完整或已损坏"):
        rows_of(path)


def test_a_workbook_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [FIRST] * 500)
    content = bytearray(path.read_bytes())
    start = content.index(b"xl/worksheets/sheet1.xml") + 200
    content[start : start + 400] = bytes(400)
    path.write_bytes(content)
    with pytest.raises(FileError, match="不完整或已损坏"):
        rows_of(path)


def test_other_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    old = tmp_path / "a.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(FileError, match="加密的工作簿或旧式"):
        rows_of(old)
    empty = tmp_path / "b.csv"
    empty.touch()
    with pytest.raises(FileError, match="是空的"):
        rows_of(empty)
    with pytest.raises(FileError, match="读不到文件"):
        rows_of(tmp_path / "none.csv")
    with pytest.raises(FileError, match="读不到文件"):
        rows_of(tmp_path)
    with pytest.raises(FileError, match="没有工作表「三月」；有：Sheet"):
        rows_of(write_xlsx(tmp_path / "c.xlsx", [FIRST]), mapping(source={"sheet": "三月"}))


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """Return a copy of a workbook with something else in its sheet or its strings."""
    other = path.with_name(f"other-{path.name}")
    changed = 0
    with ZipFile(path) as source, ZipFile(other, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            changed += content.count(old)
            target.writestr(entry, content.replace(old, new))
    assert changed
    return other


@pytest.mark.parametrize(("smuggled", "said"), [(b"_x0000_", "NUL"), (b"_xD800_", "代理字符")])
def test_what_no_database_can_hold_spoils_its_row(tmp_path: Path, smuggled: bytes, said: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [("A0", "placeholder", *FIRST[2:]), FIRST])
    spoiled, good = rows_of(rewritten(path, b"placeholder", smuggled))
    assert spoiled.problem is not None
    assert said in spoiled.problem
    assert good.problem is None


def test_escaped_line_ends_of_excel_are_line_ends(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [("A0", "placeholder", *FIRST[2:])])
    (row,) = rows_of(rewritten(path, b"placeholder", b"one_x000D_\ntwo"))
    assert row.cells[1].split() == ["one", "two"]


def test_a_wrong_extent_in_a_workbook_hides_no_rows(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [FIRST, SECOND])
    assert cells_of(rewritten(path, b'ref="A1:H3"', b'ref="A1"')) == [FIRST, SECOND]


def test_progress_is_in_bytes_or_rows(tmp_path: Path) -> None:
    with open_table(write_csv(tmp_path / "a.csv", [FIRST] * 100), mapping()) as table:
        assert len(list(table.rows)) == 100
        assert table.done() == table.total == (tmp_path / "a.csv").stat().st_size
    with open_table(write_xlsx(tmp_path / "a.xlsx", [FIRST] * 100), mapping()) as table:
        assert len(list(table.rows)) == 100
        assert table.done() == table.total == 101
