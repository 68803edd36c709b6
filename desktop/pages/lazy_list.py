"""Feeds a table over a list of any length: first rows at once, then all keys in order, then what is in sight.

A list is settled: between two settlings each row stays where it is. Rows that change are shown in their place
at once; their order and how many there are follow calmly, and what is looked at or chosen does not move.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median_low
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from data_access.errors import StoreError
from data_access.readers.settled import Settled
from data_access.readers.stop import Stop
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.readings import MinuteChangedError, Readings
from widgets.table.lazy import MOST_FOLLOWED, LazyTable
from widgets.table.paged import PAGE_SIZE, Renewal, Watched

CALM_SECONDS = 3.0
"""A flood of changes settles a list anew no more often than this."""
CALM_SHARE = 20
"""… and, so that a long list does not keep the database busy, rests so many times as long as it took."""
MOST_SEARCHED = MOST_FOLLOWED
"""So many chosen rows that are no longer near are looked for in the whole of a list: some ms for each."""


class Source(Protocol):
    """Which list: how it is read. Called in worker threads."""

    def first(self, connection: Connection, rules: Rules, now: datetime, limit: int) -> Sequence[Any]:
        """Return the first records, without settling the rest."""

    def settle(self, connection: Connection, rules: Rules, now: datetime) -> Settled:
        """Return the keys of all records, in order."""

    def by_key(
        self, connection: Connection, rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[Any]:
        """Return records by their keys, in the order of these; what is no longer there is None."""


@dataclass(frozen=True, slots=True)
class _Settling:
    settled: Settled
    renewal: Renewal
    as_of: datetime


class LazyList(QObject):
    """Signals:
    counted(object, object): how many rows the list has, None while they are counted; as of when (datetime).
    refused(str): a page could not be read; a sentence for the screen.
    """

    counted = Signal(object, object)
    refused = Signal(str)

    def __init__(
        self, table: LazyTable, readings: Readings, parent: QObject, calm_share: int = CALM_SHARE
    ) -> None:
        """`calm_share`: how many times as long as it took a settling rests; fewer where seconds count."""
        super().__init__(parent)
        self._table = table
        self._calm_share = calm_share
        self._readings = readings
        self._source: Source | None = None
        self._settled: Settled | None = None
        self._stop = Stop()
        self._settling: asyncio.Task[None] | None = None
        self._due = 0.0
        self._old = False
        self._missed: str | None = None
        self._turned = False
        self._anchor: str | None = None
        table.paged.page_requested.connect(self._fetch)

    @property
    def source(self) -> Source | None:
        """Which list is shown, None before the first."""
        return self._source

    @property
    def restless(self) -> bool:
        """Whether the list is to be updated at the next look, whatever changes.

        It is owed a settling that may begin now, or the last one failed.
        """
        return self._missed is not None or self._turned or self._may_settle

    @property
    def _may_settle(self) -> bool:
        rested = time.monotonic() >= self._due
        return self._old and rested and not self._at_work and not self._table.held

    @property
    def _at_work(self) -> bool:
        return self._settling is not None and not self._settling.done()

    def open(self, source: Source) -> None:
        """Begin to show a list; what was being read of another is stopped."""
        if self._at_work:
            runtime.spawn(runtime.in_thread(self._stop.stop), "list stopped")
        self._source, self._settled, self._stop = source, None, Stop()
        self._old, self._missed, self._turned = True, None, False
        self._settling = runtime.spawn(self._open(source, self._stop), "list opened")

    def renew(self, anchor: str) -> None:
        """Settle the list anew at once: it lists something else. The record with key `anchor` stays."""
        if self._source is None:
            return
        self._anchor, self._old, self._due = anchor, True, 0.0
        if not self._at_work and not self._table.held:
            self._settling = runtime.spawn(self._settle(self._source, self._stop), "list settled for a hand")

    def turn_minute(self) -> None:
        """Say that the window shows another minute: the next update reads the list from its first row."""
        self._turned = self._source is not None

    def choose(self, key: str) -> bool:
        """Choose a record, wherever it stands; return whether it is in the settled list."""
        row = None if self._settled is None else self._settled.row_of(key)
        if row is not None:
            self._table.choose_row(row)
        return row is not None

    async def settled(self) -> None:
        """Wait until the list has all that changed before, whatever its rest: for a picture.

        Raises:
            StoreError: the list could not be read.
        """
        await self._until_idle()
        # What ended now may have begun before the last change.
        if self._source is not None and self._old and not self._table.held:
            self._settling = runtime.spawn(self._settle(self._source, self._stop), "list settled to be seen")
            await self._until_idle()
        self._raise_missed()

    async def update(self, keys: Iterable[str], *, everything: bool = False) -> None:
        """Show records that changed in their places, and settle the list anew in the background.

        While it is settled, or rests from that, `restless` asks for another call after it. `everything` is to
        be read again, not the keys alone.

        Raises:
            StoreError: the database is away, or the list could not be settled since.
        """
        source, self._old = self._source, True
        if source is None:
            return
        if self._turned:
            self.open(source)
            return
        await self._update_in_place(source, self._table.keys_in_sight() if everything else keys)
        if self._may_settle and self._source is not None:
            self._settling = runtime.spawn(self._settle(self._source, self._stop), "list settled anew")
        self._raise_missed()

    def _raise_missed(self) -> None:
        if self._missed is not None:
            raise StoreError(self._missed)

    async def _until_idle(self) -> None:
        while self._settling is not None and self._at_work:
            await asyncio.wait([self._settling])

    # --- opening and settling --------------------------------------------------------------------------

    async def _open(self, source: Source, stop: Stop) -> None:
        brake = Stop()
        # Either may be the sooner: what few rows fit is known when all have been looked through.
        begun = runtime.spawn(self._begin(source, brake), "list begun")
        try:
            await self._settle(source, stop)
            if self._missed is not None and source is self._source:
                self.refused.emit(self._missed)
        finally:
            if not begun.done():
                await runtime.in_thread(brake.stop)

    async def _begin(self, source: Source, brake: Stop) -> None:
        if self._readings.as_of is not None:
            return  # a past minute is replayed for each reading: the list is settled in one
        try:
            rows, now = await self._readings.read(_First(source, brake))
        except StoreError:
            return  # settling it says so
        if source is self._source and self._settled is None and rows:
            self._table.paged.set_page(0, rows, len(rows))
            self.counted.emit(None, now)

    async def _settle(self, source: Source, stop: Stop) -> None:
        """Settle the list. What prevents that is kept, and told by each `update` until it is settled."""
        began, self._old = time.monotonic(), False
        try:
            found = await self._read(source, stop)
        except Exception as error:  # noqa: BLE001 - it is told with the next update
            if source is not self._source or stop is not self._stop:
                return  # it was stopped
            if isinstance(error, MinuteChangedError):
                self._old, self._due = True, 0.0
                return
            self._old, self._due = True, time.monotonic() + CALM_SECONDS
            if not isinstance(error, StoreError):
                runtime.report(error, "a list")
            self._missed = error.message if isinstance(error, StoreError) else self.tr("列表暂时无法读取。")
            return
        if source is not self._source or stop is not self._stop:
            return
        ended = time.monotonic()
        self._due = ended + max(CALM_SECONDS, self._calm_share * (ended - began))
        self._missed = None
        if self._table.held and self._settled is not None:
            self._old = True  # so many were chosen meanwhile; they stay where they are
            return
        self._settled, self._anchor = found.settled, None
        self._table.renew(found.renewal)
        self.counted.emit(len(found.settled), found.as_of)

    async def _read(self, source: Source, stop: Stop) -> _Settling:
        watched = self._watched()
        found = await self._readings.read(_Settle(source, stop, watched))
        while source is self._source and not self._table.held and self._watched().chosen != watched.chosen:
            # Somebody chose while it was read.
            watched = self._watched()
            renewal = await self._readings.read(_Follow(source, stop, found.settled, watched))
            found = replace(found, renewal=renewal)
        return found

    def _watched(self) -> Watched:
        """Return what must not jump, with the keys of the rows whose records are not here."""
        watched, settled = self._table.watched(), self._settled
        fixed = {row: key for row, key in watched.in_sight.items() if key == self._anchor}
        if fixed:
            watched = replace(watched, in_sight=fixed)
        if settled is None or not watched.elsewhere:
            return watched
        keys = (key for row in watched.elsewhere for key in settled.keys(row, row + 1))
        return replace(watched, chosen=(*watched.chosen, *keys), elsewhere=())

    # --- pages and rows --------------------------------------------------------------------------------

    async def _update_in_place(self, source: Source, keys: Iterable[str]) -> None:
        first, last = self._table.rows_in_sight()
        here = self._table.paged.rows_of(keys)
        shown = [key for key, row in here.items() if first <= row <= last]
        if shown:
            rows, _ = await self._readings.read(_ByKey(source, shown))
            if source is self._source:
                self._table.paged.update_records(row for row in rows if row is not None)

    def _fetch(self, offset: int) -> None:
        if self._source is not None and self._settled is not None:
            runtime.spawn(self._fetch_page(self._source, self._settled, offset), f"rows from {offset}")

    async def _fetch_page(self, source: Source, settled: Settled, offset: int) -> None:
        try:
            rows, _ = await self._readings.read(_ByKey(source, settled.keys(offset, offset + PAGE_SIZE)))
        except StoreError as error:
            self._table.paged.forget_asked()
            if not isinstance(error, MinuteChangedError):
                self.refused.emit(error.message)
            return
        if settled is self._settled:
            self._table.paged.set_page(offset, rows, len(settled))


@dataclass(frozen=True, slots=True)
class _First:
    source: Source
    stop: Stop

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> tuple[Sequence[Any], datetime]:
        with self.stop.can_end(connection):
            return self.source.first(connection, rules, now, PAGE_SIZE), now


@dataclass(frozen=True, slots=True)
class _ByKey:
    source: Source
    keys: Sequence[str]

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> tuple[Sequence[Any], datetime]:
        return self.source.by_key(connection, rules, now, self.keys), now


@dataclass(frozen=True, slots=True)
class _Settle:
    source: Source
    stop: Stop
    watched: Watched

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> _Settling:
        with self.stop.can_end(connection):
            settled = self.source.settle(connection, rules, now)
        renewal = _Follow(self.source, self.stop, settled, self.watched)(connection, rules, now)
        return _Settling(settled, renewal, now)


@dataclass(frozen=True, slots=True)
class _Follow:
    source: Source
    stop: Stop
    settled: Settled
    watched: Watched

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> Renewal:
        with self.stop.can_end(connection):
            settled = self.settled
            shift, first, last = _moved(settled, self.watched)
            offset = first // PAGE_SIZE * PAGE_SIZE
            keys = settled.keys(offset, (last // PAGE_SIZE + 1) * PAGE_SIZE)
            rows = tuple(self.source.by_key(connection, rules, now, keys))
            chosen = _found(settled, self.watched.chosen, first)
            records = self.source.by_key(connection, rules, now, list(chosen))
            kept = {row: record for row, record in zip(chosen.values(), records, strict=True) if record}
            return Renewal(len(settled), offset, rows, shift, kept)


def _moved(settled: Settled, watched: Watched) -> tuple[int, int, int]:
    """Return by how many rows what was in sight went down, and its first and last row now.

    Most of it goes together; what changed may have gone elsewhere, and takes nobody's eyes with it.
    """
    if not watched.in_sight:
        return 0, 0, 0
    top, bottom = min(watched.in_sight), max(watched.in_sight)
    found = settled.rows_near(watched.in_sight.values(), top)
    shifts = [found[key] - row for row, key in watched.in_sight.items() if key in found]
    if shifts:
        shift = median_low(shifts)
    else:
        place = settled.row_of(watched.in_sight[top])
        shift = 0 if place is None else place - top
    last_row = max(len(settled) - 1, 0)
    return shift, min(max(top + shift, 0), last_row), min(max(bottom + shift, 0), last_row)


def _found(settled: Settled, keys: Sequence[str], row: int) -> dict[str, int]:
    found = settled.rows_near(keys, row)
    for key in [key for key in keys if key not in found][:MOST_SEARCHED]:
        place = settled.row_of(key)
        if place is not None:
            found[key] = place
    return found
