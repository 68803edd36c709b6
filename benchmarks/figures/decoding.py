"""Figure 10: HJ 212 frames that one core decodes in a second, to a message and to samples with an answer."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.bench import Bench
from benchmarks.machine import ROOT
from benchmarks.measure import Figure, Result
from domain.hj212 import Factors, Message, Unframer, answer, read_message, read_upload, write_upload
from domain.stations import DataFlag, Measure, Sample, Span, Station, StationKind

FRAMES = 20_000
QUICK_FRAMES = 2_000
CHUNK = 4_096
"""Bytes at a time, as a socket brings them: frames begin and end anywhere in them."""

BEGIN = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
FACTORS = {
    StationKind.DUST: ("a34001", "a34002", "a34004", "LA", "a01001", "a01002", "a01007", "a01008"),
    StationKind.WATER: ("w00000", "w01001", "w01018", "w21003", "w21011", "w21001"),
    StationKind.STACK: ("a34013", "a21026", "a21002", "a19001", "a01012", "a00000"),
    StationKind.NOISE: ("LA",),
    StationKind.AIR: ("a21026", "a21004", "a21005", "a05024", "a34002", "a34004"),
}


class DecodeBenchmark:
    """Needs no store. The rate is of the process' own time, so that other work beside it does not count."""

    name = "decode"
    sizes = (10_000,)
    figures = (
        Figure("decode_message", 10, "HJ 212: bytes to messages", "frames/s", more_is_better=True),
        Figure("decode_samples", 10, "HJ 212: bytes to samples and answers", "frames/s", more_is_better=True),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        stations = {kind.value: _station(kind) for kind in StationKind}
        table = ROOT / "resources" / "hj212" / "factors.csv"
        factors = Factors.of_csv(table.read_text(encoding="utf-8"))
        frames = frames_like_those_of_a_city(QUICK_FRAMES if bench.quick else FRAMES)
        stream = b"".join(frames)
        chunks = [stream[place : place + CHUNK] for place in range(0, len(stream), CHUNK)]
        size = round(len(stream) / len(frames))
        for figure, with_samples in zip(self.figures, (False, True), strict=True):
            rates = []
            for _ in range(bench.runs(9, 3)):
                begun = time.process_time()
                values = _decode(chunks, stations if with_samples else {}, factors)
                rates.append(len(frames) / (time.process_time() - begun))
            yield bench.result(figure, rates, bytes_a_frame=size, samples=values)


def _decode(chunks: list[bytes], stations: dict[str, Station], factors: Factors) -> int:
    """Decode all, as a receiver does, and return how many values came of it."""
    unframer = Unframer()
    values = 0
    for chunk in chunks:
        for frame in unframer.feed(chunk):
            message: Message = read_message(frame.segment)
            if stations:
                values += len(read_upload(message, stations[message.mn], factors).samples)
                answer(message)
    if unframer.bad or unframer.skipped:
        raise RuntimeError("the benchmark's own frames are not understood")
    return values


def frames_like_those_of_a_city(count: int) -> list[bytes]:
    """Return frames of all kinds of stations: mostly real-time values, some of minutes and hours."""
    random = Random("hj212")  # noqa: S311 - a benchmark wants the same frames every time
    frames = []
    for number in range(count):
        kind = random.choices(list(StationKind), (75, 20, 12, 15, 10))[0]
        span = random.choices((Span.REAL_TIME, Span.MINUTE, Span.HOUR), (10, 5, 1))[0]
        at = BEGIN + timedelta(seconds=number)
        samples = [_sample(random, factor, span, at) for factor in FACTORS[kind]]
        frames.append(write_upload(kind, kind.value, "123456", span, at, samples, sent_at=at))
    return frames


def _sample(random: Random, factor: str, span: Span, at: datetime) -> Sample:
    value = round(random.uniform(0, 200), 3)
    flag = random.choices((DataFlag.NORMAL, DataFlag.FAULT), (50, 1))[0]
    if span is Span.REAL_TIME:
        return Sample(0, factor, span, at, value, flag)
    return Sample(0, factor, span, at, value, flag, round(value / 2, 3), round(value * 2, 3))


def _station(kind: StationKind) -> Station:
    return Station(0, kind.value, "", kind, kind.value, tuple(Measure(code, "") for code in FACTORS[kind]))
