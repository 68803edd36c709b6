"""What SQL says of tickets and nodes is what the rules in Python say, at any minute."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import ColumnElement, Connection, func, select

from data_access import log, schema
from data_access.readers.moment import at_moment
from data_access.readers.states import current_status, open_node_is, outcome_is, ticket_state
from data_access.readers.tickets import tickets_by_number
from data_access.readers.warnings import running_warnings
from data_access.rules import Rules
from data_access.store import Store
from domain.clock import TicketClock, clock
from domain.events import Accepted, Dispatched, Signed
from domain.listing import Outcome
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node, NodeStatus, TicketState
from tests.data_access.readers.worlds import put_city, put_tickets, wandering
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, whole_life

SPAN = timedelta(days=25)
OPEN_STATUSES = (NodeStatus.OVERDUE, NodeStatus.DUE_SOON, NodeStatus.PAUSED, NodeStatus.RUNNING)


@pytest.fixture
def rules(store: Store) -> Rules:
    random = Random(7)
    put_city(store)
    spread = SPAN / timedelta(seconds=1)
    names = [f"T-{n:03}" for n in range(160)]
    starts = [START + timedelta(seconds=random.uniform(0, spread)) for _ in names]
    streams = {
        name: wandering(random, start) if random.random() < 0.6 else whole_life(start)
        for name, start in zip(names, starts, strict=True)
    }
    for share in (0.2, 0.3, 0.5, 0.6, 1.0):
        # Signing takes 4 h: at this share of the span it is due soon, or was due just now.
        moment = START + SPAN * share
        for minutes in (190, 230, 240, 250):
            streams[f"S-{share}-{minutes}"] = happened(
                (0, DUTY, received()),
                (0.1, DUTY, Accepted()),
                (0.3, DUTY, Dispatched("housing")),
                start=moment - timedelta(minutes=minutes),
            )
            # The lead has signed and is on its way; the assisting body has not.
            streams[f"A-{share}-{minutes}"] = happened(
                (0, DUTY, received()),
                (0.1, DUTY, Accepted()),
                (0.3, DUTY, Dispatched("housing", ("public_security",))),
                (0.5, HANDLER, Signed()),
                start=moment - timedelta(minutes=minutes),
            )
    return put_tickets(store, **streams)


@pytest.fixture
def clocks(store: Store, rules: Rules) -> "Clocks":
    return Clocks(store, rules)


class Clocks:
    """The clocks of every ticket of a store, computed from its events."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._rules = rules
        self._policy = rules.policies.in_force("standard", START)
        numbers = store.read(lambda c: c.execute(select(schema.ticket.c.number)).scalars().all())
        self._events = {
            number: [r.event for r in store.read(lambda c, n=number: log.read_stream(c, f"ticket/{n}"))]
            for number in numbers
        }

    def at(self, moment: datetime) -> dict[str, TicketClock]:
        return {
            number: clock(events, self._policy, self._rules.calendar, moment)
            for number, events in self._events.items()
            if events[0].at <= moment
        }


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_states_and_statuses_follow_the_rules(
    store: Store, rules: Rules, clocks: Clocks, share: float
) -> None:
    moment = START + SPAN * share
    expected = clocks.at(moment)

    def read(connection: Connection) -> dict[str, tuple[str, str | None]]:
        columns = schema.ticket.c.number, ticket_state(moment), current_status(moment)
        return {row[0]: (row[1], row[2]) for row in connection.execute(select(*columns))}

    found = at_moment(store, rules, moment, read)
    assert found == {
        number: (standing.state.value, current.status(moment).value if current else None)
        for number, standing in expected.items()
        for current in [standing.trace.current]
    }
    assert len({state for state, _ in found.values()}) >= 4


