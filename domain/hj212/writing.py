"""Writes frames: answers of the platform, and uploads of emulated devices."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from domain.hj212.checksum import crc
from domain.hj212.frame import LONGEST
from domain.stations import Sample, Span, StationKind

ST = {
    StationKind.DUST: "39",
    StationKind.WATER: "32",
    StationKind.STACK: "31",
    StationKind.NOISE: "23",
    StationKind.AIR: "22",
}
"""The system code that a station of a kind sends (table 5)."""

_BEIJING = timedelta(hours=8)
_COMMANDS = {Span.REAL_TIME: "2011", Span.MINUTE: "2051", Span.HOUR: "2061", Span.DAY: "2031"}
_NAMED_BY_TIME = {"Ld": "Day", "Ln": "Night"}
_LONGEST_CP = 950
_PART_BIT = 2


def write_frame(segment: str) -> bytes:
    """Put length, check and CR LF about a segment. The length is in bytes.

    Raises:
        ValueError: it has more than 9,999 bytes.
    """
    data = segment.encode()
    if len(data) > LONGEST:
        raise ValueError(f"{len(data)} bytes do not fit into a frame")
    return b"##%04d%b%04X\r\n" % (len(data), data, crc(data))


def write_time(moment: datetime, *, milliseconds: bool = False) -> str:
    """Return a moment as the standard writes it: Beijing time, YYYYMMDDhhmmss, with zzz for a QN."""
    local = moment.astimezone(UTC) + _BEIJING
    text = f"{local:%Y%m%d%H%M%S}"
    return f"{text}{local.microsecond // 1000:03d}" if milliseconds else text


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
    """Return an upload (2011, 2051, 2061 or 2031 by `span`) of samples of one moment.

    It is one frame, or several sub-packets in a row, each with a QN of its own, where it would be longer than
    the standard allows. Values are written as they are: a device's unit is its own. `flag` is 5 for 2017 with
    an answer wanted, 4 without, 1 for 2005, 9 for 2025.
    """
    time = f"DataTime={write_time(at)}"
    bodies = [""]
    for item in _items(span, samples):
        if len(time) + len(bodies[-1]) + 1 + len(item) > _LONGEST_CP:
            bodies.append("")
        bodies[-1] += f";{item}"
    frames = []
    for number, body in enumerate(bodies, 1):
        qn = write_time(sent_at + timedelta(milliseconds=number - 1), milliseconds=True)
        head = f"QN={qn};ST={ST[kind]};CN={_COMMANDS[span]};PW={pw};MN={mn}"
        parts = f"{flag | _PART_BIT};PNUM={len(bodies)};PNO={number}" if len(bodies) > 1 else f"{flag}"
        frames.append(write_frame(f"{head};Flag={parts};CP=&&{time}{body}&&"))
    return b"".join(frames)


def _items(span: Span, samples: Iterable[Sample]) -> Iterator[str]:
    """One item of CP a factor; what is converted (-Zs) or a day's or night's goes with its factor."""
    items: dict[str, list[str]] = {}
    flags: dict[str, str] = {}
    for sample in samples:
        code, _, suffix = sample.factor.partition("-")
        items.setdefault(code, []).extend(_fields(span, code, suffix, sample))
        flags.setdefault(code, f"{code}-Flag={sample.flag.value}")
    for code, fields in items.items():
        yield ",".join((*fields, flags[code]))


def _fields(span: Span, code: str, suffix: str, sample: Sample) -> Iterator[str]:
    if code.startswith("L"):
        name = "Rtd" if span is Span.REAL_TIME else f"{_NAMED_BY_TIME.get(code, suffix)}Data"
        named: tuple[tuple[str, float | None], ...] = ((name, sample.value),)
    elif span is Span.REAL_TIME:
        named = ((f"{suffix}Rtd", sample.value),)
    else:
        named = (
            ("Cou", None if suffix else sample.total),
            (f"{suffix}Min", sample.low),
            (f"{suffix}Avg", sample.value),
            (f"{suffix}Max", sample.high),
        )
    for name, value in named:
        if value is not None:
            yield f"{code}-{name}={_number(value)}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
