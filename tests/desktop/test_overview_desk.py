"""The overview as the window feeds it: what takes long is done beside the window's thread."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from data_access.store import Store
from desktop.city import CITY_FOLDER
from desktop.pages.map import MapDesk, MapPage
from desktop.pages.overview import OverviewDesk
from desktop.readings import Readings
from desktop.seat import watched_by_engine
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
