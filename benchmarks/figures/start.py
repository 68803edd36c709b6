"""Figure 3: from the start of the process, and of the embedded database, to the first full overview."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.children import window
from benchmarks.measure import Figure, Judged, Result
from benchmarks.seeding import stores


class StartBenchmark:
    """Starts the program as a user does: nothing of it runs before, the embedded server neither.

    The operating system's own cache is warm: these files were read before. A machine that has just been
    switched on takes as much longer as its disk does.
    """

    name = "start"
    sizes = ()
    figures = (
        Figure(
            "start", 3, "Process start to the first full overview, map painted", "s", 3.0, judged=Judged.P95
        ),
        Figure("start_database", 3, "… of it, until the database is open", "s"),
        Figure("start_window", 3, "… until the window is there, empty", "s"),
        Figure("start_panels", 3, "… until the panels have their figures", "s"),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        folder = stores.folder_of(bench.size)
        stores.settle(bench.store)
        totals: list[float] = []
        steps: tuple[list[float], ...] = ([], [], [])
        for turn in range(bench.runs(10, 3) + 1):
            bench.close()
            stores.stop(folder)
            with window("start", {"QINGSHAO_DATA": str(folder)}, bench.log) as child:
                opened = child.until("store", 120)["wall"] - child.begun
                window_ = child.until("shown", 120)["wall"] - child.begun
                figures_ = child.until("panels", 240)["wall"] - child.begun
                ready = child.until("ready", 240)["wall"] - child.begun
            if turn:
                # The first one compiled and cached what the following ones find.
                totals.append(ready)
                for found, value in zip(steps, (opened, window_, figures_), strict=True):
                    found.append(value)
        yield bench.result(self.figures[0], totals)
        for figure, found in zip(self.figures[1:], steps, strict=True):
            yield bench.result(figure, found)
