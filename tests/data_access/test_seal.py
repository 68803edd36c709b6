"""Each finished day is sealed once, whole, and after what began before midnight has ended."""

import threading
import time
from datetime import date, timedelta

import pytest
from alembic import command
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from data_access import log, migrate, schema
from data_access.errors import StoreError
from data_access.gate.install import remove_gate
from data_access.rules import load_rules
from data_access.seal import is_due, seal_finished_days, seals
from data_access.store import Store
from domain.chain import GENESIS
from domain.events import Accepted, Chased
from domain.seal import SealedHead, read_out, seal_hash, spelled
from tests.data_access.sealed_days import ZONE, at, last_finished_day, rebuild, record, sealed
from tests.data_access.streams import DUTY, happened, received, ticket, whole_life
from tests.data_access.test_log import put


def heads_of(store: Store, day: date) -> list[SealedHead]:
    head = schema.sealed_head.c
    rows = store.read(lambda c: c.execute(select(schema.sealed_head).where(head.day == day)).all())
    return sorted(
        (SealedHead(row.stream, row.seq, bytes(row.hash)) for row in rows), key=lambda h: h.stream.encode()
    )


def test_every_finished_day_is_sealed_in_one_go(store: Store) -> None:
    last = last_finished_day(store)
    first = last - timedelta(days=5)
    life = whole_life(at(first, 9))
    record(store, at(first, 23.9), one=life[:4], 二=life[:3], Three=life[:1])
    record(store, at(first + timedelta(days=3), 0), one=life[4:6])
    assert store.read(lambda c: is_due(c, ZONE))
    assert sealed(store) == 6
    assert not store.read(lambda c: is_due(c, ZONE))
    assert sealed(store) == 0

    found = store.read(seals)
    assert [seal.day for seal in found] == [first + timedelta(days=n) for n in range(6)]
    assert [(seal.streams, seal.events) for seal in found] == [(3, 8), (0, 0), (0, 0), (1, 2), (0, 0), (0, 0)]
    assert [(head.stream, head.seq) for head in heads_of(store, first)] == [
        ("ticket/Three", 1),
        ("ticket/one", 4),
        ("ticket/二", 3),
    ]
    previous = GENESIS
    for seal in found:
        assert seal.until == at(seal.day, 24)
        assert seal.previous == previous
        heads = heads_of(store, seal.day)
        assert seal.hash == seal_hash(previous, seal.day, seal.until, seal.streams, seal.events, heads)
        previous = seal.hash


def test_nothing_to_seal_before_the_first_day_has_ended(store: Store) -> None:
    assert sealed(store) == 0
    put(store, ticket("T-1", whole_life()))
    assert not store.read(lambda c: is_due(c, ZONE))
    assert sealed(store) == 0
    assert store.write(lambda c: c.execute(select(func.seal_days(ZONE.key))).scalar_one()) == 0


def test_the_last_seals_up_to_a_day(store: Store) -> None:
    last = last_finished_day(store)
    record(store, at(last - timedelta(days=4)), one=whole_life()[:2])
    sealed(store)
    found = store.read(lambda c: seals(c, last - timedelta(days=1), 2))
    assert [seal.day for seal in found] == [last - timedelta(days=2), last - timedelta(days=1)]


def test_a_change_of_zone_leaves_no_moment_out_or_in_two_days(store: Store) -> None:
    last = last_finished_day(store)
    record(store, at(last - timedelta(days=3)), one=whole_life()[:2])
    store.write(lambda c: c.execute(select(func.seal_days("Pacific/Kiritimati"))))
    sealed(store)
    found = store.read(seals)
    assert [seal.day for seal in found] == sorted({seal.day for seal in found})
    untils = [seal.until for seal in found]
    assert untils == sorted(untils)


@pytest.mark.parametrize("table", ["seal", "sealed_head"])
@pytest.mark.parametrize(
    "change",
    ["UPDATE {} SET hash = ''", "DELETE FROM {}", "TRUNCATE {}"],
    ids=["update", "delete", "truncate"],
)
def test_seals_cannot_be_changed_even_as_a_replica_would(store: Store, table: str, change: str) -> None:
    record(store, at(last_finished_day(store)), one=whole_life())
    sealed(store)
    for role in ("origin", "replica"):
        with pytest.raises(DBAPIError, match="append-only"):
            store.write(
                lambda c, role=role: (
                    c.execute(text(f"SET LOCAL session_replication_role = {role}")),
                    c.execute(text(change.format(table))),
                )
            )


