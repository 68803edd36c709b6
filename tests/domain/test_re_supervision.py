"""A re-supervision file: facts frozen at launch, closed by nobody but the officer (T08, T10, X03, X06)."""

import pytest

from domain.events import (
    Behaviour,
    Event,
    Fact,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
)
from domain.nodes import Node
from domain.people import Actor, Role
from domain.re_supervision import FileState, fold_re_supervision
from tests.domain.city import HOUSING, stream

OFFICER = Actor(Role.DISCIPLINE, "赵敏")
DRAFTED = (0, OFFICER, ReSupervisionDrafted("XZ-1", "housing", Node.SIGN, 1, "环节到期未办结"))


def launched(facts: str = "{}") -> ReSupervisionLaunched:
    deadline = stream("2026-09-20 18:00", DRAFTED)[0].at
    return ReSupervisionLaunched("housing", "为何超时", deadline, facts, "ab" * 32)


EXPLAINED = ReSupervisionExplained("人手不足")
FOUND = ReSupervisionFound(Behaviour.SLOWNESS, "签收拖延")
CLOSED = ReSupervisionClosed("谈话")
DECLINED = ReSupervisionDeclined("系统时间误差")


def events(*facts: Fact) -> tuple[Event, ...]:
    steps = [(n + 1.0, HOUSING if fact is EXPLAINED else OFFICER, fact) for n, fact in enumerate(facts)]
    return stream("2026-09-17 16:00", DRAFTED, *steps)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((), FileState.DRAFTED),
        ((launched(),), FileState.LAUNCHED),
        ((launched(), EXPLAINED), FileState.EXPLAINED),
        ((launched(), EXPLAINED, FOUND), FileState.FOUND),
        ((launched(), FOUND), FileState.FOUND),  # the deadline passed without an explanation
        ((launched(), EXPLAINED, FOUND, CLOSED), FileState.CLOSED),
        ((DECLINED,), FileState.DECLINED),
    ],
)
def test_the_way_of_a_file(facts: tuple[Fact, ...], state: FileState) -> None:
    assert fold_re_supervision("ZJD-1", events(*facts)).state is state


def test_what_a_file_holds() -> None:
    file = fold_re_supervision("ZJD-1", events(launched('{"a":1}'), EXPLAINED, FOUND, CLOSED))
    assert (file.ticket, file.body, file.node, file.round, file.cause) == (
        "XZ-1",
        "housing",
        Node.SIGN,
        1,
        "环节到期未办结",
    )
    assert (file.facts, file.facts_head, file.officer) == ('{"a":1}', "ab" * 32, "赵敏")
    assert (file.explanation, file.behaviour, file.recommendation) == (
        "人手不足",
        Behaviour.SLOWNESS,
        "谈话",
    )


def test_frozen_facts_stay_frozen() -> None:
    file = fold_re_supervision("ZJD-1", events(launched("{}"), launched('{"other":1}')))
    assert file.facts == "{}"


@pytest.mark.parametrize(
    "late", [EXPLAINED, FOUND, CLOSED, DECLINED, launched("{}")], ids=lambda f: type(f).__name__
)
@pytest.mark.parametrize("end", [(launched(), FOUND, CLOSED), (DECLINED,)], ids=["closed", "declined"])
def test_nothing_moves_a_file_that_is_closed(end: tuple[Fact, ...], late: Fact) -> None:
    assert fold_re_supervision("ZJD-1", events(*end, late)) == fold_re_supervision("ZJD-1", events(*end))


def test_a_late_explanation_is_kept_and_does_not_undo_the_finding() -> None:
    file = fold_re_supervision("ZJD-1", events(launched(), FOUND, EXPLAINED))
    assert (file.state, file.behaviour, file.explanation) == (
        FileState.FOUND,
        Behaviour.SLOWNESS,
        "人手不足",
    )


def test_nothing_is_explained_or_found_before_the_launch() -> None:
    assert fold_re_supervision("ZJD-1", events(EXPLAINED, FOUND, CLOSED)).state is FileState.DRAFTED


def test_a_file_begins_with_its_draft() -> None:
    for first in ((), events(launched())[1:]):
        with pytest.raises(ValueError, match="ZJD-1"):
            fold_re_supervision("ZJD-1", first)
