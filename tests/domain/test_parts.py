"""Several bodies on one ticket, each charged for its own time (Y24); a repeat merged and split off again.

Times are counted from Thursday 2026-09-17 16:00, a first-class ticket: sign 5 min, arrive 2 h, rectify 12 h.
"""

from datetime import datetime, timedelta

from domain.case_events import MergedInto, SplitOff
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    Event,
    Fact,
    PostChecked,
    Rectified,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node, NodeStatus, TicketState
from domain.people import Actor, Role
from domain.trace import Trace, trace
from domain.urgency import Urgency
from domain.warnings import warnings_of
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, as_of, at, policy_of, received

V2 = policy_of("standard-v2")
START = "2026-09-17 16:00"
WATER = Actor(Role.HANDLER, "周航", "water")
LEAD, HELP, OTHER = ECOLOGY.body, HOUSING.body, WATER.body
assert LEAD is not None
assert HELP is not None
assert OTHER is not None

HOUR = 60.0
BEGIN = ((0, DUTY, received(Urgency.FIRST)), (1, DUTY, Accepted()), (2, DUTY, Dispatched(LEAD, (HELP,))))


def minutes(*steps: tuple[float, Actor, Fact]) -> tuple[Event, ...]:
    """Events from (minutes after the start, actor, fact)."""
    return tuple(Event(moment(after), actor, fact) for after, actor, fact in steps)


def traced(*steps: tuple[float, Actor, Fact]) -> Trace:
    return trace(minutes(*BEGIN, *steps), V2, CALENDAR)


def of(found: Trace, node: Node, part: int, round_: int = 1) -> NodeClock:
    return next(n for n in found.nodes if (n.node, n.part, n.round) == (node, part, round_))


def moment(after: float) -> datetime:
    return at(START) + timedelta(minutes=after)


def test_an_assisting_body_has_clocks_of_its_own_from_its_dispatch() -> None:
    found = traced()
    for node, limit in ((Node.SIGN, 5), (Node.ARRIVE, 120), (Node.RECTIFY, 720)):
        lead, part = of(found, node, 0), of(found, node, 1)
        assert (lead.body, lead.started_at, lead.due_at) == (LEAD, moment(0), moment(limit))
        assert (part.body, part.started_at, part.due_at) == (HELP, moment(2), moment(2 + limit))
    assert not any(n.part for n in found.nodes if n.node in (Node.FILE, Node.FEED_BACK, Node.REVISIT))


def test_each_body_ends_its_own_clock() -> None:
    found = traced((3, HOUSING, Signed()), (6, ECOLOGY, Signed()), (9, HOUSING, Arrived()))
    assert (of(found, Node.SIGN, 1).ended_at, of(found, Node.SIGN, 1).person) == (moment(3), HOUSING.name)
    assert of(found, Node.SIGN, 0).status(moment(10)) is NodeStatus.LATE
    assert of(found, Node.SIGN, 1).status(moment(10)) is NodeStatus.ON_TIME
    assert of(found, Node.ARRIVE, 0).ended_at is None
    assert found.lead == LEAD


def test_the_ticket_is_rectified_when_its_lead_has_done_so() -> None:
    helped = traced((5, HOUSING, Rectified("封堵", False)))
    assert not helped.rectified
    assert {n.node for n in helped.open_nodes if n.part == 0} == {Node.SIGN, Node.ARRIVE, Node.RECTIFY}
    done = traced((5, ECOLOGY, Rectified("停产", False)))
    assert done.rectified
    assert of(done, Node.RECTIFY, 1).ended_at is None
    assert done.current is not None
    assert done.current.part == 0


def test_an_assisting_body_that_is_late_makes_the_ticket_red_and_is_warned_of_itself() -> None:
    clock = as_of(minutes(*BEGIN, (3, ECOLOGY, Signed()), (20, ECOLOGY, Arrived())), "2026-09-17 16:30", V2)
    assert clock.state is TicketState.OVERDUE
    late = [w for w in warnings_of(clock) if w.due_at <= clock.as_of]
    assert [(w.node, w.body, w.part) for w in late] == [(Node.SIGN, HELP, 1)]


def test_one_that_only_assists_goes_without_taking_the_ticket_from_its_holder() -> None:
    found = traced((30, HOUSING, ReturnedAsWrong("与建设工地无关")))
    assert (found.lead, found.assisting) == (LEAD, ())
    ended = [n for n in found.nodes if n.part == 1]
    assert {n.end for n in ended} == {NodeEnd.HANDED_OVER}
    assert {n.ended_at for n in ended} == {moment(30)}
    assert of(found, Node.RECTIFY, 0).ended_at is None


