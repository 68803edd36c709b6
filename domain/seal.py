"""The daily seal: one hash over the heads of all streams that grew on a day, chained to the day before.

The hashed text is plain enough to be computed again by any tool, the database included (migration 0005): the
predecessor's hash in hex, the day, the moment of its end and two counts in one line, then a line for each
stream, ordered by the bytes of its name. Whoever has the 64 digits of one day on paper has a hold on every
event up to then.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from domain.chain import UNIT_SEPARATOR, microseconds

DIGITS = 64
"""Of a printed seal: SHA-256 in hex."""
_GROUP = 4
_BETWEEN = re.compile(r"[\s\-–—·:.]+")


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed day. It covers what was recorded before `until` and not before the end of the seal before it.

    `streams` grew on that day, by `events` together. `sealed_at` is for information: no hash covers it.
    """

    day: date
    until: datetime
    streams: int
    events: int
    previous: bytes
    hash: bytes
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class SealedHead:
    """The last event that was recorded in a stream on a sealed day."""

    stream: str
    seq: int
    hash: bytes


def seal_hash(
    previous: bytes, day: date, until: datetime, streams: int, events: int, heads: Iterable[SealedHead]
) -> bytes:
    """Return the hash of a day: 32 bytes over its predecessor's and everything that it seals.

    `heads` come ordered by the bytes of their streams' names in UTF-8; they are read once, in turn.
    """
    digest = sha256(
        UNIT_SEPARATOR.join(
            (previous.hex(), day.isoformat(), str(microseconds(until)), str(streams), str(events))
        ).encode()
    )
    for head in heads:
        line = UNIT_SEPARATOR.join((head.stream, str(head.seq), head.hash.hex()))
        digest.update(b"\n" + line.encode())
    return digest.digest()


def spelled(seal: bytes) -> str:
    """Return a seal as it is printed and read out: groups of four hex digits."""
    digits = seal.hex()
    return " ".join(digits[begin : begin + _GROUP] for begin in range(0, len(digits), _GROUP))


def read_out(text: str) -> bytes:
    """Return the seal that somebody typed from paper; blanks, dashes and capitals do not matter.

    Raises:
        ValueError: these are not 64 hex digits.
    """
    digits = _BETWEEN.sub("", text).lower()
    if len(digits) != DIGITS or re.fullmatch("[0-9a-f]*", digits) is None:
        raise ValueError(f"not {DIGITS} hex digits but {len(digits)} characters")
    return bytes.fromhex(digits)
