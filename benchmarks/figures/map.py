"""Figure 6: the map's first paint, updates and pans; beside it folium's FastMarkerCluster in the same run."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.children import Child
from benchmarks.measure import Figure, Result

STEPS = (
    ("first", "First paint, from nothing to all open tickets on screen"),
    ("update", "50 tickets changed, until painted"),
    ("pan", "Pan by 180 px at zoom 11, until painted"),
)
WHOSE = (("ours", "this map"), ("folium", "folium FastMarkerCluster, page loaded again for each update"))
TURNS, QUICK_TURNS = 15, 4


class MapBenchmark:
    """Both in one process, one after the other, 1366x768, software rendering; `points` are on the map."""

    name = "map"
    sizes = ()
    figures = tuple(
        Figure(f"map_{whose}_{step}", 6, f"{title}: {name}") for step, title in STEPS for whose, name in WHOSE
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        found: dict[str, list[float]] = {figure.key: [] for figure in self.figures}
        points = 0
        turns = bench.runs(TURNS, QUICK_TURNS)
        for _ in range(bench.runs(3, 1)):
            arguments = ["-m", "benchmarks.maps", str(turns)]
            with Child(arguments, bench.window_settings, bench.log) as child:
                for line in child.lines(1200):
                    key = f"map_{line['event']}"
                    if key in found:
                        found[key].append(line["ms"])
                    points = line["count"] if line["event"] == "points" else points
        for figure in self.figures:
            if not found[figure.key]:
                raise RuntimeError(f"no figure {figure.key}; see {bench.log}")
            yield bench.result(figure, found[figure.key], points=points)
