"""The rule engine's turns in the sweeper's session: in pace, and no ticket keeps the others waiting."""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_access import log
from data_access.errors import StoreError
from data_access.judging import PORTION, Judged, judge_tickets, turn
from data_access.judging_queue import AGAIN, put_off, take_in, waiting
from data_access.rules import load_rules
from data_access.store import Session

PACE_SECONDS = 0.12
"""How long a transaction may take: those who write to the same tickets wait for it."""

Faults = tuple[tuple[str, Exception], ...]


class Judge:
    """Judges for one sweeper: as many tickets at a time as fit into a short transaction."""

    def __init__(self) -> None:
        self._portion = PORTION

    def turn(self, session: Session) -> tuple[Judged, Faults]:
        """Read on or judge a portion; what cannot be judged is put off, and told of by its number.

        Raises:
            StoreError: the database is away.
        """
        begun = time.monotonic()
        try:
            judged = session.write(self._turn)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must be found out whose it is
            return self._one_by_one(session, fault)
        took = time.monotonic() - begun
        fitting = int(self._portion * PACE_SECONDS / max(took, 0.001))
        self._portion = max(1, min(fitting, 2 * self._portion, PORTION))
        return judged, ()

    def _turn(self, connection: Connection) -> Judged:
        return turn(connection, log.transaction_time(connection), self._portion)

    def _one_by_one(self, session: Session, fault: Exception) -> tuple[Judged, Faults]:
        """Judge each by itself what failed together.

        Raises:
            Exception: `fault`, when it was not a ticket's.
        """
        faults: list[tuple[str, Exception]] = []
        # What was read with the portion that failed was undone with it.
        session.write(take_in)
        now, numbers = session.write(_waiting)
        for number in numbers:
            try:
                session.write(_One(number, now))
            except StoreError:
                raise
            except Exception as own:  # noqa: BLE001 - reported by the caller with the ticket's number
                session.write(_Left(number, now))
                faults.append((number, own))
        if not faults:
            raise fault
        return Judged(more=True), tuple(faults)


def _waiting(connection: Connection) -> tuple[datetime, list[str]]:
    # What goes wrong with the rules as a whole is no ticket's fault.
    load_rules(connection)
    now = log.transaction_time(connection)
    return now, waiting(connection, now, PORTION)


@dataclass(frozen=True, slots=True)
class _One:
    number: str
    now: datetime

    def __call__(self, connection: Connection) -> Judged:
        return judge_tickets(connection, load_rules(connection), [self.number], self.now)


@dataclass(frozen=True, slots=True)
class _Left:
    number: str
    now: datetime

    def __call__(self, connection: Connection) -> None:
        put_off(connection, [self.number], self.now + AGAIN)
