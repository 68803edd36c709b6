"""Reads the costly parts of a wall beside its looks."""

import asyncio
from functools import partial

from desktop import runtime
from desktop.live.wall import Wall
from desktop.readings import MinuteChangedError, Readings


class Beside:
    """One part at a time, each in a reading of its own. What fails is told at each look until it succeeds."""

    def __init__(self, readings: Readings, wall: Wall) -> None:
        self._readings = readings
        self._wall = wall
        self._task: asyncio.Task[None] | None = None

    def keep_up(self) -> None:
        """Have what is due read soon; what it finds is in a later look."""
        if (self._task is None or self._task.done()) and self._wall.aside_due() is not None:
            self._task = runtime.spawn(self._read(), "costly parts of the overview")

    async def _read(self) -> None:
        while self._readings.as_of is None and (part := self._wall.aside_due()) is not None:
            # Before the rules are loaded that it is read by.
            turn = part.take_turn()
            try:
                await self._readings.read(partial(self._wall.read_aside, part, turn))
            except MinuteChangedError:
                return
            except Exception as error:  # noqa: BLE001 - told by whoever looks
                part.fail(error)
                return
