"""A file that a person hands in: what keeps it from being read is said in words, with place and way out."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.commands.policy import read_policy
from desktop.errors import WorldError
from desktop.imports.errors import FileError
from desktop.imports.mapping import read_mapping
from desktop.imports.registry_file import read_registry_file
from desktop.toml_file import LARGEST, parse_toml, read_text, read_toml

READERS = (read_mapping, read_registry_file, read_policy)
TEXT = 'name = "一号工地"\nlimit = 55\n'


@contextmanager
def as_nobody() -> Iterator[None]:
    """The rights of somebody who is not root: nothing is closed to root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def refused(file: Path, read: Callable[[Path], object] = lambda file: read_toml(file, "文件")) -> WorldError:
    with pytest.raises(WorldError) as caught:
        read(file)
    assert caught.value.way_out
    return caught.value


@pytest.mark.parametrize("read", READERS)
def test_every_reader_says_the_same_of_the_same_fault(read: Callable[[Path], object], tmp_path: Path) -> None:
    file = tmp_path / "given.toml"
    assert f"{file}：没有这个文件" in refused(file, read).message
    assert f"{tmp_path} 是一个文件夹" in refused(tmp_path, read).message
    file.write_bytes(TEXT.encode("gb18030"))
    said = refused(file, read)
    assert f"{file} 不是 UTF-8 编码，而是 GB18030" in said.message
    assert "另存为" in said.way_out
    file.write_text(TEXT + "limit = 60\n", "utf-8")
    assert f"{file} 不是有效的 TOML：第 3 行第 11 列，同一个键写了两次" in refused(file, read).message
    file.write_bytes(b" " * (LARGEST + 1))
    assert f"{file} 太大，超过 16 MB" in refused(file, read).message


@pytest.mark.skipif(os.name == "nt", reason="rights are set by other means there")
def test_a_file_that_is_closed_to_us_is_said(tmp_path: Path) -> None:
    file = tmp_path / "closed.toml"
    file.write_text(TEXT, "utf-8")
    file.chmod(0)
    with as_nobody():
        assert "没有读取它的权限" in refused(file).message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TEXT.encode("utf-16"), "而是 UTF-16"),
        (("# 安静" * 20 + "\n").encode() + b"\xff\n", "第 2 行不是 UTF-8 编码"),
        (b"a = 1\nb = \xff\xff\n", "第 2 行既不是 UTF-8 也不是 GB18030"),
    ],
)
def test_what_else_a_file_is_written_in(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "other.toml"
    file.write_bytes(content)
    assert said in refused(file).message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = “x”\n", '第 1 行第 5 列，这里是全角的 “，应为半角的 "'),
        ("a = 1\nb ＝ 2\n", "第 2 行第 3 列，这里是全角的 ＝，应为半角的 ="),
        ("站点 = 1\n", "第 1 行第 1 列，这里应为键"),
        ("a b = 1\n", "第 1 行第 3 列，键的后面应为等号"),
        ('a = "x\nb = 1\n', "第 1 行第 7 列，引号没有配上"),
        ("a = 'x\n", "到末尾（第 1 行）引号没有配上"),
        ("a = 'x\nb = 'y'\n", "第 1 行第 7 列，引号没有配上"),
        ('a = """x\n', "到末尾（第 1 行）引号没有配上"),
        ('a = "C:\\data"\n', "反斜杠要写成两个"),
        ("a = [1,\n2\n\n", "到末尾（第 2 行）方括号没有配上"),
        ("a = {b = 1\n", "花括号没有配上"),
        ("[a\n", "方括号没有配上"),
        ("[a]\n[a]\n", "第 2 行第 3 列，同名的表写了两次"),
        ("a = 1 b = 2\n", "第 1 行第 7 列，一行只能写一项"),
        ("a = 2026-02-30\n", "没有这样的日期"),
        ("a = hello\n", "等号后面的不是一个值"),
        ("a = " + "[" * 5000, "太深"),
        ("a = " + "9" * 5000, "数字太长"),
    ],
)
def test_a_fault_is_told_by_line_and_column_in_words(text: str, said: str) -> None:
    with pytest.raises(FileError) as caught:
        parse_toml(text, "文件")
    assert said in caught.value.message
    assert "引号" in caught.value.way_out


@given(st.one_of(st.text(max_size=60), st.text("ab=[]{}\"'#\\.,1-:\n\x00u“ ", max_size=30)))
@settings(deadline=None)
def test_no_text_gets_past_with_words_of_the_parser(text: str) -> None:
    said = ""
    try:
        parse_toml(text, "文件")
    except FileError as error:
        said = error.message
    assert not any(word in said for word in ("Expected", "Invalid", "line ", "读不下去"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_is_right_is_read_whatever_the_editor_does(tmp_path: Path, line_end: str, encoding: str) -> None:
    file = tmp_path / "right.toml"
    file.write_bytes(TEXT.replace("\n", line_end).encode(encoding))
    assert read_text(file, "文件") == TEXT
    assert read_toml(file, "文件") == {"name": "一号工地", "limit": 55}
