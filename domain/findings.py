"""What radar, van, drone and satellite found, and how a person makes a clue of it (T24, T26).

A finding is no ticket: most are only looked at. One that a person thinks worth it becomes a clue, once, and
the clue says where it came from.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import Event, Received
from domain.orders import LONGEST_NAME, note, written
from domain.people import Actor
from domain.rights import COMMAND_OF, Reason, RefusedError, check
from domain.urgency import Urgency

TRACING = "tracing"
"""The channel of clues that came from a finding: 科技溯源."""

_PREFIX = "KJ-"
_FROM = "finding/"


class FindingSource(StrEnum):
    """Who saw it, from the ground up: 地、空、天 (T24)."""

    RADAR = "radar"
    VAN = "van"
    DRONE = "drone"
    SATELLITE = "satellite"


@dataclass(frozen=True, slots=True)
class NewFinding:
    """Something found, as a file brings it: a point of WGS-84 degrees at a moment, or until another one.

    `track` is the way of something that moved, as (lng, lat, value or None); the point is then where the
    value was highest. `area` is a county's adcode, None outside of the city. `is_suspect`: the source itself
    calls it a problem, as a value above its threshold.
    """

    source: FindingSource
    at: datetime
    lng: float
    lat: float
    what: str
    value: float | None = None
    unit: str = ""
    until: datetime | None = None
    track: tuple[tuple[float, float, float | None], ...] = ()
    area: str | None = None
    is_suspect: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in the store: the clue that was made of it, if any, and the file that it is from."""

    number: int
    new: NewFinding
    file: str
    ticket: str | None = None
    area_name: str = ""


@dataclass(frozen=True, slots=True)
class ClueDraft:
    """转为线索: a person makes a clue of a finding."""

    request_id: str
    finding: int
    title: str
    text: str = ""
    category: str | None = None
    urgency: Urgency = Urgency.ORDINARY


def clue_number(finding: int) -> str:
    """Return the number of the ticket that a finding becomes: each finding has one, and only one."""
    return f"{_PREFIX}{finding:06d}"


def is_of_finding(ticket: str) -> bool:
    """Whether a ticket is called as one that a finding became."""
    return ticket.startswith(_PREFIX)


def external_id(finding: int) -> str:
    """Return what the ticket says about where it came from."""
    return f"{_FROM}{finding}"


def finding_of(said: str | None) -> int | None:
    """Return the finding that a ticket says it came from, None for any other."""
    number = (said or "").removeprefix(_FROM)
    return int(number) if said and said.startswith(_FROM) and number.isdecimal() else None


def make_clue(
    draft: ClueDraft, finding: Finding, actor: Actor, categories: Collection[str], now: datetime
) -> Event:
    """Return the event that a finding becomes: received now, at its place, by the person who says so.

    Raises:
        RefusedError: the role has no right to it, it was made a clue before, there is no such kind, or the
            title is missing.
    """
    check(COMMAND_OF[Received], actor)
    if finding.ticket is not None:
        raise RefusedError(Reason.ALREADY_A_CLUE, finding.ticket)
    if draft.category is not None and draft.category not in categories:
        raise RefusedError(Reason.BAD_DATA, draft.category)
    new = finding.new
    fact = Received(
        TRACING,
        written(draft.title, LONGEST_NAME),
        note(draft.text),
        draft.urgency,
        draft.category,
        new.area,
        lng=new.lng,
        lat=new.lat,
        external_id=external_id(finding.number),
    )
    return Event(now, actor, fact)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was found by oneself became a clue over a window (T26, Y31).

    `suspects` of `findings` were called problems by their source, `followed` of them have a ticket. Of the
    `received` tickets of the window `own` were not complained about but found by oneself.
    """

    since: datetime
    until: datetime
    findings: int
    suspects: int
    followed: int
    own: int
    received: int

    @property
    def rate(self) -> float | None:
        """The share of problems with a ticket; None where none was found."""
        return self.followed / self.suspects if self.suspects else None

    @property
    def own_share(self) -> float | None:
        """The share of tickets found by oneself; None where none came in."""
        return self.own / self.received if self.received else None
