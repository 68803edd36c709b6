"""X14, T25: frames out of a stream of bytes, and the check that Modbus' is not."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hj212 import CrcKind, Frame, FrameError, Oddity, Unframer, crc
from domain.hj212.checksum import kind_of, modbus_crc
from domain.hj212.frame import LONGEST
from tests.domain.hj212.fuzzing import SEEDS, framed, mutated, stream, survive

STANDARD = SEEDS[0]
"""The example of the standard itself."""

VECTORS = (
    STANDARD,
    b"##0194QN=20261121080000123;ST=39;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&"
    b"DataTime=20261121080000;a34002-Rtd=0.187,a34002-Flag=N;a34004-Rtd=0.066,a34004-Flag=N;"
    b"LA-Rtd=68.4,LA-Flag=N&&3FC0\r\n",
    b"##0087QN=20261121080000123;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&2340\r\n",
    SEEDS[1],
    b"##0197QN=20261121090000002;ST=32;CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNUM=2;PNO=2;CP=&&"
    b"DataTime=20261121080000;w21003-Cou=2.1,w21003-Min=1.1,w21003-Avg=1.4,w21003-Max=1.9,w21003-Flag=D&&"
    b"C181\r\n",
)
SEGMENT = b"ST=32;CN=2011;PW=123456;MN=X;CP=&&&&"


def frames_of(data: bytes) -> list[Frame]:
    unframer = Unframer()
    return unframer.feed(data) + unframer.finish()


def plain_crc(data: bytes) -> int:
    """The standard's algorithm, bit by bit as annex A tells it."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


@given(st.binary(max_size=600))
def test_the_check_is_the_standards(data: bytes) -> None:
    assert crc(data) == plain_crc(data)


def test_the_check_of_the_longest_segment() -> None:
    data = random.Random(1).randbytes(LONGEST)
    assert crc(data) == plain_crc(data)


def test_modbus_is_told_from_it() -> None:
    segment = STANDARD[6:-6]
    assert crc(segment) == 0x1C80
    assert modbus_crc(segment) == 0x0759
    assert modbus_crc(b"123456789") == 0x4B37  # the value that every catalogue of checks prints
    assert kind_of(segment, 0x1C80) is CrcKind.HJ212
    assert kind_of(segment, 0x0759) is CrcKind.MODBUS
    assert kind_of(segment, 0x5907) is CrcKind.MODBUS_BYTESWAPPED
    assert kind_of(segment, 0x1C08) is CrcKind.WRONG  # the standard's own misprint


@pytest.mark.parametrize("frame", VECTORS)
def test_the_vectors(frame: bytes) -> None:
    (found,) = frames_of(frame)
    assert found.ok
    assert found.crc_kind is CrcKind.HJ212
    assert found.segment == frame[6:-6]
    assert found.declared == int(frame[2:6])
    assert found.oddities == ()
    assert found.raw + b"\r\n" == frame


def test_cut_at_every_byte() -> None:
    data = b"".join(VECTORS)
    whole = frames_of(data)
    assert len(whole) == len(VECTORS)
    for cut in range(len(data) + 1):
        unframer = Unframer()
        assert unframer.feed(data[:cut]) + unframer.feed(data[cut:]) == whole
        assert unframer.skipped == 0
    unframer = Unframer()
    assert [frame for byte in data for frame in unframer.feed(bytes([byte]))] == whole


GARBAGE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"#", b"##", b"###", b"##0", b"##0101", b"##9999QN=", b"\r\n", b"GET / HTTP/1.1\r\n", STANDARD[:60]]
    ),
)


@given(st.lists(st.tuples(GARBAGE, st.sampled_from(VECTORS)), max_size=6), GARBAGE, st.data())
def test_garbage_between_frames_loses_and_invents_nothing(
    parts: list[tuple[bytes, bytes]], last: bytes, data: st.DataObject
) -> None:
    sent = b"".join(garbage + frame for garbage, frame in parts) + last
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=5))
    found = survive(sent, cuts)
    assert found == survive(sent, ())
    assert [frame.segment for frame in found if frame.ok] == [frame[6:-6] for _, frame in parts]


def test_a_frame_cut_short_does_not_swallow_the_next() -> None:
    for kept in range(7, len(STANDARD) - 2):
        bad, *good = frames_of(STANDARD[:kept] + VECTORS[1])
        assert bad.error in (FrameError.CUT, FrameError.CRC), kept
        assert [frame.segment for frame in good] == [VECTORS[1][6:-6]]


@given(st.integers(1, len(STANDARD) - 3))
def test_an_unfinished_frame_at_the_end(kept: int) -> None:
    assert not any(frame.ok for frame in frames_of(STANDARD[:kept]))
    if kept >= 6:
        assert [frame.error for frame in frames_of(STANDARD[:kept])] == [FrameError.CUT]


