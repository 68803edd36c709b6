"""From the overview to the ranking of places by their air, as the window feeds it (T01, X04)."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from data_access.air_index import index_since
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import put_stations
from data_access.store import Connection, Store
from desktop.city_stations import load_stations
from desktop.pages.environment import EnvironmentDesk
from desktop.readings import Readings
from desktop.runtime.tasks import Tasks
from desktop.seat import watched_by_engine
from domain.aqi.places import PlaceKind
from domain.aqi.standing import AirQuery
from domain.stations import Sample, Span, StationKind
from tests.data_access.readers.worlds import put_city
from widgets.environment.page import EnvironmentPage, EnvironmentView
from widgets.overview_page import OverviewPage
from widgets.scale import Scale

CLEAN = {"a34004": 10.0, "a34002": 20.0, "a21026": 5.0, "a21004": 20.0, "a21005": 0.5, "a05024": 60.0}


async def test_the_overview_leads_to_the_ranking_and_to_a_station(
    store: Store, qtbot: QtBot, tasks: Tasks, tmp_path: Path
) -> None:
    put_city(store)
    air = [station for station in load_stations() if station.kind is StationKind.AIR]
    now = datetime.now(UTC)
    newest = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)

    def fill(connection: Connection) -> None:
        numbers = put_stations(connection, load_stations())
        samples = [
            Sample(numbers[station.key], factor, Span.HOUR, newest, value + position)
            for position, station in enumerate(air)
            for factor, value in CLEAN.items()
        ]
        store_samples(connection, samples, now)
        index_since(connection, load_rules(connection), newest, now)

    store.write(fill)
    overview = OverviewPage(QWidget(), Scale())
    qtbot.addWidget(overview)
    page = EnvironmentPage(Scale())
    qtbot.addWidget(page)
    desk = EnvironmentDesk(page, Readings(watched_by_engine(store)), page)
    overview.environment_requested.connect(desk.open_wanted)
    pages: list[str] = []
    desk.page_requested.connect(pages.append)

    overview.monitoring.air.air_requested.emit(AirQuery(PlaceKind.STATION))
    assert pages == ["environment"]
    assert page.view is EnvironmentView.AIR
    await desk.refresh()
    model = page.air.table.model()
    assert model.rowCount() == len(air)
    assert [model.index(0, column).data() for column in (0, 2)] == ["1", air[0].name]
    assert "HJ 633-2026" in page.air.list.note

    assert await desk.exports[EnvironmentView.AIR].write(tmp_path / "air.csv") == len(air)
    first = (tmp_path / "air.csv").read_text("utf-8-sig").splitlines()[1]
    assert "HJ 633-2026" in first
    assert air[0].name in first

    # Another kind of place is asked for, and answered though the page was read a moment ago.
    page.air.kinds.buttons[0].click()
    await desk.refresh()
    assert model.rowCount() == len({station.area for station in air})

    overview.monitoring.cards[0].station_requested.emit("dust-35")
    await desk.refresh()
    assert page.view is EnvironmentView.STATIONS
    chosen = page.stations.chosen()
    assert chosen is not None
    assert chosen.station.key == "dust-35"
    while tasks.names():
        await asyncio.sleep(0.01)
