"""Ctrl-C and a polite kill end a run in order. Whoever turns the loop sees to it that it wakes for them."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ending_by_signal(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` on the first SIGINT or SIGTERM; the second leaves at once, for a run that hangs."""
    asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(128 + number)
        asked = True
        end()

    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        signals.append(signal.SIGBREAK)
    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
