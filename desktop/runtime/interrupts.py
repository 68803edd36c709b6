"""Ctrl-C and a polite kill while Qt's loop waits in C++, where Python runs no signal handler by itself."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier


class _Waker(QObject):
    """A signal writes a byte to a socket that Qt watches; Python then gets to run its handler."""

    def __init__(self) -> None:
        super().__init__()
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.setObjectName("signal waker")
        self._notifier.activated.connect(self._drain)
        self._before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)

    def _drain(self) -> None:
        try:
            self._read.recv(64)
        except BlockingIOError:
            return

    def close(self) -> None:
        signal.set_wakeup_fd(self._before)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()


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
    waker = _Waker()
    try:
        yield
    finally:
        waker.close()
        for number, handler in before.items():
            signal.signal(number, handler)
