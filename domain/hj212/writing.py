"""Writes frames: answers of the platform, and uploads of emulated devices."""

from collections.abc import Iterable
from datetime import datetime

from domain.stations import Sample, Span, StationKind

ST = {
    StationKind.DUST: "39",
    StationKind.WATER: "32",
    StationKind.STACK: "31",
    StationKind.NOISE: "23",
    StationKind.AIR: "22",
}
"""The system code that a station of a kind sends (table 5)."""


def write_frame(segment: str) -> bytes:
    """Put length, check and CR LF about a segment.

    Raises:
        ValueError: it has more than 9,999 bytes.
    """
    raise NotImplementedError


def write_time(moment: datetime, *, milliseconds: bool = False) -> str:
    """Return a moment as the standard writes it: Beijing time, YYYYMMDDhhmmss, with zzz for a QN."""
    raise NotImplementedError


def write_upload(
    kind: StationKind,
    mn: str,
    pw: str,
    span: Span,
    at: datetime,
    samples: Iterable[Sample],
    *,
    sent_at: datetime,
    flag: int = 5,
) -> bytes:
    """Return one upload frame (2011, 2051, 2061 or 2031 by `span`) of samples of one moment.

    Values are written as they are: a device's unit is its own. `flag` is 5 for 2017 with an answer wanted, 4
    without, 1 for 2005, 9 for 2025.
    """
    raise NotImplementedError


def write_restart(
    kind: StationKind, mn: str, pw: str, at: datetime, restarted_at: datetime, *, flag: int = 5
) -> bytes:
    """Return a 2081: the logger tells that it was started."""
    raise NotImplementedError
