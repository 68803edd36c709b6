"""Writes docs/benchmarks.md from the kept results. Every word that a hand wrote is in benchmarks/notes.toml.

Generated files are never edited: a run would destroy it.
"""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import curve
from benchmarks.figures import all_benchmarks
from benchmarks.figures.memory import SERIES
from benchmarks.machine import ROOT
from benchmarks.measure import Figure, Judged, Result
from benchmarks.results import Results

PAGE = ROOT / "docs" / "benchmarks.md"
NOTES = Path(__file__).resolve().parent / "notes.toml"
MEMORY = 9
BUSY = 2.0
"""A load average before a benchmark above which its figures are marked: others had the cores, too."""

MOST_COMMITS = 3
SMALLEST, LARGEST = 10_000, 1_000_000


def write(results: Results, page: Path = PAGE) -> Path:
    """Write the page and return its path."""
    notes = tomllib.loads(NOTES.read_text("utf-8"))
    figures = sorted((figure for item in all_benchmarks() for figure in item.figures), key=_bench)
    sizes = results.sizes(figure.key for figure in figures)
    parts = [notes["intro"].strip(), _machine(results), notes["method"].strip(), "## Figures"]
    for number in sorted({figure.bench for figure in figures}):
        chapter = notes["chapter"].get(str(number), {})
        own = [figure for figure in figures if figure.bench == number]
        parts += [f"### {number}. {chapter.get('title', '')}".rstrip(), _table(results, own, sizes)]
        if chapter.get("text"):
            parts.append(chapter["text"].strip())
        parts += _missed(results, own, notes.get("missed", {}))
        if number == MEMORY:
            parts += _soak(notes)
    page.write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")
    return page


def amount(value: float) -> str:
    """Return a number with as many digits as it deserves."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def verdict(figure: Figure, found: Result) -> bool | None:
    """Whether a result is within its budget; None where the budget does not speak of this size."""
    if figure.judged is Judged.GIVEN:
        return bool(found.extra["_within"])
    if figure.budget is None or (figure.budget_size is not None and found.size != figure.budget_size):
        return None
    value = {Judged.P95: found.p95, Judged.WORST: found.worst}.get(figure.judged, found.median)
    return value >= figure.budget if figure.more_is_better else value <= figure.budget


def _table(results: Results, figures: Sequence[Figure], sizes: Sequence[int]) -> str:
    shown = [size for size in sizes if any(results.of(figure.key, size) for figure in figures)]
    head = ["figure", *(f"{size:,} tickets" for size in shown), "budget", "", "growth"]
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * len(shown)} ---: | --- | ---: |"]
    for figure in figures:
        cells = [_cell(figure, results.of(figure.key, size)) for size in shown]
        lines.append(
            f"| {figure.title} | {' | '.join(cells)} | {_budget(figure)} | {_mark(results, figure)} "
            f"| {_growth(results, figure)} |"
        )
    return "\n".join(lines)


def _cell(figure: Figure, found: Result | None) -> str:
    if found is None:
        return "—"
    notes = [f"{key} {_word(value)}" for key, value in found.extra.items() if not key.startswith("_")]
    # Of very many values a sample is kept: how many there were stands with the rest.
    if "changes" not in found.extra:
        notes.insert(0, f"n {len(found.values)}")
    if found.quick:
        notes.append("try-out")
    if found.load > BUSY:
        notes.append(f"busy machine: load {found.load:g}")
    values = [found.median] if len(found.values) == 1 else [found.median, found.p95]
    if figure.judged is Judged.WORST and len(found.values) > 1:
        values.append(found.worst)
    return f"{' / '.join(map(amount, values))} {figure.unit} ({'; '.join(notes)})"


def _word(value: Any) -> str:
    return (
        f"{value:,}" if isinstance(value, int) else amount(value) if isinstance(value, float) else str(value)
    )


def _budget(figure: Figure) -> str:
    if figure.judged is Judged.GIVEN:
        return "within noise"
    if figure.budget is None:
        return "—"
    sign = "≥" if figure.more_is_better else "≤"
    of = "" if figure.judged is Judged.MEDIAN else f", {figure.judged.value}"
    return f"{sign} {figure.budget:g} {figure.unit}{of}"


def _mark(results: Results, figure: Figure) -> str:
    judged = [v for found in _all(results, figure) if (v := verdict(figure, found)) is not None]
    return "" if not judged else "✓" if all(judged) else "✗"


def _growth(results: Results, figure: Figure) -> str:
    small, large = results.of(figure.key, SMALLEST), results.of(figure.key, LARGEST)
    if small is None or large is None or not small.median:
        return "—"
    return f"× {amount(large.median / small.median)}"


def _missed(results: Results, figures: Sequence[Figure], notes: dict[str, str]) -> list[str]:
    """What stands beside a missed budget: the reason and the next step, in the words of the notes."""
    found = []
    for figure in figures:
        if _mark(results, figure) == "✗":
            reason = notes.get(figure.key, "no reason has been found yet (benchmarks/notes.toml).")
            found.append(f"✗ **{figure.title}**: {reason.strip()}")
    return found


def _soak(notes: dict[str, Any]) -> list[str]:
    """The curve of the last soak, and what the window held at its begin and end."""
    if not curve.draw():
        return []
    kept = json.loads(SERIES.read_text("utf-8"))
    samples = kept["samples"]
    first, last = samples[min(len(samples) - 1, 6)], samples[-1]
    held = ("tasks", "timers", "qobjects", "threads", "connections", "blocks")
    lines = ["| held by the window | after a minute | at the end |", "| --- | ---: | ---: |"]
    lines += [
        f"| {notes['held'].get(name, name)} | {first[name]:,} | {last[name]:,} |"
        for name in held
        if name in first and name in last
    ]
    span = f"{last['seconds'] / 60:.0f} minutes at {kept['rate']} changes/s, {kept['size']:,} tickets"
    return [f"![Memory over {span}]({curve.PICTURE.name})", f"{span}:", "\n".join(lines)]


def _all(results: Results, figure: Figure) -> list[Result]:
    found = [results.of(figure.key, size) for size in results.sizes([figure.key])]
    return [result for result in found if result is not None]


def _machine(results: Results) -> str:
    machine = results.machine
    if not machine:
        return ""
    return (
        "## Machine\n\n"
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB of memory, no GPU "
        f"(off-screen); {machine['system']}; Python {machine['python']}, PostgreSQL {machine['postgres']} "
        f"(embedded), Qt {machine['qt']}. {_when(results)}"
    )


def _when(results: Results) -> str:
    found = [
        result for item in all_benchmarks() for figure in item.figures for result in _all(results, figure)
    ]
    if not found:
        return ""
    times = sorted(result.measured_at for result in found)
    commits = list(dict.fromkeys(result.commit for result in sorted(found, key=_measured) if result.commit))
    which = ", ".join(commits[-MOST_COMMITS:])
    return f"Measured from {times[0]} to {times[-1]} UTC; last at commits {which} (+: with changes)."


def _measured(result: Result) -> str:
    return result.measured_at


def _bench(figure: Figure) -> int:
    return figure.bench
