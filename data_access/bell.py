"""Listens for the bell that writers ring (`log.ring`): something changed, look for yourself.

Psycopg's synchronous connection in a thread of its own works on every platform's event loop; a heartbeat
notices a dead connection, and every return to a live one counts as a ring: some may have been missed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from data_access.errors import StoreError
from data_access.log import BELL
from data_access.store import Store

HEARTBEAT_SECONDS = 4
LONGEST_WAIT_SECONDS = 2
REST_SECONDS = 0.03
"""Rings of a flood are one: a listener looks ten times a second at the most."""
NAME = "qingshao bell"
"""What the server's administrator sees this connection as."""


class Bell:
    """Blocks in `listen`; `stop` from any thread ends it within a second."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()

    def listen(self, rung: Callable[[], None], lost: Callable[[], None]) -> None:
        """Call `rung` in this thread on every ring and every new connection, `lost` when one breaks."""
        wait = 0.5
        while not self._stopped.is_set():
            try:
                with self._connection() as connection:
                    connection.execute(f"LISTEN {BELL}")
                    wait = 0.5
                    rung()
                    self._hear(connection, rung)
            except (psycopg.Error, SQLAlchemyError, StoreError):
                if self._stopped.is_set():
                    return
                lost()
                self._stopped.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def stop(self) -> None:
        """End `listen`."""
        self._stopped.set()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection as the store makes them, with its credentials, that never goes back to the others."""
        lent = self._store.engine.raw_connection()
        connection = lent.driver_connection
        lent.detach()
        assert isinstance(connection, psycopg.Connection)
        try:
            connection.rollback()
            connection.autocommit = True
            connection.execute("SELECT set_config('application_name', %s, false)", [NAME])
            yield connection
        finally:
            # The pool would first undo what was left open, and log that a lost connection cannot.
            connection.close()
            lent.invalidate()

    def _hear(self, connection: psycopg.Connection[Any], rung: Callable[[], None]) -> None:
        beaten = time.monotonic()
        while not self._stopped.is_set():
            if any(True for _ in connection.notifies(timeout=0.5, stop_after=1)):
                rung()
                self._stopped.wait(REST_SECONDS)
            if time.monotonic() - beaten > HEARTBEAT_SECONDS:
                connection.execute("SELECT 1")
                beaten = time.monotonic()
