"""What the database knew of other tickets when one was judged: the rules see no more than this.

Never a complainant: a ticket is named by its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.nodes import Node


@dataclass(frozen=True, slots=True)
class EvidenceUse:
    """Another ticket, where this file of evidence was handed in at a moment."""

    sha256: str
    ticket: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LikePicture:
    """A picture `other` of another ticket that differs from this ticket's in so many bits of 256."""

    sha256: str
    other: str
    ticket: str
    at: datetime
    bits: int


@dataclass(frozen=True, slots=True)
class LaterComplaint:
    """Another ticket of the same kind that came in near this one's point, after it was closed.

    `sensed` names the station and factor where it is the same sensor's that this ticket had: "一号工地 PM10".
    """

    ticket: str
    received_at: datetime
    distance_m: float
    sensed: str = ""


@dataclass(frozen=True, slots=True)
class DecidedFile:
    """A re-supervision about a node of this ticket that was closed or declined at a moment."""

    number: str
    node: Node | None
    round: int | None
    at: datetime


@dataclass(frozen=True)
class Surroundings:
    """Everything outside of a ticket's own stream. `names` are the bodies' short names, by key."""

    uses: tuple[EvidenceUse, ...] = ()
    alike: tuple[LikePicture, ...] = ()
    later: tuple[LaterComplaint, ...] = ()
    decided: tuple[DecidedFile, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
