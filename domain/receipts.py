"""How a directive stands, from its receivers' answers (product.md, Directive; T20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.overview import DirectiveState
from domain.policy import SIGN_WITHIN

YELLOW_SHARE = 0.75
"""Share of the time between issue and deadline after which an unanswered directive is due soon (示例)."""

WORST_FIRST = (
    DirectiveState.OVERDUE,
    DirectiveState.UNSIGNED_LATE,
    DirectiveState.DUE_SOON,
    DirectiveState.RETURNED,
    DirectiveState.UNSIGNED,
    DirectiveState.RUNNING,
    DirectiveState.FED_BACK,
    DirectiveState.JUDGED,
)
LATE = (DirectiveState.OVERDUE, DirectiveState.UNSIGNED_LATE)
ENDED = (DirectiveState.FED_BACK, DirectiveState.JUDGED, DirectiveState.WITHDRAWN)
"""Nothing is owed by a receiver."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By when a directive is to be signed and fed back."""

    issued_at: datetime
    sign_by: datetime
    deadline: datetime

    @classmethod
    def of(cls, issued_at: datetime, deadline: datetime, sign_within: timedelta = SIGN_WITHIN) -> "Terms":
        """Return the terms: to be signed within a span, or at the deadline, whichever is first."""
        return cls(issued_at, min(issued_at + sign_within, deadline), deadline)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One round of feedback, and what a leader said of it: `accepted` is None while it lies there."""

    at: datetime
    by: str
    text: str
    evidence: tuple[str, ...] = ()
    judged_at: datetime | None = None
    judged_by: str = ""
    accepted: bool | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receiver's answers. `accepted` False is 退回: the receiver has to feed back again.

    `fed_back_at`, `feedback`, `judged_at` and `accepted` are of the last of so many `rounds`.
    `warned_unsigned` and `warned_overdue` are when the last warning of each kind fell due.
    """

    body: str
    signed_at: datetime | None = None
    fed_back_at: datetime | None = None
    feedback: str = ""
    accepted: bool | None = None
    judged_at: datetime | None = None
    signed_by: str = ""
    rounds: int = 0
    reminded: int = 0
    reminded_at: datetime | None = None
    warned_unsigned: datetime | None = None
    warned_overdue: datetime | None = None

    @property
    def answered(self) -> bool:
        """Whether feedback lies with the leader, or was accepted."""
        return self.fed_back_at is not None and self.accepted is not False

    def state(self, terms: Terms, now: datetime) -> DirectiveState:
        """Return how this receiver stands. Signed and fed back exactly when it is due is in time."""
        if self.accepted:
            return DirectiveState.JUDGED
        if self.answered:
            return DirectiveState.FED_BACK
        if now > terms.deadline:
            return DirectiveState.OVERDUE
        if self.signed_at is None and now > terms.sign_by:
            return DirectiveState.UNSIGNED_LATE
        if now >= terms.issued_at + (terms.deadline - terms.issued_at) * YELLOW_SHARE:
            return DirectiveState.DUE_SOON
        if self.accepted is False:
            return DirectiveState.RETURNED
        return DirectiveState.UNSIGNED if self.signed_at is None else DirectiveState.RUNNING


def directive_state(
    receipts: Iterable[Receipt], terms: Terms, now: datetime, *, withdrawn: bool
) -> DirectiveState:
    """Return how a directive stands as a whole: the worst of its receivers."""
    if withdrawn:
        return DirectiveState.WITHDRAWN
    states = [receipt.state(terms, now) for receipt in receipts]
    return min(states, key=WORST_FIRST.index, default=DirectiveState.RUNNING)
