"""How a warning that nobody acknowledges climbs the policy's ladder: stepwise, each at its own second."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.events import WarningLevel
from domain.people import Role
from domain.wrong.rule import Rung


@dataclass(frozen=True, slots=True)
class Climb:
    """A step of the ladder, counted from 1, that a warning takes at a moment, to a role."""

    step: int
    to: Role
    at: datetime


def next_climb(
    ladder: Sequence[Rung],
    level: WarningLevel,
    raised_at: datetime,
    climbed: int = 0,
    until: datetime | None = None,
) -> Climb | None:
    """Return the next step of a warning, None when there is none.

    `climbed` is how many steps it took; `until` when it was acknowledged or cleared, if it was: a step that
    had come before that is still taken, however late one looks.
    """
    rungs = [rung for rung in ladder if rung.level is level]
    if climbed >= len(rungs):
        return None
    rung = rungs[climbed]
    at = raised_at + rung.after
    return Climb(climbed + 1, rung.to, at) if until is None or at < until else None
