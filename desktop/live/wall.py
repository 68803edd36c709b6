"""What the overview shows, kept in memory: each look reads only what the changes since the last one touch."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import numpy as np

from data_access.readers.board import open_tickets
from data_access.readers.feeds import feed_health
from data_access.readers.kpis import Standing, kpis, rate_kpis
from data_access.readers.names import Names, read_names
from data_access.readers.one_core import on_one_core
from data_access.readers.overview import (
    city_part,
    directives_part,
    ledger_part,
    ranking_part,
    warnings_part,
)
from data_access.rules import Rules
from data_access.store import Connection
from desktop.live.aside import BEFORE_ALL, RECENT, Aside
from desktop.live.board import STATES, URGENCIES, Board, Codes, Counts
from desktop.live.stations import StationWatch
from desktop.touched import Touched
from domain.listing import RunningWarnings
from domain.overview import Kpi, Overview
from domain.urgency import Urgency
from widgets.map.points import Choice, PointColumns

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rates:
    """The figures of windows of time, and `ranking_part`."""

    kpis: tuple[Kpi, ...]
    ranking: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One look. What did not change is the very object of the look before.

    `overview` is without points: the map takes `columns`, all open tickets as they stand. Its warnings and
    rates have all that the look of the moment `covered` had seen, which may be an earlier one.
    """

    overview: Overview
    board: Board
    states: Codes
    columns: PointColumns
    counts: Counts
    warnings: RunningWarnings
    names: Names
    covered: datetime


class Wall:
    """Makes sights. `look` runs in a worker, one at a time; a look that fails leaves all as it was.

    Warnings and rates cost more than the rest together in a large store: they are read beside the looks
    (`read_aside`), and each look takes what has come. Only the first one and one after a while wait for them.
    """

    def __init__(self, counties: tuple[str, ...], *, past: bool = False) -> None:
        """`past`: of a minute that is over."""
        self.past = past
        self._counties = counties
        self._stations = StationWatch(past=past)
        self._sight: Sight | None = None
        self._warnings = Aside(warnings_part)
        self._rates = Aside(_rates)
        self._asides = (self._warnings, self._rates)

    @property
    def bare(self) -> bool:
        """Whether nothing was looked at yet."""
        return self._sight is None

    @property
    def restless(self) -> bool:
        """Whether something that changed has not been read yet, to spare the database."""
        late = self._sight is not None and self._sight.covered < self._sight.overview.as_of
        return late or self._stations.owed

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

    def aside_due(self) -> Aside[Any] | None:
        """Return a part that is to be read beside the looks now."""
        return next((part for part in self._asides if part.due()), None)

    def read_aside(
        self, part: Aside[Any], turn: int, connection: Connection, rules: Rules, now: datetime
    ) -> None:
        """Read such a part; the next look takes it. May run while it looks."""
        on_one_core(connection)
        # Before the first look it may be older than anything that one sees.
        covers = BEFORE_ALL if self._sight is None else self._sight.overview.as_of
        part.read(connection, rules, now, covers, turn)

    def check_asides(self) -> None:
        """Raise why warnings and rates are not true. Raises StoreError, and what else went wrong in them."""
        for part in self._asides:
            part.check()

    def _whole(self, connection: Connection, rules: Rules, now: datetime) -> Sight:
        names = read_names(connection)
        board = Board.of(open_tickets(connection))
        states = board.states(now)
        counts = board.counts(now, states)
        parts = {
            **city_part(connection, rules, now),
            **ledger_part(connection, rules, now, names),
            **directives_part(connection, now, names),
            "feeds": feed_health(connection, now),
            "monitoring": self._stations.look(connection, rules, now, anew=True),
        }
        for aside in self._asides:
            if self._sight is None:
                aside.read_unless_begun(connection, rules, now)
            else:
                aside.read(connection, rules, now, now)
        return self._sight_of(now, board, states, self._columns(board, states, names), counts, names, parts)

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
        # A ticket's own change is on the screen first; the warnings and rates that it moves follow.
        if touched.tickets:
            self._warnings.owe()
        if touched.tickets or touched.new_minute:
            self._rates.owe()
        if now - last.overview.as_of > RECENT:
            for aside in self._asides:
                if aside.waited_for:
                    aside.read(connection, rules, now, now)
        parts: dict[str, Any] = {"feeds": feed_health(connection, now)}
        if touched.items or touched.new_minute:
            parts |= ledger_part(connection, rules, now, last.names)
        if touched.directives or touched.new_minute:
            parts |= directives_part(connection, now, last.names)
        if touched.new_minute:
            parts |= city_part(connection, rules, now)
        parts["monitoring"] = self._stations.look(
            connection, rules, now, anew=touched.new_minute, gives_way=bool(touched.tickets)
        )
        return self._sight_of(now, board, states, columns, counts, last.names, parts, last.overview)

    def _sight_of(
        self,
        now: datetime,
        board: Board,
        states: Codes,
        columns: PointColumns,
        counts: Counts,
        names: Names,
        parts: dict[str, Any],
        last: Overview | None = None,
    ) -> Sight:
        """Return a sight of these parts; those that are missing are as in the `last`."""
        warnings, warnings_covered = _taken(self._warnings, now)
        rates, rates_covered = _taken(self._rates, now)
        parts |= {
            "as_of": now,
            "areas": counts.areas(names.areas),
            "open_tickets": counts.open,
            "pipeline": counts.pipeline,
            "warnings": warnings.rows,
            "warnings_red": warnings.red,
            "warnings_yellow": warnings.yellow,
            "kpis": kpis(rates.kpis, _standing(counts, warnings)),
            **rates.ranking,
        }
        overview = Overview(**parts, points=()) if last is None else replace(last, **parts)
        covered = min(warnings_covered, rates_covered)
        return Sight(overview, board, states, columns, counts, warnings, names, covered)

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


def _rates(connection: Connection, rules: Rules, now: datetime) -> Rates:
    return Rates(rate_kpis(connection, rules, now), ranking_part(connection, now))


def _taken(part: Aside[T], now: datetime) -> tuple[T, datetime]:
    """Return what was read of a part last, and up to which look it has everything."""
    waited_for = part.waited_for
    found = part.found
    if found is None:
        raise RuntimeError("the first look reads every part")
    return found.value, min(found.covers, now) if waited_for else now


def _standing(counts: Counts, warnings: RunningWarnings) -> Standing:
    return Standing(
        counts.open,
        counts.of_urgency(Urgency.CRITICAL),
        counts.of_urgency(Urgency.FIRST),
        warnings.late,
        warnings.yellow,
    )
