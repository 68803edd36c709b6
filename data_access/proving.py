"""Proves what persons wrote: the cached rows of their orders, which their own programs computed.

A person may write a stream's cached rows in the transaction that records an event of it (gate/rows.sql), and
could write there what does not follow. The engine projects each such stream anew, soon after, and repairs
what differs. A step that ended a clock late before the sweep came round is warned of here, too: no person
may raise warnings.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy import Connection, delete, func, literal_column, select
from sqlalchemy.exc import DataError

from data_access import log, schema
from data_access.project import kind_of, name_of
from data_access.rules import Rules
from data_access.sweep import may_run, warn_afterwards

PORTION = 50
"""Streams proved in one transaction."""
MOST = 2000
"""Streams looked at for it."""
_UNREADABLE = (ValueError, LookupError, TypeError, ArithmeticError, psycopg.DataError, DataError)
"""What a stream says that no program should have written, or a row that no program can hold."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proved:
    """How many streams were proved, those whose rows had to be repaired, and how many warnings were raised.

    `more` says that others wait, `busy` that one was left out because somebody is writing to it just now.
    """

    streams: int = 0
    repaired: tuple[str, ...] = ()
    warned: int = 0
    more: bool = False
    busy: bool = False


def waits_for_proof(connection: Connection) -> bool:
    """Whether there is something to prove; one look at a table that is nearly always empty."""
    return (
        connection.execute(select(literal_column("1")).select_from(schema.unchecked).limit(1)).first()
        is not None
    )


def prove(connection: Connection, rules: Rules, most: int = PORTION) -> Proved:
    """Prove what persons wrote since the last time, in the caller's transaction. For the engine.

    A stream that somebody is writing to is left for the next time.
    """
    if not may_run(connection):
        return Proved(busy=True)
    waiting = schema.unchecked.c
    rows = connection.execute(
        select(waiting.stream, func.min(waiting.at).label("since"))
        .group_by(waiting.stream)
        .order_by(func.min(waiting.at))
        .limit(MOST)
    ).all()
    since: dict[str, datetime] = {row.stream: row.since for row in rows}
    names = list(since)
    locked: list[str] = []
    looked = 0
    # Streams that somebody keeps locked stand first for long: what waits behind them is proved all the same.
    while looked < len(names) and len(locked) < most:
        locked += log.lock_free(connection, names[looked : looked + most])
        looked += most
    # Nobody records an event of these now: what waits of them is proved with what follows.
    connection.execute(delete(schema.unchecked).where(waiting.stream.in_(locked)))
    repaired: list[str] = []
    warned = 0
    for stream in locked:
        try:
            with connection.begin_nested():
                if log.repair(connection, rules, stream):
                    repaired.append(stream)
                if kind_of(stream).prefix == "ticket":
                    warned += warn_afterwards(connection, rules, name_of(stream), since[stream])
        except _UNREADABLE:
            # One stream that cannot be read must not keep the others from being proved; `verify` names it.
            _log.exception("%s cannot be proved", stream)
    for stream in repaired:
        _log.warning("cached rows of %s did not follow from its events, and were repaired", stream)
    if repaired:
        log.ring(connection)
    busy = len(locked) < min(looked, len(names))
    return Proved(len(locked), tuple(repaired), warned, looked < len(names), busy)
