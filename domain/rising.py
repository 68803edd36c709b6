"""Which kinds of complaint rise faster than usual in a place (B18).

No source says what faster is: the numbers of `RisingRule` are 示例. What came in over the last days is held
against the weeks before, and only what chance alone would hardly bring stands out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import exp


@dataclass(frozen=True, slots=True)
class RisingRule:
    """`days` are held against so many windows of as many days before. Fewer than `least` tickets never stand
    out; `chance` is how probable the count may be at the most where nothing has changed."""

    days: int = 7
    windows: int = 8
    least: int = 3
    chance: float = 0.005

    @property
    def recent(self) -> timedelta:
        """The time that is looked at."""
        return timedelta(days=self.days)

    @property
    def whole(self) -> timedelta:
        """That, and what it is held against."""
        return timedelta(days=self.days * (self.windows + 1))


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Tickets of one kind at one place: those of the last days by number, and how many came in before.

    `category` and `area` are codes, the names are ready for the screen; `township` is a name, "" for none.
    """

    category: str
    area: str
    township: str
    numbers: tuple[str, ...]
    before: int
    category_name: str = ""
    area_name: str = ""


@dataclass(frozen=True, slots=True)
class Rise:
    """A kind that rises at a place: `usual` tickets were to be expected; so probable was the count."""

    count: PlaceCount
    usual: float
    chance: float

    @property
    def recent(self) -> int:
        """How many came in."""
        return len(self.count.numbers)

    @property
    def times(self) -> float | None:
        """How many times the usual that is; None where nothing was usual."""
        return self.recent / self.usual if self.count.before else None


def rises(counts: Iterable[PlaceCount], rule: RisingRule | None = None) -> tuple[Rise, ...]:
    """Return what rises faster than usual, the least probable first."""
    rule = rule or RisingRule()
    found = []
    for count in counts:
        recent = len(count.numbers)
        if recent < rule.least:
            continue
        # Half a ticket more: where none ever came in, the first few are no miracle.
        expected = (count.before + 0.5) / rule.windows
        chance = at_least(recent, expected)
        if recent > expected and chance <= rule.chance:
            found.append(Rise(count, count.before / rule.windows, chance))
    return tuple(sorted(found, key=_least_probable_first))


def at_least(number: int, expected: float) -> float:
    """Return the probability of so many or more events where `expected` are to be expected (Poisson)."""
    below, term = 0.0, exp(-expected)
    for events in range(number):
        below += term
        term *= expected / (events + 1)
    return max(0.0, 1.0 - below)


def _least_probable_first(rise: Rise) -> tuple[float, int, str, str, str]:
    return (rise.chance, -rise.recent, rise.count.category, rise.count.area, rise.count.township)
