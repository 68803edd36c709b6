"""Which encoding a text file has, found by reading all of it once before a row is believed."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from desktop.imports.errors import FileError

CHUNK = 1 << 20

# UTF-8 that breaks after this many characters beyond ASCII is damaged UTF-8; GB18030 text breaks at once.
_SURELY_UTF8 = 16

# The ideographs of a Chinese text are nearly all in GB 2312; another encoding read as GB18030 lands in the
# rare rest of them.
_RARE_IN_CHINESE = 0.4
_IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class TextForm:
    """How to decode a file, and whether it holds NUL characters at all."""

    encoding: str
    has_nul: bool


def examine(open_bytes: Callable[[], BufferedIOBase], encoding: str) -> TextForm:
    """Return the form of a text file: UTF-8 with or without BOM, else GB18030, or the given encoding.

    Raises:
        FileError: it is neither, or not the given one; the message names the line that does not fit.
    """
    with open_bytes() as stream:
        start = stream.read(4)
    if encoding == "auto" and start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileError("文件是 UTF-16 编码；请另存为 UTF-8，或在映射里写明 encoding")
    if encoding != "auto":
        known = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
        read = _try(open_bytes, known)
        if read.failed_line is not None:
            raise FileError(f"第 {read.failed_line} 行不是 {encoding} 编码")
        return TextForm(known, read.has_nul)
    utf8 = _try(open_bytes, "utf-8-sig")
    if utf8.failed_line is None:
        return TextForm("utf-8-sig", utf8.has_nul)
    if utf8.beyond_ascii >= _SURELY_UTF8:
        raise FileError(f"第 {utf8.failed_line} 行不是 UTF-8 编码，而此前各行是：文件可能已损坏")
    chinese = _try(open_bytes, "gb18030")
    if chinese.failed_line is None and chinese.rare <= _RARE_IN_CHINESE * chinese.beyond_ascii:
        return TextForm("gb18030", chinese.has_nul)
    line = utf8.failed_line if chinese.failed_line is None else chinese.failed_line
    raise FileError(f"第 {line} 行既不是 UTF-8 也不是 GB18030 编码")


@dataclass(slots=True)
class _Pass:
    failed_line: int | None = None
    has_nul: bool = False
    beyond_ascii: int = 0
    rare: int = 0


def _try(open_bytes: Callable[[], BufferedIOBase], encoding: str) -> _Pass:
    found = _Pass()
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    for chunk, final in _chunks(open_bytes):
        held = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            good = (held + chunk)[: error.start]
            found.failed_line = lines + good.count(b"\n")
            _count(found, good.decode(encoding, "ignore"), encoding)
            return found
        lines += chunk.count(b"\n")
        found.has_nul = found.has_nul or "\0" in text
        if not chunk.isascii():
            _count(found, text, encoding)
    return found


def _count(found: _Pass, text: str, encoding: str) -> None:
    ascii_only = len(text.encode("ascii", "ignore"))
    found.beyond_ascii += len(text) - ascii_only
    if encoding == "gb18030":
        ideographs = "".join(_IDEOGRAPHS.findall(text))
        # Two bytes each in GB 2312.
        found.rare += len(ideographs) - len(ideographs.encode("gb2312", "ignore")) // 2


def _chunks(open_bytes: Callable[[], BufferedIOBase]) -> Iterator[tuple[bytes, bool]]:
    with open_bytes() as stream:
        while chunk := stream.read(CHUNK):
            yield chunk, False
    yield b"", True
