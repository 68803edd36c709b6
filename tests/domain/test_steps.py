"""Who may take which step of a ticket when, and what each has to say (product.md, Rights and procedure)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.case_events import CaseFact, SupervisionSignedOff
from domain.city import BodyKind
from domain.clock import TicketClock, clock
from domain.codec import decode, encode
from domain.drafts import StepDraft
from domain.events import (
    KINDS,
    Accepted,
    Arrived,
    Chased,
    Closed,
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
from domain.node_clock import NodeEnd
from domain.nodes import Node, NodeStatus
from domain.orders import LONGEST_NAME, LONGEST_TEXT
from domain.people import PLATFORM, SYSTEM, Actor, Role
from domain.policy import Policy
from domain.rights import COMMAND_OF, RIGHTS, Command, Reason, RefusedError
from domain.site_reports import FARTHEST, MOST_EVIDENCE
from domain.steps import (
    LARGEST_AMOUNT,
    NODE_OF,
    STEPS,
    check_step,
    consequence,
    possible_steps,
    take_step,
)
from domain.urgency import Urgency
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, STANDARD, at, policy_of, received

START = at("2026-09-17 16:00")
BODIES = {
    PLATFORM: BodyKind.PLATFORM,
    "discipline": BodyKind.DISCIPLINE,
    "housing": BodyKind.RESPONSIBLE,
    "ecology": BodyKind.RESPONSIBLE,
    "planning": BodyKind.RESPONSIBLE,
}
PHOTO = "ab" * 32
LATER = START + timedelta(days=300)

ACTORS = {
    Role.WALL: Actor(Role.WALL, "大屏"),
    Role.DUTY: DUTY,
    Role.HANDLER: HOUSING,
    Role.DISCIPLINE: Actor(Role.DISCIPLINE, "孙静", "discipline"),
    Role.LEADER: Actor(Role.LEADER, "李强"),
    Role.ADMIN: Actor(Role.ADMIN, "管理员"),
    Role.SYSTEM: SYSTEM,
}

SAID: dict[type[Fact], Fact] = {
    Accepted: Accepted(),
    Dispatched: Dispatched("housing", ("planning",), "责任清单 3.12"),
    Signed: Signed(),
    ReturnedAsWrong: ReturnedAsWrong("不属于本单位职责"),
    Arrived: Arrived(12.5, (PHOTO,), "已到场"),
    Rectified: Rectified("停工整改", True, (PHOTO,)),
    Filed: Filed("徐立〔2026〕1 号"),
    Penalised: Penalised("徐罚〔2026〕1 号", 20_000),
    FedBack: FedBack("电话", "已告知"),
    Revisited: Revisited(True, "满意"),
    PostChecked: PostChecked(True, "未复发"),
    Closed: Closed("已解决"),
    Resumed: Resumed(),
    Paused: Paused("等待检测报告", ""),
    Extended: Extended(Node.RECTIFY, LATER, "雨季", ""),
    JointSupervisionOpened: JointSupervisionOpened(("ecology", PLATFORM), "群众不满意"),
    Chased: Chased("请抓紧办理"),
}
"""One good fact of each step."""

TAKER = {step: DUTY if COMMAND_OF[step] is Command.RUN_PLATFORM_NODES else HOUSING for step in STEPS}


def as_of(
    *facts: Fact,
    policy: Policy = STANDARD,
    urgency: Urgency = Urgency.ORDINARY,
    by: Mapping[int, Actor] = MappingProxyType({}),
) -> TicketClock:
    """The clocks of a ticket to which these facts happened, an hour apart; `by` names who else took which."""
    events = [Event(START, SYSTEM, received(urgency))]
    for hours, fact in enumerate(facts, start=1):
        actor = by.get(hours - 1) or TAKER.get(type(fact), SYSTEM)
        events.append(Event(START + timedelta(hours=hours), actor, fact))
    return clock(events, policy, CALENDAR, START + timedelta(hours=len(facts) + 1))


def take(fact: Fact, ticket: TicketClock, actor: Actor | None = None) -> Event:
    return take_step(StepDraft("r", "T-1", fact), actor or TAKER[type(fact)], ticket, BODIES, ticket.as_of)


def refused(fact: Fact, ticket: TicketClock, actor: Actor | None = None) -> tuple[Reason, str]:
    with pytest.raises(RefusedError) as error:
        take(fact, ticket, actor)
    return error.value.reason, error.value.detail


A, D, S, AR = SAID[Accepted], SAID[Dispatched], SAID[Signed], SAID[Arrived]
RECTIFIED = Rectified("停工整改")
GUILTY = SAID[Rectified]
HELD = (A, D)

BEFORE: dict[type[Fact], tuple[Fact, ...]] = {
    Accepted: (),
    Dispatched: (A,),
    Signed: HELD,
    ReturnedAsWrong: HELD,
    Arrived: HELD,
    Rectified: HELD,
    Filed: (*HELD, S, AR, GUILTY),
    Penalised: (*HELD, S, AR, GUILTY, SAID[Filed]),
    FedBack: (*HELD, RECTIFIED),
    Revisited: (*HELD, RECTIFIED),
    PostChecked: (*HELD, RECTIFIED, SAID[FedBack], SAID[Revisited]),
    Closed: (*HELD, RECTIFIED, SAID[FedBack], SAID[Revisited], SAID[PostChecked]),
    Resumed: (*HELD, SAID[Paused]),
    Paused: HELD,
    Extended: HELD,
    JointSupervisionOpened: HELD,
    Chased: HELD,
}
"""What has happened when a step's time has come."""


