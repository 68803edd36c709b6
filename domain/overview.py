"""What the overview shows: one frozen record, read in one go, drawn by the panels of the wall.

Names are ready for the screen; times are aware; a figure that can be opened carries its `TicketFilter`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.calendar import DayKind
from domain.ledger import Colour, ColourCount, ColourScheme, LedgerRow
from domain.listing import TicketFilter, WarningRow
from domain.monitoring import Monitoring
from domain.nodes import Node, TicketState
from domain.people import Role
from domain.ranking import RankingRow
from domain.urgency import Urgency


class FeedState(StrEnum):
    OK = "ok"
    LAGGING = "lagging"
    SILENT = "silent"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A source's link: when it last spoke, and how many seconds it is behind what it promised."""

    key: str
    name: str
    state: FeedState
    last_seen: datetime | None = None
    lag_seconds: int = 0


class KpiKey(StrEnum):
    """The eight figures of the KPI row, in their order on screen (T06, Q01, X04)."""

    RECEIVED_TODAY = "received_today"
    SIGN_RATE = "sign_rate"
    DISPATCH_RATE = "dispatch_rate"
    DISPOSAL_RATE = "disposal_rate"
    OPEN = "open"
    OVERDUE_NODES = "overdue_nodes"
    SATISFACTION = "satisfaction"
    MEAN_HANDLING = "mean_handling"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure. A rate has numerator and denominator and its value is their ratio, None when nothing
    fell due; MEAN_HANDLING's value is in hours; `previous` is the same figure one window before.
    `parts` are small counts under the figure, such as critical and first-level tickets among the open
    ones: (key, count). `spoilers` opens the tickets that spoil a rate, where there are some.
    """

    key: KpiKey
    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    previous: float | None = None
    parts: tuple[tuple[str, int], ...] = ()
    filter: TicketFilter | None = None
    spoilers: TicketFilter | None = None


@dataclass(frozen=True, slots=True)
class PipelineNode:
    """Open tickets whose first unfinished node is this one, and how many of them are overdue here."""

    node: Node
    open: int
    due_soon: int
    overdue: int
    filter: TicketFilter


@dataclass(frozen=True, slots=True)
class MapPoint:
    """An open ticket on the map, WGS-84 degrees."""

    number: str
    lng: float
    lat: float
    state: TicketState
    urgency: Urgency
    area: str | None = None


@dataclass(frozen=True, slots=True)
class AreaCount:
    """Open tickets of a county; `name` is where its label stands."""

    area: str
    name: str
    open: int
    overdue: int


class DirectiveState(StrEnum):
    """How a directive stands as a whole; the worst of its receivers."""

    UNSIGNED = "unsigned"
    UNSIGNED_LATE = "unsigned_late"
    RUNNING = "running"
    RETURNED = "returned"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    FED_BACK = "fed_back"
    JUDGED = "judged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DirectiveRow:
    """A directive with its receipts: how many of the receivers signed, fed back, were judged done.

    `late` of them are late to sign or to feed back; `sign_by` is when it was to be signed, `climbed_to` the
    role that a warning of a late one has climbed to.
    """

    number: str
    text: str
    issued_by: str
    issued_at: datetime
    deadline: datetime
    urgency: Urgency
    state: DirectiveState
    receivers: tuple[str, ...]
    receiver_names: tuple[str, ...]
    signed: int
    fed_back: int
    accepted: int
    tickets: tuple[str, ...] = ()
    late: int = 0
    reminded: int = 0
    sign_by: datetime | None = None
    climbed_to: Role | None = None


@dataclass(frozen=True, slots=True)
class ReSupervisionRow:
    """A re-supervision file: `state` is drafted, launched, explained, found, declined or closed."""

    number: str
    ticket: str
    title: str
    body: str | None
    body_name: str
    node: Node | None
    round: int | None
    cause: str
    state: str
    drafted_at: datetime
    launched_at: datetime | None
    deadline: datetime | None
    officer: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview draws, as of one moment.

    `day_name` is the holiday's name where the calendar has one, else empty; `day_kind` is None when the
    year's calendar is not known. The ranking counts `ranking_node`, or all nodes when it is None,
    due in the last `ranking_days` days. `directives_late` counts receivers who are late to sign or to feed
    back: all, or for a handler the own body.
    """

    as_of: datetime
    city: str
    sample: bool
    day_name: str
    day_kind: DayKind | None
    feeds: tuple[FeedHealth, ...]
    kpis: tuple[Kpi, ...]
    ranking: tuple[RankingRow, ...]
    ranking_days: int
    points: tuple[MapPoint, ...]
    areas: tuple[AreaCount, ...]
    open_tickets: int
    pipeline: tuple[PipelineNode, ...]
    warnings: tuple[WarningRow, ...]
    warnings_red: int
    warnings_yellow: int
    ledger_counts: tuple[ColourCount, ...]
    ledger_rows: tuple[LedgerRow, ...]
    ledger_scheme: ColourScheme
    directives: tuple[DirectiveRow, ...]
    directives_to_sign: int
    directives_to_feed_back: int
    unranked: tuple[RankingRow, ...] = field(default=())
    ranking_node: Node | None = None
    directives_late: int = 0
    monitoring: Monitoring | None = None


__all__ = [
    "AreaCount",
    "Colour",
    "DirectiveRow",
    "DirectiveState",
    "FeedHealth",
    "FeedState",
    "Kpi",
    "KpiKey",
    "MapPoint",
    "Overview",
    "PipelineNode",
    "ReSupervisionRow",
]
