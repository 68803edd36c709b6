"""When a costly part may be read again: after what is quick, and never for more than a share of the time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 4
"""A part rests this many times as long as it took: at once in a small city, calmly in a large store."""


LONGEST_WAIT = 1.0
"""What gives way to quicker parts, in seconds: in a flood of changes there is always something quicker."""


class Pace:
    """The rest of one part. What may not be read yet stays owed."""

    def __init__(self) -> None:
        self._rested_at = 0.0
        self._owed_since: float | None = None

    @property
    def owed(self) -> bool:
        """Whether something changed that has not been read."""
        return self._owed_since is not None

    def owe(self) -> None:
        """Note that it is to be read."""
        if self._owed_since is None:
            self._owed_since = time.monotonic()

    def may(self, *, gives_way: bool = False) -> bool:
        """Whether to read it now; it `gives_way` to something that is quicker to show, for a while."""
        if self._owed_since is None:
            return False
        now = time.monotonic()
        return now >= self._rested_at and not (gives_way and now < self._owed_since + LONGEST_WAIT)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read it in here. What changes meanwhile is owed anew; what fails stays owed and needs no rest."""
        self._owed_since, begun = None, time.monotonic()
        try:
            yield
        except BaseException:
            self.owe()
            raise
        now = time.monotonic()
        self._rested_at = now + SHARE * (now - begun)
