"""One clock of a ticket: a node in a round and leg, the body it is charged to, and how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.due import DueSource, Pause, running_time
from domain.nodes import Node, NodeStatus
from domain.policy import Limit


class NodeEnd(StrEnum):
    """How a node's clock ended. SKIPPED: the ticket went on, or was closed, without it."""

    DONE = "done"
    HANDED_OVER = "handed_over"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class NodeClock:
    """One clock: a node in a round and leg, charged to `body` (None while nobody holds it).

    `due_at` is None while paused and where there is no limit. `yellow_at` is when it becomes slow.
    `handler` is the lead body of the ticket then, whoever the node is charged to; `passed` is what a
    revisit or a post-check found. `pauses` are the ticket's, so far as this clock lived to see them.
    `part` is 0 for the lead and the office, else the how-manieth of the ticket's assignments of assisting
    bodies this is (Y24).
    """

    node: Node
    round: int
    leg: int
    body: str | None
    person: str | None
    limit: Limit | None
    started_at: datetime
    due_at: datetime | None
    due_source: DueSource
    yellow_at: datetime | None
    ended_at: datetime | None
    end: NodeEnd | None
    paused: bool
    sample: bool
    handler: str | None = None
    passed: bool | None = None
    pauses: tuple[Pause, ...] = ()
    part: int = 0

    def status(self, now: datetime) -> NodeStatus:
        """Return how the node stands at a moment. Done exactly when due is on time."""
        if self.ended_at is not None:
            if self.due_at is not None and self.ended_at > self.due_at:
                return NodeStatus.LATE
            return _ENDED[self.end or NodeEnd.DONE]
        if self.paused and (self.due_at is None or now <= self.due_at):
            return NodeStatus.PAUSED
        if self.due_at is not None and now > self.due_at:
            return NodeStatus.OVERDUE
        if self.yellow_at is not None and now >= self.yellow_at:
            return NodeStatus.DUE_SOON
        return NodeStatus.RUNNING

    def used_share(self, now: datetime) -> float | None:
        """Return the share of the time up to the due time that is used, pauses taken out: 1.0 at the limit.

        None without a due time. A clock that was due before it began has no share to speak of: it is 0.0
        until then, and 2.0 after.
        """
        if self.due_at is None:
            return None
        until = self.ended_at or now
        span = running_time(self.started_at, self.due_at, self.pauses)
        if span <= timedelta(0):
            return 0.0 if until <= self.due_at else 2.0
        return running_time(self.started_at, until, self.pauses) / span


_ENDED = {
    NodeEnd.DONE: NodeStatus.ON_TIME,
    NodeEnd.HANDED_OVER: NodeStatus.HANDED_OVER,
    NodeEnd.SKIPPED: NodeStatus.SKIPPED,
}