def test_every_step_of_the_rights_table_is_here() -> None:
    of_tickets = (Command.RUN_PLATFORM_NODES, Command.RUN_BODY_NODES)
    beside = set(get_args(CaseFact))
    assert set(STEPS) == {f for f, command in COMMAND_OF.items() if command in of_tickets} - beside
    assert set(SAID) == set(BEFORE) == set(STEPS)
    assert set(NODE_OF.values()) == set(Node)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_step_in_its_time_is_for_those_who_have_the_right(step: type[Fact], role: Role) -> None:
    ticket, actor = as_of(*BEFORE[step]), ACTORS[role]
    if role in RIGHTS[COMMAND_OF[step]]:
        event = take(SAID[step], ticket, actor)
        assert (event.actor, event.at, type(event.fact)) == (actor, ticket.as_of, step)
        assert step in possible_steps(ticket, actor)
    else:
        assert refused(SAID[step], ticket, actor)[0] is Reason.ROLE
        assert step not in possible_steps(ticket, actor)


@pytest.mark.parametrize("kind", sorted(set(KINDS.values()) - set(STEPS), key=str))
@pytest.mark.parametrize("role", Role)
def test_nothing_else_is_a_step(kind: type[Fact], role: Role) -> None:
    with pytest.raises(RefusedError) as error:
        check_step(kind, ACTORS[role], as_of(*HELD))
    assert (error.value.reason, error.value.detail) == (Reason.BAD_DATA, kind.__name__)


BODY_STEPS = [step for step in STEPS if COMMAND_OF[step] is Command.RUN_BODY_NODES]


@pytest.mark.parametrize("step", BODY_STEPS, ids=lambda step: step.__name__)
def test_another_body_takes_no_step(step: type[Fact]) -> None:
    ticket = as_of(*BEFORE[step])
    assert refused(SAID[step], ticket, ECOLOGY) == (Reason.OTHER_BODY, "housing")
    assisting = Actor(Role.HANDLER, "赵刚", "planning")
    assert refused(SAID[step], ticket, assisting)[0] is Reason.OTHER_BODY
    nobodys = Actor(Role.HANDLER, "无名")
    assert refused(SAID[step], ticket, nobodys)[0] is Reason.OTHER_BODY
    assert possible_steps(ticket, ECOLOGY) == ()


@pytest.mark.parametrize("step", BODY_STEPS, ids=lambda step: step.__name__)
def test_before_the_dispatch_and_after_a_return_no_body_has_a_step(step: type[Fact]) -> None:
    assert refused(SAID[step], as_of(A))[0] is Reason.NOT_DISPATCHED
    assert refused(SAID[step], as_of(*HELD, SAID[ReturnedAsWrong]))[0] is Reason.NOT_DISPATCHED


def test_who_gets_a_returned_ticket_begins_anew() -> None:
    ticket = as_of(*HELD, S, SAID[ReturnedAsWrong], Dispatched("ecology"))
    assert possible_steps(ticket, ECOLOGY) == (Signed, ReturnedAsWrong, Arrived, Rectified)
    assert possible_steps(ticket, HOUSING) == ()


