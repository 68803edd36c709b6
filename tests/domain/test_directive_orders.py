"""A directive's course: who may do what to it, in which order, and what each has to say (T20, X03)."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.directive import Directive, fold_directive
from domain.directive_orders import (
    feed_back,
    issue_directive,
    judge_feedback,
    references,
    sign_directive,
    withdraw_directive,
)
from domain.drafts import DirectiveDraft, FeedBackDraft, JudgeDraft, SignDirectiveDraft, WithdrawDraft
from domain.events import (
    Accepted,
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveReferred,
    DirectiveSigned,
    DirectiveWithdrawn,
    Event,
    Fact,
)
from domain.people import Actor, Role
from domain.rights import RIGHTS, Command, Reason, RefusedError
from tests.domain.city import DUTY, ECOLOGY, HOUSING, at

NOW = at("2026-09-17 16:00")
LEADER = Actor(Role.LEADER, "李强")
ACTORS = {
    Role.WALL: Actor(Role.WALL, "大屏"),
    Role.DUTY: DUTY,
    Role.HANDLER: HOUSING,
    Role.DISCIPLINE: Actor(Role.DISCIPLINE, "孙静"),
    Role.LEADER: LEADER,
    Role.ADMIN: Actor(Role.ADMIN, "管理员"),
}
ISSUED = DirectiveIssued("今晚停工", ("housing", "ecology"), NOW + timedelta(hours=12))
SIGNED, FED_BACK = DirectiveSigned("housing"), DirectiveFedBack("housing", "已停工")
ACCEPTED, SENT_BACK = DirectiveJudged("housing", True), DirectiveJudged("housing", False, "未附照片")
WITHDRAWN = DirectiveWithdrawn("情况有变")

SIGN = SignDirectiveDraft("r", "D-1", "housing")
FEED = FeedBackDraft("r", "D-1", "housing", " 已停工 ")
JUDGE = JudgeDraft("r", "D-1", "housing", True)
WITHDRAW = WithdrawDraft("r", "D-1", "情况有变")
Answer = SignDirectiveDraft | FeedBackDraft | JudgeDraft | WithdrawDraft


def directive(*facts: Fact) -> Directive:
    by = {True: LEADER, False: HOUSING}
    leaders = (DirectiveIssued, DirectiveJudged, DirectiveWithdrawn)
    return fold_directive("D-1", [Event(NOW, by[isinstance(f, leaders)], f) for f in (ISSUED, *facts)])


def decide(draft: Answer, actor: Actor, *facts: Fact) -> Event:
    to = directive(*facts)
    match draft:
        case SignDirectiveDraft():
            return sign_directive(draft, actor, to, NOW)
        case FeedBackDraft():
            return feed_back(draft, actor, to, NOW)
        case JudgeDraft():
            return judge_feedback(draft, actor, to, NOW)
        case WithdrawDraft():
            return withdraw_directive(draft, actor, to, NOW)


def refused(draft: Answer, actor: Actor, *facts: Fact) -> Reason:
    with pytest.raises(RefusedError) as error:
        decide(draft, actor, *facts)
    return error.value.reason


IN_TIME: list[tuple[Answer, Command, tuple[Fact, ...], Fact]] = [
    (SIGN, Command.ANSWER_DIRECTIVE, (), SIGNED),
    (FEED, Command.ANSWER_DIRECTIVE, (SIGNED,), FED_BACK),
    (FEED, Command.ANSWER_DIRECTIVE, (SIGNED, FED_BACK, SENT_BACK), FED_BACK),
    (JUDGE, Command.ISSUE_DIRECTIVE, (SIGNED, FED_BACK), ACCEPTED),
    (JUDGE, Command.ISSUE_DIRECTIVE, (SIGNED, FED_BACK, SENT_BACK, FED_BACK), ACCEPTED),
    (
        replace(JUDGE, accepted=False, text="未附照片"),
        Command.ISSUE_DIRECTIVE,
        (SIGNED, FED_BACK),
        SENT_BACK,
    ),
    (WITHDRAW, Command.ISSUE_DIRECTIVE, (), WITHDRAWN),
    (WITHDRAW, Command.ISSUE_DIRECTIVE, (SIGNED, FED_BACK), WITHDRAWN),
]


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize(("draft", "command", "before", "fact"), IN_TIME)
def test_each_answer_is_for_those_who_have_the_right(
    draft: Answer, command: Command, before: tuple[Fact, ...], fact: Fact, role: Role
) -> None:
    actor = ACTORS[role]
    if role in RIGHTS[command]:
        assert decide(draft, actor, *before) == Event(NOW, actor, fact)
    else:
        assert refused(draft, actor, *before) is Reason.ROLE


@pytest.mark.parametrize("role", ACTORS)
def test_only_a_leader_issues(role: Role) -> None:
    draft = DirectiveDraft(
        "r", "停工", ("housing", "housing"), NOW + timedelta(hours=1), tickets=("T-1", "T-1")
    )
    if role is not Role.LEADER:
        with pytest.raises(RefusedError) as error:
            issue_directive(draft, ACTORS[role], ["housing"], ["T-1"], NOW)
        assert error.value.reason is Reason.ROLE
        return
    event = issue_directive(draft, LEADER, ["housing"], ["T-1"], NOW)
    assert event.fact == DirectiveIssued("停工", ("housing",), draft.deadline, tickets=("T-1",))
    referred = DirectiveReferred("D-1", "停工", ("housing",), draft.deadline)
    assert references("D-1", event) == {"T-1": Event(NOW, LEADER, referred)}


@pytest.mark.parametrize(
    ("draft", "before", "reason"),
    [
        (SIGN, (SIGNED,), Reason.ALREADY_SIGNED),
        (FEED, (), Reason.NOT_SIGNED),
        (FEED, (SIGNED, FED_BACK), Reason.ALREADY_FED_BACK),
        (FEED, (SIGNED, FED_BACK, ACCEPTED), Reason.ALREADY_JUDGED),
        (replace(FEED, text=" "), (SIGNED,), Reason.NO_TEXT),
        (replace(FEED, text="长" * 2001), (SIGNED,), Reason.TEXT_TOO_LONG),
        (JUDGE, (), Reason.NOT_FED_BACK),
        (JUDGE, (SIGNED,), Reason.NOT_FED_BACK),
        (JUDGE, (SIGNED, FED_BACK, SENT_BACK), Reason.NOT_FED_BACK),
        (JUDGE, (SIGNED, FED_BACK, ACCEPTED), Reason.ALREADY_JUDGED),
        (replace(JUDGE, accepted=False), (SIGNED, FED_BACK), Reason.NO_TEXT),
        (replace(JUDGE, body="police"), (), Reason.NOT_A_RECEIVER),
        (replace(WITHDRAW, reason=""), (), Reason.NO_TEXT),
        (WITHDRAW, (WITHDRAWN,), Reason.WITHDRAWN),
        (SIGN, (WITHDRAWN,), Reason.WITHDRAWN),
        (FEED, (SIGNED, WITHDRAWN), Reason.WITHDRAWN),
        (JUDGE, (SIGNED, FED_BACK, WITHDRAWN), Reason.WITHDRAWN),
    ],
)
def test_what_is_out_of_order_is_refused(draft: Answer, before: tuple[Fact, ...], reason: Reason) -> None:
    actor = HOUSING if isinstance(draft, SignDirectiveDraft | FeedBackDraft) else LEADER
    assert refused(draft, actor, *before) is reason


@pytest.mark.parametrize("draft", [SIGN, FEED])
def test_nobody_answers_for_another_body(draft: Answer) -> None:
    assert refused(draft, ECOLOGY) is Reason.OTHER_BODY
    assert refused(draft, Actor(Role.HANDLER, "无名")) is Reason.OTHER_BODY


def test_a_body_that_did_not_receive_it_does_not_answer() -> None:
    police = Actor(Role.HANDLER, "赵刚", "police")
    assert refused(replace(SIGN, body="police"), police) is Reason.NOT_A_RECEIVER


def test_a_directive_begins_with_its_issue() -> None:
    for first in ([], [Event(NOW, HOUSING, SIGNED)]):
        with pytest.raises(ValueError, match="D-1"):
            fold_directive("D-1", first)


TRIED = st.sampled_from(
    [SIGN, FEED, JUDGE, replace(JUDGE, accepted=False, text="未附照片"), replace(SIGN, body="ecology")]
) | st.just(WITHDRAW)


@given(st.lists(st.tuples(TRIED, st.sampled_from([HOUSING, ECOLOGY, LEADER, DUTY])), max_size=30))
@settings(max_examples=200)
def test_the_answers_of_each_receiver_stand_in_order(tries: list[tuple[Answer, Actor]]) -> None:
    facts: list[Fact] = []
    for draft, actor in tries:
        try:
            facts.append(decide(draft, actor, *facts).fact)
        except RefusedError:
            continue
    own = [type(fact) for fact in facts if getattr(fact, "body", "housing") == "housing"]
    answers = [kind for kind in own if kind is not DirectiveWithdrawn]
    assert answers[:1] in ([], [DirectiveSigned])
    assert answers.count(DirectiveSigned) <= 1
    assert all(a is not b for a, b in pairwise(answers))
    assert facts.count(WITHDRAWN) <= 1
    assert WITHDRAWN not in facts[:-1]  # nothing moves a directive that was withdrawn
    assert ACCEPTED not in [f for f in facts if getattr(f, "body", "") == "housing"][:-1]


def test_what_is_no_directive_refers_to_nothing() -> None:
    assert references("D-1", Event(NOW, LEADER, Accepted())) == {}
