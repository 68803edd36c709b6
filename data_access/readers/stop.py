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
            if self.stopped:
                raise StoreError("读取已取消。")
            self._running = driver if isinstance(driver, psycopg.Connection) else None
        try:
            yield
        finally:
            with self._lock:
                self._running = None

    def stop(self) -> None:
        """End the reading. Blocks while the server is told: call it from a worker thread."""
        with self._lock:
            self.stopped = True
            if self._running is not None:
                self._running.cancel_safe(timeout=5)
