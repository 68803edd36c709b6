"""`run` without a display and `snapshot`, as a user starts them: in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).parents[2]
PATIENCE = 120

pytestmark = pytest.mark.slow


def _variables(database_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    kept.pop("QT_QPA_PLATFORM", None)
    return kept | {"QINGSHAO_DATABASE_URL": database_url}


def _snapshot(tmp_path: Path, database_url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "main.py",
            "--data",
            str(tmp_path / "data"),
            "snapshot",
            str(tmp_path / "out"),
            *options,
        ],
        cwd=ROOT,
        env=_variables(database_url),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


def test_a_snapshot_has_the_size_that_was_asked_for(tmp_path, database_url):
    done = _snapshot(tmp_path, database_url, "--page", "overview", "--size", "1366x768")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "out" / "overview.png")]
    image = QImage(str(tmp_path / "out" / "overview.png"))
    assert (image.width(), image.height()) == (1366, 768)
    colours = {image.pixel(x, y) for x in range(0, 1366, 7) for y in range(0, 768, 7)}
    assert len(colours) > 20, "the page is blank"
    log = (tmp_path / "data" / "log" / "qingshao.log").read_text(encoding="utf-8")
    assert " ERROR " not in log


def test_a_page_that_is_none_is_refused_with_those_that_are(tmp_path, database_url):
    done = _snapshot(tmp_path, database_url, "--page", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "overview" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="no display is a thing of Linux")
def test_without_a_display_it_draws_and_listens_until_ctrl_c(tmp_path, database_url):
    """`run --listen` as `collect` has it (X14)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "main.py", "--data", str(tmp_path / "data"), "run", "--listen", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=_variables(database_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as child:
        assert child.stdout is not None
        try:
            line = child.stdout.readline()
            folder = tmp_path / "data" / "pictures"
            assert "There is no display" in line
            assert str(folder) in line
            picture = folder / "overview.png"
            deadline = time.monotonic() + PATIENCE
            while not picture.exists() and time.monotonic() < deadline:
                assert child.poll() is None
                time.sleep(0.2)
            assert picture.exists()
            first = picture.stat().st_mtime_ns
            while picture.stat().st_mtime_ns == first and time.monotonic() < deadline:
                time.sleep(0.5)
            assert picture.stat().st_mtime_ns > first, "it is drawn once only"
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=30)
            assert child.returncode == 0, errors
            assert "Traceback" not in errors
        finally:
            child.kill()
