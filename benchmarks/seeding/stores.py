"""The kept stores: one data folder of an embedded server for each size, used again by later runs.

They lie in QINGSHAO_BENCH_DIR, else in the user's cache folder (as root in /var/cache, where the server's
own user may go). Due times do not wait: a store is made as of a moment, and its open tickets grow older with
every day, so that a store older than `STALE` is made anew unless told otherwise.
"""

import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import platformdirs
from sqlalchemy import text

from benchmarks.seeding import write
from data_access import server, tallies
from data_access.log import transaction_time
from data_access.rules import load_rules
from data_access.store import Connection, Store, create_engine_for, open_embedded, open_url
from data_access.sweep import Swept, sweep

VERSION = 1
"""Raise it when the seeding makes another city: stores of another version are made anew."""

SIZES = (10_000, 100_000, 1_000_000)
STALE = timedelta(hours=36)
STOP_SECONDS = 60

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Label:
    """What a kept store says of itself. `anchor` is the moment that its city was made for."""

    version: int
    tickets: int
    anchor: str
    seconds: float
    megabytes: int

    @property
    def age(self) -> timedelta:
        return datetime.now(UTC) - datetime.fromisoformat(self.anchor)


def folder_of(tickets: int) -> Path:
    """The data folder of a size: `--data` of the program takes it."""
    return _root() / f"tickets-{tickets}"


def label_of(tickets: int) -> Label | None:
    """What the kept store of a size says of itself; None while there is none that can be used."""
    file = folder_of(tickets) / "seed.json"
    try:
        label = Label(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return label if label.version == VERSION else None


def prepare(tickets: int, *, fresh: bool = False, progress: write.Progress) -> Label:
    """Return the kept store of a size, made now if there is none, or a stale one, or with `fresh`."""
    label = label_of(tickets)
    if label is not None and not fresh:
        if label.age < STALE:
            return label
        _log.warning("the store of %d tickets is %s old: it is made anew", tickets, label.age)
    folder = folder_of(tickets)
    if folder.exists():
        server.stop(folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    begun, anchor = time.monotonic(), datetime.now(UTC).replace(microsecond=0)
    store = open_embedded(folder)
    try:
        with _hurried(store):
            write.fill(store, tickets, anchor, progress)
            # What an open program does bit by bit: a store that is in use has its changes counted.
            store.write(tallies.rebuild)
            write.tidy(store)
        settle(store)
        bytes_ = store.read(_size)
    finally:
        store.close()
    seconds = round(time.monotonic() - begun, 1)
    label = Label(VERSION, tickets, anchor.isoformat(), seconds, round(bytes_ / 1e6))
    (folder / "seed.json").write_text(json.dumps(asdict(label)), "utf-8")
    return label


@contextmanager
def opened(tickets: int) -> Iterator[Store]:
    """The kept store of a size. What is measured in it must not write: see `copied`."""
    store = open_embedded(folder_of(tickets))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def copied(tickets: int, name: str = "bench_work") -> Iterator[Store]:
    """A copy of a size's store in the same server, for what writes; it is dropped afterwards."""
    running = server.start(folder_of(tickets))
    engine = create_engine_for(running.url).execution_options(isolation_level="AUTOCOMMIT")
    quoted = engine.dialect.identifier_preparer.quote(name)
    drop = text(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
    with engine.connect() as connection:
        connection.execute(drop)
        connection.execute(text(f"CREATE DATABASE {quoted} TEMPLATE {server.DATABASE} STRATEGY file_copy"))
    store = open_url(engine.url.set(database=name).render_as_string(hide_password=False))
    try:
        yield store
    finally:
        store.close()
        with engine.connect() as connection:
            connection.execute(drop)
        engine.dispose()


def track_commits(tickets: int) -> None:
    """Have a size's server note commit times from its next start on, and start it anew.

    Raises:
        RuntimeError: another program uses the server, so that it goes on as it is.
    """
    folder = folder_of(tickets)
    with opened(tickets) as store:
        _alter(store, "ALTER SYSTEM SET track_commit_timestamp = on")
    stop(folder)


def stop(folder: Path) -> None:
    """Let go of a store's server, and wait until it has stopped.

    Raises:
        RuntimeError: another program uses it.
    """
    server.stop(folder)
    end = time.monotonic() + STOP_SECONDS
    while server.running_pid(folder) is not None:
        if time.monotonic() > end:
            raise RuntimeError(f"another program uses the store in {folder}")
        time.sleep(0.1)


def settle(store: Store) -> int:
    """Do what open programs would have done since the store was last used; return how many warnings."""
    warnings = 0
    while True:
        swept = store.write(_sweep, again=True)
        warnings += swept.raised + swept.cleared
        if not swept.more:
            break
    while store.write(tallies.refresh):
        pass
    return warnings


def _sweep(connection: Connection) -> Swept:
    return sweep(connection, load_rules(connection), transaction_time(connection))


def _size(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


@contextmanager
def _hurried(store: Store) -> Iterator[None]:
    """Fewer checkpoints while a city is written; what is measured later runs with the program's settings."""
    _alter(store, "ALTER SYSTEM SET max_wal_size = '8GB'")
    _alter(store, "ALTER SYSTEM SET autovacuum = off")
    try:
        yield
    finally:
        _alter(store, "ALTER SYSTEM RESET max_wal_size")
        _alter(store, "ALTER SYSTEM RESET autovacuum")


def _alter(store: Store, statement: str) -> None:
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(statement))
        connection.execute(text("SELECT pg_reload_conf()"))


def _root() -> Path:
    named = os.environ.get("QINGSHAO_BENCH_DIR")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "linux" and os.geteuid() == 0:
        return Path("/var/cache/qingshao/benchmarks")
    return Path(platformdirs.user_cache_dir("qingshao", appauthor=False)) / "benchmarks"
