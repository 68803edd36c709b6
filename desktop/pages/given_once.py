"""A key pressed twice gives one order: the second is held while the first is under way, or has been done."""

from domain.drafts import StepDraft


class GivenOnce:
    """Remembers for a desk what was ordered by a single key, about which version of which ticket."""

    def __init__(self) -> None:
        self._given: set[tuple[str, type, int | None]] = set()

    def takes(self, draft: StepDraft) -> bool:
        """Whether this order is to go out; it is kept in mind then. The same one goes out once."""
        named = _name(draft)
        if named in self._given:
            return False
        self._given.add(named)
        return True

    def let_go(self, draft: object) -> None:
        """Say that an order was not written: it may be given again."""
        if isinstance(draft, StepDraft):
            self._given.discard(_name(draft))


def _name(draft: StepDraft) -> tuple[str, type, int | None]:
    return draft.ticket, type(draft.fact), draft.expected
