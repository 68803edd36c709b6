"""环境 as the window feeds it: it looks by itself; a dossier has the curve of its sensor (X14, Y27)."""

import asyncio
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import Connection

from data_access.readings import store_samples
from data_access.stations import Refusal, Seen, note_refused, note_seen, put_limits, put_stations
from data_access.store import Store
from desktop.pages.dossier import DossierDesk
from desktop.pages.environment import EnvironmentDesk
from desktop.pages.station_layer import StationLayer
from desktop.readings import Readings
from desktop.runtime.tasks import current
from desktop.seat import watched_by_engine
from domain.events import Event
from domain.people import SYSTEM
from domain.sensor_events import SensorExceeded
from domain.stations import Limit, Measure, Sample, Span, Station, StationKind, StationState
from tests.data_access.readers.worlds import put_tickets
from tests.data_access.streams import START, whole_life
from widgets.dossier.page import DossierPage
from widgets.environment.page import EnvironmentPage, EnvironmentView
from widgets.map.channel import Bridge
from widgets.map.layers import Layers
from widgets.scale import Scale

DUST = Station(
    0, "dust-1", "一号工地", StationKind.DUST, "MN1", (Measure("a34002", "μg/m³"),), lng=117.2, lat=34.2
)
LIMIT = Limit("pm10", "a34002", Span.MINUTE, 150.0, date(2020, 1, 1), "示例", kind=StationKind.DUST)


def put_station(connection: Connection) -> int:
    put_limits(connection, (LIMIT,))
    return put_stations(connection, (DUST,))["dust-1"]


def measured(station: int, since: datetime, values: list[float]) -> list[Sample]:
    return [
        Sample(station, "a34002", Span.MINUTE, since + timedelta(minutes=minute), value)
        for minute, value in enumerate(values)
    ]


async def test_the_page_sees_by_itself_that_a_station_spoke(
    store: Store, qtbot: QtBot, tmp_path: Path
) -> None:
    number = store.write(put_station)
    store.write(lambda c: note_refused(c, [Refusal("MN9", "unknown", datetime.now(UTC), "10.0.0.9")]))
    page = EnvironmentPage(Scale())
    qtbot.addWidget(page)
    page.resize(1600, 900)
    page.show()
    readings = Readings(watched_by_engine(store))
    desk = EnvironmentDesk(page, readings, page)
    desk.fresh = True
    await desk.refresh()
    assert [row.state for row in page.rows] == [StationState.NOT_CONNECTED]

    now = datetime.now(UTC)

    def speak(connection: Connection) -> None:
        store_samples(connection, measured(number, now - timedelta(minutes=10), [90.0] * 9 + [212.0]), now)
        note_seen(connection, [Seen(number, now, now, 2017, "10.0.0.1")])

    store.write(speak)
    await desk.look()
    assert [row.state for row in page.rows] == [StationState.ONLINE]
    worst = page.rows[0].worst
    assert worst is not None
    assert worst.beyond
    query = page.curve.query
    assert query is not None
    await desk.answer(query)
    shown = page.curve.plot.curve
    assert shown is not None
    assert list(shown.mean) == [90.0] * 9 + [212.0]

    for view, count in (
        (EnvironmentView.WALL, lambda: len(page.wall.cells.sparks)),
        (EnvironmentView.EPISODES, lambda: page.episodes.model().rowCount() + 1),
        (EnvironmentView.DEVICES, lambda: page.devices.model().rowCount() + 1),
        (EnvironmentView.UNKNOWN, lambda: page.unknown.model().rowCount()),
    ):
        page.views.choose(view)
        await desk.refresh()
        assert count() == 1, view

    rows = await desk.exports[EnvironmentView.STATIONS].write(tmp_path / "stations.csv")
    assert rows == 1
    assert "一号工地" in (tmp_path / "stations.csv").read_text(encoding="utf-8-sig")

    layers = Layers(Bridge(page), page)
    layer = StationLayer(layers, readings, page)
    await layer.refresh()
    assert [mark.lines[0] for known in layers.known for mark in known.marks] == ["一号工地 · 在线"]
    opened: list[str] = []
    layer.station_opened.connect(opened.append)
    layers.opened.emit("radar", "1")
    layers.opened.emit("stations", "dust-1")
    assert opened == ["dust-1"]

    # Retired: on no list, wall or map of the present; who asks for it by an old episode is told where it is.
    gone = replace(DUST, retired=datetime.now(UTC).date() - timedelta(days=1))
    store.write(lambda c: put_stations(c, [gone]))
    said: list[str] = []
    desk.refused.connect(said.append)
    for view in (EnvironmentView.STATIONS, EnvironmentView.WALL):
        page.views.choose(view)
        await desk.refresh()
    await layer.refresh()
    assert (page.rows, page.wall.cells.sparks) == ((), ())
    assert [mark for known in layers.known for mark in known.marks] == []
    page.open_station("dust-1")
    while current().names():
        await asyncio.sleep(0.01)
    (told,) = said
    assert "已停用" in told


async def test_a_dossier_shows_the_curve_of_its_sensor_and_when_somebody_was_there(
    store: Store, qapp: object
) -> None:
    number = store.write(put_station)
    began = START - timedelta(minutes=5)
    samples = measured(number, START - timedelta(hours=1), [90.0] * 55 + [212.0] * 65)
    store.write(lambda c: store_samples(c, samples, START))
    exceeded = SensorExceeded(1, "dust-1", "a34002", 212.0, 150.0, "μg/m³", began, name="一号工地")
    first, *rest = whole_life()
    put_tickets(store, one=(first, Event(first.at, SYSTEM, exceeded), *rest), two=whole_life())
    parent = QWidget()
    minute = START + timedelta(hours=200)
    desk = DossierDesk(DossierPage(Scale(), parent), Readings(watched_by_engine(store), minute), parent)
    desk.open_ticket("one")
    await desk.refresh()
    panel = desk.dossier_page.sensors
    assert not panel.isHidden()
    assert panel.note == "一号工地 · PM10 分钟值"
    shown = panel.plot.curve
    assert shown is not None
    assert max(value for value in shown.most if not math.isnan(value)) == 212.0
    assert [step.high for step in shown.limits] == [150.0]
    marked = [(moment.mark.word, moment.at) for moment in panel.plot.moments]
    assert ("超标", began) in marked
    assert {"到场", "整改"} <= {word for word, _ in marked}
    desk.open_ticket("two")
    await desk.refresh()
    assert panel.isHidden()
    parent.deleteLater()
