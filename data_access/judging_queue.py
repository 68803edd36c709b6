"""The rule engine's reading of the log, and the queue of tickets that it is to judge (`judging`).

The log is read past a position, by transaction and below the oldest one that is still running: nothing is
passed over, and nothing read twice. What is touched goes into the queue in one transaction with the position.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, Connection, Row, Text, bindparam, delete, func, literal, select, text

from data_access import schema
from data_access.readers.surroundings import Reach, degrees_of, reach_of
from data_access.rules import Rules, load_rules
from domain.case_events import Categorised, RecordAdded, SubjectInspected
from domain.codec import decode
from domain.events import (
    Arrived,
    Received,
    Rectified,
    SensorExceeded,
    WarningCleared,
    WarningEscalated,
    WarningRaised,
)
from domain.policy import Policy
from domain.wrong.history import evidence_of

TAKEN_IN = 2000
"""Events read in one transaction."""
TOLD_LATE = timedelta(days=3)
"""What is told so long after it happened, as an import tells a city's past, makes nobody look: nobody watched
then, and nobody is warned of it now."""
AGAIN = timedelta(hours=1)
"""After so long a ticket that could not be judged is tried again."""

_OWN = tuple(kind.__name__ for kind in (WarningRaised, WarningCleared, WarningEscalated))
_SHOWING = tuple(kind.__name__ for kind in (Arrived, Rectified, SubjectInspected, RecordAdded))
_PLACING = tuple(kind.__name__ for kind in (Received, Categorised))

_log = logging.getLogger(__name__)


def look(connection: Connection) -> Row[*tuple[Any, ...]]:
    """Return the `position` in the log, the `first` event past it, and when a ticket waits next (`next_at`).

    Each is None where there is none: one look when nothing is new and nothing waits, which is nearly always.
    """
    return connection.execute(_LOOK).one()


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


def waiting(connection: Connection, now: datetime, most: int) -> list[str]:
    """Return the tickets that wait to be judged, longest first."""
    queue = schema.to_judge.c
    statement = select(queue.ticket).where(queue.at <= now).order_by(queue.at, queue.ticket).limit(most)
    return list(connection.execute(statement).scalars())


def judge_anew(connection: Connection, rules: Rules) -> None:
    """Queue all open tickets that rules of procedure hold for: a changed policy may say something else."""
    names = [f"{policy.family}/{policy.version}" for policy in rules.policies.policies if policy.wrong]
    connection.execute(_QUEUE_OPEN, {"policies": names})


def put_off(connection: Connection, numbers: Sequence[str], until: datetime) -> None:
    """Leave tickets for later: somebody is writing to them, or they would keep others from being judged."""
    table = schema.to_judge
    connection.execute(table.update().where(table.c.ticket == any_of(numbers)).values(at=until))


def leave(
    connection: Connection, numbers: Sequence[str], again: Mapping[str, datetime], now: datetime
) -> None:
    """Take judged tickets out of the queue, but for those that time alone will make wrong."""
    gone = [number for number in numbers if number not in again]
    if gone:
        connection.execute(delete(schema.to_judge).where(schema.to_judge.c.ticket == any_of(gone)))
    for number, at in again.items():
        values = {"at": max(at, now), "known_at": at}
        connection.execute(schema.to_judge.update().where(schema.to_judge.c.ticket == number).values(values))


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
    keys = sorted(first)
    told = {
        "sums": [sha256 for sha256, _ in keys],
        "tickets": [ticket for _, ticket in keys],
        "moments": [first[key] for key in keys],
    }
    connection.execute(_NOTE, told)


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
    sensed = {row.stream.removeprefix("ticket/") for row in told if row.kind == SensorExceeded.__name__}
    for number, other in (
        *_used_later(connection, sorted(shown)),
        *_near(connection, sorted(placed), reach),
        *_sensed_before(connection, sorted(sensed), reach),
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


def _sensed_before(connection: Connection, numbers: Sequence[str], reach: Reach) -> list[tuple[str, str]]:
    """Return closed tickets that had the same sensors as these, each with the one that has them now."""
    if not numbers or not reach.days:
        return []
    asked = {"numbers": list(numbers), "days": timedelta(days=reach.days)}
    return [(row.number, row.other) for row in connection.execute(_SENSED_BEFORE, asked)]


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


def any_of(values: Sequence[str]) -> Any:
    """Return the condition of being one of these."""
    return func.any(literal(list(values), ARRAY(Text)))


_LOOK = text(
    """
    SELECT judging.id AS position, (SELECT min(to_judge.at) FROM to_judge) AS next_at,
        (
            SELECT event.id FROM event
            WHERE (event.xid, event.id) > (CAST(CAST(judging.xid AS text) AS xid8), judging.id)
                AND event.xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY event.xid, event.id
            LIMIT 1
        ) AS first
    FROM (SELECT 1) AS one LEFT JOIN judging ON true
    """
)
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
_SENSED_BEFORE = text(
    """
    SELECT DISTINCT new.ticket AS number, coalesce(main.number, t.number) AS other
    FROM episode AS new JOIN episode AS old
            ON old.station = new.station AND old.factor = new.factor AND old.ticket <> new.ticket
        JOIN ticket AS t ON t.number = old.ticket LEFT JOIN ticket AS main ON main.number = t.merged_into
    WHERE new.ticket = ANY(CAST(:numbers AS text[]))
        AND coalesce(main.closed_at, t.closed_at) >= transaction_timestamp() - CAST(:days AS interval)
    LIMIT 1000
    """
)
_NOTE = text(
    """
    INSERT INTO evidence_use AS known (sha256, ticket, at)
    SELECT * FROM unnest(CAST(:sums AS text[]), CAST(:tickets AS text[]), CAST(:moments AS timestamptz[]))
    ON CONFLICT (sha256, ticket) DO UPDATE SET at = excluded.at WHERE excluded.at < known.at
    """
).bindparams(bindparam("moments", type_=ARRAY(TIMESTAMP(timezone=True))))
_QUEUE_OPEN = text(
    """
    INSERT INTO to_judge (ticket, at, known_at)
    SELECT t.number, transaction_timestamp(), transaction_timestamp() FROM ticket AS t
    WHERE t.closed_at IS NULL AND t.policy_family || '/' || t.policy_version = ANY(CAST(:policies AS text[]))
    ON CONFLICT (ticket) DO UPDATE SET at = least(to_judge.at, excluded.at)
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
