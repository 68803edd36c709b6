"""The weighing of what stations measured, turn by turn, for the program that sweeps (X14).

Each turn is short: a portion in one transaction. Something that cannot be weighed must not keep all that
comes after it waiting: the portion is tried by single notes, and the one that fails is left out and told of.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, exists, select

from data_access import exceeding, log, schema
from data_access.device_items import end_retired, weigh_silence
from data_access.errors import StoreError
from data_access.exceeding import MOST, Weighed
from data_access.readings import ToWeigh, take_to_weigh
from data_access.rules import Rules, load_rules
from data_access.store import Store, be_patient_for_seconds
from data_access.verifying import due_tickets, verify_rectified

WATCH_SECONDS = 20.0
"""How often to look for what time alone changes: silent stations, episodes without values, proofs due."""
PACE_SECONDS = 0.25
"""How long a transaction may take: those who write to the same tickets wait for it."""
FEWEST = 50
"""Notes in a transaction, at the least."""
PATIENCE_SECONDS = 4
"""How long a turn waits for a lock of others."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn did; `faults` are those of what was left out, by what it was."""

    done: Weighed
    faults: tuple[tuple[str, Exception], ...] = ()


class Weigher:
    """Weighs for one program. Blocking, and for one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._portion = MOST
        self._since: datetime | None = None
        self._watched = float("-inf")
        self._lost_left: set[int] = set()
        self._proofs_left: set[str] = set()
        self._failing: set[str] = set()

    def rest(self) -> None:
        """Note that this program does not weigh now: what it hears begins anew when it does."""
        self._since = None

    def turn(self) -> Turn:
        """Weigh a portion of what waits, and look after what time alone changes now and then.

        Raises:
            StoreError: the database is away.
        """
        faults: tuple[tuple[str, Exception], ...] = ()
        if time.monotonic() - self._watched >= WATCH_SECONDS:
            self._watched = time.monotonic()
            faults = self._watch()
        turn = self._weigh_portion()
        return Turn(turn.done, faults + turn.faults)

    def _weigh_portion(self) -> Turn:
        if not self._store.read(_waits):
            return Turn(Weighed())
        begun = time.monotonic()
        try:
            done = self._write(self._weigh)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must be found out whose it is
            return self._one_by_one(fault)
        took = time.monotonic() - begun
        fitting = int(self._portion * PACE_SECONDS / max(took, 0.001))
        self._portion = max(FEWEST, min(fitting, 2 * self._portion, MOST))
        return Turn(done)

    def _write(self, work: Callable[[Connection, Rules, datetime], T]) -> T:
        def patiently(connection: Connection) -> T:
            be_patient_for_seconds(connection, PATIENCE_SECONDS)
            return work(connection, load_rules(connection), log.transaction_time(connection))

        return self._store.write(patiently)

    def _weigh(self, connection: Connection, rules: Rules, now: datetime) -> Weighed:
        return exceeding.weigh(connection, rules, now, self._portion)

    def _watch(self) -> tuple[tuple[str, Exception], ...]:
        """Look after what time alone changes, each in a transaction of its own; return the faults.

        A ticket that cannot be told is left out from then on, and so told of once.
        """
        found: list[tuple[str, Exception]] = []
        for name, work in (
            ("lost episodes", self._end_lost),
            ("proofs", self._verify),
            ("silent stations", self._weigh_silence),
        ):
            try:
                found += work()
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - told of by the caller; the others go on
                if name not in self._failing:
                    found.append((name, fault))
                self._failing.add(name)
            else:
                self._failing.discard(name)
        for name, told in found:
            _log.warning("%s: %s", name, told)
        return tuple(found)

    def _end_lost(self) -> list[tuple[str, Exception]]:
        try:
            self._write(partial(exceeding.end_lost, without=self._lost_left))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - whose it is, is found out
            return self._end_lost_singly()
        return []

    def _end_lost_singly(self) -> list[tuple[str, Exception]]:
        found: list[tuple[str, Exception]] = []
        for episode in self._write(exceeding.lost_now):
            if episode.number in self._lost_left:
                continue
            try:
                self._write(partial(exceeding.end_lost, only=episode.number))
            except StoreError:
                raise
            except Exception as own:  # noqa: BLE001 - told of by the caller
                self._lost_left.add(episode.number)
                found.append((f"the lost episode {episode.number} of {episode.ticket}", own))
        return found

    def _verify(self) -> list[tuple[str, Exception]]:
        try:
            self._write(partial(verify_rectified, without=self._proofs_left))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - whose it is, is found out
            return self._verify_singly()
        return []

    def _verify_singly(self) -> list[tuple[str, Exception]]:
        found: list[tuple[str, Exception]] = []
        for ticket in self._write(due_tickets):
            if ticket in self._proofs_left:
                continue
            try:
                self._write(partial(verify_rectified, only=ticket))
            except StoreError:
                raise
            except Exception as own:  # noqa: BLE001 - told of by the caller
                self._proofs_left.add(ticket)
                found.append((f"the proof of {ticket}", own))
        return found

    def _weigh_silence(self) -> list[tuple[str, Exception]]:
        def work(connection: Connection, rules: Rules, now: datetime) -> None:
            if self._since is None:
                self._since = now
            zone = rules.calendar.zone
            end_retired(connection, zone, now)
            weigh_silence(connection, exceeding.sensor_rule(rules, now), zone, now, self._since)

        self._write(work)
        return []

    def _one_by_one(self, fault: Exception) -> Turn:
        """Weigh single notes after a portion that failed, until the one whose fault it is.

        Raises:
            Exception: `fault`, when there is nothing to weigh.
        """
        for _ in range(self._portion):
            try:
                done = self._write(_weigh_one)
            except StoreError:
                raise
            except Exception as own:  # noqa: BLE001 - told of by the caller
                return Turn(Weighed(more=True), ((self._leave_out(), own),))
            if not done.more:
                return Turn(done)
        raise fault

    def _leave_out(self) -> str:
        left = self._store.write(_take_one)
        name = f"{left.station}/{left.factor}/{left.span.name.lower()}" if left is not None else "nothing"
        _log.warning("values of %s since %s cannot be weighed and are left out", name, left and left.since)
        return name


def _waits(connection: Connection) -> bool:
    return bool(connection.execute(select(exists(select(schema.to_weigh)))).scalar_one())


def _weigh_one(connection: Connection, rules: Rules, now: datetime) -> Weighed:
    return exceeding.weigh(connection, rules, now, 1)


def _take_one(connection: Connection) -> ToWeigh | None:
    return next(iter(take_to_weigh(connection, 1)), None)
