"""Looks whether stations have moved: readings touch no tickets, so the window's own feed does not tell."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from data_access.errors import StoreError
from data_access.readers.stations import stations_mark
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.readings import Readings

LOOK_SECONDS = 2.0
"""What shows stations asks this often, while it is shown, whether anything has moved."""
ANYWAY_SECONDS = 60.0
"""Silence moves nothing: states are read this often in any case."""


class StationLook:
    """Asks a cheap question by the window's tick, and lets `show` read anew when the answer has changed."""

    def __init__(self, readings: Readings, show: Callable[[], Awaitable[None]]) -> None:
        self._readings = readings
        self._show = show
        self._mark = ""
        self._looking = False
        self._due = self._anyway = 0.0

    def note_shown(self) -> None:
        """Say that it was read just now for another reason."""
        self._anyway = time.monotonic() + ANYWAY_SECONDS

    def forget(self) -> None:
        """Say that something else is shown: the next look reads it."""
        self._mark = ""

    def tick(self) -> None:
        """Look, if it is time; a past minute stands still."""
        if self._readings.as_of is None and not self._looking and time.monotonic() >= self._due:
            self._looking = True
            runtime.spawn(self.look(), "look at stations")

    async def look(self) -> None:
        """Ask whether anything has moved, and read anew if so."""
        try:
            mark = await self._readings.read_present(_mark)
            if mark != self._mark or time.monotonic() >= self._anyway:
                self._mark = mark
                self.note_shown()
                await self._show()
        except StoreError:
            # The window knows already, and veils the page.
            self._mark = ""
        finally:
            self._looking = False
            self._due = time.monotonic() + LOOK_SECONDS


def _mark(connection: Connection, _rules: Rules, _now: datetime) -> str:
    return stations_mark(connection)
