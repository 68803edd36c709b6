"""Whatever the owner changes with the triggers off, `verify` finds it and names the first event."""

from datetime import date, timedelta

import pytest

from data_access.seal import seals
from data_access.store import Store
from tests.data_access.sealed_days import (
    at,
    flaw,
    forge,
    last_finished_day,
    proof,
    rebuild,
    rechained,
    record,
    sealed,
)
from tests.data_access.streams import ticket, whole_life
from tests.data_access.test_log import put

TWO = "ticket/two"


@pytest.fixture
def day(store: Store) -> date:
    """The second of four sealed days. On the first, tickets got 4 events, then 3, none, 1; today 1 more."""
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


CHANGE = "UPDATE event SET {} WHERE stream = 'ticket/two' AND seq = {}"


@pytest.mark.parametrize(
    "column", ["person = '别人'", "at = at - interval '1 hour'", "data = '{\"x\":1}'", "role = 'duty'"]
)
def test_a_changed_event_breaks_its_own_hash(store: Store, day: date, column: str) -> None:
    forge(store, CHANGE.format(column, 6))
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 6)


def test_an_event_changed_together_with_its_own_hash_is_named_and_not_the_next(
    store: Store, day: date
) -> None:
    own = (
        "UPDATE event SET hash = event_hash(previous, stream, seq, kind, at, role, person, body, data::text,"
        " recorded_at) WHERE stream = 'ticket/two' AND seq = 5"
    )
    forge(store, CHANGE.format("person = '别人'", 5), own)
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 5)


@pytest.mark.parametrize("seq", [1, 3, 4, 5, 6, 7, 8])
def test_the_first_changed_event_of_a_recomputed_chain(store: Store, day: date, seq: int) -> None:
    forge(store, CHANGE.format("person = '别人'", seq), rechained(TWO, seq))
    rebuild(store)
    found = flaw(store)
    assert (found.stream, found.seq) == (TWO, seq)
    assert "重算" in found.reason


def test_a_chain_that_is_recomputed_only_in_part_is_named_where_the_change_began(
    store: Store, day: date
) -> None:
    forge(
        store,
        CHANGE.format("person = '别人'", 2),
        rechained(TWO, 2),
        CHANGE.format("hash = sha256('')", 8),
    )
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 2)


def test_an_interval_is_named_where_the_pages_tell_nothing(store: Store, day: date) -> None:
    """After a restore from a dump every row is new: only what was sealed is left to go by."""
    forge(store, "UPDATE event SET request = request")
    forge(store, CHANGE.format("person = '别人'", 6), rechained(TWO, 6))
    rebuild(store)
    found = flaw(store)
    assert (found.stream, found.seq) == (TWO, 5)
    assert "#5 至 #7" in found.reason


def test_a_deleted_end_of_a_stream(store: Store, day: date) -> None:
    forge(store, "DELETE FROM event WHERE stream = 'ticket/two' AND seq = 8")
    rebuild(store)
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 8)


def test_a_deleted_ticket(store: Store, day: date) -> None:
    forge(store, "DELETE FROM event WHERE stream = 'ticket/two'")
    rebuild(store)
    found = flaw(store)
    assert (found.stream, found.seq) == (TWO, 1)
    assert "整条流被删除" in found.reason


INSERT = """
INSERT INTO event (stream, seq, kind, at, role, person, body, data, recorded_at, previous, hash)
SELECT '{stream}', {seq}, kind, at, role, person, body, data, recorded_at, previous, hash
FROM event WHERE stream = 'ticket/two' AND seq = {like}
"""
AWAY = "UPDATE event SET seq = seq + 1000 WHERE stream = 'ticket/two' AND seq >= {}"
BACK = "UPDATE event SET seq = seq - 1000 + {} WHERE stream = 'ticket/two' AND seq > 1000"


def test_an_event_put_into_the_middle(store: Store, day: date) -> None:
    inserted = INSERT.format(stream=TWO, seq=3, like=2)
    forge(store, AWAY.format(3), inserted, BACK.format(1), rechained(TWO, 3))
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 3)


