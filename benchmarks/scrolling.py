"""Figures 4 and 7 from inside the window: lists opened and moved as a hand would do it."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from benchmarks.figures.ranking import WINDOWS, Ranked
from data_access.log import transaction_time
from data_access.store import Store
from domain.listing import Outcome, TicketFilter

if TYPE_CHECKING:
    from desktop.shell import CommandCentre

JUMPS = 20
PAGES = 20
OPENED = 5
DRILLS = 5
PATIENCE_SECONDS = 60
REST_SECONDS = 0.3
POLL_SECONDS = 0.002


async def scroll(centre: "CommandCentre", tell: Callable[..., None]) -> None:
    """Tell `opened` (first rows), `counted` (all known), `jump` and `page` (all rows in sight), in ms."""
    for _ in range(OPENED):
        centre.choose_page("ranking")
        await asyncio.sleep(3 * REST_SECONDS)
        begun = time.perf_counter()
        centre.open_tickets(TicketFilter(), "全部工单")
        await _rows_in_sight(centre)
        tell("opened", ms=_since(begun))
        await _counted(centre)
        tell("counted", ms=_since(begun))
    table = centre.ticket_list.table
    bar = table.verticalScrollBar()
    tell("rows", count=table.model().rowCount())
    random = Random(7)  # noqa: S311 - the same places every time
    for _ in range(JUMPS):
        await asyncio.sleep(REST_SECONDS)
        begun = time.perf_counter()
        bar.setValue(int(bar.maximum() * random.uniform(0.4, 0.6)))
        await _rows_in_sight(centre)
        tell("jump", ms=_since(begun))
    for _ in range(PAGES):
        await asyncio.sleep(REST_SECONDS)
        begun = time.perf_counter()
        bar.setValue(bar.value() + bar.pageStep())
        await _rows_in_sight(centre)
        tell("page", ms=_since(begun))


async def drill(centre: "CommandCentre", store: Store, tell: Callable[..., None]) -> None:
    """Open the list of the late tickets of the last body, over 30 days, a year and all; tell each time."""
    now = store.read(transaction_time)
    for key, _, days in WINDOWS:
        since = None if days is None else now - timedelta(days=days)
        ranked = [row for row in store.read(Ranked(since, now)) if row.rank is not None]
        wanted = TicketFilter(body=ranked[-1].key, outcome=Outcome.LATE, due_from=since, due_to=now)
        for _ in range(DRILLS):
            centre.choose_page("ranking")
            await asyncio.sleep(3 * REST_SECONDS)
            begun = time.perf_counter()
            centre.open_tickets(wanted, "逾期工单")
            await _rows_in_sight(centre)
            ms = _since(begun)
            await _counted(centre)
            tell("drill", window=key, ms=ms, rows=centre.ticket_list.model.rowCount())


async def _counted(centre: "CommandCentre") -> None:
    """Wait until the page says how many tickets the list has: from then on it can be moved to any place."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(letter.isdigit() for letter in centre.ticket_list.count.text()):
        if time.monotonic() > end:
            raise TimeoutError("the list is not counted")
        await asyncio.sleep(POLL_SECONDS)


async def _rows_in_sight(centre: "CommandCentre") -> None:
    """Wait until every row in sight has its words, and has been painted."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        QApplication.sendPostedEvents()
        if _filled(centre):
            # One turn more: what has just come is painted now.
            await asyncio.sleep(0)
            return
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"rows in sight are not there after {PATIENCE_SECONDS} s")


def _filled(centre: "CommandCentre") -> bool:
    table = centre.ticket_list.table
    model, area = centre.ticket_list.model, table.viewport().rect()
    first = table.indexAt(area.topLeft()).row()
    last = table.indexAt(area.bottomLeft()).row()
    if first < 0:
        return False
    last = last if last >= 0 else model.rowCount() - 1
    return all(model.record(row) is not None for row in range(first, last + 1))


def _since(begun: float) -> float:
    return round(1000 * (time.perf_counter() - begun), 2)
