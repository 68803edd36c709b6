"""What stations measured: written in batches, each value once, kept by month (X14).

A value that was sent again, late or twice changes nothing: what an operator was judged by stays as it came
first. Only where a device had sent no value at all may a later frame fill the gap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import LiteralString

import psycopg
from sqlalchemy import Connection, insert, text

from data_access import schema
from domain.sensor_proof import LENGTHS
from domain.stations import Sample, Span

NEAR = {
    Span.REAL_TIME: timedelta(hours=6),
    Span.MINUTE: timedelta(hours=6),
    Span.HOUR: timedelta(days=2),
    Span.DAY: timedelta(days=40),
}
"""Values of a series that came in so near to each other are weighed as one stretch, with what is between."""
CHUNK = 20_000
"""Rows of a load at a time: a tuple of each is in memory."""


@dataclass(frozen=True, slots=True)
class ToWeigh:
    """Whose values came in and are not judged yet, from which moment to which: late ones reach back."""

    station: int
    factor: str
    span: Span
    since: datetime
    until: datetime


def store_samples(connection: Connection, samples: Iterable[Sample], received_at: datetime) -> int:
    """Store what is not stored yet, and note it as to be weighed; return how many values were new.

    All of it is there, weighing included, once the caller's transaction is committed: only then may a device
    be answered. `received_at` is aware.
    """
    rows = [_row(sample, received_at) for sample in samples]
    if not rows:
        return 0
    _make_room(connection, rows)
    if connection.execute(_HAS_INCOMING).scalar() is None:
        connection.execute(_INCOMING)
    _copy(connection, COPY_INCOMING, rows)
    return int(connection.execute(_TAKE_IN, {"near": list(NEAR.values())}).scalar_one())


def load_samples(connection: Connection, samples: Iterable[Sample]) -> int:
    """Load values that nobody has yet straight into their months; return how many.

    They are taken as received when they were measured, at the end of their period, and are not weighed:
    for a history that is written together with what followed from it. A value that is there already is an
    error of the database.
    """
    counted, left = 0, iter(samples)
    while rows := [_row(sample, sample.at + LENGTHS[sample.span]) for sample in islice(left, CHUNK)]:
        _make_room(connection, rows)
        _copy(connection, COPY_READINGS, rows)
        counted += len(rows)
    return counted


def take_to_weigh(connection: Connection, most: int = 5000) -> tuple[ToWeigh, ...]:
    """Take what waits to be weighed, the oldest first; what comes in meanwhile waits for the next time.

    It is gone when the caller's transaction is committed, and back when that is undone. `most` bounds the
    notes that say whose values are taken; all that waits of these comes along, so that it is weighed in the
    order of its own time. What lies near each other is one stretch; several of a series come in that order.
    """
    rows = connection.execute(_TAKE_TO_WEIGH, {"most": most, "near": list(NEAR.values())})
    return tuple(ToWeigh(row.station, row.factor, Span(row.span), row.since, row.until) for row in rows)


def put_back(connection: Connection, notes: Iterable[ToWeigh]) -> None:
    """Note again what was taken and is left for the next time."""
    rows = [
        {
            "station": note.station,
            "factor": note.factor,
            "span": int(note.span),
            "since": note.since,
            "until": note.until,
        }
        for note in notes
    ]
    if rows:
        connection.execute(insert(schema.to_weigh), rows)


def _row(sample: Sample, received_at: datetime) -> tuple[object, ...]:
    return (
        sample.station,
        sample.factor,
        int(sample.span),
        sample.at.astimezone(UTC),
        sample.value,
        sample.flag.value,
        sample.low,
        sample.high,
        sample.total,
        received_at,
    )


def _make_room(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Make the months that these rows need and that are not there."""
    months = {(at.year, at.month) for row in rows if isinstance(at := row[3], datetime)}
    for year, month in sorted(months):
        name = f"reading_{year:04d}_{month:02d}"
        if connection.execute(_EXISTS, {"name": name}).scalar() is None:
            connection.execute(_MAKE_MONTH, {"of": datetime(year, month, 1, tzinfo=UTC)})


def _copy(connection: Connection, statement: LiteralString, rows: Sequence[tuple[object, ...]]) -> None:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise RuntimeError("the connection is closed")
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


COPY_READINGS = (
    "COPY reading (station, factor, span, at, value, flag, low, high, total, received_at) FROM STDIN"
)
COPY_INCOMING = (
    "COPY pg_temp.incoming_reading (station, factor, span, at, value, flag, low, high, total, received_at)"
    " FROM STDIN"
)
"""The columns stand in the order of `_row`."""
_EXISTS = text("SELECT to_regclass('public.' || :name)")
_MAKE_MONTH = text("SELECT make_reading_month(:of)")
_HAS_INCOMING = text("SELECT to_regclass('pg_temp.incoming_reading')")
_INCOMING = text(
    "CREATE TEMPORARY TABLE incoming_reading (position bigint GENERATED ALWAYS AS IDENTITY, LIKE reading)"
    " ON COMMIT DELETE ROWS"
)
_TAKE_IN = text(
    """
    WITH stored AS (
        INSERT INTO reading AS known (station, factor, span, at, value, flag, low, high, total, received_at)
        SELECT DISTINCT ON (station, factor, span, at)
            station, factor, span, at, value, flag, low, high, total, received_at
        FROM pg_temp.incoming_reading
        -- In one order, so that two transactions wait for each other in one direction.
        ORDER BY station, factor, span, at, value IS NULL, position
        ON CONFLICT (station, factor, span, at) DO UPDATE
            SET value = excluded.value, flag = excluded.flag, low = excluded.low, high = excluded.high,
                total = excluded.total, received_at = excluded.received_at
            WHERE known.value IS NULL AND excluded.value IS NOT NULL
        RETURNING known.station, known.factor, known.span, known.at
    ), stretches AS (
        -- What a device caught up with comes beside its newest values.
        SELECT station, factor, span, unnest(range_agg(
            tstzrange(at, at + (CAST(:near AS interval[]))[span + 1], '[]')
        )) AS stretch
        FROM stored GROUP BY station, factor, span
    ), noted AS (
        INSERT INTO to_weigh (station, factor, span, since, until)
        SELECT station, factor, span, lower(stretch), upper(stretch) - (CAST(:near AS interval[]))[span + 1]
        FROM stretches
    )
    SELECT count(*) FROM stored
    """
)
_TAKE_TO_WEIGH = text(
    """
    WITH chosen AS (
        SELECT DISTINCT station, factor, span
        FROM (SELECT * FROM to_weigh ORDER BY number LIMIT :most) AS oldest
    ), taken AS (
        DELETE FROM to_weigh AS w USING chosen AS c
        WHERE w.station = c.station AND w.factor = c.factor AND w.span = c.span
        RETURNING w.station, w.factor, w.span, w.since, coalesce(w.until, greatest(w.since, now())) AS until
    ), stretches AS (
        SELECT station, factor, span, unnest(range_agg(
            tstzrange(since, until + (CAST(:near AS interval[]))[span + 1], '[]')
        )) AS stretch
        FROM taken GROUP BY station, factor, span
    )
    SELECT station, factor, span, lower(stretch) AS since,
        upper(stretch) - (CAST(:near AS interval[]))[span + 1] AS until
    FROM stretches ORDER BY station, factor, span, since
    """
)
