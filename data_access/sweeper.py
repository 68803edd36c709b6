"""Who sweeps: exactly one of the open programs, by a lock on a connection of its own.

The lock lives as long as the connection does. A program that ends gives it back at once, one that is killed
with its socket; one that is stopped, suspended or cut off loses it to a timeout of the server, and what hangs
in the middle of a statement is ended by the next in line. Another one sweeps within 15 seconds in any case.
A sweep is one transaction: what the lost one had begun is undone, and is found again.

A ticket that cannot be swept, such as one with an event of a newer program, must not keep all others from
being warned of: its portion is halved until it stands alone, and then it is left out.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from data_access import escalating, log
from data_access.directive_sweep import DirectiveWatch
from data_access.errors import StoreError
from data_access.judge_turns import Judge
from data_access.proving import Proved, prove, waits_for_proof
from data_access.rules import load_rules
from data_access.store import Session, Store
from data_access.sweep import LOCK, PORTION, Swept, due_tickets, sweep, sweep_tickets, take_turn

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
MOST_LEFT_OUT = 5000
"""Tickets left out at a time, at the most."""
AGAIN_SECONDS = 3600.0
"""After so long what was left out is tried again: a rule may have been mended meanwhile."""

HOGS_SECONDS = 5.0
"""How often to look for persons who hold locks for ever."""

_log = logging.getLogger(__name__)


Faults = tuple[tuple[str, Exception], ...]
"""What was left out, by number, and why."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did, and in how many seconds the next one is due, as far as is known. `sweeps` says
    whether this program is the one that sweeps; `faults` are those of tickets that were left out, by number.
    """

    sweeps: bool
    done: Swept
    next_in: float | None = None
    faults: Faults = ()


class Sweeper:
    """Sweeps for one program while no other one does. Blocking, and for one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session: Session | None = None
        self._portion = PORTION
        self._judge = Judge()
        self._waits = False
        self._ended = False
        self._directives = DirectiveWatch()
        self._left_out: set[str] = set()
        self._left_out_since = 0.0
        self._hogs_ended = float("-inf")

    def round(self) -> Round:
        """Sweep one portion if this program may, and say when to come again.

        Raises:
            StoreError: the database is away. The lock is lost; the next round tries to take it.
        """
        try:
            self._end_hogs()
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

    def _end_hogs(self) -> None:
        """End sessions of persons that hold locks for ever: nobody keeps a city from being warned."""
        if time.monotonic() - self._hogs_ended < HOGS_SECONDS:
            return
        self._hogs_ended = time.monotonic()
        for login, what in self._store.write(_end_hogs):
            _log.warning("%s %s: the session was ended", login, what)

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
        if self._left_out and begun - self._left_out_since > AGAIN_SECONDS:
            self._left_out.clear()
        try:
            proved = self._prove(session)
            done, wait = session.write(self._portion_of)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must be found out whose it is
            return self._sweep_apart(session, fault)
        took = time.monotonic() - begun
        faults: Faults = ()
        if self._directives.waits:
            warned, faults = self._directives.sweep(session)
            wait = BUSY_SECONDS if warned.busy else 0.0
        if done.raised or done.cleared or done.escalated:
            self._keep_pace(took, full=done.more)
            return Round(True, done, 0.0, faults)
        if not done.running:
            return Round(True, done, wait, faults)
        # What falls due goes first; what is wrong with what somebody did comes a moment after it.
        judged, others = self._judge.turn(session)
        faults += others
        done = replace(done, raised=judged.raised, cleared=judged.cleared, drafted=judged.drafted)
        if judged.more or proved.more:
            return Round(True, done, 0.0, faults)
        if done.busy or proved.busy:
            return Round(True, done, BUSY_SECONDS, faults)
        waits = [wait - (time.monotonic() - begun)] if wait is not None else []
        waits += [judged.wait] if judged.wait is not None else []
        return Round(True, done, max(min(waits), 0.0) if waits else None, faults)

    def _prove(self, session: Session) -> Proved:
        """Prove what persons wrote since the last round."""
        if not session.write(waits_for_proof):
            return Proved()
        return session.write(lambda c: prove(c, load_rules(c)))

    def _portion_of(self, connection: Connection) -> tuple[Swept, float | None]:
        turn = take_turn(connection, without=self._left_out)
        if turn is None:
            return Swept(running=False), None
        climbs = escalating.next_at(connection, self._left_out)
        times = (turn.next_at, self._directives.look(connection, turn.now), climbs)
        coming = [at for at in times if at is not None]
        if not turn.waits and climbs is not None and climbs <= turn.now:
            rules = load_rules(connection)
            done = escalating.escalate(connection, rules, turn.now, self._portion, self._left_out)
            return Swept(escalated=done or 0, more=True, busy=done is None), BUSY_SECONDS
        if not turn.waits:
            if not coming:
                return Swept(), None
            return Swept(), (min(coming) - turn.now).total_seconds() + AFTER_MS / 1000
        rules = load_rules(connection)
        return sweep(connection, rules, turn.now, portion=self._portion, without=self._left_out), None

    def _sweep_apart(self, session: Session, fault: Exception) -> Round:
        """Sweep in ever smaller transactions what failed in one, and leave out what fails alone.

        Raises:
            Exception: `fault`, when it was not a ticket's.
        """
        now, tickets = session.write(self._due)
        if not tickets:
            raise fault
        done, faults = self._halved(session, now, tickets)
        if len(self._left_out) + len(faults) > MOST_LEFT_OUT:
            self._left_out.clear()
        if not self._left_out:
            self._left_out_since = time.monotonic()
        self._left_out.update(number for number, _ in faults)
        return Round(True, done, 0.0, faults)

    def _due(self, connection: Connection) -> tuple[datetime, list[str]]:
        turn = take_turn(connection, without=self._left_out)
        # What goes wrong with the rules as a whole is no ticket's fault.
        load_rules(connection)
        now = log.transaction_time(connection)
        if turn is None:
            return now, []
        return now, due_tickets(connection, now, self._portion, self._left_out)[0]

    def _halved(
        self, session: Session, now: datetime, tickets: Sequence[str]
    ) -> tuple[Swept, tuple[tuple[str, Exception], ...]]:
        try:
            return session.write(lambda c: sweep_tickets(c, load_rules(c), now, tickets)), ()
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - reported by the caller with the ticket's number
            if len(tickets) == 1:
                return Swept(), ((tickets[0], fault),)
        half = len(tickets) // 2
        first, others = self._halved(session, now, tickets[:half])
        second, more = self._halved(session, now, tickets[half:])
        done = replace(
            first,
            raised=first.raised + second.raised,
            cleared=first.cleared + second.cleared,
            drafted=first.drafted + second.drafted,
        )
        return done, (*others, *more)

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


def _end_hogs(connection: Connection) -> list[tuple[str, str]]:
    return [(row.login, row.what) for row in connection.execute(_HOGS)]


def _take(connection: Connection) -> bool:
    return bool(connection.execute(select(func.pg_try_advisory_lock(LOCK))).scalar_one())


_HOGS = text("SELECT login, what FROM end_hogs()")
_END_STUCK = text(
    """
    SELECT pg_terminate_backend(held.pid)
    FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
        JOIN pg_roles AS holder ON holder.oid = session.usesysid
        JOIN pg_roles AS asker ON asker.rolname = current_user
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
        AND held.classid = 0 AND held.objid::bigint = :lock
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND session.xact_start < clock_timestamp() - make_interval(secs => :seconds)
        AND (
            asker.rolsuper
            -- To try it on a superuser's connection is an error, whatever else one may do.
            OR NOT holder.rolsuper
            AND (pg_has_role(holder.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))
        )
    """
)
