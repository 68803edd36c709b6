"""The change feed: what the event log got since one looked last. The bell says when to look.

A position is not a number but a snapshot of the database: which transactions had ended when one looked. What
is visible now and was not then is new, however transactions overtook each other; nothing waits for a long one
(an import of many seconds would hold back every wall if only events below the oldest running transaction
counted). The same call starts, goes on and catches up after a loss. docs/decisions/0008 tells the traps.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from sqlalchemy import Connection, text

Position = NewType("Position", str)
"""Where a reader stands: the server's timeline, the highest transaction read, and a snapshot, with bars."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event's envelope: enough to know what to read again."""

    id: int
    stream: str
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new, and the position to ask with next time.

    A stream's events come in their order, within one answer and over all of them. `everything` says that the
    list is not given: it is the first look, too long, or of another history of the database; read all anew.
    """

    position: Position
    events: tuple[Change, ...] = ()
    everything: bool = False


# Position and events are read in one statement, so that they fit each other at any isolation level.
# In one answer ids keep a stream's order: a stream is locked while it is written, and ids are given then.
_SINCE = text(
    """
    SELECT here.timeline, here.seen, event.*
    FROM (
        SELECT pg_current_snapshot()::text AS seen,
            CASE WHEN pg_is_in_recovery() THEN 'standby'
                ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS timeline
    ) AS here
    LEFT JOIN LATERAL (
        SELECT id, stream, seq, kind, at, recorded_at, xid::text::bigint AS xid
        FROM event
        WHERE xid >= least(
                CAST(CAST(:highest AS bigint) + 1 AS text)::xid8, pg_snapshot_xmin(CAST(:seen AS pg_snapshot))
            )
            AND xid < pg_snapshot_xmax(pg_current_snapshot())
            AND (
                xid > CAST(CAST(:highest AS bigint) AS text)::xid8
                OR NOT pg_visible_in_snapshot(xid, CAST(:seen AS pg_snapshot))
            )
        LIMIT :most
    ) AS event ON true
    ORDER BY event.id
    """
)
# `event.xid`, not `xid`: that would be the converted number, and sort the whole log instead of its index.
_HERE = text(
    """
    SELECT pg_current_snapshot()::text AS seen,
        coalesce((SELECT event.xid::text::bigint FROM event ORDER BY event.xid DESC LIMIT 1), 0) AS highest,
        CASE WHEN pg_is_in_recovery() THEN 'standby'
            ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS timeline
    """
)


def changes_since(connection: Connection, position: Position | None, most: int | None = None) -> Changes:
    """Return what was appended since a position; None is the first look.

    Args:
        connection: any transaction; what it reads besides fits the answer if it is REPEATABLE READ.
        position: of the last answer.
        most: with more events than this the answer is `everything`; None for no bound.
    """
    if position is None:
        return _from_here(connection)
    timeline, highest, seen = position.split("|")
    asked = {"highest": int(highest), "seen": seen, "most": None if most is None else most + 1}
    rows = connection.execute(_SINCE, asked).all()
    here = rows[0]
    if here.timeline != timeline or _end(here.seen) < _end(seen):
        # A promoted standby or a restored backup: its transactions are not those that were counted.
        return _from_here(connection)
    if here.id is None:
        return Changes(_position(timeline, int(highest), here.seen))
    reached = _position(timeline, max(int(highest), *(row.xid for row in rows)), here.seen)
    if most is not None and len(rows) > most:
        return _from_here(connection)
    events = tuple(Change(row.id, row.stream, row.seq, row.kind, row.at, row.recorded_at) for row in rows)
    return Changes(reached, events)


def log_height(connection: Connection) -> int:
    """Return a number that grows with the whole log, for somebody who sees only a part of it."""
    return int(connection.execute(text("SELECT log_height()")).scalar_one())


def _from_here(connection: Connection) -> Changes:
    row = connection.execute(_HERE).one()
    return Changes(_position(row.timeline, row.highest, row.seen), everything=True)


def _position(timeline: str, highest: int, seen: str) -> Position:
    return Position(f"{timeline}|{highest}|{seen}")


def _end(snapshot: str) -> int:
    return int(snapshot.split(":")[1])
