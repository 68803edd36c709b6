"""The demo city in a store: whole, provable, and with nothing left for the sweep to find."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from data_access import judging, log, master, schema, serials
from data_access.errors import StoreError
from data_access.reset import reset_sample
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.sweep import Swept, sweep
from data_access.verify import verify
from desktop.demo import DemoCity, generate
from desktop.demo.load import load
from domain.events import Accepted, ReSupervisionLaunched, ReSupervisionReferred
from domain.people import IMPORTED_BY, Actor, Role
from tests import fresh_database
from tests.data_access.readers.worlds import put_tickets
from tests.data_access.streams import DUTY, happened, received

ANCHOR = datetime(2026, 11, 21, 20, 58, 13, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return generate(ANCHOR, tickets=400)


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str, city: DemoCity) -> Iterator[str]:
    with fresh_database.filled(postgres, template_database, lambda store: load(store, city)) as name:
        yield name


@pytest.fixture
def filled(postgres: Path, city_database: str) -> Iterator[Store]:
    with fresh_database.opened_copy(postgres, city_database) as store:
        yield store


def test_every_event_is_written_and_the_chain_holds(filled: Store, city: DemoCity) -> None:
    written = filled.read(lambda connection: _count(connection, schema.event))
    assert written == sum(len(events) for events in city.streams.values())
    assert filled.read(lambda connection: _count(connection, schema.ticket)) == 400
    assert filled.read(lambda connection: _count(connection, schema.complainant)) == len(city.complainants)
    verdict = filled.scratch(lambda connection: verify(connection, load_rules(connection)))
    assert verdict.flaw is None


def test_the_sweep_finds_nothing_that_the_demo_left_out(filled: Store, city: DemoCity) -> None:
    def once(connection: Connection) -> Swept:
        return sweep(connection, load_rules(connection), city.anchor)

    assert filled.write(once) == Swept()


def test_a_launch_carries_the_hash_of_the_tickets_log_at_that_moment(filled: Store) -> None:
    def check(connection: Connection) -> int:
        checked = 0
        files = connection.execute(
            select(schema.re_supervision.c.number, schema.re_supervision.c.ticket).where(
                schema.re_supervision.c.launched_at.is_not(None)
            )
        )
        for number, ticket in files.all():
            records = log.read_stream(connection, f"ticket/{ticket}")
            before = None
            for record in records:
                fact = record.event.fact
                if isinstance(fact, ReSupervisionReferred) and (fact.number, fact.step) == (
                    number,
                    "launched",
                ):
                    break
                before = record.hash
            launched = next(
                record.event.fact
                for record in log.read_stream(connection, f"re_supervision/{number}")
                if isinstance(record.event.fact, ReSupervisionLaunched)
            )
            assert before is not None
            assert launched.head == before.hex()
            assert launched.facts.startswith("{")
            checked += 1
        return checked

    assert filled.read(check) > 0


def test_the_next_orders_continue_the_numbers(filled: Store) -> None:
    assert filled.write(lambda connection: serials.directive_number(connection, 2026)) == "D-2026-047"
    number = filled.write(lambda connection: serials.re_supervision_number(connection, 2026))
    assert int(number.removeprefix("Z-2026-")) > 117


def test_sample_data_can_be_made_anew(filled: Store, city: DemoCity) -> None:
    reset_sample(filled)
    assert filled.read(master.is_empty)
    load(filled, city)
    assert not filled.read(master.is_empty)


def test_a_store_with_other_data_is_never_reset(filled: Store) -> None:
    filled.write(lambda connection: connection.execute(schema.city.update().values(sample=False)))
    with pytest.raises(StoreError):
        reset_sample(filled)
    assert not filled.read(master.is_empty)


def test_imported_tickets_are_never_deleted_with_the_sample(filled: Store) -> None:
    importer = Actor(Role.SYSTEM, f"{IMPORTED_BY}12345")
    put_tickets(
        filled,
        one=happened((0, importer, received())),
        two=happened((0, importer, received()), (1, importer, Accepted())),
    )
    with pytest.raises(StoreError, match="导入的 2 件工单") as refused:
        reset_sample(filled)
    assert "--data" in refused.value.way_out
    assert filled.read(lambda connection: _count(connection, schema.ticket)) == 402


def test_what_people_ordered_while_trying_goes_with_the_sample(filled: Store, city: DemoCity) -> None:
    put_tickets(filled, tried=happened((0, DUTY, received()), (1, DUTY, Accepted())))
    reset_sample(filled)
    assert filled.read(master.is_empty)


def _count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_of_two_programs_started_at_once_one_creates_the_city(store: Store, city: DemoCity) -> None:
    with ThreadPoolExecutor(2) as pool:
        written = sorted(pool.map(load, (store, store), (city, city)))
    assert written[0] == 0
    assert written[1] == sum(len(events) for events in city.streams.values())


def test_the_engine_finds_the_demo_judged(store: Store) -> None:
    """The warnings of the demo's past are those that the engine would have raised: it has none to add."""
    anchor = datetime.now(UTC).replace(microsecond=0)
    load(store, generate(anchor, tickets=600))

    def turns(connection: Connection) -> list[judging.Judged]:
        now = log.transaction_time(connection)
        return [judging.turn(connection, now, 2000) for _ in range(3)]

    done = [judged for _ in range(20) for judged in store.write(turns)]
    assert [(judged.raised, judged.cleared) for judged in done if judged.raised or judged.cleared] == []
    assert not done[-1].more
    # It did read everything: without this, it would find nothing either.
    assert store.read(lambda c: _count(c, schema.evidence_use)) > 500
    read = store.read(lambda c: c.execute(select(schema.judging.c.id)).scalar_one())
    assert read == store.read(lambda c: c.execute(select(func.max(schema.event.c.id))).scalar_one())
