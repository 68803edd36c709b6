"""Two seats give the same order in the same moment: one writes, the other is told why not."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from data_access import log
from data_access.rules import load_rules
from data_access.store import Store
from desktop.use_cases import directives, re_supervisions, tickets
from domain.drafts import (
    CloseFileDraft,
    DeclineDraft,
    DirectiveDraft,
    ExplainDraft,
    FeedBackDraft,
    FindDraft,
    JudgeDraft,
    ReSupervisionDraft,
    SignDirectiveDraft,
    WithdrawDraft,
)
from domain.events import (
    Accepted,
    Behaviour,
    Closed,
    Event,
    Fact,
    Rectified,
    ReSupervisionDrafted,
    ReSupervisionReferred,
    ReturnedAsWrong,
)
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role
from domain.rights import COMMAND_OF, Command, Reason, RefusedError
from domain.steps import NODE_OF
from tests.data_access.gate.conftest import SignIn
from tests.desktop.orders.conftest import by, events, facts, flaw, now, put, step
from tests.domain.test_steps import BEFORE, HELD, SAID

PLANNING = Actor(Role.HANDLER, "周航", "planning")
FILE = "Z-2026-0001"
SEATS = 3
Given = Callable[[Store, Actor], str]


def request() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def seats(sign_in: SignIn) -> Callable[..., list[Store]]:
    """As many sessions of somebody of a role, each with connections of its own."""
    return lambda role, body=None: [sign_in(role, body) for _ in range(SEATS)]


def at_once(orders: list[tuple[Store, Given]]) -> list[Reason | None]:
    """Give orders in one moment; return why each was refused, None for those that were written."""
    start = Barrier(len(orders))

    def give(order: tuple[Store, Given]) -> Reason | None:
        store, given = order
        actor = store.actor
        assert actor is not None
        start.wait(timeout=20)
        try:
            given(store, actor)
        except RefusedError as error:
            return error.reason
        return None

    with ThreadPoolExecutor(len(orders)) as pool:
        return sorted(pool.map(give, orders), key=str)


def one_of(reasons: list[Reason | None], *others: Reason) -> bool:
    """Whether one order was written, and all others were refused for one of these reasons."""
    return reasons.count(None) == 1 and {r for r in reasons if r is not None} <= set(others)


def step_by(fact: Fact, number: str) -> Given:
    return lambda store, actor: tickets.take_step(store, step(number, fact), actor, now())


def test_each_step_that_ends_a_node(city: Store, seats: Callable[..., list[Store]]) -> None:
    people = {
        Command.RUN_PLATFORM_NODES: seats(Role.DUTY),
        Command.RUN_BODY_NODES: seats(Role.HANDLER, "housing"),
    }
    for kind in NODE_OF:
        number = f"T-{kind.__name__}"
        # An assisting body owes nothing any more: it has sent its part back.
        gone = [(PLANNING, ReturnedAsWrong("与本单位无关"))] if kind is Closed else []
        put(city, number, [*(by(fact) for fact in BEFORE[kind]), *gone])
        found = at_once([(store, step_by(SAID[kind], number)) for store in people[COMMAND_OF[kind]]])
        assert one_of(found, Reason.ALREADY_DONE, Reason.TICKET_CLOSED), (kind, found)
        assert facts(city, f"ticket/{number}").count(kind.__name__) == 1
    assert flaw(city) is None


def test_a_return_and_a_result_at_once(city: Store, seats: Callable[..., list[Store]]) -> None:
    """Both fit the ticket as it stood; whichever comes first, the other does not."""
    put(city, "T-1", [by(fact) for fact in HELD])
    one, two, _ = seats(Role.HANDLER, "housing")
    orders = [(one, step_by(SAID[ReturnedAsWrong], "T-1")), (two, step_by(SAID[Rectified], "T-1"))]
    found = at_once(orders)
    # Sent back, the ticket is no longer there for who sent it.
    assert one_of(found, Reason.ALREADY_DONE, Reason.NOT_DISPATCHED, Reason.UNKNOWN_TICKET)
    assert len(facts(city, "ticket/T-1")) == 4
    assert flaw(city) is None


def test_each_answer_to_a_directive(city: Store, seats: Callable[..., list[Store]]) -> None:
    leaders, handlers = seats(Role.LEADER), seats(Role.HANDLER, "housing")
    draft = DirectiveDraft(request(), "今晚停工", ("housing",), now() + timedelta(hours=12))
    leader = leaders[0].actor
    assert leader is not None
    number = directives.issue_directive(leaders[0], draft, leader, now())

    def signed(store: Store, actor: Actor) -> str:
        return directives.sign_directive(
            store, SignDirectiveDraft(request(), number, "housing"), actor, now()
        )

    def fed_back(store: Store, actor: Actor) -> str:
        return directives.feed_back(
            store, FeedBackDraft(request(), number, "housing", "已停工"), actor, now()
        )

    def judged(store: Store, actor: Actor) -> str:
        return directives.judge_feedback(store, JudgeDraft(request(), number, "housing", True), actor, now())

    def withdrawn(store: Store, actor: Actor) -> str:
        return directives.withdraw_directive(store, WithdrawDraft(request(), number, "有变"), actor, now())

    course = [
        (handlers, signed, Reason.ALREADY_SIGNED),
        (handlers, fed_back, Reason.ALREADY_FED_BACK),
        (leaders, judged, Reason.ALREADY_JUDGED),
        (leaders, withdrawn, Reason.WITHDRAWN),
    ]
    for who, given, reason in course:
        assert one_of(at_once([(store, given) for store in who]), reason)
    assert len(facts(city, f"directive/{number}")) == 5
    assert flaw(city) is None


def draft_file(city: Store) -> None:
    put(city, "T-1", [by(fact) for fact in HELD])
    matter = Event(now(), SYSTEM, ReSupervisionDrafted("T-1", "housing", Node.SIGN, 1, "环节到期未办结"))
    referred = Event(now(), SYSTEM, ReSupervisionReferred(FILE, "drafted", "环节到期未办结"))
    additions = [log.Addition(f"re_supervision/{FILE}", [matter], 0), log.Addition("ticket/T-1", [referred])]
    city.write(lambda c: log.append(c, load_rules(c), additions))


def launched(store: Store, actor: Actor) -> str:
    draft = ReSupervisionDraft(
        request(), "T-1", "housing", "超期", "为何超时", now() + timedelta(days=1), Node.SIGN, 1, FILE
    )
    return re_supervisions.launch_re_supervision(store, draft, actor, now())


def declined(store: Store, actor: Actor) -> str:
    return re_supervisions.decline_re_supervision(
        store, DeclineDraft(request(), FILE, "时钟误差"), actor, now()
    )


def explained(store: Store, actor: Actor) -> str:
    return re_supervisions.explain(store, ExplainDraft(request(), FILE, "人手不足"), actor, now())


def found_slow(store: Store, actor: Actor) -> str:
    draft = FindDraft(request(), FILE, Behaviour.SLOWNESS, "签收拖延")
    return re_supervisions.find(store, draft, actor, now())


def closed(store: Store, actor: Actor) -> str:
    return re_supervisions.close_re_supervision(store, CloseFileDraft(request(), FILE, "谈话"), actor, now())


def test_each_step_of_a_file(city: Store, seats: Callable[..., list[Store]]) -> None:
    """A draft is launched by one and declined by another at once: both lock the file and its ticket."""
    draft_file(city)
    officers, handlers = seats(Role.DISCIPLINE), seats(Role.HANDLER, "housing")
    assert one_of(at_once([(store, launched) for store in officers]), Reason.NOT_A_DRAFT)
    assert one_of(at_once([(store, explained) for store in handlers]), Reason.ALREADY_EXPLAINED)
    assert one_of(at_once([(store, found_slow) for store in officers]), Reason.ALREADY_FOUND)
    assert one_of(at_once([(store, closed) for store in officers]), Reason.FILE_ENDED)
    assert len(events(city, f"re_supervision/{FILE}")) == 5
    assert flaw(city) is None


def test_a_draft_is_launched_or_declined(city: Store, seats: Callable[..., list[Store]]) -> None:
    draft_file(city)
    officers = seats(Role.DISCIPLINE)
    orders = [(officers[0], launched), (officers[1], declined), (officers[2], declined)]
    assert one_of(at_once(orders), Reason.NOT_A_DRAFT)
    assert len(facts(city, f"re_supervision/{FILE}")) == 2
    assert flaw(city) is None


def test_one_request_from_many_threads_writes_once(city: Store, seats: Callable[..., list[Store]]) -> None:
    put(city, "T-1", [])
    draft = step("T-1", Accepted())
    orders: list[tuple[Store, Given]] = [
        (store, lambda store, actor: tickets.take_step(store, draft, actor, now()))
        for store in seats(Role.DUTY)
    ]
    assert at_once(orders) == [None] * SEATS
    assert facts(city, "ticket/T-1") == ["Received", "Accepted"]
