"""The real window on a real store, where the test says what time it is and who sits there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from data_access import bulk
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from domain.events import Event, Received
from domain.intake import NewTicket
from domain.urgency import Urgency
from tests.acceptance.procedure.hand import DUTY, Hand, WallClock, opened_window
from tests.domain.city import at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """What time it is in the program."""
    made = WallClock()
    monkeypatch.setattr("desktop.time.now", made.now)
    return made


@pytest.fixture
def city(store: Store) -> Store:
    """The demo city's bodies and areas, without tickets."""
    store.write(lambda c: put_city(c, load_city(), at("2026-09-01 09:00")))
    return store


@pytest.fixture
def receive(city: Store, clock: WallClock) -> Callable[..., str]:
    """Let a complaint come in at a time of the city, and return its number."""

    def work(when: str, urgency: Urgency = Urgency.FIRST, number: str = "T-1", **values: Any) -> str:
        clock.set(when)
        fact = Received("12345", "夜间施工噪声扰民", urgency=urgency, area="320312", **values)
        ticket = NewTicket(number, (Event(clock.now(), DUTY, fact),), number.encode().ljust(32))
        city.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket]))
        return number

    return work


@pytest.fixture
def window(city: Store, clock: WallClock, tmp_path: Path) -> Any:
    """Open the window; the hand that drives it comes back."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Hand]:
        async with opened_window(city, clock, tmp_path) as hand:
            yield hand
        await asyncio.sleep(0.05)

    return opened
