"""The rule engine: judges the tickets whose streams got events, and warns of what is wrong (T04, T09, T12).

What is to be judged stands in a queue (`judging_queue`); a ticket leaves it in one transaction with its
warnings. So a program that is killed in between has done nothing, and the next one does it. The caller holds
the sweep's lock (`sweeper`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data_access import judging_queue, log, picture_marks, schema
from data_access.drafting import RedWarning, drafts_for
from data_access.gate.session import person_of
from data_access.judging_queue import any_of
from data_access.readers.surroundings import reach_of, surroundings_of
from data_access.rules import CHANGES, Rules, load_rules
from data_access.sweep import lock_proved, may_run
from domain.events import (
    Event,
    Received,
    WarningCleared,
    WarningLevel,
    WarningRaised,
)
from domain.policy import NoPolicyError, Policy
from domain.wrong.judge import judge
from domain.wrong.surroundings import Surroundings
from domain.wrong.warn import warnings_to_write

PORTION = 40
"""Tickets judged in one transaction."""
MARKED = 4
"""Pictures looked at in one transaction: each takes some hundredths of a second."""
BUSY = timedelta(milliseconds=250)
"""When to come again for a ticket that somebody was writing to."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a turn did. `more` says that something waits already, `wait` in how many seconds time asks for
    the next look, as far as is known.
    """

    raised: int = 0
    cleared: int = 0
    drafted: int = 0
    more: bool = False
    wait: float | None = None


def turn(connection: Connection, now: datetime, most: int = PORTION) -> Judged:
    """Read on in the log, and judge what waits, in the caller's transaction, unless others go first."""
    look = judging_queue.look(connection)
    wait = None if look.next_at is None else (look.next_at - now).total_seconds()
    if look.position is not None and look.first is None and (wait is None or wait > 0):
        return Judged(wait=wait)
    if person_of(connection) is not None or not may_run(connection):
        return Judged()
    if not connection.execute(select(func.pg_try_advisory_xact_lock_shared(CHANGES))).scalar_one():
        return Judged()
    if judging_queue.take_in(connection) >= judging_queue.TAKEN_IN:
        return Judged(more=True)
    numbers = judging_queue.waiting(connection, now, most)
    done = judge_tickets(connection, load_rules(connection), numbers, now) if numbers else Judged()
    next_at = connection.execute(select(func.min(schema.to_judge.c.at))).scalar()
    wait = None if next_at is None else (next_at - now).total_seconds()
    more = done.more or (wait is not None and wait <= 0)
    return Judged(done.raised, done.cleared, done.drafted, more, wait)


def judge_tickets(connection: Connection, rules: Rules, numbers: Sequence[str], now: datetime) -> Judged:
    """Judge these tickets of the queue; one that somebody is writing to stays in it."""
    if not numbers:
        return Judged()
    locked = lock_proved(connection, numbers)
    busy = [number for number in numbers if number not in locked]
    if busy:
        judging_queue.put_off(connection, busy, now + BUSY)
    entry = schema.to_judge.c
    known_at: dict[str, datetime] = {
        row.ticket: row.known_at
        for row in connection.execute(
            select(entry.ticket, entry.known_at).where(entry.ticket == any_of(locked), entry.at <= now)
        )
    }
    judged_by = [policy for policy in rules.policies.policies if policy.wrong]
    reach = reach_of(judged_by)
    if reach.bits is not None and _look_at_pictures(connection, list(known_at)):
        return Judged(more=True)
    around = surroundings_of(connection, list(known_at), reach, now)
    cases = [_case(connection, rules, number, around[number], known_at[number], now) for number in known_at]
    done = _write(connection, rules, [case for case in cases if case is not None], now)
    judging_queue.leave(
        connection, list(known_at), {c.number: c.next_at for c in cases if c and c.next_at}, now
    )
    return done


@dataclass(frozen=True, slots=True)
class _Case:
    number: str
    events: tuple[Event, ...]
    next_at: datetime | None


def _case(
    connection: Connection,
    rules: Rules,
    number: str,
    around: Surroundings,
    known_at: datetime,
    now: datetime,
) -> _Case | None:
    records = log.read_stream(connection, f"ticket/{number}")
    if not records:
        return None
    events = sorted((record.event for record in records), key=_at)
    policy = _policy_of(rules, events[0])
    if policy is None or not policy.wrong or events[0].at > now:
        return None
    judgement = judge(events, policy, rules.calendar, around, now)
    new = warnings_to_write(judgement, events, around, min(known_at, now), known_at - judging_queue.TOLD_LATE)
    return _Case(number, new, judgement.next_at)


def _policy_of(rules: Rules, first: Event) -> Policy | None:
    if not isinstance(first.fact, Received):
        return None
    try:
        return rules.policies.in_force(first.fact.policy, first.at)
    except NoPolicyError:
        return None


def _write(connection: Connection, rules: Rules, cases: Sequence[_Case], now: datetime) -> Judged:
    events: dict[str, list[Event]] = {case.number: list(case.events) for case in cases if case.events}
    red = [
        RedWarning(number, fact.body, fact.node, fact.round, fact.rule, event.at)
        for number, new in events.items()
        for event in new
        if isinstance(fact := event.fact, WarningRaised) and fact.level is WarningLevel.RED
    ]
    drafts = drafts_for(connection, rules, red, now)
    for file, matter in drafts.items():
        events[matter.ticket].append(matter.referred(file))
    additions = [log.Addition(f"ticket/{number}", sorted(new, key=_at)) for number, new in events.items()]
    additions += [
        log.Addition(f"re_supervision/{file}", [matter.drafted], 0) for file, matter in drafts.items()
    ]
    if additions:
        log.append(connection, rules, additions)
    said = [event.fact for new in events.values() for event in new]
    raised = sum(isinstance(fact, WarningRaised) for fact in said)
    cleared = sum(isinstance(fact, WarningCleared) for fact in said)
    return Judged(raised, cleared, len(drafts))


def _look_at_pictures(connection: Connection, numbers: Sequence[str]) -> bool:
    """Look at new pictures of these tickets; return whether there may be more of them."""
    use = schema.evidence_use.c
    sums = connection.execute(select(use.sha256).where(use.ticket == any_of(numbers)).distinct()).scalars()
    return picture_marks.keep_marks(connection, list(sums), MARKED) >= MARKED


def _at(event: Event) -> datetime:
    return event.at
