"""Looks what devices need of people, for a page that shows it: no ticket is touched by that (X14)."""

import time
from collections.abc import Callable
from datetime import datetime

from data_access.errors import StoreError
from data_access.readers.device_calls import device_calls
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.readings import Readings
from domain.environment import DeviceCalls

LOOK_SECONDS = 5.0
"""Silence is noticed each twenty seconds: to look more often shows nothing sooner."""


class DeviceLook:
    """Reads by the window's tick, and hands what it found to `show`."""

    def __init__(self, readings: Readings, show: Callable[[DeviceCalls], None]) -> None:
        self._readings = readings
        self._show = show
        self._looking = False
        self._due = 0.0

    def tick(self) -> None:
        """Look, if it is time; a past minute stands still."""
        if self._readings.as_of is None and not self._looking and time.monotonic() >= self._due:
            self._looking = True
            runtime.spawn(self._look_or_leave(), "look at devices")

    async def look(self) -> None:
        """Read what devices need, and show it.

        Raises:
            StoreError: the database is away.
        """
        self._due = time.monotonic() + LOOK_SECONDS
        past = self._readings.as_of is not None

        def work(connection: Connection, rules: Rules, now: datetime) -> DeviceCalls:
            return device_calls(connection, rules, now, past=past)

        self._show(await self._readings.read_present(work))

    async def _look_or_leave(self) -> None:
        try:
            await self.look()
        except StoreError:
            # The window knows already, and veils the page.
            self._due = time.monotonic() + LOOK_SECONDS
        finally:
            self._looking = False
