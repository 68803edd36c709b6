"""The whole way of a byte through the decoder, for the fuzzers; by hand for as long as wanted:

python -m tests.domain.hj212.fuzzing MINUTES

`one_input` is what a coverage-guided fuzzer (atheris) calls.
"""

import random
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from domain.hj212 import (
    Factors,
    Frame,
    Joiner,
    MalformedSegmentError,
    Unframer,
    answer,
    crc,
    read_message,
    read_upload,
)
from domain.hj212.frame import LONGEST
from tests.domain.hj212.stations import FACTORS, NOW, station

STATION = station("w01018", "a34002", "a34013-Zs", "LA", "Ld", "SB1-RS")
SEEDS = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    b"1C80\r\n",
    b"##0201QN=20261121090000001;ST=32;CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNUM=2;PNO=1;CP=&&"
    b"DataTime=20261121080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=55.2,w01018-Max=71.3,w01018-Flag=N&&"
    b"8941\r\n",
)
SEGMENTS = (
    b"QN=20160801085857534,ST=32;CN=2011;PW=1;MN=X;Flag=5CP=&& DataTime=20160801085857;01018-Rtd=2.2,"
    b"w01018-Flag=T&&",
    b"ST=23;CN=2031;PW=1;MN=X;Flag=3;PNUM=3;PNO=2;CP=&&Ld-DayData=52.5;LA-td=1e400;SB1-RS=1;w01018-Flag=n",
    b"QN=1;ST=91;CN=9021;PW=1;MN=X;Flag=1;CP=&&DataTime=99991231235959;a34013-ZsRtd=nan,a34013-Flag=P&&",
)
TOKENS = tuple(b"## \r\n CP=&& && ; , = Flag= PNO= PNUM= DataTime= CN=2011".split(b" "))


def survive(data: bytes, cuts: Iterable[int], factors: Factors = FACTORS) -> list[Frame]:
    """Send bytes through all of the decoder, cut at these places; return the frames.

    Raises whatever the decoder raises that is not documented.
    """
    unframer, joiner = Unframer(), Joiner(most=3)
    frames: list[Frame] = []
    at = 0
    for cut in (*sorted(cuts), len(data)):
        frames += unframer.feed(data[at:cut])
        assert len(unframer._buffer) <= LONGEST + 12
        at = max(at, cut)
    frames += unframer.finish()
    parts = 0
    for place, frame in enumerate(frames):
        assert frame.raw in data
        try:
            message = read_message(frame.segment)
        except MalformedSegmentError:
            continue
        parts += message.parts is not None
        joined = joiner.add(message, NOW + timedelta(seconds=place))
        if joined is not None:
            read_upload(joined.message, STATION, factors)
            for source in joined.sources:
                answer(source)
    joiner.finish()
    assert len(joiner.take_given_up()) <= parts
    assert unframer.good + unframer.bad == len(frames)
    assert unframer.skipped + sum(len(frame.raw) for frame in frames) <= len(data)
    return frames


def framed(segment: bytes) -> bytes:
    """Put a right frame about any bytes, so that the fuzzers get behind the check."""
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc(segment))


def one_input(data: bytes) -> None:
    """Send a fuzzer's bytes through, as they are and as a segment behind a right check."""
    cut = data[0] if data else 0
    assert survive(data, (min(cut, len(data)),)) == survive(data, ())
    if data:
        survive(framed(data[1 : LONGEST + 1]), (min(cut, len(data)),))


def mutated(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return a seed with a few bytes changed, left out, doubled or put in."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(0, 6)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0 if place < len(data):
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randint(1, 12)]
            case 2:
                data[place:place] = chance.choice(TOKENS)
            case 3:
                data[place:place] = data[place : place + chance.randint(1, 30)]
            case _:
                data[place:place] = chance.randbytes(chance.randint(1, 4))
    return bytes(data)


def stream(chance: random.Random) -> bytes:
    """Return some frames, mutated inside and outside of the check, glued."""
    parts = []
    for _ in range(chance.randint(1, 4)):
        inside = framed(mutated(chance, SEGMENTS)[:LONGEST])
        parts.append(inside if chance.random() < 0.6 else mutated(chance, (*SEEDS, inside)))
    return b"".join(parts)


def _run(minutes: float) -> None:
    chance = random.Random(time.time_ns())
    end = time.monotonic() + 60 * minutes
    runs = frames = good = size = 0
    while time.monotonic() < end:
        data = stream(chance)
        found = survive(data, [chance.randrange(len(data) + 1) for _ in range(chance.randint(0, 3))])
        assert found == survive(data, ()), data
        runs, frames, size = runs + 1, frames + len(found), size + len(data)
        good += sum(frame.ok for frame in found)
    sys.stdout.write(f"{minutes} min: {runs:,} streams, {size:,} bytes, {frames:,} frames, {good:,} good\n")


if __name__ == "__main__":
    _run(float(sys.argv[1]))
