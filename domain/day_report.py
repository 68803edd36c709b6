"""What the daily report says: what happened on a day, how things stood at its end, and the seals to keep.

Names are ready for the screen; times are aware.
"""

from dataclasses import dataclass
from datetime import date, datetime

from domain.overview import FeedHealth
from domain.seal import Seal


@dataclass(frozen=True, slots=True)
class BodyOverdue:
    """Open nodes of a body past their due time, and in how many tickets; `oldest` is the first due time."""

    key: str | None
    name: str
    nodes: int
    tickets: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class BodySilent:
    """A body that leads open tickets and has said nothing of any; `last_word` is when it last did (T19)."""

    key: str
    name: str
    tickets: int
    last_word: datetime | None


@dataclass(frozen=True, slots=True)
class Reporting:
    """How many bodies lead open tickets, and which of them did not report."""

    bodies: int = 0
    silent: tuple[BodySilent, ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of the day, counted in the log by when they happened."""

    received: int = 0
    proactive: int = 0
    """Of those received: found by oneself, or dealt with before anybody complained (B15)."""
    closed: int = 0
    bounced: int = 0
    red_raised: int = 0
    red_acknowledged: int = 0
    yellow_raised: int = 0
    directives_issued: int = 0
    directives_signed: int = 0
    directives_fed_back: int = 0
    directives_judged: int = 0
    files_drafted: int = 0
    files_launched: int = 0
    files_declined: int = 0
    files_closed: int = 0
    complainants_seen: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stood at the end of the day, or stand now where it has not ended."""

    open_tickets: int
    overdue: tuple[BodyOverdue, ...]
    red_unacknowledged: int
    directives_unsigned: int
    directives_overdue: int
    files_open: int
    feeds: tuple[FeedHealth, ...]


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day in the city. `seals` are the last ones up to the day, the day's own last if it is sealed."""

    city: str
    sample: bool
    day: date
    as_of: datetime
    ended: bool
    happened: Happened
    standing: Standing
    seals: tuple[Seal, ...]
    reporting: Reporting = Reporting()

    @property
    def seal(self) -> Seal | None:
        """The day's own seal."""
        return self.seals[-1] if self.seals and self.seals[-1].day == self.day else None
