"""The inbox beside the other work of `collect`: looks at each source's folder, takes in what came (X11).

Each source has threads of its own, not the run's few: a share that hangs holds up its source, nothing else.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar
from zoneinfo import ZoneInfo

from data_access.errors import StoreError
from data_access.inbox_turn import InboxTurn
from data_access.store import Store
from desktop import runtime
from desktop.errors import WorldError
from desktop.imports.mapping import Mapping
from desktop.inbox.arrivals import Arrival
from desktop.inbox.source import Place, Source
from desktop.inbox.telling import Telling
from desktop.runtime.workers import Workers

LOOK_SECONDS = 3.0
"""Between two looks: a file that is as it was at the last one is whole."""
HANGS_SECONDS = 30.0
"""A folder that does not answer for so long is told of; it is waited for."""
PATIENCE_SECONDS = 5.0
"""How long the end waits for an import: it is undone, and done again at the next start."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Inbox:
    """Takes in one folder of sources, for one program. Start it on the running loop.

    Any number of programs may have the same folder: one takes it in, and another takes over when that ends.
    """

    def __init__(
        self, store: Store, folder: Path, data: Path, zone: ZoneInfo, seconds: float = LOOK_SECONDS
    ) -> None:
        self._folder = folder
        self._spool = data / "inbox"
        self._place = Place(store, self._spool, zone, Lock())
        self._seconds = seconds
        self._turn = InboxTurn(store)
        self._ours: bool | None = None
        self._took_before = False
        self._telling = Telling(f"inbox {folder}")
        self._end = asyncio.Event()
        self._sources: dict[str, asyncio.Task[None]] = {}
        self._workers: list[Workers] = []
        self._lister = self._worker()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._watching = runtime.spawn(self._watch(), "inbox")

    async def stop(self) -> None:
        """End: an import under way is waited for a while; what is not finished is done at the next start."""
        self._end.set()
        tasks = [task for task in (self._watching, *self._sources.values()) if task is not None]
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
            if left:
                _log.warning("what is under way in the inbox does not end, and is left")
        for workers in self._workers:
            workers.stop()
        await runtime.in_thread(self._turn.close)

    async def _watch(self) -> None:
        """Keep the turn while the folder is there, and attend to each source in it."""
        seconds = 0.0
        while not await self._ended_after(seconds):
            seconds = self._seconds
            try:
                names = await self._on(self._lister, partial(_sources, self._folder), self._telling)
            except OSError as error:
                # Another machine may well reach it.
                await self._leave(f"文件夹无法访问：{error.strerror}")
                continue
            try:
                held = await runtime.in_thread(self._turn.held)
            except StoreError as error:
                await self._leave(error.message)
                continue
            except Exception as fault:  # noqa: BLE001 - the next look may succeed
                runtime.report(fault, "inbox")
                continue
            self._telling.well()
            await self._note_turn(held)
            for name in names if held else ():
                if name not in self._sources:
                    source = Source(self._folder / name, self._place)
                    self._sources[name] = runtime.spawn(self._attend(source), f"inbox {name}")

    async def _leave(self, why: str) -> None:
        self._telling.trouble(why)
        self._ours = False
        await runtime.in_thread(self._turn.close)

    async def _note_turn(self, held: bool) -> None:
        if held and not self._took_before:
            # Copies of a program that was killed: they hold complainants.
            await runtime.in_thread(shutil.rmtree, self._spool, ignore_errors=True)
            self._took_before = True
        if held != self._ours:
            _log.info("this program takes in %s" if held else "another program takes in %s", self._folder)
        self._ours = held

    async def _attend(self, source: Source) -> None:
        """Look at a source's folder again and again, also while a file of it is being imported."""
        looker, importer = self._worker(), self._worker()
        under_way: asyncio.Task[None] | None = None
        ended = False
        while not ended:
            if self._ours:
                try:
                    mapping, ready = await self._on(looker, source.look, source.looking)
                except (OSError, WorldError, StoreError) as error:
                    source.looking.trouble(_what(error), _where(error))
                except Exception as fault:  # noqa: BLE001 - the next look may succeed
                    runtime.report(fault, f"inbox {source.name}")
                else:
                    source.looking.well()
                    if ready and (under_way is None or under_way.done()):
                        work = self._take_in(source, importer, mapping, ready)
                        under_way = runtime.spawn(work, f"inbox {source.name}: import")
            ended = await self._ended_after(self._seconds)
        if under_way is not None:
            await under_way

    async def _take_in(
        self, source: Source, importer: Workers, mapping: Mapping, ready: list[Arrival]
    ) -> None:
        for arrival in ready:
            if self._end.is_set() or not self._ours:
                return
            try:
                await asyncio.wrap_future(importer.submit(partial(source.take_in, arrival, mapping)))
            except (OSError, WorldError, StoreError) as error:
                # In order: what came later waits, too, and all of it is tried again at the next look.
                source.taking_in.trouble(f"文件等待导入：{_what(error)}", _where(error) or arrival.path.name)
                return
            source.taking_in.well()

    def _worker(self) -> Workers:
        workers = Workers()
        workers.start(1)
        self._workers.append(workers)
        return workers

    async def _on(self, workers: Workers, call: Callable[[], T], telling: Telling) -> T:
        future = asyncio.wrap_future(workers.submit(call))
        done, _ = await asyncio.wait({future}, timeout=HANGS_SECONDS)
        if not done:
            telling.trouble("文件夹没有响应，继续等待")
        return await future

    async def _ended_after(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._end.wait()
        except TimeoutError:
            return False
        return True


def _sources(folder: Path) -> list[str]:
    """Return the names of the sources: folders, but hidden ones."""
    with os.scandir(folder) as entries:
        # The list itself says what is a folder: none of them is touched, a share that hangs least of all.
        return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))


def _what(error: OSError | WorldError | StoreError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{error.message} {error.way_out}".rstrip()


def _where(error: OSError | WorldError | StoreError) -> str:
    """Return the file that an error names: the same trouble may come with another one at each look."""
    return str(error.filename or "") if isinstance(error, OSError) else ""
