"""What can happen. A fact is one thing that happened; an event is a fact with its time and its actor.

Every stream (a ticket, a directive, a re-supervision, a ledger item) is an append-only list of events;
all clocks, colours and rankings follow from these lists. Field values are plain JSON values, aware
datetimes, enums of this package, or tuples of them, so that domain.codec needs no table of cases.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import get_args

from domain.admin_events import AdminFact
from domain.case_events import CaseFact
from domain.duty_events import DutyFact
from domain.duty_events import DutyNoted as DutyNoted
from domain.file_events import Behaviour as Behaviour
from domain.file_events import FileFact
from domain.file_events import ReSupervisionAsked as ReSupervisionAsked
from domain.file_events import ReSupervisionClosed as ReSupervisionClosed
from domain.file_events import ReSupervisionDeclined as ReSupervisionDeclined
from domain.file_events import ReSupervisionDrafted as ReSupervisionDrafted
from domain.file_events import ReSupervisionExplained as ReSupervisionExplained
from domain.file_events import ReSupervisionFound as ReSupervisionFound
from domain.file_events import ReSupervisionLaunched as ReSupervisionLaunched
from domain.item_events import ItemFact
from domain.nodes import Node
from domain.people import Actor, Role
from domain.sensor_events import SensorExceeded as SensorExceeded
from domain.sensor_events import SensorFact
from domain.sensor_events import SensorRecovered as SensorRecovered
from domain.sensor_events import SensorVerified as SensorVerified
from domain.urgency import Urgency


class WarningKind(StrEnum):
    """做得晚, 做得慢, 做不对 (T09)."""

    LATE = "late"
    SLOW = "slow"
    WRONG = "wrong"


class WarningLevel(StrEnum):
    """Red first: the order of the members is the order on screen."""

    RED = "red"
    YELLOW = "yellow"


# --- a ticket ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """A complaint or alarm came in. Complainants are kept apart from the log, never in it.

    `category` is a kind's code of the category list, `area` a county's adcode (GB/T 2260); the point is
    WGS-84 degrees. `policy` names the family of policies that judges the ticket.
    """

    channel: str
    title: str
    text: str = ""
    urgency: Urgency = Urgency.ORDINARY
    category: str | None = None
    area: str | None = None
    township: str | None = None
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    external_id: str | None = None
    urgency_as_written: str | None = None
    policy: str = "standard"


@dataclass(frozen=True, slots=True)
class DueSupplied:
    """The source brought its own due time for a node; None means that it sets no limit at all."""

    node: Node
    due: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class Accepted:
    pass


@dataclass(frozen=True, slots=True)
class Dispatched:
    """Given to a lead body; `rule` names the line of the responsibility list that matched."""

    lead: str
    assisting: tuple[str, ...] = ()
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    pass


@dataclass(frozen=True, slots=True)
class ReturnedAsWrong:
    """The holder sent a wrongly assigned ticket back; its clocks stop here, charged for its own time."""

    reason: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """On site; distance in metres from the ticket's point, evidence as SHA-256 sums.

    `lng`, `lat` are where, in degrees of WGS-84, and `source` says where that comes from. `on_site_at` is
    when they say they got there; the clock ends with the event (Y06). `measured` names what was measured,
    with its unit, and `values` and `limits` have a number for each (Y27).
    """

    distance_m: float | None = None
    evidence: tuple[str, ...] = ()
    note: str = ""
    lng: float | None = None
    lat: float | None = None
    source: str = ""
    on_site_at: datetime | None = None
    measured: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    limits: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Rectified:
    """What was done; `measured` and the numbers are what was measured after it, as of `Arrived`."""

    measures: str = ""
    violation: bool = False
    evidence: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    limits: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Filed:
    document: str


@dataclass(frozen=True, slots=True)
class Penalised:
    """`amount` in yuan."""

    document: str
    amount: int = 0


@dataclass(frozen=True, slots=True)
class FedBack:
    """The complainant was told: by which way, what, and when, if that was before it was recorded (Y21)."""

    by: str
    text: str = ""
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revisited:
    """A person of the platform office called back; "not satisfied" starts the next round."""

    satisfied: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class PostChecked:
    """A body other than the handler looked again; not passed starts the next round."""

    passed: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Paused:
    reason: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Resumed:
    pass


@dataclass(frozen=True, slots=True)
class Extended:
    node: Node
    due: datetime
    reason: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class JointSupervisionOpened:
    bodies: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Chased:
    """催办: the holder was told to hurry."""

    text: str


@dataclass(frozen=True, slots=True)
class WarningRaised:
    """`rule` is the sentence of the rule, in the words of the policy.

    A cause is named by kind, level, node, round, leg, `part` (of `NodeClock`) and, for a wrong step,
    `rule_id`, the rule's own in the policy; `facts` are the lines that tell what tripped it.
    """

    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    body: str | None
    rule: str
    part: int = 0
    rule_id: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningAcknowledged:
    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    note: str = ""
    part: int = 0
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class WarningCleared:
    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    reason: str
    part: int = 0
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class WarningEscalated:
    """Nobody acknowledged a warning in time: it climbs to step `step` of the policy's ladder, to a role."""

    kind: WarningKind
    level: WarningLevel
    node: Node
    round: int
    leg: int
    step: int
    to: Role
    part: int = 0
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class DirectiveReferred:
    """A directive names this ticket; the directive's own stream has the rest."""

    number: str
    text: str
    receivers: tuple[str, ...]
    deadline: datetime


