"""Which directives are listed, in which order, and what a line of receivers and a thread hold (T20, X05)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.events import Event
from domain.overview import DirectiveRow, DirectiveState
from domain.people import Role


class DirectiveGroup(StrEnum):
    """Directives by what is owed: of the one body that is chosen, or of any receiver."""

    OPEN = "open"
    LATE = "late"
    UNSIGNED = "unsigned"
    UNANSWERED = "unanswered"
    TO_JUDGE = "to_judge"
    JUDGED = "judged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DirectiveFilter:
    """Directives of a year (of their number), to a body, of a group; None is no condition."""

    group: DirectiveGroup | None = None
    body: str | None = None
    year: int | None = None


class DirectiveOrder(StrEnum):
    """NEWEST first, or the late ones first and then what is due next."""

    NEWEST = "newest"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class DirectiveCounts:
    """How many directives of the year and body there are, and of each group; late receipts of all of them."""

    all: int = 0
    groups: tuple[int, ...] = (0,) * len(DirectiveGroup)
    late_receipts: int = 0


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """How one receiver of a directive stands. `accepted` is None until the leader has judged.

    `fed_back_at`, `feedback` and `accepted` are of the last of so many `rounds`. Of a late one `climbed_to`
    is the role that its warning has climbed to.
    """

    body: str
    body_name: str
    signed_at: datetime | None
    fed_back_at: datetime | None
    feedback: str = ""
    accepted: bool | None = None
    signed_by: str = ""
    rounds: int = 0
    reminded: int = 0
    reminded_at: datetime | None = None
    state: DirectiveState = DirectiveState.UNSIGNED
    climbed_to: Role | None = None
    climbed_at: datetime | None = None

    @property
    def owes(self) -> bool:
        """Whether it has still to feed back, or to do so again."""
        return self.fed_back_at is None or self.accepted is False


@dataclass(frozen=True, slots=True)
class DirectiveReceipts:
    """A line of the matrix: a directive, and how each of its receivers stands."""

    row: DirectiveRow
    receipts: tuple[ReceiptRow, ...]

    def of(self, body: str) -> ReceiptRow | None:
        """Return how a receiver stands; None for a body that is none."""
        return next((receipt for receipt in self.receipts if receipt.body == body), None)


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One event of a directive's thread: `number` from 1, `body_name` the receiver's that it is about, and
    the short name of the body that its actor works for. `round` is of the receiver's feedback, from 1;
    reminders are numbered within their directive instead (B03)."""

    number: int
    event: Event
    body: str = ""
    body_name: str = ""
    actor_body: str = ""
    round: int = 0


@dataclass(frozen=True, slots=True)
class DirectiveDetail:
    """A directive with each receiver's answers; `withdrawn` is the reason when it was withdrawn.

    `areas` are codes, `area_names` their names; `thread` is all that happened, in order of time.
    """

    row: DirectiveRow
    receipts: tuple[ReceiptRow, ...]
    items: tuple[str, ...] = ()
    area_names: tuple[str, ...] = ()
    withdrawn: str | None = None
    basis: str = ""
    areas: tuple[str, ...] = ()
    thread: tuple[ThreadRow, ...] = field(default=())
