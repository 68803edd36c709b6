"""The living demo beside a window: it starts late, ends in order, and leaves nothing behind."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_access import schema
from data_access.open_work import Turn
from data_access.store import Store
from desktop import runtime
from desktop.commands.start import lives_by_itself
from desktop.demo import generate
from desktop.demo.living import service
from desktop.demo.living.service import Living
from desktop.demo.load import load


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FIRST_REST_SECONDS", 0.05)


def _events(store: Store) -> int:
    return store.read(
        lambda connection: connection.execute(select(func.count(schema.event.c.id))).scalar_one()
    )


async def test_it_lives_from_start_to_stop_and_no_longer(store: Store) -> None:
    load(store, generate(datetime.now(UTC), tickets=200))
    before = _events(store)
    living = Living(store, rate=40.0)
    living.start()
    async with asyncio.timeout(20):
        while _events(store) < before + 20:
            await asyncio.sleep(0.1)
    await living.stop()
    assert runtime.current().names() == []
    after = _events(store)
    await asyncio.sleep(0.3)
    assert _events(store) == after
    turn = Turn(store)
    assert turn.take()
    turn.give_back()


async def test_stopping_what_never_started_or_has_just_begun_is_no_fault(store: Store) -> None:
    await Living(store).stop()
    living = Living(store)
    living.start()
    await living.stop()
    assert runtime.current().names() == []


@pytest.mark.faults_expected
async def test_a_store_that_is_no_sample_city_ends_it_with_a_line(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    living = Living(store)
    living.start()
    async with asyncio.timeout(20):
        while runtime.current().names():
            await asyncio.sleep(0.05)
    assert "does not hold a sample city" in caplog.text
    assert _events(store) == 0
    await living.stop()


def test_only_the_sample_city_of_a_trial_lives_by_itself(store: Store, tmp_path: Path) -> None:
    trial = Store(store.engine, tmp_path)
    assert not lives_by_itself(trial), "an empty store is nobody's city"
    load(store, generate(datetime.now(UTC), tickets=60))
    assert lives_by_itself(trial)
    assert not lives_by_itself(store), "a named server is a city's own"
