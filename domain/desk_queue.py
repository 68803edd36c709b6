"""What waits at a desk: one line for what has to be done about a ticket, and in which lane it stands.

A ticket may wait for several things at once (a revisit while its penalty is overdue): each is a line of its
own, named by the ticket and the lane of work, so that a line stays the same one while its task goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.listing import KEY_MARK
from domain.nodes import Node, NodeStatus
from domain.urgency import Urgency


class Task(StrEnum):
    """What has to be done. First the platform office's, then what a body has to do itself."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    REVISIT = "revisit"
    POST_CHECK = "post_check"
    CLOSE = "close"
    UNSIGNED = "unsigned"
    """Chase: a body has not signed for it."""
    GRANT = "grant"
    """A body asked for a pause or for more time."""
    FOLLOW = "follow"
    """A bad review that nobody follows (Y19)."""
    NEAR = "near"
    """Chase: a body's clock is yellow."""
    OVERDUE = "overdue"
    """Chase: a body is late."""
    PAUSED = "paused"
    """It stands still: a pause that was wrong is ended here."""
    SIGN = "sign"
    ARRIVE = "arrive"
    RECTIFY = "rectify"
    FILE = "file"
    PENALISE = "penalise"
    FEED_BACK = "feed_back"


OFFICE_NODES = (Node.ACCEPT, Node.DISPATCH, Node.REVISIT, Node.POST_CHECK, Node.CLOSE)
"""What the platform office does itself."""

BODY_NODES = (Node.SIGN, Node.ARRIVE, Node.RECTIFY, Node.FILE, Node.PENALISE, Node.FEED_BACK)
"""What a body owes, and can be chased for."""

CHASES = (Task.UNSIGNED, Task.NEAR, Task.OVERDUE)

FAST = timedelta(hours=1)
"""A clock within this is watched from its start: the five minutes of an urgent ticket (Y05)."""


class DutyLane(StrEnum):
    """Which part of the duty officer's queue is looked at."""

    ALL = "all"
    INTAKE = "intake"
    FOLLOW_UP = "follow_up"
    UNSIGNED = "unsigned"
    GRANT = "grant"
    FOLLOW = "follow"
    NEAR = "near"
    OVERDUE = "overdue"
    PAUSED = "paused"
    """What stands still is in no other lane, nor in ALL: there is nothing to be done, but it is in sight."""


TASKS_OF: dict[DutyLane, tuple[Task, ...]] = {
    DutyLane.INTAKE: (Task.ACCEPT, Task.DISPATCH),
    DutyLane.FOLLOW_UP: (Task.REVISIT, Task.POST_CHECK, Task.CLOSE),
    DutyLane.UNSIGNED: (Task.UNSIGNED,),
    DutyLane.GRANT: (Task.GRANT,),
    DutyLane.FOLLOW: (Task.FOLLOW,),
    DutyLane.NEAR: (Task.NEAR,),
    DutyLane.OVERDUE: (Task.OVERDUE,),
    DutyLane.PAUSED: (Task.PAUSED,),
}
"""The tasks of each lane; ALL has them all but the last, OVERDUE every line of ALL that is late."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of a desk's queue. Names are ready for the screen; times are aware.

    `body` owes what is due, `lead` holds the ticket. `due_at` is when `task` is due, None without a limit or
    while it is paused. `version` is the ticket's as this line shows it: an order about the line names it, so
    that it is refused when the ticket has gone on since. `chased` counts how often this holder was chased;
    `said` is what a body asked for, or what a complainant found wanting.
    """

    key: str
    ticket: str
    task: Task
    title: str
    urgency: Urgency
    channel_name: str
    category: str | None
    category_name: str
    area: str | None
    area_name: str
    township: str
    lead: str | None
    lead_name: str
    body: str | None
    body_name: str
    node: Node | None
    status: NodeStatus | None
    round: int
    received_at: datetime
    due_at: datetime | None
    version: int
    part: int = 0
    paused: bool = False
    fast_lane: bool = False
    ongoing: bool = False
    chased: int = 0
    chased_at: datetime | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock that runs, as a queue needs it. `part` as in `domain.trace.NodeClock`."""

    node: Node
    round: int
    leg: int
    part: int
    body: str | None
    started_at: datetime
    due_at: datetime | None
    yellow_at: datetime | None
    paused: bool

    def status(self, now: datetime) -> NodeStatus:
        """Return how the clock stands, as `NodeClock.status` says it of one that has not ended."""
        if self.paused and (self.due_at is None or now <= self.due_at):
            return NodeStatus.PAUSED
        if self.due_at is not None and now > self.due_at:
            return NodeStatus.OVERDUE
        if self.yellow_at is not None and now >= self.yellow_at:
            return NodeStatus.DUE_SOON
        return NodeStatus.RUNNING


def row_key(ticket: str, lane: str) -> str:
    """Return what names a line: its ticket, and "own", "owed", "grant", "follow" or "paused"."""
    return f"{ticket}{KEY_MARK}{lane}"


def ticket_of_row(key: str) -> str:
    """Return the ticket that a line's key names."""
    return key.partition(KEY_MARK)[0]


def lane_of_row(key: str) -> str:
    """Return the lane that a line's key names."""
    return key.partition(KEY_MARK)[2]


def own_task(clocks: Iterable[OpenClock]) -> OpenClock | None:
    """Return the office's own clock that comes first in the procedure, of those that are not paused."""
    waiting = [clock for clock in clocks if clock.node in OFFICE_NODES and not clock.paused]
    return min(waiting, key=_place, default=None)


def owed_task(clocks: Iterable[OpenClock], now: datetime) -> tuple[Task, OpenClock] | None:
    """Return what a body is to be chased for, and its clock; None when nothing is worth it (Y08, T06).

    Not signed for first: nobody has it in hand. Else late before nearly late, the earliest deadline first.
    """
    pressing: list[tuple[int, datetime, Task, OpenClock]] = []
    for clock in clocks:
        task = _chase(clock, now)
        if task is not None and clock.due_at is not None:
            pressing.append((_PRESSING.index(task), clock.due_at, task, clock))
    if not pressing:
        return None
    _, _, task, clock = min(pressing, key=_most_pressing)
    return task, clock


_PRESSING = (Task.UNSIGNED, Task.OVERDUE, Task.NEAR)


def _chase(clock: OpenClock, now: datetime) -> Task | None:
    # Before the dispatch the clocks run already, but there is nobody to chase.
    if clock.node not in BODY_NODES or clock.body is None or clock.paused or clock.due_at is None:
        return None
    late = clock.due_at < now
    near = late or (clock.yellow_at is not None and clock.yellow_at <= now)
    if clock.node is Node.SIGN:
        return Task.UNSIGNED if near or clock.due_at - clock.started_at <= FAST else None
    return Task.OVERDUE if late else Task.NEAR if near else None


def _place(clock: OpenClock) -> tuple[int, int]:
    return (OFFICE_NODES.index(clock.node), clock.round)


def _most_pressing(found: tuple[int, datetime, Task, OpenClock]) -> tuple[int, datetime]:
    return found[:2]
