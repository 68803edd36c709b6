"""Raises what fell due: warnings late and slow, and a draft re-supervision for each red one (T09, T10, T13).

The sweep reads only the partial indexes of what is open and next due. A warning carries the second at which
it became due, however late the sweep runs, but none before its clock was given that time. It is raised once
for its cause; a due time that was moved and passed again is another cause. What runs now is
`domain.warnings`; a slow warning that became late is cleared at the due time. Who may sweep, and when, is
`data_access.sweeper`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Text, func, literal, select

from data_access import falling_due, log, rules, schema
from data_access.drafting import RedWarning, drafts_for
from data_access.gate.session import person_of
from data_access.rules import Rules
from domain.events import (
    Event,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.nodes import Node
from domain.people import SYSTEM
from domain.warnings import LEVELS

LOCK = 71230003
"""One sweep at a time, whichever program runs it: held by a session for long, by a transaction for itself."""

PORTION = 100
"""Tickets in one transaction, unless the caller says otherwise: a long standstill is caught up in steps."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did; `escalated` warnings climbed a step of the ladder. `more` says that another portion
    waits, `busy` that a ticket was left out because somebody is writing to it just now; `running` is False
    when another program was sweeping.
    """

    raised: int = 0
    cleared: int = 0
    drafted: int = 0
    escalated: int = 0
    more: bool = False
    busy: bool = False
    running: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """A transaction that may sweep, at the database's time `now`: another seat's clock warns nobody.

    `waits` says whether there is anything to do now; `next_at` is when there next will be, as
    far as is known.
    """

    now: datetime
    waits: bool
    next_at: datetime | None


def take_turn(
    connection: Connection, as_of: datetime | None = None, without: Collection[str] = ()
) -> Turn | None:
    """Let this transaction sweep, and look whether there is anything to do; None while others go first.

    Those are a sweep of another program, an import that continues thousands of tickets, and a change of the
    rules. Nothing is waited for here. `as_of` is for one who wants another time than the database's; what is
    due of the tickets in `without` is nothing to do.
    """
    *free, moment = connection.execute(_TURN).one()
    if not all(free):
        return None
    now = (as_of or moment).astimezone(UTC)
    spared = list(without)
    next_ = connection.execute(falling_due.NEXT_TIMES, {"now": now, "without": spared}).one()
    coming = [time for time in (next_.late, next_.slow, next_.clear) if time is not None]
    waits = any(time <= now for time in coming)
    if not waits and next_.standing is not None and next_.standing <= now:
        about = {"now": now, "most": 1, "without": spared}
        waits = connection.execute(falling_due.TICKETS_TO_CLEAR, about).first() is not None
    return Turn(now, waits, min(coming, default=None))


_TURN = select(
    func.pg_try_advisory_xact_lock(LOCK),
    func.pg_try_advisory_xact_lock_shared(rules.CHANGES),
    func.pg_try_advisory_xact_lock_shared(log.WRITERS),
    func.transaction_timestamp(),
)


def sweep(
    connection: Connection,
    rules: Rules,
    now: datetime,
    ticket: str | None = None,
    portion: int = PORTION,
    without: Collection[str] = (),
) -> Swept:
    """Raise and clear warnings as of now, in the caller's transaction: everywhere, or of one ticket.

    What is to be done is looked up, the tickets are locked, and it is looked up again: nothing is written
    that a step reported meanwhile has made untrue. Everywhere, a ticket that somebody is writing to is left
    for the next time, so that no sweep ever waits for a hand; the lock of one ticket is the caller's. What is
    due of tickets in `without` is left undone.
    """
    if person_of(connection) is not None:
        # No person raises warnings, at whatever seat: the engine does so a moment later.
        return Swept(running=False)
    if ticket is not None:
        stream = f"ticket/{ticket}"
        log.lock(connection, [stream])
        if _unproved(connection, [stream]):
            log.repair(connection, rules, stream)
        return _settle(connection, rules, now, [ticket])
    found, more = due_tickets(connection, now, portion, without)
    done = sweep_tickets(connection, rules, now, found)
    return replace(done, more=more and (done.raised > 0 or done.cleared > 0))


def due_tickets(
    connection: Connection, now: datetime, portion: int, without: Collection[str] = ()
) -> tuple[list[str], bool]:
    """Return tickets to warn of, and others whose warnings are over, and whether there may be more.

    Of each at most `portion`, and none in `without`.
    """
    found: dict[str, None] = {}
    more = False
    about = {"now": now, "most": portion, "without": list(without)}
    for statement in (falling_due.TICKETS_TO_WARN, falling_due.TICKETS_TO_CLEAR):
        numbers = connection.execute(statement, about).scalars().all()
        found.update(dict.fromkeys(numbers))
        more = more or len(numbers) >= portion
    return list(found), more


def sweep_tickets(connection: Connection, rules: Rules, now: datetime, tickets: Sequence[str]) -> Swept:
    """Raise and clear what is due of these tickets, in the caller's transaction, unless others go first."""
    if not may_run(connection):
        return Swept(running=False)
    locked = lock_proved(connection, tickets)
    return replace(_settle(connection, rules, now, locked), busy=len(locked) < len(tickets))


