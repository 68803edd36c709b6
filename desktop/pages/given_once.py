"""A key pressed twice gives one order: the second is held while the first is under way, or has been done."""

from collections import deque

from domain.drafts import StepDraft

REMEMBERED = 200
"""So many orders are kept in mind: what is older is no second press, and a desk is open for months."""


class GivenOnce:
    """Remembers for a desk what was ordered by a single key, about which version of which ticket."""

    def __init__(self) -> None:
        self._given: deque[tuple[str, type, int | None]] = deque(maxlen=REMEMBERED)

    def takes(self, draft: StepDraft) -> bool:
        """Whether this order is to go out; it is kept in mind then. The same one goes out once."""
        named = _name(draft)
        if named in self._given:
            return False
        self._given.append(named)
        return True

    def let_go(self, draft: object) -> None:
        """Say that an order was not written: it may be given again."""
        if isinstance(draft, StepDraft) and (named := _name(draft)) in self._given:
            self._given.remove(named)


def _name(draft: StepDraft) -> tuple[str, type, int | None]:
    return draft.ticket, type(draft.fact), draft.expected
