"""Figure 9: what the window and its web process hold, at start and while the demo city lives."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from benchmarks.bench import Bench
from benchmarks.children import Child, living, window
from benchmarks.measure import Figure, Judged, Result, trend
from data_access.store import Connection

RATE = 20
BEGIN_SECONDS = 120
SAMPLE_SECONDS = 10.0
SHORT_MINUTES = 1.0
"""How long at the smaller sizes, where only what is held at start is asked."""

SOAK_SIZE = 1_000_000
JUDGED_SECONDS = 3600
"""The last hour is judged. What comes before is left out of the slope: at this load the window's pools fill
for half an hour, Chromium's for a little longer."""
WARM_UP = 0.2
"""A shorter soak leaves this part of its time out."""

SERIES = Path(__file__).resolve().parent.parent / "memory.json"


class MemoryBenchmark:
    """PSS, which counts once what processes share, of the window and its web processes; RSS for growth."""

    name = "memory"
    sizes = ()
    figures = (
        Figure("memory_start", 9, "Window and web process, a minute after the start", "MB", 600.0),
        Figure("memory_end", 9, "… at the end of the soak (last tenth)", "MB", 600.0, judged=Judged.WORST),
        Figure("slope_window", 9, "Slope of the window's memory", "MB/h", judged=Judged.GIVEN),
        Figure("slope_web", 9, "Slope of the web process's memory", "MB/h", judged=Judged.GIVEN),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        soak = bench.size == SOAK_SIZE or bench.quick
        minutes = bench.minutes if soak else SHORT_MINUTES
        samples: list[dict[str, float]] = []
        with (
            window("live", bench.window_settings, bench.log) as child,
            living(RATE, bench.window_settings, bench.log),
        ):
            child.until("ready", 240)
            child.until("painted", BEGIN_SECONDS)
            begun = time.monotonic()
            while (gone := time.monotonic() - begun) < 60 * minutes:
                held = _counts(child, SAMPLE_SECONDS)
                connections = bench.copy.read(_connections)
                samples.append(
                    {
                        "seconds": round(gone + SAMPLE_SECONDS),
                        **child.memory(),
                        **held,
                        "connections": connections,
                    }
                )
                if len(samples) == 6 or (gone > 60 and len(samples) < 6):
                    yield bench.result(self.figures[0], [_both(samples[-1])], rss=_rss(samples[-1]))
        if soak:
            last = samples[-max(1, len(samples) // 10) :]
            yield bench.result(self.figures[1], [_both(sample) for sample in last], minutes=round(minutes))
            judged = settled(samples)
            for figure, kind in ((self.figures[2], "window"), (self.figures[3], "web")):
                # RSS: a library's share falls and rises with every other process that has it open.
                slope, error = trend([(s["seconds"] / 3600, s[f"{kind}_rss"]) for s in judged])
                told = {"_within": slope - 2 * error <= 0, "±": round(2 * error, 2)}
                yield bench.result(figure, [slope], **told)
            if not bench.quick:
                SERIES.write_text(json.dumps({"size": bench.size, "rate": RATE, "samples": samples}), "utf-8")


def settled(samples: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return the samples that are judged."""
    end = samples[-1]["seconds"]
    begin = max(end - JUDGED_SECONDS, WARM_UP * end)
    return [sample for sample in samples if sample["seconds"] > begin]


def _counts(child: Child, seconds: float) -> dict[str, float]:
    """Return what the window counted of itself meanwhile: tasks, timers, threads, objects."""
    found: dict[str, float] = {}
    for line in child.lines(seconds):
        if line["event"] == "holds":
            found = {key: value for key, value in line.items() if key not in ("event", "wall")}
    return found


def _connections(connection: Connection) -> int:
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    return int(connection.execute(asked).scalar_one())


def _both(sample: dict[str, float]) -> float:
    return sample["window"] + sample["web"]


def _rss(sample: dict[str, float]) -> float:
    return round(sample["window_rss"] + sample["web_rss"])
