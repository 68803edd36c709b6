"""Where every unexpected fault ends up: slots, threads, tasks and the loop all report here.

A fault that repeats, in a panel that paints sixty times a second say, is written in full once and then
counted, so that the log stays readable and the wall stays up.
"""

import logging
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

_log = logging.getLogger("qingshao.faults")
_counts: Counter[str] = Counter()
_lock = threading.Lock()


def fingerprint(error: BaseException) -> str:
    """What makes two faults the same one: type, and the place where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    return f"{type(error).__name__} at {place}"


def report(error: BaseException, where: str) -> None:
    """Log a fault: with its traceback the first time, then one short line at 10, 100, 1000 ... times."""
    mark = fingerprint(error)
    with _lock:
        _counts[mark] += 1
        count = _counts[mark]
    if count == 1:
        _log.error("fault in %s: %s", where, error, exc_info=(type(error), error, error.__traceback__))
    elif str(count).strip("0") == "1":
        _log.error("fault in %s, %d times now: %s", where, count, mark)


def counts() -> dict[str, int]:
    """How often each fault has come, by fingerprint: for the status strip and the tests."""
    with _lock:
        return dict(_counts)


def forget() -> None:
    """Start counting anew."""
    with _lock:
        _counts.clear()


@contextmanager
def all_faults_reported() -> Iterator[None]:
    """Route sys.excepthook (Qt slots end there) and threading.excepthook to `report` while inside."""
    before = sys.excepthook, threading.excepthook
    sys.excepthook, threading.excepthook = _from_slot, _from_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before


def from_loop(_loop: Any, context: dict[str, Any]) -> None:
    """asyncio's exception handler."""
    error = context.get("exception")
    if isinstance(error, Exception):
        report(error, str(context.get("message", "the loop")))
    elif error is None:
        _log.error("the loop says: %s", context.get("message"))


def _from_slot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    report(error.with_traceback(trace), "a slot")


def _from_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        report(arguments.exc_value, f"thread {arguments.thread.name if arguments.thread else 'unknown'}")
