"""How many changes are owed by now: exact over any time, and no flood after a standstill."""

import math

CATCH_UP_SECONDS = 3.0


class Pace:
    """Counts what was done against what a rate asks for. Times are seconds of any steady clock."""

    def __init__(self, rate: float, start: float) -> None:
        self.rate = rate
        self._start = start
        self._done = 0

    def owed(self, now: float) -> int:
        """Return how many changes are due and not done. What a long standstill left undone is forgotten."""
        owed = (now - self._start) * self.rate - self._done
        most = max(1.0, CATCH_UP_SECONDS * self.rate)
        if owed > most:
            self._start += (owed - most) / self.rate
            owed = most
        return max(0, math.floor(owed + 1e-9))

    def note(self, done: int) -> None:
        """Count changes as done."""
        self._done += done

    def rest(self, now: float) -> float:
        """Return the seconds until the next change is due."""
        return max(0.0, (self._done + 1) / self.rate - (now - self._start))
