"""Ends a reading that nobody waits for any more: a search through a million texts takes seconds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection

from data_access.errors import StoreError


class Stop:
    """One reading's brake, pulled from another thread. What is cancelled ends with a StoreError."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: psycopg.Connection | None = None
        self.stopped = False

    @contextmanager
    def can_end(self, connection: Connection) -> Iterator[None]:
        """Let what runs inside be ended.

        Raises:
            StoreError: it was ended before it began.
        """
        driver = connection.connection.driver_connection
        with self._lock:
            self.raise_if_stopped()
            self._running = driver if isinstance(driver, psycopg.Connection) else None
        try:
            yield
        finally:
            with self._lock:
                self._running = None

    def raise_if_stopped(self) -> None:
        """End here what was stopped between two statements.

        Raises:
            StoreError: it was stopped.
        """
        if self.stopped:
            raise StoreError("读取已取消。")

    def stop(self) -> None:
        """End the reading. Blocks while the server is told: call it from a worker thread."""
        with self._lock:
            self.stopped = True
            if self._running is not None:
                self._running.cancel_safe(timeout=5)
