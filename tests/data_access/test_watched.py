"""A step that is reported late, before any sweep came round: its warning and draft are there all the same."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from data_access import log, schema, watched
from data_access.bulk import add_tickets
from data_access.errors import VersionConflictError
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import Swept, sweep
from data_access.verify import rebuild_caches, verify
from domain.events import Accepted, Closed, Dispatched, Event, Signed
from domain.people import SYSTEM
from domain.urgency import Urgency
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, ticket

FIRST = happened((0, DUTY, received(Urgency.FIRST)), (0.05, DUTY, Dispatched("housing")))
"""Signing is due five minutes after the receipt."""
SIGN_DUE = START + timedelta(minutes=5)


def put(store: Store, *numbers: str, events: tuple[Event, ...] = FIRST) -> None:
    store.write(lambda c: add_tickets(c, load_rules(c), [ticket(number, events) for number in numbers]))


def report(store: Store, number: str, *events: Event, expected: int | None = None) -> log.Head:
    stream = f"ticket/{number}"
    added = [log.Addition(stream, events, expected)]
    return store.write(lambda c: watched.append(c, load_rules(c), added))[stream]


def swept(store: Store, moment: datetime, number: str | None = None) -> Swept:
    return store.write(lambda c: sweep(c, load_rules(c), moment, number))


def warnings(store: Store, number: str) -> list[tuple[object, ...]]:
    w = schema.warning.c
    rows = select(w.node, w.kind, w.level, w.body, w.rule, w.raised_at, w.cleared_at, w.clear_from)
    rows = rows.where(w.ticket == number).order_by(w.node, w.kind)
    return [tuple(row) for row in store.read(lambda c: c.execute(rows).all())]


def files(store: Store, number: str) -> list[tuple[object, ...]]:
    file = schema.re_supervision.c
    rows = select(file.node, file.round, file.body, file.cause, file.state, file.drafted_at)
    rows = rows.where(file.ticket == number).order_by(file.node)
    return [tuple(row) for row in store.read(lambda c: c.execute(rows).all())]


def by_the_system(store: Store, number: str) -> int:
    event = schema.event.c
    count = select(func.count()).where(event.stream == f"ticket/{number}", event.role == SYSTEM.role.value)
    return store.read(lambda c: c.execute(count).scalar_one())


def test_who_ends_a_node_late_before_the_sweep_leaves_what_a_sweep_in_time_would_have(store: Store) -> None:
    put(store, "T-1", "T-2")
    signed = START + timedelta(minutes=20)
    # The one is swept in time, at each of its seconds; of the other one nothing is heard until it is signed.
    for seconds in range(180, 1200, 10):
        swept(store, START + timedelta(seconds=seconds), "T-1")
    for number in ("T-1", "T-2"):
        report(store, number, Event(signed, HANDLER, Signed()), expected=None if number == "T-1" else 2)
    swept(store, signed + timedelta(seconds=1))
    assert warnings(store, "T-2") == warnings(store, "T-1")
    assert ("sign", SIGN_DUE, signed) in {(row[0], row[5], row[6]) for row in warnings(store, "T-2")}
    assert [row[0] for row in files(store, "T-2")] == ["accept", "sign"]
    assert files(store, "T-2") == files(store, "T-1")
    # Once and for all: no later sweep, and no second step, adds anything to it.
    said = by_the_system(store, "T-2")
    assert swept(store, signed + timedelta(seconds=2)) == Swept()
    report(store, "T-2", Event(signed + timedelta(seconds=3), DUTY, Accepted()))
    swept(store, signed + timedelta(seconds=4))
    assert by_the_system(store, "T-2") == said + 1, "the accept warning is cleared"
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None
    before = warnings(store, "T-2")
    store.write(lambda c: rebuild_caches(c, load_rules(c)))
    assert warnings(store, "T-2") == before


def test_a_step_done_in_time_and_reported_late_warns_of_nothing(store: Store) -> None:
    put(
        store,
        "T-1",
        events=(FIRST[0], *happened((0.01, DUTY, Accepted()), (0.02, DUTY, Dispatched("housing")))),
    )
    report(store, "T-1", *happened((0.03, HANDLER, Signed())))
    assert warnings(store, "T-1") == []


def test_a_seat_whose_clock_is_fast_warns_nobody_before_the_time(store: Store) -> None:
    now = datetime.now(UTC)
    events = happened((0, DUTY, received(Urgency.FIRST)), (0.001, DUTY, Dispatched("housing")), start=now)
    put(store, "T-1", events=events)
    report(store, "T-1", Event(now + timedelta(hours=1), HANDLER, Signed()))
    assert warnings(store, "T-1") == []


def test_a_stale_decision_is_refused_and_warns_of_nothing(store: Store) -> None:
    put(store, "T-1")
    late = Event(START + timedelta(minutes=20), HANDLER, Signed())
    with pytest.raises(VersionConflictError):
        report(store, "T-1", late, expected=1)
    assert by_the_system(store, "T-1") == 0
    assert report(store, "T-1", late, expected=2).version > 3


def test_what_an_import_says_of_the_past_raises_nothing(store: Store) -> None:
    late = Event(START + timedelta(minutes=20), HANDLER, Signed())
    put(store, "T-1", events=(*FIRST, late, *happened((9, DUTY, Closed("已解决")))))
    swept(store, START + timedelta(hours=10))
    assert warnings(store, "T-1") == []
    assert files(store, "T-1") == []
