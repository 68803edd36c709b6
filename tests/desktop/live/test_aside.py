"""Parts that are read beside the looks: nothing that changed meanwhile is taken for read."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from data_access.errors import StoreError
from data_access.rules import load_rules
from data_access.store import Store
from desktop.live import aside, pace
from desktop.live.aside import Aside, Found
from tests.data_access.readers.worlds import ANCHOR

SOON = ANCHOR + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _without_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SHARE", 0)


def answering(answers: list[str], meanwhile: Callable[[], None] = lambda: None) -> Aside[str]:
    def read(*_: object) -> str:
        answer = answers.pop(0)
        meanwhile()
        return answer

    return Aside(read)


def test_what_changes_while_it_is_read_is_owed(store: Store) -> None:
    part = answering(["before", "after"], meanwhile=lambda: part.owe())
    part.owe()
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    assert part.found == Found("before", ANCHOR, ANCHOR)
    assert part.due()
    assert part.waited_for


def test_it_is_waited_for_while_it_is_read(store: Store) -> None:
    seen: list[tuple[bool, bool]] = []
    part = answering(["it"], meanwhile=lambda: seen.append((part.waited_for, part.due())))
    part.owe()
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    assert seen == [(True, False)]
    assert not part.waited_for


def test_who_began_later_stays(store: Store) -> None:
    """A look that reads everything anew overtakes a reading beside it."""

    def everything() -> None:
        if len(answers) == 1:
            store.read(lambda c: part.read(c, load_rules(c), SOON, SOON))

    answers = ["older", "newer"]
    part = answering(answers, meanwhile=everything)
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    assert part.found == Found("newer", SOON, SOON)
    assert not part.waited_for


def test_what_fails_stays_owed_and_is_tried_again_without_a_rest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SHARE", 10**6)
    part = answering([])
    part.owe()
    with pytest.raises(IndexError):
        store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    assert part.found is None
    assert part.due()
    assert part.waited_for


def test_a_turn_taken_before_the_rules_were_loaded_is_an_older_one(store: Store) -> None:
    part = answering(["by new rules", "by old rules"])
    turn = part.take_turn()
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    store.read(lambda c: part.read(c, load_rules(c), SOON, SOON, turn))
    assert part.found == Found("by new rules", ANCHOR, ANCHOR)


def test_one_that_takes_too_long_is_told_until_it_has_come(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def ask() -> None:
        try:
            part.check()
        except StoreError as error:
            told.append(error.message)

    part = answering(["at last"], meanwhile=ask)
    monkeypatch.setattr(aside, "PATIENCE_SECONDS", -1)
    part.owe()
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    assert told == ["预警与各项比率迟迟没有读出"]
    part.check()


def test_a_newer_one_makes_an_older_that_hangs_of_no_account(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything() -> None:
        if len(answers) == 1:
            store.read(lambda c: part.read(c, load_rules(c), SOON, SOON))
            part.check()

    answers = ["hung", "newer"]
    part = answering(answers, meanwhile=everything)
    monkeypatch.setattr(aside, "PATIENCE_SECONDS", -1)
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    assert not answers


def test_what_went_wrong_is_told_from_its_place_until_it_goes_well(store: Store) -> None:
    def stumble() -> None:
        raise KeyError("a34004")

    part = answering(["one", "two"], meanwhile=lambda: stumble() if len(answers) else None)
    answers = ["wrong"]
    with pytest.raises(KeyError) as failed:
        store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    part.fail(failed.value)
    depths = []
    for _ in range(3):
        with pytest.raises(KeyError) as told:
            part.check()
        assert told.traceback[-1].name == "stumble"
        depths.append(len(told.traceback))
    assert len(set(depths)) == 1, "nothing adds up"
    answers.clear()
    store.read(lambda c: part.read(c, load_rules(c), ANCHOR, ANCHOR))
    part.check()
