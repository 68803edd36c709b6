"""Figure 4: who is on time, over 30 days, a year and all there is, and the list behind one figure of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.bench import Bench
from benchmarks.measure import Figure, Judged, Result, timed
from data_access.log import transaction_time
from data_access.readers.ranking import ranking
from data_access.readers.tickets import ticket_page
from data_access.store import Connection
from domain.listing import Outcome, TicketFilter, TicketPage
from domain.ranking import RankingRow
from domain.ranking_query import RankBy
from widgets.tickets.model import PAGE_SIZE

WINDOWS = (("30_days", "30 days", 30), ("year", "a year", 365), ("all", "all there is", None))
BUDGET_MS = 50.0


class RankingBenchmark:
    """Reads from the kept store as the ranking page does; nothing is written."""

    name = "ranking"
    sizes = ()
    figures = tuple(
        Figure(
            f"ranking_{key}", 4, f"Ranking of all bodies over {title}", budget=BUDGET_MS, judged=Judged.P95
        )
        for key, title, _ in WINDOWS
    ) + tuple(
        Figure(f"drill_{key}", 4, f"From a row over {title} to its list: late nodes of the last body")
        for key, title, _ in WINDOWS
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        now = bench.store.read(transaction_time)
        for place, (_, _, days) in enumerate(WINDOWS):
            since = None if days is None else now - timedelta(days=days)
            asked = _Ranking(since, now)
            yield bench.result(self.figures[place], timed(_Read(bench, asked), bench.runs(30, 5)))
        for place, (_, _, days) in enumerate(WINDOWS):
            since = None if days is None else now - timedelta(days=days)
            rows = bench.store.read(_Ranking(since, now))
            last = max((row for row in rows if row.rank is not None), key=_rank)
            wanted = TicketFilter(body=last.key, outcome=Outcome.LATE, due_from=since, due_to=now)
            drill = _Drill(wanted, now)
            total = bench.store.read(drill).total
            figure = self.figures[len(WINDOWS) + place]
            yield bench.result(figure, timed(_Read(bench, drill), bench.runs(20, 3)), rows=total)


class _Ranking:
    def __init__(self, since: datetime | None, now: datetime) -> None:
        self._since, self._now = since, now

    def __call__(self, connection: Connection) -> tuple[RankingRow, ...]:
        return ranking(connection, RankBy.BODY, None, self._since, self._now, self._now)


class _Drill:
    def __init__(self, wanted: TicketFilter, now: datetime) -> None:
        self._wanted, self._now = wanted, now

    def __call__(self, connection: Connection) -> TicketPage:
        return ticket_page(connection, self._wanted, self._now, 0, PAGE_SIZE)


class _Read:
    def __init__(self, bench: Bench, work: "_Ranking | _Drill") -> None:
        self._store, self._work = bench.store, work

    def __call__(self) -> object:
        return self._store.read(self._work)


def _rank(row: RankingRow) -> int:
    return row.rank or 0
