"""The receiver beside a window, or without one: a thread with a loop of its own, so that neither stalls."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, tzinfo
from functools import partial
from itertools import chain
from typing import TypeVar

from data_access.errors import StoreError
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import forget_registered, note_refused, note_seen, read_registry
from data_access.store import Connection, Store
from desktop import runtime
from desktop.factor_table import load_factors
from desktop.receiving.batches import Batches
from desktop.receiving.keeping import Kept, tidy
from desktop.receiving.reading import Arrived, Counts, Desk
from desktop.receiving.server import Server
from desktop.runtime.workers import Workers
from desktop.time import now
from domain.stations import Station

REGISTRY_SECONDS = 3
"""How often the registry is read anew, and refused devices are listed."""
FORGET_SECONDS = 60
"""How often those are taken off the list who are heard again."""
TIDY_SECONDS = 3600
ACCOUNT_SECONDS = 60
AGAIN_SECONDS = 10
"""When to try again to listen where somebody else does: another program may take over when that one ends."""
SPARE_FILES = 256
"""Files that the program itself may have open, beside the connections of devices."""
PATIENCE_SECONDS = 5
"""How long the end waits for what is being stored."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen ("": everywhere; port 0: any), for how many devices, how old a value may be when it
    comes, and how long it is kept."""

    host: str
    port: int
    connections: int = 5000
    back: timedelta = timedelta(days=400)
    kept: Kept = field(default_factory=Kept)


class Receiving:
    """The receiver of one program. Start it on the running loop; `port` is known once it listens."""

    def __init__(self, store: Store, listening: Listening) -> None:
        self._store = store
        self._listening = listening
        self._desk = Desk(load_factors(), listening.back)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        # Events of asyncio belong to no loop until somebody waits for them.
        self._end, self._known = asyncio.Event(), asyncio.Event()
        self._listens, self._stopping = threading.Event(), threading.Event()
        self._port = 0

    @property
    def counts(self) -> Counts:
        """What came until now."""
        return replace(self._desk.counts)

    @property
    def port(self) -> int | None:
        """Where it listens; None before it does, and after its end."""
        return self._port if self._listens.is_set() else None

    def wait_until_listening(self, seconds: float) -> bool:
        """Block until it listens; False when it does not within so long."""
        return self._listens.wait(seconds)

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="receiver", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """End: what is being stored is let finish; what is not, the devices send again."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping.set()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself meanwhile
                self._loop.call_soon_threadsafe(self._hear_of_end)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while thread.is_alive():
            if time.monotonic() > deadline:
                _log.warning("what devices sent is still being stored, and is left")
                return
            await asyncio.sleep(0.01)

    # --- on the thread ---------------------------------------------------------------------------------

    def _hear_of_end(self) -> None:
        self._end.set()
        # Nor is it waited for any longer who is registered.
        self._known.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with asyncio.Runner() as runner:
                    runner.run(self._serve())
            except Exception as fault:  # noqa: BLE001 - the devices must be heard again
                runtime.report(fault, "the receiver")
                self._stopping.wait(AGAIN_SECONDS)
            finally:
                self._listens.clear()

    async def _serve(self) -> None:
        self._loop, self._end, self._known = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        if self._stopping.is_set():
            self._hear_of_end()
        _allow_files(self._listening.connections)
        # One thread each: messages are stored in the order in which they came, whatever else is slow.
        self._writer, self._reader, self._tidier = Workers(), Workers(), Workers()
        for workers in (self._writer, self._reader, self._tidier):
            workers.start(1)
        batches = Batches(self._keep)
        server = Server(self._desk, batches, now, self._listening.connections)
        work = (
            batches.run(),
            server.watch(),
            self._keep_registry(),
            self._give_account(server),
            self._tidy(),
        )
        try:
            await runtime.side_by_side(self._listen(server), *work)
        finally:
            server.close()
            for workers in (self._writer, self._reader, self._tidier):
                workers.stop()
        # Nor is a month waited for that is being rolled up: what is not finished is undone.
        while self._writer.at_work() or self._reader.at_work():
            # Whoever stopped this does not wait without end.
            await asyncio.sleep(0.01)

    async def _listen(self, server: Server) -> None:
        """Listen until the end, from when it can be done: who is registered must be known by then."""
        told = False
        host, port = self._listening.host, self._listening.port
        await self._known.wait()
        while not self._end.is_set():
            try:
                listener = await server.listen(host, port)
            except OSError as error:
                if not told:
                    _log.warning("cannot listen for devices at %s:%d: %s", host, port, error.strerror)
                told = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._end.wait(), AGAIN_SECONDS)
                continue
            self._port = int(listener.sockets[0].getsockname()[1])
            self._listens.set()
            _log.info("listening for devices at %s:%d", host or "*", self._port)
            await self._end.wait()
            listener.close()

    async def _keep(self, arrived: Sequence[Arrived]) -> None:
        work = partial(self._store.write, partial(_keep, arrived=arrived), again=True)
        self._desk.counts.stored += await asyncio.wrap_future(self._writer.submit(work))

    async def _keep_registry(self) -> None:
        """Know who is registered, and list who was refused."""
        away = False
        forget_at = time.monotonic() + FORGET_SECONDS
        while True:
            try:
                stations, self._desk.zone = await self._on_reader(partial(self._store.read, _registry))
                known, self._desk.registry = self._desk.registry, {s.mn: s for s in stations}
                self._known.set()
                if self._desk.registry.keys() - known or time.monotonic() >= forget_at:
                    forget_at = time.monotonic() + FORGET_SECONDS
                    await self._on_reader(partial(self._store.write, forget_registered))
                if refusals := self._desk.take_refusals():
                    await self._on_reader(
                        partial(self._store.write, partial(note_refused, refusals=refusals))
                    )
                away = False
            except StoreError as error:
                if not away:
                    _log.warning("the registry of devices cannot be read: %s", error.message)
                away = True
            except Exception as fault:  # noqa: BLE001 - the next look may succeed
                runtime.report(fault, "the registry of devices")
            await asyncio.sleep(REGISTRY_SECONDS)

    async def _tidy(self) -> None:
        """Roll old readings up, a month at a time."""
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            try:
                # A month a call, on a thread of its own: meanwhile devices are read and answered.
                months = tidy(self._store, self._listening.kept, now())
                while line := await asyncio.wrap_future(self._tidier.submit(partial(next, months, None))):
                    _log.info("%s", line)
            except StoreError as error:
                _log.info("old readings are left for now: %s", error.message)
            except Exception as fault:  # noqa: BLE001 - the next time may succeed
                runtime.report(fault, "rolling old readings up")

    async def _give_account(self, server: Server) -> None:
        before = Counts()
        while True:
            await asyncio.sleep(ACCOUNT_SECONDS)
            counts = self.counts
            if counts != before:
                _log.info("devices: %d connected, %s", server.open, counts.since(before))
            before = counts

    async def _on_reader(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._reader.submit(work))


def _registry(connection: Connection) -> tuple[tuple[Station, ...], tzinfo]:
    return read_registry(connection), load_rules(connection).calendar.zone


def _keep(connection: Connection, arrived: Sequence[Arrived]) -> int:
    stored = store_samples(connection, chain.from_iterable(one.samples for one in arrived), now())
    note_seen(connection, (one.seen for one in arrived))
    return stored


def _allow_files(connections: int) -> None:
    """Let this program have as many files as connections, so far as the system lets it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        if most < wanted:
            _log.warning(
                "the system lets this program have %d files: not enough for %d devices", most, connections
            )
