"""X14: who is answered with what."""

import json
from pathlib import Path

import pytest

from domain.hj212 import Unframer, answer, read_message, write_frame
from tests.domain.hj212.stations import MN, segment

QN = "20261121080000123"


def said(reply: bytes | None) -> str:
    """What a reply says, and that it is a right frame."""
    assert reply is not None
    (frame,) = Unframer().feed(reply)
    assert frame.ok
    assert frame.oddities == ()
    assert reply.endswith(b"\r\n")
    return frame.segment.decode()


@pytest.mark.parametrize(
    "cn", ["2011", "2021", "2031", "2041", "2051", "2061", "2081", "3015", "3019", "3020"]
)
def test_data_is_answered_with_9014(cn: str) -> None:
    reply = answer(read_message(segment("DataTime=20261121080000", cn)))
    assert said(reply) == f"QN={QN};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"


def test_the_answer_is_byte_for_byte_the_vector() -> None:
    expected = f"##0087QN={QN};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&2340\r\n"
    assert answer(read_message(segment("DataTime=20261121080000"))) == expected.encode()


@pytest.mark.parametrize("cn", ["1013", "2012", "2022", "9015"])
def test_notices_are_answered_with_9013(cn: str) -> None:
    assert ";CN=9013;" in said(answer(read_message(segment("", cn))))


def test_a_login_is_answered() -> None:
    assert said(answer(read_message(segment("", "9021")))).endswith(
        f";CN=9022;PW=123456;MN={MN};Flag=4;CP=&&Logon=1&&"
    )


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014", "9022", "1011", ""])
def test_answers_are_not_answered(cn: str) -> None:
    assert answer(read_message(segment("", cn))) is None


def test_no_answer_is_sent_that_is_not_wanted() -> None:
    assert answer(read_message(segment("", flag="Flag=4;"))) is None


def test_each_edition_is_answered_in_its_own_manner() -> None:
    old = said(answer(read_message(segment("", flag="Flag=1;"))))
    assert old == f"ST=91;CN=9014;PW=123456;MN={MN};Flag=0;CP=&&QN={QN}&&"
    assert read_message(old.encode()).qn == QN
    new = said(answer(read_message(segment("", flag="Flag=9;"))))
    assert new == f"QN={QN};ST=91;CN=9014;PW=123456;MN={MN};Flag=8;CP=&&&&"


def test_a_part_is_answered_as_a_whole() -> None:
    reply = said(answer(read_message(segment("", flag="Flag=7;PNUM=2;PNO=1;"))))
    assert reply.endswith("Flag=4;CP=&&&&")


def test_an_answer_that_fits_no_frame_is_none() -> None:
    long = b"QN=1;ST=32;CN=2011;PW=1;MN=%b;Flag=5;CP=&&&&" % (b"\xff" * 9900)
    assert answer(read_message(long)) is None
    with pytest.raises(ValueError, match="10000 bytes"):
        write_frame("x" * 10_000)


def test_every_upload_of_the_recorded_session(shared_data: Path) -> None:
    """The platform of the session answered 465 uploads; each of ours names the QN that theirs named."""
    ours, theirs = {}, set()
    with (shared_data / "hj212" / "session_part.jsonl").open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            (frame,) = Unframer().feed(line["packet"].encode())
            message = read_message(frame.segment)
            if message.cn == "9014":
                theirs.add(message.qn)
            elif line["dir"] == "device->platform" and message.cn.startswith("20"):
                ours[message.qn] = said(answer(message)).startswith(f"QN={message.qn};ST=91;CN=9014;")
    assert all(ours.values())
    assert len(ours) > 400
    assert len(theirs & ours.keys()) > 400
