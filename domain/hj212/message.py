"""What a data segment says: its header and its command's parameters (HJ 212-2017, 6.3)."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from domain.hj212.oddities import Oddity


class Edition(IntEnum):
    """The edition that a message follows, by the version bits of its flag (0, 1, 2)."""

    OF_2005 = 2005
    OF_2017 = 2017
    OF_2025 = 2025


class MalformedSegmentError(ValueError):
    """The bytes are no data segment: there is no `CP=&&`. The only exception of `read_message`."""


Group = tuple[tuple[str, str], ...]
"""What stands between two semicolons: fields in order, as ("w01018-Rtd", "2.2")."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Texts are as sent, but for blanks about them; absent ones are "".

    `header` has all items before CP in their order; `groups` the items of CP. `edition` is None for version
    bits that are not known. `part` of `parts` is None where the message is whole.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int
    edition: Edition | None
    part: int | None
    parts: int | None
    header: Group
    groups: tuple[Group, ...]
    oddities: tuple[Oddity, ...] = ()

    @property
    def wants_answer(self) -> bool:
        """Bit A of the flag."""
        return bool(self.flag & 1)

    def value(self, name: str) -> str | None:
        """Return the first field of CP with that name (`DataTime`, `RestartTime`, `PolId` …)."""
        for group in self.groups:
            for key, value in group:
                if key == name:
                    return value
        return None

    @property
    def fields(self) -> dict[str, Any]:
        """The message as plain values: the header's items, and under "CP" a dict for each group."""
        return {**dict(self.header), "CP": [dict(group) for group in self.groups]}


_BEGIN = "CP=&&"
_END = "&&"
_HEADER_SEPARATOR = re.compile("[;,]")
_PART_BIT = 2
_VERSION_SHIFT = 2
_MOST_FLAG = 0xFF
_EDITIONS = {0: Edition.OF_2005, 1: Edition.OF_2017, 2: Edition.OF_2025}
_ELLIPSIS = "…"
_MOST_PARTS = 9999
_ANSWERS = ("9011", "9012", "9013", "9014", "9022")


def read_message(segment: bytes) -> Message:
    """Read a data segment, tolerating what the standard's own examples get wrong.

    Raises:
        MalformedSegmentError: it has no `CP=&&`.
    """
    oddities: list[Oddity] = []
    try:
        text = segment.decode("utf-8")
    except UnicodeDecodeError:
        text = segment.decode("utf-8", "replace")
        oddities.append(Oddity.NOT_UTF8)
    before, begin, behind = text.partition(_BEGIN)
    if not begin:
        raise MalformedSegmentError("no CP=&& in the data segment")
    inside, closing, after = behind.partition(_END)
    if not closing:
        oddities.append(Oddity.NO_CLOSING)
    if after.strip():
        oddities.append(Oddity.BEHIND_CLOSING)
    if before and not before.endswith(";"):
        oddities.append(Oddity.NO_SEPARATOR)
    header = _header(before, oddities)
    groups = _groups(inside, oddities)
    if " " in text or _ELLIPSIS in text or not text.isprintable():  # else nothing is to be tidied
        header = _tidied(header, oddities)
        groups = tuple(_tidied(group, oddities) for group in groups)
    named = dict(header)
    flag, edition = _flag(named.get("Flag"), oddities)
    part, parts = _part(named, flag, oddities)
    qn = named.get("QN", "")
    if not qn and named.get("CN") in _ANSWERS:
        # In 2005 an answer names what it answers among its parameters.
        qn = next((value for group in groups for name, value in group if name == "QN"), "")
    if not qn:
        oddities.append(Oddity.NO_QN)
    return Message(
        qn,
        named.get("ST", ""),
        named.get("CN", ""),
        named.get("PW", ""),
        named.get("MN", ""),
        flag,
        edition,
        part,
        parts,
        header,
        groups,
        tuple(dict.fromkeys(oddities)),
    )


def _header(text: str, oddities: list[Oddity]) -> Group:
    if "," in text:
        oddities.append(Oddity.COMMA_IN_HEADER)
    return _fields(_HEADER_SEPARATOR.split(text.removesuffix(";")), oddities) if text else ()


def _groups(text: str, oddities: list[Oddity]) -> tuple[Group, ...]:
    if not text:
        return ()
    return tuple(fields for item in text.split(";") if (fields := _fields(item.split(","), oddities)))


def _fields(items: list[str], oddities: list[Oddity]) -> Group:
    fields = []
    for item in items:
        name, equals, value = item.partition("=")
        if equals:
            fields.append((name, value))
        else:
            oddities.append(_of_no_field(item))
    return tuple(fields)


def _tidied(group: Group, oddities: list[Oddity]) -> Group:
    """Return the fields without blanks about them and without the ellipsis of a shortened example."""
    fields = []
    for name, value in group:
        if value.endswith(_ELLIPSIS):
            oddities.append(Oddity.ELLIPSIS)
        said = value.rstrip(_ELLIPSIS)
        if name != name.strip() or said != said.strip():
            oddities.append(Oddity.BLANKS)
        fields.append((name.strip(), said.strip()))
    return tuple(fields)


def _of_no_field(item: str) -> Oddity:
    if _ELLIPSIS in item:
        return Oddity.ELLIPSIS
    return Oddity.BLANKS if item and not item.strip() else Oddity.EMPTY_ITEM


def _flag(text: str | None, oddities: list[Oddity]) -> tuple[int, Edition | None]:
    if text is None:
        oddities.append(Oddity.NO_FLAG)
        return 0, Edition.OF_2005
    number = _number(text)
    if number is None or number > _MOST_FLAG:
        oddities.append(Oddity.BAD_FLAG)
        return 0, Edition.OF_2005
    edition = _EDITIONS.get(number >> _VERSION_SHIFT)
    if edition is None:
        oddities.append(Oddity.UNKNOWN_VERSION)
    return number, edition


def _part(named: dict[str, str], flag: int, oddities: list[Oddity]) -> tuple[int | None, int | None]:
    """Return which part of how many this is; both None where it is whole, or where the numbers are nonsense.

    The numbers count, not the flag's bit D: both are seen without the other.
    """
    part, parts = _number(named.get("PNO", "")), _number(named.get("PNUM", ""))
    is_part = part is not None and parts is not None and 1 <= part <= parts <= _MOST_PARTS
    if is_part != bool(flag & _PART_BIT):
        oddities.append(Oddity.PART_NUMBERS)
    return (part, parts) if is_part and parts != 1 else (None, None)


def _number(text: str) -> int | None:
    """Return a number of at most eight ASCII digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 8 else None
