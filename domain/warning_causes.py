"""Running warnings by what caused them: one line for a rule, or late or slow, at a node of a body (T09)."""

from dataclasses import dataclass
from datetime import datetime

from domain.events import WarningKind, WarningLevel
from domain.listing import KEY_MARK, WarningFilter
from domain.nodes import Node

CAUSE_MARK = "\x1d"
"""How the key of a cause begins; no ticket's number does."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What warnings of one line have in common."""

    kind: WarningKind
    level: WarningLevel
    node: Node
    body: str | None
    rule_id: str = ""

    @property
    def key(self) -> str:
        """What names the line in a list."""
        return CAUSE_MARK + KEY_MARK.join((self.kind, self.level, self.node, self.body or "", self.rule_id))


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause with how many warnings it has, of them unacknowledged and escalated ones.

    `rule` is the rule's sentence; `since` is when the oldest was raised, `due_at` the earliest due time;
    `opened` when its warnings stand under it.
    """

    cause: Cause
    rule: str
    body_name: str
    count: int
    unacknowledged: int
    escalated: int
    since: datetime
    due_at: datetime
    opened: bool = False

    @property
    def key(self) -> str:
        """What names the line in a list."""
        return self.cause.key


@dataclass(frozen=True, slots=True)
class CauseSought:
    """The unacknowledged warnings that a line stands for where a filter narrows the list: they are still to
    be read, to be acknowledged together."""

    row: CauseRow
    chosen: WarningFilter
