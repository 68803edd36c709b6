"""A key that is pressed twice gives one order; one that was not written may be given again."""

from desktop.pages.given_once import GivenOnce
from domain.drafts import StepDraft
from domain.events import Accepted, Signed


def test_the_same_order_goes_out_once_until_it_is_not_written() -> None:
    given = GivenOnce()
    first = StepDraft("a", "T-1", Accepted(), 3)
    again = StepDraft("b", "T-1", Accepted(), 3)
    assert given.takes(first)
    assert not given.takes(again)
    for other in (
        StepDraft("c", "T-1", Accepted(), 4),
        StepDraft("d", "T-2", Accepted(), 3),
        StepDraft("e", "T-1", Signed(), 3),
    ):
        assert given.takes(other), "another ticket, version or step"
    given.let_go(first)
    assert given.takes(again)
