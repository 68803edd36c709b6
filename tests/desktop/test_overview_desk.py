"""The overview as the window feeds it: what takes long is done beside the window's thread."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from data_access.readings import store_samples
from data_access.stations import Seen, note_seen, put_stations
from data_access.store import Store
from desktop.city import CITY_FOLDER
from desktop.pages.map import MapDesk, MapPage
from desktop.pages.overview import OverviewDesk
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from domain.stations import Measure, Sample, Span, Station, StationKind, StationState
from tests.data_access.readers.worlds import ANCHOR, put_demo
from widgets.map.points import PointColumns
from widgets.map.view import TicketMap
from widgets.overview_page import OverviewPage
from widgets.scale import Scale
from widgets.style import load_fonts


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads in which points become the map's columns."""
    seen: list[threading.Thread] = []
    original: Callable[..., PointColumns] = PointColumns.from_arrays

    def noted(**columns: Any) -> PointColumns:
        seen.append(threading.current_thread())
        return original(**columns)

    monkeypatch.setattr(PointColumns, "from_arrays", noted)
    return seen


async def test_the_maps_columns_are_made_in_a_worker(
    store: Store, qtbot: QtBot, tmp_path: Path, threads: list[threading.Thread]
) -> None:
    put_demo(store, 120)
    scale = Scale()
    load_fonts()  # the map's page asks for the city's font
    ticket_map = TicketMap(scale, CITY_FOLDER / "boundaries.geojson", tmp_path)
    page = OverviewPage(ticket_map, scale)
    qtbot.addWidget(page)
    page.resize(1600, 900)
    page.show()
    large = MapPage(scale)
    qtbot.addWidget(large)
    overview_desk = OverviewDesk(page, ticket_map, Readings(watched_by_engine(store), ANCHOR), page)
    for desk in (overview_desk, MapDesk(large, overview_desk, large)):
        threads.clear()
        await desk.refresh()
        await desk.painted()
        assert [thread is threading.main_thread() for thread in threads] == [False]
    assert ticket_map.render_state().marks


async def test_a_window_that_opens_at_a_past_minute_knows_no_later_value(
    store: Store, qtbot: QtBot, tmp_path: Path
) -> None:
    """And back at now it does."""
    put_demo(store, 60)
    station = Station(0, "s", "一号站", StationKind.NOISE, "MN1", (Measure("LA", "dB"),))
    number = store.write(lambda c: put_stations(c, [station]))["s"]
    late = Sample(number, "LA", Span.MINUTE, ANCHOR - timedelta(minutes=9), 50.0)
    store.write(lambda c: store_samples(c, [late], ANCHOR + timedelta(minutes=5)))
    store.write(lambda c: note_seen(c, [Seen(number, ANCHOR + timedelta(minutes=5), late.at, 2017, "")]))
    scale = Scale()
    load_fonts()
    ticket_map = TicketMap(scale, CITY_FOLDER / "boundaries.geojson", tmp_path)
    page = OverviewPage(ticket_map, scale)
    qtbot.addWidget(page)
    page.resize(1600, 900)
    page.show()
    readings = Readings(watched_by_engine(store), ANCHOR)
    desk = OverviewDesk(page, ticket_map, readings, page)

    async def states() -> dict[StationState, int]:
        await desk.refresh()
        assert desk.latest is not None
        return {state: count for state, count in desk.latest.monitoring.counts if count}

    assert await states() == {StationState.NOT_CONNECTED: 1}
    readings.shown.turn_to(None)
    desk.turn_minute()
    assert StationState.NOT_CONNECTED not in await states()
