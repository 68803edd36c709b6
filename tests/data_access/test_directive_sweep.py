"""Receivers of directives who are late are warned of once, at the true time, whoever sweeps (T20, X05)."""

import importlib.util
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text

from data_access import bulk, directive_sweep, log, rule_changes, schema
from data_access.errors import StoreError
from data_access.migrate import MIGRATIONS
from data_access.readers.directive_list import owing_receivers, receiving_bodies, settled_directives
from data_access.readers.directives import directive_rows, owed
from data_access.rules import RESOURCES, load_rules
from data_access.store import Store
from data_access.sweeper import Round, Sweeper
from data_access.verify import verify
from domain.directive_listing import DirectiveFilter, DirectiveGroup, DirectiveOrder
from domain.drafts import Owing
from domain.events import (
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveLateness,
    DirectiveSigned,
    DirectiveWarned,
    DirectiveWithdrawn,
    Event,
    Fact,
)
from domain.overview import DirectiveState
from domain.people import Actor, Role
from domain.receipts import LATE, Terms, directive_state
from domain.urgency import Urgency
from tests.data_access.streams import HANDLER, OTHER

LEADER = Actor(Role.LEADER, "李强")
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
UNSIGNED, OVERDUE = DirectiveLateness.UNSIGNED, DirectiveLateness.OVERDUE
WHO = {"housing": HANDLER, "ecology": OTHER}


def put(
    store: Store,
    number: str,
    hours_ago: float,
    hours: float,
    *steps: tuple[float, Fact],
    urgency: Urgency = Urgency.ORDINARY,
) -> None:
    """A directive to both bodies, issued so long ago, with what happened so many hours after the issue."""
    start = NOW - hours_ago * HOUR
    issued = DirectiveIssued("今晚停工", ("housing", "ecology"), start + hours * HOUR, urgency)
    events = [Event(start, LEADER, issued)]
    for after, fact in steps:
        own = WHO[getattr(fact, "body", "housing")]
        judged = isinstance(fact, DirectiveJudged | DirectiveWithdrawn)
        events.append(Event(start + after * HOUR, LEADER if judged else own, fact))
    store.write(lambda c: bulk.add_streams(c, load_rules(c), [(f"directive/{number}", events)]))


def warnings(store: Store, number: str) -> list[tuple[str, DirectiveLateness, float]]:
    """Who was warned of, of what, and how many hours ago that fell due."""
    records = store.read(lambda c: log.read_stream(c, f"directive/{number}"))
    return [
        (r.event.fact.body, r.event.fact.lateness, round((NOW - r.event.at) / HOUR, 2))
        for r in records
        if isinstance(r.event.fact, DirectiveWarned)
    ]


def sweep(store: Store, hours_from_now: float = 0) -> directive_sweep.Warned:
    now = NOW + hours_from_now * HOUR
    return store.write(lambda c: directive_sweep.sweep_directives(c, load_rules(c), now))


def rounds(swept: Sweeper, most: int = 20) -> list[Round]:
    done: list[Round] = []
    while len(done) < most:
        done.append(swept.round())
        if done[-1].next_in != 0.0:
            return done
    raise AssertionError("the sweeper does not come to rest")


def flaw(store: Store) -> object:
    return store.scratch(lambda c: verify(c, load_rules(c))).flaw


@pytest.fixture
def swept(store: Store) -> Iterator[Sweeper]:
    made = Sweeper(store)
    yield made
    made.close()


def test_a_standstill_is_caught_up_with_the_true_times_and_once(store: Store, swept: Sweeper) -> None:
    put(store, "D-2026-001", 60, 48)
    put(
        store, "D-2026-002", 60, 48, (1, DirectiveSigned("housing")), (2, DirectiveFedBack("housing", "已停"))
    )
    # Answered late, before anybody looked: it is told all the same.
    put(store, "D-2026-003", 60, 48, (30, DirectiveSigned("housing")), (50, DirectiveWithdrawn("误发")))
    first = rounds(swept)
    assert warnings(store, "D-2026-001") == [
        ("housing", UNSIGNED, 36),
        ("ecology", UNSIGNED, 36),
        ("housing", OVERDUE, 12),
        ("ecology", OVERDUE, 12),
    ]
    assert warnings(store, "D-2026-002") == [("ecology", UNSIGNED, 36), ("ecology", OVERDUE, 12)]
    assert {w[:2] for w in warnings(store, "D-2026-003")} == {
        ("housing", UNSIGNED), ("ecology", UNSIGNED), ("housing", OVERDUE), ("ecology", OVERDUE),
    }  # fmt: skip
    again = rounds(swept)
    assert len(first) > 1
    assert len(again) == 1
    assert sum(len(warnings(store, f"D-2026-00{n}")) for n in (1, 2, 3)) == 10
    assert store.read(directive_sweep.next_at) is None
    assert flaw(store) is None


