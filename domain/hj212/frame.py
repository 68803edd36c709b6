"""Cuts a stream of bytes into frames: `##`, length, segment, check, CR LF (HJ 212-2017, 6.2)."""

from dataclasses import dataclass
from enum import StrEnum

from domain.hj212.checksum import CrcKind
from domain.hj212.oddities import Oddity

LONGEST = 9999
"""Of a segment, bytes: what four digits can declare. The standard itself allows 1,024."""


class FrameError(StrEnum):
    """Why a frame is not to be believed. Such a frame is never answered."""

    CRC = "crc"
    """The check does not fit; `crc_kind` says whether it is Modbus'."""
    CUT = "cut"
    """The next frame begins, or the line or the stream ends, where there should be a check."""
    ABSURD = "absurd"
    """More bytes than a frame can have, and no end."""
    SEGMENT = "segment"
    """The check fits, but there is no `CP=&&` in it (`read_message` raises)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came. `segment` is what the check is over; empty where none could be made out.

    `declared` is the length that it names, `crc_given` its four digits as sent ("" where there are none).
    """

    raw: bytes
    segment: bytes
    declared: int
    crc_given: str
    crc_kind: CrcKind
    error: FrameError | None = None
    oddities: tuple[Oddity, ...] = ()

    @property
    def ok(self) -> bool:
        return self.error is None


class Unframer:
    """Frames of one connection, however its bytes are cut: what comes out depends on the bytes alone.

    Never raises. Holds at most one unfinished frame, so at most about `LONGEST` bytes.
    `skipped` counts bytes outside of frames (CR, LF, blanks and NUL are not counted), `bad` frames with an
    error, `good` those without: by them a connection that talks nonsense is told.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self.bad = 0
        self.good = 0
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take in what came and return the frames that are whole now, in order, bad ones included."""
        raise NotImplementedError

    def finish(self) -> list[Frame]:
        """Say that nothing more will come; return what was unfinished, as frames (mostly CUT)."""
        raise NotImplementedError