def test_a_day_is_not_sealed_while_somebody_writes(store: Store) -> None:
    day = last_finished_day(store)
    record(store, at(day), one=whole_life()[:2])
    rebuild(store)
    writing, done = threading.Event(), threading.Event()

    def write() -> None:
        def work(connection: object) -> None:
            chased = happened((3, DUTY, Chased("催办")))
            log.append(connection, load_rules(connection), [log.Addition("ticket/one", chased)])  # type: ignore[arg-type]
            writing.set()
            done.wait(20)

        store.write(work)

    other = threading.Thread(target=write)
    other.start()
    try:
        assert writing.wait(10)
        begun = time.monotonic()
        with pytest.raises(StoreError):
            seal_finished_days(store, ZONE)
        assert time.monotonic() - begun < 10
        assert store.read(seals) == ()
    finally:
        done.set()
        other.join()
    assert sealed(store) == 1


def test_who_began_before_the_seal_and_writes_into_its_day_begins_again(store: Store) -> None:
    """As if the clock had passed midnight between the beginning of a transaction and its first event."""
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    late = happened((1, DUTY, Accepted()))
    tries: list[int] = []

    def work(connection: object) -> None:
        tries.append(1)
        log.transaction_time(connection)  # type: ignore[arg-type]
        if len(tries) == 1:
            moment = store.read(log.transaction_time)
            store.write(
                lambda c: c.execute(
                    text(
                        "INSERT INTO seal (day, until, streams, events, previous, hash)"
                        " VALUES (current_date, :until, 0, 0, '', '')"
                    ),
                    {"until": moment},
                )
            )
        log.append(connection, load_rules(connection), [log.Addition("ticket/T-1", late, 1)])  # type: ignore[arg-type]

    store.write(work, again=True)
    assert len(tries) == 2
    assert store.read(lambda c: log.head(c, "ticket/T-1")).version == 2


def test_a_clock_behind_the_last_seal_is_told_as_a_fault_of_the_world(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    store.write(
        lambda c: c.execute(
            text(
                "INSERT INTO seal (day, until, streams, events, previous, hash)"
                " VALUES (current_date + 1, now() + interval '1 hour', 0, 0, '', '')"
            )
        )
    )
    late = happened((1, DUTY, Accepted()))
    with pytest.raises(StoreError, match="时钟"):
        store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", late, 1)]))


@pytest.mark.parametrize("role", ["engine", "wall", "duty", "handler", "discipline", "leader", "admin"])
def test_who_may_seal_and_read(store: Store, role: str) -> None:
    def may(statement: str) -> bool:
        try:
            store.write(
                lambda c: (
                    c.exec_driver_sql(f"SET LOCAL ROLE qingshao_{role}"),
                    c.exec_driver_sql(statement),
                )
            )
        except DBAPIError as error:
            if "permission denied" not in str(error):
                raise
            return False
        return True

    is_engine = role == "engine"
    assert may("SELECT seal_days('Asia/Shanghai')") is is_engine
    assert may("SELECT FROM sealed_head") is is_engine
    assert may("SELECT FROM seal")
    for table in ("seal", "sealed_head"):
        for change in (
            "DELETE FROM {}",
            "UPDATE {} SET hash = ''",
            "INSERT INTO {} DEFAULT VALUES",
            "TRUNCATE {}",
        ):
            assert not may(change.format(table))


def test_a_store_with_history_is_migrated_and_sealed(store: Store) -> None:
    day = last_finished_day(store) - timedelta(days=400)
    record(store, at(day), one=whole_life())
    with store.engine.begin() as connection:
        remove_gate(connection)
        command.downgrade(migrate.alembic_config(connection), "0004")
    migrate.upgrade(store.engine)
    assert sealed(store) == 401
    assert store.read(seals)[0].events == len(whole_life())
    connection_may = text("SELECT has_function_privilege('qingshao_engine', 'seal_days(text)', 'EXECUTE')")
    assert store.read(lambda c: c.execute(connection_may).scalar_one())


def test_a_seal_reads_back_as_it_is_read_out() -> None:
    seal = bytes(range(32))
    assert spelled(seal).startswith("0001 0203 0405")
    assert read_out(spelled(seal)) == seal
    assert read_out(spelled(seal).upper().replace(" ", "-")) == seal
    for wrong in ("", "00", seal.hex() + "0", "g" * 64):
        with pytest.raises(ValueError, match="64"):
            read_out(wrong)