def test_what_is_sent_back_and_not_fed_back_again_is_overdue(store: Store) -> None:
    answers: list[tuple[float, Fact]] = [
        (after, fact)
        for body in WHO
        for after, fact in (
            (1, DirectiveSigned(body)),
            (2, DirectiveFedBack(body, "已停")),
            (3, DirectiveJudged(body, False, "不实")),
        )
    ]
    answers.append((4, DirectiveFedBack("ecology", "已停并封存")))
    put(store, "D-2026-001", 30, 24, *sorted(answers, key=lambda step: step[0]))
    assert sweep(store).warnings == 1
    assert warnings(store, "D-2026-001") == [("housing", OVERDUE, 6)]
    assert sweep(store, 100).warnings == 0


def test_the_sweeper_comes_when_the_next_one_is_due(store: Store, swept: Sweeper) -> None:
    # Counted from now: others' tests may have taken half an hour since this file was read.
    put(store, "D-2026-001", 23.5 - (datetime.now(UTC) - NOW) / HOUR, 48)
    (only,) = rounds(swept)
    assert only.next_in is not None
    assert only.next_in == pytest.approx(1800, abs=120)
    assert warnings(store, "D-2026-001") == []


def test_two_sweeps_at_once_write_each_warning_once(store: Store) -> None:
    for number in range(12):
        put(store, f"D-2026-{number:03}", 60, 48)
    gate = threading.Barrier(2)
    faults: list[BaseException] = []

    def run() -> None:
        try:
            for _ in range(4):
                gate.wait(10)
                sweep(store)
        except BaseException as fault:  # noqa: BLE001 - told to the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    sweep(store)
    for number in range(12):
        told = warnings(store, f"D-2026-{number:03}")
        assert len(told) == len(set(told)) == 4
    assert flaw(store) is None


def test_a_sweep_that_dies_before_it_commits_is_as_if_it_had_never_been(store: Store) -> None:
    put(store, "D-2026-001", 60, 48)

    def die(connection: Connection) -> None:
        assert directive_sweep.sweep_directives(connection, load_rules(connection), NOW).warnings == 4
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreError):
        store.write(die)
    assert warnings(store, "D-2026-001") == []
    assert sweep(store).warnings == 4
    assert len(warnings(store, "D-2026-001")) == 4


def test_one_that_cannot_be_read_keeps_no_other_waiting(store: Store, swept: Sweeper) -> None:
    for number in (1, 2, 3):
        put(store, f"D-2026-00{number}", 60, 48)

    def spoil(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE event SET kind = 'Foreseen' WHERE stream = 'directive/D-2026-002' AND seq = 1")
        )
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))

    store.write(spoil)
    done = rounds(swept)
    faults = [fault for one in done for fault in one.faults]
    assert [number for number, _ in faults] == ["D-2026-002"]
    assert len(warnings(store, "D-2026-001")) == len(warnings(store, "D-2026-003")) == 4


def test_a_cache_that_tells_of_what_is_not_due_is_repaired(store: Store) -> None:
    put(store, "D-2026-001", 10, 48)
    lie = schema.directive_receiver.update().values(warn_from=NOW - HOUR)
    store.write(lambda c: c.execute(lie))
    assert sweep(store) == directive_sweep.Warned()
    assert store.read(directive_sweep.next_at) == NOW + 14 * HOUR
    assert warnings(store, "D-2026-001") == []


# --- what the pages read of it --------------------------------------------------------------------------


