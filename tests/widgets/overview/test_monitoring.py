"""Pollution sources and the index ranking on the first screen (X04, T01)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from domain.aqi.standing import AirQuery
from domain.monitoring import Monitoring, most_pressing
from domain.stations import StationKind, StationState
from tests.widgets import air_records
from tests.widgets.samples import NOW
from widgets.monitoring_panel import MonitoringPanel
from widgets.scale import Scale
from widgets.tokens import tokens

Show = Callable[..., QWidget]


def test_the_panel_says_who_speaks_who_does_not_and_by_which_edition(scale: Scale, on_screen: Show):
    panel = MonitoringPanel(scale)
    on_screen(panel, 900, 236)
    panel.show_monitoring(air_records.monitoring(NOW), NOW)
    assert panel.live.isVisible()
    assert not panel.preview.isVisible()
    assert "在线 73/74 站" in panel.note
    assert "■ 超标 1" in panel.note
    assert "HJ 633-2026" in panel.note
    # Only what is wrong is red: the standard's name and the time are no alarm.
    image = panel._note.grab().toImage()
    hues = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    assert tokens().qcolor("overdue") in hues
    assert sum(hue.blue() > hue.red() + 40 and hue.blue() > 150 for hue in hues) > 100
    said = [card.accessibleName() for card in panel.cards]
    assert said[0] == "金山桥工地 在线 59 PM10 µg/m³ · 限 80"
    assert said[1] == "荆马河排口 超标 44 COD mg/L · 限 40"
    assert said[2].startswith("热电 2# 烟道 失联")
    air = panel.air.accessibleName()
    assert air.startswith("区县 AQI · 19–20 时 1 丰县 58 良")
    assert air.endswith("– 鼓楼区 NA 数据不足")


def test_a_station_and_the_ranking_can_be_opened(scale: Scale, on_screen: Show, qtbot: QtBot):
    panel = MonitoringPanel(scale)
    on_screen(panel, 900, 236)
    panel.show_monitoring(air_records.monitoring(NOW), NOW)
    with qtbot.waitSignal(panel.environment_requested) as caught:
        qtbot.mouseClick(panel.cards[1], Qt.MouseButton.LeftButton)
    assert caught.args == ["water-01"]
    panel.air.setFocus()
    with qtbot.waitSignal(panel.environment_requested) as caught:
        qtbot.keyClick(panel.air, Qt.Key.Key_Return)
    assert caught.args == [AirQuery()]


def test_stations_that_go_away_leave_the_advice_again(scale: Scale, on_screen: Show):
    panel = MonitoringPanel(scale)
    on_screen(panel, 900, 236)
    full = air_records.monitoring(NOW)
    panel.show_monitoring(full, NOW)
    panel.show_monitoring(Monitoring((), (), replace(full.ranking, rows=(), at=None)), NOW)
    assert panel.preview.isVisible()
    assert not panel.live.isVisible()
    assert "○ 未接入" in panel.note


def test_the_worst_of_a_kind_has_its_card():
    """X04: what is beyond its limit comes before what is near it, whatever the others' state is."""

    def row(key: str, value: float, state: StationState, kind: StationKind = StationKind.DUST):
        return air_records.station_row(key, key, kind, "a34002", "µg/m³", value, 80.0, state, NOW)

    rows = [
        row("silent", 79.0, StationState.SILENT),
        row("near", 78.0, StationState.ONLINE),
        row("beyond", 81.0, StationState.EXCEEDING),
        row("far", 190.0, StationState.EXCEEDING),
        row("air", 500.0, StationState.EXCEEDING, StationKind.AIR),
        row("outlet", 1.0, StationState.ONLINE, StationKind.WATER),
    ]
    assert [found.station.key for found in most_pressing(rows)] == ["far", "outlet"]
    assert [found.station.key for found in most_pressing(rows[:2])] == ["silent"]


def test_only_what_is_shown_ages(scale: Scale, on_screen: Show):
    panel = MonitoringPanel(scale)
    on_screen(panel, 900, 236)
    panel.show_monitoring(air_records.monitoring(NOW), NOW)
    panel.confirm(NOW + timedelta(minutes=2))
    assert "21:00" in panel.note
