"""Processes of our own beside the one that measures: the window, and whoever changes the store."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from benchmarks.machine import ROOT

END_SECONDS = 60


class Child:
    """A Python process; `lines` are the JSON lines that it writes. Leaving the context ends it in order."""

    def __init__(self, arguments: list[str], settings: Mapping[str, str], log: Path) -> None:
        self.begun = time.time()
        self._log = log.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="benchmark child", daemon=True)
        self._reader.start()

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self._process.pid

    def lines(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield what it says, as it says it, until it ends or the time is over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                return
            if line is None:
                self._lines.put(None)
                return
            yield line

    def until(self, event: str, seconds: float) -> dict[str, Any]:
        """Return the line of this event; what comes before is passed over.

        Raises:
            RuntimeError: it did not come; the process has ended, or the time is over.
        """
        for line in self.lines(seconds):
            if line["event"] == event:
                return line
        raise RuntimeError(f"no {event!r} within {seconds:g} s, or it ended before; see {self._log.name}")

    def end(self) -> list[dict[str, Any]]:
        """Ask it to end, wait until it has, and return what it still said."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(END_SECONDS)
        self._log.close()
        return list(self.lines(0.5))

    def memory(self) -> dict[str, float]:
        """Return the megabytes that it holds, with its web processes: `window` and `web`, as PSS and RSS.

        PSS counts what processes share once: the sum is what ending them would give back.
        """
        found = {"window": 0.0, "web": 0.0, "window_rss": 0.0, "web_rss": 0.0}
        own = psutil.Process(self.pid)
        for process in (own, *own.children(recursive=True)):
            try:
                name, held = process.name(), process.memory_full_info()
            except psutil.Error:
                continue
            if process.pid != own.pid and not name.startswith("QtWebEngine"):
                continue
            kind = "window" if process.pid == own.pid else "web"
            found[kind] += getattr(held, "pss", held.uss) / 2**20
            found[f"{kind}_rss"] += held.rss / 2**20
        return found

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._lines.put(json.loads(line))
            except ValueError:
                continue
        self._lines.put(None)


def window(scenario: str, settings: Mapping[str, str], log: Path) -> Child:
    """Open the real window off-screen in a process of its own."""
    return Child(["-m", "benchmarks.window", scenario], settings, log)


def living(rate: float, settings: Mapping[str, str], log: Path) -> Child:
    """Let the demo city live at so many changes a second, in a process of its own."""
    return Child(["main.py", "demo", "--live", "--rate", f"{rate:g}/s"], settings, log)
