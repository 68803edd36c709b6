"""`make bench`: measure, keep the results, and write docs/benchmarks.md anew from all that is kept."""

import sys
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from sqlalchemy import text

from benchmarks import figures, report
from benchmarks.bench import Bench, Benchmark
from benchmarks.machine import Machine, commit, this_machine
from benchmarks.results import Results
from benchmarks.seeding import stores
from data_access.store import Connection
from desktop import environment
from desktop.time import now

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True, highlight=False)


@app.command()
def bench(
    only: Annotated[str, typer.Option("--only", help="These benchmarks, with commas; else all.")] = "",
    size: Annotated[str, typer.Option("--size", help="These sizes, with commas; else all.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="A few runs, a short soak: a try-out.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make the stores anew first.")] = False,
    minutes: Annotated[float, typer.Option("--minutes", help="How long the soak lasts.")] = 100.0,
    report_only: Annotated[bool, typer.Option("--report", help="Measure nothing, only write.")] = False,
    take: Annotated[Path | None, typer.Option("--take", help="Only take in results kept elsewhere.")] = None,
    results_file: Annotated[Path | None, typer.Option("--results", help="Keep results elsewhere.")] = None,
) -> None:
    """Measure the nine figures at each size of store."""
    results = Results() if results_file is None else Results(results_file)
    if take is not None:
        results.take(Results(take))
    elif not report_only:
        chosen = _chosen(only)
        for tickets in _sizes(size):
            _measure(results, Bench(tickets, quick, min(minutes, 2.0) if quick else minutes), chosen, fresh)
    if results_file is None:
        console.print(f"written: {report.write(results)}")


def _measure(results: Results, bench_: Bench, chosen: list[Benchmark], fresh: bool) -> None:
    wanted = [item for item in chosen if not item.sizes or bench_.size in item.sizes]
    if not wanted:
        return
    with console.status(f"{bench_.size:,} tickets: looking for the store ...") as status:

        def show(done: int, total: int) -> None:
            status.update(f"{total:,} tickets: {done:,} seeded ...")

        label = stores.prepare(bench_.size, fresh=fresh, progress=show)
    console.print(f"[bold]{bench_.size:,} tickets[/], as of {label.anchor}, {label.megabytes:,} MB")
    try:
        machine = this_machine(bench_.store.read(_server_version))
        for item in wanted:
            console.print(f"  {item.name} ...")
            _run(results, bench_, item, machine)
    finally:
        bench_.close()


def _run(results: Results, bench_: Bench, item: Benchmark, machine: Machine) -> None:
    titles = {figure.key: figure for figure in item.figures}
    load = round(psutil.getloadavg()[0], 1)
    for found in item.run(bench_):
        results.add(found.stamped(f"{now():%Y-%m-%d %H:%M}", commit(), load), machine)
        figure = titles[found.key]
        console.print(
            f"    {figure.title}: {report.amount(found.median)} {figure.unit}"
            f" (p95 {report.amount(found.p95)}, n {len(found.values)}) {found.extra or ''}"
        )


def _chosen(only: str) -> list[Benchmark]:
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = {item.name: item for item in figures.all_benchmarks()}
    if unknown := [name for name in names if name not in known]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}.")
    return [item for name, item in known.items() if not names or name in names]


def _sizes(text_: str) -> list[int]:
    return [int(part) for part in text_.replace("_", "").split(",") if part.strip()] or list(stores.SIZES)


def _server_version(connection: Connection) -> str:
    return str(connection.execute(text("SHOW server_version")).scalar_one())


if __name__ == "__main__":
    environment.prepare()
    sys.exit(app())