@dataclass(frozen=True, slots=True)
class ReSupervisionReferred:
    """A re-supervision about this ticket was drafted, launched, declined or closed."""

    number: str
    step: str
    text: str = ""
    deadline: datetime | None = None


# --- who looked ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComplainantSeen:
    """A person looked at who complained, in the stream access/… of the ticket: who, when and why."""

    reason: str


# --- a directive ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DirectiveIssued:
    """`basis` is the line that it was issued from, as it stood then: of a ranking, of a map's county."""

    text: str
    receivers: tuple[str, ...]
    deadline: datetime
    urgency: Urgency = Urgency.ORDINARY
    tickets: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class DirectiveSigned:
    body: str


@dataclass(frozen=True, slots=True)
class DirectiveFedBack:
    body: str
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectiveJudged:
    """`accepted` True is 属实, False is 退回."""

    body: str
    accepted: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class DirectiveReminded:
    """催办 of a receiver."""

    body: str
    text: str


class DirectiveLateness(StrEnum):
    """What a receiver has not done in time: to sign, or to feed back by the deadline."""

    UNSIGNED = "unsigned"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class DirectiveWarned:
    """The system notes that a receiver is late, once for each cause."""

    body: str
    lateness: DirectiveLateness


@dataclass(frozen=True, slots=True)
class DirectiveEscalated:
    """Nobody took up the warning of `since` in time: it climbs to step `step` of the ladder, to a role."""

    body: str
    lateness: DirectiveLateness
    since: datetime
    step: int
    to: Role


@dataclass(frozen=True, slots=True)
class DirectiveWithdrawn:
    reason: str


Fact = (
    Received
    | DueSupplied
    | Accepted
    | Dispatched
    | Signed
    | ReturnedAsWrong
    | Arrived
    | Rectified
    | Filed
    | Penalised
    | FedBack
    | Revisited
    | PostChecked
    | Closed
    | Paused
    | Resumed
    | Extended
    | JointSupervisionOpened
    | Chased
    | WarningRaised
    | WarningAcknowledged
    | WarningCleared
    | WarningEscalated
    | DirectiveReferred
    | ReSupervisionReferred
    | ComplainantSeen
    | DirectiveIssued
    | DirectiveSigned
    | DirectiveFedBack
    | DirectiveJudged
    | DirectiveReminded
    | DirectiveWarned
    | DirectiveEscalated
    | DirectiveWithdrawn
    | FileFact
    | ItemFact
    | CaseFact
    | AdminFact
    | SensorFact
    | DutyFact
)

KINDS: dict[str, type[Fact]] = {fact.__name__: fact for fact in get_args(Fact)}


@dataclass(frozen=True, slots=True)
class Event:
    """A fact with the moment it happened (aware) and who did it."""

    at: datetime
    actor: Actor
    fact: Fact

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an event needs an aware time")
