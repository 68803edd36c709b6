"""Keeps the shown page true: refreshes when the bell rings and when time alone changes colours.

One refresh at a time; rings that come meanwhile make one more. While the database is away the last picture
stays under a veil with its time, and comes back by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Signal

from data_access.bell import Bell
from data_access.errors import StoreError
from data_access.store import Store
from desktop import runtime

SECONDS_BETWEEN = 5
"""The longest time between two readings: countdowns tick by themselves, colours and counts do not."""
REST_SECONDS = 0.1
"""Rings within this time are one (architecture.md: one tick)."""


class Live(QObject):
    """Calls `refresh` again and again. `away_changed` tells whether the database is away.

    Signals:
        away_changed(bool): the store went away, or came back.
    """

    away_changed = Signal(bool)

    def __init__(self, store: Store, refresh: Callable[[], Awaitable[None]], parent: QObject) -> None:
        super().__init__(parent)
        self._bell = Bell(store)
        self._refresh = refresh
        self._wanted = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._away = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to refresh."""
        self._tasks = [
            runtime.spawn(self._listen(), "bell"),
            runtime.spawn(self._keep_true(), "live"),
        ]

    async def stop(self) -> None:
        """End, and wait until the listening thread has."""
        if not self._tasks:
            return
        self._bell.stop()
        bell, live = self._tasks
        live.cancel()
        await asyncio.gather(bell, live, return_exceptions=True)

    def ring(self) -> None:
        """Ask for a refresh soon."""
        self._wanted.set()

    async def _listen(self) -> None:
        try:
            await runtime.in_thread(self._bell.listen, self._rung, self._rung)
        finally:
            self._bell.stop()

    def _rung(self) -> None:
        self._loop.call_soon_threadsafe(self._wanted.set)

    async def _keep_true(self) -> None:
        while True:
            self._wanted.clear()
            try:
                await self._refresh()
            except StoreError:
                self._set_away(True)
            else:
                self._set_away(False)
            await asyncio.sleep(REST_SECONDS)
            try:
                async with asyncio.timeout(SECONDS_BETWEEN):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    def _set_away(self, away: bool) -> None:
        if away != self._away:
            self._away = away
            self.away_changed.emit(away)
