"""The sweep against the pure rule of warnings: the same causes, the same seconds, each raised once."""

from datetime import datetime, timedelta

import pytest

from data_access import log, schema
from data_access.bulk import add_tickets
from data_access.readers.warnings import running_warnings
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import Swept, sweep
from data_access.verify import verify
from domain.clock import clock
from domain.events import Dispatched, DueSupplied, Event, Extended, Paused, Resumed, Signed, WarningKind
from domain.nodes import Node
from domain.urgency import Urgency
from domain.warnings import warnings_of
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, ticket

FIRST = happened((0, DUTY, received(Urgency.FIRST)), (0.05, DUTY, Dispatched("housing")))


def put(store: Store, number: str, events: tuple[Event, ...]) -> None:
    store.write(lambda c: add_tickets(c, load_rules(c), [ticket(number, events)]))


def add(store: Store, *events: Event) -> None:
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", events, None)]))


def swept(store: Store, hours: float) -> Swept:
    return store.write(lambda c: sweep(c, load_rules(c), START + timedelta(hours=hours)))


def open_causes(store: Store) -> set[tuple[object, ...]]:
    table = schema.warning
    rows = store.read(lambda c: c.execute(table.select().where(table.c.cleared_at.is_(None))).all())
    return {(r.kind, r.level, r.node, r.round, r.leg, r.body, r.rule, r.raised_at) for r in rows}


@pytest.mark.parametrize("hours", [0.01, 0.04, 0.0625, 0.0834, 1.4, 1.5, 2, 2.0001, 8.9, 9, 12, 12.0001, 400])
def test_what_is_open_is_what_the_rule_says(store: Store, hours: float) -> None:
    put(store, "T-1", FIRST)
    swept(store, hours)
    now = START + timedelta(hours=hours)
    rules = store.read(load_rules)
    events = [r.event for r in store.read(lambda c: log.read_stream(c, "ticket/T-1"))]
    expected = warnings_of(clock(events, rules.policies.in_force("standard", START), rules.calendar, now))
    assert open_causes(store) == {
        (w.kind.value, w.level.value, w.node.value, w.round, w.leg, w.body, w.rule, w.since) for w in expected
    }
    read = store.read(lambda c: running_warnings(c, rules, now)).rows
    assert {(w.kind, w.node, w.since, w.due_at) for w in read} == {
        (w.kind, w.node, w.since, w.due_at) for w in expected
    }


def late_signs(store: Store) -> list[datetime]:
    records = store.read(lambda c: log.read_stream(c, "ticket/T-1"))
    facts = [
        (r.event.at, r.event.fact) for r in records if r.event.fact.__class__.__name__ == "WarningRaised"
    ]
    return [
        moment
        for moment, fact in facts
        if (fact.kind, fact.node) == (WarningKind.LATE, Node.SIGN)  # type: ignore[union-attr]
    ]


def test_a_moved_due_time_that_passes_again_is_another_cause(store: Store) -> None:
    put(store, "T-1", FIRST)
    swept(store, 0.1)
    moved = START + timedelta(hours=1)
    add(store, Event(START + timedelta(hours=0.2), DUTY, Extended(Node.SIGN, moved, "断网", "王磊")))
    swept(store, 0.3)
    assert not any(cause[2] == "sign" for cause in open_causes(store))
    swept(store, 1.5)
    swept(store, 1.6)
    assert late_signs(store) == [START + timedelta(minutes=5), moved]
    add(store, Event(START + timedelta(hours=2), HANDLER, Signed()))
    swept(store, 2.1)
    assert not any(cause[2] == "sign" for cause in open_causes(store))


def test_a_pause_raises_nothing_and_keeps_what_was_late(store: Store) -> None:
    put(store, "T-1", FIRST)
    swept(store, 0.1)
    add(store, *happened((0.2, DUTY, Paused("等待鉴定", "王磊"))))
    again = swept(store, 300)
    assert (again.raised, again.cleared) == (0, 0)
    assert {cause[2] for cause in open_causes(store)} == {"accept", "sign"}
    add(store, *happened((301, DUTY, Resumed())))
    assert swept(store, 301.1).raised == 0


def test_a_target_before_the_receipt_is_raised_at_the_receipt(store: Store) -> None:
    target = DueSupplied(Node.RECTIFY, START - timedelta(days=3), "Boston 311")
    put(store, "T-1", happened((0, DUTY, received(policy="source-due")), (0, DUTY, target)))
    assert swept(store, 1).raised == 2
    records = store.read(lambda c: log.read_stream(c, "ticket/T-1"))
    assert min(r.event.at for r in records) == START
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None
