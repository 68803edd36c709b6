"""The fixed nodes that a ticket passes through, in their order (product.md, T03, Y13)."""

from enum import StrEnum


class Node(StrEnum):
    """A node of the procedure. The order of the members is the order of the procedure."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    SIGN = "sign"
    ARRIVE = "arrive"
    RECTIFY = "rectify"
    FILE = "file"
    PENALISE = "penalise"
    FEED_BACK = "feed_back"
    REVISIT = "revisit"
    POST_CHECK = "post_check"
    CLOSE = "close"


ORDER: dict[Node, int] = {node: position for position, node in enumerate(Node)}


class NodeStatus(StrEnum):
    """How one node of one ticket stands at one moment."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PAUSED = "paused"
    ON_TIME = "on_time"
    LATE = "late"
    HANDED_OVER = "handed_over"
    SKIPPED = "skipped"


class TicketState(StrEnum):
    """What colour a ticket has on map, pipeline and lists: the worst of its open nodes.

    DONE means rectified, with only follow-ups running in time; CLOSED has left the board.
    """

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    ON_TIME = "on_time"
    PAUSED = "paused"
    DONE = "done"
    CLOSED = "closed"
