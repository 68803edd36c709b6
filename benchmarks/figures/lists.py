"""Figure 7: the ticket list over all tickets in the real window: jump to the middle, scroll a page."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.children import window
from benchmarks.measure import Figure, Result


class ListBenchmark:
    """Times go from the scroll bar's move to the last row in sight, its own rest of 40 ms included."""

    name = "list"
    sizes = ()
    figures = (
        Figure("list_opened", 7, "List of all tickets: first rows in sight"),
        Figure("list_counted", 7, "… until it is settled: its length known, any place within reach"),
        Figure("list_jump", 7, "Jump around the middle of the list, all rows in sight"),
        Figure("list_page", 7, "Scroll a page there, all rows in sight"),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        found: dict[str, list[float]] = {"opened": [], "counted": [], "jump": [], "page": []}
        rows = 0
        with window("list", bench.window_settings, bench.log) as child:
            for line in child.lines(900):
                if line["event"] in found:
                    found[line["event"]].append(line["ms"])
                elif line["event"] == "rows":
                    rows = line["count"]
        for figure, event in zip(self.figures, found, strict=True):
            if not found[event]:
                raise RuntimeError(f"the window did not tell of {event}; see {bench.log}")
            yield bench.result(figure, found[event], rows=rows)
