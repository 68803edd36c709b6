"""A named person takes note of a running warning, once (product.md, Warnings)."""

from dataclasses import replace

import pytest

from domain.acknowledging import (
    MOST_TOGETHER,
    RaisedWarning,
    TakenNote,
    acknowledge,
    acknowledge_together,
    name_of,
    raised_warning,
)
from domain.drafts import AcknowledgeDraft, AcknowledgeTogetherDraft
from domain.events import (
    Accepted,
    Event,
    Fact,
    WarningAcknowledged,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role
from domain.rights import Reason, RefusedError
from tests.domain.city import DUTY, ECOLOGY, HOUSING, at

NOW = at("2026-09-17 16:00")
CAUSE = (WarningKind.LATE, WarningLevel.RED, Node.SIGN, 1, 1)
DRAFT = AcknowledgeDraft("r", "T-1", *CAUSE, note=" 已电话催办 ")
RAISED = WarningRaised(*CAUSE, body="housing", rule="环节到期未办结")
CLEARED = WarningCleared(*CAUSE, reason="done")
SEEN = WarningAcknowledged(*CAUSE, note="已电话催办")


def running(*facts: Fact) -> RaisedWarning | None:
    who = {WarningAcknowledged: DUTY}
    return raised_warning([Event(NOW, who.get(type(fact), SYSTEM), fact) for fact in facts], DRAFT)


@pytest.mark.parametrize(
    ("facts", "warning"),
    [
        ((), None),
        ((Accepted(),), None),
        ((RAISED,), RaisedWarning("housing")),
        ((RAISED, SEEN), RaisedWarning("housing", "王磊")),
        ((RAISED, CLEARED), None),
        ((RAISED, SEEN, CLEARED), None),
        ((RAISED, SEEN, CLEARED, RAISED), RaisedWarning("housing")),  # another cause: a moved time passed
        ((replace(RAISED, leg=2),), None),
        ((replace(RAISED, level=WarningLevel.YELLOW),), None),
        ((RAISED, replace(CLEARED, node=Node.ARRIVE)), RaisedWarning("housing")),
        ((SEEN,), None),
    ],
)
def test_which_warning_is_meant(facts: tuple[Fact, ...], warning: RaisedWarning | None) -> None:
    assert running(*facts) == warning


@pytest.mark.parametrize(
    "actor", [DUTY, HOUSING, Actor(Role.DISCIPLINE, "孙静"), Actor(Role.LEADER, "李强")], ids=lambda a: a.role
)
def test_it_is_taken_note_of_by_name(actor: Actor) -> None:
    assert acknowledge(DRAFT, actor, running(RAISED), NOW) == Event(NOW, actor, SEEN)


@pytest.mark.parametrize(
    ("actor", "facts", "reason"),
    [
        (Actor(Role.WALL, "大屏"), (RAISED,), Reason.ROLE),
        (Actor(Role.ADMIN, "管理员"), (), Reason.ROLE),
        (ECOLOGY, (RAISED,), Reason.OTHER_BODY),
        (Actor(Role.HANDLER, "无名"), (RAISED,), Reason.OTHER_BODY),
        (HOUSING, (replace(RAISED, body=None),), Reason.OTHER_BODY),
        (DUTY, (), Reason.NO_SUCH_WARNING),
        (DUTY, (RAISED, SEEN), Reason.ALREADY_ACKNOWLEDGED),
    ],
)
def test_it_is_refused(actor: Actor, facts: tuple[Fact, ...], reason: Reason) -> None:
    with pytest.raises(RefusedError) as error:
        acknowledge(DRAFT, actor, running(*facts), NOW)
    assert error.value.reason is reason


def test_a_note_is_no_novel() -> None:
    with pytest.raises(RefusedError) as error:
        acknowledge(replace(DRAFT, note="长" * 2001), DUTY, running(RAISED), NOW)
    assert error.value.reason is Reason.TEXT_TOO_LONG


# --- all of a cause by one order ------------------------------------------------------------------------


def together(*tickets: str, note: str = " 强降雨致全市断网，已电话通知各家 ") -> AcknowledgeTogetherDraft:
    return AcknowledgeTogetherDraft("r", tuple(replace(DRAFT, ticket=ticket) for ticket in tickets), note)


def logs(**tickets: tuple[Fact, ...]) -> dict[str, list[Event]]:
    who = {WarningAcknowledged: DUTY}
    return {
        number.replace("_", "-"): [Event(NOW, who.get(type(fact), SYSTEM), fact) for fact in facts]
        for number, facts in tickets.items()
    }


def test_each_warning_of_a_cause_has_an_event_with_the_one_note() -> None:
    """T09: what others have acknowledged, and what runs no more, is left as it is."""
    known = logs(T_1=(RAISED,), T_2=(RAISED, SEEN), T_3=(RAISED, CLEARED), T_4=(RAISED,))
    decided, taken = acknowledge_together(together("T-1", "T-2", "T-3", "T-4", "T-5"), DUTY, known, NOW)
    said = replace(SEEN, note="强降雨致全市断网，已电话通知各家")
    assert decided == {number: [Event(NOW, DUTY, said)] for number in ("T-1", "T-4")}
    left = {
        name_of(replace(DRAFT, ticket=n), n): by for n, by in (("T-2", "王磊"), ("T-3", None), ("T-5", None))
    }
    assert taken == TakenNote(2, left)


def test_two_warnings_of_a_ticket_and_the_same_named_twice() -> None:
    other = replace(DRAFT, leg=2)
    known = logs(T_1=(RAISED, replace(RAISED, leg=2)))
    order = AcknowledgeTogetherDraft("r", (DRAFT, other, replace(DRAFT, request_id="again")), "已知悉")
    decided, taken = acknowledge_together(order, DUTY, known, NOW)
    assert [event.fact.leg for event in decided["T-1"]] == [1, 2]  # type: ignore[union-attr]
    assert taken == TakenNote(2, {})


@pytest.mark.parametrize(
    ("order", "actor", "reason"),
    [
        (together("T-1", "T-2"), Actor(Role.WALL, "大屏"), Reason.ROLE),
        # One of another body, and nothing of the whole order is done.
        (together("T-1", "T-2"), HOUSING, Reason.OTHER_BODY),
        (together(), DUTY, Reason.NO_SUCH_WARNING),
        (together("T-1", note=" \n"), DUTY, Reason.NO_TEXT),
        (together("T-1", note="长" * 2001), DUTY, Reason.TEXT_TOO_LONG),
        (together(*(f"T-{n}" for n in range(MOST_TOGETHER + 1))), DUTY, Reason.TOO_MANY),
    ],
)
def test_all_or_nothing(order: AcknowledgeTogetherDraft, actor: Actor, reason: Reason) -> None:
    known = logs(T_1=(RAISED,), T_2=(replace(RAISED, body="ecology"),))
    with pytest.raises(RefusedError) as error:
        acknowledge_together(order, actor, known, NOW)
    assert error.value.reason is reason
