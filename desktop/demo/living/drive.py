"""Keeps a life going at its rate until it is told to stop: the part that knows the time."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from data_access.errors import StoreError
from data_access.open_work import Turn
from data_access.store import Store
from desktop.demo.living.life import PORTION, Life, Score
from desktop.demo.living.pace import Pace
from desktop.errors import WorldError
from desktop.time import now

SHORTEST_REST = 0.1
"""Changes within this time go into one transaction."""
TURN_SECONDS = 5.0
LONGEST_WAIT = 10.0

_log = logging.getLogger(__name__)

TAKEN = WorldError(
    "Another living demo plays in this store already.",
    "End it first: the other `demo --live`, or the window, which lives unless started by `run --still`.",
)


class Driver:
    """One living demo in a store. `patient` ones wait while another has the turn; others are refused.
    With `sensed` the city's devices speak for themselves: no alarm of theirs is made up.

    `step` blocks for a transaction and says how long to rest: call it from a worker thread, again and again.
    """

    def __init__(self, store: Store, rate: float, seed: int, *, patient: bool, sensed: bool = False) -> None:
        self._store = store
        self._rate = rate
        self._seed = seed
        self._patient = patient
        self._sensed = sensed
        self._turn = Turn(store)
        self._turn_at = 0.0
        self._life: Life | None = None
        self._pace: Pace | None = None
        self._wait = 0.0
        self._said = ""
        self.away = False
        self.lives = False

    @property
    def score(self) -> Score | None:
        """What was done so far, None before the first turn."""
        return None if self._life is None else self._life.score

    def step(self) -> float:
        """Do what is owed, at most a transaction's worth; return for how many seconds to rest.

        Raises:
            WorldError: the store is not a sample city, or another living demo plays in it.
        """
        try:
            rest = self._step()
        except StoreError as error:
            return self._waiting(error)
        if self.away:
            _log.warning("the living demo goes on")
        self.away, self._wait = False, 0.0
        return rest

    def _waiting(self, error: StoreError) -> float:
        """Return how long to wait for the database; an embedded one that died is started again."""
        if not self.away:
            _log.warning("the living demo waits: %s", error.message)
        self.away, self._turn_at = True, 0.0
        self._wait = min(LONGEST_WAIT, max(0.5, 2 * self._wait))
        try:
            if self._store.embedded and self._store.revive():
                _log.warning("the embedded database was away, and runs again")
        except StoreError as refused:
            _log.warning("the embedded database does not start: %s", refused.message)
        return self._wait

    def _say_once(self, news: str) -> None:
        if news != self._said:
            self._said = news
            _log.info("%s", news)

    def end(self) -> None:
        """Let another one have the turn."""
        self.lives = False
        self._turn.give_back()

    def _step(self) -> float:
        begun = time.monotonic()
        if begun - self._turn_at >= TURN_SECONDS or self._turn_at == 0.0:
            self.lives = self._turn.take()
            if not self.lives:
                if not self._patient and self._life is None:
                    raise TAKEN
                self._say_once("another living demo plays in this store; this one waits for its turn")
                return TURN_SECONDS
            self._turn_at = begun
            self._say_once("the demo city lives here")
        if self._life is None or self._pace is None:
            self._life = Life(self._store, now(), self._rate, self._seed, sensed=self._sensed)
            self._life.turn(now(), 0)
            self._pace = Pace(self._rate, time.monotonic())
        owed = self._pace.owed(time.monotonic())
        self._pace.note(self._life.turn(now(), owed))
        moment = time.monotonic()
        if self._pace.owed(moment) >= PORTION // 2:
            return 0.0  # behind its rate: no rest
        # A slow one looks round for its feeds in between.
        return min(TURN_SECONDS, max(SHORTEST_REST, self._pace.rest(moment)))


def drive(
    driver: Driver,
    stop: threading.Event,
    lasting: timedelta | None,
    say: Callable[[Driver, float], None],
    every: float,
) -> float:
    """Let a driver work until `stop` is set or the time is over; `say` is called now and then.

    Returns how many seconds it lasted.

    Raises:
        WorldError: see `Driver.step`.
    """
    begun = said = time.monotonic()
    end = None if lasting is None else begun + lasting.total_seconds()
    try:
        while not stop.is_set() and (end is None or time.monotonic() < end):
            rest = driver.step()
            moment = time.monotonic()
            if moment - said >= every:
                said = moment
                say(driver, moment - begun)
            stop.wait(rest if end is None else max(0.0, min(rest, end - moment)))
    finally:
        driver.end()
    return time.monotonic() - begun
