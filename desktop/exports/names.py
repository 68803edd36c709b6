"""File names made from data: a title or a number becomes a name that every system takes."""

import re
import unicodedata

LONGEST_BYTES = 200
"""Of a name with its ending, in UTF-8: Linux allows 255, and others put an ending of their own behind it."""

WITHOUT_NAME = "未命名"

# Separators and what Windows keeps for itself: it takes the colon for a drive or a stream.
_TAKEN = re.compile(r'[/\\:*?"<>|∕⁄／＼：]')
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE
)


def file_name(text: str, ending: str) -> str:
    """Return a file's name for a text, with this ending (".csv"): always one part of a path."""
    if not re.fullmatch(r"\.[a-z0-9]{1,8}", ending):
        raise ValueError(f"{ending!r} is no ending of a file")
    seen = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C")
    name = " ".join(_TAKEN.sub("_", seen).split()).strip(". ")
    name = _cut(name, LONGEST_BYTES - len(ending)).rstrip(". ")
    if not name.strip("_"):
        name = WITHOUT_NAME
    if name.startswith(("-", "~")):
        name = f"_{name}"
    return f"{'_' if _RESERVED.fullmatch(name + ending) else ''}{name}{ending}"


def _cut(text: str, most: int) -> str:
    """Cut a text to so many bytes, between its characters."""
    return text.encode()[:most].decode(errors="ignore")
