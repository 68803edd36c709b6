"""What runs by the clock while a program is open: the sweep (T09, T10, T13), the tallies and the daily seal.

The sweep raises warnings. It is also the first to notice an embedded server that has died, and starts it
again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from data_access import rule_files, tallies
from data_access.errors import StoreError
from data_access.rules import load_rules
from data_access.seal import seal_finished_days
from data_access.store import Connection, Store, be_patient_for_seconds
from data_access.sweep import Swept
from data_access.sweeper import Sweeper
from data_access.weigher import Turn, Weigher
from desktop import runtime
from desktop.time import now

SWEEP_SECONDS = 2
"""The longest time between two looks: something new may fall due before what is known to."""
LEAST_REST_SECONDS = 0.2
"""Between two sweeps: what falls due in one moment after the other is warned of in one step."""
TALLY_SECONDS = 30
"""How often changes are added to the tallies: what is read is right without it, and quicker with it."""
SEAL_SECONDS = 60
"""How often is asked whether a day has ended that is not sealed: who was writing then may go on for long."""
RULES_SECONDS = 3
"""How often this program looks whether an admin has submitted a rule."""
WEIGH_SECONDS = 1
"""How often is asked whether values of stations have come in that are not weighed yet."""
ACCOUNT_SECONDS = 60
"""How often a line in the log says what was done."""
LONGEST_REST_SECONDS = 60
"""The rest between two attempts to start a server that will not, at the most."""
PATIENCE_SECONDS = 5
"""How long the end waits for a sweep: a database that hangs must not hold up the program."""
NAMED = 20
"""Tickets named in one line of the log, at the most."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Account:
    """What the sweeps of a minute did; `longest` in seconds."""

    raised: int = 0
    cleared: int = 0
    drafted: int = 0
    escalated: int = 0
    episodes: int = 0
    clues: int = 0
    longest: float = 0.0

    def add(self, done: Swept, seconds: float) -> None:
        """Count a sweep."""
        self.raised += done.raised
        self.cleared += done.cleared
        self.drafted += done.drafted
        self.escalated += done.escalated
        self.longest = max(self.longest, seconds)

    def __str__(self) -> str:
        return (
            f"warnings raised {self.raised}, cleared {self.cleared}, escalated {self.escalated},"
            f" files drafted {self.drafted}, episodes begun {self.episodes}, clues {self.clues};"
            f" the longest step took {self.longest:.2f} s"
        )


class _Scheduler(AsyncIOScheduler):
    """Wakes up for the next job, however far the machine's clock was set back meanwhile."""

    def _start_timer(self, wait_seconds: float | None) -> None:
        # Qt's timers do not reach further than 24 days, and one that wakes early looks and waits again.
        super()._start_timer(None if wait_seconds is None else min(wait_seconds, LONGEST_REST_SECONDS))


