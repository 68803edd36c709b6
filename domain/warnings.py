"""Warnings that follow from the clocks alone: late and slow (product.md, Warnings; T09).

*late*: a node not done when due, from the first moment after it. *slow*: a running node past the policy's
share of its limit, up to its due time. A clock that stands still is neither, unless it was late before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.clock import TicketClock
from domain.events import WarningKind, WarningLevel, WarningRaised
from domain.nodes import Node, NodeStatus

LEVELS: dict[WarningKind, WarningLevel] = {
    WarningKind.LATE: WarningLevel.RED,
    WarningKind.SLOW: WarningLevel.YELLOW,
}
"""How grave a warning of the clocks is."""

_KINDS = {NodeStatus.OVERDUE: WarningKind.LATE, NodeStatus.DUE_SOON: WarningKind.SLOW}


@dataclass(frozen=True, slots=True)
class ClockWarning:
    """A running warning of one clock. `rule` is the sentence of the ticket's policy.

    `since` is when it began: the due time, or the yellow time, but never before the clock itself began, as
    a due time that a source supplies may lie before the ticket came in.
    """

    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    body: str | None
    rule: str
    since: datetime
    due_at: datetime
    part: int = 0

    @property
    def fact(self) -> WarningRaised:
        """What the log says when this warning is raised."""
        return WarningRaised(
            self.kind, self.level, self.node, self.round, self.leg, self.body, self.rule, self.part
        )


def warnings_of(clock: TicketClock) -> tuple[ClockWarning, ...]:
    """Return the warnings of a ticket's clocks at their moment: red ones first, each level by its begin."""
    return tuple(sorted(_running(clock), key=_order))


def _running(clock: TicketClock) -> Iterator[ClockWarning]:
    for node in clock.trace.open_nodes:
        kind = _KINDS.get(clock.status(node))
        if kind is None or node.due_at is None or node.yellow_at is None:
            continue
        begin = node.due_at if kind is WarningKind.LATE else node.yellow_at
        yield ClockWarning(
            kind,
            LEVELS[kind],
            node.node,
            node.round,
            node.leg,
            node.body,
            clock.policy.sentences[kind.value],
            max(begin, node.started_at),
            node.due_at,
            node.part,
        )


def _order(warning: ClockWarning) -> tuple[bool, datetime]:
    return (warning.level is not WarningLevel.RED, warning.since)
