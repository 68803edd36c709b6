"""A calendar or a policy that comes in while tickets run: lists, dossiers and the proof agree afterwards."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from data_access import bulk, rule_changes, schema
from data_access.rule_changes import Changed, RetroactiveError
from data_access.rules import RESOURCES, load_rules
from data_access.store import Connection, Store
from data_access.verify import verify
from domain.calendar import YearNotice
from domain.events import Accepted, Dispatched, DueSupplied, Event, Extended, Paused, Resumed, Signed
from domain.intake import NewTicket
from domain.nodes import Node
from tests.data_access.streams import DUTY, HANDLER, happened, received, ticket, whole_life

FIRST_DAY = datetime(2026, 11, 2, 1, tzinfo=UTC)
"""Monday 2026-11-02, 09:00 in the city."""

SPRING = YearNotice(
    2027,
    frozenset({date(2027, 1, 1), *(date(2027, 2, day) for day in range(5, 12))}),
    frozenset({date(2027, 1, 30), date(2027, 2, 20)}),
    "test",
)


def open_at_work(start: datetime) -> tuple[Event, ...]:
    steps = ((0, DUTY, received()), (0.2, DUTY, Accepted()), (0.5, DUTY, Dispatched("housing")))
    return happened(*steps, (1, HANDLER, Signed()), start=start)


def paused(start: datetime) -> tuple[Event, ...]:
    return (*open_at_work(start), *happened((24, HANDLER, Paused("等设备", "王磊")), start=start))


def paused_for_long(start: datetime) -> tuple[Event, ...]:
    return (*paused(start), *happened((24 * 20, HANDLER, Resumed()), start=start))


def extended(start: datetime) -> tuple[Event, ...]:
    granted = Extended(Node.RECTIFY, start + timedelta(days=9), "复杂", "王磊")
    return (*open_at_work(start), *happened((30, DUTY, granted), start=start))


def supplied(start: datetime) -> tuple[Event, ...]:
    given = DueSupplied(Node.RECTIFY, start + timedelta(days=5), "12345")
    return (*paused(start), *happened((25, DUTY, given), (24 * 9, HANDLER, Resumed()), start=start))


LIVES = (whole_life, open_at_work, paused, paused_for_long, extended, supplied)


def tickets() -> list[NewTicket]:
    """Some of each life, one every third day from November to March."""
    return [
        ticket(f"{life.__name__}-{day}", tuple(sorted(life(FIRST_DAY + timedelta(days=day)), key=_at)))
        for day in range(0, 120, 3)
        for life in LIVES
    ]


def _at(event: Event) -> datetime:
    return event.at


def fill(connection: Connection) -> None:
    bulk.add_tickets(connection, load_rules(connection), tickets())


def proved(connection: Connection) -> object:
    return verify(connection, load_rules(connection)).flaw


def due_times(store: Store) -> dict[tuple[str, int, int, str], datetime | None]:
    node = schema.node_state.c

    def read(connection: Connection) -> dict[tuple[str, int, int, str], datetime | None]:
        rows = connection.execute(select(node.ticket, node.round, node.leg, node.node, node.due_at))
        return {(row.ticket, row.round, row.leg, row.node): row.due_at for row in rows}

    return store.read(read)


def test_a_calendar_that_comes_in_moves_the_due_times_that_it_counts(store: Store) -> None:
    store.write(fill)
    before = due_times(store)
    changed = store.write(lambda c: rule_changes.put_calendar_year(c, SPRING))
    assert store.scratch(proved) is None
    after = due_times(store)
    moved = {key[0] for key, due in after.items() if before[key] != due}
    assert changed.new
    assert len(moved) > 50
    assert len(moved) <= changed.rejudged < len(tickets())
    assert "open_at_work-0" not in moved
    # The same notice again changes no day, and nothing is computed.
    assert store.write(lambda c: rule_changes.put_calendar_year(c, SPRING)) == Changed(False, 0)
    other = YearNotice(2026, frozenset(), frozenset({date(2026, 12, 5)}), "test")
    assert store.write(lambda c: rule_changes.put_calendar_year(c, other)).rejudged > 0
    assert store.scratch(proved) is None


def policy_of(effective_from: str, version: int = 8, rectify: str = "3 wd") -> str:
    text = (RESOURCES / "policies" / "standard-v1.toml").read_text("utf-8")
    text = text.replace("version = 1", f"version = {version}").replace("5 wd", rectify)
    return text.replace("effective_from = 2020-01-01", f"effective_from = {effective_from}")


def test_a_policy_for_tickets_that_are_there_needs_a_word_and_judges_just_them(store: Store) -> None:
    store.write(fill)
    before = due_times(store)
    later = [t.number for t in tickets() if t.events[0].at >= datetime(2026, 12, 31, 16, tzinfo=UTC)]
    with pytest.raises(RetroactiveError) as caught:
        store.write(lambda c: rule_changes.add_policy(c, policy_of("2027-01-01")))
    assert caught.value.tickets == len(later)
    assert due_times(store) == before
    assert len(store.read(load_rules).policies.policies) == 4
    added = store.write(lambda c: rule_changes.add_policy(c, policy_of("2027-01-01"), retroactive=True))
    assert added == Changed(True, len(later))
    assert store.scratch(proved) is None
    assert {key[0] for key, due in due_times(store).items() if before[key] != due} <= set(later)
    # One that is older than the version in force judges only what came in before that.
    between = store.write(
        lambda c: rule_changes.add_policy(c, policy_of("2026-12-01", 9, "4 wd"), retroactive=True)
    )
    assert 0 < between.rejudged < len(tickets()) - len(later)
    assert store.scratch(proved) is None
    assert store.write(lambda c: rule_changes.add_policy(c, policy_of("2027-01-01"))) == Changed(False, 0)


def test_a_policy_from_today_on_needs_no_word(store: Store) -> None:
    store.write(fill)
    added = store.write(lambda c: rule_changes.add_policy(c, policy_of("2027-06-01")))
    assert added == Changed(True, 0)
    assert store.scratch(proved) is None


def test_a_change_waits_for_who_writes_by_the_rules_as_they_were(store: Store) -> None:
    done: list[Changed] = []

    def change() -> None:
        done.append(store.write(lambda c: rule_changes.put_calendar_year(c, SPRING)))

    thread = threading.Thread(target=change)

    def write(connection: Connection) -> None:
        book = load_rules(connection)
        thread.start()
        deadline = time.monotonic() + 20
        while not done and not store.read(waiting):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        bulk.add_streams(connection, book, [("ticket/T-1", open_at_work(FIRST_DAY + timedelta(days=90)))])

    store.write(write)
    thread.join(20)
    assert done[0].rejudged == 1
    assert store.scratch(proved) is None


def waiting(connection: Connection) -> int:
    statement = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return int(connection.execute(statement).scalar_one())