def test_an_event_taken_out_of_the_middle(store: Store, day: date) -> None:
    gone = "DELETE FROM event WHERE stream = 'ticket/two' AND seq = 6"
    forge(store, gone, AWAY.format(7), BACK.format(-1), rechained(TWO, 6))
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 6)


def test_two_events_in_each_others_place(store: Store, day: date) -> None:
    swap = "UPDATE event SET seq = CASE seq WHEN 1005 THEN 6 WHEN 1006 THEN 5 ELSE seq - 1000 END"
    forge(store, AWAY.format(5), f"{swap} WHERE seq > 1000", rechained(TWO, 5))
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 5)


def test_a_stream_and_an_event_that_claim_to_be_of_a_sealed_day(store: Store, day: date) -> None:
    forge(store, INSERT.format(stream="ticket/nine", seq=1, like=1), rechained("ticket/nine", 1))
    found = flaw(store)
    assert (found.stream, found.seq) == ("ticket/nine", 1)
    assert "事后补入" in found.reason
    forge(store, "DELETE FROM event WHERE stream = 'ticket/nine'")
    forge(store, INSERT.format(stream=TWO, seq=9, like=6), rechained(TWO, 9))
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 9)


def test_a_day_recorded_as_another(store: Store, day: date) -> None:
    forge(store, CHANGE.format("recorded_at = recorded_at + interval '10 days'", 8), rechained(TWO, 8))
    assert (flaw(store).stream, flaw(store).seq) == (TWO, 8)


@pytest.mark.parametrize("which", [-1, 0, 1, 2])
def test_a_deleted_seal(store: Store, day: date, which: int) -> None:
    gone = day + timedelta(days=which)
    forge(store, f"DELETE FROM seal WHERE day = '{gone}'")
    assert flaw(store).stream == f"seal/{gone}"


@pytest.mark.parametrize(
    "change", ["events = events + 1", "until = until - interval '1 s'", "hash = sha256('')"]
)
def test_a_changed_seal(store: Store, day: date, change: str) -> None:
    forge(store, f"UPDATE seal SET {change} WHERE day = '{day}'")
    assert flaw(store).stream == f"seal/{day}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE sealed_head SET hash = sha256('') WHERE stream = 'ticket/two' AND day = '{}'", "ticket/two"),
        ("UPDATE sealed_head SET seq = 5 WHERE stream = 'ticket/two' AND day = '{}'", "ticket/two"),
        ("DELETE FROM sealed_head WHERE stream = 'ticket/two' AND day = '{}'", "现有 2 条"),
    ],
)
def test_a_changed_head_of_a_seal(store: Store, day: date, change: str, told: str) -> None:
    forge(store, change.format(day))
    assert flaw(store).stream == f"seal/{day}"
    assert told in flaw(store).reason


def test_only_paper_shows_that_everything_was_computed_anew(store: Store, day: date) -> None:
    printed = {seal.day: seal.hash for seal in store.read(seals)}
    assert proof(store, (day, printed[day])).flaw is None
    forge(
        store,
        CHANGE.format("person = '别人'", 6),
        rechained(TWO, 6),
        "DELETE FROM sealed_head",
        "DELETE FROM seal",
        "ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_append_only",
    )
    rebuild(store)
    sealed(store)
    assert proof(store).flaw is None
    before = day - timedelta(days=1)
    assert proof(store, (before, printed[before])).flaw is None
    found = proof(store, (day, printed[day])).flaw
    assert found is not None
    assert found.stream == f"seal/{day}"
    missing = proof(store, (day + timedelta(days=9), printed[day])).flaw
    assert missing is not None
    assert "没有" in missing.reason


def test_a_guard_that_is_off(store: Store, day: date) -> None:
    store.write(lambda c: c.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER event_is_append_only"))
    assert flaw(store).stream == "guard/event_is_append_only"
