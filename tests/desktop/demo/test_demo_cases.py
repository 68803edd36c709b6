"""The demo city's cases: each fact laid over a ticket would have been accepted from its actor just then."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from desktop.demo import DemoCity, generate
from desktop.demo.cases import RESTAURANTS
from desktop.demo.world import World, make_world
from domain.case import Case, Ending
from domain.case_fold import fold_case
from domain.case_orders import ORDERS, Standing, take_note
from domain.clock import clock
from domain.drafts import StepDraft
from domain.events import Event, Received

ANCHOR = datetime(2026, 11, 21, 20, 58, 13, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(ANCHOR)


@pytest.fixture(scope="module")
def told(world: World) -> dict[str, tuple[Event, ...]]:
    """The tickets with something beside the procedure."""
    city: DemoCity = generate(ANCHOR, tickets=600)
    return {
        name: events
        for name, events in city.streams.items()
        if name.startswith("ticket/") and any(isinstance(event.fact, ORDERS) for event in events)
    }


@pytest.fixture(scope="module")
def cases(told: dict[str, tuple[Event, ...]]) -> list[Case]:
    return [fold_case(events) for events in told.values()]


def test_every_fact_would_have_been_accepted(told: dict[str, tuple[Event, ...]], world: World) -> None:
    bodies = {body.key: body.kind for body in world.city.bodies}
    for name, events in told.items():
        assert isinstance(events[0].fact, Received)
        for position, event in enumerate(events):
            if not isinstance(event.fact, ORDERS):
                continue
            before = events[:position]
            clocks = clock(before, world.policy, world.calendar, event.at)
            standing = Standing(event.actor, fold_case(before), clocks, bodies, event.at)
            noted = take_note(StepDraft("r", name, event.fact), standing)
            assert noted.fact == event.fact, (name, event)


def test_there_is_one_of_each(cases: list[Case]) -> None:
    """B13, B22–B24, B26, Q09–Q12, Q19, T18, Y11, Y21, Y26."""
    assert any(len(case.subjects) == len(RESTAURANTS) == 15 for case in cases)
    decisions = [decision for case in cases for record in case.records for decision in record.decisions]
    assert any(decision.done for decision in decisions)
    assert any(decision.is_overdue(ANCHOR) for decision in decisions)
    assert any(case.open_questions for case in cases)
    assert any(question.answer and question.law for case in cases for question in case.questions)
    assert any(case.open_requests for case in cases)
    assert {bool(case.open_transfers) for case in cases if case.transfers} == {True, False}
    leads = [case.lead_in_charge for case in cases if case.lead_in_charge]
    assert len(set(leads)) >= 3
    assert len(leads) >= 12
    assert {mark.mark.value for case in cases for mark in case.standing_marks} == {"model", "warning"}
    assert any(case.plan for case in cases)
    assert {r.kind.value for case in cases for r in case.records} >= {
        "on_site_act", "plan", "consultation", "round_table", "notice", "spot_check"
    }  # fmt: skip
    assert not any(request.ending is Ending.LAPSED for case in cases for request in case.requests)
