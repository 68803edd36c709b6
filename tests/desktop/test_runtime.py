"""The runtime: one loop for Qt and asyncio, with nothing lost and nothing left behind."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from desktop import runtime
from desktop.runtime import faults
from desktop.runtime.tasks import WORKERS, Tasks

ROOT = Path(__file__).parents[2]


def test_run_returns_the_code_of_main(qapp):
    async def main() -> int:
        await asyncio.sleep(0.01)
        return 3

    assert runtime.run(main) == 3


def test_run_raises_what_main_raises(qapp):
    async def main() -> int:
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing"):
        runtime.run(main)


def test_quit_cancels_main_and_every_task(qapp):
    seen: list[str] = []

    async def forever(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(name)

    async def main() -> None:
        runtime.spawn(forever("a"), "a")
        runtime.spawn(forever("b"), "b")
        await asyncio.sleep(0.01)
        assert runtime.current().names() == ["a", "b"]
        runtime.quit()
        await forever("main")

    assert runtime.run(main) == 0
    assert sorted(seen) == ["a", "b", "main"]


def test_a_task_spawned_while_ending_is_ended_too(qapp):
    ended: list[str] = []

    async def last_word() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("last word")

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            runtime.spawn(last_word(), "last word")
            await asyncio.sleep(0)

    async def main() -> None:
        runtime.spawn(stubborn(), "stubborn")
        await asyncio.sleep(0.01)

    runtime.run(main)
    assert ended in ([], ["last word"])


def test_outside_a_run_nothing_can_be_spawned():
    with pytest.raises(RuntimeError, match="nothing runs"):
        runtime.current()


def test_closing_the_last_window_does_not_end_the_run(qapp):
    async def main() -> int:
        window = QWidget()
        window.show()
        await asyncio.sleep(0.01)
        window.close()
        await asyncio.sleep(0.05)
        window.deleteLater()
        return 5

    assert runtime.run(main) == 5


def test_widgets_left_open_are_deleted(qapp, qtbot):
    kept: list[QWidget] = []

    async def main() -> None:
        window = QWidget()
        kept.append(window)
        window.show()

    runtime.run(main)
    with pytest.raises(RuntimeError, match="already deleted"):
        kept[0].isVisible()


async def test_work_in_a_thread_leaves_the_loop_free(tasks: Tasks):
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = runtime.spawn(tick(), "tick")
    name = await runtime.in_thread(_sleep_and_name, 0.2)
    assert name.startswith("worker")
    ticking.cancel()
    assert ticks >= 5


async def test_an_error_in_a_thread_is_raised_where_it_is_awaited(tasks: Tasks):
    with pytest.raises(ZeroDivisionError):
        await runtime.in_thread(_divide, 1, by=0)


@pytest.mark.faults_expected
async def test_a_failing_task_is_reported_once_in_full(tasks: Tasks, caplog):
    async def fail() -> None:
        raise ValueError("no such body")

    for _ in range(11):
        with pytest.raises(ValueError, match="no such body"):
            await runtime.spawn(fail(), "failing")
    records = [record for record in caplog.records if record.name == "qingshao.faults"]
    assert [record.levelno for record in records] == [logging.ERROR, logging.ERROR]
    assert records[0].exc_info is not None
    assert records[1].exc_info is None
    assert "10 times" in records[1].getMessage()
    assert list(faults.counts().values()) == [11]


@pytest.mark.faults_expected
def test_a_slot_and_a_thread_report_to_the_same_place(qapp, caplog):
    def burst() -> None:
        raise LookupError("in a thread")

    async def main() -> None:
        timer = QTimer(qapp)
        timer.setSingleShot(True)
        timer.timeout.connect(_raise_in_slot)
        timer.start(0)
        thread = threading.Thread(target=burst, name="bursting")
        thread.start()
        await asyncio.sleep(0.05)
        thread.join()
        timer.deleteLater()

    runtime.run(main)
    assert sorted(faults.counts().values()) == [1, 1]
    text = caplog.text
    assert "in a slot" in text
    assert "in a thread" in text


@pytest.mark.parametrize("run", [runtime.run, runtime.run_windowless])
def test_who_waits_for_the_end_puts_everything_away(run):
    steps = []

    async def main() -> None:
        runtime.spawn(quit_soon(), "quit soon")
        try:
            await runtime.until_quit()
        finally:
            for step in range(3):
                await asyncio.sleep(0.02)
                steps.append(step)

    async def quit_soon() -> None:
        await asyncio.sleep(0.02)
        runtime.quit()

    assert run(main) == 0
    assert steps == [0, 1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_idle_run_with_code_0(number):
    program = (
        "import sys\n"
        "from desktop import environment, runtime\n"
        "environment.prepare(); environment.use_offscreen()\n"
        "async def main():\n"
        "    print('ready', flush=True)\n"
        "    await runtime.until_quit()\n"
        "sys.exit(runtime.run(main))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    time.sleep(0.2)
    os.kill(child.pid, number)
    _, errors = child.communicate(timeout=20)
    assert child.returncode == 0, errors
    assert errors == ""


def _sleep_and_name(seconds: float) -> str:
    time.sleep(seconds)
    return threading.current_thread().name


def _divide(value: int, *, by: int) -> float:
    return value / by


def _raise_in_slot() -> None:
    raise LookupError("in a slot")


def test_a_call_that_hangs_does_not_hold_up_the_end():
    program = (
        "import sys, threading\n"
        "from desktop import environment, runtime\n"
        "from desktop.runtime import tasks\n"
        "environment.prepare(); environment.use_offscreen()\n"
        "tasks.PATIENCE_SECONDS = 0.5\n"
        "begun = threading.Event()\n"
        "def hang():\n"
        "    begun.set()\n"
        "    threading.Event().wait()\n"
        "async def main():\n"
        "    runtime.spawn(runtime.in_thread(hang), 'hanging')\n"
        "    await runtime.in_thread(begun.wait)\n"
        "    return 4\n"
        "sys.exit(runtime.run(main))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 4
    assert "left behind at the end: worker" in done.stderr


def test_a_call_not_begun_is_cancelled_at_the_end(qapp):
    begun: list[str] = []

    def keep_busy() -> None:
        begun.append("busy")
        time.sleep(0.3)

    async def main() -> None:
        for number in range(WORKERS):
            runtime.spawn(runtime.in_thread(keep_busy), f"busy {number}")
        while len(begun) < WORKERS:
            await asyncio.sleep(0.01)
        runtime.spawn(runtime.in_thread(begun.append, "late"), "late")
        await asyncio.sleep(0.02)

    runtime.run(main)
    assert begun == ["busy"] * WORKERS
