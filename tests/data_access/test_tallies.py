"""Rankings and rates from tallies are what the rows say: any window, refreshed or not, while others write."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

import pytest
from alembic import command
from sqlalchemy import func, make_url, select, text

from data_access import log, migrate, schema, server, tallies
from data_access.readers import counts
from data_access.readers.kpis import rate_kpis
from data_access.readers.moment import at_moment
from data_access.readers.ranking import ranking
from data_access.readers.states import open_node_is
from data_access.reset import reset_sample
from data_access.rules import load_rules
from data_access.store import Connection, Store, create_engine_for, open_url
from data_access.verify import rebuild_caches, verify
from domain.events import Accepted, Chased, Dispatched, Revisited, Signed
from domain.nodes import Node, NodeStatus
from domain.overview import Kpi
from domain.ranking import RankingRow
from domain.ranking_query import RankBy
from tests.data_access.readers.worlds import put_city, put_demo, put_tickets, wandering
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, whole_life

T = TypeVar("T")
LAST = START + timedelta(days=150)


def rows_only(window: counts.Window, now: datetime) -> counts.Split:
    """A split that leaves nothing to the tallies: the same statements over all rows."""
    start = window.start or datetime.min.replace(tzinfo=UTC)
    end = window.end or datetime.max.replace(tzinfo=UTC)
    middle = min(max(window.begin or start, start), end)
    return counts.Split(tuple((a, b) for a, b in ((start, middle), (middle, end)) if a < b), ())


def with_rows_only(work: Callable[[Connection], T]) -> Callable[[Connection], T]:
    def counted(connection: Connection) -> T:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(counts, "split", rows_only)
            return work(connection)

    return counted


def put_wanderers(store: Store, count: int, seed: int) -> None:
    random = Random(seed)
    put_tickets(
        store,
        **{
            f"w-{seed}-{n}": wandering(random, START + timedelta(seconds=random.randint(0, 120 * 86_400)))
            for n in range(count)
        },
    )


def moments(random: Random) -> datetime:
    moment = START + timedelta(seconds=random.randint(0, 160 * 86_400))
    if random.random() < 0.3:
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return moment


def question(random: Random, now: datetime) -> Callable[[Connection], tuple[RankingRow, ...]]:
    by, node = random.choice(list(RankBy)), random.choice([None, *Node])
    begin, end = sorted((moments(random), moments(random)))
    begin_or_none = random.choice([begin, None, now - timedelta(days=random.choice([1, 30, 90]))])
    end_or_none = random.choice([end, None, now])
    if begin_or_none is not None and end_or_none is not None and begin_or_none >= end_or_none:
        end_or_none = None
    if begin_or_none is not None and (end_or_none or now) <= begin_or_none:
        begin_or_none = None
    platform = random.random() < 0.5

    def ask(connection: Connection) -> tuple[RankingRow, ...]:
        return ranking(connection, by, node, begin_or_none, end_or_none, now, platform=platform)

    return ask


def agree(store: Store, random: Random, questions: int) -> None:
    """Ask at random, at moments past and to come: tallies and rows must answer the same."""
    rules = store.read(load_rules)
    sums = 0
    for _ in range(questions):
        now = moments(random)
        asked = question(random, now)
        found = store.read(asked)
        assert found == store.read(with_rows_only(asked))
        sums += sum(row.due + row.revisited for row in found)

        def figures(connection: Connection, now: datetime = now) -> tuple[Kpi, ...]:
            return rate_kpis(connection, rules, now)

        assert store.read(figures) == store.read(with_rows_only(figures))
        overdue = select(func.count()).where(open_node_is(NodeStatus.OVERDUE, now))
        assert store.read(lambda c, now=now: counts.open_overdue(c, now)) == store.read(
            lambda c, overdue=overdue: c.execute(overdue).scalar_one()
        )
    assert sums > questions


def refresh_all(store: Store, portion: int = 300) -> None:
    while store.write(lambda c: tallies.refresh(c, 1, portion)):
        pass


def left(connection: Connection) -> int:
    return len(connection.execute(select(schema.tally_change)).all())


@pytest.mark.parametrize("seed", [1, 2])
def test_tallies_and_rows_answer_the_same(store: Store, seed: int) -> None:
    put_city(store)
    random = Random(seed)
    put_wanderers(store, 150, seed)
    agree(store, random, 12)
    refresh_all(store)
    assert store.read(left) == 0
    agree(store, random, 12)
    late_changes(store, random, seed)
    agree(store, random, 8)
    refresh_all(store)
    agree(store, random, 8)
    assert store.read(tallies.first_odd) is None
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def late_changes(store: Store, random: Random, seed: int) -> None:
    """Reports of steps on days long gone, and a city that grows."""
    for n in range(0, 150, 5):
        at = random.uniform(0, 120 * 24)
        facts = [Accepted(), Dispatched("ecology"), Signed(), Revisited(False), Chased("催")]
        events = happened((at, HANDLER, random.choice(facts)))
        name = f"ticket/w-{seed}-{n}"
        store.write(
            lambda c, name=name, events=events: log.append(
                c, load_rules(c), [log.Addition(name, events)] if after_received(c, name, events) else []
            )
        )
    put_wanderers(store, 20, seed + 1000)


def after_received(connection: Connection, name: str, events: tuple[object, ...]) -> bool:
    first = log.read_stream(connection, name)[0].event.at
    return events[0].at > first  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", [3, 4])
def test_a_replayed_moment_has_the_tallies_of_its_time(store: Store, seed: int) -> None:
    put_city(store)
    random = Random(seed)
    put_wanderers(store, 120, seed)
    refresh_all(store)
    put_wanderers(store, 20, seed + 1000)
    rules = store.read(load_rules)
    for _ in range(8):
        now = moments(random)
        asked = question(random, now)
        found = at_moment(store, rules, now, asked)
        assert found == at_moment(store, rules, now, with_rows_only(asked))
        assert at_moment(store, rules, now, tallies.first_odd) is None


def test_an_event_that_changes_no_clock_changes_no_tally(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life())
    refresh_all(store)
    chased = happened((20, DUTY, Chased("催办")))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/one", chased)]))
    assert store.read(left) == 0


def test_a_refresh_waits_until_it_is_worth_it(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life())
    waiting = store.read(left)
    assert waiting > 5
    assert store.write(lambda c: tallies.refresh(c, waiting + 1)) is False
    assert store.read(left) == waiting
    assert store.write(lambda c: tallies.refresh(c, 2, waiting - 3)) is True
    assert store.read(left) == 3
    assert store.read(tallies.first_odd) is None


def test_one_program_refreshes_and_others_pass_by(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life())

    def refreshing(connection: Connection) -> bool:
        assert tallies.refresh(connection, 1, 1) is True
        return store.write(lambda c: tallies.refresh(c, 1))

    assert store.write(refreshing) is False
    refresh_all(store)
    assert store.read(tallies.first_odd) is None


def test_a_writer_under_way_is_counted_when_it_is_done(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life(), two=happened((0, DUTY, received()), (0.1, DUTY, Accepted())))

    def on_time(connection: Connection) -> int:
        asked = ranking(connection, RankBy.AREA, None, None, None, LAST)
        assert asked == with_rows_only(lambda c: ranking(c, RankBy.AREA, None, None, None, LAST))(connection)
        return sum(row.on_time for row in asked)

    before = store.read(on_time)

    def writing(connection: Connection) -> None:
        dispatched = happened((0.5, DUTY, Dispatched("housing")), (9, HANDLER, Signed()))
        log.append(connection, load_rules(connection), [log.Addition("ticket/two", dispatched)])
        refresh_all(store)
        assert store.read(on_time) == before
        assert store.read(left) == 0

    store.write(writing)
    assert store.read(on_time) > before
    refresh_all(store)
    assert store.read(on_time) > before
    assert store.read(tallies.first_odd) is None


def test_sums_hold_at_every_moment_while_many_write_and_one_refreshes(store: Store) -> None:
    put_city(store)
    stop = threading.Event()

    def write(seed: int) -> None:
        random = Random(seed)
        for n in range(6):
            at = START + timedelta(days=random.randint(0, 100))
            put_tickets(store, **{f"t-{seed}-{n}-{m}": wandering(random, at) for m in range(3)})
            changed = happened((random.uniform(1, 2000), DUTY, Accepted()), start=at)
            added = log.Addition(f"ticket/t-{seed}-{n}-0", changed)
            store.write(lambda c, added=added: log.append(c, load_rules(c), [added]))

    def refresh() -> None:
        while not stop.is_set():
            store.write(lambda c: tallies.refresh(c, 1, 20))

    def look(connection: Connection) -> None:
        asked = question(Random(stop.is_set()), LAST)
        assert asked(connection) == with_rows_only(asked)(connection)
        assert tallies.first_odd(connection) is None

    with ThreadPoolExecutor(6) as pool:
        refresher = pool.submit(refresh)
        writers = [pool.submit(write, seed) for seed in range(4)]
        while not all(writer.done() for writer in writers):
            store.read(look)
        stop.set()
        refresher.result()
        for writer in writers:
            writer.result()
    store.read(look)
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_a_forged_tally_is_named_and_counted_anew(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life())
    refresh_all(store)
    forged = schema.tally.update().where(schema.tally.c.node == "sign").values(on_time=7)
    store.write(lambda c: c.execute(forged))
    flaw = store.scratch(lambda c: verify(c, load_rules(c))).flaw
    assert flaw is not None
    assert flaw.stream.startswith("tally/")
    store.write(lambda c: rebuild_caches(c, load_rules(c)))
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_rows_changed_by_hand_are_counted(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life())
    later = text("UPDATE node_state SET due_at = due_at + interval '40 days' WHERE node = 'rectify'")
    store.write(lambda c: c.execute(later))
    assert store.read(tallies.first_odd) is None
    store.write(lambda c: c.execute(text("TRUNCATE node_state")))
    assert store.read(tallies.first_odd) is None


def test_a_store_from_before_the_tallies_is_counted(postgres: object) -> None:
    running = server.start(postgres)  # type: ignore[arg-type]
    engine = create_engine_for(running.url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE test_before_tallies TEMPLATE template0"))
    url = make_url(running.url).set(database="test_before_tallies").render_as_string(hide_password=False)
    old = create_engine_for(url)
    with old.begin() as connection:
        command.upgrade(migrate.alembic_config(connection), "0001")
        connection.execute(text(OLD_TICKET))
        connection.execute(text(OLD_NODES))
    old.dispose()
    store = open_url(url)
    try:
        assert store.read(left) == 0, "all is summed: no reader has millions of changes to add up"
        assert store.read(tallies.first_odd) is None
        took = store.read(lambda c: c.execute(text("SELECT max(handling) FROM tally")).scalar_one())
        assert took == 30 * 3_600_000_000
    finally:
        store.close()
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE test_before_tallies WITH (FORCE)"))
        engine.dispose()


def test_a_store_emptied_and_filled_again_is_counted(store: Store) -> None:
    put_demo(store, 150)
    refresh_all(store)
    reset_sample(store)
    assert store.read(lambda c: c.execute(select(schema.tally)).all()) == []
    put_city(store)
    put_tickets(store, one=whole_life())
    assert store.read(left) > 5
    assert store.read(tallies.first_odd) is None


OLD_TICKET = """
INSERT INTO ticket (number, channel, title, text, urgency, address, received_at, policy_family,
    policy_version, round, assisting, paused, rectified, bounces, version, head)
VALUES ('one', '12345', '', '', 'ordinary', '', '2026-09-14T01:00Z', 'standard',
    1, 1, '{}', false, true, 0, 5, '')
"""
OLD_NODES = """
INSERT INTO node_state (ticket, round, leg, node, body, handler, started_at, due_at, due_source, ended_at,
    ended, paused, sample, passed, warned_late, warned_slow)
SELECT 'one', 1, 1, node, 'housing', 'housing', '2026-09-14T01:00Z', due, 'policy', ended,
    CASE WHEN ended IS NOT NULL THEN 'done' END, false, false, node = 'revisit' OR NULL, false, false
FROM (VALUES ('rectify', timestamptz '2026-09-20T01:00Z', timestamptz '2026-09-15T07:00Z'),
    ('revisit', NULL, '2026-09-16T01:00Z'),
    ('post_check', '2026-10-20T01:00Z', NULL)) AS found (node, due, ended)
"""
