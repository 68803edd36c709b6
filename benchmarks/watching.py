"""Watches the window's thread: when each look's changes were painted, and when the thread stood still."""

import faulthandler
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from desktop.live import feed
from desktop.pages.overview import OverviewDesk
from widgets.map.view import TicketMap

Tell = Callable[..., None]

BEAT_MS = 5
LATE_MS = 25.0
"""From here on a stall is told of. The window's budget is 50 ms."""

SAMPLE_SECONDS = 0.01
FRAMES = 7
TURNS = 2
"""Turns of the event loop after which the panels that got data have been painted."""


class Looks(QObject):
    """Tells each look's events when they are on screen: all panels painted, and the map has painted, too.

    `moment` is that of the look, `covered` that of the look up to which warnings and rates have followed:
    they are read beside the looks. A look without events is told of, too, when they catch up in it.
    """

    def __init__(self, window: QObject, tell: Tell) -> None:
        super().__init__(window)
        self._tell = tell
        self._live = window.findChild(feed.Live)
        self._map = window.findChild(TicketMap)
        self._desk = window.findChild(OverviewDesk)
        self._events: list[int] = []
        self._everything = False
        self._looked_at = 0.0
        self._lacking = False
        self._waiting: list[tuple[int, dict[str, Any]]] = []
        self._turns = 0
        self._next_turn = QTimer(self)
        self._next_turn.setObjectName("benchmark turn")
        self._next_turn.setSingleShot(True)
        self._next_turn.setInterval(0)
        self._next_turn.timeout.connect(self._turn)
        self._live.looked.connect(self._take_look)
        self._live.settled.connect(self._take_settled)
        self._map.painted.connect(self._take_painted)

    def stop(self) -> None:
        """Listen no more."""
        self._live.looked.disconnect(self._take_look)
        self._live.settled.disconnect(self._take_settled)
        self._map.painted.disconnect(self._take_painted)

    def _take_look(self, changes: Any) -> None:
        self._events = [change.id for change in changes.events]
        self._everything = changes.everything
        self._looked_at = time.time()

    def _take_settled(self, _touched: object) -> None:
        sight = self._desk.sight
        if sight is None:
            return
        covered = sight.covered == sight.overview.as_of
        if not self._events and not self._everything and not (self._lacking and covered):
            return
        self._lacking = not covered
        state = self._map.render_state()
        line = {
            "ids": self._events,
            "everything": self._everything,
            "looked": self._looked_at,
            "settled": time.time(),
            "moment": sight.overview.as_of.timestamp(),
            "covered": sight.covered.timestamp(),
        }
        self._events, self._everything = [], False
        self._waiting.append((state.wanted, line))
        self._turns = TURNS
        self._next_turn.start()

    def _turn(self) -> None:
        self._turns -= 1
        if self._turns:
            self._next_turn.start()
            return
        now = time.time()
        for _, line in self._waiting:
            line.setdefault("panels", now)
        self._tell_painted()

    def _take_painted(self, _push: int) -> None:
        self._tell_painted()

    def _tell_painted(self) -> None:
        painted = self._map.render_state().painted
        while self._waiting and self._waiting[0][0] <= painted and "panels" in self._waiting[0][1]:
            _, line = self._waiting.pop(0)
            self._tell("painted", **line)


class Heartbeat(QObject):
    """A timer of 5 ms on the window's thread. A thread beside it looks at the stack while a beat is late."""

    def __init__(self, window: QObject, tell: Tell) -> None:
        super().__init__(window)
        self._tell = tell
        self._timer = QTimer(self)
        self._timer.setObjectName("benchmark heartbeat")
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._last = time.perf_counter()
        self._longest = 0.0
        self._since_told = time.perf_counter()
        self._main = threading.get_ident()
        self._ended = threading.Event()
        self._seen: list[str] = []
        self._watcher = threading.Thread(target=self._watch, name="benchmark watcher", daemon=True)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()
        self._watcher.start()

    def stop(self) -> None:
        self._timer.stop()
        self._ended.set()
        self._watcher.join()

    def _beat(self) -> None:
        now = time.perf_counter()
        late = 1000 * (now - self._last) - BEAT_MS
        self._last = now
        self._longest = max(self._longest, late)
        if late >= LATE_MS:
            self._tell("stall", ms=round(late, 1), stacks=self._seen[-3:])
        self._seen = []
        if now - self._since_told >= 1:
            self._tell("second", longest=round(self._longest, 1))
            self._longest, self._since_told = 0.0, now

    def _watch(self) -> None:
        # faulthandler writes a stack without touching it. A frame held from here would keep a paintEvent's
        # painter alive beyond its end, and Qt crashes.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            while not self._ended.wait(SAMPLE_SECONDS):
                if 1000 * (time.perf_counter() - self._last) - BEAT_MS > LATE_MS * 0.6:
                    file.seek(0)
                    file.truncate()
                    faulthandler.dump_traceback(file, all_threads=True)
                    file.seek(0)
                    self._seen.append(_where(file.read(), self._main))


def _where(stacks: str, thread: int) -> str:
    """Return the innermost frames of a thread, the innermost last."""
    own = next((part for part in stacks.split("\n\n") if f"0x{thread:016x} " in part), "")
    frames = [line.strip() for line in own.splitlines() if line.startswith("  File ")]
    return " > ".join(reversed([_short(frame) for frame in frames[:FRAMES]]))


def _short(frame: str) -> str:
    _, file, rest = frame.split('"', 2)
    return "/".join(file.rsplit("/", 2)[-2:]) + rest.replace(", line ", ":").replace(" in ", " ")
