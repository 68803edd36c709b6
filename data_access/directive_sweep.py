"""Warns of receivers of directives who are late to sign or to feed back: once for each cause (T20, X05); what
nobody sees to climbs the policy's ladder (T13).

A partial index holds the receivers of whom there is a warning or a climb to come: an idle look is one step
in it. Either bears the moment at which it fell due, however late the sweep runs, and also where the receiver
has answered meanwhile: nothing is missed in a standstill. What is to be written follows from the stream
itself, under its lock, so that two sweeps or a killed one never write a warning twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import ARRAY, TIMESTAMP, Connection, Integer, Text, bindparam, func, literal, select

from data_access import log, schema
from data_access.directive_rows import folded
from data_access.errors import StoreError
from data_access.gate.session import person_of
from data_access.rules import Rules, load_rules
from data_access.store import Session
from data_access.sweep import may_run
from domain.directive_lateness import due_warnings
from domain.events import DirectiveEscalated

PORTION = 50
"""Directives in one transaction: who answers one of them waits for it."""
MOST_LEFT_OUT = 1000
"""Directives left out at a time, at the most: then all are tried again."""

_receiver = schema.directive_receiver.c
_without = bindparam("without", type_=ARRAY(Text))
_NEXT = select(func.min(_receiver.warn_from)).where(_receiver.directive != func.all(_without))
_DUE = (
    select(_receiver.directive)
    .where(
        _receiver.warn_from < bindparam("now", type_=TIMESTAMP(timezone=True)),
        _receiver.directive != func.all(_without),
    )
    .group_by(_receiver.directive)
    .order_by(func.min(_receiver.warn_from), _receiver.directive)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Warned:
    """How many warnings a sweep wrote, and how many climbed. `more` says that another portion waits, `busy`
    that a directive was left out because somebody is writing to it just now; `running` is False when others
    went first."""

    warnings: int = 0
    climbed: int = 0
    more: bool = False
    busy: bool = False
    running: bool = True


def next_at(connection: Connection, without: Collection[str] = ()) -> datetime | None:
    """Return from when on a receiver is to be warned of; None while nobody can be late."""
    moment = connection.execute(_NEXT, {"without": list(without)}).scalar_one()
    return moment.astimezone(UTC) if moment is not None else None


def due_directives(
    connection: Connection, now: datetime, most: int = PORTION, without: Collection[str] = ()
) -> list[str]:
    """Return directives with something to warn of, the longest due first."""
    about = {"now": now, "most": most, "without": list(without)}
    return list(connection.execute(_DUE, about).scalars())


def sweep_directives(
    connection: Connection,
    rules: Rules,
    now: datetime,
    most: int = PORTION,
    without: Collection[str] = (),
) -> Warned:
    """Write the warnings that fell due before now, in the caller's transaction. For the engine.

    One that somebody is writing to, or whose rows are not proved yet, is left for the next time.
    """
    if person_of(connection) is not None or not may_run(connection):
        return Warned(running=False)
    numbers = due_directives(connection, now, most, without)
    if not numbers:
        return Warned()
    done = warn_of(connection, rules, now, numbers)
    return replace(done, more=done.warnings + done.climbed > 0 and len(numbers) >= most)


def warn_of(connection: Connection, rules: Rules, now: datetime, numbers: Sequence[str]) -> Warned:
    """Write what is due of these directives."""
    streams = log.lock_free(connection, [f"directive/{number}" for number in numbers])
    unproved = _unproved(connection, streams)
    additions, repaired = [], 0
    for stream in streams:
        if stream in unproved:
            continue
        records = log.in_time_order(log.read_stream(connection, stream))
        found = folded(stream.partition("/")[2], [record.event for record in records], rules)
        events = due_warnings(found, now)
        if events:
            additions.append(log.Addition(stream, events))
        else:
            # What the cache says does not follow: a policy has changed what is late.
            log.repair(connection, rules, stream)
            repaired += 1
    if additions:
        log.append(connection, rules, additions)
    written = [event.fact for addition in additions for event in addition.events]
    climbed = sum(isinstance(fact, DirectiveEscalated) for fact in written)
    return Warned(len(written) - climbed, climbed, busy=len(additions) + repaired < len(numbers))


class DirectiveWatch:
    """Sweeps directives for one program, beside its sweep of tickets; one that cannot be read is left out."""

    def __init__(self) -> None:
        self._left_out: set[str] = set()
        self._next: datetime | None = None
        self._now: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether there was something to warn of at the last look."""
        return self._next is not None and self._now is not None and self._next < self._now

    def look(self, connection: Connection, now: datetime) -> datetime | None:
        """Look when there is something to warn of, as of the database's time; return when."""
        self._now, self._next = now, next_at(connection, self._left_out)
        return self._next

    def sweep(self, session: Session) -> tuple[Warned, tuple[tuple[str, Exception], ...]]:
        """Write what was due at the last look; return with it what cannot be swept, and why.

        Raises:
            StoreError: the database is away.
        """
        assert self._now is not None
        now = self._now
        try:
            return session.write(
                lambda c: sweep_directives(c, load_rules(c), now, without=self._left_out)
            ), ()
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - it must be found out whose it is
            return self._apart(session, now)

    def _apart(self, session: Session, now: datetime) -> tuple[Warned, tuple[tuple[str, Exception], ...]]:
        numbers = session.write(lambda c: due_directives(c, now, PORTION, self._left_out))
        warnings, climbed, faults = 0, 0, []
        for number in numbers:
            try:
                done = session.write(partial(_warn_of_one, now=now, number=number))
                warnings, climbed = warnings + done.warnings, climbed + done.climbed
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - reported by the caller with the directive's number
                faults.append((number, fault))
        if len(self._left_out) > MOST_LEFT_OUT:
            self._left_out.clear()
        self._left_out.update(number for number, _ in faults)
        return Warned(warnings, climbed, more=True), tuple(faults)


def _warn_of_one(connection: Connection, now: datetime, number: str) -> Warned:
    return warn_of(connection, load_rules(connection), now, [number])


def _unproved(connection: Connection, streams: Sequence[str]) -> set[str]:
    waiting = schema.unchecked.c.stream
    some = select(waiting).where(waiting == func.any(literal(list(streams), ARRAY(Text))))
    return set(connection.execute(some).scalars())
