"""A duty officer's time at the desk, and how fast the office is: what was done, the five times (T05, B06)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.events import (
    Accepted,
    Chased,
    Closed,
    Dispatched,
    Event,
    Fact,
    FedBack,
    PostChecked,
    Received,
    Rectified,
    Revisited,
)


class Stage(StrEnum):
    """The five of 五个一: received, taken up by the platform, handed on, dealt with, answered (B06)."""

    RECEIVED = "received"
    TAKEN_UP = "taken_up"
    HANDED_ON = "handed_on"
    DEALT_WITH = "dealt_with"
    ANSWERED = "answered"


FACT_OF: Mapping[Stage, type[Fact]] = {
    Stage.RECEIVED: Received,
    Stage.TAKEN_UP: Accepted,
    Stage.HANDED_ON: Dispatched,
    Stage.DEALT_WITH: Rectified,
    Stage.ANSWERED: FedBack,
}
"""The fact whose first time is the stage's."""

DONE_AT_THE_DESK: tuple[type[Fact], ...] = (Accepted, Dispatched, Chased, Revisited, PostChecked, Closed)
"""What a shift counts, in the order of the procedure."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Who has been at the desk since when, and how often each of `DONE_AT_THE_DESK` was done, by its name.

    `medians` are those of the last `WINDOW` up to each stage, since the reception; a stage that nobody
    reached is not there.
    """

    person: str
    since: datetime
    done: Mapping[str, int] = field(default_factory=dict)
    medians: Mapping[Stage, timedelta] = field(default_factory=dict)


WINDOW = timedelta(hours=24)


def five_times(events: Iterable[Event]) -> dict[Stage, datetime]:
    """Return when a ticket first reached each stage; a stage not reached yet is not there."""
    found: dict[Stage, datetime] = {}
    for event in events:
        for stage, fact in FACT_OF.items():
            if type(event.fact) is fact:
                found.setdefault(stage, event.at)
    return found
