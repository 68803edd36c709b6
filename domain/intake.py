"""What an import or a feed hands to the store: whole tickets with all that happened to them so far.

A ticket comes with its events at their own times; a later delivery of the same ticket may only continue
what is stored, never contradict it, because an event is never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from domain.events import (
    Chased,
    DirectiveReferred,
    DueSupplied,
    Event,
    JointSupervisionOpened,
    Received,
    ReSupervisionReferred,
    WarningAcknowledged,
    WarningCleared,
    WarningRaised,
)

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


def continuation(stored: Sequence[Event], delivered: Sequence[Event]) -> tuple[Event, ...]:
    """Return the delivered events that the store does not have yet, all later than its last one.

    Events are the same when their time and fact are; who reported them does not matter. Warnings,
    chasers and references beside the procedure do not count as "last".

    Raises:
        ContradictionError: the delivery says otherwise about what is stored: another Received, another
            due time, or an event earlier than the last stored step.
    """
    known = {(event.at, event.fact) for event in stored}
    steps = [event.at for event in stored if not isinstance(event.fact, ASIDE)]
    last = max(steps) if steps else None
    new: list[Event] = []
    for event in delivered:
        if (event.at, event.fact) in known:
            continue
        if isinstance(event.fact, Received):
            raise _contradiction(stored[0], event)
        if isinstance(event.fact, DueSupplied):
            before = next(
                (
                    e.fact.due
                    for e in stored
                    if isinstance(e.fact, DueSupplied) and e.fact.node is event.fact.node
                ),
                None,
            )
            raise ContradictionError("DueSupplied.due", before, event.fact.due)
        if last is not None and event.at < last:
            raise ContradictionError(f"{type(event.fact).__name__}.at", last, event.at)
        new.append(event)
    return tuple(new)


def _contradiction(stored: Event, delivered: Event) -> ContradictionError:
    if stored.at != delivered.at:
        return ContradictionError("Received.at", stored.at, delivered.at)
    for item in fields(delivered.fact):
        before = getattr(stored.fact, item.name, None)
        after = getattr(delivered.fact, item.name)
        if before != after:
            return ContradictionError(f"Received.{item.name}", before, after)
    return ContradictionError("Received", stored.fact, delivered.fact)
