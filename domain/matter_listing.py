"""What the list of matters across tickets shows, and the filter that names which (Q09, Q10, Q19, B26)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.case import Ending, MatterKind
from domain.listing import KEY_MARK
from domain.nodes import Node


@dataclass(frozen=True, slots=True)
class MatterFilter:
    """Matters that meet every part that is set. `body` is one that it waits for or comes from; `person` is
    named by it; `with_ended` takes in what is over, too."""

    kind: MatterKind | None = None
    body: str | None = None
    person: str | None = None
    with_ended: bool = False


@dataclass(frozen=True, slots=True)
class MatterRow:
    """One line. Names are ready for the screen, `sort` is the value of its kind's enum.

    `number` and `part` are those of `domain.case`; `coordinated_at` is when the case was last moved on.
    """

    ticket: str
    ticket_title: str
    kind: MatterKind
    number: int
    part: int
    sort: str
    title: str
    node: Node | None
    from_name: str
    to_name: str
    person: str
    lead_name: str
    due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    ending: Ending | None
    coordinated_at: datetime | None = None

    @property
    def key(self) -> str:
        """What names the line in a list."""
        return KEY_MARK.join((self.ticket, self.kind.value, str(self.number), str(self.part)))

    def is_overdue(self, now: datetime) -> bool:
        """Whether it was to be done by now, and is not."""
        return self.ended_at is None and self.kind is MatterKind.DECISION and _past(self.due_at, now)


@dataclass(frozen=True, slots=True)
class MatterCounts:
    """How many open matters there are of each kind, how many decisions are overdue, and how many cases each
    lead-in-charge has, by name."""

    by_kind: Mapping[MatterKind, int] = field(default_factory=dict)
    overdue: int = 0
    in_charge: Mapping[str, int] = field(default_factory=dict)


def _past(due: datetime | None, now: datetime) -> bool:
    return due is not None and due < now
