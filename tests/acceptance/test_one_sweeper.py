"""Real programs, one server: exactly one sweeps, another takes over, and no warning is missed or doubled."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection, Row, select, text

from data_access import schema
from data_access.bulk import add_tickets
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from domain.events import DueSupplied
from domain.nodes import Node
from tests.data_access.streams import DUTY, happened, received, ticket

ROOT = Path(__file__).parents[2]
TAKE_OVER_SECONDS = 15
TICKETS = 900

_log = logging.getLogger(__name__)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kills and stops processes by POSIX signals"),
]


class Program:
    """A `collect` of its own, with what it wrote."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        self.lines = folder / f"{name}.txt"
        with self.lines.open("wb") as file:
            self.process = psutil.Popen(
                [sys.executable, "main.py", "collect", "--data", str(folder / name)],
                cwd=ROOT,
                env=os.environ | {"QINGSHAO_DATABASE_URL": url},
                stdout=subprocess.DEVNULL,
                stderr=file,
            )

    def said(self, words: str) -> bool:
        return words in self.lines.read_text("utf-8")

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return int(self.process.wait(20))


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """Starts programs; those that are left are killed at the end."""
    started: list[Program] = []

    def start(name: str) -> Program:
        started.append(Program(database_url, tmp_path, name))
        return started[-1]

    yield start
    for program in started:
        with suppress(psutil.NoSuchProcess):
            program.process.kill()
        program.process.wait(20)


def until(condition: Callable[[], bool], seconds: float = 60) -> float:
    """Wait until something holds; return for how long that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + seconds, "waited too long"
        time.sleep(0.02)
    return time.monotonic() - begun


def fall_due(store: Store, due: datetime, spread: timedelta, prefix: str = "T", count: int = TICKETS) -> None:
    """Bring in tickets whose rectification falls due from a moment on, one after the other."""

    def made(number: int) -> tuple[str, datetime]:
        return f"{prefix}-{number:04}", due + spread * number / count

    start = due - timedelta(days=1)
    tickets = [
        ticket(
            name,
            happened(
                (0, DUTY, received(policy="source-due")),
                (0, DUTY, DueSupplied(Node.RECTIFY, moment, "test")),
                start=start,
            ),
        )
        for name, moment in map(made, range(count))
    ]
    store.write(lambda c: add_tickets(c, load_rules(c), tickets))


def raised(store: Store) -> list[Row[tuple[str, datetime, datetime, str]]]:
    """Return every raised warning of lateness: the stream, when it happened, when it was written."""
    event = schema.event.c
    statement = select(event.stream, event.at, event.recorded_at).where(
        event.kind == "WarningRaised", event.data["kind"].as_string() == "late"
    )
    return list(store.read(lambda c: c.execute(statement).all()))


def due_times(store: Store) -> dict[str, datetime]:
    node = schema.node_state.c
    rows = store.read(lambda c: c.execute(select(node.ticket, node.due_at)).all())
    return {f"ticket/{row.ticket}": row.due_at for row in rows}


def assert_each_once_and_true(store: Store) -> None:
    """Every ticket was warned of once, at its due second, and the store proves itself."""
    rows = raised(store)
    assert sorted((row.stream, row.at) for row in rows) == sorted(due_times(store).items())
    assert all(row.recorded_at > row.at for row in rows)
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def in_mid_sweep(connection: Connection) -> bool:
    """Whether the sweep's own connection has written something, and not yet committed."""
    found = connection.execute(
        text(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'qingshao sweep'"
            " AND datname = current_database() AND backend_xid IS NOT NULL"
        )
    )
    return found.first() is not None


def catch_in_mid_sweep(store: Store, program: Program) -> None:
    """Stop a program while its sweep has written and not committed."""

    def caught() -> bool:
        if not store.read(in_mid_sweep):
            return False
        program.process.suspend()
        time.sleep(0.05)
        if store.read(in_mid_sweep):
            return True
        program.process.resume()
        return False

    until(caught)


@pytest.mark.parametrize("fate", ["killed", "stopped"])
def test_another_takes_over_from_one_that_is_lost_in_the_middle(
    store: Store, start: Callable[[str], Program], fate: str
) -> None:
    first = start("first")
    until(lambda: first.said("this program sweeps now"))
    second = start("second")
    until(lambda: second.said("another program sweeps"))
    # Hours of standstill fall due at once: there is something to be lost in the middle of.
    fall_due(store, datetime.now(UTC) - timedelta(hours=3), timedelta(hours=2))
    catch_in_mid_sweep(store, first)
    assert len(raised(store)) < TICKETS
    if fate == "killed":
        first.process.kill()
    took = until(lambda: second.said("this program sweeps now"))
    _log.info("%s: another one sweeps after %.1f s", fate, took)
    assert took < TAKE_OVER_SECONDS
    until(lambda: len(raised(store)) == TICKETS)
    if fate == "stopped":
        first.process.resume()
        until(lambda: first.said("another program sweeps"))
        assert first.end() == 0
    assert second.end() == 0
    assert_each_once_and_true(store)


def test_what_falls_due_while_a_machine_sleeps_is_warned_of_with_its_true_times(
    store: Store, start: Callable[[str], Program]
) -> None:
    program = start("asleep")
    until(lambda: program.said("this program sweeps now"))
    # In three parts: hours ago, as if the clock had jumped; while it sleeps; and after it woke.
    now = datetime.now(UTC)
    program.process.suspend()
    fall_due(store, now - timedelta(hours=3), timedelta(hours=3), "A", 40)
    fall_due(store, now, timedelta(seconds=10), "B", 40)
    fall_due(store, now + timedelta(seconds=14), timedelta(seconds=4), "C", 40)
    time.sleep(12)
    program.process.resume()
    until(lambda: len(raised(store)) == 120)
    assert_each_once_and_true(store)
    assert program.end() == 0


def test_a_program_that_ends_hands_over_and_one_that_starts_waits(
    store: Store, start: Callable[[str], Program]
) -> None:
    first = start("first")
    until(lambda: first.said("this program sweeps now"))
    second = start("second")
    until(lambda: second.said("another program sweeps"))
    assert not second.said("this program sweeps now")
    assert first.end() == 0
    assert until(lambda: second.said("this program sweeps now")) < TAKE_OVER_SECONDS
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(20) == 0
