"""What stands in the duty log (T05): who is on when, what one shift leaves to the next, what happened.

The streams are `duty/<year>-<month>`, of the city's months. Later words about a shift replace earlier ones.
"""

from dataclasses import dataclass
from enum import StrEnum


class DutyNote(StrEnum):
    """What a line of the duty log is."""

    ENTRY = "entry"
    """值班记事."""
    HAND_OVER = "hand_over"
    """交接班: what the next shift must know."""
    ROSTER = "roster"
    """排班: who is on in one shift of a day."""
    DEVICES = "devices"
    """设备异常已阅: somebody has taken note of what is wrong with devices (X14)."""


class ShiftTime(StrEnum):
    """The three shifts of a day: 0–8, 8–16 and 16–24 o'clock in the city."""

    NIGHT = "night"
    DAY = "day"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class DutyNoted:
    """A line of the log. `names` are who takes over, or is on; `day` (an ISO day) and `shift` a roster's;
    `items` the numbers of the device items that were taken note of.
    """

    note: DutyNote
    text: str = ""
    names: tuple[str, ...] = ()
    day: str = ""
    shift: ShiftTime | None = None
    items: tuple[int, ...] = ()


DutyFact = DutyNoted
