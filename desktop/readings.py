"""Readings of the store for the screens, at the minute that the window shows: now, or a past one."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from data_access.errors import StoreError
from data_access.readers.moment import at_moment
from data_access.replay import Rewinding
from data_access.rules import Rules, load_rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.seat import Seat, Sitting

T = TypeVar("T")


class MinuteChangedError(StoreError):
    """Another minute is shown by now: what was read is no longer asked for."""

    def __init__(self) -> None:
        super().__init__("已改看另一时刻", "页面会按新的时刻重新读取。")


class ShownMinute:
    """Which minute a window shows, None for now: one for all its readings. For the window's thread."""

    def __init__(self, as_of: datetime | None = None) -> None:
        self.as_of = as_of
        self._running: list[Rewinding] = []

    def turn_to(self, as_of: datetime | None) -> tuple[Rewinding, ...]:
        """Show another minute; return the replays of the one before, for the caller to stop."""
        self.as_of = as_of
        before, self._running = self._running, []
        return tuple(before)

    @property
    def progress(self) -> tuple[int, int]:
        """How many streams are replayed, of how many, in the replay that is the furthest from its end."""
        shares = ((rewinding.done, rewinding.total) for rewinding in self._running)
        return max(shares, key=_left, default=(0, 0))

    def begin(self) -> Rewinding:
        """Return the brake of a reading that begins."""
        rewinding = Rewinding()
        self._running.append(rewinding)
        return rewinding

    def end(self, rewinding: Rewinding) -> None:
        """Forget a reading that has ended."""
        if rewinding in self._running:
            self._running.remove(rewinding)


def _left(share: tuple[int, int]) -> int:
    return share[1] - share[0]


class Readings:
    """Runs readers in a worker thread, as the person who sits there, at the minute that is shown."""

    def __init__(self, seat: Seat, shown: ShownMinute | datetime | None = None) -> None:
        """`shown`: the window's, or a minute that stays as it is; None follows the clock."""
        self.seat = seat
        self.shown = shown if isinstance(shown, ShownMinute) else ShownMinute(shown)
        self._ended = False

    @property
    def as_of(self) -> datetime | None:
        """The past minute that is shown, None for now."""
        return self.shown.as_of

    def end(self) -> None:
        """Let nothing be read any more: the pages that ask are gone, and the asking ends with them."""
        self._ended = True

    def now(self) -> datetime:
        """Return the moment that the screens show."""
        return self.as_of or time.now()

    async def read(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        """Return what a reader finds at the shown moment.

        Raises:
            MinuteChangedError: another minute is shown by now.
            StoreError: the database is away, or nobody is signed in.
        """
        as_of, rewinding = self.as_of, self.shown.begin()
        try:
            found = await self._read_as_sitter(partial(self._read, work, as_of, rewinding))
        except StoreError:
            if as_of != self.as_of:
                raise MinuteChangedError from None
            raise
        finally:
            self.shown.end(rewinding)
        if as_of != self.as_of:
            raise MinuteChangedError
        return found

    async def read_present(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        """Return what a reader finds in the store as it is; it cuts the past by itself (a replayed dossier).

        Raises:
            StoreError: the database is away, or nobody is signed in.
        """
        return await self._read_as_sitter(partial(self._read_present, work, self.as_of))

    async def _read_as_sitter(self, read: Callable[[Sitting], T]) -> T:
        if self._ended:
            raise asyncio.CancelledError
        sitting = self.seat.taken()
        try:
            return await runtime.in_thread(read, sitting)
        finally:
            if self._ended or sitting is not self.seat.sitting:
                # Whoever asked has left the seat, and the asking ends with them: nobody else may see this.
                raise asyncio.CancelledError

    def _read_present(
        self, work: Callable[[Connection, Rules, datetime], T], as_of: datetime | None, sitting: Sitting
    ) -> T:
        with sitting.used() as store:
            rules = store.read(load_rules)
            return store.read(_Reading(work, rules, as_of or time.now()))

    def _read(
        self,
        work: Callable[[Connection, Rules, datetime], T],
        as_of: datetime | None,
        rewinding: Rewinding,
        sitting: Sitting,
    ) -> T:
        with sitting.used() as store:
            rules = store.read(load_rules)
            return at_moment(store, rules, as_of, _Reading(work, rules, as_of or time.now()), rewinding)


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
