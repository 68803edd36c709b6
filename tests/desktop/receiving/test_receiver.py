"""What devices send over sockets is stored once and answered when it is, however its bytes come (X14)."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from data_access import schema
from data_access.stations import put_stations
from data_access.store import Store
from desktop.receiving import batches, server, service
from desktop.receiving.service import Listening, Receiving
from domain.hj212 import write_frame
from tests.desktop.receiving.conftest import (
    AT,
    Device,
    device,
    frame,
    qn_of,
    receiving,
    station,
    stored,
    until,
)

KNOWN = ["SPLIT", "GLUED", "GARBAGE", "TWICE", "QUIET", "PASSWORD", "CLOCK", "FLOOD", "SLOW", "PARTS"]


@pytest.fixture(scope="module")
def receiver(kept: Store) -> Iterator[Receiving]:
    with receiving(kept, KNOWN) as running:
        yield running


def test_a_frame_may_be_split_at_every_byte(receiver: Receiving, kept: Store) -> None:
    """X14."""
    sent = [frame("SPLIT", minute, minute / 10) for minute in range(3)]
    with device(receiver) as speaker:
        speaker.socket.setsockopt(6, 1, 1)  # TCP_NODELAY: each byte goes by itself
        for byte in b"".join(sent):
            speaker.send(bytes([byte]))
        answers = speaker.hear(3)
        for one in sent:
            for cut in range(1, len(one), 29):
                speaker.send(one[:cut])
                speaker.send(one[cut:])
        cuts = 3 * len(range(1, len(sent[0]), 29))
        answers += speaker.hear(cuts)
    assert [qn_of(answer) for answer in answers[:3]] == [qn_of(one) for one in sent]
    assert len(stored(kept, "SPLIT")) == 6


def test_glued_frames_are_all_answered_in_their_order(receiver: Receiving, kept: Store) -> None:
    """X14."""
    sent = [frame("GLUED", minute) for minute in range(500)]
    with device(receiver) as speaker:
        speaker.send(b"".join(sent))
        answers = speaker.hear(500)
    assert [qn_of(answer) for answer in answers] == [qn_of(one) for one in sent]
    assert all(b"CN=9014;" in answer and b"ST=91;" in answer for answer in answers)
    assert len(stored(kept, "GLUED")) == 1000


def test_garbage_between_frames_loses_and_invents_nothing(receiver: Receiving, kept: Store) -> None:
    """X14."""
    chance = random.Random(1)
    sent = [frame("GARBAGE", minute) for minute in range(200)]
    with device(receiver) as speaker:
        for one in sent:
            noise = bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
            cut = chance.randrange(4, len(one) - 6)
            broken = chance.choice([b"", one[:cut] + b"\r\n", one[:-6] + b"0000\r\n", b"##", b"##99"])
            speaker.send(noise.replace(b"#", b"") + broken + one)
        answers = speaker.hear(200)
    assert [qn_of(answer) for answer in answers] == [qn_of(one) for one in sent]
    assert len(stored(kept, "GARBAGE")) == 400


def test_what_is_sent_again_is_answered_again_and_stored_once(receiver: Receiving, kept: Store) -> None:
    """X14: out of order, repeated and back-filled."""
    order = [5, 1, 5, 3, 1, 0, 5]
    with device(receiver) as speaker, device(receiver) as other:
        for place, minute in enumerate(order):
            (speaker, other)[place % 2].send(frame("TWICE", minute, 0.1 + place))
        speaker.hear(4)
        other.hear(3)
    found = stored(kept, "TWICE")
    assert sorted({at for _, at in found}) == [AT + timedelta(minutes=minute) for minute in (0, 1, 3, 5)]


def test_without_the_answer_flag_nothing_is_said(receiver: Receiving, kept: Store) -> None:
    with device(receiver) as speaker:
        speaker.send(frame("QUIET", 0, flag=4) + frame("QUIET", 1))
        (answer,) = speaker.hear(1)
        assert qn_of(answer) == qn_of(frame("QUIET", 1))
    assert len(stored(kept, "QUIET")) == 4


def reasons(store: Store, mn: str) -> dict[str, int]:
    unknown = schema.unknown_device.c
    query = select(unknown.reason, unknown.frames).where(unknown.mn == mn)
    return {row.reason: row.frames for row in store.read(lambda c: c.execute(query).all())}


def refused(store: Store, mn: str) -> tuple[str, int] | None:
    """The only reason for which a device is listed, and how many frames."""
    return next(iter(reasons(store, mn).items()), None) if len(reasons(store, mn)) < 2 else None


def test_strangers_and_wrong_passwords_are_listed_and_told_nothing(receiver: Receiving, kept: Store) -> None:
    """X14: unknown devices are refused and listed."""
    with device(receiver) as speaker:
        speaker.send(frame("STRANGER", 0) + frame("STRANGER", 1))
        speaker.send(frame("A\0B\n" + "C" * 500, 0))
        speaker.send(frame("PASSWORD", 0, password="guess"))
        # A registered one behind them, through the same gateway, is answered.
        speaker.send(frame("PASSWORD", 1))
        (answer,) = speaker.hear(1)
    assert qn_of(answer) == qn_of(frame("PASSWORD", 1))
    until(lambda: refused(kept, "STRANGER") == ("unknown", 2))
    # What a name may not have is not kept of it.
    until(lambda: refused(kept, "A\ufffdB\ufffd" + "C" * 36) == ("unknown", 1))
    until(lambda: refused(kept, "PASSWORD") == ("password", 1))
    assert len(stored(kept, "PASSWORD")) == 2
    with device(receiver) as speaker:
        speaker.send((frame("PASSWORD", 0)[:-6] + b"0000\r\n") * 4)
        until(lambda: set(reasons(kept, "PASSWORD")) == {"password", "check"})
    assert reasons(kept, "PASSWORD")["password"] == 1, "what came first is still listed"
    assert stored(kept, "STRANGER") == {}


def test_who_is_registered_is_heard_soon_and_no_longer_listed(receiver: Receiving, kept: Store) -> None:
    with device(receiver) as speaker:
        speaker.send(frame("NEW", 0))
        until(lambda: refused(kept, "NEW") == ("unknown", 1))
        kept.write(lambda c: put_stations(c, [station("NEW")]))
        until(lambda: refused(kept, "NEW") is None)
        speaker.send(frame("NEW", 0))
        speaker.hear(1)
    assert len(stored(kept, "NEW")) == 2


def test_a_clock_beyond_use_is_listed_and_not_answered(receiver: Receiving, kept: Store) -> None:
    ahead = 60 * 24 * 365 * 100
    with device(receiver) as speaker:
        speaker.send(frame("CLOCK", ahead) + frame("CLOCK", 0))
        (answer,) = speaker.hear(1)
    assert qn_of(answer) == qn_of(frame("CLOCK", 0))
    until(lambda: refused(kept, "CLOCK") == ("time", 1))
    assert len(stored(kept, "CLOCK")) == 2


def refuses(speaker: Device, flood: bytes) -> bool:
    """Whether the connection is ended by what floods it."""
    try:
        for _ in range(10_000):
            speaker.send(flood)
    except ConnectionError:
        return True
    return False


def test_who_sends_nothing_of_use_is_dropped(receiver: Receiving, kept: Store) -> None:
    """Bytes without end, broken frames without end, strangers without end."""
    chance = random.Random(2)
    floods = (
        bytes(chance.randrange(256) for _ in range(server.MOST_WASTE // 4)),
        frame("FLOOD", 0)[:-6] + b"0000\r\n",
        frame("NOBODY", 0),
    )
    for flood in floods:
        with device(receiver) as speaker:
            assert refuses(speaker, flood)
    assert stored(kept, "FLOOD") == {}


def test_who_does_not_read_its_answers_is_dropped_and_its_values_are_stored(
    receiver: Receiving, kept: Store
) -> None:
    with device(receiver) as speaker:
        speaker.socket.setsockopt(1, 8, 2048)  # SO_RCVBUF
        sent = 0
        try:
            for start in range(0, 40_000, 200):
                speaker.send(b"".join(frame("SLOW", start + minute - 40_000) for minute in range(200)))
                sent += 200
        except (ConnectionError, TimeoutError):
            pass
        assert sent < 40_000
    assert len(stored(kept, "SLOW")) > 0


def test_parts_with_names_of_their_own_are_put_together(receiver: Receiving, kept: Store) -> None:
    """X14: sub-packets are reassembled though their QN differ; each is answered."""
    head = "ST=39;CN=2051;PW=123456;MN=PARTS;Flag=7;PNUM=3;PNO={};CP=&&{}&&"
    bodies = (
        "DataTime=20261121080000;a34002-Min=0.1,a34002-Avg=0.2",
        "a34002-Max=0.3,a34002-Flag=N",
        "LA-Avg=61.5,LA-Flag=N",
    )
    names = [f"2026112108010000{number}" for number in range(1, 4)]
    with device(receiver) as speaker:
        for number, (name, body) in enumerate(zip(names, bodies, strict=True), 1):
            speaker.send(write_frame(f"QN={name};" + head.format(number, body)))
        answers = speaker.hear(3)
    assert sorted(qn_of(answer).decode() for answer in answers) == names
    assert stored(kept, "PARTS") == {("a34002", AT): 0.2, ("LA", AT): 61.5}


@pytest.mark.faults_expected
def test_a_second_receiver_takes_the_port_when_the_first_one_ends(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.1)
    with receiving(kept, ["HEIR"]) as first:
        second = Receiving(kept, Listening("127.0.0.1", first.port or 0, back=timedelta(days=9000)))
        second.start()
        assert not second.wait_until_listening(1)
    try:
        assert second.wait_until_listening(30)
        with device(second) as speaker:
            speaker.send(frame("HEIR", 0))
            speaker.hear(1)
    finally:
        asyncio.run(second.stop())
    assert second.port is None
    assert len(stored(kept, "HEIR")) == 2


def test_each_message_of_a_crowd_is_read_on_after_a_rest(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back-pressure: who sends faster than can be stored is read no further for a while; nothing is lost."""
    monkeypatch.setattr(batches, "FULL", 20)
    monkeypatch.setattr(batches, "ROOM", 5)
    monkeypatch.setattr(batches, "MOST_IN_BATCH", 10)
    with receiving(kept, ["FAST"]) as receiver, device(receiver) as speaker:
        speaker.send(b"".join(frame("FAST", minute) for minute in range(400)))
        assert len(speaker.hear(400)) == 400
    assert len(stored(kept, "FAST")) == 800


