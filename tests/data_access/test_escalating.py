"""The ladder over the real store: each step at its own second, also after a standstill, and once (T13)."""

from datetime import datetime, timedelta

from data_access import escalating, log, schema
from data_access.bulk import add_tickets
from data_access.readers.warnings import running_warnings
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import sweep
from domain.events import (
    Dispatched,
    Event,
    Signed,
    WarningAcknowledged,
    WarningEscalated,
    WarningKind,
    WarningLevel,
)
from domain.nodes import Node
from domain.people import Role
from domain.urgency import Urgency
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, ticket

FIRST = happened((0, DUTY, received(Urgency.FIRST)), (0.05, DUTY, Dispatched("housing")))
ACCEPT_DUE, DISPATCH_DUE, SIGN_DUE = (START + timedelta(minutes=m) for m in (2, 4, 5))
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


def put(store: Store, events: tuple[Event, ...] = FIRST) -> None:
    store.write(lambda c: add_tickets(c, load_rules(c), [ticket("T-1", events)]))


def swept(store: Store, moment: datetime) -> None:
    """All that the sweep and the ladder have to do by a moment."""
    store.write(lambda c: sweep(c, load_rules(c), moment))
    for _ in range(20):
        if not store.write(lambda c: escalating.escalate(c, load_rules(c), moment, 100)):
            return
    raise AssertionError("the ladder has no end")


def climbed(store: Store, node: Node) -> list[tuple[datetime, int, Role]]:
    records = store.read(lambda c: log.read_stream(c, "ticket/T-1"))
    facts = [(r.event.at, r.event.fact) for r in records]
    return [
        (at, fact.step, fact.to)
        for at, fact in facts
        if isinstance(fact, WarningEscalated) and fact.node is node
    ]


def test_a_red_warning_climbs_at_its_own_second(store: Store) -> None:
    put(store)
    swept(store, SIGN_DUE + QUARTER - timedelta(seconds=1))
    assert climbed(store, Node.SIGN) == []
    assert store.read(escalating.next_at) is not None
    swept(store, SIGN_DUE + QUARTER)
    assert climbed(store, Node.SIGN) == [(SIGN_DUE + QUARTER, 1, Role.LEADER)]
    swept(store, SIGN_DUE + QUARTER + timedelta(seconds=5))
    assert len(climbed(store, Node.SIGN)) == 1
    now = SIGN_DUE + QUARTER + timedelta(seconds=5)
    shown = store.read(lambda c: running_warnings(c, load_rules(c), now)).rows
    (sign,) = [row for row in shown if row.node is Node.SIGN]
    assert (sign.escalated_to, sign.escalated_at) == ("leader", SIGN_DUE + QUARTER)


def test_after_a_standstill_each_step_has_the_time_it_should_have_had(store: Store) -> None:
    put(store)
    swept(store, START + timedelta(hours=7))
    expected = [(SIGN_DUE + QUARTER, 1, Role.LEADER), (SIGN_DUE + HOUR, 2, Role.DISCIPLINE)]
    assert climbed(store, Node.SIGN) == expected
    swept(store, START + timedelta(hours=8))
    assert climbed(store, Node.SIGN) == expected


def test_who_takes_note_in_time_stops_it_and_not_who_comes_after(store: Store) -> None:
    put(store)
    swept(store, SIGN_DUE + timedelta(minutes=10))
    red = (WarningKind.LATE, WarningLevel.RED)
    noted = [
        Event(SIGN_DUE + timedelta(minutes=14), DUTY, WarningAcknowledged(*red, Node.SIGN, 1, 1)),
        # Of the one of `accept`, due at minute 2, nobody takes note before minute 17 has passed.
        Event(ACCEPT_DUE + timedelta(minutes=16), DUTY, WarningAcknowledged(*red, Node.ACCEPT, 1, 1)),
    ]
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", noted)]))
    swept(store, START + timedelta(hours=5))
    assert climbed(store, Node.SIGN) == []
    assert climbed(store, Node.ACCEPT) == [(ACCEPT_DUE + QUARTER, 1, Role.LEADER)]


def test_what_was_over_before_the_step_does_not_climb_and_what_was_over_after_it_does(store: Store) -> None:
    """The engine stood still meanwhile: it says afterwards what was true then."""
    signed = Event(SIGN_DUE + timedelta(minutes=20), HANDLER, Signed())
    put(store, (*FIRST, signed))
    store.write(lambda c: sweep(c, load_rules(c), START + timedelta(hours=5), "T-1"))
    swept(store, START + timedelta(hours=5))
    # Imports tell of clocks that ended long ago: the sweep does not warn of those at all.
    assert climbed(store, Node.SIGN) == []
    # `dispatch` was late for a minute only, and ended so: nobody was told of more.
    assert climbed(store, Node.DISPATCH) == []


def test_a_step_that_came_before_the_clock_ended_is_still_said(store: Store) -> None:
    put(store)
    swept(store, SIGN_DUE + timedelta(minutes=1))
    late = Event(SIGN_DUE + timedelta(minutes=20), HANDLER, Signed())
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", [late])]))
    swept(store, START + timedelta(hours=5))
    assert climbed(store, Node.SIGN) == [(SIGN_DUE + QUARTER, 1, Role.LEADER)]
    rows = store.read(lambda c: c.execute(schema.warning.select()).all())
    (sign,) = [row for row in rows if (row.node, row.level) == ("sign", "red")]
    assert (sign.cleared_at, sign.escalated_step, sign.escalate_at) == (late.at, 1, None)
