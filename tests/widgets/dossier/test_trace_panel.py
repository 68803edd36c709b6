"""What lay upwind, beside a ticket and on the map (Q05)."""

from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from domain.back_trace import BackTrace, Candidate, SuspectKind, WindReading, back_trace, mean_wind, point_at
from domain.coordinates import Point
from widgets.dossier.trace_panel import TracePanel, compass, how_text, wind_text
from widgets.map.trace_layer import trace_layer
from widgets.scale import Scale

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HERE = Point(117.2, 34.2)


def trace(speed: float = 3.2) -> BackTrace:
    wind = mean_wind([WindReading(AT, speed, 45.0)], "黄河新村", 1_250.0)
    places = (
        Candidate(SuspectKind.STATION, "dust-01", "云龙工地", point_at(HERE, 45.0, 1_200.0), strong=True),
        Candidate(SuspectKind.TICKET, "XZ-1", "焚烧落叶", point_at(HERE, 50.0, 600.0), AT),
        Candidate(SuspectKind.FINDING, "7", "露天堆场", point_at(HERE, 40.0, 1_900.0), AT),
    )
    return back_trace(HERE, AT, wind, places)


@pytest.fixture
def panel(qtbot: QtBot) -> TracePanel:
    scale = Scale()
    made = TracePanel(scale)
    scale.setParent(made)
    qtbot.addWidget(made)
    return made


def test_the_wind_is_said_and_what_is_assumed() -> None:
    assert wind_text(trace()) == "东北风 3.2 m/s · 10.0 km 内 3 处"
    assert wind_text(trace(0.2)) == "静风 0.2 m/s · 2.0 km 内 3 处"
    assert "示例" in how_text(trace())
    assert "黄河新村" in how_text(trace())
    assert [compass(turned) for turned in (0.0, 350.0, 200.0)] == ["北", "北", "南"]


def test_lines_stand_by_how_likely_they_are_and_open_what_they_name(qtbot: QtBot, panel: TracePanel) -> None:
    assert panel.isHidden()
    panel.show_trace(trace())
    model = panel.table.model()
    said = [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]
    assert said == [
        ["云龙工地", "东北 1.2 km", "6 分钟"],
        ["焚烧落叶", "东北 600 m", "3 分钟"],
        ["露天堆场", "东北 1.9 km", "10 分钟"],
    ]
    for row, signal, key in (
        (0, panel.station_requested, "dust-01"),
        (1, panel.ticket_requested, "XZ-1"),
        (2, panel.finding_requested, 7),
    ):
        with qtbot.waitSignal(signal) as opened:
            panel.table.record_activated.emit(model.record(row), "name")
        assert opened.args == [key]
    panel.show_trace(None)
    assert panel.isHidden()


def test_the_map_shows_the_sector_or_all_around() -> None:
    layer = trace_layer(trace())
    (sector,) = layer.tracks
    assert sector.places[0] == sector.places[-1] == (HERE.lng, HERE.lat)
    assert {mark.id for mark in layer.marks} == {"here", "station/dust-01", "ticket/XZ-1", "finding/7"}
    (circle,) = trace_layer(trace(0.2)).tracks
    assert circle.places[0] == pytest.approx(circle.places[-1])
    assert (HERE.lng, HERE.lat) not in circle.places
