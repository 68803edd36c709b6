"""Readings of the store for the screens, at the moment that the window shows: now, or a fixed past minute."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from data_access.readers.moment import at_moment
from data_access.rules import Rules, load_rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.seat import Seat, Sitting

T = TypeVar("T")


class Readings:
    """Runs readers in a worker thread, as the person who sits there. `as_of` None follows the clock."""

    def __init__(self, seat: Seat, as_of: datetime | None = None) -> None:
        self.seat = seat
        self.as_of = as_of
        self._ended = False

    def end(self) -> None:
        """Let nothing be read any more: the pages that ask are gone, and the asking ends with them."""
        self._ended = True

    def now(self) -> datetime:
        """Return the moment that the screens show."""
        return self.as_of or time.now()

    async def read(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        """Return what a reader finds at the shown moment.

        Raises:
            StoreError: the database is away, or nobody is signed in.
        """
        return await self._read_as_sitter(self._read, work)

    async def read_present(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        """Return what a reader finds in the store as it is; it cuts the past by itself (a replayed dossier).

        Raises:
            StoreError: the database is away, or nobody is signed in.
        """
        return await self._read_as_sitter(self._read_present, work)

    async def _read_as_sitter(
        self,
        read: Callable[[Sitting, Callable[[Connection, Rules, datetime], T]], T],
        work: Callable[[Connection, Rules, datetime], T],
    ) -> T:
        if self._ended:
            raise asyncio.CancelledError
        sitting = self.seat.taken()
        try:
            return await runtime.in_thread(read, sitting, work)
        finally:
            if self._ended or sitting is not self.seat.sitting:
                # Whoever asked has left the seat, and the asking ends with them: nobody else may see this.
                raise asyncio.CancelledError

    def _read_present(self, sitting: Sitting, work: Callable[[Connection, Rules, datetime], T]) -> T:
        with sitting.used() as store:
            rules = store.read(load_rules)
            return store.read(_Reading(work, rules, self.now()))

    def _read(self, sitting: Sitting, work: Callable[[Connection, Rules, datetime], T]) -> T:
        with sitting.used() as store:
            rules = store.read(load_rules)
            return at_moment(store, rules, self.as_of, _Reading(work, rules, self.now()))


class _Reading:
    """A reader with the rules and the moment it is asked for."""

    def __init__(
        self, work: Callable[[Connection, Rules, datetime], T], rules: Rules, moment: datetime
    ) -> None:
        self._work = work
        self._rules = rules
        self._moment = moment

    def __call__(self, connection: Connection) -> T:
        return self._work(connection, self._rules, self._moment)