def test_a_session_of_a_real_device_is_answered_upload_by_upload(kept: Store, shared_data: Path) -> None:
    """X14: every upload with the answer flag is answered by 9014 with its QN (session_part.jsonl)."""
    lines = (shared_data / "hj212" / "session_part.jsonl").read_text(encoding="utf-8").splitlines()
    packets = [row for row in map(json.loads, lines) if row["dir"] == "device->platform"]
    uploads = [p for p in packets if p["CN"] in {"2011", "2021", "2031", "2041", "2051", "2061", "2081"}]
    wanted = [p["QN"].encode() for p in uploads if p["crc_ok"] and ";Flag=5;" in p["packet"]]
    assert len(wanted) > 100
    names = sorted({p["packet"].split("MN=")[1].split(";")[0] for p in packets})
    with receiving(kept, names) as receiver, device(receiver) as speaker:
        begun = time.monotonic()
        heard: list[bytes] = []
        for packet in packets:
            speaker.send(packet["packet"].encode())
        while sum(b"CN=9014;" in one for one in heard) < len(wanted):
            heard += speaker.hear(1)
            assert time.monotonic() - begun < 60
    assert [qn_of(one) for one in heard if b"CN=9014;" in one] == wanted


def test_devices_are_answered_and_registered_while_a_month_is_rolled_up(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X14: rolling up takes minutes, or waits for readers; nobody waits for it."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> Iterator[str]:
        begun.set()
        go_on.wait(30)
        yield "a month"

    monkeypatch.setattr(service, "tidy", slow)
    monkeypatch.setattr(service, "TIDY_SECONDS", 0.1)
    monkeypatch.setattr(service, "REGISTRY_SECONDS", 0.1)
    try:
        with receiving(kept, ["AWAKE"]) as receiver, device(receiver) as speaker:
            assert begun.wait(30)
            speaker.socket.settimeout(10)
            speaker.send(frame("AWAKE", 0))
            speaker.hear(1)
            speaker.send(frame("LATER", 0))
            until(lambda: refused(kept, "LATER") == ("unknown", 1), 10)
            go_on.set()
    finally:
        go_on.set()
