"""Parts that are read beside the looks: nothing that changed meanwhile is taken for read."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from data_access.rules import load_rules
from data_access.store import Store
from desktop.live import pace
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
    assert part.found == Found("before", ANCHOR)
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
    assert part.found == Found("newer", SOON)
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
