"""What can happen to a rectification item of the ledger (product.md, Four-colour ledger)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ItemOpened:
    """A rectification item: `milestones` are (title, share in percent, due date as ISO text)."""

    source: str
    batch: str
    problem: str
    body: str
    deadline: datetime
    area: str | None = None
    lead_in_charge: str = ""
    goal: str = ""
    measures: str = ""
    milestones: tuple[tuple[str, int, str], ...] = ()
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class ItemProgressed:
    percent: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ItemReturned:
    reason: str


@dataclass(frozen=True, slots=True)
class ItemClosedOut:
    document: str
    verifier: str


ItemFact = ItemOpened | ItemProgressed | ItemReturned | ItemClosedOut