COURSES: dict[str, tuple[float, float, tuple[tuple[float, Fact], ...]]] = {
    "D-2025-001": (60, 48, ()),
    "D-2026-001": (30, 72, ((1, DirectiveSigned("housing")),)),
    "D-2026-002": (2, 48, ()),
    "D-2026-003": (
        20,
        48,
        tuple(
            (n + after, fact)
            for n, body in enumerate(WHO)
            for after, fact in ((1.0, DirectiveSigned(body)), (2.5, DirectiveFedBack(body, "已停")))
        ),
    ),
    "D-2026-004": (20, 48, ((1, DirectiveWithdrawn("误发")),)),
    "D-2026-005": (
        20,
        48,
        tuple(
            (n + after, fact)
            for n, body in enumerate(WHO)
            for after, fact in (
                (1.0, DirectiveSigned(body)),
                (2.5, DirectiveFedBack(body, "已停")),
                (4.6, DirectiveJudged(body, True)),
            )
        ),
    ),
    "D-2026-006": (
        47,
        48,
        (
            (1, DirectiveSigned("housing")),
            (2, DirectiveFedBack("housing", "已停")),
            (3, DirectiveJudged("housing", False, "不实")),
        ),
    ),
}


@pytest.fixture
def listed(store: Store) -> Store:
    for number, (ago, hours, steps) in COURSES.items():
        put(store, number, ago, hours, *sorted(steps, key=lambda step: step[0]))
    return store


def keys(
    store: Store, chosen: DirectiveFilter, order: DirectiveOrder = DirectiveOrder.WORST
) -> tuple[list[str], dict[DirectiveGroup, int]]:
    settled, counts = store.read(lambda c: settled_directives(c, chosen, order, NOW))
    return settled.keys(0, len(settled)), dict(zip(DirectiveGroup, counts.groups, strict=True))


def test_the_late_come_first_and_groups_are_counted(listed: Store) -> None:
    numbers, counts = keys(listed, DirectiveFilter())
    assert numbers[:3] == ["D-2025-001", "D-2026-006", "D-2026-001"]
    assert numbers[-1] == "D-2026-004"
    assert counts == {
        DirectiveGroup.OPEN: 5,
        DirectiveGroup.LATE: 3,
        DirectiveGroup.UNSIGNED: 4,
        DirectiveGroup.UNANSWERED: 4,
        DirectiveGroup.TO_JUDGE: 1,
        DirectiveGroup.JUDGED: 1,
        DirectiveGroup.WITHDRAWN: 1,
    }
    newest, _ = keys(listed, DirectiveFilter(), DirectiveOrder.NEWEST)
    assert newest[0] == "D-2026-002"
    assert newest[-1] == "D-2025-001"


def test_on_the_overview_what_needs_eyes_comes_first(listed: Store) -> None:
    """The newest is a withdrawn one here: it stands last, and what is accepted before it (T20)."""
    put(listed, "D-2026-007", 1, 60, urgency=Urgency.CRITICAL)
    put(listed, "D-2026-008", 0.1, 48, (0.05, DirectiveWithdrawn("误发")))
    rows = listed.read(lambda c: directive_rows(c, NOW))
    assert [row.number[-3:] for row in rows] == [
        "001",
        "006",
        "001",
        "007",
        "002",
        "003",
        "005",
        "008",
        "004",
    ]
    assert rows == listed.read(lambda c: directive_rows(c, NOW, 100))
    assert rows[:5] == listed.read(lambda c: directive_rows(c, NOW, 5))
    assert rows[:8] == listed.read(lambda c: directive_rows(c, NOW, 8))


def test_by_body_and_year(listed: Store) -> None:
    late, _ = keys(listed, DirectiveFilter(DirectiveGroup.LATE, "ecology", 2026))
    assert late == ["D-2026-006", "D-2026-001"]
    # Housing has signed 001 and was sent back 006 with time left.
    late, counts = keys(listed, DirectiveFilter(DirectiveGroup.LATE, "housing", 2026))
    assert (late, counts[DirectiveGroup.WITHDRAWN]) == ([], 1)
    assert keys(listed, DirectiveFilter(year=2024))[0] == []
    assert set(listed.read(receiving_bodies)) == {"housing", "ecology"}


