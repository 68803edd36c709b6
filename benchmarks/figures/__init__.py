"""The figures, in the order in which a run takes them: what only reads first."""

from benchmarks.bench import Benchmark


def all_benchmarks() -> tuple[Benchmark, ...]:
    """Return the benchmarks in the order of a run."""
    # Loaded here: each module brings its own part of the program with it.
    from benchmarks.figures.decoding import DecodeBenchmark
    from benchmarks.figures.devices import DeviceBenchmark
    from benchmarks.figures.imports import ImportBenchmark
    from benchmarks.figures.lists import ListBenchmark
    from benchmarks.figures.live import LiveBenchmark
    from benchmarks.figures.map import MapBenchmark
    from benchmarks.figures.memory import MemoryBenchmark
    from benchmarks.figures.ranking import RankingBenchmark
    from benchmarks.figures.start import StartBenchmark
    from benchmarks.figures.sweep import SweepBenchmark

    return (
        DecodeBenchmark(),
        RankingBenchmark(),
        StartBenchmark(),
        ListBenchmark(),
        MapBenchmark(),
        SweepBenchmark(),
        LiveBenchmark(),
        DeviceBenchmark(),
        MemoryBenchmark(),
        # Last: thousands of its cases are overdue, and the others would pay for their warnings.
        ImportBenchmark(),
    )
