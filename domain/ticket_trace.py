"""What is known of a ticket's clocks when its events have been read: what `domain.trace` returns."""

from dataclasses import dataclass
from datetime import datetime

from domain.due import Pause
from domain.events import Received
from domain.node_clock import NodeClock
from domain.nodes import ORDER


@dataclass(frozen=True, slots=True)
class Trace:
    """What follows from a ticket's events alone. `nodes` are in order of round, leg and procedure, and
    `supervisors` the bodies that the last joint supervision still waits for (Y17)."""

    received: Received
    received_at: datetime
    nodes: tuple[NodeClock, ...]
    round: int
    lead: str | None
    assisting: tuple[str, ...]
    pauses: tuple[Pause, ...]
    rectified: bool
    closed_at: datetime | None
    satisfied: bool | None
    bounces: int
    merged_into: str | None = None
    supervisors: tuple[str, ...] = ()

    @property
    def open_nodes(self) -> tuple[NodeClock, ...]:
        """Clocks that have not ended."""
        return tuple(node for node in self.nodes if node.ended_at is None)

    @property
    def current(self) -> NodeClock | None:
        """The first unfinished node of the round, None when all is done.

        A case of an earlier round that goes on in its own time comes after what this round has to do, and
        what assisting bodies have to do after what the lead has.
        """
        return min(self.open_nodes, key=_whereabouts, default=None)


def _whereabouts(node: NodeClock) -> tuple[bool, int, int]:
    return (node.part > 0, -node.round, ORDER[node.node])
