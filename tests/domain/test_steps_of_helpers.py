"""Steps of assisting bodies on clocks of their own, and where somebody says to be (Y24, Y06, Y21)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.city import BodyKind
from domain.clock import TicketClock, clock
from domain.coordinates import Datum, wgs84_of
from domain.drafts import StepDraft
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    Event,
    Fact,
    FedBack,
    Filed,
    Paused,
    PostChecked,
    Rectified,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.people import PLATFORM, SYSTEM, Actor, Role
from domain.policy import Policy
from domain.rights import Reason, RefusedError
from domain.steps import own_nodes, possible_steps, take_step
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, STANDARD, at, received

START = at("2026-09-17 16:00")
PLANNING = Actor(Role.HANDLER, "赵刚", "planning")
BODIES = {
    PLATFORM: BodyKind.PLATFORM,
    "housing": BodyKind.RESPONSIBLE,
    "ecology": BodyKind.RESPONSIBLE,
    "planning": BodyKind.RESPONSIBLE,
}
SHARED_NODES = (Node.SIGN, Node.ARRIVE, Node.RECTIFY)
TOGETHER = replace(
    STANDARD,
    rules=tuple(replace(rule, assisting=rule.node in SHARED_NODES) for rule in STANDARD.rules),
)
"""The standard procedure, in which assisting bodies sign, arrive and rectify on their own clocks."""

HELD = ((DUTY, Accepted()), (DUTY, Dispatched("housing", ("planning",))))
LEAD_DONE = (
    (HOUSING, Rectified("停工整改")),
    (HOUSING, FedBack("电话")),
    (DUTY, Revisited(True)),
    (DUTY, PostChecked(True)),
)
Step = tuple[Actor, Fact]


def as_of(*steps: Step, policy: Policy = TOGETHER, lng: float | None = None) -> TicketClock:
    """The clocks of a ticket to which these things happened, an hour apart."""
    came = replace(received(), lng=lng, lat=None if lng is None else 34.2612)
    events = [Event(START, SYSTEM, came)]
    events += [Event(START + timedelta(hours=n), *step) for n, step in enumerate(steps, start=1)]
    return clock(events, policy, CALENDAR, START + timedelta(hours=len(steps) + 1))


def take(fact: Fact, actor: Actor, ticket: TicketClock) -> Fact:
    return take_step(StepDraft("r", "T-1", fact), actor, ticket, BODIES, ticket.as_of).fact


def refused(fact: Fact, actor: Actor, ticket: TicketClock) -> tuple[Reason, str]:
    with pytest.raises(RefusedError) as error:
        take(fact, actor, ticket)
    return error.value.reason, error.value.detail


def test_an_assisting_body_does_its_own_part_and_no_more() -> None:
    ticket = as_of(*HELD)
    assert possible_steps(ticket, PLANNING) == (Signed, ReturnedAsWrong, Arrived, Rectified)
    assert possible_steps(ticket, HOUSING) == (Signed, ReturnedAsWrong, Arrived, Rectified)
    assert possible_steps(ticket, ECOLOGY) == ()
    assert {n.node for n in own_nodes("planning", ticket.trace)} == set(SHARED_NODES)
    guilty = as_of(*HELD, (PLANNING, Rectified("已处理", violation=True)))
    for fact in (Filed("徐立 1 号"), FedBack("电话")):
        assert refused(fact, PLANNING, guilty) == (Reason.OTHER_BODY, "housing")


def test_its_step_ends_its_own_clock_and_not_the_leads() -> None:
    signed = as_of(*HELD, (PLANNING, Signed()))
    assert Signed not in possible_steps(signed, PLANNING)
    assert Signed in possible_steps(signed, HOUSING)
    assert refused(Signed(), PLANNING, signed) == (Reason.ALREADY_DONE, "sign")
    assert refused(FedBack("电话"), HOUSING, as_of(*HELD, (PLANNING, Rectified("已处理")))) == (
        Reason.NOT_YET,
        "rectify",
    )


def test_the_leads_step_leaves_the_assisting_body_its_own() -> None:
    done = as_of(*HELD, (HOUSING, Signed()), (HOUSING, Rectified("停工整改")))
    assert possible_steps(done, PLANNING) == (Signed, ReturnedAsWrong, Arrived, Rectified)
    assert own_nodes("housing", done.trace) == tuple(
        n for n in done.trace.open_nodes if n.part == 0 and n.body == "housing"
    )


def test_a_ticket_is_not_closed_over_an_open_part() -> None:
    ticket = as_of(*HELD, *LEAD_DONE)
    assert refused(Closed(), DUTY, ticket) == (Reason.UNFINISHED, "sign")
    part = ((PLANNING, Signed()), (PLANNING, Arrived()), (PLANNING, Rectified("已处理")))
    assert isinstance(take(Closed(), DUTY, as_of(*HELD, *part, *LEAD_DONE)), Closed)


def test_an_assisting_body_hands_back_its_part_alone() -> None:
    gone = as_of(*HELD, (PLANNING, ReturnedAsWrong("不属于本单位职责")))
    assert gone.trace.lead == "housing"
    assert possible_steps(gone, PLANNING) == ()
    assert {n.end for n in gone.trace.nodes if n.part > 0} == {NodeEnd.HANDED_OVER}
    assert refused(Signed(), PLANNING, gone) == (Reason.OTHER_BODY, "housing")
    assert isinstance(
        take(Closed(), DUTY, as_of(*HELD, (PLANNING, ReturnedAsWrong("错")), *LEAD_DONE)), Closed
    )


def test_what_it_has_done_it_does_not_hand_back() -> None:
    done = as_of(*HELD, (PLANNING, Rectified("已处理")))
    assert refused(ReturnedAsWrong("不属于本单位职责"), PLANNING, done) == (Reason.ALREADY_DONE, "rectify")


def test_it_goes_on_while_the_lead_is_sought_anew() -> None:
    sought = as_of(*HELD, (HOUSING, ReturnedAsWrong("不属于本单位职责")))
    assert sought.trace.lead is None
    assert possible_steps(sought, PLANNING) == (Signed, ReturnedAsWrong, Arrived, Rectified)
    assert possible_steps(sought, HOUSING) == ()


def test_after_a_bounce_it_begins_anew() -> None:
    part = ((PLANNING, Signed()), (PLANNING, Arrived()), (PLANNING, Rectified("已处理")))
    bounced = as_of(*HELD, *part, (HOUSING, Rectified("停工")), (DUTY, Revisited(False, "又响了")))
    assert Arrived in possible_steps(bounced, PLANNING)


def test_a_paused_ticket_is_paused_for_all() -> None:
    paused = as_of(*HELD, (DUTY, Paused("等待检测", DUTY.name)))
    assert refused(Signed(), PLANNING, paused)[0] is Reason.PAUSED


def test_without_clocks_of_its_own_it_has_no_step() -> None:
    ticket = as_of(*HELD, policy=STANDARD)
    assert possible_steps(ticket, PLANNING) == ()
    assert refused(Signed(), PLANNING, ticket) == (Reason.OTHER_BODY, "housing")


# --- where, and when --------------------------------------------------------------------------------------

HERE = wgs84_of(Datum.WGS84, 117.185, 34.2612)


def test_the_distance_follows_from_the_position() -> None:
    found = take(
        Arrived(5.0, lng=HERE.lng, lat=HERE.lat, source="GCJ-02"), HOUSING, as_of(*HELD, lng=117.1846)
    )
    assert isinstance(found, Arrived)
    # 0.0004° of longitude: 111.195 km * cos(34.2612°) * 0.0004.
    assert found.distance_m == pytest.approx(36.8, abs=0.1)
    assert (found.lng, found.lat, found.source) == (117.185, 34.2612, "GCJ-02")


def test_without_a_point_of_the_ticket_the_position_stands_alone() -> None:
    found = take(Arrived(5.0, lng=HERE.lng, lat=HERE.lat), HOUSING, as_of(*HELD))
    assert found == Arrived(5.0, lng=HERE.lng, lat=HERE.lat)


@pytest.mark.parametrize(("lng", "lat"), [(181.0, 34.0), (117.0, 91.0), (float("nan"), 34.0), (117.0, None)])
def test_what_is_no_position_is_refused(lng: float, lat: float | None) -> None:
    assert refused(Arrived(lng=lng, lat=lat), HOUSING, as_of(*HELD))[0] is Reason.BAD_POSITION


def test_nobody_was_there_before_the_complaint_or_will_have_been() -> None:
    ticket = as_of(*HELD)
    for moment, reason in (
        (START - timedelta(minutes=1), Reason.BEFORE_RECEPTION),
        (ticket.as_of + timedelta(minutes=1), Reason.NOT_HAPPENED_YET),
    ):
        assert refused(Arrived(on_site_at=moment), HOUSING, ticket)[0] is reason
        told = as_of(*HELD, (HOUSING, Rectified("停工")))
        moment = moment if reason is Reason.BEFORE_RECEPTION else told.as_of + timedelta(minutes=1)
        assert refused(FedBack("电话", "已告知", moment), HOUSING, told)[0] is reason
    assert take(Arrived(on_site_at=START), HOUSING, ticket) == Arrived(on_site_at=START)
