"""Wakes Qt's loop for signals: while it waits in C++, Python runs no signal handler by itself."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

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
def woken_by_signals() -> Iterator[None]:
    """Let Qt's loop turn for each signal until the block ends."""
    waker = _Waker()
    try:
        yield
    finally:
        waker.close()
