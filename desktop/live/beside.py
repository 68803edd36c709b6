"""Reads the costly parts of a wall beside its looks."""

import asyncio
from functools import partial

from desktop import runtime
from desktop.live.wall import Wall
from desktop.readings import MinuteChangedError, Readings


class Beside:
    """One part at a time, each in a reading of its own. What fails is told at each look until it succeeds."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._task: asyncio.Task[None] | None = None
        self._trouble: tuple[Wall, Exception] | None = None

    def keep_up(self, wall: Wall) -> None:
        """Have what is due read soon; what it finds is in a later look.

        Raises:
            StoreError: a part could not be read; the screen is not true.
        """
        if (self._task is None or self._task.done()) and wall.aside_due() is not None:
            self._task = runtime.spawn(self._read(wall), "costly parts of the overview")
        if self._trouble is not None and self._trouble[0] is wall:
            # Without the places where it was raised before: they would add up for as long as it lasts.
            raise self._trouble[1].with_traceback(None)

    async def _read(self, wall: Wall) -> None:
        try:
            while self._readings.as_of is None and (part := wall.aside_due()) is not None:
                await self._readings.read(partial(wall.read_aside, part))
        except MinuteChangedError:
            pass
        except Exception as error:  # noqa: BLE001 - raised in `keep_up`, where it is told
            self._trouble = wall, error
            return
        self._trouble = None
