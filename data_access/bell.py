"""Listens for the bell that writers ring (`log.ring`): something changed, look for yourself.

Psycopg's synchronous connection in a thread of its own works on every platform's event loop; a heartbeat
notices a dead connection, and every return to a live one counts as a ring: some may have been missed.
"""

import threading
import time
from collections.abc import Callable

import psycopg

from data_access.log import BELL
from data_access.store import Store

HEARTBEAT_SECONDS = 4
LONGEST_WAIT_SECONDS = 2
REST_SECONDS = 0.03
"""Rings of a flood are one: a listener looks ten times a second at the most."""
LIVENESS = {
    "connect_timeout": 5,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}
"""A network that swallows everything, or a host that is gone, is noticed within ten seconds."""


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
                with psycopg.connect(self._address(), autocommit=True, **LIVENESS) as connection:  # type: ignore[arg-type]
                    connection.execute(f"LISTEN {BELL}")
                    wait = 0.5
                    rung()
                    self._hear(connection, rung)
            except psycopg.Error:
                if self._stopped.is_set():
                    return
                lost()
                self._stopped.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def stop(self) -> None:
        """End `listen`."""
        self._stopped.set()

    def _address(self) -> str:
        url = self._store.engine.url.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def _hear(self, connection: psycopg.Connection, rung: Callable[[], None]) -> None:
        beaten = time.monotonic()
        while not self._stopped.is_set():
            if any(True for _ in connection.notifies(timeout=0.5, stop_after=1)):
                rung()
                self._stopped.wait(REST_SECONDS)
            if time.monotonic() - beaten > HEARTBEAT_SECONDS:
                connection.execute("SELECT 1")
                beaten = time.monotonic()
