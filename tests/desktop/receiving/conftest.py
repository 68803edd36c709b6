"""One store for all tests of the receiver, and devices that speak to it over sockets."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_access import schema
from data_access.stations import put_stations
from data_access.store import Store
from desktop.receiving.service import Listening, Receiving
from domain.hj212 import write_upload
from domain.stations import Measure, Sample, Span, Station, StationKind
from tests.fresh_database import opened_copy

PASSWORD = "123456"
MEASURES = (Measure("a34002", "mg/m³"), Measure("LA", "dB(A)"))
AT = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
LONG_AGO = timedelta(days=9000)


def station(mn: str) -> Station:
    return Station(0, mn, mn, StationKind.DUST, mn, MEASURES, PASSWORD)


def frame(mn: str, minute: int, value: float = 0.1, *, flag: int = 5, password: str = PASSWORD) -> bytes:
    """Return a minute's upload of both factors. The QN tells it from all others of its device."""
    at = AT + timedelta(minutes=minute)
    samples = [Sample(0, "a34002", Span.MINUTE, at, value), Sample(0, "LA", Span.MINUTE, at, 60.0)]
    return write_upload(
        StationKind.DUST, mn, password, Span.MINUTE, at, samples, sent_at=at + timedelta(minutes=1), flag=flag
    )


def qn_of(sent: bytes) -> bytes:
    return sent.split(b"QN=")[1][:17]


@pytest.fixture(scope="module")
def kept(postgres: Path, template_database: str) -> Iterator[Store]:
    """A store that all tests of a module share; each has devices of its own."""
    with opened_copy(postgres, template_database) as opened:
        yield opened


@contextmanager
def receiving(store: Store, names: list[str], **listening: object) -> Iterator[Receiving]:
    """Let a receiver run that knows these devices."""
    store.write(lambda c: put_stations(c, [station(mn) for mn in names]))
    receiver = Receiving(store, replace(Listening("127.0.0.1", 0, back=LONG_AGO), **listening))
    receiver.start()
    try:
        assert receiver.wait_until_listening(30)
        yield receiver
    finally:
        asyncio.run(receiver.stop())


class Device:
    """A device's end of a connection."""

    def __init__(self, receiver: Receiving) -> None:
        assert receiver.port is not None
        self.socket = socket.create_connection(("127.0.0.1", receiver.port), timeout=30)
        self.heard = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self, answers: int) -> list[bytes]:
        """Wait for so many more frames; return them."""
        while self.heard.count(b"\r\n") < answers:
            came = self.socket.recv(65536)
            assert came, "the connection was closed"
            self.heard += came
        *frames, self.heard = self.heard.split(b"\r\n", answers)
        return frames

    def close(self) -> None:
        self.socket.close()


@contextmanager
def device(receiver: Receiving) -> Iterator[Device]:
    opened = Device(receiver)
    try:
        yield opened
    finally:
        opened.close()


def stored(store: Store, mn: str) -> dict[tuple[str, datetime], float]:
    """Return what is stored of a device, by factor and moment."""
    reading, of = schema.reading.c, schema.station.c
    statement = (
        select(reading.factor, reading.at, reading.value)
        .join_from(schema.reading, schema.station, reading.station == of.number)
        .where(of.mn == mn)
    )
    return {(row.factor, row.at): row.value for row in store.read(lambda c: c.execute(statement).all())}


def count(store: Store) -> int:
    return store.read(lambda c: c.execute(select(func.count()).select_from(schema.reading)).scalar_one())


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
