"""Messages are answered when they are stored, and not before; one that cannot be stored holds up no other."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from data_access.errors import StoreError
from data_access.stations import Seen
from desktop.receiving import batches
from desktop.receiving.batches import Batches
from desktop.receiving.reading import Arrived

AT = datetime(2026, 11, 21, tzinfo=UTC)


class Sender:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.reads = True

    def send(self, answers: Sequence[bytes]) -> None:
        self.said += answers

    def pause(self) -> None:
        self.reads = False

    def resume(self) -> None:
        self.reads = True


class Shelf:
    """Stores messages, unless it is away or one is of a station that it cannot take."""

    def __init__(self, away: int = 0, never: int | None = None) -> None:
        self.away = away
        self.never = never
        self.stored: list[int] = []

    async def keep(self, arrived: Sequence[Arrived]) -> None:
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise StoreError("away", "wait")
        stations = [one.seen.station for one in arrived]
        if self.never in stations:
            raise ValueError("no such value")
        self.stored += stations


def message(number: int) -> Arrived:
    return Arrived((), Seen(number, AT), (b"%d" % number,))


def let_keep(shelf: Shelf, numbers: Sequence[int]) -> Sender:
    """Hand messages of these stations over, and wait until they are dealt with."""
    sender = Sender()

    async def work() -> None:
        queue = Batches(shelf.keep)
        for number in numbers:
            queue.put(sender, message(number))
        running = asyncio.create_task(queue.run())
        async with asyncio.timeout(10):
            while len(shelf.stored) < len([n for n in numbers if n != shelf.never]) or not sender.reads:
                assert len(sender.said) <= len(shelf.stored)
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)
        running.cancel()

    asyncio.run(work())
    return sender


def test_nothing_is_answered_before_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_IN_BATCH", 3)
    sender = let_keep(shelf := Shelf(), range(10))
    assert sender.said == [b"%d" % number for number in range(10)]
    assert shelf.stored == list(range(10))


@pytest.mark.faults_expected
def test_all_waits_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "REST_SECONDS", 0.01)
    sender = let_keep(shelf := Shelf(away=5), range(10))
    assert shelf.away == 0
    assert len(sender.said) == 10


@pytest.mark.faults_expected
def test_a_message_that_cannot_be_stored_is_left_out_alone() -> None:
    sender = let_keep(shelf := Shelf(never=4), range(10))
    assert shelf.stored == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert b"4" not in sender.said
    assert len(sender.said) == 9


def test_who_sends_too_much_is_read_on_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("FULL", 6), ("ROOM", 3), ("MOST_IN_BATCH", 2)):
        monkeypatch.setattr(batches, name, number)
    sender = let_keep(Shelf(), range(10))
    assert sender.reads
    assert len(sender.said) == 10
