"""Stores what arrived, as much as there is in one transaction, and has it answered when that is committed.

While one transaction is under way the next batch gathers: with one device each message is stored at once,
with thousands many share the cost of a commit. While the database is away everything waits, the connections
are read no further, and nobody is answered.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from data_access.errors import StoreError
from desktop import runtime
from desktop.receiving.reading import Arrived

MOST_IN_BATCH = 5000
"""Messages in a transaction."""
FULL, ROOM = 20_000, 10_000
"""Messages that wait: above the one the connections are read no further, below the other they are again."""
REST_SECONDS = 1.0
"""Between two attempts while the database is away."""

_log = logging.getLogger(__name__)


class Sender(Protocol):
    """Where a message came from."""

    def send(self, answers: Sequence[bytes]) -> None:
        """Answer, if it is still there."""

    def pause(self) -> None:
        """Read no further for now."""

    def resume(self) -> None:
        """Read on."""


Keep = Callable[[Sequence[Arrived]], Awaitable[None]]
"""Stores messages for good. Raises StoreError while the database is away."""


class Batches:
    """The queue between the connections and the store. For one loop."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting: deque[tuple[Sender, Arrived]] = deque()
        self._some = asyncio.Event()
        self._paused: set[Sender] = set()
        self._away = False

    def put(self, sender: Sender, arrived: Arrived) -> None:
        """Have a message stored; its sender is read no further while too many wait."""
        self._waiting.append((sender, arrived))
        self._some.set()
        if len(self._waiting) > FULL and sender not in self._paused:
            self._paused.add(sender)
            sender.pause()

    def forget(self, sender: Sender) -> None:
        """A connection is gone. What it sent is stored all the same."""
        self._paused.discard(sender)

    async def run(self) -> None:
        """Store what comes, until cancelled."""
        while True:
            await self._some.wait()
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_BATCH))]
            if not self._waiting:
                self._some.clear()
            await self._store(batch)
            if len(self._waiting) < ROOM:
                self._resume_all()

    async def _store(self, batch: Sequence[tuple[Sender, Arrived]]) -> None:
        """Store a batch and answer it. What cannot be stored for a fault of its own is left out alone."""
        arrived = [one for _, one in batch]
        while True:
            try:
                await self._keep(arrived)
            except StoreError as error:
                if not self._away:
                    _log.warning("what devices send waits: %s", error.message)
                self._away = True
                await asyncio.sleep(REST_SECONDS)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the other messages must not suffer
                if len(batch) == 1:
                    runtime.report(fault, f"a message of station {arrived[0].seen.station}")
                    return
                half = len(batch) // 2
                await self._store(batch[:half])
                await self._store(batch[half:])
                return
            else:
                break
        if self._away:
            _log.info("what devices send is stored again")
            self._away = False
        for sender, one in batch:
            if one.answers:
                sender.send(one.answers)

    def _resume_all(self) -> None:
        paused, self._paused = self._paused, set()
        for sender in paused:
            sender.resume()
