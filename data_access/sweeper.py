"""Who sweeps: exactly one of the open programs, by a lock on a connection of its own.

The lock lives as long as the connection does. A program that ends gives it back at once, one that is killed
with its socket; one that is stopped, suspended or cut off loses it to a timeout of the server, and what hangs
in the middle of a statement is ended by the next in line. Another one sweeps within 15 seconds in any case.
A sweep is one transaction: what the lost one had begun is undone, and is found again.
"""

import logging
import time
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from data_access.errors import StoreError
from data_access.rules import load_rules
from data_access.store import Session, Store
from data_access.sweep import LOCK, PORTION, Swept, sweep, take_turn

SILENCE_SECONDS = 6
"""A holder that says nothing for so long, within a transaction or between two, has lost the lock."""
PATIENCE_SECONDS = 4
"""How long a sweep waits for a lock of others, such as the serial numbers' row."""
PACE_SECONDS = 0.12
"""How long a transaction may take: those who write to the same tickets wait for it."""
FEWEST, MOST = 10, 1000
"""Tickets in a transaction."""
AFTER_MS = 5
"""A node is late from the first moment after its due time on."""
BUSY_SECONDS = 0.25
"""When to look again for a ticket that somebody was writing to."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did, and in how many seconds the next one is due, as far as is known. `sweeps` says
    whether this program is the one that sweeps.
    """

    sweeps: bool
    done: Swept
    next_in: float | None = None


class Sweeper:
    """Sweeps for one program while no other one does. Blocking, and for one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session: Session | None = None
        self._portion = PORTION
        self._waits = False
        self._ended = False

    def round(self) -> Round:
        """Sweep one portion if this program may, and say when to come again.

        Raises:
            StoreError: the database is away. The lock is lost; the next round tries to take it.
        """
        try:
            return self._round()
        finally:
            if self._ended:
                self.close()

    def end(self) -> None:
        """Give the lock back as soon as the round under way is over. From any thread."""
        self._ended = True

    def close(self) -> None:
        """Give the lock back, whatever has become of it. `round` takes it again."""
        if self._session is not None:
            self._session.close()
        self._session = None

    def _round(self) -> Round:
        if self._session is not None:
            try:
                return self._sweep(self._session)
            except StoreError as lost:
                # A program that was stopped has only lost its turn: the database itself may well be there.
                _log.info("this program no longer sweeps: %s", lost.message)
                self.close()
                self._portion = max(FEWEST, self._portion // 2)
        if not self._store.write(_is_free) or not self._take():
            if not self._waits:
                _log.info("another program sweeps")
            self._waits = True
            return Round(False, Swept(running=False))
        assert self._session is not None
        return self._sweep(self._session)

    def _take(self) -> bool:
        session = self._store.session(
            {
                "application_name": "qingshao sweep",
                "idle_session_timeout": f"{SILENCE_SECONDS}s",
                "idle_in_transaction_session_timeout": f"{SILENCE_SECONDS}s",
                "lock_timeout": f"{PATIENCE_SECONDS}s",
            }
        )
        try:
            taken = session.write(_take)
        except BaseException:
            session.close()
            raise
        if not taken:
            session.close()
            return False
        self._session, self._waits = session, False
        _log.info("this program sweeps now")
        return True

    def _sweep(self, session: Session) -> Round:
        begun = time.monotonic()
        done, wait = session.write(self._portion_of)
        took = time.monotonic() - begun
        if done.raised or done.cleared:
            self._keep_pace(took, full=done.more)
            return Round(True, done, 0.0)
        if done.busy:
            return Round(True, done, BUSY_SECONDS)
        return Round(True, done, None if wait is None else max(wait - took, 0.0))

    def _portion_of(self, connection: Connection) -> tuple[Swept, float | None]:
        turn = take_turn(connection)
        if turn is None:
            return Swept(running=False), None
        if not turn.waits:
            if turn.next_at is None:
                return Swept(), None
            return Swept(), (turn.next_at - turn.now).total_seconds() + AFTER_MS / 1000
        return sweep(connection, load_rules(connection), turn.now, portion=self._portion), None

    def _keep_pace(self, took: float, *, full: bool) -> None:
        """Make transactions as large as they can be and still be short, on this machine as it is now."""
        if took > PACE_SECONDS or full:
            fitting = int(self._portion * PACE_SECONDS / max(took, 0.001))
            self._portion = max(FEWEST, min(fitting, 2 * self._portion, MOST))


def _is_free(connection: Connection) -> bool:
    """Whether nobody holds the lock. A holder that hangs in a transaction is ended here.

    The server's own timeouts do not reach one that waits for a stopped program to take its answer. Who may
    not end others' connections waits for those who may, or for the network to notice.
    """
    if connection.execute(select(func.pg_try_advisory_xact_lock(LOCK))).scalar_one():
        return True
    ended = connection.execute(_END_STUCK, {"lock": LOCK, "seconds": SILENCE_SECONDS}).scalars().all()
    if ended:
        _log.warning("ended the connection of a program that hangs in its sweep")
    return False


def _take(connection: Connection) -> bool:
    return bool(connection.execute(select(func.pg_try_advisory_lock(LOCK))).scalar_one())


_END_STUCK = text(
    """
    SELECT pg_terminate_backend(held.pid)
    FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
        AND held.classid = 0 AND held.objid::bigint = :lock
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND session.xact_start < clock_timestamp() - make_interval(secs => :seconds)
        AND (pg_has_role(session.usesysid, 'MEMBER') OR pg_has_role('pg_signal_backend', 'MEMBER'))
    """
)
