"""Keeps the screens true: looks into the log when the bell rings, and each second for what time changes.

One look at a time; rings that come meanwhile make one more. While the database is away, does not answer or
cannot be read, the last picture stays under a veil with its time, and comes back by itself: a look after a
loss is the same look, from the same position.
"""

import asyncio
import logging
import threading
import time as clock
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from data_access.bell import Bell
from data_access.changes import Changes, Position, changes_since
from data_access.errors import StoreError
from data_access.readers.board import turned
from data_access.readers.ground import ground
from data_access.store import Connection, Store
from desktop import runtime, time
from desktop.touched import MOST_NAMES, Touched

BEAT_SECONDS = 1.0
"""The longest time between two looks: a colour changes at its second, and a lost database is missed."""
RESTLESS_SECONDS = 0.25
"""The same while a page was spared something that it has to read yet."""
PATIENCE_MS = 9_000
"""A look that takes longer than this leaves the screen untrue: it is veiled until it comes."""
TICK_SECONDS = 0.1
"""Rings within this time are one (architecture.md: one tick)."""
LEFT_TO_OTHERS = 0.3
"""So long, as a share of what a look took, nothing is read after it."""
MOST_CHANGES = 5 * MOST_NAMES
LEAVE_SECONDS = 3
"""How long the end waits for the listening thread; it is a daemon and holds nothing up."""

_log = logging.getLogger(__name__)


class Live(QObject):
    """Looks again and again, and calls `update` with what changed; `restless` asks for more soon.

    Signals:
        away_changed(bool): the store went away, or came back.
        looked(Changes): what the feed brought, before any page has it.
        settled(Touched): the shown page has taken this in.
    """

    away_changed = Signal(bool)
    looked = Signal(object)
    settled = Signal(object)

    def __init__(
        self,
        store: Store,
        update: Callable[[Touched], Coroutine[Any, Any, bool]],
        parent: QObject,
        now: Callable[[], datetime] = time.now,
    ) -> None:
        """`update` returns whether something is left for a later call, to spare the database."""
        super().__init__(parent)
        self._store = store
        self._bell = Bell(store)
        self._update = update
        self._now = now
        self._wanted = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._away = False
        self._position: Position | None = None
        self._since: datetime | None = None
        self._ground: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._listener = threading.Thread(target=self._listen, name="bell", daemon=True)
        self._patience = QTimer(self)
        self._patience.setObjectName("live patience")
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._lose_patience)

    @property
    def away(self) -> bool:
        """Whether the screen is not known to be true."""
        return self._away

    def start(self) -> None:
        """Begin to listen and to look."""
        self._listener.start()
        self._task = runtime.spawn(self._keep_true(), "live")

    async def stop(self) -> None:
        """End, and wait until the listening thread has."""
        if self._task is None:
            return
        self._bell.stop()
        self._task.cancel()
        self._patience.stop()
        await asyncio.gather(self._task, return_exceptions=True)
        await runtime.in_thread(self._listener.join, LEAVE_SECONDS)

    def ring(self) -> None:
        """Ask for a look soon."""
        self._wanted.set()

    def _listen(self) -> None:
        self._bell.listen(self._rung, self._rung)

    def _rung(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wanted.set)
        except RuntimeError:
            self._bell.stop()  # the loop has ended

    async def _keep_true(self) -> None:
        while True:
            self._wanted.clear()
            self._patience.start()
            begun = clock.monotonic()
            restless = await self._look_once()
            self._patience.stop()
            # Ten looks a second at the most; in a flood of rings some of the time is left to everything else.
            took = clock.monotonic() - begun
            await asyncio.sleep(max(TICK_SECONDS - took, took * LEFT_TO_OTHERS))
            await self._until_wanted(RESTLESS_SECONDS if restless else BEAT_SECONDS)

    async def _until_wanted(self, beat: float) -> None:
        """Wait for a ring, or for the next beat; on the whole second due times pass."""
        try:
            async with asyncio.timeout(beat - clock.time() % beat + 0.001):
                await self._wanted.wait()
        except TimeoutError:
            pass

    async def _look_once(self) -> bool:
        try:
            changes, touched, ground_now = await runtime.in_thread(self._store.read, self._look)
            # From here on whoever updates holds what was found: it is not told again.
            self._position, self._since, self._ground = changes.position, touched.now, ground_now
            self.looked.emit(changes)
            restless = await self._update(touched)
            self.settled.emit(touched)
        except StoreError as error:
            self._set_away(True, error.message)
        except Exception as error:  # noqa: BLE001 - a fault in one page must not stop the wall for good
            runtime.report(error, "refresh")
            self._set_away(True, "a fault, see above")
        else:
            self._set_away(False)
            return restless
        return False

    def _look(self, connection: Connection) -> tuple[Changes, Touched, str]:
        now = self._now()
        changes = changes_since(connection, self._position, MOST_CHANGES)
        touched = touched_by(changes, self._since, now)
        ground_now = ground(connection)
        if ground_now != self._ground:
            # Other rules judge the tickets, or they have other names: no event tells of it.
            touched = touched.and_then(Touched(now, self._since, everything=True))
        if self._since is not None and not touched.everything:
            touched = touched.and_then(
                Touched(now, self._since, tickets=turned(connection, self._since, now))
            )
        return changes, touched, ground_now

    def _lose_patience(self) -> None:
        self._set_away(True, "no answer yet")

    def _set_away(self, away: bool, reason: str = "") -> None:
        if away != self._away:
            self._away = away
            if away:
                _log.warning("the screens stand still: %s", reason)
            else:
                _log.warning("the screens are true again")
            self.away_changed.emit(away)


def touched_by(changes: Changes, since: datetime | None, now: datetime) -> Touched:
    """Return what these changes touch, looked at now; `since` is the moment of the look before."""
    names: dict[str, set[str]] = {"ticket": set(), "directive": set(), "re_supervision": set(), "item": set()}
    for change in changes.events:
        prefix, _, name = change.stream.partition("/")
        if prefix in names:
            names[prefix].add(name)
    # A clock that was set back: nothing is known of what lies between.
    if changes.everything or since is None or now < since or sum(map(len, names.values())) > MOST_NAMES:
        return Touched(now, since, everything=True, new_minute=True)
    return Touched(
        now=now,
        since=since,
        new_minute=_minute(since) != _minute(now),
        tickets=frozenset(names["ticket"]),
        directives=frozenset(names["directive"]),
        re_supervisions=frozenset(names["re_supervision"]),
        items=frozenset(names["item"]),
    )


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
