"""The feed over a real store: what is committed anywhere is told, once, and what judges it as well."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject

from data_access import log, rule_changes
from data_access.rules import load_rules
from data_access.store import Store
from desktop.live.feed import Live
from desktop.seat import watched_by_engine
from desktop.touched import Touched
from domain.events import Accepted, Chased, Event
from domain.people import SYSTEM
from tests.data_access.streams import DUTY, happened, received, ticket
from tests.data_access.test_log import put
from tests.data_access.test_rule_changes import SPRING

PATIENCE_SECONDS = 20


class Page:
    """Takes in what it is told; `broken` makes it fail."""

    def __init__(self) -> None:
        self.told: list[Touched] = []
        self.broken = False

    async def update(self, touched: Touched) -> bool:
        self.told.append(touched)
        if self.broken:
            raise ZeroDivisionError
        return False

    @property
    def tickets(self) -> list[str]:
        return [number for touched in self.told for number in sorted(touched.tickets)]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def following(store: Store, clock: Clock) -> AsyncIterator[Page]:
    owner, page = QObject(), Page()
    live = Live(watched_by_engine(store), page.update, owner, clock.now)
    live.start()
    try:
        await until(lambda: bool(page.told))
        yield page
    finally:
        await live.stop()
        owner.deleteLater()


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


def chase(store: Store, number: str) -> None:
    event = Event(datetime.now(UTC), SYSTEM, Chased("催办"))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition(f"ticket/{number}", [event])]))


async def test_a_start_is_everything_and_then_each_change_is_told_once(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    async with following(store, Clock()) as page:
        assert page.told[0].everything
        for _ in range(3):
            seen = len(page.tickets)
            await asyncio.to_thread(chase, store, "T-1")
            await until(lambda seen=seen: len(page.tickets) > seen)  # type: ignore[misc]
        await asyncio.sleep(1.2)
        assert page.tickets == ["T-1"] * 3


async def test_a_colour_is_told_at_its_time_and_a_machine_that_slept_too(store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    put(store, ticket("T-1", happened((0, DUTY, received()), (0.1, DUTY, Accepted()), start=soon)))
    clock = Clock()
    async with following(store, clock) as page:
        await asyncio.sleep(0.5)
        assert page.tickets == []
        clock.ahead = timedelta(hours=3)  # suspended, and awake again
        await until(lambda: "T-1" in page.tickets)
        assert page.told[-1].new_minute or any(touched.new_minute for touched in page.told)
        clock.ahead = timedelta(hours=-3)  # set back: nothing is known of what lies between
        await until(lambda: page.told[-1].everything)


async def test_other_rules_or_names_mean_everything(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    async with following(store, Clock()) as page:
        before = len(page.told)
        await asyncio.to_thread(store.write, lambda c: rule_changes.put_calendar_year(c, SPRING))
        await until(lambda: any(touched.everything for touched in page.told[before:]))
        await asyncio.sleep(1.1)
        assert sum(touched.everything for touched in page.told) == 2
