"""The stations' part of the overview: read when a station has moved, and never all the time."""

import time
from datetime import datetime

from data_access.readers.monitoring import monitoring_part
from data_access.readers.stations import stations_mark
from data_access.rules import Rules
from data_access.store import Connection
from desktop.live.pace import Pace
from domain.monitoring import Monitoring

LOOK_SECONDS = 5.0
"""Somebody of a hundred stations always speaks: so far apart the panel is read, at the least."""


class StationWatch:
    """Makes the monitoring panel's content. One that did not change is the very object of the look before."""

    def __init__(self, *, past: bool = False) -> None:
        """`past`: of a minute that is over."""
        self._past = past
        self._seen: Monitoring | None = None
        self._mark = ""
        self._asked = float("-inf")
        self._pace = Pace()

    def look(self, connection: Connection, rules: Rules, now: datetime, *, anew: bool = False) -> Monitoring:
        """Return how the stations stand; `anew` whether or not one has moved, as when a minute has passed."""
        seen, asked = self._seen, time.monotonic()
        if seen is not None and not anew and asked < self._asked + LOOK_SECONDS:
            return seen
        mark = "" if self._past else stations_mark(connection)
        if seen is None or anew or mark != self._mark:
            self._pace.owe()
        self._asked = asked
        if seen is None or self._pace.may():
            begun = time.monotonic()
            self._seen = seen = monitoring_part(connection, rules, now, past=self._past)
            self._pace.took(time.monotonic() - begun)
            self._mark = mark
        return seen

    def forget(self) -> None:
        """Read everything again at the next look."""
        self._seen = None
