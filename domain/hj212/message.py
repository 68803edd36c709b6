"""What a data segment says: its header and its command's parameters (HJ 212-2017, 6.3)."""

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


def read_message(segment: bytes) -> Message:
    """Read a data segment, tolerating what the standard's own examples get wrong.

    Raises:
        MalformedSegmentError: it has no `CP=&&`.
    """
    raise NotImplementedError
