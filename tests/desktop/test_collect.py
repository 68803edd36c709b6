"""`collect` as an administrator meets it: no window, no Qt, and an orderly end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_access import schema
from data_access.store import Store
from desktop.demo.generate import generate
from desktop.demo.load import load

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends by POSIX signals")


@contextmanager
def collecting(url: str, folder: Path, *options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "main.py", "collect", "--data", str(folder), *options],
        cwd=ROOT,
        env=os.environ | {"QINGSHAO_DATABASE_URL": url} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.fixture
def without_qt(tmp_path: Path) -> Path:
    """A folder for the path in front of the packages, where PySide6 cannot be had: a bare server."""
    package = tmp_path / "bare" / "PySide6"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('raise ImportError("no Qt on this machine")\n')
    return package.parent


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_sweeps_where_there_is_no_qt_and_ends_with_code_0(
    database_url: str, tmp_path: Path, without_qt: Path, end: signal.Signals
) -> None:
    with collecting(database_url, tmp_path, PYTHONPATH=str(without_qt)) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.rstrip().endswith("INFO    this program sweeps now"), line + process.stderr.read()
        process.send_signal(end)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_with_live_the_city_lives(database_url: str, store: Store, tmp_path: Path) -> None:
    load(store, generate(datetime.now(UTC), tickets=60))
    count = select(func.count()).select_from(schema.event)
    before = store.read(lambda c: c.execute(count).scalar_one())
    with collecting(database_url, tmp_path, "--live") as process:
        until(lambda: store.read(lambda c: c.execute(count).scalar_one()) > before + 3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["collect", "run"])
def test_an_address_that_is_none_is_told_before_anything_begins(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "main.py", command, "--data", str(tmp_path), "--listen", "nowhere"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "0.0.0.0:9212" in done.stderr
    assert not (tmp_path / "postgres").exists()
