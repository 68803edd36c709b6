"""Whatever the owner changes with the triggers off, `verify` finds it and names the first event.

One store serves all: each test forges and proves in a transaction that is undone.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from data_access.flaws import Flaw
from data_access.rules import load_rules
from data_access.seal import seals
from data_access.store import Connection, Store
from data_access.verify import Verdict, rebuild_caches, verify
from tests.data_access.sealed_days import (
    at,
    forge,
    forge_on,
    last_finished_day,
    proof,
    rebuild,
    rechained,
    record,
    sealed,
)
from tests.data_access.streams import ticket, whole_life
from tests.data_access.test_log import put
from tests.fresh_database import opened_copy

TWO = "ticket/two"


def four_days(store: Store) -> date:
    """Seal four days, in which three tickets got 4, 3, no and 1 events, and return the second of them."""
    last = last_finished_day(store)
    first = last - timedelta(days=3)
    life = whole_life(at(first, 9))
    for begin, end, on in ((0, 4, 0), (4, 7, 1), (7, 8, 3)):
        moment = at(first + timedelta(days=on), 20)
        record(store, moment, **dict.fromkeys(("one", "two", "three"), life[begin:end]))
    rebuild(store)
    assert sealed(store) == 4
    put(store, ticket("four", life))
    found = proof(store)
    assert found.flaw is None
    assert (found.seals, found.sealed_until) == (4, last)
    return first + timedelta(days=1)


class Forger:
    """The owner at work on a store with four sealed days, of which `day` is the second."""

    def __init__(self, connection: Connection, day: date) -> None:
        self.connection = connection
        self.day = day

    def forge(self, *statements: str) -> None:
        forge_on(self.connection, *statements)

    def rebuild(self) -> None:
        rebuild_caches(self.connection, load_rules(self.connection))

    def proof(self) -> Verdict:
        proved = self.connection.begin_nested()
        try:
            return verify(self.connection, load_rules(self.connection))
        finally:
            proved.rollback()

    def flaw(self) -> Flaw:
        found = self.proof().flaw
        assert found is not None
        return found


@pytest.fixture(scope="module")
def sealed_store(postgres: Path, template_database: str) -> Iterator[tuple[Store, date]]:
    with opened_copy(postgres, template_database) as store:
        yield store, four_days(store)


@pytest.fixture
def forger(sealed_store: tuple[Store, date]) -> Iterator[Forger]:
    store, day = sealed_store
    with store.engine.connect() as connection:
        transaction = connection.begin()
        yield Forger(connection, day)
        transaction.rollback()


CHANGE = "UPDATE event SET {} WHERE stream = 'ticket/two' AND seq = {}"


@pytest.mark.parametrize(
    "column", ["person = '别人'", "at = at - interval '1 hour'", "data = '{\"x\":1}'", "role = 'duty'"]
)
def test_a_changed_event_breaks_its_own_hash(forger: Forger, column: str) -> None:
    forger.forge(CHANGE.format(column, 6))
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 6)


def test_an_event_changed_together_with_its_own_hash_is_named_and_not_the_next(forger: Forger) -> None:
    own = (
        "UPDATE event SET hash = event_hash(previous, stream, seq, kind, at, role, person, body, data::text,"
        " recorded_at) WHERE stream = 'ticket/two' AND seq = 5"
    )
    forger.forge(CHANGE.format("person = '别人'", 5), own)
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 5)


@pytest.mark.parametrize("seq", [1, 3, 4, 5, 6, 7, 8])
def test_the_first_changed_event_of_a_recomputed_chain(forger: Forger, seq: int) -> None:
    forger.forge(CHANGE.format("person = '别人'", seq), rechained(TWO, seq))
    forger.rebuild()
    found = forger.flaw()
    assert (found.stream, found.seq) == (TWO, seq)
    assert "重算" in found.reason


def test_a_chain_that_is_recomputed_only_in_part_is_named_where_the_change_began(forger: Forger) -> None:
    forger.forge(
        CHANGE.format("person = '别人'", 2),
        rechained(TWO, 2),
        CHANGE.format("hash = sha256('')", 8),
    )
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 2)


def test_an_interval_is_named_where_the_pages_tell_nothing(forger: Forger) -> None:
    """After a restore from a dump every row is new: only what was sealed is left to go by."""
    forger.forge("UPDATE event SET request = request")
    forger.forge(CHANGE.format("person = '别人'", 6), rechained(TWO, 6))
    forger.rebuild()
    found = forger.flaw()
    assert (found.stream, found.seq) == (TWO, 5)
    assert "#5 至 #7" in found.reason


def test_a_deleted_end_of_a_stream(forger: Forger) -> None:
    forger.forge("DELETE FROM event WHERE stream = 'ticket/two' AND seq = 8")
    forger.rebuild()
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 8)


def test_a_deleted_ticket(forger: Forger) -> None:
    forger.forge("DELETE FROM event WHERE stream = 'ticket/two'")
    forger.rebuild()
    found = forger.flaw()
    assert (found.stream, found.seq) == (TWO, 1)
    assert "整条流被删除" in found.reason


INSERT = """
INSERT INTO event (stream, seq, kind, at, role, person, body, data, recorded_at, previous, hash)
SELECT '{stream}', {seq}, kind, at, role, person, body, data, recorded_at, previous, hash
FROM event WHERE stream = 'ticket/two' AND seq = {like}
"""
AWAY = "UPDATE event SET seq = seq + 1000 WHERE stream = 'ticket/two' AND seq >= {}"
BACK = "UPDATE event SET seq = seq - 1000 + {} WHERE stream = 'ticket/two' AND seq > 1000"


def test_an_event_put_into_the_middle(forger: Forger) -> None:
    inserted = INSERT.format(stream=TWO, seq=3, like=2)
    forger.forge(AWAY.format(3), inserted, BACK.format(1), rechained(TWO, 3))
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 3)


def test_an_event_taken_out_of_the_middle(forger: Forger) -> None:
    gone = "DELETE FROM event WHERE stream = 'ticket/two' AND seq = 6"
    forger.forge(gone, AWAY.format(7), BACK.format(-1), rechained(TWO, 6))
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 6)


def test_two_events_in_each_others_place(forger: Forger) -> None:
    swap = "UPDATE event SET seq = CASE seq WHEN 1005 THEN 6 WHEN 1006 THEN 5 ELSE seq - 1000 END"
    forger.forge(AWAY.format(5), f"{swap} WHERE seq > 1000", rechained(TWO, 5))
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 5)


def test_a_stream_and_an_event_that_claim_to_be_of_a_sealed_day(forger: Forger) -> None:
    forger.forge(INSERT.format(stream="ticket/nine", seq=1, like=1), rechained("ticket/nine", 1))
    found = forger.flaw()
    assert (found.stream, found.seq) == ("ticket/nine", 1)
    assert "事后补入" in found.reason
    forger.forge("DELETE FROM event WHERE stream = 'ticket/nine'")
    forger.forge(INSERT.format(stream=TWO, seq=9, like=6), rechained(TWO, 9))
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 9)


def test_a_day_recorded_as_another(forger: Forger) -> None:
    forger.forge(CHANGE.format("recorded_at = recorded_at + interval '10 days'", 8), rechained(TWO, 8))
    assert (forger.flaw().stream, forger.flaw().seq) == (TWO, 8)


@pytest.mark.parametrize("which", [-1, 0, 1, 2])
def test_a_deleted_seal(forger: Forger, which: int) -> None:
    gone = forger.day + timedelta(days=which)
    forger.forge(f"DELETE FROM seal WHERE day = '{gone}'")
    assert forger.flaw().stream == f"seal/{gone}"


@pytest.mark.parametrize(
    "change", ["events = events + 1", "until = until - interval '1 s'", "hash = sha256('')"]
)
def test_a_changed_seal(forger: Forger, change: str) -> None:
    forger.forge(f"UPDATE seal SET {change} WHERE day = '{forger.day}'")
    assert forger.flaw().stream == f"seal/{forger.day}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE sealed_head SET hash = sha256('') WHERE stream = 'ticket/two' AND day = '{}'", "ticket/two"),
        ("UPDATE sealed_head SET seq = 5 WHERE stream = 'ticket/two' AND day = '{}'", "ticket/two"),
        ("DELETE FROM sealed_head WHERE stream = 'ticket/two' AND day = '{}'", "现有 2 条"),
    ],
)
def test_a_changed_head_of_a_seal(forger: Forger, change: str, told: str) -> None:
    forger.forge(change.format(forger.day))
    assert forger.flaw().stream == f"seal/{forger.day}"
    assert told in forger.flaw().reason


def test_only_paper_shows_that_everything_was_computed_anew(store: Store) -> None:
    day = four_days(store)
    printed = {seal.day: seal.hash for seal in store.read(seals)}
    assert proof(store, (day, printed[day])).flaw is None
    forge(
        store,
        CHANGE.format("person = '别人'", 6),
        rechained(TWO, 6),
        "DELETE FROM sealed_head",
        "DELETE FROM seal",
    )
    rebuild(store)
    assert sealed(store) == 4
    assert proof(store).flaw is None
    before = day - timedelta(days=1)
    assert proof(store, (before, printed[before])).flaw is None
    found = proof(store, (day, printed[day])).flaw
    assert found is not None
    assert found.stream == f"seal/{day}"
    missing = proof(store, (day + timedelta(days=9), printed[day])).flaw
    assert missing is not None
    assert "没有" in missing.reason


def test_a_guard_that_is_off(forger: Forger) -> None:
    forger.connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER event_is_append_only")
    assert forger.flaw().stream == "guard/event_is_append_only"
