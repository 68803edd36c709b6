"""Steps on tickets over the real server: by whom, once, and decided on the ticket as it stands."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from data_access import log
from data_access.rules import load_rules
from data_access.store import Store
from desktop.use_cases import tickets
from desktop.use_cases.by_draft import carry_out
from domain.case_events import SupervisionSignedOff
from domain.drafts import StepDraft
from domain.events import (
    Accepted,
    Arrived,
    Chased,
    Closed,
    DirectiveReferred,
    Dispatched,
    Event,
    Extended,
    Fact,
    FedBack,
    Filed,
    JointSupervisionOpened,
    Paused,
    Penalised,
    PostChecked,
    Rectified,
    Resumed,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.rights import COMMAND_OF, RIGHTS, Reason, RefusedError
from domain.steps import STEPS
from tests.desktop.orders.conftest import Seats, by, events, facts, flaw, now, put, step
from tests.domain.test_steps import BEFORE, HELD, SAID

PEOPLE = [(role, None) for role in Role if role not in (Role.SYSTEM, Role.HANDLER)]
PEOPLE += [(Role.HANDLER, "housing"), (Role.HANDLER, "ecology")]  # type: ignore[list-item]


HELPER = Actor(Role.HANDLER, "赵刚", "planning")


def held(store: Store, number: str = "T-1") -> None:
    put(store, number, [by(fact) for fact in HELD])


def good(kind: type[Fact]) -> Fact:
    return replace(SAID[kind], due=now() + timedelta(days=90)) if kind is Extended else SAID[kind]


def refused(store: Store, draft: StepDraft, actor: Actor) -> Reason:
    with pytest.raises(RefusedError) as error:
        tickets.take_step(store, draft, actor, now())
    return error.value.reason


def test_each_step_by_each_role(city: Store, seat: Seats) -> None:
    """First whoever may not, and nothing is written; then whoever may, and it is."""
    for kind in STEPS:
        number = f"T-{kind.__name__}"
        # What an assisting body owes keeps a ticket open, too (Y24).
        part = [(HELPER, Signed()), (HELPER, Arrived()), (HELPER, Rectified("已协助"))]
        put(city, number, [*map(by, BEFORE[kind]), *(part if kind is Closed else ())])
        before = facts(city, f"ticket/{number}")
        allowed = []
        for role, body in PEOPLE:
            if role in RIGHTS[COMMAND_OF[kind]] and body != "ecology":
                allowed.append((role, body))
                continue
            store, actor = seat(role, body)
            # Another body's ticket is not there for a handler who is signed in.
            why = (Reason.ROLE, Reason.OTHER_BODY, Reason.UNKNOWN_TICKET)
            assert refused(store, step(number, good(kind)), actor) in why
            assert facts(city, f"ticket/{number}") == before
        ((role, body),) = allowed
        store, actor = seat(role, body)
        assert tickets.take_step(store, step(number, good(kind)), actor, now()) == number
        assert facts(city, f"ticket/{number}") == [*before, kind.__name__]
        assert events(city, f"ticket/{number}")[-1].actor == actor
    assert flaw(city) is None


def test_a_whole_life(city: Store, seat: Seats) -> None:
    put(city, "T-1", [])
    housing, ecology = (Role.HANDLER, "housing"), (Role.HANDLER, "ecology")
    duty = (Role.DUTY, None)
    life = [
        (duty, Accepted()),
        (duty, Dispatched("ecology", ("planning",))),
        (ecology, ReturnedAsWrong("属住建职责")),
        (duty, Dispatched("housing")),
        (duty, Chased("请尽快签收")),
        (housing, Signed()),
        (housing, Arrived(12.5, ("ab" * 32,), "已到场")),
        (duty, Paused("等待检测", "")),
        (duty, Resumed()),
        (housing, Rectified("停工整改", True)),
        (housing, FedBack("电话", "已告知")),
        (duty, Revisited(False, "噪声仍在")),
        (housing, Signed()),
        (housing, Filed("徐立〔2026〕1 号")),
        (housing, Rectified("再次整改")),
        (housing, Penalised("徐罚〔2026〕1 号", 20_000)),
        (housing, FedBack("电话")),
        (duty, Revisited(True)),
        (duty, PostChecked(True)),
        (duty, SupervisionSignedOff("已核实")),
        (duty, Closed("已解决")),
    ]
    for who, fact in life:
        store, actor = seat(*who)
        carry_out(store, step("T-1", fact), actor, now())
    happened = [event.fact for event in events(city, "ticket/T-1")]
    assert happened.count(JointSupervisionOpened((PLATFORM,), "噪声仍在")) == 1
    assert [type(fact) for fact in happened if not isinstance(fact, JointSupervisionOpened)][1:] == [
        type(fact) for _, fact in life
    ]
    row = city.read(lambda c: c.exec_driver_sql("SELECT closed_at, round, bounces FROM ticket").one())
    assert row.closed_at is not None
    assert (row.round, row.bounces) == (2, 1)
    assert flaw(city) is None


def test_a_request_writes_once(city: Store, seat: Seats) -> None:
    held(city)
    store, actor = seat(Role.HANDLER, "housing")
    draft = step("T-1", Signed())
    assert [tickets.take_step(store, draft, actor, now()) for _ in range(3)] == ["T-1"] * 3
    assert facts(city, "ticket/T-1").count("Signed") == 1


def test_what_was_refused_writes_nothing(city: Store, seat: Seats) -> None:
    held(city)
    store, actor = seat(Role.HANDLER, "housing")
    before = events(city, "ticket/T-1")
    assert refused(store, step("T-1", FedBack("电话")), actor) is Reason.NOT_YET
    assert refused(store, step("T-1", Rectified(" ")), actor) is Reason.NO_TEXT
    assert refused(store, step("T-1", Rectified("长" * 2001)), actor) is Reason.TEXT_TOO_LONG
    assert refused(store, step("T-9", Signed()), actor) is Reason.UNKNOWN_TICKET
    store, actor = seat(Role.DUTY)
    assert (
        refused(store, step("T-1", Extended(Node.RECTIFY, now(), "雨季", "")), actor) is Reason.DEADLINE_PAST
    )
    assert (
        refused(store, step("T-1", JointSupervisionOpened(("nobody",), "不满意")), actor)
        is Reason.UNKNOWN_BODY
    )
    put(city, "T-2", [by(Accepted())])
    for lead in ("nobody", PLATFORM, "discipline"):
        assert refused(store, step("T-2", Dispatched(lead)), actor) is Reason.UNKNOWN_BODY
    assert events(city, "ticket/T-1") == before


def test_a_decision_on_what_has_moved_is_refused(city: Store, seat: Seats) -> None:
    held(city)
    seen = city.read(lambda c: log.head(c, "ticket/T-1")).version
    store, actor = seat(Role.HANDLER, "housing")
    tickets.take_step(store, step("T-1", Signed(), seen), actor, now())
    assert refused(store, step("T-1", Rectified("停工"), seen), actor) is Reason.CHANGED_MEANWHILE
    assert refused(store, step("T-1", Rectified("停工"), seen + 5), actor) is Reason.CHANGED_MEANWHILE
    tickets.take_step(store, step("T-1", Rectified("停工"), seen + 1), actor, now())


def test_a_note_beside_the_procedure_makes_no_decision_stale(city: Store, seat: Seats) -> None:
    held(city)
    seen = city.read(lambda c: log.head(c, "ticket/T-1")).version
    leader = Actor(Role.LEADER, "李强")
    note = Event(now(), leader, DirectiveReferred("D-1", "停工", ("housing",), now()))
    city.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-1", [note])]))
    store, actor = seat(Role.HANDLER, "housing")
    tickets.take_step(store, step("T-1", Signed(), seen), actor, now())
    assert facts(city, "ticket/T-1")[-2:] == ["DirectiveReferred", "Signed"]


def test_a_seat_whose_clock_is_slow_takes_no_step_twice(city: Store, seat: Seats) -> None:
    """What others did bears a later time than this seat's own: it has happened all the same."""
    held(city)
    store, actor = seat(Role.HANDLER, "housing")
    tickets.take_step(store, step("T-1", Signed()), actor, now())
    slow = now() - timedelta(minutes=3)
    with pytest.raises(RefusedError) as error:
        tickets.take_step(store, step("T-1", Signed()), actor, slow)
    assert error.value.reason is Reason.ALREADY_DONE
    tickets.take_step(store, step("T-1", Rectified("停工")), actor, slow)
    at = [event.at for event in events(city, "ticket/T-1")]
    assert at == sorted(at)


def test_who_approves_and_what_is_said_are_kept(city: Store, seat: Seats) -> None:
    held(city)
    store, actor = seat(Role.DUTY)
    tickets.take_step(store, step("T-1", Paused(" 等待检测报告 ", "李强")), actor, now())
    assert events(city, "ticket/T-1")[-1].fact == Paused("等待检测报告", actor.name)


def test_no_step_by_another_way(city: Store, seat: Seats) -> None:
    held(city)
    store, actor = seat(Role.DUTY)
    raised = StepDraft(str(uuid.uuid4()), "T-1", DirectiveReferred("D-1", "停工", ("housing",), now()))
    assert refused(store, raised, actor) is Reason.BAD_DATA
