"""Due times that somebody gave: a source brought its own, or the platform office granted an extension."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.calendar import WorkCalendar
from domain.due import DueSource, Pause, due_time, moved_due
from domain.nodes import Node
from domain.policy import Limit


@dataclass(frozen=True, slots=True)
class Given:
    """A due time, when it was given and in which leg. `due` None: the source sets no limit at all."""

    due: datetime | None
    at: datetime
    leg: int


@dataclass(slots=True)
class GivenDues:
    """What was given for the nodes of a round, and which due time holds then."""

    supplied: dict[Node, Given] = field(default_factory=dict)
    extended: dict[Node, Given] = field(default_factory=dict)

    def keep(self, nodes: Collection[Node]) -> None:
        """Forget what was given for all but these nodes: a new round starts from the policy."""
        self.supplied = {node: given for node, given in self.supplied.items() if node in nodes}
        self.keep_extensions(nodes)

    def keep_extensions(self, nodes: Collection[Node]) -> None:
        """Forget the extensions of all but these nodes: the next body asked for none."""
        self.extended = {node: given for node, given in self.extended.items() if node in nodes}

    def due(
        self,
        node: Node,
        leg: int,
        start: datetime,
        limit: Limit | None,
        calendar: WorkCalendar,
        pauses: Sequence[Pause],
    ) -> tuple[datetime | None, DueSource]:
        """Return when a clock that started then is due, and by whose word; None while it is paused."""
        due, source = None, DueSource.NONE
        if limit is not None:
            due, source = due_time(start, limit, calendar, pauses), DueSource.POLICY
        given = self.supplied.get(node)
        if given is not None and given.due is None:
            due, source = None, DueSource.NONE
        elif given is not None and given.due is not None:
            moved = moved_due(given.due, given.at, limit, calendar, pauses)
            # The next body is not charged for the time that the first one used of the source's limit.
            if given.leg == leg or source is DueSource.NONE or _later(moved, due):
                due, source = moved, DueSource.SOURCE
        granted = self.extended.get(node)
        if granted is not None and granted.due is not None:
            moved = moved_due(granted.due, granted.at, limit, calendar, pauses)
            # An extension never takes time away.
            if source is DueSource.NONE or _later(moved, due):
                due, source = moved, DueSource.EXTENSION
        return due, source


def _later(due: datetime | None, than: datetime | None) -> bool:
    # None is "paused before it fell due": later than any due time that had passed by then.
    return due is None or (than is not None and due > than)
