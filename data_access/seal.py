"""The daily seals: making those that are due, and reading them (docs/decisions/0012).

The database seals by itself, in `seal_days()` of migration 0005: who may call it may write nothing. Here it
is asked to, by whichever program sweeps.
"""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, literal, select, text

from data_access import schema
from data_access.store import Store
from domain.seal import Seal

SETTLING_MINUTES = 5
"""So long after its end a day can be sealed: who began to write before midnight has mostly ended by then.
Written down in migration 0005 as well."""


def seal_finished_days(store: Store, zone: ZoneInfo) -> int:
    """Seal every day that has ended in the city's zone and is not sealed yet; return how many.

    Raises:
        StoreError: somebody has been writing for a while, and may still write into a day that has ended: come
            again in a minute. Or the database is away.
    """
    if not store.read(lambda connection: is_due(connection, zone)):
        return 0
    return store.write(lambda connection: int(connection.scalar(select(func.seal_days(zone.key))) or 0))


def is_due(connection: Connection, zone: ZoneInfo) -> bool:
    """Whether a day has ended, by the database's clock, that is not sealed. A look that costs nothing."""
    return bool(connection.execute(_IS_DUE, {"zone": zone.key, "minutes": SETTLING_MINUTES}).scalar_one())


def seals(connection: Connection, until: date | None = None, most: int | None = None) -> tuple[Seal, ...]:
    """Return the seals in the order of their days; with bounds, the last ones up to a day."""
    seal = schema.seal
    statement = select(seal).order_by(seal.c.day.desc()).limit(most)
    if until is not None:
        statement = statement.where(seal.c.day <= literal(until))
    found = [
        Seal(row.day, row.until, row.streams, row.events, bytes(row.previous), bytes(row.hash), row.sealed_at)
        for row in connection.execute(statement)
    ]
    return tuple(reversed(found))


_IS_DUE = text(
    """
    SELECT CASE WHEN last.day IS NULL
        THEN coalesce((
            SELECT CAST(recorded_at AT TIME ZONE :zone AS date) <= finished.day FROM event ORDER BY id LIMIT 1
        ), false)
        ELSE last.day < finished.day END
    FROM (
        SELECT CAST(
            (transaction_timestamp() - make_interval(mins => :minutes)) AT TIME ZONE :zone AS date
        ) - 1 AS day
    ) AS finished
    LEFT JOIN (SELECT day FROM seal ORDER BY day DESC LIMIT 1) AS last ON true
    """
)