class Jobs:
    """The scheduler of one open program. Start it on the running loop.

    The sweep itself holds a lock in the database, so any number of programs may be open.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sweeper = Sweeper(store)
        self._watching: asyncio.Task[None] | None = None
        self._sweeping, self._tallying, self._sealing = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()
        self._installing, self._weighing = asyncio.Lock(), asyncio.Lock()
        self._weigher = Weigher(store)
        self._under_way: set[Callable[[], Awaitable[None]]] = set()
        self._sweeps = False
        self._ending = False
        self._away = False
        self._looked = time.monotonic()
        self._ahead = 0.0
        self._account = Account()
        self._rest = 0.0
        self._next_rescue = 0.0
        self._scheduler = _Scheduler(
            timezone="UTC",
            # A stalled or suspended machine must drop nothing: late runs are made up once.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()
        self._plan()
        self._watching = runtime.spawn(self._watch(), "sweep watch")

    async def stop(self) -> None:
        """End. What is under way is let finish: the scheduler would cancel it in mid-air and log a fault."""
        self._ending = True
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        if self._watching is not None:
            self._watching.cancel()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                for under_way in (
                    self._sweeping,
                    self._tallying,
                    self._sealing,
                    self._installing,
                    self._weighing,
                ):
                    async with under_way:
                        pass
        except TimeoutError:
            _log.warning("what is under way in the database does not end, and is left")
            self._sweeper.end()
        else:
            await runtime.in_thread(self._sweeper.close)
        self._scheduler.shutdown(wait=False)

    def _plan(self) -> None:
        """Plan all jobs by the clock as it is now; whatever was planned before is dropped."""
        self._ahead = _clock_ahead()
        self._sweep_in(0)
        self._weigh_in(WEIGH_SECONDS)
        for name, job, seconds in (
            ("tallies", self._tally, TALLY_SECONDS),
            ("seal", self._seal, SEAL_SECONDS),
            ("rules", self._install_rules, RULES_SECONDS),
            ("account", self._give_account, ACCOUNT_SECONDS),
        ):
            # Comes again while it is at it on a machine that is short of time: see `_once`.
            self._scheduler.add_job(
                self._once,
                "interval",
                (job,),
                seconds=seconds,
                id=name,
                replace_existing=True,
                max_instances=2,
            )

    async def _once(self, job: Callable[[], Awaitable[None]]) -> None:
        """Do a job, unless it is being done: the scheduler would drop it, too, and warn each time."""
        if job not in self._under_way:
            self._under_way.add(job)
            try:
                await job()
            finally:
                self._under_way.discard(job)

    def _sweep_in(self, seconds: float) -> None:
        """Sweep next after so long; whatever was planned before is dropped."""
        moment = now() + timedelta(seconds=seconds)
        self._scheduler.add_job(
            self._sweep,
            "date",
            run_date=moment,
            id="sweep",
            replace_existing=True,
            # Planned anew while one has begun and not yet taken its turn, as on a machine that is short of
            # time: it waits for that one. The scheduler would drop it, and warn.
            max_instances=2,
        )

    async def _watch(self) -> None:
        """Plan anew when the machine's clock was set back: the scheduler would wait for the time it had."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            silent = time.monotonic() - self._looked > 2 * SWEEP_SECONDS and not self._sweeping.locked()
            if silent or _clock_ahead() < self._ahead - SWEEP_SECONDS:
                _log.info("the clock was set back: planning anew")
                self._plan()
            # A machine that slept, or a clock that creeps, is followed: only a jump back counts.
            self._ahead = _clock_ahead()

    async def _sweep(self) -> None:
        """Sweep once, and come again when the next thing falls due."""
        async with self._sweeping:
            if self._ending:
                return
            wait: float | None = None
            begun = time.monotonic()
            try:
                swept = await runtime.in_thread(self._sweeper.round)
                wait, self._sweeps = swept.next_in, swept.sweeps
                self._account.add(swept.done, time.monotonic() - begun)
                self._note_away(None)
                _tell_left_out(swept.faults)
            except StoreError as error:
                # The database is away: the screens say so, and the next run tries again.
                self._note_away(error)
                await self._rescue()
            except Exception as error:  # noqa: BLE001 - the scheduler would log the same every two seconds
                runtime.report(error, "sweep")
            finally:
                self._looked = time.monotonic()
                if wait is None:
                    wait = SWEEP_SECONDS
                if not self._ending:
                    self._sweep_in(min(max(wait, LEAST_REST_SECONDS), SWEEP_SECONDS))

    def _note_away(self, error: StoreError | None) -> None:
        if error is not None and not self._away:
            _log.warning("no sweeping for now: %s", error.message)
        if error is None and self._away:
            _log.info("the database can be used again")
        self._away = error is not None

    async def _tally(self) -> None:
        """Add what changed to the tallies, a portion at a time; what is left then comes next."""
        async with self._tallying:
            end, more = time.monotonic() + TALLY_SECONDS / 3, True
            try:
                while more and not self._ending and time.monotonic() < end:
                    more = await runtime.in_thread(self._store.write, _refresh, again=True)
            except StoreError:
                return  # the database is away, or somebody else writes: the next run goes on
            except Exception as error:  # noqa: BLE001 - the scheduler would log the same again and again
                runtime.report(error, "tallies")

    async def _seal(self) -> None:
        """Seal the days that have ended, where this program is the one that sweeps."""
        async with self._sealing:
            if self._ending or not self._sweeps:
                return
            try:
                days = await runtime.in_thread(_seal_days, self._store)
            except StoreError as error:
                # Somebody has been writing since before the day ended, or the database is away.
                _log.info("no day is sealed for now: %s", error.message)
            except Exception as error:  # noqa: BLE001 - the scheduler would log the same every minute
                runtime.report(error, "seal")
            else:
                if days:
                    _log.info("sealed %d days", days)

    async def _install_rules(self) -> None:
        """Install the rules that admins have submitted, where this program is the one that sweeps."""
        async with self._installing:
            if self._ending or not self._sweeps:
                return
            try:
                done = await runtime.in_thread(_install_waiting, self._store)
            except StoreError as error:
                # An import is under way, or the database is away: the next run tries again.
                _log.info("no rule is installed for now: %s", error.message)
            except Exception as error:  # noqa: BLE001 - the scheduler would log the same every few seconds
                runtime.report(error, "rules")
            else:
                if done:
                    _log.info("read %d rules that admins submitted", done)

    def _weigh_in(self, seconds: float) -> None:
        """Weigh next after so long; whatever was planned before is dropped. See `_sweep_in`."""
        moment = now() + timedelta(seconds=seconds)
        self._scheduler.add_job(
            self._weigh, "date", run_date=moment, id="weigh", replace_existing=True, max_instances=2
        )

    async def _weigh(self) -> None:
        """Weigh what stations measured, where this program is the one that sweeps (X14)."""
        async with self._weighing:
            try:
                more = True
                while more and not self._ending:
                    more = await self._weigh_once()
            except StoreError:
                pass  # the database is away, or others write: the next run goes on
            except Exception as error:  # noqa: BLE001 - the scheduler would log the same every second
                runtime.report(error, "weighing")
            finally:
                if not self._ending:
                    self._weigh_in(WEIGH_SECONDS)

    async def _weigh_once(self) -> bool:
        """Weigh a portion; return whether there is more."""
        if not self._sweeps:
            self._weigher.rest()
            return False
        turn = await runtime.in_thread(self._weigher.turn)
        self._note_weighed(turn)
        return turn.done.more

    def _note_weighed(self, turn: Turn) -> None:
        self._account.clues += turn.done.tickets
        self._account.episodes += turn.done.opened
        for name, fault in turn.faults:
            runtime.report(fault, f"weighing of {name}")

    async def _give_account(self) -> None:
        if self._account.raised or self._account.cleared or self._account.episodes:
            _log.info("%s", self._account)
        self._account = Account()

    async def _rescue(self) -> None:
        """Start an embedded server again, less and less often while it will not."""
        if self._ending or not self._store.embedded or time.monotonic() < self._next_rescue:
            return
        try:
            started = await runtime.in_thread(self._store.revive)
        except StoreError as error:
            runtime.report(error, "starting the embedded database again")
            self._rest = min(max(self._rest * 2, SWEEP_SECONDS), LONGEST_REST_SECONDS)
            self._next_rescue = time.monotonic() + self._rest
        else:
            self._rest = 0.0
            if started:
                _log.warning("the embedded database was away, and runs again")


def _clock_ahead() -> float:
    """Return how far the machine's clock is ahead of one that nobody sets, in seconds."""
    return now().timestamp() - time.monotonic()


def _tell_left_out(faults: Sequence[tuple[str, Exception]]) -> None:
    """Report why tickets cannot be warned of: each kind of fault once in full, and the tickets by number."""
    for number, fault in faults:
        runtime.report(fault, f"sweep of {number}")
    if faults:
        named = ", ".join(number for number, _ in faults[:NAMED])
        _log.warning("%d tickets cannot be swept and are left out for now: %s", len(faults), named)


def _seal_days(store: Store) -> int:
    return seal_finished_days(store, store.read(load_rules).calendar.zone)


def _install_waiting(store: Store) -> int:
    return store.write(_install_patiently) if store.read(rule_files.waiting) else 0


def _install_patiently(connection: Connection) -> int:
    be_patient_for_seconds(connection, PATIENCE_SECONDS)
    return rule_files.install_waiting(connection)


def _refresh(connection: Connection) -> bool:
    return tallies.refresh(connection, tallies.ENOUGH)
