"""What a list of tickets shows, and the filter that names exactly which tickets.

Every figure on a screen carries a filter, so that a click opens exactly the tickets that it counted.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import WarningKind, WarningLevel
from domain.nodes import Node, NodeStatus, TicketState
from domain.urgency import Urgency


class Outcome(StrEnum):
    """Which of the nodes that fell due a ranking figure counts.

    DUE is all of them: ON_TIME, LATE (ended after the due time) and OPEN_OVERDUE. NOT_ON_TIME is the last
    two together, what spoils a rate.
    """

    DUE = "due"
    ON_TIME = "on_time"
    LATE = "late"
    OPEN_OVERDUE = "open_overdue"
    NOT_ON_TIME = "not_on_time"


UNSET = "-"
"""The key under which a ranking counts tickets without a category or area; a filter by it finds them."""


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Tickets that meet every part that is set. An empty filter is every ticket.

    `node` alone means "now at this node"; with `outcome` it means "has this node with that outcome, due in
    [due_from, due_to)"; `body`, `category` (class or kind code) and `area` (adcode) narrow either.
    `node_status` keeps tickets that have an open node of that status: any node, or, with `node`, the one
    where the ticket is now. `done_from`, `done_to` mean "has done `node` in [from, to)", without a node "was
    closed then"; `satisfied` keeps those with such a revisit, `bounced` those with a revisit or post-check
    not passed, done in that window. Without an outcome, `due_from` and `due_to` bound the due time of the
    current node.
    `body` is the one charged with the node that outcome or node_status speak of, the handler where it is
    about follow-ups that were done, else the lead. `merged` keeps those that are handled in another ticket,
    or those that are not. `numbers` names tickets one by one, as an opened cluster on the map does.
    """

    open_only: bool = False
    state: TicketState | None = None
    node: Node | None = None
    node_status: NodeStatus | None = None
    outcome: Outcome | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    done_from: datetime | None = None
    done_to: datetime | None = None
    body: str | None = None
    category: str | None = None
    area: str | None = None
    channel: str | None = None
    urgency: Urgency | None = None
    satisfied: bool | None = None
    bounced: bool = False
    text: str | None = None
    merged: bool | None = None
    numbers: tuple[str, ...] | None = None


class SortBy(StrEnum):
    """What a list of tickets is sorted by. WORST is the worst colour first and, in it, the earliest deadline;
    among closed ones the last closed first. In a group of equals the order is by number."""

    WORST = "worst"
    URGENCY = "urgency"
    NUMBER = "number"
    CATEGORY = "category"
    AREA = "area"
    BODY = "body"
    DUE = "due"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """An order of tickets; `descending` is exactly the reverse."""

    by: SortBy = SortBy.WORST
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Pressing:
    """The clock that makes a ticket yellow or red: the one overdue longest, else the due one of the yellow.

    It need not be the clock of the current node. `assisting` names the assisting body whose it is (Y24);
    empty where it is the lead's or the platform office's.
    """

    node: Node
    round: int
    due_at: datetime
    assisting: str = ""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One line of a ticket list. Names are ready for the screen; `due_at` is that of the current node.

    `pressing` is the clock that makes the state, None where no clock does: what a line names and counts
    down is that one. `merged_into` is the ticket in which this one is handled, `merged` how many are
    handled in this one.
    """

    number: str
    title: str
    urgency: Urgency
    channel: str
    channel_name: str
    category: str | None
    category_name: str
    area: str | None
    area_name: str
    township: str
    body: str | None
    body_name: str
    state: TicketState
    node: Node | None
    node_status: NodeStatus | None
    round: int
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    merged_into: str | None = None
    merged: int = 0
    pressing: Pressing | None = None

    @property
    def told_node(self) -> Node | None:
        """The node that a line names: of the clock that makes the state, else the current one."""
        return self.pressing.node if self.pressing else self.node

    @property
    def told_round(self) -> int:
        """The round of that node."""
        return self.pressing.round if self.pressing else self.round

    @property
    def told_due_at(self) -> datetime | None:
        """When that node is due."""
        return self.pressing.due_at if self.pressing else self.due_at


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A page of a list: `total` counts all tickets of the filter, `rows` are those from `offset` on.

    Where the filter speaks of nodes (a rate, overdue nodes), `nodes` is how many there are: a ticket with two
    rounds may have two. It is None where tickets are what is counted.
    """

    rows: tuple[TicketRow, ...]
    total: int
    offset: int
    as_of: datetime
    nodes: int | None = None


KEY_MARK = "\x1e"
"""Stands between the parts of a warning's key."""


@dataclass(frozen=True, slots=True)
class WarningRow:
    """A running warning. `rule` is the sentence of the rule; `due_at` the node's due time.

    `since` is when it was due to be raised; `acknowledged_by` the person who took note, if any. `facts` tell
    what tripped the rule `rule_id` of a wrong step; `escalated_to` is the role that it has climbed to.
    """

    ticket: str
    title: str
    urgency: Urgency
    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    body: str | None
    body_name: str
    area_name: str
    category_name: str
    rule: str
    since: datetime
    due_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    re_supervision: str | None = None
    part: int = 0
    rule_id: str = ""
    facts: tuple[str, ...] = ()
    escalated_to: str | None = None
    escalated_at: datetime | None = None

    @property
    def key(self) -> str:
        """What names a warning in a list: its ticket, round, leg, node, kind, level, part and rule."""
        clock = (self.ticket, str(self.round), str(self.leg), self.node)
        parts = (*clock, self.kind, self.level, str(self.part), self.rule_id)
        return KEY_MARK.join(parts)


@dataclass(frozen=True, slots=True)
class WarningFilter:
    """Running warnings that meet every part that is set; `unacknowledged` are those nobody took note of."""

    level: WarningLevel | None = None
    kind: WarningKind | None = None
    unacknowledged: bool = False
    body: str | None = None
    area: str | None = None


class WarningsBy(StrEnum):
    """What a list of warnings is sorted by; equals are red first, then by due time.

    WORST is the order of the wall's cards: red first, those nobody took note of before the others, among red
    ones the more urgent ticket, then by due time.
    """

    WORST = "worst"
    DUE = "due"
    SINCE = "since"
    URGENCY = "urgency"
    AREA = "area"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class WarningOrder:
    """An order of warnings; `descending` is exactly the reverse."""

    by: WarningsBy = WarningsBy.WORST
    descending: bool = False


@dataclass(frozen=True, slots=True)
class WarningCounts:
    """How many warnings run, by level and by kind."""

    red: int = 0
    yellow: int = 0
    late: int = 0
    slow: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class RunningWarnings:
    """Red ones first, longest overdue first, then yellow ones by due time.

    `rows` may be cut off by a limit; `late`, `slow`, `wrong` and the two levels count all of them.
    """

    rows: tuple[WarningRow, ...]
    red: int
    yellow: int
    late: int
    slow: int
    wrong: int
