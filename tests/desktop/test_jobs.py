"""What runs by the clock: sweeps at the second that something falls due, and ends in order."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select

from data_access import sweeper
from data_access.store import Store
from data_access.sweep import LOCK
from desktop import jobs
from desktop.jobs import Jobs


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


def at_work(store: Store) -> bool:
    """Whether a sweep is still in its transaction."""
    return not store.write(lambda c: c.execute(select(func.pg_try_advisory_xact_lock(LOCK))).scalar_one())


@pytest.mark.faults_expected
async def test_an_end_does_not_wait_for_a_sweep_that_hangs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE_SECONDS", 0.2)
    released = threading.Event()

    def hang(_connection: Connection) -> None:
        released.wait(10)

    monkeypatch.setattr(sweeper, "take_turn", hang)
    running = Jobs(store)
    running.start()
    await until(lambda: running._sweeping.locked())
    try:
        async with asyncio.timeout(3):
            await running.stop()
    finally:
        released.set()
        await until(lambda: not at_work(store))


@pytest.mark.faults_expected
async def test_a_sweep_that_fails_again_and_again_is_logged_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds: list[int] = []

    def fail(_connection: Connection) -> None:
        rounds.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(sweeper, "take_turn", fail)
    monkeypatch.setattr(jobs, "SWEEP_SECONDS", 0.1)
    running = Jobs(store)
    running.start()
    await until(lambda: len(rounds) >= 4)
    await running.stop()
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.name for record in errors] == ["qingshao.faults"]