def test_the_world_has_every_state(clocks: Clocks) -> None:
    seen: set[TicketState] = set()
    for share in (0.2, 0.6, 1.0):
        seen |= {standing.state for standing in clocks.at(START + SPAN * share).values()}
    assert seen == set(TicketState)


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_open_nodes_and_outcomes_follow_the_rules(
    store: Store, rules: Rules, clocks: Clocks, share: float
) -> None:
    moment = START + SPAN * share
    nodes = [node for standing in clocks.at(moment).values() for node in standing.trace.nodes]

    def read(connection: Connection) -> tuple[dict[NodeStatus, int], dict[Outcome, int]]:
        def count(condition: ColumnElement[bool]) -> int:
            statement = select(func.count()).select_from(schema.node_state).where(condition)
            return connection.execute(statement).scalar_one()

        return (
            {status: count(open_node_is(status, moment)) for status in NodeStatus},
            {outcome: count(outcome_is(outcome, moment)) for outcome in Outcome},
        )

    found, counted = at_moment(store, rules, moment, read)
    standing = Counter(node.status(moment) for node in nodes if node.ended_at is None)
    assert {status: found[status] for status in OPEN_STATUSES} == {s: standing[s] for s in OPEN_STATUSES}
    assert all(found[status] == 0 for status in NodeStatus if status not in OPEN_STATUSES)
    outcomes = Counter(outcome for node in nodes for outcome in outcomes_of(node, moment))
    assert counted == {outcome: outcomes[outcome] for outcome in Outcome}
    parts = (Outcome.ON_TIME, Outcome.LATE, Outcome.OPEN_OVERDUE)
    assert counted[Outcome.DUE] == sum(counted[part] for part in parts)
    assert counted[Outcome.NOT_ON_TIME] == counted[Outcome.DUE] - counted[Outcome.ON_TIME]


def outcomes_of(node: NodeClock, now: datetime) -> tuple[Outcome, ...]:
    """The outcomes that count a node, from its status in words of the domain."""
    if node.due_at is None:
        return ()
    match node.status(now):
        case NodeStatus.OVERDUE:
            return Outcome.DUE, Outcome.OPEN_OVERDUE, Outcome.NOT_ON_TIME
        case NodeStatus.LATE:
            return Outcome.DUE, Outcome.LATE, Outcome.NOT_ON_TIME
        case NodeStatus.ON_TIME:
            assert node.end is NodeEnd.DONE
            return Outcome.DUE, Outcome.ON_TIME
        case _:
            return ()


def test_running_warnings_are_the_overdue_and_slow_nodes(store: Store, rules: Rules, clocks: Clocks) -> None:
    moment = START + SPAN * 0.5

    def read(connection: Connection) -> object:
        return running_warnings(connection, rules, moment, 10_000)

    found = at_moment(store, rules, moment, read)
    nodes = [
        (number, node.node, node.round, node.leg, node.part, node.status(moment))
        for number, standing in clocks.at(moment).items()
        for node in standing.trace.open_nodes
    ]
    rows = {(r.ticket, r.node, r.round, r.leg, r.part): r.level.value for r in found.rows}
    assert rows == {
        (number, node, round_, leg, part): "red" if status is NodeStatus.OVERDUE else "yellow"
        for number, node, round_, leg, part, status in nodes
        if status in (NodeStatus.OVERDUE, NodeStatus.DUE_SOON)
    }
    assert found.red + found.yellow == len(rows)
    assert min(found.red, found.yellow) > 0
    levels = [row.level.value for row in found.rows]
    assert levels == sorted(levels)
    assert all(row.rule for row in found.rows)


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_a_line_names_the_clock_that_makes_its_colour(
    store: Store, rules: Rules, clocks: Clocks, share: float
) -> None:
    moment = START + SPAN * share
    found = clocks.at(moment)
    rows = at_moment(store, rules, moment, lambda c: tickets_by_number(c, sorted(found), moment))
    assert len(rows) == len(found)
    other = 0
    for row in rows:
        judged = found[row.number]
        guilty = [
            node
            for node in judged.trace.open_nodes
            if node.status(moment) in (NodeStatus.OVERDUE, NodeStatus.DUE_SOON)
        ]
        if row.state not in (TicketState.OVERDUE, TicketState.DUE_SOON):
            assert row.pressing is None
            assert (row.told_node, row.told_due_at) == (row.node, row.due_at)
            continue
        assert row.pressing is not None
        if row.number.startswith(f"A-{share}-"):
            assert (row.node, row.pressing.node) == (Node.ARRIVE, Node.SIGN)
            assert (row.body, row.pressing.assisting) == ("housing", "公安局")
            other += 1
        first = min(node.due_at for node in guilty if node.due_at is not None)
        assert row.told_due_at == first
        assert (row.told_node, row.told_round) in {(n.node, n.round) for n in guilty if n.due_at == first}
        assert (first < moment) == (row.state is TicketState.OVERDUE)
    # Of the four, 190 minutes old is still in time: an assisting body signs from when it got it.
    assert other == 3
