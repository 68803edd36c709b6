"""The database killed in the middle of an import: after a restart the result is as if nothing had been."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from data_access.errors import StoreError
from data_access.readers.keys import Keys
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.verify import verify
from desktop.imports.run import CHUNK, import_tickets
from desktop.imports.tables import open_table
from desktop.imports.tickets import TicketReader
from domain.events import Event
from tests.acceptance.reading import events_by_ticket, fingerprint
from tests.desktop.imports.sources import FIRST, SECOND, mapping, write_csv

NOW = datetime(2026, 4, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
MAP = """
[source]
key = "test"
policy = "source-due"
[columns]
id = "编号"
received = "受理时间"
title = "标题"
body = "单位"
[[done]]
node = "rectify"
column = "办结时间"
"""


def rows() -> list[tuple[str, ...]]:
    count = 3 * CHUNK
    return [(f"K{number}", *(FIRST if number % 2 else SECOND)[1:]) for number in range(count)]


def writer_of(store: Store) -> int:
    """Return the process of the server's that holds the import's open transaction."""

    def read(connection: Connection) -> int:
        found = connection.execute(
            text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
            )
        ).scalar_one()
        return int(found)

    return store.read(read)


def wait_for(store: Store) -> None:
    """Wait until the server has recovered."""
    for _ in range(100):
        try:
            store.read(answer)
        except StoreError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not come back")


def answer(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


class Killer:
    """A progress callback that kills the server's process after half of the file."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.calls = 0

    def __call__(self, done: int, total: int) -> None:
        self.calls += 1
        if self.calls == 2:
            assert done
            assert total
            os.kill(writer_of(self.store), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="kills a process by POSIX signal")
def test_a_killed_server_process_leaves_nothing_and_the_import_runs_again(
    store: Store, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", rows())
    before = fingerprint(store)
    killer = Killer(store)
    with pytest.raises(StoreError):
        import_tickets(store, path, mapping(), NOW, tmp_path, killer)
    assert killer.calls == 2
    wait_for(store)
    assert fingerprint(store) == before
    report = import_tickets(store, path, mapping(), NOW, tmp_path)
    assert (report.added, report.rejected) == (len(rows()), 0)
    assert events_by_ticket(store) == events_in(path)
    assert store.scratch(proved) is None


def events_in(path: Path) -> dict[str, list[Event]]:
    """Return what the file says, without any database."""
    with open_table(path, mapping()) as table:
        reader = TicketReader(mapping(), table, NOW, datetime(1970, 1, 1, tzinfo=UTC), Keys({}, {}, {}, {}))
        tickets = [reader.read(row) for row in table.rows]
    return {ticket.number: list(ticket.events) for ticket in tickets}


def proved(connection: Connection) -> object:
    return verify(connection, load_rules(connection)).flaw


@pytest.fixture
def data_folder() -> Iterator[Path]:
    # As root the server runs as another user, which pytest's own temporary folders keep out.
    folder = Path(tempfile.mkdtemp(prefix="qingshao-kill-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(os.name == "nt", reason="kills a process by POSIX signal")
def test_a_killed_server_ends_the_command_with_a_reason_and_the_next_run_completes(
    data_folder: Path, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", rows())
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    command = [sys.executable, "main.py", "--data", str(data_folder), "import", "tickets", str(path)]
    command += ["--mapping", str(tmp_path / "map.toml"), "--json"]
    options = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **options) as first:
        os.kill(server_while_it_writes(data_folder, first), signal.SIGKILL)
        out, err = first.communicate(timeout=60)
    assert (first.returncode, out) == (2, "")
    assert "没有写入任何内容" in err

    second = subprocess.run(command, **options, timeout=60, check=False)
    assert second.returncode == 0, second.stderr
    report = json.loads(second.stdout)
    assert (report["added"], report["unchanged"], report["rejected"]) == (len(rows()), 0, 0)


def server_while_it_writes(folder: Path, importing: subprocess.Popen[str]) -> int:
    """Return the server's process as soon as it is at work on the import's rows."""
    pid_file = folder / "postgres" / "postmaster.pid"
    for _ in range(3000):
        assert importing.poll() is None, "the import ended before the server could be killed"
        if pid_file.exists() and (lines := pid_file.read_text().split()):
            # A negative number is initdb's single-user server.
            postmaster = int(lines[0])
            if postmaster > 0 and any("COPY" in title for title in titles_of_children(postmaster)):
                return postmaster
        time.sleep(0.01)
    pytest.fail("the import never wrote")


def titles_of_children(pid: int) -> list[str]:
    try:
        return [" ".join(child.cmdline()) for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []
