"""What stands with a window is looked at no more by the collector, and again when the window goes."""

import gc
from collections.abc import Iterator

import pytest

from desktop.runtime import garbage


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """As in the program: nobody but the window keeps anything."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_what_stands_is_kept_until_it_is_let_go(nothing_kept: None) -> None:
    class Ring:
        def __init__(self) -> None:
            self.itself = self

    garbage.keep_what_stands()
    assert gc.get_freeze_count() > 0
    ring = Ring()
    garbage.keep_what_stands()
    del ring
    assert gc.collect() >= 1, "what came later is looked at"
    garbage.let_go()
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_keeps_stays_kept() -> None:
    gc.freeze()
    garbage.keep_what_stands()
    garbage.let_go()
    assert gc.get_freeze_count() > 0
