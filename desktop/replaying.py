"""Lets the window show a past minute: read beside the feed, which goes on; ended when nobody waits for it."""

import asyncio
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from data_access.errors import StoreError
from data_access.readers.moment import beginning
from data_access.replay import Rewinding
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.pages.desk import Desk
from desktop.readings import MinuteChangedError, Readings
from desktop.touched import Touched
from widgets.replay_band import ReplayBand

PROGRESS_MS = 250


class Replaying(QObject):
    """Turns the readings of a window to the minute that its band asks for, and reads the shown page then.

    Signals:
        minute_changed(): another minute is to be shown; `as_of` says which.
        settled(): a page was read, or is no longer asked for; the next may be.
        said(str): something was not possible; a sentence for the screen.
    """

    minute_changed = Signal()
    settled = Signal()
    said = Signal(str)

    def __init__(self, readings: Readings, band: ReplayBand, parent: QObject) -> None:
        super().__init__(parent)
        self._readings = readings
        self.band = band
        self._before = readings.now()
        self._desk: Desk | None = None
        self._task: asyncio.Task[None] | None = None
        self._asked: asyncio.Task[None] | None = None
        self._progress = QTimer(self)
        self._progress.setObjectName("replay progress")
        self._progress.setInterval(PROGRESS_MS)
        self._progress.timeout.connect(self._show_progress)
        band.minute_requested.connect(self._turn)
        band.closed.connect(band.hide)
        band.refused.connect(self.said)
        band.tick(time.now())
        if readings.as_of is not None:
            band.show_minute(readings.as_of)
            band.show()

    @property
    def as_of(self) -> datetime | None:
        """The past minute that is shown, None for now."""
        return self._readings.as_of

    def open(self) -> None:
        """Show the band, or put it away at now."""
        if self.band.isVisible() and self.as_of is None:
            self.band.hide()
            return
        self.band.tick(time.now())
        self.band.show()
        self.band.edit.setFocus()
        self._ask_beginning()

    def show(self, minute: datetime | None) -> None:
        """Show a past minute, or now again; what is being read of the one before is stopped."""
        if minute == self.as_of:
            return
        self._before = self._readings.now()
        replays = self._readings.shown.turn_to(minute)
        if replays:
            runtime.spawn(runtime.in_thread(_stop, replays), "replay stopped")
        self.band.show_minute(minute)
        if minute is not None:
            self.band.show()
            self._ask_beginning()
        self.minute_changed.emit()

    def bring(self, desk: Desk) -> None:
        """Read a page as of the past minute, unless it shows that already; one page at a time."""
        if self._task is not None and not self._task.done():
            return
        if desk.fresh and not desk.restless:
            return
        self._task = runtime.spawn(self._read(desk), "past minute")

    async def stop(self) -> None:
        """End what is being read: the window closes."""
        await runtime.in_thread(_stop, self._readings.shown.turn_to(self.as_of))

    async def read(self, desk: Desk) -> None:
        """Read a page as of the past minute, and wait for it.

        Raises:
            StoreError: the database is away.
        """
        if desk.fresh and not desk.restless:
            return
        everything, desk.fresh = not desk.fresh, True
        try:
            await desk.update(Touched(self._readings.now(), everything=everything, new_minute=everything))
        except BaseException:
            desk.forget()
            raise

    async def _read(self, desk: Desk) -> None:
        self._desk = desk
        self.band.set_reading(True)
        self._progress.start()
        try:
            await self.read(desk)
        except MinuteChangedError:
            pass  # it is asked anew for the minute that is shown now
        except StoreError as error:
            self.said.emit(error.message)
            return  # tried again by the next look at the store
        finally:
            self._progress.stop()
            self.band.set_reading(False)
            self._task = None
        self.settled.emit()

    def _turn(self, minute: object) -> None:
        self.show(minute if isinstance(minute, datetime) else None)

    def _show_progress(self) -> None:
        # It takes long: what stands there is of another minute.
        if self._desk is not None:
            self._desk.set_stale(self._before)
        self.band.show_progress(*self._readings.shown.progress)

    def _ask_beginning(self) -> None:
        if self._asked is None or self._asked.done():
            self._asked = runtime.spawn(self._show_beginning(), "beginning")

    async def _show_beginning(self) -> None:
        try:
            found = await self._readings.read_present(_beginning)
        except StoreError:
            return  # the page says so, too
        self.band.show_beginning(found)


def _beginning(connection: Connection, _rules: Rules, _now: datetime) -> datetime | None:
    return beginning(connection)


def _stop(replays: tuple[Rewinding, ...]) -> None:
    for replay in replays:
        replay.stop()
