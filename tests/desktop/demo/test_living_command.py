"""`demo --live` as a user starts and ends it: in a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop.demo import generate
from desktop.demo.load import load
from tests.fresh_database import copied, filled

ROOT = Path(__file__).parents[3]
PATIENCE = 60

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str) -> Iterator[str]:
    """A small city of this minute, from which each test's own is copied."""
    city = generate(datetime.now(UTC), tickets=300)
    with filled(postgres, template_database, lambda store: load(store, city)) as name:
        yield name


@pytest.fixture
def demo(tmp_path: Path, postgres: Path, city_database: str):
    with copied(postgres, city_database) as database_url:
        yield starting(tmp_path, database_url)


def starting(folder: Path, database_url: str):
    def start(*options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "main.py", "--data", str(folder), "demo", *options],
            cwd=ROOT,
            env=os.environ | {"QINGSHAO_DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    return start


def test_it_lives_for_as_long_as_was_asked_and_sums_up(demo) -> None:
    out, err = demo("--live", "--rate", "40/s", "--for", "7s").communicate(timeout=PATIENCE)
    assert err == ""
    assert "made up" in out
    assert re.search(r"00:00:0\d  \d+ changes  \d+ open  \+\d+ -\d+  \d+ late  quiet feeds: ", out), out
    summary = re.search(r"Lived for (\d+) s: (\d+) changes, .* tickets came in", out)
    assert summary is not None, out
    assert int(summary[1]) in range(6, 11)
    assert int(summary[2]) > 60


def test_ctrl_c_ends_it_in_order_and_a_second_one_is_refused_meanwhile(demo) -> None:
    first = demo("--live", "--rate", "20/s")
    try:
        assert first.stdout is not None
        lines = [first.stdout.readline(), first.stdout.readline()]
        assert "changes" in lines[1]
        second = demo("--live")
        _, err = second.communicate(timeout=PATIENCE)
        assert second.returncode == 2
        assert "Another living demo plays in this store already." in err
        # A city that lives is not taken away under the feet of those who live in it.
        reset = demo("--reset")
        _, err = reset.communicate(timeout=PATIENCE)
        assert reset.returncode == 2
        assert "Another living demo plays in this store already." in err
        assert "changes" in first.stdout.readline()
        first.send_signal(signal.SIGINT)
        out, err = first.communicate(timeout=PATIENCE)
    finally:
        first.kill()
    assert first.returncode == 0, err
    assert "Lived for" in out
    assert err == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--live", "--rate", "2/day"], "'2/day' is not a rate."),
        (["--live", "--for", "soon"], "'soon' is not a span of time."),
        (["--live", "--as-of", "2026-01-05"], "A living city goes on from now."),
        ([], "The store is not empty."),
        (["--rate", "3/s"], "Add --live."),
    ],
)
def test_what_cannot_be_is_refused_in_the_users_words(demo, options: list[str], words: str) -> None:
    refused = demo(*options)
    _, err = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 2
    assert words in err