NODE_STEPS = [step for step in NODE_OF if step not in (Closed, Dispatched)]


@pytest.mark.parametrize("step", NODE_STEPS, ids=lambda step: step.__name__)
def test_a_step_is_taken_once(step: type[Fact]) -> None:
    ticket = as_of(*BEFORE[step], SAID[step])
    assert refused(SAID[step], ticket) == (Reason.ALREADY_DONE, NODE_OF[step].value)
    assert step not in possible_steps(ticket, TAKER[step])


def test_a_ticket_is_dispatched_once_until_it_comes_back() -> None:
    assert refused(D, as_of(*HELD)) == (Reason.ALREADY_DONE, "dispatch")
    assert Dispatched in possible_steps(as_of(*HELD, SAID[ReturnedAsWrong]), DUTY)


@pytest.mark.parametrize(
    ("fact", "before", "first"),
    [
        (SAID[FedBack], HELD, "rectify"),
        (SAID[Revisited], HELD, "rectify"),
        (SAID[PostChecked], HELD, "rectify"),
        (SAID[PostChecked], (*HELD, RECTIFIED), "revisit"),
        (SAID[Closed], HELD, "rectify"),
        (SAID[Closed], (*HELD, RECTIFIED, SAID[Revisited]), "post_check"),
        (SAID[Filed], HELD, "rectify"),
        (SAID[Penalised], HELD, "rectify"),
        (SAID[Penalised], (*HELD, GUILTY), "file"),
    ],
)
def test_a_step_waits_for_what_comes_before_it(fact: Fact, before: tuple[Fact, ...], first: str) -> None:
    assert refused(fact, as_of(*before)) == (Reason.NOT_YET, first)


@pytest.mark.parametrize("fact", [SAID[Filed], SAID[Penalised]])
def test_no_case_without_a_violation(fact: Fact) -> None:
    assert refused(fact, as_of(*HELD, RECTIFIED))[0] is Reason.NO_VIOLATION


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_closed_ticket_is_closed(step: type[Fact]) -> None:
    ticket = as_of(*BEFORE[Closed], SAID[Closed])
    assert refused(SAID[step], ticket)[0] is Reason.TICKET_CLOSED
    assert possible_steps(ticket, TAKER[step]) == ()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_paused_ticket_waits_to_be_resumed(step: type[Fact]) -> None:
    ticket = as_of(*BEFORE[step], *([] if step is Resumed else [SAID[Paused]]))
    if step in (Resumed, Chased, JointSupervisionOpened):
        take(SAID[step], ticket)
    else:
        assert refused(SAID[step], ticket)[0] is Reason.PAUSED
    assert possible_steps(ticket, DUTY) == (Resumed, JointSupervisionOpened, Chased)
    assert possible_steps(ticket, HOUSING) == ()


def test_only_what_is_paused_is_resumed() -> None:
    assert refused(Resumed(), as_of(*HELD))[0] is Reason.NOT_PAUSED
    assert refused(Resumed(), as_of(*HELD, SAID[Paused], Resumed()))[0] is Reason.NOT_PAUSED


def test_what_a_body_owes_keeps_a_ticket_open() -> None:
    done = (*HELD, GUILTY, SAID[Revisited], SAID[PostChecked])
    assert refused(SAID[Closed], as_of(*done)) == (Reason.UNFINISHED, "file")
    assert refused(SAID[Closed], as_of(*done, SAID[Filed])) == (Reason.UNFINISHED, "penalise")
    assert refused(SAID[Closed], as_of(*done, SAID[Filed], SAID[Penalised])) == (
        Reason.UNFINISHED,
        "feed_back",
    )
    take(SAID[Closed], as_of(*done, SAID[Filed], SAID[Penalised], SAID[FedBack]))


def test_a_ticket_stays_open_until_its_supervisors_have_signed_it_off() -> None:
    """Y17: both of them, and those of the last joint supervision."""
    done = (*BEFORE[Closed][:3], SAID[JointSupervisionOpened], *BEFORE[Closed][3:])
    assert refused(SAID[Closed], as_of(*done)) == (Reason.SUPERVISION_OPEN, "2")
    half = (*done, SupervisionSignedOff("已核实"))
    by = {len(done): DUTY, len(half): ECOLOGY}
    assert refused(SAID[Closed], as_of(*half, by=by)) == (Reason.SUPERVISION_OPEN, "1")
    whole = as_of(*half, SupervisionSignedOff("同意"), by=by)
    assert whole.trace.supervisors == ()
    take(SAID[Closed], whole)