def test_without_a_line_end() -> None:
    glued = b"".join(frame.removesuffix(b"\r\n") for frame in VECTORS)
    assert [frame.ok for frame in frames_of(glued)] == [True] * len(VECTORS)
    modbus = framed(SEGMENT)[:-6] + b"%04X" % modbus_crc(SEGMENT)
    kinds = [frame.crc_kind for frame in frames_of(modbus + modbus + STANDARD)]
    assert kinds == [CrcKind.MODBUS, CrcKind.MODBUS, CrcKind.HJ212]


def test_a_frame_is_there_before_its_line_end() -> None:
    """A device that waits for the answer does not have to send more."""
    unframer = Unframer()
    assert len(unframer.feed(STANDARD[:-2])) == 1
    assert unframer.feed(b"\r\n") == []
    assert unframer.skipped == 0


@pytest.mark.parametrize(
    ("declared", "oddities"),
    [
        (b"0036", ()),
        (b"036", (Oddity.LENGTH_DIGITS,)),
        (b"0035", (Oddity.LENGTH,)),
        (b"0099", (Oddity.LENGTH,)),
        (b"0000", (Oddity.LENGTH,)),
        (b"9999", (Oddity.LENGTH,)),
    ],
)
def test_a_wrong_length_is_seen_and_forgiven(declared: bytes, oddities: tuple[Oddity, ...]) -> None:
    frame = b"##" + declared + framed(SEGMENT)[6:]
    first, second = frames_of(frame + STANDARD)
    assert (first.ok, first.segment, first.oddities) == (True, SEGMENT, oddities)
    assert second.ok


def test_a_length_in_characters_is_right() -> None:
    segment = "QN=1;ST=32;CN=3020;PW=1;MN=X;Flag=5;CP=&&i11001-Info=//清洗管路//&&".encode()
    characters = len(segment.decode())
    frame = b"##%04d%b%04X\r\n" % (characters, segment, crc(segment))
    assert [(each.ok, each.oddities) for each in frames_of(frame)] == [(True, ())]
    assert [(each.ok, each.oddities) for each in frames_of(framed(segment))] == [(True, ())]


def test_small_letters_and_great_lengths() -> None:
    (small,) = frames_of(STANDARD.replace(b"1C80", b"1c80"))
    assert small.ok
    (long,) = frames_of(framed(SEGMENT.replace(b"&&&&", b"&&" + b"a" * 1500 + b"&&")))
    assert (long.ok, long.oddities) == (True, (Oddity.TOO_LONG,))


def test_what_has_no_check_is_no_hexadecimal_number() -> None:
    for check in (b"+C80", b"1_80", b" 1C8", b"1C8\n", b"\xef\xbc\x91C"):
        (frame,) = frames_of(STANDARD.replace(b"1C80", check))
        assert not frame.ok, check


def test_no_end_and_no_memory() -> None:
    """Endless bytes behind a beginning come out in pieces, and what follows is found."""
    unframer = Unframer()
    flood = b"##0010" + b"x" * 25_000
    pieces = [flood[place : place + 1000] for place in range(0, len(flood), 1000)]
    found = [frame for piece in pieces for frame in unframer.feed(piece)]
    assert [frame.error for frame in found] == [FrameError.ABSURD]
    assert len(found[0].raw) < LONGEST + 20
    assert unframer.feed(STANDARD)[0].ok
    assert (unframer.good, unframer.bad) == (1, 1)
    assert unframer.skipped == len(flood) - len(found[0].raw)


def test_a_beginning_across_the_furthest_place() -> None:
    """The cut of an absurd frame never goes through the two signs that begin the next one."""
    for size in range(LONGEST - 5, LONGEST + 20):
        data = b"##0010" + b"x" * size + STANDARD
        assert [frame.segment for frame in frames_of(data) if frame.ok] == [STANDARD[6:-6]], size


@given(st.integers(0, 10**9))
def test_mutations(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        data = stream(chance)
        cuts = [chance.randrange(len(data) + 1) for _ in range(3)]
        assert survive(data, cuts) == survive(data, range(len(data)))


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    survive(data, range(len(data)))


@given(st.binary(max_size=300))
def test_any_segment_behind_a_right_check(segment: bytes) -> None:
    survive(framed(segment), ())


def test_the_mutations_reach_far() -> None:
    """The fuzzer would be worth little if all of its frames fell at the check."""
    chance = random.Random(7)
    found = [frame for _ in range(200) for frame in survive(stream(chance), ())]
    good = sum(frame.ok for frame in found)
    assert 0.3 * len(found) < good < 0.95 * len(found)
    assert len({mutated(chance, SEEDS) for _ in range(50)}) > 30