def test_sql_says_of_each_receiver_what_the_domain_says(listed: Store) -> None:
    for hours in (-1, 0, 1, 1.5, 4, 24, 46.5, 100):
        now = NOW + hours * HOUR
        rows = listed.read(lambda c, now=now: directive_rows(c, now))
        late = sum(row.late for row in rows)
        assert listed.read(lambda c, now=now: owed(c, now)).late == late
        settled, counts = listed.read(
            lambda c, now=now: settled_directives(c, DirectiveFilter(), DirectiveOrder.WORST, now)
        )
        assert counts.late_receipts == late
        states = {row.number: row.state for row in rows}
        order = [states[number] for number in settled.keys(0, len(settled))]
        places = [(state is DirectiveState.WITHDRAWN, _place(state)) for state in order]
        assert places == sorted(places)


def _place(state: DirectiveState) -> int:
    from domain.receipts import WORST_FIRST

    return WORST_FIRST.index(state) if state in WORST_FIRST else len(WORST_FIRST)


def test_who_owes_something_is_found_for_one_order(listed: Store) -> None:
    unsigned = listed.read(
        lambda c: owing_receivers(c, DirectiveFilter(DirectiveGroup.UNSIGNED, year=2026), NOW, 100)
    )
    assert set(unsigned) == {
        Owing("D-2026-001", "ecology"),
        Owing("D-2026-002", "housing"),
        Owing("D-2026-002", "ecology"),
        Owing("D-2026-006", "ecology"),
    }
    assert len(listed.read(lambda c: owing_receivers(c, DirectiveFilter(), NOW, 3))) == 3


def test_a_state_of_its_own_for_who_has_not_signed() -> None:
    terms = Terms.of(NOW, NOW + 48 * HOUR)
    assert terms.sign_by == NOW + 24 * HOUR
    assert DirectiveState.UNSIGNED_LATE in LATE
    assert directive_state([], terms, NOW, withdrawn=True) is DirectiveState.WITHDRAWN


def test_the_index_answers_an_idle_look(store: Store) -> None:
    many = select(schema.directive_receiver.c.warn_from).where(
        schema.directive_receiver.c.warn_from.is_not(None)
    )
    plan = "EXPLAIN SELECT min(warn_from) FROM directive_receiver WHERE warn_from IS NOT NULL"
    store.write(lambda c: c.execute(text("SET LOCAL enable_seqscan = off")))
    found = store.read(lambda c: "\n".join(c.execute(text(plan)).scalars()))
    assert "directive_receiver_to_warn" in found
    assert store.read(lambda c: c.execute(many).all()) == []


def test_a_policy_that_gives_another_span_is_followed(store: Store) -> None:
    put(store, "D-2026-001", 10, 48)
    written = (RESOURCES / "policies" / "standard-v2.toml").read_text("utf-8")
    span, shorter = 'sign_directive_within = "24 h"', 'sign_directive_within = "4 h"'
    assert span in written
    other = written.replace(span, shorter).replace("\nversion = 2\n", "\nversion = 9\n")
    store.write(lambda c: rule_changes.add_policy(c, other))
    assert sweep(store).warnings == 2
    assert warnings(store, "D-2026-001") == [("housing", UNSIGNED, 6), ("ecology", UNSIGNED, 6)]
    assert flaw(store) is None
    for wrong in ('"3 wd"', '"soon"', "7"):
        spoiled = other.replace(shorter, f"sign_directive_within = {wrong}")
        spoiled = spoiled.replace("version = 9", "version = 10")
        with pytest.raises(ValueError, match=r"limit|sign_directive_within"):
            store.write(lambda c, spoiled=spoiled: rule_changes.add_policy(c, spoiled))


def test_the_migration_works_out_what_the_projection_does(listed: Store) -> None:
    path = MIGRATIONS / "versions" / "0011_directives.py"
    spec = importlib.util.spec_from_file_location("directives_migrated", path)
    assert spec is not None
    assert spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    columns = "SELECT directive, body, rounds, warn_from FROM directive_receiver ORDER BY 1, 2"

    def migrated(connection: Connection) -> tuple[object, object]:
        before = connection.execute(text(columns)).all()
        connection.execute(text("UPDATE directive_receiver SET rounds = 0, warn_from = NULL"))
        connection.execute(text("UPDATE directive SET sign_by = issued_at"))
        for statement in (migration.SIGN_BY, migration.ROUNDS, migration.WARN_FROM):
            connection.execute(text(statement))
        return before, connection.execute(text(columns)).all()

    before, after = listed.write(migrated)
    assert after == before
    assert flaw(listed) is None
