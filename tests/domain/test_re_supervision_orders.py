"""A re-supervision's course: who may do what to it, in which order, and what each has to say (T08, T10)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.drafts import AskDraft, CloseFileDraft, DeclineDraft, ExplainDraft, FindDraft, ReSupervisionDraft
from domain.events import (
    Behaviour,
    Event,
    Fact,
    ReSupervisionAsked,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
    ReSupervisionReferred,
)
from domain.nodes import Node
from domain.people import Actor, Role
from domain.re_supervision import FileState, ReSupervision, fold_re_supervision
from domain.re_supervision_orders import (
    ask,
    close_re_supervision,
    decline_re_supervision,
    explain,
    find,
    launch_re_supervision,
    reference,
)
from domain.rights import RIGHTS, Command, Reason, RefusedError
from tests.domain.city import DUTY, ECOLOGY, HOUSING, as_of, at, received

NOW = at("2026-09-17 16:00")
DEADLINE = NOW + timedelta(hours=24)
OFFICER = Actor(Role.DISCIPLINE, "孙静", "discipline")
ACTORS = {
    Role.WALL: Actor(Role.WALL, "大屏"),
    Role.DUTY: DUTY,
    Role.HANDLER: HOUSING,
    Role.DISCIPLINE: OFFICER,
    Role.LEADER: Actor(Role.LEADER, "李强"),
    Role.ADMIN: Actor(Role.ADMIN, "管理员"),
}
DRAFTED = ReSupervisionDrafted("T-1", "housing", Node.SIGN, 1, "环节到期未办结")
LAUNCHED = ReSupervisionLaunched("housing", "为何超时", DEADLINE, "{}", "ab" * 32)
DECLINED = ReSupervisionDeclined("系统时间误差")
EXPLAINED = ReSupervisionExplained("人手不足")
FOUND = ReSupervisionFound(Behaviour.SLOWNESS, "签收拖延")
CLOSED = ReSupervisionClosed("谈话")
AGAIN = DEADLINE + timedelta(hours=24)
ASKED = ReSupervisionAsked("当晚几人值班", AGAIN)

DECLINE = DeclineDraft("r", "Z-1", " 系统时间误差")
EXPLAIN = ExplainDraft("r", "Z-1", "人手不足")
FIND = FindDraft("r", "Z-1", Behaviour.SLOWNESS, "签收拖延")
CLOSE = CloseFileDraft("r", "Z-1", "谈话")
ASK = AskDraft("r", "Z-1", "当晚几人值班", AGAIN)
Step = DeclineDraft | AskDraft | ExplainDraft | FindDraft | CloseFileDraft


def file(*facts: Fact) -> ReSupervision:
    return fold_re_supervision("Z-1", [Event(NOW, OFFICER, fact) for fact in (DRAFTED, *facts)])


def decide(draft: Step, actor: Actor, *facts: Fact, now: datetime = NOW) -> Event:
    match draft:
        case DeclineDraft():
            return decline_re_supervision(draft, actor, file(*facts), now)
        case AskDraft():
            return ask(draft, actor, file(*facts), now)
        case ExplainDraft():
            return explain(draft, actor, file(*facts), now)
        case FindDraft():
            return find(draft, actor, file(*facts), now)
        case CloseFileDraft():
            return close_re_supervision(draft, actor, file(*facts), now)


def refused(draft: Step, actor: Actor, *facts: Fact, now: datetime = NOW) -> Reason:
    with pytest.raises(RefusedError) as error:
        decide(draft, actor, *facts, now=now)
    return error.value.reason


IN_TIME: list[tuple[Step, Command, tuple[Fact, ...], Fact]] = [
    (DECLINE, Command.LAUNCH_RE_SUPERVISION, (), DECLINED),
    (EXPLAIN, Command.EXPLAIN_RE_SUPERVISION, (LAUNCHED,), EXPLAINED),
    (EXPLAIN, Command.EXPLAIN_RE_SUPERVISION, (LAUNCHED, FOUND), EXPLAINED),
    (ASK, Command.LAUNCH_RE_SUPERVISION, (LAUNCHED, EXPLAINED), ASKED),
    (EXPLAIN, Command.EXPLAIN_RE_SUPERVISION, (LAUNCHED, EXPLAINED, ASKED), EXPLAINED),
    (FIND, Command.LAUNCH_RE_SUPERVISION, (LAUNCHED, EXPLAINED), FOUND),
    (CLOSE, Command.LAUNCH_RE_SUPERVISION, (LAUNCHED, EXPLAINED, FOUND), CLOSED),
]


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize(("draft", "command", "before", "fact"), IN_TIME)
def test_each_step_is_for_those_who_have_the_right(
    draft: Step, command: Command, before: tuple[Fact, ...], fact: Fact, role: Role
) -> None:
    actor = ACTORS[role]
    if role in RIGHTS[command]:
        assert decide(draft, actor, *before) == Event(NOW, actor, fact)
    else:
        assert refused(draft, actor, *before) is Reason.ROLE


def test_nobody_explains_for_another_body() -> None:
    assert refused(EXPLAIN, ECOLOGY, LAUNCHED) is Reason.OTHER_BODY


@pytest.mark.parametrize(
    ("draft", "before", "reason"),
    [
        (DECLINE, (LAUNCHED,), Reason.NOT_A_DRAFT),
        (DECLINE, (DECLINED,), Reason.NOT_A_DRAFT),
        (replace(DECLINE, reason=" "), (), Reason.NO_TEXT),
        (EXPLAIN, (), Reason.NOT_LAUNCHED),
        (EXPLAIN, (LAUNCHED, EXPLAINED), Reason.ALREADY_EXPLAINED),
        (EXPLAIN, (LAUNCHED, FOUND, CLOSED), Reason.FILE_ENDED),
        (replace(EXPLAIN, text=""), (LAUNCHED,), Reason.NO_TEXT),
        (replace(EXPLAIN, text="长" * 2001), (LAUNCHED,), Reason.TEXT_TOO_LONG),
        (ASK, (), Reason.NOT_LAUNCHED),
        (ASK, (LAUNCHED,), Reason.EXPLANATION_PENDING),
        (ASK, (LAUNCHED, EXPLAINED, ASKED), Reason.EXPLANATION_PENDING),
        (ASK, (LAUNCHED, EXPLAINED, FOUND), Reason.ALREADY_FOUND),
        (ASK, (LAUNCHED, EXPLAINED, FOUND, CLOSED), Reason.FILE_ENDED),
        (ASK, (DECLINED,), Reason.FILE_ENDED),
        (replace(ASK, question=" "), (LAUNCHED, EXPLAINED), Reason.NO_TEXT),
        (replace(ASK, deadline=NOW), (LAUNCHED, EXPLAINED), Reason.DEADLINE_PAST),
        (EXPLAIN, (LAUNCHED, EXPLAINED, ASKED, EXPLAINED), Reason.ALREADY_EXPLAINED),
        (FIND, (), Reason.NOT_LAUNCHED),
        (FIND, (LAUNCHED, EXPLAINED, ASKED), Reason.EXPLANATION_PENDING),
        (FIND, (DECLINED,), Reason.FILE_ENDED),
        (FIND, (LAUNCHED,), Reason.EXPLANATION_PENDING),
        (FIND, (LAUNCHED, EXPLAINED, FOUND), Reason.ALREADY_FOUND),
        (replace(FIND, text=""), (LAUNCHED, EXPLAINED), Reason.NO_TEXT),
        (CLOSE, (), Reason.NOT_LAUNCHED),
        (CLOSE, (LAUNCHED, EXPLAINED), Reason.NOT_FOUND_YET),
        (CLOSE, (LAUNCHED, FOUND, CLOSED), Reason.FILE_ENDED),
        (replace(CLOSE, recommendation=""), (LAUNCHED, FOUND), Reason.NO_TEXT),
    ],
)
def test_what_is_out_of_order_is_refused(draft: Step, before: tuple[Fact, ...], reason: Reason) -> None:
    assert refused(draft, HOUSING if isinstance(draft, ExplainDraft) else OFFICER, *before) is reason


def test_a_further_question_waits_for_an_explanation_of_its_own() -> None:
    """X03, T10: nothing of what was asked and explained before is lost."""
    answered = ReSupervisionExplained("一人", ("a" * 64,))
    before = file(LAUNCHED, EXPLAINED, ASKED)
    assert (before.state, before.question, before.explanation) == (FileState.LAUNCHED, "当晚几人值班", None)
    found = file(LAUNCHED, EXPLAINED, ASKED, answered)
    assert found.state is FileState.EXPLAINED
    assert [(each.question, each.explanation, each.evidence) for each in found.exchanges] == [
        ("为何超时", "人手不足", ()),
        ("当晚几人值班", "一人", ("a" * 64,)),
    ]


def test_an_explanation_is_overdue_until_it_comes_and_stays_so_when_it_came_late() -> None:
    (silent,) = file(LAUNCHED).exchanges
    assert not silent.is_overdue(DEADLINE)
    assert silent.is_overdue(DEADLINE + timedelta(seconds=1))
    late = Event(DEADLINE + timedelta(hours=1), HOUSING, EXPLAINED)
    drafted, launched = Event(NOW, OFFICER, DRAFTED), Event(NOW, OFFICER, LAUNCHED)
    assert fold_re_supervision("Z-1", [drafted, launched, late]).exchanges[0].is_overdue(NOW)


def test_silence_past_the_deadline_is_found_as_well() -> None:
    assert refused(FIND, OFFICER, LAUNCHED, now=DEADLINE) is Reason.EXPLANATION_PENDING
    assert decide(FIND, OFFICER, LAUNCHED, now=DEADLINE + timedelta(seconds=1)).fact == FOUND


LAUNCH = ReSupervisionDraft("r", "T-1", "housing", "环节到期未办结", "为何超时", DEADLINE, Node.SIGN, 1)
LOG = [Event(NOW - timedelta(hours=6), DUTY, received())]


def launch(actor: Actor, *files: ReSupervision, draft: ReSupervisionDraft = LAUNCH) -> tuple[Event, ...]:
    return launch_re_supervision(draft, actor, ["housing"], as_of(LOG, NOW), LOG, "ab" * 32, files, NOW)


@pytest.mark.parametrize("role", ACTORS)
def test_only_an_officer_launches(role: Role) -> None:
    if role is Role.DISCIPLINE:
        drafted, launched = launch(OFFICER)
        assert drafted.fact == DRAFTED
        assert isinstance(launched.fact, ReSupervisionLaunched)
        return
    with pytest.raises(RefusedError) as error:
        launch(ACTORS[role])
    assert error.value.reason is Reason.ROLE


def test_one_file_runs_about_one_matter() -> None:
    with pytest.raises(RefusedError) as error:
        launch(OFFICER, file(LAUNCHED))
    assert (error.value.reason, error.value.detail) == (Reason.ALREADY_RUNNING, "Z-1")
    for ended in (file(DECLINED), file(LAUNCHED, FOUND, CLOSED)):
        assert len(launch(OFFICER, ended)) == 2
    assert len(launch(OFFICER, file(), draft=replace(LAUNCH, number="Z-1"))) == 1


@pytest.mark.parametrize(
    ("fact", "referred"),
    [
        (LAUNCHED, ReSupervisionReferred("Z-1", "launched", "为何超时", DEADLINE)),
        (ASKED, ReSupervisionReferred("Z-1", "asked", "当晚几人值班", AGAIN)),
        (DECLINED, ReSupervisionReferred("Z-1", "declined", "系统时间误差")),
        (CLOSED, ReSupervisionReferred("Z-1", "closed", "谈话")),
        (EXPLAINED, None),
        (FOUND, None),
    ],
)
def test_what_the_ticket_is_told(fact: Fact, referred: Fact | None) -> None:
    found = reference("Z-1", Event(NOW, OFFICER, fact))
    assert found == (None if referred is None else Event(NOW, OFFICER, referred))


TRIED = st.sampled_from([DECLINE, ASK, EXPLAIN, FIND, CLOSE])


@given(
    st.booleans(),
    st.lists(
        st.tuples(TRIED, st.sampled_from([HOUSING, ECOLOGY, OFFICER, DUTY]), st.integers(0, 10)), max_size=30
    ),
)
@settings(max_examples=200)
def test_no_step_is_taken_twice_or_for_nothing(launched: bool, tries: list[tuple[Step, Actor, int]]) -> None:
    facts: list[Fact] = [LAUNCHED] if launched else []
    now = NOW
    for draft, actor, hours in tries:
        now += timedelta(hours=hours)
        before = file(*facts)
        try:
            fact = decide(draft, actor, *facts, now=now).fact
        except RefusedError:
            continue
        facts.append(fact)
        assert file(*facts) != before  # what is written moves the file: nothing is written in vain
    kinds = [type(fact) for fact in facts]
    # Each question is explained once at most; everything else happens once.
    asked = kinds.count(ReSupervisionAsked)
    assert kinds.count(ReSupervisionExplained) <= asked + launched
    once = [kind for kind in kinds if kind not in (ReSupervisionAsked, ReSupervisionExplained)]
    assert len(set(once)) == len(once)
    assert (file(*facts).state is FileState.CLOSED) == (ReSupervisionClosed in kinds)
    assert ReSupervisionClosed not in kinds or ReSupervisionFound in kinds
