"""Figure 5: a sweep that finds nothing to do, and one for 1,000 nodes that fell due within one minute."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from benchmarks.bench import Bench
from benchmarks.measure import Figure, Judged, Result, timed
from benchmarks.seeding import stores
from data_access import bulk
from data_access.log import transaction_time
from data_access.rules import load_rules
from data_access.store import Connection
from data_access.sweep import Swept, sweep, take_turn
from desktop.demo.flow import channel_actor
from desktop.demo.plan import plans
from desktop.demo.world import make_world
from domain.events import DueSupplied, Event
from domain.intake import NewTicket
from domain.nodes import Node

NODES = 1000
AGE = timedelta(days=3)


class SweepBenchmark:
    """Writes into the copy: its warnings are real ones, with their drafts of re-supervision."""

    name = "sweep"
    sizes = ()
    figures = (
        Figure("sweep_idle", 5, "Sweep with nothing to do", budget=5.0, judged=Judged.P95),
        Figure(
            "sweep_minute", 5, "Sweep of 1,000 nodes that fell due within one minute, to the last warning"
        ),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        store = bench.copy
        now = store.read(transaction_time)
        stores.settle(store)
        idle = _Sweep(now)

        def once() -> None:
            store.write(idle, again=True)

        yield bench.result(self.figures[0], timed(once, bench.runs(100, 20), warmups=5))
        times, warnings = [], 0
        for turn in range(bench.runs(5, 2)):
            minute = store.read(transaction_time) + timedelta(minutes=1 + turn)
            store.write(_Prepare(minute, f"{minute:%Y%m%d%H%M%S}"))
            stores.settle(store)
            due = _Sweep(minute + timedelta(minutes=1))
            begun = time.perf_counter()
            raised = 0
            while (swept := store.write(due, again=True)).more or swept.raised:
                raised += swept.raised
                if not swept.more:
                    break
            times.append(1000 * (time.perf_counter() - begun))
            warnings = max(warnings, raised)
        yield bench.result(self.figures[1], times, warnings=warnings)


class _Sweep:
    """The sweep as the program's jobs do it, as of a given moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self, connection: Connection) -> Swept:
        turn = take_turn(connection, self._now)
        if turn is None or not turn.waits:
            return Swept()
        return sweep(connection, load_rules(connection), self._now)


class _Prepare:
    """1,000 tickets whose source wants a result within the minute that begins at `minute`."""

    def __init__(self, minute: datetime, name: str) -> None:
        self._minute, self._name = minute, name

    def __call__(self, connection: Connection) -> None:
        bulk.add_tickets(connection, load_rules(connection), self._tickets())

    def _tickets(self) -> Iterator[NewTicket]:
        random = Random(self._name)  # noqa: S311 - a benchmark wants the same tickets every time
        world = make_world(self._minute - AGE)
        moments = [self._minute - AGE] * NODES
        for serial, plan in enumerate(plans(world, moments, 5, frozenset())):
            actor = channel_actor(world, plan.received.channel)
            due = self._minute + timedelta(seconds=random.uniform(0, 60))
            events = (
                Event(plan.received_at, actor, plan.received),
                Event(plan.received_at, actor, DueSupplied(Node.RECTIFY, due, "12345 工单")),
            )
            number = f"XD-{self._name}-{serial:04d}"
            yield NewTicket(number, events, sha256(number.encode()).digest())