def test_a_second_dispatch_brings_others_in_and_lets_some_go() -> None:
    found = traced((60, DUTY, Dispatched(LEAD, (OTHER,))))
    assert {n.body for n in found.open_nodes if n.part > 0} == {OTHER}
    assert of(found, Node.SIGN, 2).started_at == moment(60)
    assert of(found, Node.SIGN, 1).end is NodeEnd.HANDED_OVER
    again = traced((60, DUTY, Dispatched(LEAD, ())), (90, DUTY, Dispatched(LEAD, (HELP,))))
    # Its second assignment is another part: the first one's time stays charged as it was.
    assert of(again, Node.SIGN, 1).ended_at == moment(60)
    assert of(again, Node.SIGN, 2).started_at == moment(90)


def test_who_assisted_and_takes_the_lead_has_one_clock() -> None:
    found = traced((60, DUTY, Dispatched(HELP, (LEAD,))))
    assert (found.lead, found.assisting) == (HELP, (LEAD,))
    assert {(n.body, n.part) for n in found.open_nodes if n.node is Node.RECTIFY} == {(HELP, 0), (LEAD, 2)}


def test_a_round_begins_anew_for_all_of_them() -> None:
    found = traced(
        (3, ECOLOGY, Signed()),
        (3, HOUSING, Signed()),
        (9, ECOLOGY, Arrived()),
        (60, ECOLOGY, Rectified("停产", False)),
        (600, DUTY, Revisited(False, "仍有异味")),
    )
    assert found.round == 2
    assert of(found, Node.RECTIFY, 1).end is NodeEnd.SKIPPED
    assert of(found, Node.RECTIFY, 2, round_=2).started_at == moment(600)
    assert of(found, Node.SIGN, 2, round_=2).body == HELP


def test_nothing_runs_on_when_the_ticket_is_closed() -> None:
    found = traced(
        (3, ECOLOGY, Signed()),
        (9, ECOLOGY, Arrived()),
        (60, ECOLOGY, Rectified("停产", False)),
        (600, DUTY, Revisited(True)),
        (700, DUTY, PostChecked(True)),
        (800, DUTY, Closed()),
    )
    assert found.closed_at == moment(800)
    assert not found.open_nodes


def test_the_first_version_of_the_policy_knows_no_such_clocks() -> None:
    found = trace(minutes(*BEGIN, (3, HOUSING, Signed())), policy_of("standard-v1"), CALENDAR)
    assert not any(n.part for n in found.nodes)
    assert of(found, Node.SIGN, 0).ended_at == moment(3)


def test_a_merged_ticket_is_off_the_board_and_nothing_more_is_charged() -> None:
    # Merged after an hour: 60 minutes of the twelve hours are used, and no more until it is split off.
    clock = as_of(minutes(*BEGIN, (60, DUTY, MergedInto("XZ-1", "同一工地", 12.0))), "2026-09-18 20:00", V2)
    assert clock.state is TicketState.CLOSED
    assert clock.trace.merged_into == "XZ-1"
    assert not clock.trace.open_nodes
    ended = [n for n in clock.trace.nodes if n.end is NodeEnd.HANDED_OVER]
    assert {n.ended_at for n in ended} == {moment(60)}
    # Sign was due after five minutes: what was late before stays so.
    assert of(clock.trace, Node.SIGN, 0).status(clock.as_of) is NodeStatus.LATE
    assert of(clock.trace, Node.RECTIFY, 0).status(clock.as_of) is NodeStatus.HANDED_OVER


def test_split_off_its_clocks_go_on_and_the_time_between_is_nobodys() -> None:
    # Merged from 1 h to 31 h: of the twelve hours eleven are left, so that it is due 42 h after its start.
    steps = [
        (HOUR, DUTY, MergedInto("XZ-1", "同一工地")),
        (31 * HOUR, DUTY, SplitOff("XZ-1", "另一家")),
    ]
    found = traced(*steps)
    assert found.closed_at is None
    assert found.merged_into is None
    rectify = of(found, Node.RECTIFY, 0)
    assert (rectify.started_at, rectify.due_at) == (moment(0), moment(42 * HOUR))
    assert of(found, Node.RECTIFY, 1).due_at == moment(2 + 42 * HOUR)
    assert of(found, Node.SIGN, 0).due_at == moment(5)


def test_while_merged_nothing_else_moves_it() -> None:
    found = traced(
        (60, DUTY, MergedInto("XZ-1", "同一工地")),
        (70, ECOLOGY, Arrived()),
        (80, DUTY, Revisited(False, "不满意")),
    )
    assert (found.round, found.merged_into) == (1, "XZ-1")
    assert isinstance(found.nodes[0], NodeClock)
    assert not found.open_nodes


def test_events_are_the_same_facts_in_any_order_of_recording() -> None:
    events: tuple[Event, ...] = minutes(*BEGIN, (3, HOUSING, Signed()), (6, ECOLOGY, Signed()))
    assert trace(reversed(events), V2, CALENDAR) == trace(events, V2, CALENDAR)
