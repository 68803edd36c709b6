"""Tables as files: whole or not at all, harmless to spreadsheets, and read back as they were written."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from desktop.errors import WorldError
from desktop.exports import tables
from desktop.exports.tables import table_file

HEADER = ("编号", "=标题", "期限")
ROWS = [
    ("0001", '=HYPERLINK("http://x")', "-5"),
    ("2", "多行\n文字", "＝1"),
    ("3", "a\0b\x07", "@x"),
]


def read(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))
    book = load_workbook(path)
    for row in book.active.iter_rows():
        assert all(cell.data_type in ("s", "inlineStr", "n") for cell in row)
        assert all(cell.data_type != "f" for cell in row)
    return [[str(value or "") for value in row] for row in book.active.iter_rows(values_only=True)]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_table_is_harmless_and_whole(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    with table_file(path, HEADER) as file:
        for row in ROWS:
            file.add(row)
        assert not path.exists()
    assert file.rows == 3
    assert read(path)[0] == ["编号", "'=标题", "期限"]
    assert read(path)[1] == ["0001", '\'=HYPERLINK("http://x")', "-5"]
    assert read(path)[2] == ["2", "多行\n文字", "'＝1"]
    assert read(path)[3][2] == "'@x"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_what_fails_leaves_nothing_and_what_was_there_stays(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("earlier", "utf-8")
    with pytest.raises(ZeroDivisionError), table_file(path, HEADER) as file:  # noqa: PT012 - inside it
        file.add(ROWS[0])
        raise ZeroDivisionError
    assert path.read_text("utf-8") == "earlier"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_sheet_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    with pytest.raises(WorldError, match="放不进"), table_file(tmp_path / "a.xlsx", HEADER) as file:  # noqa: PT012
        for row in ROWS:
            file.add(row)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="写不了"), table_file(tmp_path / "no" / "a.csv", HEADER):
        pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=8), min_size=1, max_size=4))
def test_any_text_can_be_written(tmp_path: Path, cells: list[str]) -> None:
    for ending in (".csv", ".xlsx"):
        with table_file(tmp_path / f"a{ending}", HEADER) as file:
            file.add(cells)
        assert len(read(tmp_path / f"a{ending}")) >= 2 or ending == ".csv"
