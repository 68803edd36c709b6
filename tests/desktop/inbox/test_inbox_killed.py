"""`collect --inbox` as a city runs it, and killed between commit and move: nothing goes in twice (X11)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data_access.store import Store
from desktop.inbox.arrivals import DONE, IN_WORK
from tests.desktop.inbox.conftest import names, put, rows, source_folder, tickets, url_of
from tests.desktop.receiving.conftest import until

ROOT = Path(__file__).parents[3]
KILLS_ITSELF = """
import os, signal
from desktop.inbox.source import Source

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

Source._put_away = die
from desktop import environment
environment.prepare()
from desktop.cli import main
main()
"""
"""The program itself, which SIGKILL ends when a file's rows are committed and it is to be put away."""

SLOW = """
import sys, time
from desktop.inbox import source

import_tickets = source.import_tickets

def import_slowly(*arguments):
    sys.stderr.write("begun\\n")
    sys.stderr.flush()
    time.sleep(1.5)
    return import_tickets(*arguments)

source.import_tickets = import_slowly
from desktop import environment
environment.prepare()
from desktop.cli import main
main()
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills by POSIX signals")


def collecting(store: Store, folder: Path, *program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            *program,
            "--data",
            str(folder / "data"),
            "collect",
            "--inbox",
            str(folder / "inbox"),
        ],
        cwd=ROOT,
        env=os.environ | {"QINGSHAO_DATABASE_URL": url_of(store), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_killed_between_commit_and_move_it_imports_nothing_twice(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path / "inbox", "killed")
    script = tmp_path / "kills_itself.py"
    script.write_text(KILLS_ITSELF, "utf-8")
    put(folder, "工单.csv", rows("1", "2"))
    with collecting(kept, tmp_path, str(script)) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err
    committed = tickets(kept, "killed")
    assert sorted(committed) == ["1", "2"]
    assert names(folder / IN_WORK) == ["工单.csv"]
    left = list((tmp_path / "data" / "inbox").iterdir())
    assert left, "the copy that was being imported"

    with collecting(kept, tmp_path, "main.py") as process:
        try:
            put(folder, "next.csv", rows("3"))
            until(lambda: names(folder / DONE) == ["next.csv", "工单.csv"], 60)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert "2 rows, 0 new, 0 continued, 2 unchanged" in err
    assert tickets(kept, "killed") == committed | {"3": committed["1"]}
    assert names(folder / IN_WORK) == []
    assert list((tmp_path / "data" / "inbox").iterdir()) == []


def test_an_import_under_way_is_let_finish_by_an_orderly_end(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path / "inbox", "orderly")
    script = tmp_path / "slow.py"
    script.write_text(SLOW, "utf-8")
    put(folder, "a.csv", rows("1"))
    with collecting(kept, tmp_path, str(script)) as process:
        assert process.stderr is not None
        try:
            while process.stderr.readline() not in ("begun\n", ""):
                pass
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert "1 rows, 1 new" in err
    assert names(folder / DONE) == ["a.csv"]
