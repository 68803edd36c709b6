"""Costly parts of the overview: read beside the looks on a connection of their own, shown when they come."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Condition
from types import TracebackType
from typing import Generic, TypeVar

from data_access.errors import StoreError
from data_access.rules import Rules
from data_access.store import Connection
from desktop.live.pace import Pace

T = TypeVar("T")

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
PATIENCE_SECONDS = 9.0
"""As for a look: who waits longer for a part must not take what stands for true."""
RECENT = timedelta(seconds=10)
"""What was read longer ago is not shown until the next is read: the page was hidden, or the machine slept."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was read last, at the moment `at`. It has all that the look of the moment `covers` had seen."""

    value: T
    at: datetime
    covers: datetime


class Aside(Generic[T]):
    """One such part. One thread may read it while another takes what was found last."""

    def __init__(self, read: Callable[[Connection, Rules, datetime], T]) -> None:
        self._read = read
        self._pace = Pace()
        self._pace.owe()
        self._state = Condition()
        self._turns = 0
        self._newest = 0
        self._under_way: dict[int, float] = {}
        self._trouble: tuple[Exception, TracebackType | None] | None = None
        self.found: Found[T] | None = None

    @property
    def waited_for(self) -> bool:
        """Whether something changed that `found` may not have."""
        return self._pace.owed or bool(self._under_way)

    def owe(self) -> None:
        """Note that it is to be read."""
        self._pace.owe()

    def due(self) -> bool:
        """Whether it is to be read now."""
        return self._pace.may()

    def take_turn(self) -> int:
        """Begin a reading, before anything is read for it: who took the later turn is newer, and stays."""
        with self._state:
            self._turns += 1
            return self._turns

    def read(
        self, connection: Connection, rules: Rules, now: datetime, covers: datetime, turn: int | None = None
    ) -> None:
        """Read it; what was wrong before is over."""
        turn = self.take_turn() if turn is None else turn
        try:
            with self._state:
                self._under_way[turn] = time.monotonic()
            with self._pace.reading():
                value = self._read(connection, rules, now)
            with self._state:
                self._trouble = None
                if turn > self._newest:
                    self._newest, self.found = turn, Found(value, now, covers)
        finally:
            with self._state:
                self._under_way.pop(turn, None)
                self._state.notify_all()

    def read_unless_begun(self, connection: Connection, rules: Rules, now: datetime) -> None:
        """Have it read for the first look: here, or by another thread that has begun to already.

        That one's snapshot may be a moment older than the look's: it is owed, then.
        """
        with self._state:
            self._state.wait_for(self._is_idle, PATIENCE_SECONDS)
            found = self.found
            if found is not None and not self._pace.owed and abs(now - found.at) < RECENT:
                self.owe()
                return
        self.read(connection, rules, now, now)

    def fail(self, error: Exception) -> None:
        """Note why it could not be read; `check` tells it until it can."""
        self._trouble = error, error.__traceback__

    def check(self) -> None:
        """Raise why what was found is not true.

        Raises:
            StoreError: it takes too long to read it, or it cannot be read.
        """
        with self._state:
            newer = (begun for turn, begun in self._under_way.items() if turn > self._newest)
            trouble, begun = self._trouble, min(newer, default=None)
        if trouble is not None:
            # From the place where it happened, however often it is told.
            raise trouble[0].with_traceback(trouble[1])
        if begun is not None and time.monotonic() - begun > PATIENCE_SECONDS:
            raise StoreError("预警与各项比率迟迟没有读出", "画面保持原样，读出后自动恢复。")

    def _is_idle(self) -> bool:
        return not self._under_way
