"""What an import or a feed hands to the store: whole tickets with all that happened to them so far.

A ticket comes with its events at their own times; a later delivery of the same ticket may only continue
what is stored, never contradict it, because an event is never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from domain.events import (
    Accepted,
    Arrived,
    Chased,
    Closed,
    DirectiveReferred,
    Dispatched,
    DueSupplied,
    Event,
    Fact,
    FedBack,
    Filed,
    JointSupervisionOpened,
    Penalised,
    PostChecked,
    Received,
    Rectified,
    ReSupervisionReferred,
    ReturnedAsWrong,
    Revisited,
    Signed,
    WarningAcknowledged,
    WarningCleared,
    WarningRaised,
)
from domain.nodes import Node

ASIDE = (
    Chased,
    DirectiveReferred,
    JointSupervisionOpened,
    ReSupervisionReferred,
    WarningAcknowledged,
    WarningCleared,
    WarningRaised,
)
"""Facts that accompany the procedure without moving it: a source may report what happened before them."""


@dataclass(frozen=True, slots=True)
class Complainant:
    """Who complained. Kept apart from the event log; `secrecy` means that the handler must not see it."""

    name: str = ""
    phone: str = ""
    secrecy: bool = False


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket as a source delivers it: `events` in time order, the first one is Received.

    `content_hash` is a SHA-256 over what the source said (32 bytes): the same number with the same hash
    is the same delivery again.
    """

    number: str
    events: tuple[Event, ...]
    content_hash: bytes
    complainant: Complainant | None = None

    def __post_init__(self) -> None:
        if not self.events or not isinstance(self.events[0].fact, Received):
            raise ValueError(f"ticket {self.number}: the first event must be Received")


@dataclass(frozen=True, slots=True)
class NewBody:
    """A responsible body that a source names and the store may not know yet."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A category that a source names and the store may not know yet."""

    key: str
    name: str


class ContradictionError(ValueError):
    """A later delivery disagrees with what is stored. `field` names the fact and the field at odds."""

    def __init__(self, field: str, stored: object, delivered: object) -> None:
        super().__init__(f"{field}: stored {stored!r}, delivered {delivered!r}")
        self.field = field
        self.stored = stored
        self.delivered = delivered


def continuation(
    stored: Sequence[Event], delivered: Sequence[Event], delivered_at: datetime
) -> tuple[Event, ...]:
    """Return the delivered events that the store does not have yet. `stored` is in order of time.

    Events are the same when their time and fact are; who reported them does not matter. Warnings,
    chasers and references beside the procedure do not count as "last", nor do due times. A due time that
    is new, or another than the last one, becomes an event of its own at `delivered_at`, but not before the
    ticket's last step, nor after the step that it judges: a source that extends tells of it late.

    Raises:
        ContradictionError: the delivery says otherwise about what is stored: another Received, a step
            earlier than the last stored one, or another due time for what is over.
    """
    known = {(event.at, event.fact) for event in stored}
    last = max(event.at for event in stored if not isinstance(event.fact, (*ASIDE, DueSupplied)))
    steps: list[Event] = []
    for event in delivered:
        if isinstance(event.fact, DueSupplied) or (event.at, event.fact) in known:
            continue
        if isinstance(event.fact, Received):
            raise _contradiction(stored[0], event)
        if event.at < last:
            raise ContradictionError(f"{type(event.fact).__name__}.at", last, event.at)
        steps.append(event)
    dues: list[Event] = []
    for event in delivered:
        if not isinstance(event.fact, DueSupplied):
            continue
        node, due = event.fact.node, event.fact.due
        before = _supplied(stored, node)
        end = next((step.at for step in steps if isinstance(step.fact, (_ENDS[node], Closed))), None)
        if before is None or before[1] != due:
            if _is_over(stored, node):
                raise ContradictionError("DueSupplied.due", before[1] if before else None, due)
        elif end is None or before[0] <= end:
            continue
        at = (
            max([last, delivered_at, *(step.at for step in steps)]) if end is None else min(end, delivered_at)
        )
        dues.append(replace(event, at=max(at, last)))
    # At the same moment the due time comes first: it judges the step.
    return tuple(sorted([*dues, *steps], key=_moment))


def _supplied(stored: Sequence[Event], node: Node) -> tuple[datetime, datetime | None] | None:
    """Return when the source last gave a due time for a node, and which; None when it never did."""
    for event in reversed(stored):
        if isinstance(event.fact, DueSupplied) and event.fact.node is node:
            return event.at, event.fact.due
    return None


def _is_over(stored: Sequence[Event], node: Node) -> bool:
    """Whether a node is done or its ticket closed, and nothing has opened it again since."""
    over, lead = False, None
    for event in stored:
        match event.fact:
            case Revisited(satisfied=False) | PostChecked(passed=False) | ReturnedAsWrong():
                over = False
            case Dispatched(lead=new) if node is not Node.DISPATCH:
                over, lead = over and new == lead, new
            case Closed():
                over = True
            case fact if isinstance(fact, _ENDS[node]):
                over = True
            case _:
                pass
    return over


def _moment(event: Event) -> datetime:
    return event.at


_ENDS: dict[Node, type[Fact]] = {
    Node.ACCEPT: Accepted,
    Node.DISPATCH: Dispatched,
    Node.SIGN: Signed,
    Node.ARRIVE: Arrived,
    Node.RECTIFY: Rectified,
    Node.FILE: Filed,
    Node.PENALISE: Penalised,
    Node.FEED_BACK: FedBack,
    Node.REVISIT: Revisited,
    Node.POST_CHECK: PostChecked,
    Node.CLOSE: Closed,
}


def _contradiction(stored: Event, delivered: Event) -> ContradictionError:
    if stored.at != delivered.at:
        return ContradictionError("Received.at", stored.at, delivered.at)
    for item in fields(delivered.fact):
        before = getattr(stored.fact, item.name, None)
        after = getattr(delivered.fact, item.name)
        if before != after:
            return ContradictionError(f"Received.{item.name}", before, after)
    return ContradictionError("Received", stored.fact, delivered.fact)