def test_what_is_done_is_not_sent_back_as_wrong() -> None:
    assert refused(SAID[ReturnedAsWrong], as_of(*HELD, RECTIFIED)) == (Reason.ALREADY_DONE, "rectify")


def test_a_procedure_without_a_node_has_no_such_step() -> None:
    ticket = as_of(policy=policy_of("reply"))
    assert refused(A, ticket) == (Reason.NO_SUCH_NODE, "accept")
    assert possible_steps(ticket, DUTY) == (Dispatched, Paused, Extended, JointSupervisionOpened, Chased)
    held = as_of(D, policy=policy_of("reply"))
    assert possible_steps(held, HOUSING) == (ReturnedAsWrong, FedBack)
    assert refused(D, held) == (Reason.NO_SUCH_NODE, "dispatch")


@pytest.mark.parametrize(
    "fact",
    [
        ReturnedAsWrong(" "),
        Rectified(" \n"),
        Filed(""),
        Penalised("\x00", 5),
        FedBack("　", "已告知"),
        Revisited(False),
        PostChecked(False, " "),
        Paused("", "王磊"),
        Extended(Node.RECTIFY, LATER, "", "王磊"),
        JointSupervisionOpened(("ecology",), ""),
        Chased(""),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_step_says_why_or_what(fact: Fact) -> None:
    ticket = as_of(*BEFORE[type(fact)])
    assert refused(fact, ticket)[0] is Reason.NO_TEXT


LONG = "长" * (LONGEST_TEXT + 1)
LONG_NAME = "长" * (LONGEST_NAME + 1)


@pytest.mark.parametrize(
    "fact",
    [
        Dispatched("housing", (), LONG_NAME),
        ReturnedAsWrong(LONG),
        Arrived(None, (), LONG),
        Rectified(LONG),
        Filed(LONG_NAME),
        Penalised(LONG_NAME),
        FedBack(LONG_NAME),
        FedBack("电话", LONG),
        Revisited(True, LONG),
        Revisited(False, LONG),
        PostChecked(True, LONG),
        Closed(LONG),
        Paused(LONG, ""),
        Extended(Node.RECTIFY, LATER, LONG, ""),
        JointSupervisionOpened(("ecology",), LONG),
        Chased(LONG),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_step_is_no_novel(fact: Fact) -> None:
    assert refused(fact, as_of(*BEFORE[type(fact)]))[0] is Reason.TEXT_TOO_LONG


@pytest.mark.parametrize(
    ("fact", "reason", "detail"),
    [
        (Dispatched("nobody"), Reason.UNKNOWN_BODY, "nobody"),
        (Dispatched(PLATFORM), Reason.UNKNOWN_BODY, PLATFORM),
        (Dispatched("discipline"), Reason.UNKNOWN_BODY, "discipline"),
        (Dispatched("housing", ("nobody",)), Reason.UNKNOWN_BODY, "nobody"),
        (JointSupervisionOpened((), "不满意"), Reason.NO_RECEIVERS, ""),
        (JointSupervisionOpened(("nobody",), "不满意"), Reason.UNKNOWN_BODY, "nobody"),
        (Arrived(-0.5), Reason.BAD_DISTANCE, str(FARTHEST)),
        (Arrived(float("nan")), Reason.BAD_DISTANCE, str(FARTHEST)),
        (Arrived(float("inf")), Reason.BAD_DISTANCE, str(FARTHEST)),
        (Arrived(evidence=("../photo.jpg",)), Reason.BAD_EVIDENCE, str(MOST_EVIDENCE)),
        (Rectified("停工", evidence=(PHOTO + "\n",)), Reason.BAD_EVIDENCE, str(MOST_EVIDENCE)),
        (
            Rectified("停工", evidence=tuple(f"{n:064x}" for n in range(MOST_EVIDENCE + 1))),
            Reason.BAD_EVIDENCE,
            str(MOST_EVIDENCE),
        ),
        (Penalised("徐罚", -1), Reason.BAD_AMOUNT, str(LARGEST_AMOUNT)),
        (Penalised("徐罚", LARGEST_AMOUNT + 1), Reason.BAD_AMOUNT, str(LARGEST_AMOUNT)),
        (Extended(Node.FEED_BACK, LATER, "雨季", ""), Reason.NOT_RUNNING, "feed_back"),
        (Extended(Node.RECTIFY, START, "雨季", ""), Reason.DEADLINE_PAST, ""),
        (Extended(Node.RECTIFY, LATER.replace(year=9999), "雨季", ""), Reason.DEADLINE_TOO_FAR, "10"),
    ],
)
def test_what_cannot_be_is_refused(fact: Fact, reason: Reason, detail: str) -> None:
    assert refused(fact, as_of(*BEFORE[type(fact)])) == (reason, detail)


def test_an_extension_gives_time() -> None:
    ticket = as_of(*HELD)
    (due,) = [n.due_at for n in ticket.trace.open_nodes if n.node is Node.RECTIFY]
    assert due is not None
    assert refused(Extended(Node.RECTIFY, due, "雨季", ""), ticket)[0] is Reason.DUE_NOT_LATER
    event = take(Extended(Node.RECTIFY, due + timedelta(minutes=1), " 雨季 ", "别人"), ticket)
    assert event.fact == Extended(Node.RECTIFY, due + timedelta(minutes=1), "雨季", DUTY.name)


def test_what_has_no_due_time_is_not_extended() -> None:
    ticket = as_of(D, policy=policy_of("source-due"))
    assert refused(SAID[Extended], ticket) == (Reason.NO_DUE_TIME, "rectify")
    assert Extended not in possible_steps(ticket, DUTY)


def test_who_approves_a_pause_is_who_enters_it() -> None:
    assert take(Paused("等待检测报告", "李强"), as_of(*HELD)).fact == Paused("等待检测报告", DUTY.name)


@pytest.mark.parametrize(
    ("fact", "written"),
    [
        (
            Dispatched("housing", ("planning", "housing", "planning"), "  "),
            Dispatched("housing", ("planning",), None),
        ),
        (Arrived(12.34, (PHOTO, PHOTO), " 已到\r\n场\x07 "), Arrived(12.3, (PHOTO,), "已到\n场")),
        (Arrived(-0.0), Arrived(0.0)),
        (Rectified("\ud800停工 "), Rectified("停工")),
        (
            JointSupervisionOpened(("ecology", "ecology"), "不满意"),
            JointSupervisionOpened(("ecology",), "不满意"),
        ),
        (Closed(" "), Closed("")),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_what_is_said_is_tidied(fact: Fact, written: Fact) -> None:
    found = take(fact, as_of(*BEFORE[type(fact)])).fact
    assert found == written
    assert encode(found) == encode(written)  # 0.0 is not -0.0 in the log


@pytest.mark.parametrize("fact", [Revisited(False, "噪声仍在"), PostChecked(False, "又有扬尘")])
def test_work_found_wanting_is_put_under_joint_supervision(fact: Fact) -> None:
    ticket = as_of(*BEFORE[type(fact)])
    event = take(fact, ticket)
    follows = consequence(event, ticket, BODIES)
    assert follows is not None
    text = fact.text  # type: ignore[union-attr]
    assert follows == replace(event, fact=JointSupervisionOpened((PLATFORM, "planning"), text))


@pytest.mark.parametrize("step", [s for s in STEPS if s is not JointSupervisionOpened])
def test_nothing_else_follows_by_itself(step: type[Fact]) -> None:
    ticket = as_of(*BEFORE[step])
    assert consequence(take(SAID[step], ticket), ticket, BODIES) is None


# --- whatever people try ----------------------------------------------------------------------------------

TEXTS = st.sampled_from(["已办理", "", " ", LONG, "\x00"]) | st.text(max_size=20)
KEYS = st.sampled_from([*BODIES, "nobody"])
SUMS = st.lists(st.sampled_from([PHOTO, "cd" * 32, "no sum"]), max_size=3).map(tuple)
TRIED: st.SearchStrategy[Fact] = st.one_of(
    st.sampled_from([*SAID.values(), Revisited(False, "不满意"), PostChecked(False, "复发")]),
    st.sampled_from([*SAID.values(), RECTIFIED]),
    st.builds(Dispatched, KEYS, st.lists(KEYS, max_size=3).map(tuple), st.none() | TEXTS),
    st.builds(ReturnedAsWrong, TEXTS),
    st.builds(Arrived, st.none() | st.floats(), SUMS, TEXTS),
    st.builds(Rectified, TEXTS, st.booleans(), SUMS),
    st.builds(Penalised, TEXTS, st.integers()),
    st.builds(Revisited, st.booleans(), TEXTS),
    st.builds(PostChecked, st.booleans(), TEXTS),
    st.builds(Paused, TEXTS, TEXTS),
    st.builds(
        Extended,
        st.sampled_from(Node),
        st.integers(-5, 500).map(lambda d: START + timedelta(days=d)),
        TEXTS,
        TEXTS,
    ),
    st.builds(JointSupervisionOpened, st.lists(KEYS, max_size=3).map(tuple), TEXTS),
)
PEOPLE = st.sampled_from([DUTY, HOUSING, ECOLOGY, ACTORS[Role.LEADER], ACTORS[Role.WALL]])
POLICIES = [STANDARD, policy_of("reply"), policy_of("source-due")]


def offered(ticket: TicketClock) -> list[tuple[Actor, type[Fact]]]:
    return [(actor, step) for actor in (DUTY, HOUSING, ECOLOGY) for step in possible_steps(ticket, actor)]


@given(st.data(), st.sampled_from(POLICIES), st.sampled_from(Urgency), st.integers(5, 25))
@settings(max_examples=120)
def test_whatever_people_do_the_clocks_can_be_told(
    data: st.DataObject, policy: Policy, urgency: Urgency, count: int
) -> None:
    """Half of the tries are what the window offers, and pass; half are anything at all by anybody."""
    events = [Event(START, SYSTEM, received(urgency))]
    now = START
    for _ in range(count):
        now += timedelta(minutes=data.draw(st.sampled_from([0, 1, 30, 600, 6000])))
        ticket = clock(events, policy, CALENDAR, now)
        choices = offered(ticket)
        if choices and data.draw(st.booleans()):
            actor, step = data.draw(st.sampled_from(choices))
            event = take(good(step, ticket), ticket, actor)
        else:
            actor, fact = data.draw(PEOPLE), data.draw(TRIED)
            try:
                event = take(fact, ticket, actor)
            except RefusedError:
                continue
        assert type(event.fact) in possible_steps(ticket, actor)
        assert decode(*encode(event.fact)) == event.fact
        events.append(event)
        must_hold_after(event, ticket, clock(events, policy, CALENDAR, now))
        follows = consequence(event, ticket, BODIES)
        if follows is not None:
            events.append(follows)


def good(step: type[Fact], ticket: TicketClock) -> Fact:
    if step is not Extended:
        return SAID[step]
    running = next(n for n in ticket.trace.open_nodes if n.due_at is not None)
    assert running.due_at is not None
    due = max(running.due_at, ticket.as_of) + timedelta(days=1)
    return Extended(running.node, due, "雨季", "")


def must_hold_after(event: Event, before: TicketClock, after: TicketClock) -> None:
    """A step does what it says: it ends its node's clock in the actor's name, or stops or moves clocks."""
    fact, now = event.fact, event.at
    node = NODE_OF.get(type(fact))
    running = {n.node: n for n in before.trace.open_nodes}
    if node in running:
        key = (running[node].round, running[node].leg, node)
        (ended,) = [n for n in after.trace.nodes if (n.round, n.leg, n.node) == key]
        assert (ended.end, ended.ended_at, ended.person) == (NodeEnd.DONE, now, event.actor.name)
    skipped = {n.node for n in after.trace.nodes if n.end is NodeEnd.SKIPPED and n.ended_at == now}
    match fact:
        case Dispatched(lead=lead):
            assert after.trace.lead == lead
        case ReturnedAsWrong():
            assert after.trace.lead is None
        case Paused():
            assert {after.status(n) for n in after.trace.open_nodes} <= {
                NodeStatus.PAUSED,
                NodeStatus.OVERDUE,
            }
        case Resumed():
            assert not any(n.paused for n in after.trace.open_nodes)
        case Extended(node=extended, due=due):
            (moved,) = [n for n in after.trace.open_nodes if n.node is extended]
            assert moved.due_at == due
            assert after.status(moved) is not NodeStatus.OVERDUE
        case Closed():
            assert after.trace.closed_at == now
            assert not skipped & {Node.FILE, Node.PENALISE, Node.FEED_BACK}
        case Revisited(satisfied=False) | PostChecked(passed=False):
            assert after.trace.round == before.trace.round + 1
