"""Costly parts of the overview: read beside the looks on a connection of their own, shown when they come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Condition
from typing import Generic, TypeVar

from data_access.rules import Rules
from data_access.store import Connection
from desktop.live.pace import Pace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was read last. It has all that the look of the moment `covers` had seen."""

    value: T
    covers: datetime


class Aside(Generic[T]):
    """One such part. One thread may read it while another takes what was found last."""

    def __init__(self, read: Callable[[Connection, Rules, datetime], T]) -> None:
        self._read = read
        self._pace = Pace()
        self._state = Condition()
        self._begun = 0
        self._under_way = 0
        self._newest = 0
        self.found: Found[T] | None = None

    @property
    def waited_for(self) -> bool:
        """Whether something changed that `found` may not have."""
        return self._pace.owed or self._under_way > 0

    def owe(self) -> None:
        """Note that it is to be read."""
        self._pace.owe()

    def due(self) -> bool:
        """Whether it is to be read now."""
        return self._pace.may()

    def read(self, connection: Connection, rules: Rules, now: datetime, covers: datetime) -> None:
        """Read it. Whoever began later is newer, and stays."""
        with self._state:
            self._under_way += 1
            self._begun = turn = self._begun + 1
        try:
            with self._pace.reading():
                value = self._read(connection, rules, now)
            with self._state:
                if turn > self._newest:
                    self._newest, self.found = turn, Found(value, covers)
        finally:
            with self._state:
                self._under_way -= 1
                self._state.notify_all()

    def read_unless_begun(self, connection: Connection, rules: Rules, now: datetime) -> None:
        """Have it read for the first look: here, or by another thread that has begun to already.

        That one's snapshot may be a moment older than the look's: it is owed, then.
        """
        with self._state:
            self._state.wait_for(self._is_idle)
            if self.found is not None and not self._pace.owed:
                self.owe()
                return
        self.read(connection, rules, now, now)

    def _is_idle(self) -> bool:
        return self._under_way == 0
