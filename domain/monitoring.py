"""What the overview shows of stations and indices: how many stand how, the worst of a kind, ranks (X04)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.aqi.standing import AirRanking
from domain.environment import DeviceCalls, Spark, StationRow
from domain.stations import StationKind, StationState

CARDS = (StationKind.DUST, StationKind.WATER, StationKind.STACK, StationKind.NOISE)
"""The kinds of pollution sources that have a card; air is what the ranking is of."""

_SEVERITY = tuple(StationState)


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The monitoring panel's content. `cards` has the most pressing station of each kind that has one,
    `calls` what devices need.
    """

    counts: tuple[tuple[StationState, int], ...]
    cards: tuple[Spark, ...]
    ranking: AirRanking
    calls: DeviceCalls = field(default_factory=DeviceCalls)

    @property
    def stations(self) -> int:
        """How many are registered."""
        return sum(count for _, count in self.counts)

    def count(self, *states: StationState) -> int:
        """Return how many stations are in one of these states."""
        return sum(count for state, count in self.counts if state in states)

    @property
    def heard(self) -> int:
        """How many speak, whatever they say."""
        return self.count(StationState.ONLINE, StationState.EXCEEDING, StationState.INVALID)


def counted(rows: Sequence[StationRow]) -> tuple[tuple[StationState, int], ...]:
    """Return how many stations are in each state, the worst first; states that none is in are left out."""
    counts = Counter(row.state for row in rows)
    return tuple((state, counts[state]) for state in StationState if counts[state])


def most_pressing(rows: Sequence[StationRow]) -> tuple[StationRow, ...]:
    """Return for each kind with a card the station that presses most; the first of equals."""
    found = []
    for kind in CARDS:
        of_kind = [row for row in rows if row.station.kind is kind]
        if of_kind:
            found.append(min(of_kind, key=_pressing))
    return tuple(found)


def _pressing(row: StationRow) -> tuple[bool, float, int]:
    """Beyond the limit comes first, then what takes the most of it, then who says nothing usable."""
    worst = row.worst
    share = worst.share if worst is not None else None
    exceeding = row.state is StationState.EXCEEDING
    return not exceeding, -(share or 0.0), _SEVERITY.index(row.state)
