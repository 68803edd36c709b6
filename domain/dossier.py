"""A ticket's dossier: all that is known of one ticket as of a minute, filled by a reader, drawn by a page.

Clocks, log and evidence follow from the events up to that minute, so the same record replays any past one.
Names are ready for the screen, except those of bodies: `names` has them by key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.case import Case
from domain.case_events import RecordAdded, SubjectInspected
from domain.clock import DueExplanation, TicketClock
from domain.events import Arrived, Event, Rectified
from domain.listing import WarningRow
from domain.merging import CandidateRow, MergedRow
from domain.overview import DirectiveRow, ReSupervisionRow


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event of the ticket with its SHA-256 (64 hex digits) and whether it fits its predecessor."""

    event: Event
    hash: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A file that an event names by its SHA-256; `repeated` when an earlier event already used it."""

    sha256: str
    at: datetime
    actor: str
    note: str = ""
    distance_m: float | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class MaskedComplainant:
    """Who complained, as a dossier may show it; `secrecy` was asked for."""

    text: str
    secrecy: bool


@dataclass(frozen=True, slots=True)
class SeenComplainant:
    """Who complained, shown to one person for a reason that the log keeps. `repr` tells nothing of it."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    secrecy: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The case in words, all names ready for the screen.

    `complainant` is masked already; `repeats` counts reports about the same point in the last
    `repeat_days`, this one included (B10).
    """

    channel: str
    category_class: str = ""
    category: str = ""
    text: str = ""
    lead: str = ""
    assisting: tuple[str, ...] = ()
    area: str = ""
    township: str = ""
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    complainant: str = ""
    secrecy: bool = False
    repeats: int = 1
    repeat_days: int = 90


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that the dossier page draws. `clock.as_of` is the minute shown.

    `latest` is the end of what can be replayed: now, or when the ticket was closed, but never before the
    minute shown. `replayed` says that a past minute is shown. `explanations` stand in the order of
    `clock.trace.nodes`, one for each. `warnings` are those running at that minute.
    `names` are the bodies' names by key, `channels` the channels'. `merged` are the tickets that are handled
    in this one, at most some of them: `merged_count` counts all; `candidates` may be merged with it.
    """

    number: str
    title: str
    facts: Facts
    clock: TicketClock
    explanations: tuple[DueExplanation, ...]
    log: tuple[LogRow, ...]
    chain_ok: bool
    latest: datetime
    replayed: bool = False
    evidence: tuple[EvidenceRow, ...] = ()
    warnings: tuple[WarningRow, ...] = ()
    directives: tuple[DirectiveRow, ...] = ()
    re_supervisions: tuple[ReSupervisionRow, ...] = ()
    case: Case = field(default_factory=Case)
    names: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    merged: tuple[MergedRow, ...] = ()
    merged_count: int = 0
    candidates: tuple[CandidateRow, ...] = ()

    @property
    def merged_into(self) -> str | None:
        """The ticket in which this one is handled."""
        return self.clock.trace.merged_into

    def body_name(self, key: str | None) -> str:
        """Return a body's name; its key when nobody gave it a name."""
        return self.names.get(key, key) if key else ""


def evidence_of(events: Iterable[Event]) -> tuple[EvidenceRow, ...]:
    """Return the files that a ticket's events name, in their order, with those that come back marked."""
    seen: set[str] = set()
    rows: list[EvidenceRow] = []
    for event in events:
        match event.fact:
            case Arrived(distance_m=distance, evidence=sums, note=note):
                pass
            case SubjectInspected(evidence=sums, subject=note) | RecordAdded(evidence=sums, title=note):
                distance = None
            case Rectified(evidence=sums, measures=note):
                distance = None
            case _:
                continue
        for checksum in sums:
            rows.append(
                EvidenceRow(checksum, event.at, event.actor.name, note, distance, repeated=checksum in seen)
            )
            seen.add(checksum)
    return tuple(rows)
