"""What leaves the program is no formula and no path, and what comes back is what it was."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.exports.cells import harmless, restored
from desktop.exports.names import LONGEST_BYTES, file_name

SIGNS = "=+-@\t\r\n＝＋－＠"
cells = st.one_of(st.text(), st.builds(str.__add__, st.text("'=+-@\t＝＠", max_size=4), st.text(max_size=5)))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "－x", "-", "+86 138"]
)
def test_formulas_are_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["", "河水发臭", "-1", "+3.5", "-12.5%", "1e-5", "-1,234.50", "2026-11-21", "'a"]
)
def test_texts_and_numbers_stay(cell: str) -> None:
    assert harmless(cell) == cell


@given(cells)
def test_every_cell_comes_back(cell: str) -> None:
    assert restored(harmless(cell)) == cell
    shown = harmless(cell)
    assert not shown or shown[0] not in SIGNS or shown[1:2].isdigit()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("工单 2026", "工单 2026.csv"),
        ("../../etc/passwd", "_.._etc_passwd.csv"),
        ("a/b\\c:d", "a_b_c_d.csv"),
        ("CON", "_CON.csv"),
        ("nul.txt", "_nul.txt.csv"),
        ("LPT¹", "_LPT¹.csv"),
        ("结尾...  ", "结尾.csv"),
        ("\u202egnp.exe", "gnp.exe.csv"),
        ("a\0b\x1fc", "abc.csv"),
        ("", "未命名.csv"),
        ("///", "未命名.csv"),
        ("-rf", "_-rf.csv"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert file_name(text, ".csv") == name


@given(st.text(st.characters(exclude_categories=())))
def test_a_name_is_one_part_of_a_path(text: str) -> None:
    name = file_name(text, ".xlsx")
    assert Path(name).name == name
    assert len(name.encode()) <= LONGEST_BYTES + 1
    assert name.endswith(".xlsx")
    assert name.isprintable()
    assert not name.startswith((".", "-", "~", " "))


def test_an_ending_is_no_path_either() -> None:
    with pytest.raises(ValueError, match="ending"):
        file_name("a", "/../x")
