"""What was measured on site, against the limit that applied: as people write it, as the log has it (Y27)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from domain.events import Arrived, Event, Rectified

MOST_READINGS = 20
LONGEST_ITEM = 60
LARGEST = 10_000_000
DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with the limit that applied, both in the unit that `item` ends with, if it names one."""

    item: str
    value: float
    limit: float

    @property
    def exceeds(self) -> bool:
        """Whether it is over the limit: exactly at it is not."""
        return self.value > self.limit


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A reading of a ticket's log, with when and by whom it was told."""

    at: datetime
    actor: str
    reading: Reading


_NUMBER = r"\d{1,8}(?:\.\d{1,6})?"
_LINE = re.compile(
    rf"(?P<item>\S(?:.*?\S)?)[\s:：]+(?P<value>{_NUMBER})\s*(?P<unit>[^\d/／限\s][^/／限]*?)?\s*"
    rf"(?:[/／]|[，,]?\s*限值?[:：]?)\s*(?P<limit>{_NUMBER})\s*(?P<later>\S.*)?"
)


def parse_reading(line: str) -> Reading | None:
    """Return the reading of a line like "噪声 71 / 55 dB(A)" or "PM10 210 限 150", None if it is none."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None
    unit = (match["later"] or match["unit"] or "").strip()
    item = f"{match['item']}（{unit}）" if unit else match["item"]
    value, limit = float(match["value"]), float(match["limit"])
    if len(item) > LONGEST_ITEM or not can_be(value) or not can_be(limit):
        return None
    return Reading(item, round(value, DECIMALS), round(limit, DECIMALS))


def can_be(value: float) -> bool:
    """Whether a number can be a reading or a limit."""
    return isfinite(value) and 0 <= value <= LARGEST


def readings_of(events: Iterable[Event]) -> tuple[ReadingRow, ...]:
    """Return what a ticket's events say was measured, in their order."""
    rows: list[ReadingRow] = []
    for event in events:
        match event.fact:
            case Arrived(measured=items, values=values, limits=limits):
                pass
            case Rectified(measured=items, values=values, limits=limits):
                pass
            case _:
                continue
        # Whoever writes past this program may leave one out.
        for item, value, limit in zip(items, values, limits, strict=False):
            rows.append(ReadingRow(event.at, event.actor.name, Reading(item, value, limit)))
    return tuple(rows)
