"""Feeds the environment page: looks by itself while it is shown, and reads only the view in sight."""

import time
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject

from data_access.errors import StoreError
from data_access.readers.air_index import air_view
from data_access.readers.curves import curve, sparks
from data_access.readers.device_calls import with_notes
from data_access.readers.episodes import device_item_rows, episode_rows
from data_access.readers.stations import station_rows, unknown_devices
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.pages.station_look import StationLook
from desktop.readings import Readings
from desktop.touched import Touched
from domain.aqi.standing import AirQuery, AirView
from domain.environment import (
    Curve,
    CurveQuery,
    DeviceCalls,
    DeviceItemRow,
    EpisodeRow,
    Spark,
    StationRow,
    UnknownDevice,
)
from widgets.environment.page import EnvironmentPage, EnvironmentView
from widgets.table.view import RecordTable

PAGE = "environment"
CURVE_SECONDS = 10.0
WALL_SECONDS = 30.0
AIR_SECONDS = 20.0
"""Curves, the wall of small multiples and the index are read anew no more often than this."""


class EnvironmentDesk(Desk):
    """Readings touch no tickets, so this desk does not wait to be told: it looks while its page is shown."""

    def __init__(self, page: EnvironmentPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.environment_page = page
        self._look = StationLook(readings, self._show)
        self._curve_at = self._wall_at = self._air_at = 0.0
        self.exports = {
            view: ListExport(page.panels[view], table.columns, _Shown(table), readings, self)
            for view, table in page.tables.items()
        }
        shown = _Shown(page.air.table)
        self.exports[EnvironmentView.AIR] = ListExport(page.air.list, page.air.columns, shown, readings, self)
        for export in self.exports.values():
            export.said.connect(self.refused)
        page.view_changed.connect(self._read_view)
        page.curve_requested.connect(self._read_curve)
        page.ticket_requested.connect(self.ticket_requested)
        page.air_requested.connect(self._read_view)
        page.step_requested.connect(self.step_requested)

    def open_station(self, key: str) -> None:
        """Go to the page, and to a station's curve there."""
        self.environment_page.open_station(key)
        self.page_requested.emit(PAGE)

    def open_wanted(self, wanted: object) -> None:
        """Go to the page: to a station by its key, a ranking by an AirQuery, or what devices need."""
        if isinstance(wanted, AirQuery):
            self.environment_page.open_air(wanted)
            self.page_requested.emit(PAGE)
        elif isinstance(wanted, DeviceCalls):
            self.environment_page.open_calls(wanted)
            self.page_requested.emit(PAGE)
        else:
            self.open_station(str(wanted))

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.administration)

    def turn_minute(self) -> None:
        super().turn_minute()
        self._look.forget()

    async def refresh(self) -> None:
        self._curve_at = self._wall_at = self._air_at = 0.0
        await self._show()

    def tick(self, now: datetime) -> None:
        super().tick(now)
        if self.fresh:
            self._look.tick()

    async def _show(self) -> None:
        """Read and show what the shown view needs."""
        page, view = self.environment_page, self.environment_page.view
        self._look.note_shown()
        match view:
            case EnvironmentView.STATIONS | EnvironmentView.WALL:
                await self._show_stations(view)
            case EnvironmentView.EPISODES:
                page.show_episodes(*await self._read_episodes())
            case EnvironmentView.DEVICES:
                page.show_devices(*await self._read_devices())
            case EnvironmentView.UNKNOWN:
                page.show_unknown(*await self.readings.read_present(_unknown))
            case EnvironmentView.AIR:
                await self._show_air(page.air.query)

    async def _show_stations(self, view: EnvironmentView) -> None:
        past = self.readings.as_of is not None

        def work(
            connection: Connection, rules: Rules, now: datetime
        ) -> tuple[tuple[StationRow, ...], datetime]:
            return station_rows(connection, rules, now, past=past), now

        rows, now = await self.readings.read_present(work)
        page = self.environment_page
        page.show_stations(rows, now)
        if page.take_missed():
            self.refused.emit(self.tr("该站点已停用；回看停用前的时刻，可以看到它当时的状态和曲线"))
        if view is EnvironmentView.WALL and time.monotonic() >= self._wall_at:

            def small(connection: Connection, rules: Rules, moment: datetime) -> tuple[Spark, ...]:
                return sparks(connection, rules, rows, moment, past=past)

            page.show_sparks(await self.readings.read_present(small))
            self._wall_at = time.monotonic() + WALL_SECONDS
        elif page.curve.query is not None and time.monotonic() >= self._curve_at:
            await self.answer(page.curve.query)

    async def look(self) -> None:
        """Look whether anything has moved, and show it."""
        await self._look.look()

    async def answer(self, query: CurveQuery) -> None:
        """Read and show a curve."""
        self._curve_at = time.monotonic() + CURVE_SECONDS
        past = self.readings.as_of

        def work(connection: Connection, rules: Rules, _now: datetime) -> Curve | None:
            return curve(connection, rules, query, past=past)

        found = await self.readings.read_present(work)
        if found is not None:
            self.environment_page.show_curve(found)

    async def _read_episodes(self) -> tuple[tuple[EpisodeRow, ...], datetime]:
        past = self.readings.as_of is not None

        def work(
            connection: Connection, rules: Rules, now: datetime
        ) -> tuple[tuple[EpisodeRow, ...], datetime]:
            return episode_rows(connection, now, past=rules if past else None), now

        return await self.readings.read_present(work)

    async def _read_devices(self) -> tuple[tuple[DeviceItemRow, ...], datetime]:
        past = self.readings.as_of is not None

        def work(
            connection: Connection, rules: Rules, now: datetime
        ) -> tuple[tuple[DeviceItemRow, ...], datetime]:
            rows = device_item_rows(connection, now, past=rules if past else None)
            return with_notes(connection, rules, rows, now), now

        return await self.readings.read_present(work)

    async def _show_air(self, query: AirQuery) -> None:
        if time.monotonic() < self._air_at:
            return

        past = self.readings.as_of is not None

        def work(connection: Connection, rules: Rules, now: datetime) -> tuple[AirView, datetime]:
            return air_view(connection, rules, query, now, past=past), now

        self.environment_page.show_air(*await self.readings.read_present(work))
        self._air_at = time.monotonic() + AIR_SECONDS

    def _read_curve(self, query: object) -> None:
        if isinstance(query, CurveQuery):
            runtime.spawn(self._or_say_curve(query), "curve")

    async def _or_say_curve(self, query: CurveQuery) -> None:
        try:
            await self.answer(query)
        except StoreError as error:
            self.refused.emit(error.message)

    def _read_view(self) -> None:
        self._wall_at = self._air_at = 0.0
        runtime.spawn(self._or_say_view(), "environment view")

    async def _or_say_view(self) -> None:
        try:
            await self._show()
        except StoreError as error:
            self.refused.emit(error.message)


class _Shown:
    """The records that a table shows, for its export."""

    def __init__(self, table: RecordTable) -> None:
        self._table = table

    def __call__(self) -> tuple[Any, ...]:
        model = self._table.model()
        return tuple(model.record(row) for row in range(model.rowCount()))


def _unknown(
    connection: Connection, _rules: Rules, now: datetime
) -> tuple[tuple[UnknownDevice, ...], datetime]:
    return unknown_devices(connection), now
