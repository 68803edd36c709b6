"""The log is append-only and chained; its caches follow from it; a past minute can be read."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data_access import bulk, log, replay, schema
from data_access.errors import VersionConflictError
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import sweep
from data_access.verify import rebuild_caches, verify
from domain.events import Accepted, Chased, Dispatched, Revisited, Signed
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, ticket, whole_life


def put(store: Store, *tickets: object) -> bulk.Counts:
    counts, refused = store.write(lambda c: bulk.add_tickets(c, load_rules(c), tickets))
    assert not refused
    return counts


def test_a_stream_reads_back_as_it_was_written(store: Store) -> None:
    events = whole_life()
    put(store, ticket("T-1", events))
    records = store.read(lambda c: log.read_stream(c, "ticket/T-1"))
    assert [record.event for record in records] == list(events)
    assert [record.seq for record in records] == list(range(1, len(events) + 1))
    assert records[1].previous == records[0].hash


def test_the_same_ticket_twice_changes_nothing(store: Store) -> None:
    assert put(store, ticket("T-1", whole_life())).added == 1
    again = put(store, ticket("T-1", whole_life()))
    assert (again.added, again.unchanged, again.events) == (0, 1, 0)


def test_append_refuses_a_stale_version_and_changes_nothing(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    late = happened((1, DUTY, Accepted()))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", late, 1)]))
    with pytest.raises(VersionConflictError):
        store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", late, 1)]))
    assert store.read(lambda c: log.head(c, "ticket/T-1")).version == 2


def test_a_request_is_found_again(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    request = uuid.uuid4()
    assert store.read(lambda c: log.request_done(c, request)) is None
    chased = happened((1, DUTY, Chased("请尽快")))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", chased, None)], request))
    assert store.read(lambda c: log.request_done(c, request)) == "ticket/T-1"


@pytest.mark.parametrize("change", ["UPDATE event SET person = 'x'", "DELETE FROM event", "TRUNCATE event"])
def test_events_cannot_be_changed(store: Store, change: str) -> None:
    put(store, ticket("T-1", whole_life()))
    with pytest.raises(DBAPIError, match="append-only"):
        store.write(lambda c: c.execute(text(change)))


def test_a_sound_store_proves_itself_and_a_rebuild_changes_nothing(store: Store) -> None:
    put(store, *(ticket(f"T-{n}", whole_life(START + timedelta(hours=n))) for n in range(30)))
    verdict = store.scratch(lambda c: verify(c, load_rules(c)))
    assert verdict.flaw is None
    assert (verdict.streams, verdict.events) == (30, 300)
    store.write(lambda c: rebuild_caches(c, load_rules(c)))
    assert store.scratch(lambda c: verify(c, load_rules(c))) == verdict


@pytest.mark.parametrize(
    ("forgery", "seq"),
    [
        ("UPDATE event SET person = '别人' WHERE stream = 'ticket/T-2' AND seq = 4", 4),
        ("UPDATE event SET at = at - interval '1 minute' WHERE stream = 'ticket/T-2' AND seq = 5", 5),
        ("UPDATE event SET data = '{}' WHERE stream = 'ticket/T-2' AND seq = 3", 3),
        ("DELETE FROM event WHERE stream = 'ticket/T-2' AND seq = 6", 7),
        ("DELETE FROM event WHERE stream = 'ticket/T-2' AND seq = 10", None),
        ("UPDATE node_state SET due_at = due_at + interval '1 day' WHERE ticket = 'T-2'", None),
        ("DELETE FROM ticket WHERE number = 'T-2'", None),
    ],
)
def test_verify_names_the_first_thing_that_does_not_fit(store: Store, forgery: str, seq: int | None) -> None:
    put(store, *(ticket(f"T-{n}", whole_life()) for n in (1, 2, 3)))
    store.write(lambda c: c.execute(text("ALTER TABLE event DISABLE TRIGGER ALL")))
    store.write(lambda c: c.execute(text(forgery)))
    flaw = store.scratch(lambda c: verify(c, load_rules(c))).flaw
    assert flaw is not None
    assert (flaw.stream, flaw.seq) == ("ticket/T-2", seq)


def test_a_past_minute_reads_as_it_was(store: Store) -> None:
    put(store, ticket("T-1", whole_life()), ticket("T-2", whole_life(START + timedelta(days=30))))

    def nodes(connection: object) -> list[str | None]:
        rows = connection.execute(schema.ticket.select().order_by(schema.ticket.c.number))  # type: ignore[attr-defined]
        return [row.node for row in rows]

    def past(hours: float) -> list[str | None]:
        moment = START + timedelta(hours=hours)
        return store.scratch(lambda c: replay.at(c, load_rules(c), moment, nodes))

    assert past(-1) == []
    assert past(0.1) == ["accept"]
    assert past(2) == ["arrive"]
    assert past(60) == ["post_check"]
    assert past(90) == [None]
    assert past(24 * 40) == [None, None]
    assert store.read(nodes) == [None, None]


def test_a_late_report_is_counted_at_its_own_time(store: Store) -> None:
    steps = ((0, DUTY, received()), (0.1, DUTY, Accepted()), (0.4, DUTY, Dispatched("housing")))
    put(store, ticket("T-1", happened(*steps)))
    late = happened((0.8, HANDLER, Signed()))
    revisited = happened((2, DUTY, Chased("催办")))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", revisited, None)]))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", late, None)]))
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_the_sweep_raises_once_at_the_right_second_and_opens_a_draft(store: Store) -> None:
    put(store, ticket("T-1", happened((0, DUTY, received()), (0.1, DUTY, Accepted()))))
    now = START + timedelta(hours=2)
    first = store.write(lambda c: sweep(c, load_rules(c), now))
    # Dispatch (1 h) is late and was slow; nothing else of this ticket is due within two hours.
    # It is slow no longer once it is late.
    assert (first.raised, first.drafted, first.cleared) == (2, 1, 1)
    again = store.write(lambda c: sweep(c, load_rules(c), now))
    assert (again.raised, again.drafted, again.cleared) == (0, 0, 0)
    events = [r.event for r in store.read(lambda c: log.read_stream(c, "ticket/T-1"))]
    assert [e.at - START for e in events[2:]] == [
        timedelta(minutes=45),
        timedelta(hours=1),
        timedelta(hours=1),
        timedelta(hours=1),
    ]
    done = happened((2.5, DUTY, Dispatched("housing")))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", done, None)]))
    cleared = store.write(lambda c: sweep(c, load_rules(c), START + timedelta(hours=2.6)))
    assert cleared.cleared == 1
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_a_bounce_back_keeps_the_first_round(store: Store) -> None:
    events = (*whole_life()[:7], *happened((50, DUTY, Revisited(False))))
    put(store, ticket("T-1", events))
    rows = store.read(lambda c: c.execute(schema.node_state.select()).all())
    assert {row.round for row in rows} == {1, 2}
    revisit = next(row for row in rows if row.node == "revisit")
    assert (revisit.passed, revisit.handler) == (False, "housing")


def test_a_rebuild_writes_nothing_from_a_broken_chain(store: Store) -> None:
    put(store, ticket("T-1", whole_life()))
    store.write(lambda c: c.execute(text("ALTER TABLE event DISABLE TRIGGER ALL")))
    store.write(lambda c: c.execute(text("UPDATE event SET person = '别人' WHERE seq = 4")))
    with pytest.raises(log.UnreadableEventError, match="#4"):
        store.write(lambda c: rebuild_caches(c, load_rules(c)))
    assert len(store.read(lambda c: c.execute(schema.node_state.select()).all())) == 9
