"""Keeps the screens true: looks into the log when the bell rings, and each second for what time changes.

One look at a time; rings that come meanwhile make one more. While the database is away, does not answer or
cannot be read, the last picture stays under a veil with its time, and comes back by itself: a look after a
loss is the same look, from the same position.
"""

import asyncio
import contextlib
import logging
import threading
import time as clock
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from data_access.bell import Bell
from data_access.changes import Changes, Position, changes_since, log_height
from data_access.errors import StoreError
from data_access.letting_in import SignInError
from data_access.project import KINDS
from data_access.readers.board import turned
from data_access.readers.ground import ground
from data_access.store import Connection
from desktop import runtime, time
from desktop.seat import Seat, Sitting
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
WHOLE_SECONDS = 3.0
"""Whoever sees a part of the log only reads everything anew when it grew, and no more often than this."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look found. `height` is how far the whole log had grown when everything was last read anew, for
    whoever sees a part of it only."""

    changes: Changes
    touched: Touched
    ground: str
    height: int | None = None


class Live(QObject):
    """Looks again and again, and calls `update` with what changed; `restless` asks for more soon.

    Signals:
        away_changed(bool): the store went away, or came back.
        looked(Changes): what the feed brought, before any page has it.
        settled(Touched): the shown page has taken this in.
        signed_out(StoreError): the server lets the person in no longer; nothing is looked at any more.
    """

    away_changed = Signal(bool)
    looked = Signal(object)
    settled = Signal(object)
    signed_out = Signal(object)

    def __init__(
        self,
        seat: Seat,
        update: Callable[[Touched], Coroutine[Any, Any, bool]],
        parent: QObject,
        now: Callable[[], datetime] = time.now,
    ) -> None:
        """`update` returns whether something is left for a later call, to spare the database."""
        super().__init__(parent)
        self._seat = seat
        self._bell: Bell | None = None
        self._listener: threading.Thread | None = None
        self._update = update
        self._now = now
        self._wanted = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._away = False
        self._position: Position | None = None
        self._since: datetime | None = None
        self._ground: str | None = None
        self._height: int | None = None
        self._whole_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._patience = QTimer(self)
        self._patience.setObjectName("live patience")
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._lose_patience)

    @property
    def away(self) -> bool:
        """Whether the screen is not known to be true."""
        return self._away

    @property
    def running(self) -> bool:
        """Whether it looks."""
        return self._task is not None

    def start(self) -> None:
        """Begin to listen and to look as the person who sits there; what was seen before counts no more."""
        self._position, self._since, self._ground, self._height = None, None, None, None
        self._set_away(False)
        sitting = self._seat.taken()
        self._bell = Bell(sitting.store)
        self._listener = threading.Thread(target=self._listen, args=(self._bell,), name="bell", daemon=True)
        self._listener.start()
        self._task = runtime.spawn(self._keep_true(sitting), "live")

    async def stop(self) -> None:
        """End, and wait until the listening thread has. It may be started again."""
        task, self._task = self._task, None
        if task is None:
            return
        self._bell.stop()
        task.cancel()
        self._patience.stop()
        await asyncio.gather(task, return_exceptions=True)
        await runtime.in_thread(self._listener.join, LEAVE_SECONDS)

    def ring(self) -> None:
        """Ask for a look soon."""
        self._wanted.set()

    def _listen(self, bell: Bell) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            bell.listen(self._rung, self._rung)

    def _rung(self) -> None:
        self._loop.call_soon_threadsafe(self._wanted.set)

    async def _keep_true(self, sitting: Sitting) -> None:
        while True:
            self._wanted.clear()
            self._patience.start()
            begun = clock.monotonic()
            restless = await self._look_once(sitting)
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

    async def _look_once(self, sitting: Sitting) -> bool:
        try:
            look = await runtime.in_thread(self._look_as, sitting)
            # From here on whoever updates holds what was found: it is not told again.
            self._position, self._since, self._ground = look.changes.position, look.touched.now, look.ground
            if look.height != self._height:
                self._height, self._whole_at = look.height, clock.monotonic()
            self.looked.emit(look.changes)
            restless = await self._update(look.touched)
            self.settled.emit(look.touched)
        except SignInError as error:
            self._set_away(True, error.message)
            if error.final:
                self.signed_out.emit(error)
        except StoreError as error:
            self._set_away(True, error.message)
        except Exception as error:  # noqa: BLE001 - a fault in one page must not stop the wall for good
            runtime.report(error, "refresh")
            self._set_away(True, "a fault, see above")
        else:
            self._set_away(False)
            return restless
        return False

    def _look_as(self, sitting: Sitting) -> "_Look":
        with sitting.used() as store:
            return store.read(self._look_at_part if sitting.sitter.sees_part else self._look)

    def _look_at_part(self, connection: Connection) -> "_Look":
        """Look for somebody from whom rows are hidden: what leaves sight is told by no event that is seen."""
        look, height = self._look(connection), log_height(connection)
        touched, rested = look.touched, clock.monotonic() - self._whole_at >= WHOLE_SECONDS
        if touched.everything or (height != self._height and rested):
            everything = touched.and_then(Touched(touched.now, touched.since, everything=True))
            return replace(look, touched=everything, height=height)
        return replace(look, height=self._height)

    def _look(self, connection: Connection) -> "_Look":
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
        return _Look(changes, touched, ground_now)

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
    names: dict[str, set[str]] = {kind: set() for kind in KINDS}
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
        administration=frozenset(names["person"] | names["body"] | names["rules"] | names["duty"]),
    )


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
