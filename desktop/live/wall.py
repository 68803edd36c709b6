"""What the overview shows, kept in memory: each look reads only what the changes since the last one touch."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from data_access.readers.board import open_tickets
from data_access.readers.feeds import feed_health
from data_access.readers.kpis import Standing, kpis, standing_kpis
from data_access.readers.names import Names, read_names
from data_access.readers.overview import (
    city_part,
    directives_part,
    ledger_part,
    ranking_part,
    warnings_part,
)
from data_access.rules import Rules
from data_access.store import Connection
from desktop.live.board import STATES, URGENCIES, Board, Codes, Counts
from desktop.live.pace import Pace
from desktop.live.stations import StationWatch
from desktop.touched import Touched
from domain.listing import RunningWarnings
from domain.overview import Overview
from domain.urgency import Urgency
from widgets.map.points import Choice, PointColumns


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One look. What did not change is the very object of the look before.

    `overview` is without points: the map takes `columns`, all open tickets as they stand.
    """

    overview: Overview
    board: Board
    states: Codes
    columns: PointColumns
    counts: Counts
    warnings: RunningWarnings
    names: Names


class Wall:
    """Makes sights. `look` runs in a worker, one at a time; a look that fails leaves all as it was."""

    def __init__(self, counties: tuple[str, ...], *, past: bool = False) -> None:
        """`past`: of a minute that is over."""
        self.past = past
        self._counties = counties
        self._stations = StationWatch(past=past)
        self._sight: Sight | None = None
        self._rates = Pace()
        self._warnings = Pace()

    @property
    def restless(self) -> bool:
        """Whether something that changed has not been read yet, to spare the database."""
        return self._rates.owed or self._warnings.owed or self._stations.owed

    def look(self, connection: Connection, rules: Rules, now: datetime, touched: Touched) -> Sight:
        """Return what stands now, after these changes, in one snapshot of the store."""
        last = self._sight
        try:
            if last is None or touched.everything:
                self._sight = self._whole(connection, rules, now)
            else:
                self._sight = self._changed(connection, rules, now, touched, last)
        except BaseException:
            # What was read is dropped with the rest, and with it what was owed before.
            self._rates.owe()
            self._warnings.owe()
            self._stations.forget()
            raise
        return self._sight

    def _whole(self, connection: Connection, rules: Rules, now: datetime) -> Sight:
        names = read_names(connection)
        board = Board.of(open_tickets(connection))
        states = board.states(now)
        counts = board.counts(now, states)
        warnings = self._timed(self._warnings, lambda: warnings_part(connection, rules, now))
        standing = _standing(counts, warnings)
        rates: dict[str, Any] = self._timed(
            self._rates,
            lambda: {"kpis": kpis(connection, rules, now, standing), **ranking_part(connection, now)},
        )
        overview = Overview(
            as_of=now,
            **city_part(connection, rules, now),
            feeds=feed_health(connection, now),
            **rates,
            points=(),
            areas=counts.areas(names.areas),
            open_tickets=counts.open,
            pipeline=counts.pipeline,
            warnings=warnings.rows,
            warnings_red=warnings.red,
            warnings_yellow=warnings.yellow,
            **ledger_part(connection, rules, now, names),
            **directives_part(connection, now, names),
            monitoring=self._stations.look(connection, rules, now, anew=True),
        )
        columns = self._columns(board, states, names)
        return Sight(overview, board, states, columns, counts, warnings, names)

    def _changed(
        self, connection: Connection, rules: Rules, now: datetime, touched: Touched, last: Sight
    ) -> Sight:
        board = last.board
        if touched.tickets:
            board = board.merged(touched.tickets, open_tickets(connection, touched.tickets))
        states, counts, columns = last.states, last.counts, last.columns
        if touched.tickets or touched.new_minute:
            states = board.states(now)
            if board is not last.board or not np.array_equal(states, last.states):
                columns = self._columns(board, states, last.names)
            counts = board.counts(now, states)
        parts: dict[str, Any] = {}
        warnings = last.warnings
        if touched.tickets:
            self._warnings.owe()
            self._rates.owe()
        if touched.new_minute:
            self._rates.owe()
        if self._warnings.may():
            warnings = self._timed(self._warnings, lambda: warnings_part(connection, rules, now))
        standing = _standing(counts, warnings)
        at_once = {kpi.key: kpi for kpi in standing_kpis(standing)}
        parts["kpis"] = tuple(at_once.get(kpi.key, kpi) for kpi in last.overview.kpis)
        # A ticket's own change is on the screen first; the rates that it moves follow a moment later.
        if self._rates.may(gives_way=bool(touched.tickets)):
            parts |= self._timed(
                self._rates,
                lambda: {"kpis": kpis(connection, rules, now, standing), **ranking_part(connection, now)},
            )
        if touched.items or touched.new_minute:
            parts |= ledger_part(connection, rules, now, last.names)
        if touched.directives or touched.new_minute:
            parts |= directives_part(connection, now, last.names)
        if touched.new_minute:
            parts |= city_part(connection, rules, now)
        overview = replace(
            last.overview,
            as_of=now,
            feeds=feed_health(connection, now),
            areas=counts.areas(last.names.areas),
            open_tickets=counts.open,
            pipeline=counts.pipeline,
            warnings=warnings.rows,
            warnings_red=warnings.red,
            warnings_yellow=warnings.yellow,
            monitoring=self._stations.look(
                connection, rules, now, anew=touched.new_minute, gives_way=bool(touched.tickets)
            ),
            **parts,
        )
        return Sight(overview, board, states, columns, counts, warnings, last.names)

    def _columns(self, board: Board, states: Codes, names: Names) -> PointColumns:
        kinds = [(key, names.category(key)) for key in board.categories.names]
        return PointColumns.from_arrays(
            numbers=board.number,
            lng=board.lng,
            lat=board.lat,
            state=states,
            states=STATES,
            urgency=board.urgency,
            urgencies=URGENCIES,
            counties=self._counties,
            area=board.area,
            areas=board.areas.names,
            category=board.category,
            categories=[
                Choice(key, kind.name, kind.class_code, kind.class_name or kind.name) for key, kind in kinds
            ],
            body=board.body,
            bodies=[Choice(key, names.short_body(key)) for key in board.bodies.names],
        )

    def _timed(self, pace: Pace, read: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        found = read()
        pace.took(time.monotonic() - begun)
        return found


def _standing(counts: Counts, warnings: RunningWarnings) -> Standing:
    return Standing(
        counts.open,
        counts.of_urgency(Urgency.CRITICAL),
        counts.of_urgency(Urgency.FIRST),
        warnings.late,
        warnings.yellow,
    )
