"""X14, T25: what a segment says; public frames and the standard's examples (../shared/data/hj212)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.hj212 import Edition, MalformedSegmentError, Oddity, Unframer, read_message
from tests.domain.hj212.stations import segment

HEAD = "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=X"


def lines(shared_data: Path, name: str) -> Iterator[dict[str, Any]]:
    with (shared_data / "hj212" / name).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def test_every_public_packet(shared_data: Path) -> None:
    packets = list(lines(shared_data, "packets.jsonl"))
    assert len(packets) == 40
    for packet in packets:
        (frame,) = Unframer().feed(packet["packet"].encode())
        message = read_message(frame.segment)
        found = (frame.ok, frame.crc_kind, message.fields, frame.declared, frame.crc_given)
        expected = (
            packet["valid"],
            packet["crc_kind"],
            packet["fields"],
            packet["len_declared"],
            packet["crc_given"],
        )
        assert found == expected, packet["packet"]
        assert list(message.fields) == list(packet["fields"]), "the order of the header"


def test_all_public_packets_in_one_stream(shared_data: Path) -> None:
    packets = list(lines(shared_data, "packets.jsonl"))
    unframer = Unframer()
    found = unframer.feed("".join(packet["packet"] for packet in packets).encode())
    assert [frame.ok for frame in found] == [packet["valid"] for packet in packets]
    assert unframer.skipped == 0


def test_the_recorded_session(shared_data: Path) -> None:
    unframer, session = Unframer(), list(lines(shared_data, "session_part.jsonl"))
    for line in session:
        (frame,) = unframer.feed(line["packet"].encode())
        message = read_message(frame.segment)
        assert (frame.ok, message.cn, message.qn) == (line["crc_ok"], line["CN"], line["QN"])
        assert message.edition is Edition.OF_2017
        assert message.oddities == ()
    assert (len(session), unframer.good) == (1200, 1200)


def test_every_example_of_the_standard(shared_data: Path) -> None:
    """Annex C of HJ 212-2017: the complete ones without exception, the shortened ones as far as they go."""
    examples = list(lines(shared_data, "standard_annexC_segments.jsonl"))
    odd: dict[Oddity, int] = {}
    for example in examples:
        message = read_message(example["segment"].encode())
        assert (message.st, message.cn) == (example["ST"], example["CN"])
        assert message.edition is Edition.OF_2017
        assert message.qn.startswith("2016080")
        for oddity in message.oddities:
            odd[oddity] = odd.get(oddity, 0) + 1
        if example["complete"]:
            assert set(message.oddities) <= {Oddity.BLANKS}, example["segment"]
    assert sum(example["complete"] for example in examples) > 100
    assert odd.keys() == {
        Oddity.BLANKS,
        Oddity.ELLIPSIS,
        Oddity.COMMA_IN_HEADER,
        Oddity.NO_SEPARATOR,
        Oddity.NO_CLOSING,
        Oddity.EMPTY_ITEM,
    }


def test_the_comma_of_tables_c22_and_c48() -> None:
    message = read_message(b"QN=20160801085857534,ST=32;CN=2061;PW=1;MN=X;Flag=5;CP=&&DataTime=1&&")
    assert (message.qn, message.st, message.cn) == ("20160801085857534", "32", "2061")
    assert message.oddities == (Oddity.COMMA_IN_HEADER,)


def test_a_missing_separator_and_blanks() -> None:
    message = read_message(f"{HEAD}; Flag=5CP=&& DataTime=20160801085857; LA-Rtd =50.1 && ".encode())
    assert (message.flag, message.groups) == (5, ((("DataTime", "20160801085857"),), (("LA-Rtd", "50.1"),)))
    assert message.oddities == (Oddity.NO_SEPARATOR, Oddity.BLANKS)


def test_an_ellipsis_is_no_part_of_a_value() -> None:
    message = read_message(segment("SB1-RS=1;SB2-RS=0…"))
    assert message.value("SB2-RS") == "0"
    assert message.oddities == (Oddity.ELLIPSIS,)


@pytest.mark.parametrize(
    ("flag", "edition", "wants_answer", "oddities"),
    [
        ("Flag=0;", Edition.OF_2005, False, ()),
        ("Flag=1;", Edition.OF_2005, True, ()),
        ("Flag=4;", Edition.OF_2017, False, ()),
        ("Flag=5;", Edition.OF_2017, True, ()),
        ("Flag=8;", Edition.OF_2025, False, ()),
        ("Flag=9;", Edition.OF_2025, True, ()),
        ("Flag=13;", None, True, (Oddity.UNKNOWN_VERSION,)),
        ("Flag=7;", Edition.OF_2017, True, (Oddity.PART_NUMBERS,)),
        ("", Edition.OF_2005, False, (Oddity.NO_FLAG,)),
        ("Flag=x;", Edition.OF_2005, False, (Oddity.BAD_FLAG,)),
        ("Flag=-1;", Edition.OF_2005, False, (Oddity.BAD_FLAG,)),
        ("Flag=256;", Edition.OF_2005, False, (Oddity.BAD_FLAG,)),
        ("Flag=５;", Edition.OF_2005, False, (Oddity.BAD_FLAG,)),
    ],
)
def test_editions(
    flag: str, edition: Edition | None, wants_answer: bool, oddities: tuple[Oddity, ...]
) -> None:
    message = read_message(segment("", flag=flag))
    assert (message.edition, message.wants_answer, message.oddities) == (edition, wants_answer, oddities)


@pytest.mark.parametrize(
    ("numbers", "part", "oddities"),
    [
        ("Flag=7;PNUM=2;PNO=1;", (1, 2), ()),
        ("Flag=7;PNO=0002;PNUM=0002;", (2, 2), ()),
        ("Flag=5;PNUM=2;PNO=1;", (1, 2), (Oddity.PART_NUMBERS,)),
        ("Flag=7;PNUM=1;PNO=1;", (None, None), ()),
        ("Flag=7;PNUM=2;PNO=3;", (None, None), (Oddity.PART_NUMBERS,)),
        ("Flag=7;PNUM=2;PNO=0;", (None, None), (Oddity.PART_NUMBERS,)),
        ("Flag=7;PNUM=99999999;PNO=1;", (None, None), (Oddity.PART_NUMBERS,)),
    ],
)
def test_part_numbers(
    numbers: str, part: tuple[int | None, int | None], oddities: tuple[Oddity, ...]
) -> None:
    message = read_message(segment("", flag=numbers))
    assert ((message.part, message.parts), message.oddities) == (part, oddities)


def test_an_answer_of_2005_names_its_request_inside() -> None:
    message = read_message(b"ST=91;CN=9013;PW=123456;MN=X;Flag=0;CP=&&QN=20170516010101001&&")
    assert (message.qn, message.oddities) == ("20170516010101001", ())


def test_bytes_that_are_no_text() -> None:
    message = read_message(segment("i11001-Info=x").replace(b"=x&&", b"=\xff\xfe&&"))
    assert message.value("i11001-Info") == "\ufffd\ufffd"
    assert message.oddities == (Oddity.NOT_UTF8,)


@pytest.mark.parametrize("data", [b"", b"QN=1;ST=32", b"CP=", b"cp=&&&&", b"\xff"])
def test_what_is_no_segment(data: bytes) -> None:
    with pytest.raises(MalformedSegmentError):
        read_message(data)
