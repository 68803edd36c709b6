"""The change feed: every event once, a stream's events in their order, whatever overtakes whatever.

The long run writes for ten seconds; `QINGSHAO_LONG_RUN=60` makes it a minute.
"""

import os
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, func, select, text

from data_access import log, schema
from data_access.changes import Changes, Position, changes_since
from data_access.rules import Rules, load_rules
from data_access.store import SESSION, Connection, Store
from domain.events import Chased, Event
from domain.people import SYSTEM
from tests.data_access.streams import DUTY, happened, received, ticket
from tests.data_access.test_log import put

WRITERS = 50
READERS = 3
STREAMS = 120
LONG_RUN_SECONDS = float(os.environ.get("QINGSHAO_LONG_RUN", "10"))


def look(store: Store, position: Position | None, most: int | None = None) -> Changes:
    return store.read(lambda c: changes_since(c, position, most))


def chase(connection: Connection, number: str) -> None:
    event = Event(datetime.now(UTC), SYSTEM, Chased("催办"))
    log.append(connection, load_rules(connection), [log.Addition(f"ticket/{number}", [event])])


def test_a_first_look_is_everything_and_the_next_is_what_came_since(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    first = look(store, None)
    assert first.everything
    assert first.events == ()
    assert look(store, first.position).events == ()
    store.write(lambda c: chase(c, "T-1"))
    second = look(store, first.position)
    assert [(change.stream, change.seq, change.kind) for change in second.events] == [
        ("ticket/T-1", 2, "Chased")
    ]
    assert look(store, second.position).events == ()


def test_too_many_are_not_listed_and_not_told_twice(store: Store) -> None:
    position = look(store, None).position
    put(store, *(ticket(f"T-{n}", happened((0, DUTY, received()))) for n in range(5)))
    cut = look(store, position, most=4)
    assert cut.everything
    assert cut.events == ()
    assert look(store, cut.position).events == ()
    assert len(look(store, position, most=5).events) == 5


def test_a_transaction_that_was_overtaken_is_told_when_it_ends(store: Store) -> None:
    """The trap of every feed by number: the lower number comes later."""
    put(store, *(ticket(number, happened((0, DUTY, received()))) for number in ("T-1", "T-2")))
    position = look(store, None).position
    with store.engine.connect() as slow:
        slow.begin()
        chase(slow, "T-1")
        store.write(lambda c: chase(c, "T-2"))
        overtaker = look(store, position)
        assert [change.stream for change in overtaker.events] == ["ticket/T-2"]
        slow.commit()
    late = look(store, overtaker.position)
    assert [change.stream for change in late.events] == ["ticket/T-1"]
    assert late.events[0].id < overtaker.events[0].id
    assert look(store, late.position).events == ()


def test_what_is_undone_is_never_told(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    position = look(store, None).position
    with store.engine.connect() as undone:
        undone.begin()
        chase(undone, "T-1")
        assert look(store, position).events == ()
        undone.rollback()
    after = look(store, position)
    assert after.events == ()
    assert not after.everything


def test_another_history_of_the_database_is_read_anew(store: Store) -> None:
    position = look(store, None).position
    timeline, highest, seen = position.split("|")
    promoted = Position(f"FFFFFFFF|{highest}|{seen}")
    assert look(store, promoted).everything
    ahead = Position(f"{timeline}|{highest}|{10**12}:{10**12}:")
    assert look(store, ahead).everything


def test_a_number_used_again_after_a_crash_is_new(store: Store) -> None:
    """A transaction that was undone and never reached the disk gives its number back in a crash."""
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    timeline, highest, _ = look(store, None).position.split("|")
    store.write(lambda c: chase(c, "T-1"))
    # As if the snapshot had seen that number end before the crash.
    seen = store.read(lambda c: c.execute(text("SELECT pg_current_snapshot()::text")).scalar_one())
    found = look(store, Position(f"{timeline}|{highest}|{seen}"))
    assert [change.seq for change in found.events] == [2]


def test_position_and_events_fit_each_other_at_any_isolation(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    position = look(store, None).position
    with store.engine.connect() as reader:  # READ COMMITTED
        reader.begin()
        seen = 0
        for _ in range(5):
            store.write(lambda c: chase(c, "T-1"))
            found = changes_since(reader, position)
            position = found.position
            seen += len(found.events)
    assert seen == 5


@pytest.fixture
def wide(store: Store) -> Iterator[Store]:
    """The same database for many threads at once."""
    engine = create_engine(
        store.engine.url, pool_size=WRITERS + READERS, max_overflow=0, connect_args={"options": SESSION}
    )
    yield Store(engine, None)
    engine.dispose()


class Writer:
    """Appends to streams that others write to as well, slowly, in any order, and now and then not at all."""

    def __init__(self, store: Store, rules: Rules, seed: int) -> None:
        self.store = store
        self.rules = rules
        self.random = random.Random(seed)
        self.committed = 0

    def run(self, until: float) -> None:
        while time.monotonic() < until:
            with self.store.engine.connect() as connection:
                connection.begin()
                if self.random.random() < 0.3:
                    # An early number: what it writes later is older than what others write meanwhile.
                    connection.execute(text("SELECT pg_current_xact_id()"))
                    time.sleep(self.random.random() * 0.2)
                numbers = self.random.sample(range(STREAMS), self.random.randint(1, 3))
                moment = datetime.now(UTC)
                additions = [
                    log.Addition(f"ticket/T-{n}", [Event(moment, SYSTEM, Chased("催办"))]) for n in numbers
                ]
                log.append(connection, self.rules, additions)
                time.sleep(self.random.random() * 0.1)
                if self.random.random() < 0.1:
                    connection.rollback()
                else:
                    connection.commit()
                    self.committed += len(additions)
            time.sleep(self.random.random() * 0.2)


class Reader:
    """Looks again and again, at odd times."""

    def __init__(self, store: Store, position: Position, seed: int) -> None:
        self.store = store
        self.position = position
        self.random = random.Random(seed)
        self.ids: list[int] = []
        self.seqs: defaultdict[str, list[int]] = defaultdict(list)

    def look(self) -> None:
        found = look(self.store, self.position)
        assert not found.everything
        self.position = found.position
        for change in found.events:
            self.ids.append(change.id)
            self.seqs[change.stream].append(change.seq)

    def run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self.look()
            time.sleep(self.random.random() * 0.05)
        self.look()


@pytest.mark.slow
def test_fifty_writers_and_three_readers(wide: Store) -> None:
    put(wide, *(ticket(f"T-{n}", happened((0, DUTY, received()))) for n in range(STREAMS)))
    position = look(wide, None).position
    last = wide.read(lambda c: c.execute(select(func.max(schema.event.c.id))).scalar_one())
    rules = wide.read(load_rules)
    writers = [Writer(wide, rules, seed) for seed in range(WRITERS)]
    readers = [Reader(wide, position, seed) for seed in range(READERS)]
    stopped = threading.Event()
    until = time.monotonic() + LONG_RUN_SECONDS
    reading = [threading.Thread(target=reader.run, args=(stopped,), name="reader") for reader in readers]
    writing = [threading.Thread(target=writer.run, args=(until,), name="writer") for writer in writers]
    for thread in (*reading, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    stopped.set()
    for thread in reading:
        thread.join()
    rows = wide.read(
        lambda c: c.execute(select(schema.event.c.id).where(schema.event.c.id > last)).scalars().all()
    )
    assert len(rows) == sum(writer.committed for writer in writers) > WRITERS
    for reader in readers:
        assert Counter(reader.ids) == Counter(rows)
        for seqs in reader.seqs.values():
            assert seqs == list(range(2, len(seqs) + 2))
    # The test is about overtaking: it happened.
    assert any(reader.ids != sorted(reader.ids) for reader in readers)
