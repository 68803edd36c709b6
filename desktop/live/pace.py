"""How often a costly part may be read again: never more than a share of the time goes into it."""

import time

SHARE = 4
"""A part rests this many times as long as it took: at once in a small city, calmly in a large store."""


class Pace:
    """The rest of one part. What may not be read yet stays owed."""

    def __init__(self) -> None:
        self._rested_at = 0.0
        self.owed = False

    def may(self, wanted: bool) -> bool:
        """Whether to read now. A wish that must wait is kept."""
        self.owed = self.owed or wanted
        return self.owed and time.monotonic() >= self._rested_at

    def took(self, seconds: float) -> None:
        """Note that it was read, and how long that took."""
        self.owed = False
        self._rested_at = time.monotonic() + SHARE * seconds
