"""Keeps the shown page true: refreshes when the bell rings and when time alone changes colours.

One refresh at a time; rings that come meanwhile make one more. While the database is away, does not answer or
cannot be read, the last picture stays under a veil with its time, and comes back by itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from data_access.bell import Bell
from data_access.errors import StoreError
from data_access.store import Store
from desktop import runtime

BEAT_MS = 5000
"""The longest time between two readings: countdowns tick by themselves, colours and counts do not."""
PATIENCE_MS = 15_000
"""A reading that takes longer than this leaves the screen untrue: it is veiled until it comes."""
REST_SECONDS = 0.1
"""Rings within this time are one (architecture.md: one tick)."""

_log = logging.getLogger(__name__)


class Live(QObject):
    """Calls `refresh` again and again. `away_changed` tells whether the database is away.

    Signals:
        away_changed(bool): the store went away, or came back.
    """

    away_changed = Signal(bool)

    def __init__(
        self, store: Store, refresh: Callable[[], Coroutine[Any, Any, None]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bell = Bell(store)
        self._refresh = refresh
        self._wanted = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._away = False
        self._tasks: list[asyncio.Task[None]] = []
        self._beat = self._timer("live beat", BEAT_MS)
        self._patience = self._timer("live patience", PATIENCE_MS)
        self._beat.timeout.connect(self.ring)
        self._patience.timeout.connect(self._lose_patience)

    @property
    def away(self) -> bool:
        """Whether the screen is not known to be true."""
        return self._away

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
        self._beat.stop()
        self._patience.stop()
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
            self._patience.start()
            began = time.monotonic()
            try:
                await self._refresh()
            except StoreError as error:
                self._set_away(True, error.message)
            except Exception as error:  # noqa: BLE001 - a fault in one page must not stop the wall for good
                runtime.report(error, "refresh")
                self._set_away(True, "a fault, see above")
            else:
                self._set_away(False)
            self._patience.stop()
            self._beat.start()
            # In a flood of rings half of the time is left to everything else.
            await asyncio.sleep(max(REST_SECONDS, time.monotonic() - began))
            await self._wanted.wait()

    def _lose_patience(self) -> None:
        self._set_away(True, "no answer yet")

    def _set_away(self, away: bool, reason: str = "") -> None:
        if away != self._away:
            self._away = away
            if away:
                _log.warning("the screens stand still: %s", reason)
            else:
                _log.warning("the screens are true again")
            self.away_changed.emit(away)

    def _timer(self, name: str, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer
