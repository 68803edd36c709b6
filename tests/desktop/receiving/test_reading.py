"""Whatever a line brings is read without a fault, and only registered devices are listened to (X14)."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access.stations import CHECK, MODBUS, RETIRED, TIME, UNKNOWN
from desktop.factor_table import load_factors
from desktop.receiving.reading import LONGEST_NAME, MOST_TOLD, Desk, Line
from domain.hj212 import write_frame
from domain.hj212.checksum import modbus_crc
from tests.desktop.receiving.conftest import frame, station

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
FACTORS = load_factors()
FRAMES = [frame(mn, minute) for mn in ("ONE", "TWO", "STRANGER") for minute in range(4)]
REGISTRY = {mn: replace(station(mn), number=number) for number, mn in enumerate(("ONE", "TWO"), 1)}


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A frame in which some bytes are others, or are missing."""
    data = bytearray(draw(st.sampled_from(FRAMES)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data) - 1))
        data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(changed(), st.binary(max_size=80)), max_size=8), st.integers(1, 200))
def test_any_bytes_are_read_and_only_of_registered_devices_taken(pieces: list[bytes], size: int) -> None:
    """X14."""
    desk = Desk(FACTORS, timedelta(days=1), REGISTRY)
    line, stream = Line(desk, "10.0.0.1"), b"".join(pieces)
    taken = [
        arrived
        for place in range(0, len(stream), size)
        for arrived in line.feed(stream[place : place + size], NOW)
    ]
    for arrived in taken:
        assert arrived.seen.station in (1, 2)
        assert all(sample.station == arrived.seen.station for sample in arrived.samples)
        assert all(NOW - desk.back <= sample.at <= NOW + timedelta(days=1) for sample in arrived.samples)
        assert all(b"CN=9014;" in answer for answer in arrived.answers)
    assert desk.counts.good >= len(taken)
    assert line.waste <= len(stream)


def heard(*sent: bytes, now: datetime = NOW) -> tuple[Desk, list[bytes]]:
    """Return the desk, and what is answered once all is stored."""
    desk = Desk(FACTORS, timedelta(days=1), REGISTRY)
    arrived = Line(desk, "10.0.0.1").feed(b"".join(sent), now)
    return desk, [answer for one in arrived for answer in one.answers]


def upload(cn: str, items: str) -> bytes:
    return write_frame(f"QN=20261121090000001;ST=39;CN={cn};PW=123456;MN=ONE;Flag=5;CP=&&{items}&&")


@pytest.mark.parametrize("time", ["DataTime=2026112108;", "DataTime=soon;", ""])
def test_values_without_a_time_are_listed_and_not_answered(time: str) -> None:
    """X14: 9014 says that they are stored, and the device would forget them."""
    desk, answers = heard(upload("2051", f"{time}LA-Avg=60,LA-Flag=N"))
    assert answers == []
    assert [(r.mn, r.reason) for r in desk.take_refusals()] == [("ONE", TIME)]


def test_what_brings_no_values_is_answered_whatever_its_time() -> None:
    for sent in (upload("2081", "DataTime=x;RestartTime=x"), upload("2051", "")):
        desk, answers = heard(sent)
        assert len(answers) == 1
        assert desk.take_refusals() == ()


def test_a_clock_is_ten_minutes_ahead_at_the_most() -> None:
    """X14: a value of a fast clock would stand, as the first, where the true one belongs later."""
    at = NOW - timedelta(minutes=9)
    assert len(heard(frame("ONE", 60), now=at)[1]) == 1
    desk, answers = heard(frame("ONE", 60), now=at - timedelta(minutes=2))
    assert answers == []
    assert [(r.mn, r.reason) for r in desk.take_refusals()] == [("ONE", TIME)]


def test_a_retired_station_is_heard_until_its_day_begins_in_the_city_and_listed_then() -> None:
    """X14: nothing of it is answered or kept, and whoever switches it off learns that it still speaks."""
    retired = {"ONE": replace(REGISTRY["ONE"], retired=date(2026, 11, 22)), "TWO": REGISTRY["TWO"]}
    desk = Desk(FACTORS, timedelta(days=9), retired, zone=ZoneInfo("Asia/Shanghai"))
    line, midnight = Line(desk, "10.0.0.1"), datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert len(list(line.feed(frame("ONE", 0), midnight - timedelta(seconds=1)))) == 1
    assert list(line.feed(frame("ONE", 1), midnight)) == []
    assert len(list(line.feed(frame("TWO", 1), midnight))) == 1
    assert [(r.mn, r.reason, r.frames) for r in desk.take_refusals()] == [("ONE", RETIRED, 1)]
    desk.registry = REGISTRY
    assert len(list(line.feed(frame("ONE", 1), midnight))) == 1


