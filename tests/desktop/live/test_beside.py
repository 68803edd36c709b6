"""Costly parts are read while looks go on; one that cannot be read leaves the screen veiled, not wrong."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from data_access import log
from data_access.errors import StoreError
from data_access.readers.kpis import rate_kpis
from data_access.rules import load_rules
from data_access.store import Store
from desktop import time
from desktop.live import pace
from desktop.live.beside import Beside
from desktop.live.wall import Sight, Wall
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from desktop.touched import Touched
from domain.events import Event, Rectified
from domain.overview import Kpi
from domain.people import SYSTEM
from tests.data_access.readers.worlds import put_demo

RATES = "desktop.live.wall.rate_kpis"


@pytest.fixture(autouse=True)
def _without_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SHARE", 0)


class Watched:
    """A wall that follows the present."""

    def __init__(self, store: Store) -> None:
        put_demo(store, 60)
        self.store, self.wall = store, Wall(())
        self.readings = Readings(watched_by_engine(store))
        self.beside = Beside(self.readings, self.wall)

    async def look(self, *tickets: str) -> Sight:
        touched = Touched(time.now(), tickets=frozenset(tickets))
        return await self.readings.read(partial(self.wall.look, touched=touched))

    def idle(self) -> bool:
        """Whether nothing is read beside."""
        return self.beside._task is None or self.beside._task.done()

    async def see_a_change(self) -> Sight:
        """Look once; let a ticket's node end, and look at it."""
        number = str((await self.look()).board.number[0])
        addition = log.Addition(f"ticket/{number}", [Event(time.now(), SYSTEM, Rectified("已停工"))])
        self.store.write(lambda c: log.append(c, load_rules(c), [addition]))
        return await self.look(number)


def figures(sight: Sight) -> list[tuple[object, ...]]:
    """Return the overview's figures without their windows of time, which end now."""
    return [(kpi.key, kpi.value, kpi.previous, kpi.parts) for kpi in sight.overview.kpis]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_looks_go_on_while_a_costly_part_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, begun, may_end = Watched(store), threading.Event(), threading.Event()
    await watched.see_a_change()

    def slow(*place: Any) -> tuple[Kpi, ...]:
        begun.set()
        assert may_end.wait(20)
        return rate_kpis(*place)

    monkeypatch.setattr(RATES, slow)
    watched.beside.keep_up()
    await until(begun.is_set)
    for _ in range(3):
        sight = await watched.look()
        watched.beside.keep_up()
        assert sight.covered < sight.overview.as_of
        assert watched.wall.restless
    may_end.set()
    await until(lambda: watched.idle() and not watched.wall._rates.waited_for)
    sight = await watched.look()
    assert sight.covered == sight.overview.as_of
    assert not watched.wall.restless


async def test_the_first_look_waits_for_what_is_read_at_the_same_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, begun, may_end, readings = Watched(store), threading.Event(), threading.Event(), []

    def slow(*place: Any) -> tuple[Kpi, ...]:
        begun.set()
        assert may_end.wait(20)
        readings.append(threading.current_thread())
        return rate_kpis(*place)

    monkeypatch.setattr(RATES, slow)
    watched.beside.keep_up()
    await until(begun.is_set)
    looking = asyncio.ensure_future(watched.look())
    await asyncio.sleep(0.3)
    assert not looking.done()
    may_end.set()
    first = await looking
    assert len(readings) == 1
    assert first.overview.kpis
    # It may have been read a moment before the tickets were.
    assert watched.wall.restless
    watched.beside.keep_up()
    await until(watched.idle)
    sight = await watched.look()
    anew = await watched.readings.read(partial(Wall(()).look, touched=Touched(time.now())))
    assert sight.warnings == anew.warnings
    assert figures(sight) == figures(anew)


def failing(*_: object) -> object:
    raise StoreError("数据库没有应答", "稍后自动重试。")


@pytest.mark.parametrize("part", ["_warnings", "_rates"])
async def test_the_first_look_reads_what_failed_beside_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    watched = Watched(store)
    with monkeypatch.context() as broken:
        broken.setattr(getattr(watched.wall, part), "_read", failing)
        watched.beside.keep_up()
        await until(watched.idle)
        with pytest.raises(StoreError):
            watched.wall.check_asides()
    for _ in range(3):
        assert (await watched.look()).overview.kpis
        watched.beside.keep_up()
        watched.wall.check_asides()
    # The store goes before the tasks do.
    await until(watched.idle)


async def test_a_costly_part_that_cannot_be_read_is_told_until_it_can(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(store)
    await watched.see_a_change()
    told: list[str] = []

    async def look() -> None:
        await watched.look()
        watched.beside.keep_up()
        try:
            watched.wall.check_asides()
        except StoreError as error:
            told.append(error.message)
        else:
            told.append("")
        await asyncio.sleep(0.02)

    with monkeypatch.context() as broken:
        broken.setattr(RATES, failing)
        async with asyncio.timeout(20):
            while len(told) < 6 or not told[-1]:
                await look()
        said = told.index("数据库没有应答")
        assert all(told[said:]), "the veil does not flicker"
        await until(watched.idle)
    async with asyncio.timeout(20):
        while told[-1]:
            await look()
    await until(watched.idle)
    watched.wall.check_asides()


async def test_a_look_that_reads_everything_ends_what_was_wrong(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(store)
    await watched.see_a_change()
    with monkeypatch.context() as broken:
        broken.setattr(RATES, failing)
        watched.beside.keep_up()
        await until(watched.idle)
    with pytest.raises(StoreError):
        watched.wall.check_asides()
    everything = Touched(time.now(), everything=True)
    await watched.readings.read(partial(watched.wall.look, touched=everything))
    watched.wall.check_asides()
    assert watched.wall.aside_due() is None