def warn_afterwards(connection: Connection, rules: Rules, ticket: str, since: datetime) -> int:
    """Raise what a step of a person, at `since` or later, ended before any sweep saw it; return how many.

    Such a warning is over as soon as it is raised. The ticket is locked by the caller.
    """
    about = {"now": since, "tickets": [ticket]}
    to_raise = {
        kind: connection.execute(falling_due.TO_RAISE_AFTERWARDS[kind], about).all() for kind in LEVELS
    }
    if not any(to_raise.values()):
        return 0
    return _write(connection, rules, log.transaction_time(connection), to_raise, {}).raised


def _settle(connection: Connection, rules: Rules, now: datetime, tickets: Sequence[str]) -> Swept:
    """Raise and clear what is due of these tickets, which are locked."""
    if not tickets:
        return Swept()
    about = {"now": now, "tickets": list(tickets)}
    to_raise = {kind: connection.execute(falling_due.TO_RAISE[kind], about).all() for kind in LEVELS}
    to_clear = {kind: connection.execute(falling_due.TO_CLEAR[kind], about).all() for kind in LEVELS}
    return _write(connection, rules, now, to_raise, to_clear)


_Found = Mapping[WarningKind, Sequence[Row[*tuple[Any, ...]]]]


def _write(connection: Connection, rules: Rules, now: datetime, to_raise: _Found, to_clear: _Found) -> Swept:
    events: defaultdict[str, list[Event]] = defaultdict(list)
    late: list[RedWarning] = []
    raised = cleared = 0
    moved = _moved_at(connection, {row.ticket for rows in to_raise.values() for row in rows}, now)
    for kind, level in LEVELS.items():
        for row in to_raise.get(kind, ()):
            sentence = rules.policies.in_force(row.policy_family, row.received_at).sentences[kind.value]
            node = Node(row.node)
            fact = WarningRaised(kind, level, node, row.round, row.leg, row.body, sentence, row.part)
            since = row.since
            if not row.over:
                # By its new time a clock may have been slow for long when that time was given.
                since = max([since, *(moved[key] for key in _movers(row.ticket, node) if key in moved)])
            events[row.ticket].append(Event(since, SYSTEM, fact))
            raised += 1
            if level is WarningLevel.RED:
                late.append(RedWarning(row.ticket, row.body, node, row.round, sentence, since))
            if row.over:
                ended = WarningCleared(kind, level, node, row.round, row.leg, row.over_reason, row.part)
                events[row.ticket].append(Event(row.over_at, SYSTEM, ended))
                cleared += 1
        for row in to_clear.get(kind, ()):
            level = WarningLevel(row.level)
            ended = WarningCleared(kind, level, Node(row.node), row.round, row.leg, row.reason, row.part)
            events[row.ticket].append(Event(row.at, SYSTEM, ended))
            cleared += 1
    drafts = drafts_for(connection, rules, late, now)
    for number, matter in drafts.items():
        events[matter.ticket].append(matter.referred(number))
    additions = [log.Addition(f"ticket/{number}", sorted(new, key=_at)) for number, new in events.items()]
    additions += [
        log.Addition(f"re_supervision/{number}", [matter.drafted], 0) for number, matter in drafts.items()
    ]
    if additions:
        log.append(connection, rules, additions)
    return Swept(raised, cleared, drafted=len(drafts))


_MOVING = ("Extended", "DueSupplied", "Resumed", "SplitOff")
"""Events that give a clock another due time than it had: of the node that they name, else of all."""


def _moved_at(
    connection: Connection, tickets: Collection[str], now: datetime
) -> dict[tuple[str, str | None], datetime]:
    """Return when the clocks of tickets were last given another time, by ticket and node (None: all)."""
    if not tickets:
        return {}
    event = schema.event.c
    node = event.data["node"].as_string()
    streams = [f"ticket/{number}" for number in tickets]
    rows = connection.execute(
        select(event.stream, node.label("node"), func.max(event.at).label("at"))
        .where(event.stream == func.any(literal(streams, ARRAY(Text))))
        .where(event.kind.in_(_MOVING), event.at <= now)
        .group_by(event.stream, node)
    )
    return {(row.stream.partition("/")[2], row.node): row.at for row in rows}


def _movers(ticket: str, node: Node) -> tuple[tuple[str, str | None], ...]:
    return (ticket, node.value), (ticket, None)


def may_run(connection: Connection) -> bool:
    """Whether nobody goes first; nobody else sweeps until this transaction ends."""
    # An import that continues thousands of tickets goes first: the sweep comes round again in a moment.
    free = select(func.pg_try_advisory_xact_lock(LOCK), func.pg_try_advisory_xact_lock_shared(log.WRITERS))
    return all(connection.execute(free).one())


def lock_proved(connection: Connection, tickets: Sequence[str]) -> list[str]:
    """Lock those of the tickets that nobody is writing to, and return them, but for the unproved ones.

    What a person wrote into the caches would otherwise come into the log as a warning of the system's.
    """
    free = log.lock_free(connection, [f"ticket/{number}" for number in tickets])
    unproved = _unproved(connection, free)
    return [stream.partition("/")[2] for stream in free if stream not in unproved]


def _unproved(connection: Connection, streams: Sequence[str]) -> set[str]:
    waiting = schema.unchecked.c.stream
    some = select(waiting).where(waiting == func.any(literal(list(streams), ARRAY(Text))))
    return set(connection.execute(some).scalars())


def _at(event: Event) -> datetime:
    return event.at
