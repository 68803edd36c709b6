"""What stands beside a list when one of its lines is chosen: a re-supervision, a ledger item.

Names are ready for the screen; times are aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.events import Behaviour, Event
from domain.frozen_facts import Comparable
from domain.ledger import Colour, ColourReason, LedgerRow, Milestone
from domain.overview import ReSupervisionRow
from domain.re_supervision import Exchange


@dataclass(frozen=True, slots=True)
class ReSupervisionDetail:
    """A re-supervision file. `events` are the ticket's events in the frozen file, `comparable` the cases that
    were compared, and `head` the ticket's hash at launch; all are empty while it is a draft. `question` and
    `explanation` are those of the last of its `exchanges`. `names` are bodies' by key, `channels` those of
    channels."""

    row: ReSupervisionRow
    question: str = ""
    head: str = ""
    explanation: str = ""
    behaviour: Behaviour | None = None
    finding: str = ""
    recommendation: str = ""
    events: tuple[Event, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()
    comparable: Comparable | None = None


@dataclass(frozen=True, slots=True)
class ColourChange:
    """From `at` on the item had this colour, for this reason; percent done and percent planned then."""

    at: datetime
    colour: Colour
    reason: ColourReason
    percent: int
    planned: int


@dataclass(frozen=True, slots=True)
class ProgressNote:
    at: datetime
    percent: int
    note: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class LedgerDetail:
    """A ledger item with its plan, its progress notes (newest last) and its colours (newest last)."""

    row: LedgerRow
    goal: str
    measures: str
    milestones: tuple[Milestone, ...]
    progress: tuple[ProgressNote, ...]
    history: tuple[ColourChange, ...]
    ticket: str | None = None
