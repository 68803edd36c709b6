"""What is measured: a figure with its unit and budget, and the results of one run at one size."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

KEPT = 400


class Judged(Enum):
    """Which value of a result its budget speaks of. GIVEN: the benchmark itself says, in `_within`."""

    MEDIAN = "median"
    P95 = "95th percentile"
    WORST = "worst"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `key` is unique and names the notes beside it (benchmarks/notes.toml).

    `budget` is in `unit` and holds at the size `budget_size` (None: at every size). `more_is_better` is for
    rates. `bench` is the issue's number of the figure, for the order.
    """

    key: str
    bench: int
    title: str
    unit: str = "ms"
    budget: float | None = None
    budget_size: int | None = 1_000_000
    judged: Judged = Judged.MEDIAN
    more_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What one run found: all values of a figure at one size of store. `extra` is told beside the table."""

    key: str
    size: int
    values: tuple[float, ...]
    measured_at: str = ""
    commit: str = ""
    quick: bool = False
    load: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    def stamped(self, measured_at: str, commit: str, load: float) -> "Result":
        """Return it with when, of which commit, and at which load average it was measured."""
        return replace(self, measured_at=measured_at, commit=commit, load=load)

    @property
    def median(self) -> float:
        return quantile(self.values, 0.5)

    @property
    def p95(self) -> float:
        return quantile(self.values, 0.95)

    @property
    def worst(self) -> float:
        return max(self.values)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = -(-len(ordered) * share // 1)
    return ordered[max(0, min(len(ordered), int(place)) - 1)]


def timed(call: Callable[[], object], runs: int, warmups: int = 1) -> tuple[float, ...]:
    """Return how many milliseconds each call took. The first ones fill caches and are not counted."""
    for _ in range(warmups):
        call()
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - begun))
    return tuple(found)


def thinned(values: Sequence[float], most: int = KEPT) -> tuple[float, ...]:
    """Return at most so many values of the same distribution: evenly spaced in order, first and last kept."""
    ordered = sorted(values)
    if len(ordered) <= most:
        return tuple(ordered)
    return tuple(ordered[round(place * (len(ordered) - 1) / (most - 1))] for place in range(most))


def trend(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the slope of a straight line through the points, and its standard error (least squares).

    Neighbouring samples of a process's memory resemble each other, and say less than as many that do not: the
    error is that of an autoregressive series of the first order (Bartlett 1935: n samples are worth
    n (1 - r) / (1 + r)).
    """
    count = len(points)
    if count < 3:
        raise ValueError("a slope needs three points")
    x_mean = sum(x for x, _ in points) / count
    y_mean = sum(y for _, y in points) / count
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in points) / spread
    rests = [y - y_mean - slope * (x - x_mean) for x, y in points]
    total = sum(rest**2 for rest in rests)
    if total == 0:
        return slope, 0.0
    alike = sum(one * other for one, other in itertools.pairwise(rests)) / total
    likeness = min(max(alike, 0.0), 0.99)
    return slope, (total / (count - 2) / spread * (1 + likeness) / (1 - likeness)) ** 0.5
