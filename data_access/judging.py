"""The rule engine: judges the tickets whose streams got events, and warns of what is wrong (T04, T09, T12).

It reads the log past its position, by transaction and below the oldest one that is still running: nothing is
passed over, and nothing read twice. What is touched goes into a queue in one transaction with the position; a
ticket leaves the queue in one transaction with its warnings. So a program that is killed in between has done
nothing, and the next one does it. The caller holds the sweep's lock (`sweeper`).
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, Connection, Row, Text, bindparam, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert

from data_access import log, picture_marks, schema
from data_access.drafting import RedWarning, drafts_for
from data_access.gate.session import person_of
from data_access.readers.surroundings import Reach, degrees_of, reach_of, surroundings_of
from data_access.rules import CHANGES, Rules, load_rules
from data_access.sweep import lock_proved, may_run
from domain.case_events import Categorised, RecordAdded, SubjectInspected
from domain.codec import decode
from domain.events import (
    Arrived,
    Event,
    Received,
    Rectified,
    WarningCleared,
    WarningEscalated,
    WarningLevel,
    WarningRaised,
)
from domain.policy import NoPolicyError, Policy
from domain.wrong.history import evidence_of
from domain.wrong.judge import judge
from domain.wrong.surroundings import Surroundings
from domain.wrong.warn import warnings_to_write

TAKEN_IN = 2000
"""Events read in one transaction."""
PORTION = 40
"""Tickets judged in one transaction."""
MARKED = 4
"""Pictures looked at in one transaction: each takes some hundredths of a second."""
TOLD_LATE = timedelta(days=3)
"""What is told so long after it happened, as an import tells a city's past, makes nobody look: nobody watched
then, and nobody is warned of it now."""
AGAIN = timedelta(hours=1)
"""After so long a ticket that could not be judged is tried again."""
BUSY = timedelta(milliseconds=250)
"""When to come again for a ticket that somebody was writing to."""

_OWN = tuple(kind.__name__ for kind in (WarningRaised, WarningCleared, WarningEscalated))
_SHOWING = tuple(kind.__name__ for kind in (Arrived, Rectified, SubjectInspected, RecordAdded))
_PLACING = tuple(kind.__name__ for kind in (Received, Categorised))

_log = logging.getLogger(__name__)


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
    if person_of(connection) is not None or not may_run(connection):
        return Judged()
    if not connection.execute(select(func.pg_try_advisory_xact_lock_shared(CHANGES))).scalar_one():
        return Judged()
    if take_in(connection) >= TAKEN_IN:
        return Judged(more=True)
    numbers = waiting(connection, now, most)
    done = judge_tickets(connection, load_rules(connection), numbers, now) if numbers else Judged()
    next_at = connection.execute(select(func.min(schema.to_judge.c.at))).scalar()
    wait = None if next_at is None else (next_at - now).total_seconds()
    more = done.more or (wait is not None and wait <= 0)
    return Judged(done.raised, done.cleared, done.drafted, more, wait)


def take_in(connection: Connection, most: int = TAKEN_IN) -> int:
    """Read on in the log, and queue the tickets that are touched; return how many events were new."""
    position = _position(connection)
    asked = {"xid": position.xid, "id": position.id, "most": most, "showing": list(_SHOWING)}
    rows = connection.execute(_NEW_EVENTS, asked).all()
    if not rows:
        return 0
    policies = load_rules(connection).policies.policies
    _note_evidence(connection, rows)
    _queue(connection, rows, [policy for policy in policies if policy.wrong])
    last = rows[-1]
    connection.execute(_MOVE, {"xid": last.transaction, "id": last.id})
    return len(rows)


def waiting(connection: Connection, now: datetime, most: int = PORTION) -> list[str]:
    """Return the tickets that wait to be judged, longest first."""
    queue = schema.to_judge.c
    statement = select(queue.ticket).where(queue.at <= now).order_by(queue.at, queue.ticket).limit(most)
    return list(connection.execute(statement).scalars())


def judge_tickets(connection: Connection, rules: Rules, numbers: Sequence[str], now: datetime) -> Judged:
    """Judge these tickets of the queue; one that somebody is writing to stays in it."""
    if not numbers:
        return Judged()
    locked = lock_proved(connection, numbers)
    busy = [number for number in numbers if number not in locked]
    if busy:
        _put_off(connection, busy, now + BUSY)
    queue = schema.to_judge.c
    known_at: dict[str, datetime] = {
        row.ticket: row.known_at
        for row in connection.execute(
            select(queue.ticket, queue.known_at).where(queue.ticket == _any(locked), queue.at <= now)
        )
    }
    judged_by = [policy for policy in rules.policies.policies if policy.wrong]
    reach = reach_of(judged_by)
    if reach.bits is not None and _look_at_pictures(connection, list(known_at)):
        return Judged(more=True)
    around = surroundings_of(connection, list(known_at), reach, now)
    cases = [_case(connection, rules, number, around[number], known_at[number], now) for number in known_at]
    done = _write(connection, rules, [case for case in cases if case is not None], now)
    _leave(connection, list(known_at), {c.number: c.next_at for c in cases if c and c.next_at}, now)
    return done


def put_off(connection: Connection, number: str, now: datetime) -> None:
    """Leave a ticket that cannot be judged for later: it must not keep the others from being judged."""
    _put_off(connection, [number], now + AGAIN)


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
    new = warnings_to_write(judgement, events, around, min(known_at, now), known_at - TOLD_LATE)
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


# --- the queue ------------------------------------------------------------------------------------------


def _note_evidence(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
    first: dict[tuple[str, str], datetime] = {}
    for row in rows:
        if row.data is None or not row.stream.startswith("ticket/"):
            continue
        try:
            _, files = evidence_of(decode(row.kind, json.loads(row.data)))
        except ValueError:
            # `verify` names an event that cannot be read; here it shows nothing.
            continue
        for sha256 in files:
            key = (sha256, row.stream.removeprefix("ticket/"))
            first[key] = min(row.at, first.get(key, row.at))
    if not first:
        return
    table = schema.evidence_use
    statement = insert(table).values(
        [{"sha256": sha256, "ticket": ticket, "at": at} for (sha256, ticket), at in sorted(first.items())]
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.sha256, table.c.ticket],
            set_={"at": func.least(table.c.at, statement.excluded.at)},
        )
    )


def _queue(
    connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]], judged_by: Sequence[Policy]
) -> None:
    told = [
        row
        for row in rows
        if row.stream.startswith("ticket/") and row.kind not in _OWN and row.recorded_at - row.at < TOLD_LATE
    ]
    if not told or not judged_by:
        return
    known_at: dict[str, datetime] = {}
    for row in told:
        number = row.stream.removeprefix("ticket/")
        known_at[number] = min(row.recorded_at, known_at.get(number, row.recorded_at))
    reach = reach_of(judged_by)
    shown = {row.stream.removeprefix("ticket/") for row in told if row.kind in _SHOWING}
    placed = {row.stream.removeprefix("ticket/") for row in told if row.kind in _PLACING}
    for number, other in (
        *_used_later(connection, sorted(shown)),
        *_near(connection, sorted(placed), reach),
    ):
        known_at[other] = min(known_at[number], known_at.get(other, known_at[number]))
    names = [f"{policy.family}/{policy.version}" for policy in judged_by]
    moments = [known_at[number] for number in known_at]
    connection.execute(_ENQUEUE, {"numbers": list(known_at), "moments": moments, "policies": names})


def _used_later(connection: Connection, numbers: Sequence[str]) -> list[tuple[str, str]]:
    """Return tickets where evidence of these was handed in again, each with the one that had it before."""
    rows = connection.execute(_USED_LATER, {"numbers": list(numbers)}) if numbers else ()
    return [(row.number, row.other) for row in rows]


def _near(connection: Connection, numbers: Sequence[str], reach: Reach) -> list[tuple[str, str]]:
    """Return closed tickets of the same kind around the points of these, each with the one it is near to."""
    if not numbers or not reach.metres:
        return []
    north, east = degrees_of(reach.metres, 0)
    asked = {"numbers": list(numbers), "north": north, "east": east, "days": timedelta(days=reach.days)}
    return [(row.number, row.other) for row in connection.execute(_NEAR, asked)]


def _look_at_pictures(connection: Connection, numbers: Sequence[str]) -> bool:
    """Look at new pictures of these tickets; return whether there may be more of them."""
    use = schema.evidence_use.c
    sums = connection.execute(select(use.sha256).where(use.ticket == _any(numbers)).distinct()).scalars()
    return picture_marks.keep_marks(connection, list(sums), MARKED) >= MARKED


def _leave(
    connection: Connection, numbers: Sequence[str], again: Mapping[str, datetime], now: datetime
) -> None:
    """Take judged tickets out of the queue, but for those that time alone will make wrong."""
    gone = [number for number in numbers if number not in again]
    if gone:
        connection.execute(delete(schema.to_judge).where(schema.to_judge.c.ticket == _any(gone)))
    for number, at in again.items():
        values = {"at": max(at, now), "known_at": at}
        connection.execute(schema.to_judge.update().where(schema.to_judge.c.ticket == number).values(values))


def _put_off(connection: Connection, numbers: Sequence[str], until: datetime) -> None:
    table = schema.to_judge
    connection.execute(table.update().where(table.c.ticket == _any(numbers)).values(at=until))


# --- the position ---------------------------------------------------------------------------------------


def _position(connection: Connection) -> Row[*tuple[Any, ...]]:
    """Return the last event that was taken in; a store from another server begins with what is new."""
    row = connection.execute(_HERE).one()
    if row.database is None:
        connection.execute(_BEGIN)
    elif row.database != row.here or row.xid >= row.end:
        _log.info("the log was copied from another server: judging what is new")
        connection.execute(_FROM_HERE)
    else:
        return row
    return connection.execute(_HERE).one()


def _any(values: Sequence[str]) -> Any:
    return func.any(literal(list(values), ARRAY(Text)))


def _at(event: Event) -> datetime:
    return event.at


_HERE = text(
    """
    SELECT judging.database, judging.xid, judging.id,
        (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS here,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS end
    FROM (SELECT 1) AS one LEFT JOIN judging ON true
    """
)
_BEGIN = text(
    'INSERT INTO judging ("only", database, xid, id)'
    " SELECT true, oid::text, 0, 0 FROM pg_database WHERE datname = current_database()"
)
_FROM_HERE = text(
    """
    UPDATE judging SET
        database = (SELECT oid::text FROM pg_database WHERE datname = current_database()),
        (xid, id) = (
            SELECT coalesce(max(last.xid::text::bigint), 0), coalesce(max(last.id), 0)
            FROM (
                SELECT event.xid, event.id FROM event ORDER BY event.xid DESC, event.id DESC LIMIT 1
            ) AS last
        )
    """
)
_MOVE = text("UPDATE judging SET xid = :xid, id = :id")
# What is below the oldest running transaction cannot grow any more: no event comes in behind the position.
_NEW_EVENTS = text(
    """
    SELECT event.id, event.stream, event.kind, event.at, event.recorded_at,
        event.xid::text::bigint AS transaction,
        CASE WHEN event.kind = ANY(CAST(:showing AS text[])) THEN CAST(event.data AS text) END AS data
    FROM event
    WHERE (event.xid, event.id) > (CAST(CAST(CAST(:xid AS bigint) AS text) AS xid8), CAST(:id AS bigint))
        AND event.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY event.xid, event.id
    LIMIT :most
    """
)
_USED_LATER = text(
    """
    SELECT DISTINCT mine.ticket AS number, other.ticket AS other
    FROM evidence_use AS mine JOIN evidence_use AS other
        ON other.sha256 = mine.sha256 AND other.ticket <> mine.ticket AND other.at > mine.at
    WHERE mine.ticket = ANY(CAST(:numbers AS text[]))
    LIMIT 1000
    """
)
# The box of degrees is as wide as at the equator, divided by the cosine of each point's latitude.
_NEAR = text(
    """
    SELECT new.number, old.number AS other
    FROM ticket AS new JOIN LATERAL (
        SELECT near.number FROM ticket AS near
        WHERE near.lat BETWEEN new.lat - :north AND new.lat + :north
            AND near.lng BETWEEN new.lng - :east / greatest(cosd(new.lat), 0.01)
                AND new.lng + :east / greatest(cosd(new.lat), 0.01)
            AND near.lat IS NOT NULL
            AND near.category = new.category
            AND near.closed_at < new.received_at
            AND near.closed_at >= new.received_at - CAST(:days AS interval)
            AND near.merged_into IS NULL
            AND near.number <> new.number
        ORDER BY near.closed_at DESC
        LIMIT 50
    ) AS old ON true
    WHERE new.number = ANY(CAST(:numbers AS text[])) AND new.lat IS NOT NULL
    """
)
_ENQUEUE = text(
    """
    INSERT INTO to_judge AS queue (ticket, at, known_at)
    SELECT t.number, asked.known_at, asked.known_at
    FROM unnest(CAST(:numbers AS text[]), CAST(:moments AS timestamptz[])) AS asked (number, known_at)
        JOIN ticket AS t USING (number)
    WHERE t.policy_family || '/' || t.policy_version = ANY(CAST(:policies AS text[]))
    ON CONFLICT (ticket) DO UPDATE SET
        -- What waits to be judged already is known of since then; what was planned for later is judged now.
        known_at = CASE WHEN queue.known_at <= transaction_timestamp()
            THEN least(queue.known_at, excluded.known_at) ELSE excluded.known_at END,
        at = least(queue.at, excluded.at)
    """
).bindparams(bindparam("moments", type_=ARRAY(TIMESTAMP(timezone=True))))
