"""Figure 4: who is on time, over 30 days, a year and all there is, and the list behind one figure of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.bench import Bench
from benchmarks.children import window
from benchmarks.measure import Figure, Judged, Result, timed
from data_access.log import transaction_time
from data_access.readers.ranking import ranking
from data_access.store import Connection
from domain.ranking import RankingRow
from domain.ranking_query import RankBy

WINDOWS = (("30_days", "30 days", 30), ("year", "a year", 365), ("all", "all there is", None))
BUDGET_MS = 50.0


class RankingBenchmark:
    """Rankings are read as the ranking page reads them; lists are opened in the real window."""

    name = "ranking"
    sizes = ()
    figures = tuple(
        Figure(
            f"ranking_{key}", 4, f"Ranking of all bodies over {title}", budget=BUDGET_MS, judged=Judged.P95
        )
        for key, title, _ in WINDOWS
    ) + tuple(
        Figure(f"drill_{key}", 4, f"From its last row to the list of late tickets, in sight: {title}")
        for key, title, _ in WINDOWS
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        now = bench.store.read(transaction_time)
        for place, (_, _, days) in enumerate(WINDOWS):
            since = None if days is None else now - timedelta(days=days)
            asked = Ranked(since, now)
            yield bench.result(self.figures[place], timed(_Read(bench, asked), bench.runs(30, 5)))
        found: dict[str, list[float]] = {key: [] for key, *_ in WINDOWS}
        rows: dict[str, int] = {}
        with window("drill", bench.window_settings, bench.log) as child:
            for line in child.lines(900):
                if line["event"] == "drill":
                    found[line["window"]].append(line["ms"])
                    rows[line["window"]] = line["rows"]
        for place, key in enumerate(found):
            yield bench.result(self.figures[len(WINDOWS) + place], found[key], rows=rows.get(key, 0))


class Ranked:
    """The ranking of bodies over a window, best first."""

    def __init__(self, since: datetime | None, now: datetime) -> None:
        self._since, self._now = since, now

    def __call__(self, connection: Connection) -> tuple[RankingRow, ...]:
        return ranking(connection, RankBy.BODY, None, self._since, self._now, self._now)


class _Read:
    def __init__(self, bench: Bench, work: Ranked) -> None:
        self._store, self._work = bench.store, work

    def __call__(self) -> object:
        return self._store.read(self._work)
