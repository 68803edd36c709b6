"""Readings of the store for the screens, at the moment that the window shows: now, or a fixed past minute."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from data_access.readers.moment import at_moment
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store
from desktop import runtime, time

T = TypeVar("T")


class Readings:
    """Runs readers in a worker thread. `as_of` None follows the clock."""

    def __init__(self, store: Store, as_of: datetime | None = None) -> None:
        self.store = store
        self.as_of = as_of

    def now(self) -> datetime:
        """Return the moment that the screens show."""
        return self.as_of or time.now()

    async def read(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        """Return what a reader finds at the shown moment.

        Raises:
            StoreError: the database is away.
        """
        return await runtime.in_thread(self._read, work)

    async def read_present(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        """Return what a reader finds in the store as it is; it cuts the past by itself (a replayed dossier).

        Raises:
            StoreError: the database is away.
        """
        return await runtime.in_thread(self._read_present, work)

    def _read_present(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        rules = self.store.read(load_rules)
        return self.store.read(_Reading(work, rules, self.now()))

    def _read(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        rules = self.store.read(load_rules)
        return at_moment(self.store, rules, self.as_of, _Reading(work, rules, self.now()))


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
