"""Keeps a seat's bell true: what waits for somebody is read, judged each second, shown, and sounded (Y05).

A locked seat goes on sounding; one that looks back at a past minute, or where nobody has signed in, does not.
While the database is away the bell goes on as it last was: nobody can have acknowledged anything.
"""

import asyncio
import logging
import time as clock
from collections.abc import Mapping
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from data_access.changes import Changes
from data_access.errors import StoreError
from data_access.readers.unacknowledged import unacknowledged
from desktop import runtime, time
from desktop.alarm.player import Player
from desktop.alarm.words import Heard, bell_mark
from desktop.live.feed import Live
from desktop.live.pace import SHARE
from desktop.readings import Readings
from desktop.seat import Sitting
from desktop.settings import Settings
from domain.alarm import Silence, Sounded, Waiting, is_due, silence, tone
from domain.events import WarningLevel
from domain.rights import RefusedError
from widgets.bell_chip import BellChip
from widgets.refusals import refusal_text

TICK_MS = 1000
LOOK_ANYWAY_SECONDS = 15.0
"""So often it is read even if no event told of anything: what leaves a person's sight is told by none."""

_log = logging.getLogger(__name__)


class Bell(QObject):
    """The bell of one window. It begins when the first picture stands, so that no start waits for it.

    Signals:
        changed(): `waits`, `ringing` or `silence` is another.
        said(str): a sentence for the screen.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(
        self, settings: Settings, readings: Readings, chip: BellChip, live: Live, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._readings = readings
        self._chip = chip
        self._live = live
        self._silence_for = timedelta(minutes=settings.silence_minutes)
        self._again_after: Mapping[WarningLevel, timedelta] = {
            WarningLevel.RED: timedelta(seconds=settings.sound_red_seconds),
            WarningLevel.YELLOW: timedelta(seconds=settings.sound_yellow_seconds),
        }
        self.player = Player(self) if settings.sound else None
        self.waits = Waiting()
        self.ringing: WarningLevel | None = None
        self.silence: Silence | None = None
        self._last: Sounded | None = None
        self._sitting: Sitting | None = None
        self._owed = True
        self._read_at = self._rested_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._ticking = QTimer(self)
        self._ticking.setObjectName("bell tick")
        self._ticking.setInterval(TICK_MS)
        self._ticking.timeout.connect(self._tick)
        live.settled.connect(self._begin)
        live.looked.connect(self._note)
        chip.clicked.connect(self.toggle)
        if self.player is not None:
            self.player.trouble_changed.connect(self._judge)

    async def stop(self) -> None:
        """End: nothing is read, shown or sounded any more."""
        self._ticking.stop()
        self._live.settled.disconnect(self._begin)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.player is not None:
            await self.player.stop()

    def toggle(self) -> None:
        """Silence this seat for a while, in the name of whoever sits there, or let it ring again."""
        sitter, now = self._readings.seat.sitter, time.now()
        if not self._ticking.isActive() or not self._chip.isEnabled() or self._is_past() or sitter is None:
            return
        silenced = self.silence is not None and self.silence.holds(now)
        if self.ringing is None and silenced:
            self.silence = None
            _log.info("the seat rings again, by %s", sitter.actor.name)
        elif self.ringing is not None:
            try:
                self.silence = silence(sitter.actor, self.waits, self._silence_for, now, self.silence)
            except RefusedError as error:
                self.said.emit(self.tr("不能静音：{0}").format(refusal_text(error)))
                return
            _log.info("silenced until %s by %s", self.silence.until.isoformat(), self.silence.by)
        self._judge()

    def _begin(self) -> None:
        if not self._ticking.isActive():
            self._ticking.start()
            self._tick()

    def _note(self, changes: Changes) -> None:
        if changes.everything or any(change.stream.startswith("ticket/") for change in changes.events):
            self._owed = True
            if self._ticking.isActive():
                self._tick()

    def _tick(self) -> None:
        sitting = self._readings.seat.sitting
        if sitting is not self._sitting:
            # Somebody else is responsible from here on, and may see something else.
            self._sitting, self.waits, self.silence, self._read_at = sitting, Waiting(), None, 0.0
        moment = clock.monotonic()
        if moment - self._read_at >= LOOK_ANYWAY_SECONDS:
            self._owed = True
        reading = self._task is not None and not self._task.done()
        if (
            self._owed
            and sitting is not None
            and not (reading or self._live.away or moment < self._rested_at)
        ):
            self._task = runtime.spawn(self._read(sitting), "bell")
        self._judge()

    async def _read(self, sitting: Sitting) -> None:
        begun, self._owed = clock.monotonic(), False
        try:
            found = await self._readings.read_present(unacknowledged)
        except StoreError:
            # The screen says so; the next tick asks again.
            self._owed = True
            return
        self._read_at = clock.monotonic()
        self._rested_at = self._read_at + SHARE * (self._read_at - begun)
        if sitting is self._sitting:
            self.waits = found
            self._judge()

    def _is_past(self) -> bool:
        return self._readings.as_of is not None

    def _judge(self) -> None:
        """Decide what sounds now, have it sounded when it is due, and show it."""
        now = time.now()
        before = self.ringing, self.silence, self._last
        if self.silence is not None and not self.silence.holds(now):
            self.silence = None
        heard = not self._is_past() and self._sitting is not None
        self.ringing = tone(self.waits, self.silence, now) if heard else None
        if self.ringing is None:
            self._last = None
        elif is_due(self.ringing, self.waits, self._last, now, self._again_after):
            self._last = Sounded(self.ringing, now, self.waits.red)
            self._chip.light(urgent=self.ringing is WarningLevel.RED)
            if self.player is not None:
                self.player.sound(self.ringing)
        self._show(now)
        if before != (self.ringing, self.silence, self._last):
            self.changed.emit()

    def _show(self, now: datetime) -> None:
        if self._sitting is None or not self._ticking.isActive():
            self._chip.show_mark(None)
            return
        heard = Heard(
            waits=self.waits,
            ringing=self.ringing,
            silence=self.silence,
            minutes=round(self._silence_for.total_seconds() / 60),
            past=self._is_past(),
            off=self.player is None,
            trouble=None if self.player is None else self.player.trouble,
        )
        self._chip.show_mark(bell_mark(heard, now))
