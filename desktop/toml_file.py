"""Files that people hand in as TOML: mappings, registries, policies and schemes.

Whoever writes such a file knows an editor and no parser. What keeps a file from being read is said in words,
with the place and the way out, the same wherever it was handed in; what may stand in it is for its reader to
say.
"""

import codecs
import re
import tomllib
from io import BytesIO
from pathlib import Path
from typing import Any

from desktop.imports.encoding import examine
from desktop.imports.errors import FileError

LARGEST = 16_000_000
"""Bytes: some 50,000 stations. What is larger was chosen by mistake, and is not taken into memory."""

_SAVE_AS_UTF8 = "用记事本打开它，选“另存为”，编码选 UTF-8，再试一次。"
_WRITING = (
    "文字要加引号，含中文或空格的键也要；时刻写到秒，如 22:00:00；日期如 2026-01-01；"
    "数字、时刻、日期都不加引号。"
)
_WIDE = {"“": '"', "”": '"', "‘": "'", "’": "'", "，": ",", "。": ".", "［": "[", "］": "]"} | {
    chr(ord(narrow) + 0xFEE0): narrow for narrow in "\"'=[]{}.#:-+_" + "0123456789"
}
"""Signs of a Chinese keyboard and the ones that TOML knows."""

_WORDS = (
    ("Illegal character '\\n'", "引号没有配上另一半"),
    ("Found invalid character '\\n'", "引号没有配上另一半"),
    ("Unterminated string", "引号没有配上另一半"),
    ("Expected \"'", "引号没有配上另一半"),
    ("Illegal character", "这里有一个看不见的控制字符"),
    ("Found invalid character", "这里有一个看不见的控制字符"),
    ("Unescaped", "双引号中的反斜杠要写成两个，或改用单引号"),
    ("Invalid hex value", "双引号中的反斜杠要写成两个，或改用单引号"),
    ("Escaped character", "双引号中的反斜杠要写成两个，或改用单引号"),
    ("Unclosed array", "方括号没有配上另一半"),
    ("Unclosed inline table", "花括号没有配上另一半"),
    ("Expected ']", "表名的方括号没有配上另一半"),
    ("Cannot declare", "同名的表写了两次"),
    ("Cannot", "同一个键写了两次"),
    ("Duplicate", "同一个键写了两次"),
    ("Expected '='", "键的后面应为等号"),
    ("Expected newline", "一行只能写一项，这里多了"),
    ("Invalid date", "没有这样的日期或时刻"),
    ("Invalid value", "等号后面的不是一个值"),
    ("Invalid statement", "这里应为键或表名"),
    ("Invalid initial", "这里应为键或表名"),
)
"""How a fault of tomllib begins, and what it means to who wrote the file."""


def read_text(file: Path, called: str, largest: int = LARGEST) -> str:
    """Return the text of a file, its lines ended alike, whatever mark an editor put before it.

    `called` is how the file is named in what is said of it: what it is, and its path.

    Raises:
        FileError: it is missing, no file, closed to us, larger than `largest` bytes, or not UTF-8.
    """
    try:
        if file.is_dir():
            raise FileError(f"{called} 是一个文件夹，不是文件", "请给出文件夹中的那个文件。")
        with file.open("rb") as stream:
            content = stream.read(largest + 1)
    except FileNotFoundError as error:
        raise FileError(f"读不到{called}：没有这个文件", "请核对文件夹、文件名和扩展名。") from error
    except PermissionError as error:
        raise FileError(
            f"读不到{called}：没有读取它的权限", "请把它复制到自己的文件夹，或请管理员开放读取权限。"
        ) from error
    except OSError as error:
        raise FileError(f"读不到{called}：{error.strerror}", "请把它复制到本机的文件夹再试。") from error
    if len(content) > largest:
        raise FileError(
            f"{called} 太大，超过 {largest // 1_000_000} MB",
            "请核对是否选错了文件；内容确实多，就分成几个文件。",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{called} 不是 UTF-8 编码，{_what_else(content)}", _SAVE_AS_UTF8) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(file: Path, called: str, largest: int = LARGEST) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises:
        FileError: it cannot be read (see `read_text`), or is not TOML.
    """
    return parse_toml(read_text(file, called, largest), called)


def parse_toml(text: str, called: str) -> dict[str, Any]:
    """Return what a text says that `read_text` returned.

    Raises:
        FileError: it is not TOML; the message says at which line and column, and what is wrong there.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{called} 不是有效的 TOML：{_told(str(error), text)}", _WRITING) from error
    except RecursionError as error:
        raise FileError(f"{called} 不是有效的 TOML：括号一层套一层，太深了", _WRITING) from error
    except ValueError as error:
        # Python reads no whole number of more than some thousand figures.
        raise FileError(f"{called} 不是有效的 TOML：其中有一个数字太长", _WRITING) from error


def _what_else(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "而是 UTF-16（记事本的“Unicode”）"
    try:
        examine(lambda: BytesIO(content), "auto")
    except FileError as error:
        return error.message
    # What is not UTF-8, and yet read, was read as this.
    return "而是 GB18030（记事本的“ANSI”）"


def _told(fault: str, text: str) -> str:
    words = next((words for begin, words in _WORDS if fault.startswith(begin)), "读不下去")
    place = re.search(r"line (\d+), column (\d+)", fault)
    if place is None:
        return f"到末尾（第 {text.rstrip().count(chr(10)) + 1} 行）{words}"
    line, column = int(place[1]), int(place[2])
    sign = text.split("\n")[line - 1][column - 1 : column]
    if sign in _WIDE:
        words = f"这里是全角的 {sign}，应为半角的 {_WIDE[sign]}"
    return f"第 {line} 行第 {column} 列，{words}"
