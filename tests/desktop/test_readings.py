"""Readings of pages that are dropped: what they began to ask is neither answered nor asked as another."""

import asyncio
import threading
from datetime import datetime

import pytest

from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop import runtime
from desktop.readings import Readings
from desktop.seat import watched_by_engine


def one(_connection: Connection, _rules: Rules, _now: datetime) -> int:
    return 1


async def test_pages_that_are_gone_read_nothing(store: Store) -> None:
    readings = Readings(watched_by_engine(store))
    assert await readings.read(one) == 1
    readings.end()
    with pytest.raises(asyncio.CancelledError):
        await readings.read(one)
    with pytest.raises(asyncio.CancelledError):
        await readings.read_present(one)


async def test_an_answer_to_pages_that_are_gone_is_dropped(store: Store) -> None:
    readings, begun, go_on = Readings(watched_by_engine(store)), threading.Event(), threading.Event()

    def slow(_connection: Connection, _rules: Rules, _now: datetime) -> int:
        begun.set()
        go_on.wait(10)
        return 1

    task = runtime.spawn(readings.read(slow), "slow")
    while not begun.is_set():
        await asyncio.sleep(0.01)
    readings.end()
    go_on.set()
    await asyncio.wait([task])
    assert task.cancelled()