def test_a_flood_of_invented_names_is_bounded_by_names_and_reasons_and_by_length() -> None:
    """X14: until the next look at the registry; what is listed already goes on being counted."""
    desk = Desk(FACTORS, timedelta(days=1), REGISTRY)
    for number in range(MOST_TOLD):
        for reason in (UNKNOWN, MODBUS):
            desk.refuse(f"{number}-{'X' * 500}", reason, NOW, "10.0.0.1")
    desk.refuse(f"0-{'X' * 500}", MODBUS, NOW + timedelta(seconds=1), "10.0.0.2")
    told = {(one.mn, one.reason): one for one in desk.take_refusals()}
    assert len(told) == MOST_TOLD
    assert max(len(mn) for mn, _ in told) == LONGEST_NAME
    first = told[f"0-{'X' * 38}", MODBUS]
    assert (first.frames, first.since, first.at) == (2, NOW, NOW + timedelta(seconds=1))
    assert desk.take_refusals() == ()


def part(number: int, items: str) -> bytes:
    head = f"QN=2026112109000000{number};ST=39;CN=2051;PW=123456;MN=ONE;Flag=7;PNUM=2;PNO={number}"
    return write_frame(f"{head};CP=&&{items}&&")


def test_a_message_in_parts_that_is_given_up_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """X14: what was not understood for want of its other part was not answered, and somebody has to know."""
    caplog.set_level(logging.INFO)
    desk = Desk(FACTORS, timedelta(days=1), REGISTRY)
    for _ in range(3):
        line = Line(desk, "10.0.0.1")
        assert list(line.feed(part(2, "LA-Avg=60,LA-Flag=N"), NOW)) == []
        line.finish()
    assert desk.counts.given_up == 3
    (record,) = caplog.records
    assert "a 2051 in parts was given up" in record.message
    assert "not answered" in record.message
    assert "given_up 3" in desk.counts.since(type(desk.counts)())


def test_what_came_whole_is_not_given_up() -> None:
    desk = Desk(FACTORS, timedelta(days=1), REGISTRY)
    line = Line(desk, "10.0.0.1")
    both = part(1, "DataTime=20261121085900;LA-Avg=60,LA-Flag=N") + part(2, "Leq-Avg=61,Leq-Flag=N")
    assert [len(one.answers) for one in line.feed(both, NOW)] == [1, 1]
    line.finish()
    assert desk.counts.given_up == 0


def test_restarts_are_counted_and_told_of_no_more_than_that(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand devices start at once when the power comes back."""
    caplog.set_level(logging.INFO)
    desk, answers = heard(
        *(upload("2081", "DataTime=20261121090000;RestartTime=20261121085700") for _ in range(9))
    )
    assert (len(answers), desk.counts.restarts, caplog.records) == (9, 9, [])


def with_check(sent: bytes, given: int) -> bytes:
    return sent[:-6] + b"%04X\r\n" % given


def test_a_device_with_modbus_check_is_listed_by_its_name_and_not_answered() -> None:
    """X14: "bad 6" in a log tells no duty officer whom to call."""
    plain = modbus_crc(frame("ONE", 0)[6:-6])
    swapped = (plain & 0xFF) << 8 | plain >> 8
    sent = [with_check(frame("ONE", 0), plain), frame("ONE", 1), with_check(frame("ONE", 0), swapped)]
    desk, answers = heard(*sent, with_check(b"##0004junk0000\r\n", modbus_crc(b"junk")))
    assert len(answers) == 1
    listed = {(r.mn, r.reason): r.frames for r in desk.take_refusals()}
    assert listed == {("ONE", MODBUS): 2, ("", MODBUS): 1}
    assert (desk.counts.bad, desk.counts.refused) == (3, 0), "a frame is counted once"


def test_a_wrong_check_is_listed_once_it_is_the_device_s_own() -> None:
    """X14: of who was never heard at once; a line that garbles a frame now and then makes nobody refused."""
    wrong, good = with_check(frame("ONE", 0), 0), frame("ONE", 1)
    assert {(r.mn, r.reason): r.frames for r in heard(wrong)[0].take_refusals()} == {("ONE", CHECK): 1}
    assert heard(*(good, wrong, wrong) * 3)[0].take_refusals() == ()
    desk, _ = heard(good, wrong, wrong, wrong, wrong)
    assert [(r.mn, r.reason, r.frames) for r in desk.take_refusals()] == [("ONE", CHECK, 2)]
    assert heard(with_check(frame("STRANGER", 0), 0))[0].take_refusals() == (), "its name may be garbled"
