"""What is measured: a figure with its unit and budget, and the results of one run at one size."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `key` is unique and names the notes beside it (benchmarks/notes.toml).

    `budget` is in `unit`; it holds at the size `budget_size`, for the median, or with `of_p95` for the 95th
    percentile. `more_is_better` is for rates. `bench` is the issue's number of the figure, for the order.
    """

    key: str
    bench: int
    title: str
    unit: str = "ms"
    budget: float | None = None
    budget_size: int | None = 1_000_000
    of_p95: bool = False
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
    extra: dict[str, Any] = field(default_factory=dict)

    def stamped(self, measured_at: str, commit: str) -> "Result":
        """Return it with when, and of which commit, it was measured."""
        return replace(self, measured_at=measured_at, commit=commit)

    @property
    def median(self) -> float:
        return quantile(self.values, 0.5)

    @property
    def p95(self) -> float:
        return quantile(self.values, 0.95)


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
