"""Which program takes in the inbox: one at a time, by a lock on a connection of its own (decisions/0023).

The lock only saves work: what two programs import at once is imported once, as with `main.py import`.
"""

from sqlalchemy import Connection, func, select, text

from data_access.errors import StoreError
from data_access.store import Session, Store

LOCK = 71230014
SILENCE_SECONDS = 20
"""A holder that says nothing for so long has lost the lock: its machine, or its share, hangs."""


class InboxTurn:
    """The turn of one program. Blocking, and for one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session: Session | None = None

    def held(self) -> bool:
        """Hold the turn, or take it if nobody has it, and return whether it is this program's.

        Ask again at least every few seconds.

        Raises:
            StoreError: the database is away. The turn is lost; the next call tries to take it.
        """
        if self._session is not None:
            try:
                self._session.write(_speak)
            except StoreError:
                self.close()
            else:
                return True
        return self._store.write(_is_free) and self._take()

    def close(self) -> None:
        """Give the turn back, whatever has become of it. `held` takes it again."""
        if self._session is not None:
            self._session.close()
        self._session = None

    def _take(self) -> bool:
        session = self._store.session(
            {"application_name": "qingshao inbox", "idle_session_timeout": f"{SILENCE_SECONDS}s"}
        )
        try:
            taken = session.write(_take)
        except BaseException:
            session.close()
            raise
        if taken:
            self._session = session
        else:
            session.close()
        return taken


def _speak(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def _is_free(connection: Connection) -> bool:
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(LOCK))).scalar_one())


def _take(connection: Connection) -> bool:
    return bool(connection.execute(select(func.pg_try_advisory_lock(LOCK))).scalar_one())
