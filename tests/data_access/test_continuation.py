"""A later delivery of thousands of tickets: one transaction, few locks, and a log that proves itself."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from data_access import bulk, rules, schema
from data_access.store import Connection, Store
from data_access.verify import verify
from domain.events import Dispatched, Event, Received, Rectified
from domain.intake import NewTicket
from domain.people import SYSTEM

START = datetime(2026, 3, 5, 8, tzinfo=UTC)
COUNT = 2500


def delivery(number: int, *, done: bool) -> NewTicket:
    events = [
        Event(START, SYSTEM, Received("12345", f"第 {number} 件", policy="source-due")),
        Event(START, SYSTEM, Dispatched("water")),
    ]
    if done:
        events.append(Event(START + timedelta(days=1), SYSTEM, Rectified("清淤")))
    return NewTicket(f"T-{number}", tuple(events), bytes([done]) * 32)


def first(connection: Connection) -> bulk.Counts:
    rules.install_defaults(connection)
    book = rules.load_rules(connection)
    return bulk.add_tickets(connection, book, (delivery(n, done=False) for n in range(COUNT)))[0]


def later(connection: Connection) -> tuple[bulk.Counts, int]:
    book = rules.load_rules(connection)
    counts, refused = bulk.add_tickets(connection, book, (delivery(n, done=True) for n in range(COUNT)))
    assert not refused
    locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    return counts, connection.execute(locks).scalar_one()


def proved(connection: Connection) -> object:
    return verify(connection, rules.load_rules(connection)).flaw


def test_thousands_of_tickets_are_continued_with_a_handful_of_locks(store: Store) -> None:
    assert store.write(first).added == COUNT
    counts, locks = store.write(later)
    assert (counts.added, counts.updated, counts.events) == (0, COUNT, COUNT)
    # A lock for each ticket would overflow the server's lock table at some ten thousand.
    assert locks < 10
    assert store.scratch(proved) is None
    counts, _ = store.write(later)
    assert (counts.unchanged, counts.events) == (COUNT, 0)


def test_a_delivery_that_says_nothing_new_leaves_its_ticket_unchanged(store: Store) -> None:
    store.write(first)
    again = NewTicket("T-0", delivery(0, done=False).events, bytes(range(32)))

    def repeat(connection: Connection) -> bulk.Counts:
        return bulk.add_tickets(connection, rules.load_rules(connection), [again])[0]

    counts = store.write(repeat)
    assert (counts.unchanged, counts.updated, counts.events) == (1, 0, 0)

    def noted(connection: Connection) -> bytes:
        delivered = schema.delivery.c
        statement = schema.delivery.select().where(delivered.ticket == "T-0")
        return bytes(connection.execute(statement).one().content_hash)

    assert store.read(noted) == again.content_hash
