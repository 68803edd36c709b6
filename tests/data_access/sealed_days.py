"""A store with a past: events that were recorded on earlier days, which only the owner can put there."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from data_access import log, schema
from data_access.copying import copy_rows
from data_access.rules import load_rules
from data_access.seal import SETTLING_MINUTES, seal_finished_days
from data_access.store import Store
from data_access.verify import Verdict, rebuild_caches, verify
from domain.events import Event

ZONE = ZoneInfo("Asia/Shanghai")


def last_finished_day(store: Store) -> date:
    """The last day that can be sealed, by the database's clock."""
    now = store.read(log.transaction_time)
    return (now - timedelta(minutes=SETTLING_MINUTES)).astimezone(ZONE).date() - timedelta(days=1)


def at(day: date, hour: float = 12) -> datetime:
    """An hour of a day in the city."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC) + timedelta(hours=hour)


def record(store: Store, recorded_at: datetime, **streams: Sequence[Event]) -> None:
    """Continue tickets by events as if they had been recorded at that moment; the caches are left behind."""

    def write(connection: Connection) -> None:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for number, events in streams.items():
            stream = f"ticket/{number}"
            last = log.head(connection, stream)
            rows = log.chain(stream, events, recorded_at, log.Head(last.version, bytes(last.hash)))
            copy_rows(connection, schema.event, rows)

    store.write(write)


def rebuild(store: Store) -> None:
    """Let the caches follow from the events again, as they are now."""
    store.write(lambda c: rebuild_caches(c, load_rules(c)))


def sealed(store: Store) -> int:
    """Seal what can be sealed."""
    return seal_finished_days(store, ZONE)


def forge(store: Store, *statements: str) -> None:
    """Do what only the owner can: with the triggers off, and on again as if nothing had been."""
    store.write(lambda connection: forge_on(connection, *statements))


def forge_on(connection: Connection, *statements: str) -> None:
    """The same in a transaction that is under way."""
    for table in ("event", "seal", "sealed_head"):
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        connection.exec_driver_sql(statement)
    for table in ("event", "seal", "sealed_head"):
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def proof(store: Store, printed: tuple[date, bytes] | None = None) -> Verdict:
    """What `verify` finds."""
    return store.scratch(lambda c: verify(c, load_rules(c), printed=printed))


RECHAIN = """
DO $$
DECLARE
    e event;
    last bytea := decode(repeat('00', 32), 'hex');
BEGIN
    FOR e IN SELECT * FROM event WHERE stream = '{stream}' ORDER BY seq LOOP
        IF e.seq >= {seq} THEN
            UPDATE event SET previous = last, hash = event_hash(
                last, e.stream, e.seq, e.kind, e.at, e.role, e.person, e.body, e.data::text, e.recorded_at
            ) WHERE id = e.id RETURNING hash INTO last;
        ELSE
            last := e.hash;
        END IF;
    END LOOP;
END
$$
"""


def rechained(stream: str, seq: int) -> str:
    """The statement that computes a stream's hashes anew from an event on."""
    return RECHAIN.format(stream=stream, seq=seq)
