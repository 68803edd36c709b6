"""The demo city: repeatable, never ahead of its time, and as busy as the target pictures."""

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.demo import DemoCity, generate
from desktop.demo.files import about_of
from desktop.demo.world import World, make_world
from domain.case_events import ResponsibilityNamed
from domain.clock import clock, state_of
from domain.codec import encode
from domain.events import (
    Dispatched,
    DueSupplied,
    Event,
    Extended,
    JointSupervisionOpened,
    Paused,
    PostChecked,
    Received,
    Resumed,
    ReSupervisionLaunched,
    ReturnedAsWrong,
    WarningCleared,
    WarningEscalated,
    WarningKind,
    WarningRaised,
)
from domain.ledger import Colour, colour, fold_item, parse_scheme
from domain.node_clock import NodeClock
from domain.nodes import Node, NodeStatus, TicketState
from domain.people import Role
from domain.trace import Trace, trace

SHANGHAI = ZoneInfo("Asia/Shanghai")
ANCHOR = datetime(2026, 11, 21, 20, 58, 13, tzinfo=SHANGHAI)
SMALL = 240


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return generate(ANCHOR)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(ANCHOR)


@pytest.fixture(scope="module")
def tickets(city: DemoCity) -> dict[str, tuple[Event, ...]]:
    return _streams(city, "ticket")


@pytest.fixture(scope="module")
def traces(tickets: dict[str, tuple[Event, ...]], world: World) -> dict[str, Trace]:
    return {number: trace(events, world.policy, world.calendar) for number, events in tickets.items()}


def _streams(city: DemoCity, kind: str) -> dict[str, tuple[Event, ...]]:
    return {
        name.partition("/")[2]: events for name, events in city.streams.items() if name.startswith(f"{kind}/")
    }


def _digest(city: DemoCity) -> str:
    said = sha256()
    for name, events in city.streams.items():
        said.update(name.encode())
        for event in events:
            said.update(repr((event.at.isoformat(), event.actor, encode(event.fact))).encode())
    said.update(repr(sorted(city.complainants.items())).encode())
    said.update(repr(sorted(city.feeds.items())).encode())
    return said.hexdigest()


