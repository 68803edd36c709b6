"""What runs by the clock while a program is open: the sweep that raises warnings (T09, T10, T13)."""

import asyncio

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from data_access.errors import StoreError
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.sweep import Swept, sweep
from desktop import runtime
from desktop.time import now

SWEEP_SECONDS = 2


class Jobs:
    """The scheduler of one open program. Start it on the running loop.

    The sweep itself holds a lock in the database, so any number of programs may be open.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sweeping = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            # A stalled or suspended machine must drop nothing: late runs are made up once.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin. Failures of jobs are reported once for their cause."""
        self._scheduler.add_listener(self._report, EVENT_JOB_ERROR)
        self._scheduler.add_job(self._sweep, "interval", seconds=SWEEP_SECONDS, id="sweep")
        self._scheduler.start()

    async def stop(self) -> None:
        """End. A sweep under way is let finish: the scheduler would cancel it in mid-air and log a fault."""
        if self._scheduler.running:
            self._scheduler.pause()
            async with self._sweeping:
                self._scheduler.shutdown(wait=False)

    async def _sweep(self) -> None:
        async with self._sweeping:
            try:
                while (await runtime.in_thread(self._store.write, _sweep_now)).more:
                    pass
            except StoreError:
                # The database is away: the screens say so, and the next run tries again.
                return

    def _report(self, event: JobExecutionEvent) -> None:
        if event.exception is not None:
            runtime.report(event.exception, f"job {event.job_id}")


def _sweep_now(connection: Connection) -> Swept:
    return sweep(connection, load_rules(connection), now())
