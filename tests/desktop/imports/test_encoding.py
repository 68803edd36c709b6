"""The encoding of a file is found by reading it whole, and never guessed in silence."""

import io

import pytest

from desktop.imports.encoding import CHUNK, examine
from desktop.imports.errors import FileError

CHINESE = "编号,标题\n1,河水发臭，请尽快处理\n2,工地扬尘严重\n"


def opener(content: bytes):
    return lambda: io.BytesIO(content)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CHINESE.encode(), "utf-8-sig"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("gb18030"), "gb18030"),
        ("编号,姓名\n1,𠮷野㛃\n".encode("gb18030"), "gb18030"),
        ("id,title\n1,Main St – rear\n".encode("gb18030"), "gb18030"),
        (b"id,title\n1,plain\n", "utf-8-sig"),
    ],
)
def test_utf8_and_gb18030_are_told_apart(content: bytes, encoding: str) -> None:
    assert examine(opener(content), "auto").encoding == encoding


def test_a_character_across_two_portions_is_whole() -> None:
    content = b"x" * (CHUNK - 1) + "河".encode()
    assert examine(opener(content), "auto").encoding == "utf-8-sig"


@pytest.mark.parametrize(
    "content",
    [
        "名前,件名\n1,川が臭いです、早く対応してください\n".encode("shift_jis"),
        "編號,標題\n1,河水發臭請盡快處理\n".encode("big5"),
        "id,title\n1,café près de l'école, très sale\n2,naïve\n".encode("latin-1"),
        "id,title\n1,Fu\xdfg\xe4nger\n".encode("latin-1"),
        b"id,title\n1,\xff\xfe\xff\n",
    ],
)
def test_other_encodings_are_refused(content: bytes) -> None:
    with pytest.raises(FileError, match="既不是 UTF-8 也不是 GB18030"):
        examine(opener(content), "auto")


def test_utf16_is_named() -> None:
    with pytest.raises(FileError, match="UTF-16"):
        examine(opener(CHINESE.encode("utf-16")), "auto")


def test_damaged_utf8_names_its_line() -> None:
    content = (CHINESE * 3).encode() + b"7,\xe6\xb2\n8,x\n"
    with pytest.raises(FileError, match="第 10 行不是 UTF-8"):
        examine(opener(content), "auto")


def test_a_fixed_encoding_names_the_line_that_does_not_fit() -> None:
    with pytest.raises(FileError, match="第 1 行不是 utf-8 编码"):
        examine(opener(CHINESE.encode("gb18030")), "utf-8")
    assert examine(opener(CHINESE.encode("big5", "replace")), "big5").encoding == "big5"


def test_nul_characters_are_noticed() -> None:
    assert examine(opener(b"a,b\n1,\0\n"), "auto").has_nul
    assert not examine(opener(b"a,b\n1,2\n"), "auto").has_nul
