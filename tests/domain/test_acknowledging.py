"""A named person takes note of a running warning, once (product.md, Warnings)."""

from dataclasses import replace

import pytest

from domain.acknowledging import RaisedWarning, acknowledge, raised_warning
from domain.drafts import AcknowledgeDraft
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
