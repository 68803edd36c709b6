"""Feeds the overview; its map is the one that the large map's page (pages/map.py) shows too."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.rules import Rules
from data_access.store import Connection
from desktop.live.beside import Beside
from desktop.live.wall import Sight, Wall
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.overview import Overview
from domain.urgency import Urgency
from widgets.map.view import TicketMap
from widgets.overview_page import OverviewPage, ranking_of

PAINT_SECONDS = 20
"""A map that has not painted by then stays as it is; the page shows its own list of counties instead."""


class OverviewDesk(Desk):
    """Looks at the wall in memory and hands what changed to page, map and (by `latest`) the window's header.

    Signals:
        ledger_requested(object): show the ledger at a Colour or an item's number.
        directive_opened(str): show a directive among the others.
        environment_requested(object): show a station, by its key, or an index ranking by its AirQuery.
    """

    ledger_requested = Signal(object)
    directive_opened = Signal(str)
    environment_requested = Signal(object)

    def __init__(
        self, page: OverviewPage, ticket_map: TicketMap, readings: Readings, parent: QObject
    ) -> None:
        super().__init__(page, readings, parent)
        self.overview_page = page
        self.map = ticket_map
        # A window may open at a past minute.
        self._wall = Wall(tuple(ticket_map.county_codes), past=readings.as_of is not None)
        self._beside = Beside(readings, self._wall)
        self._past: Wall | None = None
        self._live: Sight | None = None
        self._sight: Sight | None = None
        self._shown: Sight | None = None
        self._mapped: Sight | None = None
        page.place_directive.follow(ticket_map)
        page.tickets_requested.connect(self.tickets_requested)
        page.ticket_requested.connect(self.ticket_requested)
        page.directive_requested.connect(self.directive_requested)
        page.re_supervision_requested.connect(self.re_supervision_requested)
        page.acknowledge_requested.connect(self.acknowledge_requested)
        page.ledger_requested.connect(self.ledger_requested)
        page.directive_opened.connect(self.directive_opened)
        page.warnings_requested.connect(self._open_warnings)
        page.environment_requested.connect(self.environment_requested)
        ticket_map.tickets_requested.connect(self.tickets_requested)
        ticket_map.ticket_requested.connect(self.ticket_requested)

    @property
    def latest(self) -> Overview | None:
        """What was last seen; its points are on the map alone."""
        return self._sight.overview if self._sight is not None else None

    @property
    def sight(self) -> Sight | None:
        """The look that is shown."""
        return self._sight

    @property
    def numbers(self) -> Sequence[str]:
        """The open tickets' numbers."""
        return () if self._sight is None else tuple(self._sight.board.number)

    def most_urgent(self) -> str | None:
        """Return the most urgent ticket of those warned of, else any open one; None where there is none."""
        if self.latest is None:
            return None
        ranks = list(Urgency)
        warned = sorted(self.latest.warnings, key=lambda row: ranks.index(row.urgency))
        return next(iter([row.ticket for row in warned] or self.numbers), None)

    @property
    def restless(self) -> bool:
        return self._past is None and self._wall.restless

    def turn_minute(self) -> None:
        # The present stays in memory: back at now, it takes in only what has changed meanwhile.
        if self._wall.past:
            self._begin_anew()
        elif self.readings.as_of is not None and self._past is None:
            self._live = self._sight
        self._past = self._past_wall()
        self._sight = self._shown = self._mapped = None
        self.fresh = self._past is None and self._live is not None

    def drop(self) -> None:
        """Forget all that was seen; the panels keep it until they are handed something else."""
        self._begin_anew()
        self._past = self._past_wall()
        self._live = self._sight = self._shown = self._mapped = None
        self.forget()

    def _begin_anew(self) -> None:
        self._wall = Wall(tuple(self.map.county_codes))
        self._beside = Beside(self.readings, self._wall)

    def _past_wall(self) -> Wall | None:
        return None if self.readings.as_of is None else Wall(tuple(self.map.county_codes), past=True)

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))

    def concerned(self, _touched: Touched) -> bool:
        # How old the sources' links are changes by the second.
        return True

    async def update(self, touched: Touched) -> None:
        await self.update_map(touched)
        if self._sight is not None:
            self._show(self._sight, self._shown)
            self._shown = self._sight

    async def update_map(self, touched: Touched) -> None:
        """Bring only the map up to date; the page keeps what it shows until it is looked at."""

        wall = self._past or self._wall

        def look(connection: Connection, rules: Rules, now: datetime) -> Sight:
            return wall.look(connection, rules, now, touched)

        if self._past is None and wall.bare:
            # Nothing is on the screen: read what is costly at the same time.
            self._beside.keep_up()
        if self._past is None or self._sight is None:
            self._sight = await self.readings.read(look)
        if wall is self._wall:
            self._beside.keep_up()
            wall.check_asides()
        sight = self._sight
        if self._mapped is None or self._mapped.columns is not sight.columns:
            self.map.show_columns(sight.columns, sight.overview.areas)
            self._mapped = sight

    def _show(self, sight: Sight, before: Sight | None) -> None:
        new, page, as_of = sight.overview, self.overview_page, sight.overview.as_of
        if before is None:
            page.show_overview(new)
            return
        old = before.overview
        if new.kpis != old.kpis:
            page.show_kpis(new.kpis, as_of)
        if (new.ranking, new.unranked) != (old.ranking, old.unranked):
            page.show_ranking(ranking_of(new))
        if (new.open_tickets, new.pipeline) != (old.open_tickets, old.pipeline):
            page.show_board(new.open_tickets, new.pipeline, as_of)
        if sight.warnings != before.warnings:
            page.show_warnings(new.warnings, new.warnings_red, new.warnings_yellow, as_of)
        if _ledger(new) != _ledger(old):
            page.show_ledger(new.ledger_counts, new.ledger_rows, new.ledger_scheme, as_of)
        if new.monitoring is not old.monitoring:
            page.show_monitoring(new.monitoring, as_of)
        if _directives(new) != _directives(old):
            page.show_directives(
                new.directives,
                new.directives_to_sign,
                new.directives_to_feed_back,
                as_of,
                new.directives_late,
            )
        page.set_fresh(as_of)

    async def painted(self) -> None:
        await self.map_painted()

    async def map_painted(self) -> None:
        """Wait until the map shows what it was given."""
        for _ in range(PAINT_SECONDS * 20):
            if not self.map.isVisible() or self.map.render_state().settled:
                return
            await asyncio.sleep(0.05)

    def _open_warnings(self) -> None:
        self.page_requested.emit("warnings")


def _ledger(overview: Overview) -> tuple[object, ...]:
    return overview.ledger_counts, overview.ledger_rows, overview.ledger_scheme


def _directives(overview: Overview) -> tuple[object, ...]:
    missing = (overview.directives_to_sign, overview.directives_to_feed_back, overview.directives_late)
    return overview.directives, missing
