"""Cuts a stream of bytes into frames: `##`, length, segment, check, CR LF (HJ 212-2017, 6.2)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.hj212.checksum import CrcKind, crc, kind_of
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


_START = b"##"
_LINE_END = b"\r\n"
_HEAD = re.compile(rb"##(\d{4}|\d{3}(?=\D))")
_HEAD_SIZE = 6
_CHECK = re.compile(rb"[0-9A-Fa-f]{4}")
_CHECK_SIZE = 4
_BETWEEN = b"\r\n \t\0"
_STANDARD_SIZE = 1024
_REACH = 6 + LONGEST + 4 + 2
"""How far a frame's end is looked for, in bytes from its beginning."""


class Unframer:
    """Frames of one connection, however its bytes are cut: what comes out depends on the bytes alone.

    A frame ends where its length says, if the check there is right; else at CR LF or before the next `##`,
    whichever is first, so that a wrong length or a frame cut short never swallows the next one. Never raises.
    Holds at most one unfinished frame, so at most about `LONGEST` bytes.

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
        self._buffer += data
        return self._cut(ended=False)

    def finish(self) -> list[Frame]:
        """Say that nothing more will come; return what was unfinished, as frames (mostly CUT)."""
        frames = self._cut(ended=True)
        self._buffer.clear()
        return frames

    def _cut(self, *, ended: bool) -> list[Frame]:
        buffer = self._buffer
        frames: list[Frame] = []
        at = 0
        while True:
            start = buffer.find(_START, at)
            if start < 0:
                # A last `#` may be half of a beginning.
                start = len(buffer) - (not ended and buffer.endswith(b"#", at))
                self._skip(at, start)
                at = start
                break
            self._skip(at, start)
            at = start
            if len(buffer) - at < _HEAD_SIZE and not ended:
                break
            head = _HEAD.match(buffer, at)
            if head is None:
                self._skip(at, at + 1)
                at += 1
                continue
            found = self._frame(at, head.end(), head.end() + int(head[1]), ended=ended)
            if found is None:
                break
            frame, at = found
            if frame.ok:
                self.good += 1
            else:
                self.bad += 1
            frames.append(frame)
        del buffer[:at]
        return frames

    def _skip(self, start: int, end: int) -> None:
        if end > start:
            self.skipped += len(self._buffer[start:end].translate(None, _BETWEEN))

    def _frame(self, at: int, body: int, end: int, *, ended: bool) -> tuple[Frame, int] | None:
        """Return the frame that begins at `at` and where it ends, or None: more has to come."""
        buffer = self._buffer
        if buffer.find(_LINE_END, body, end + _CHECK_SIZE) < 0:
            if len(buffer) >= end + _CHECK_SIZE:
                segment, check = bytes(buffer[body:end]), bytes(buffer[end : end + _CHECK_SIZE])
                if _CHECK.fullmatch(check) and crc(segment) == int(check, 16):
                    return self._good(at, body, end, segment, check), end + _CHECK_SIZE
            elif not ended:
                return None
        stops = [
            stop
            for mark in (_LINE_END, _START)
            if (stop := buffer.find(mark, at + len(_START), at + _REACH)) >= 0
        ]
        if not stops and len(buffer) < at + _REACH and not ended:
            return None
        stop = min(stops, default=min(len(buffer), at + _REACH))
        if not stops and not ended:
            # A last `#` may be half of a beginning.
            stop -= buffer.endswith(b"#", at, stop)
        text = bytes(buffer[body:stop]).rstrip(_BETWEEN)
        segment, check = text[:-_CHECK_SIZE], text[-_CHECK_SIZE:]
        kind = kind_of(segment, int(check, 16)) if _CHECK.fullmatch(check) else None
        if kind is CrcKind.HJ212:
            return self._good(at, body, end, segment, check), stop
        is_cut = stop < end + _CHECK_SIZE and not buffer.startswith(_LINE_END, stop)
        if kind is None or (kind is CrcKind.WRONG and is_cut):
            error = FrameError.CUT if stops or ended else FrameError.ABSURD
            return Frame(bytes(buffer[at:stop]), b"", end - body, "", CrcKind.WRONG, error), stop
        raw = bytes(buffer[at:stop]).rstrip(_BETWEEN)
        return Frame(raw, segment, end - body, check.decode(), kind, FrameError.CRC), stop

    def _good(self, at: int, body: int, end: int, segment: bytes, check: bytes) -> Frame:
        declared = end - body
        oddities = []
        if body - at < _HEAD_SIZE:
            oddities.append(Oddity.LENGTH_DIGITS)
        # The standard counts characters; what is not ASCII is sent as UTF-8.
        if declared not in (len(segment), len(segment.decode("utf-8", "replace"))):
            oddities.append(Oddity.LENGTH)
        if len(segment) > _STANDARD_SIZE:
            oddities.append(Oddity.TOO_LONG)
        raw = bytes(self._buffer[at : body + len(segment) + _CHECK_SIZE])
        return Frame(raw, segment, declared, check.decode(), CrcKind.HJ212, None, tuple(oddities))
