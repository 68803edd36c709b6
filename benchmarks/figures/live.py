"""Figures 1 and 2: how long from a commit in another process to the screen, and how the window bears it."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from benchmarks.bench import Bench
from benchmarks.children import Child, living, window
from benchmarks.measure import Figure, Judged, Result, quantile, thinned
from data_access.store import Connection

RATES = (5, 50, 500)
SETTLE_SECONDS = 10
"""What comes in the first seconds after the first change is not counted: the city has just begun to live."""

BEGIN_SECONDS = 120
"""How long a large city may take to begin to live."""

LEAST_SHARE = 0.5
"""Of the wanted rate: a city that lives more slowly measures something else."""

SECONDS, QUICK_SECONDS = 60, 12
STEPS = ("looked", "settled", "panels")
"""What the window tells of a look: the log was read, all was handed over, the panels have been painted."""

LAST_SECONDS = 3
"""What is committed in the end must have been painted, or it counts as not painted at all."""


@dataclass
class Watched:
    """What the window told of one rate. Times are the machine's, in seconds."""

    painted: dict[int, float] = field(default_factory=dict)
    steps: dict[str, dict[int, float]] = field(default_factory=lambda: {step: {} for step in STEPS})
    complete: dict[int, float] = field(default_factory=dict)
    stalls: list[float] = field(default_factory=list)
    stacks: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0
    _owed: list[tuple[float, list[int]]] = field(default_factory=list)

    def take(self, line: dict[str, Any]) -> None:
        """Take in a line of the window."""
        match line["event"]:
            case "painted":
                self.painted.update(dict.fromkeys(line["ids"], line["wall"]))
                for step, found in self.steps.items():
                    found.update(dict.fromkeys(line["ids"], line[step]))
                self.unnamed += line["everything"]
                self._owed.append((line["moment"], line["ids"]))
                while self._owed and self._owed[0][0] <= line["covered"]:
                    self.complete.update(dict.fromkeys(self._owed.pop(0)[1], line["wall"]))
            case "second":
                self.stalls.append(line["longest"])
            case "stall":
                self.stacks.update(dict.fromkeys(line["stacks"][-1:], line["ms"]))
            case _:
                pass


class LiveBenchmark:
    """The window shows the overview; the demo city lives beside it at 5, 50 and 500 changes a second.

    The moment of a commit is PostgreSQL's own (track_commit_timestamp), whoever wrote.
    """

    name = "live"
    sizes = ()
    figures = (
        *(
            Figure(f"live_{rate}", 1, f"Commit → painted at {rate} changes/s", "ms", 250.0, judged=Judged.P95)
            for rate in RATES
        ),
        Figure("live_500_all", 1, "… at 500 changes/s, until rates and rankings have followed, too"),
        Figure("stall", 2, "Longest stall in a second, at 500 changes/s", "ms", 50.0, judged=Judged.WORST),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        bench.track_commits()
        seconds = QUICK_SECONDS if bench.quick else SECONDS
        for place, rate in enumerate(RATES):
            seen = Watched()
            with window("live", bench.window_settings, bench.log) as child:
                child.until("ready", 240)
                with living(rate, bench.window_settings, bench.log):
                    child.until("painted", BEGIN_SECONDS)
                    _watch(child, Watched(), SETTLE_SECONDS)
                    begun = time.time()
                    _watch(child, seen, seconds)
                    ended = time.time()
                _watch(child, seen, LAST_SECONDS)
            commits = bench.copy.read(_Commits(begun, ended))
            if len(commits) < rate * (ended - begun) * LEAST_SHARE:
                raise RuntimeError(
                    f"the city lived at {len(commits) / (ended - begun):.1f}/s instead of {rate}/s"
                )
            painted, lost = _latencies(commits, seen.painted)
            told = {"changes": len(commits), "per_second": round(len(commits) / (ended - begun), 1)}
            if lost:
                told["not_painted"] = lost
            if seen.unnamed:
                told["read_anew"] = seen.unnamed
            for step, found in seen.steps.items():
                if times := _latencies(commits, found)[0]:
                    told[f"_{step}"] = round(quantile(times, 0.5))
            yield bench.result(self.figures[place], thinned(painted), **told)
            if rate == RATES[-1]:
                complete, _ = _latencies(commits, seen.complete)
                if complete:
                    yield bench.result(self.figures[len(RATES)], thinned(complete), changes=len(complete))
                _note_stalls(bench, seen)
                yield bench.result(self.figures[-1], seen.stalls[: seconds + LAST_SECONDS])


def _watch(child: Child, seen: Watched, seconds: float) -> None:
    for line in child.lines(seconds):
        seen.take(line)


def _latencies(commits: dict[int, float], painted: dict[int, float]) -> tuple[list[float], int]:
    """Return the milliseconds from each commit to the screen, and how many never came there."""
    found = [1000 * (painted[number] - at) for number, at in commits.items() if number in painted]
    return found, len(commits) - len(found)


def _note_stalls(bench: Bench, seen: Watched) -> None:
    """Keep where the window's thread stood while it was late: for whoever looks for the cause."""
    lines = [f"{ms:8.0f} ms  {stack}" for stack, ms in seen.stacks.most_common(40)]
    bench.log.with_name("stalls.txt").write_text("\n".join(lines) + "\n", "utf-8")


class _Commits:
    """The commit time of each event recorded within a span."""

    def __init__(self, begun: float, ended: float) -> None:
        self._begun, self._ended = begun, ended

    def __call__(self, connection: Connection) -> dict[int, float]:
        rows = connection.execute(
            text(
                "SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xid::xid)) AS at FROM event"
                " WHERE recorded_at >= to_timestamp(:begun - 5) AND id > (SELECT max(id) - 500000 FROM event)"
            ),
            {"begun": self._begun},
        )
        return {row.id: float(row.at) for row in rows if row.at and self._begun <= row.at <= self._ended}