def test_the_same_moment_and_seed_give_the_same_city() -> None:
    first = generate(ANCHOR, 7, SMALL)
    assert _digest(first) == _digest(generate(ANCHOR.astimezone(UTC), 7, SMALL))
    assert _digest(first) != _digest(generate(ANCHOR, 8, SMALL))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        generate(datetime(2026, 11, 21, 20, 58))  # noqa: DTZ001


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1187 * 86_400))
def test_whatever_the_moment_nothing_lies_ahead_of_it(seconds: int) -> None:
    anchor = datetime(2024, 3, 1, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    small = generate(anchor, tickets=SMALL)
    world = make_world(anchor)
    for name, events in small.streams.items():
        times = [event.at for event in events]
        assert times, name
        assert times == sorted(times), name
        assert times[-1] <= anchor, name
    for number, events in _streams(small, "ticket").items():
        assert state_of(trace(events, world.policy, world.calendar), anchor) in TicketState, number
    assert all(seen <= anchor for seen in small.feeds.values())


def test_five_thousand_tickets_with_numbers_of_their_day(tickets: dict[str, tuple[Event, ...]]) -> None:
    assert len(tickets) == 5000
    for number, events in tickets.items():
        found = re.fullmatch(r"XZ-(\d{8})-\d{4}", number)
        assert found, number
        assert f"{events[0].at.astimezone(SHANGHAI):%Y%m%d}" == found[1]
        received = events[0].fact
        assert isinstance(received, Received)
        assert 0 < len(received.title) <= 18
        assert "{" not in received.text


def test_points_lie_in_their_counties(tickets: dict[str, tuple[Event, ...]], world: World) -> None:
    for events in tickets.values():
        received = events[0].fact
        assert isinstance(received, Received)
        assert received.area is not None
        assert received.lng is not None
        assert received.lat is not None
        assert world.inside(received.area, received.lng, received.lat), received.address


def test_as_busy_as_the_picture(traces: dict[str, Trace], world: World) -> None:
    states = Counter(state_of(traced, world.anchor) for traced in traces.values())
    assert 395 <= sum(states.values()) - states[TicketState.CLOSED] <= 440
    nodes = [node for traced in traces.values() for node in traced.open_nodes]
    statuses = Counter(node.status(world.anchor) for node in nodes)
    assert 3 <= statuses[NodeStatus.OVERDUE] <= 8
    assert 30 <= statuses[NodeStatus.DUE_SOON] <= 50
    waiting = {traced.current.node for traced in traces.values() if traced.current is not None}
    assert waiting == set(Node)


def test_each_body_is_as_punctual_as_it_is_said_to_be(traces: dict[str, Trace], world: World) -> None:
    """Over the last 30 days, within two percentage points."""
    due: Counter[str] = Counter()
    on_time: Counter[str] = Counter()
    for node in _fell_due(traces, world):
        assert node.body is not None
        due[node.body] += 1
        on_time[node.body] += node.status(world.anchor) is NodeStatus.ON_TIME
    for body in world.city.responsible:
        assert due[body.key] > 100, body.name
        rate = on_time[body.key] / due[body.key]
        assert abs(rate - world.rates[body.key][0]) < 0.02, (body.name, rate)


def _fell_due(traces: dict[str, Trace], world: World) -> list[NodeClock]:
    counted = (NodeStatus.ON_TIME, NodeStatus.LATE, NodeStatus.OVERDUE)
    return [
        node
        for traced in traces.values()
        for node in traced.nodes
        if node.due_at is not None
        and node.body is not None
        and world.anchor - timedelta(days=30) <= node.due_at < world.anchor
        and node.status(world.anchor) in counted
    ]


def test_everything_that_can_happen_to_a_ticket_happens(
    tickets: dict[str, tuple[Event, ...]], traces: dict[str, Trace]
) -> None:
    kinds = {type(event.fact) for events in tickets.values() for event in events}
    assert {DueSupplied, Extended, JointSupervisionOpened, Paused, Resumed, ReturnedAsWrong} <= kinds
    assert {node.node for traced in traces.values() for node in traced.nodes} == set(Node)
    assert {traced.round for traced in traces.values()} >= {1, 2, 3}
    assert max(node.leg for traced in traces.values() for node in traced.nodes) == 2


def test_more_comes_in_by_day_than_at_night(tickets: dict[str, tuple[Event, ...]]) -> None:
    hours = Counter(events[0].at.astimezone(SHANGHAI).hour for events in tickets.values())
    assert min(hours.values()) > 0
    assert sum(hours[hour] for hour in range(9, 18)) > 5 * sum(hours[hour] for hour in range(6))


def test_who_checks_afterwards_is_not_who_handled_it(tickets: dict[str, tuple[Event, ...]]) -> None:
    for number, events in tickets.items():
        lead = ""
        for event in events:
            if isinstance(event.fact, Dispatched):
                lead = event.fact.lead
            if isinstance(event.fact, PostChecked):
                assert event.actor.body != lead, number


def test_complainants_are_no_part_of_the_log(city: DemoCity, tickets: dict[str, tuple[Event, ...]]) -> None:
    assert len(city.complainants) > 3000
    for number, person in city.complainants.items():
        assert re.fullmatch(r"100\d{8}", person.phone)
        # An officer who watches over a node is named, and may have the same name as somebody else.
        facts = [e.fact for e in tickets[number] if not isinstance(e.fact, ResponsibilityNamed)]
        said = repr([encode(fact) for fact in facts])
        assert person.phone not in said
        assert person.name not in said


def test_the_ticket_of_the_dossier(tickets: dict[str, tuple[Event, ...]], world: World) -> None:
    number = _dossier(tickets)
    standing = clock(tickets[number], world.policy, world.calendar, world.anchor)
    nodes = {node.node: node for node in standing.trace.nodes}
    sign, arrive, rectify = nodes[Node.SIGN], nodes[Node.ARRIVE], nodes[Node.RECTIFY]
    assert sign.due_at is not None
    assert arrive.due_at is not None
    assert rectify.due_at is not None
    assert sign.ended_at == sign.due_at + timedelta(minutes=2, seconds=11)
    assert arrive.ended_at == arrive.due_at + timedelta(minutes=41, seconds=34)
    assert rectify.due_at - world.anchor == timedelta(hours=4, minutes=33, seconds=12)
    assert standing.trace.lead == "housing"
    assert nodes[Node.ACCEPT].status(world.anchor) is NodeStatus.ON_TIME


def _dossier(tickets: dict[str, tuple[Event, ...]]) -> str:
    return next(
        number
        for number, events in reversed(tickets.items())
        if number.endswith("-0132")
        and isinstance(events[0].fact, Received)
        and events[0].fact.township == "金山桥街道"
    )


def test_the_wall_has_countdowns_of_seconds_and_minutes(traces: dict[str, Trace], world: World) -> None:
    left = {
        (traced.received.title, node.node): node.due_at - world.anchor
        for traced in traces.values()
        for node in traced.open_nodes
        if node.due_at is not None
    }
    assert left["异味扰民", Node.SIGN] == timedelta(minutes=1, seconds=12)
    assert left["秸秆焚烧", Node.ARRIVE] == timedelta(minutes=18, seconds=30)
    assert left["工地扬尘", Node.RECTIFY] == timedelta(hours=1, minutes=5, seconds=44)
    assert left["夜间施工噪声", Node.ARRIVE] == -timedelta(minutes=41, seconds=7)


def test_a_late_node_is_warned_of_when_it_became_due(
    tickets: dict[str, tuple[Event, ...]], traces: dict[str, Trace], world: World
) -> None:
    for number, events in tickets.items():
        raised = {
            (event.fact.round, event.fact.leg, event.fact.node, event.fact.part): event.at
            for event in events
            if isinstance(event.fact, WarningRaised) and event.fact.kind is WarningKind.LATE
        }
        late = {
            (node.round, node.leg, node.node, node.part): node.due_at
            for node in traces[number].nodes
            if node.due_at is not None and (node.ended_at or world.anchor) > node.due_at
        }
        assert raised == late, number


def test_what_is_wrong_is_what_the_rules_say(tickets: dict[str, tuple[Event, ...]], world: World) -> None:
    """No invented warnings: each has a rule of the policy, its facts, and is of the last days."""
    rules = {rule.id: rule for rule in world.policy.wrong}
    raised: Counter[str] = Counter()
    cleared: Counter[str] = Counter()
    for events in tickets.values():
        for event in events:
            fact = event.fact
            if isinstance(fact, WarningRaised) and fact.kind is WarningKind.WRONG:
                assert fact.facts
                assert (fact.rule, fact.level) == (rules[fact.rule_id].sentence, rules[fact.rule_id].level)
                raised[fact.rule_id] += 1
            if isinstance(fact, WarningCleared) and fact.kind is WarningKind.WRONG:
                cleared[fact.rule_id] += 1
    assert {"E01", "P10", "P11"} <= raised.keys()
    assert 3 <= raised.total() - cleared.total() <= 15


def test_red_warnings_climbed_while_nobody_took_note(tickets: dict[str, tuple[Event, ...]]) -> None:
    steps = Counter(
        event.fact.to
        for events in tickets.values()
        for event in events
        if isinstance(event.fact, WarningEscalated)
    )
    assert steps[Role.LEADER] > steps[Role.DISCIPLINE] > 0


def test_sixty_items_in_all_four_colours(city: DemoCity, world: World) -> None:
    from desktop.city import read_table
    from desktop.demo.world import RESOURCES

    scheme = parse_scheme(read_table(RESOURCES / "schemes", "default-v3.toml"))
    now = world.local(world.anchor)
    items = {number: fold_item(number, events) for number, events in _streams(city, "item").items()}
    found = {number: colour(item, scheme, now) for number, item in items.items()}
    counts = Counter(coloured.colour for coloured in found.values())
    assert counts == {Colour.GREEN: 36, Colour.BLUE: 16, Colour.YELLOW: 5, Colour.RED: 3}
    behind = found["新沂2026-017"]
    assert (behind.colour, behind.percent, behind.planned) == (Colour.YELLOW, 42, 70)


def test_forty_six_directives_of_which_the_newest_waits_for_a_signature(city: DemoCity) -> None:
    directives = _streams(city, "directive")
    assert len(directives) == 46
    kinds = Counter(type(event.fact).__name__ for event in directives["D-2026-046"])
    assert kinds == {"DirectiveIssued": 1, "DirectiveSigned": 11, "DirectiveFedBack": 4}


def test_the_dossiers_file_is_number_117(city: DemoCity, tickets: dict[str, tuple[Event, ...]]) -> None:
    files = _streams(city, "re_supervision")
    file = files["Z-2026-0117"]
    assert about_of(file) == _dossier(tickets)
    launched = next(event for event in file if isinstance(event.fact, ReSupervisionLaunched))
    assert launched.actor.name == "孙静"
    drafted = [events[0].at for _, events in sorted(files.items())]
    assert drafted == sorted(drafted)
    steps: defaultdict[str, int] = defaultdict(int)
    for events in files.values():
        steps[type(events[-1].fact).__name__] += 1
    assert {"ReSupervisionDrafted", "ReSupervisionDeclined", "ReSupervisionClosed"} <= steps.keys()
