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
"""Somebody of a hundred stations always speaks: it is asked no more often than this whether one has."""


class StationWatch:
    """Makes the monitoring panel's content. One that did not change is the very object of the look before."""

    def __init__(self, *, past: bool = False) -> None:
        """`past`: of a minute that is over."""
        self._past = past
        self._seen: Monitoring | None = None
        self._mark = ""
        self._asked = float("-inf")
        self._pace = Pace()

    @property
    def owed(self) -> bool:
        """Whether something changed that has not been read."""
        return self._pace.owed

    def look(
        self,
        connection: Connection,
        rules: Rules,
        now: datetime,
        *,
        anew: bool = False,
        gives_way: bool = False,
    ) -> Monitoring:
        """Return how the stations stand; `anew` whether or not one has moved, as when a minute has passed.

        It `gives_way` to what is quicker to show, for a while.
        """
        seen, asked = self._seen, time.monotonic()
        if anew or seen is None:
            self._pace.owe()
        elif not self._past and asked >= self._asked + LOOK_SECONDS:
            self._asked = asked
            mark, before = stations_mark(connection), self._mark
            self._mark = mark
            if mark != before:
                self._pace.owe()
        if seen is None or self._pace.may(gives_way=gives_way):
            with self._pace.reading():
                self._seen = seen = monitoring_part(connection, rules, now, past=self._past)
        return seen

    def forget(self) -> None:
        """Read everything again at the next look."""
        self._seen = None
