"""Figure 7 from inside the window: the ticket list over all tickets, moved as a hand would move it."""

import asyncio
import time
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from domain.listing import TicketFilter

if TYPE_CHECKING:
    from desktop.shell import CommandCentre

JUMPS = 20
PAGES = 20
PATIENCE_SECONDS = 60
REST_SECONDS = 0.3
POLL_SECONDS = 0.002


async def scroll(centre: "CommandCentre", tell: Callable[..., None]) -> None:
    """Tell `opened` (until the first rows), `jump` and `page` (until all rows in sight), in milliseconds."""
    begun = time.perf_counter()
    centre.open_tickets(TicketFilter(), "全部工单")
    await _rows_in_sight(centre)
    tell("opened", ms=_since(begun))
    table = centre.ticket_list.table
    bar = table.verticalScrollBar()
    await _full_length(centre)
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


async def _full_length(centre: "CommandCentre") -> None:
    """Wait until the list's length is known and stands."""
    model, before = centre.ticket_list.table.model(), -1
    while model.rowCount() != before:
        before = model.rowCount()
        await asyncio.sleep(1)


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
