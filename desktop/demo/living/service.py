"""The living demo beside a window, or without one: a step at a time in a worker thread."""

import asyncio
import logging

from data_access.store import Store
from desktop import runtime
from desktop.demo.living.drive import Driver
from desktop.demo.living.emulator import Emulator
from desktop.errors import WorldError
from desktop.receiving.service import Receiving

CALM = 1.0
"""Changes a second: the wall moves, and can still be read."""
FIRST_REST_SECONDS = 3.0
"""The first picture comes before the first change."""
REST_AFTER_FAULT_SECONDS = 10.0
PATIENCE_SECONDS = 5
"""How long the end waits for a step: a database that hangs must not hold up the program."""

_log = logging.getLogger(__name__)


class Living:
    """A living demo beside other work, with its devices where there is a receiver. Start it on a loop.

    Any number of programs may be open: one lets the city live, and another takes over when that one ends.
    """

    def __init__(
        self, store: Store, receiver: Receiving | None = None, rate: float = CALM, seed: int = 1
    ) -> None:
        self._driver = Driver(store, rate, seed, patient=True, sensed=receiver is not None)
        self._receiver = receiver
        self._emulator = None if receiver is None else Emulator(store, self._port, self.lives)
        self._end = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def lives(self) -> bool:
        """Whether this program lets the city live, and no other does."""
        return self._driver.lives

    def start(self) -> None:
        """Begin."""
        if self._emulator is not None:
            self._emulator.start()
        self._task = runtime.spawn(self._go(), "living demo")

    async def stop(self) -> None:
        """End in order: a step under way is let finish."""
        self._end.set()
        if self._emulator is not None:
            await self._emulator.stop()
        if self._task is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.shield(self._task)
        except TimeoutError:
            _log.warning("the step of the living demo under way does not end, and is left")
        finally:
            self._task = None

    def _port(self) -> int | None:
        return None if self._receiver is None else self._receiver.port

    async def _go(self) -> None:
        rest = FIRST_REST_SECONDS
        try:
            while not await self._ended_after(rest):
                try:
                    rest = await runtime.in_thread(self._driver.step)
                except WorldError as error:
                    _log.warning("the demo city does not live: %s", error.message)
                    return
                except Exception as error:  # noqa: BLE001 - one step must not end the city's life
                    runtime.report(error, "living demo")
                    rest = REST_AFTER_FAULT_SECONDS
        finally:
            self._driver.end()

    async def _ended_after(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._end.wait()
        except TimeoutError:
            return False
        return True
