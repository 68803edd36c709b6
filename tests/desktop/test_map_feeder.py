"""The map's frames as the window makes them: in a worker, and a fault in one does not stop the map."""

import asyncio
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.city import CITY_FOLDER
from desktop.pages.map import FrameFeeder
from domain.nodes import TicketState
from domain.overview import MapPoint
from domain.urgency import Urgency
from widgets.map.frames import Frame, FrameJob
from widgets.map.view import TicketMap
from widgets.scale import Scale
from widgets.style import load_fonts

SECONDS = 20


def points(count: int) -> list[MapPoint]:
    return [
        MapPoint(f"T{i}", 117.2 + i / 1000, 34.3, TicketState.ON_TIME, Urgency.ORDINARY, "320302")
        for i in range(count)
    ]


async def settled(ticket_map: TicketMap) -> None:
    async with asyncio.timeout(SECONDS):
        while not ticket_map.render_state().settled:
            await asyncio.sleep(0.01)


def shown_map(qtbot: QtBot, folder: Path) -> TicketMap:
    load_fonts()
    ticket_map = TicketMap(Scale(), CITY_FOLDER / "boundaries.geojson", folder)
    qtbot.addWidget(ticket_map)
    FrameFeeder(ticket_map, ticket_map)
    ticket_map.resize(800, 600)
    ticket_map.show()
    return ticket_map


async def test_every_frame_is_made_in_a_worker(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers: list[threading.Thread] = []
    make = FrameJob.__call__

    def noted(job: FrameJob) -> Frame:
        makers.append(threading.current_thread())
        return make(job)

    monkeypatch.setattr(FrameJob, "__call__", noted)
    ticket_map = shown_map(qtbot, tmp_path)
    for count in range(1, 30):
        ticket_map.show_points(points(count))
        await asyncio.sleep(0)
    await settled(ticket_map)
    assert ticket_map.facets.total == 29
    assert threading.main_thread() not in makers
    # What came while a frame was being made is in the next one: no backlog.
    assert 0 < len(makers) < 15


@pytest.mark.faults_expected
async def test_a_frame_that_cannot_be_made_does_not_stop_the_map(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket_map = shown_map(qtbot, tmp_path)
    ticket_map.show_points(points(3))
    await settled(ticket_map)
    with monkeypatch.context() as broken:
        broken.setattr(FrameJob, "__call__", lambda _job: 1 / 0)
        ticket_map.show_points(points(4))
        await asyncio.sleep(0.2)
    assert ticket_map.facets.total == 3
    ticket_map.show_points(points(5))
    await settled(ticket_map)
    assert ticket_map.facets.total == 5
