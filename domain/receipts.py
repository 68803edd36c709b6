"""How a directive stands, from its receivers' answers (product.md, Directive; T20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.overview import DirectiveState

YELLOW_SHARE = 0.75
"""Share of the time between issue and deadline after which an unanswered directive is due soon (示例)."""

WORST_FIRST = (
    DirectiveState.OVERDUE,
    DirectiveState.DUE_SOON,
    DirectiveState.UNSIGNED,
    DirectiveState.RUNNING,
    DirectiveState.FED_BACK,
    DirectiveState.JUDGED,
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receiver's answers. `accepted` False is 退回: the receiver has to feed back again."""

    body: str
    signed_at: datetime | None = None
    fed_back_at: datetime | None = None
    feedback: str = ""
    accepted: bool | None = None

    @property
    def answered(self) -> bool:
        """Whether feedback lies with the leader, or was accepted."""
        return self.fed_back_at is not None and self.accepted is not False

    def state(self, issued_at: datetime, deadline: datetime, now: datetime) -> DirectiveState:
        """Return how this receiver stands. Fed back exactly at the deadline is in time."""
        if self.accepted:
            return DirectiveState.JUDGED
        if self.answered:
            return DirectiveState.FED_BACK
        if now > deadline:
            return DirectiveState.OVERDUE
        if now >= issued_at + (deadline - issued_at) * YELLOW_SHARE:
            return DirectiveState.DUE_SOON
        return DirectiveState.UNSIGNED if self.signed_at is None else DirectiveState.RUNNING


def directive_state(
    receipts: Iterable[Receipt], issued_at: datetime, deadline: datetime, withdrawn: bool, now: datetime
) -> DirectiveState:
    """Return how a directive stands as a whole: the worst of its receivers."""
    if withdrawn:
        return DirectiveState.WITHDRAWN
    states = [receipt.state(issued_at, deadline, now) for receipt in receipts]
    return min(states, key=WORST_FIRST.index, default=DirectiveState.RUNNING)
