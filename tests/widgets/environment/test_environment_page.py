"""环境: the list and its curve, small multiples, and what came of exceedances (X14, Y27)."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.environment import CurveQuery, DeviceItemRow, EpisodeRow, UnknownDevice
from domain.stations import DataFlag, DeviceItem, DeviceTrouble, Episode, Span, StationKind, StationState
from tests.widgets.station_samples import NOW, STATES, curve_of, spark_of, station_row
from widgets.environment.map_layer import station_layer
from widgets.environment.page import EnvironmentPage, EnvironmentView
from widgets.environment.spark_wall import SparkWall
from widgets.map.layers import LayerMark
from widgets.scale import Scale
from widgets.table.view import RecordTable

ROWS = tuple(station_row(number, state) for number, state in enumerate(STATES, 1))
WATER = station_row(20, kind=StationKind.WATER)


@pytest.fixture
def page(qtbot: QtBot, qapp: object) -> EnvironmentPage:
    made = EnvironmentPage(Scale())
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    return made


def cell(table: RecordTable, row: int, column: int) -> str:
    return str(table.model().index(row, column).data())


def test_stations_stand_with_state_and_the_value_that_matters(page: EnvironmentPage) -> None:
    page.show_stations(ROWS, NOW)
    told = [(cell(page.stations, row, 0), cell(page.stations, row, 4)) for row in range(5)]
    assert told == [
        ("超标", "PM10 212 / 150 μg/m³"),
        ("数据无效", "PM10 故障"),
        ("失联", "PM10 96 / 150 μg/m³"),
        ("在线", "PM10 96 / 150 μg/m³"),
        ("未接入", "无数据"),
    ]
    assert page.counts[0].accessibleName() == "超标 1，数据无效 1，失联 1，在线 1，未接入 1"


def test_a_kind_is_picked_out(page: EnvironmentPage) -> None:
    page.show_stations((*ROWS, WATER), NOW)
    page.kinds.buttons[2].click()
    assert page.kinds.buttons[2].text() == "废水 1"
    assert page.stations.model().rowCount() == 1
    assert page.curve.row == WATER


def test_the_worst_station_is_chosen_and_the_curve_of_its_worst_value_asked_for(
    page: EnvironmentPage, qtbot: QtBot
) -> None:
    asked: list[CurveQuery] = []
    page.curve_requested.connect(asked.append)
    page.show_stations(ROWS, NOW)
    assert asked[-1] == CurveQuery(1, "a34002", Span.MINUTE, NOW - timedelta(hours=24), NOW)
    page.curve.values.factor_chosen.emit("a34004")
    page.curve.values.choose("a34004")
    page.curve.ranges.buttons[4].click()
    assert (asked[-1].factor, asked[-1].span) == ("a34004", Span.HOUR)
    assert asked[-1].since == NOW - timedelta(days=365)


def test_an_answer_to_an_older_question_is_passed_over(page: EnvironmentPage) -> None:
    page.show_stations(ROWS, NOW)
    query = page.curve.query
    assert query is not None
    page.show_curve(curve_of(replace(query, factor="a34004"), ROWS[0]))
    assert page.curve.plot.curve is None
    page.show_curve(curve_of(query, ROWS[0]))
    assert page.curve.plot.curve is not None


def test_the_hand_turns_the_curve_to_another_time_and_finer_values_are_asked_for(
    page: EnvironmentPage, qtbot: QtBot
) -> None:
    page.show_stations(ROWS, NOW)
    query = page.curve.query
    assert query is not None
    plot = page.curve.plot
    page.show_curve(curve_of(query, ROWS[0]))
    since, until = plot.shown_range
    assert abs((until - since) - timedelta(hours=24)) < timedelta(seconds=1)
    with qtbot.waitSignal(page.curve_requested) as asked:
        qtbot.keyClick(plot, Qt.Key.Key_Plus)
    found = asked.args[0]
    assert abs((found.until - found.since) - timedelta(hours=12)) < timedelta(seconds=1)
    page.show_curve(curve_of(found, ROWS[0]))
    assert plot.shown_range[0] == pytest.approx(found.since, abs=timedelta(seconds=1))
    page.curve.ranges.buttons[1].click()
    assert page.curve.query == query


def test_values_beyond_the_limit_are_marked_and_what_is_flagged_is_told(page: EnvironmentPage) -> None:
    page.show_stations(ROWS, NOW)
    query = page.curve.query
    assert query is not None
    shown = curve_of(query, ROWS[0])
    page.show_curve(shown)
    plot = page.curve.plot
    over = plot._over.getData()[1]
    assert len(over) == sum(value > 150 for value in shown.most)
    assert np.nanmin(over) > 150
    plot.grab()  # a fault in painting fails the test
    page.show_curve(
        replace(shown, at=shown.at[:0], mean=shown.mean[:0], least=shown.least[:0], most=shown.most[:0])
    )
    plot.grab()


def test_the_wall_has_a_cell_for_each_station_at_any_size(page: EnvironmentPage, qtbot: QtBot) -> None:
    rows = [station_row(number, STATES[number % 5]) for number in range(1, 76)]
    page.show_stations(rows, NOW)
    page.views.buttons[1].click()
    page.show_sparks([spark_of(row) for row in reversed(rows)])
    cells = page.wall.cells
    page.resize(1920, 1012)
    page.grab()
    assert [spark.row.station.number for spark in cells.sparks] == list(range(1, 76))
    for width, height in ((1366, 700), (1920, 1012), (3000, 700)):
        page.resize(width, height)
        page.grab()
        boxes = [cells.rect_of(number) for number in range(75)]
        assert max(box.right() for box in boxes) <= cells.width() + 1
        assert min(box.height() for box in boxes) >= 99
        assert not boxes[0].intersects(boxes[cells.columns])
    with qtbot.waitSignal(page.wall.station_chosen) as chosen:
        qtbot.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.rect_of(3).center().toPoint())
    assert chosen.args == [rows[3].station.key]
    assert page.view is EnvironmentView.STATIONS
    assert page.curve.row == rows[3]


def test_where_not_all_fit_those_that_exceed_come_first(page: EnvironmentPage) -> None:
    rows = [station_row(number, STATES[number % 5]) for number in range(1, 301)]
    page.show_stations(rows, NOW)
    page.views.buttons[1].click()
    page.show_sparks([spark_of(row) for row in rows])
    shown = [spark.row for spark in page.wall.cells.sparks]
    worst = [row for row in rows if row.state is StationState.EXCEEDING]
    assert shown[: len(worst)] == worst
    assert {row.station.number for row in shown} == {row.station.number for row in rows}


def test_the_wall_is_walked_by_keys(qtbot: QtBot, qapp: object) -> None:
    wall = SparkWall(Scale())
    qtbot.addWidget(wall)
    wall.resize(900, 400)
    wall.show()
    wall.show_sparks([spark_of(station_row(number)) for number in range(40)])
    with qtbot.waitSignal(wall.station_chosen) as chosen:
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Return):
            qtbot.keyClick(wall.cells, key)
    assert chosen.args == [station_row(wall.cells.columns).station.key]


def episode(number: int, *, ticket: str | None, over: bool) -> EpisodeRow:
    ended = NOW - timedelta(hours=1) if over else None
    found = Episode(
        number, 1, "a34002", Span.MINUTE, "pm10", NOW - timedelta(hours=3), NOW, 40, 300.0, ended, ticket
    )
    return EpisodeRow(found, "dust-001", "1 号站", StationKind.DUST, "某公司", "μg/m³", 150.0)


def test_an_episode_leads_to_its_ticket_or_else_to_its_station(page: EnvironmentPage, qtbot: QtBot) -> None:
    page.show_stations(ROWS, NOW)
    page.views.buttons[2].click()
    rows = (episode(1, ticket="JC-2026-1", over=False), episode(2, ticket=None, over=True))
    page.show_episodes(rows, NOW)
    page.tick(NOW)
    table = page.episodes
    assert [cell(table, row, 0) for row in (0, 1)] == ["超标", "已结束"]
    assert [cell(table, 0, column) for column in (4, 5, 6, 9)] == [
        "PM10 · 分钟", "150 μg/m³", "300（2.0 倍）", "已 03:00:00",
    ]  # fmt: skip
    with qtbot.waitSignal(page.ticket_requested) as asked:
        table.record_activated.emit(rows[0], "state")
    assert asked.args == ["JC-2026-1"]
    table.record_activated.emit(rows[1], "state")
    assert page.view is EnvironmentView.STATIONS
    assert page.curve.row == ROWS[0]


def test_devices_and_strangers_are_listed(page: EnvironmentPage) -> None:
    item = DeviceItem(1, 2, DeviceTrouble.INVALID, NOW - timedelta(hours=2), "a34002", DataFlag.FAULT)
    page.views.buttons[3].click()
    page.show_devices((DeviceItemRow(item, "dust-002", "2 号站", StationKind.DUST),), NOW)
    page.tick(NOW)
    assert [cell(page.devices, 0, column) for column in (0, 3, 4, 5, 9)] == [
        "待处理", "数据无效", "PM10", "D 故障", "已 02:00:00",
    ]  # fmt: skip
    page.views.buttons[4].click()
    page.show_unknown((UnknownDevice("MN9", "password", NOW, NOW, 1200, "10.0.0.9:5"),), NOW)
    assert [cell(page.unknown, 0, column) for column in (0, 1, 3)] == ["MN9", "密码不符", "1200"]
    page.show_unknown((UnknownDevice("", "modbus", NOW, NOW, 1, "10.0.0.9:5"),), NOW)
    shown = [cell(page.unknown, 0, column) for column in (0, 1, 6)]
    assert shown[:2] == ["未填 MN", "校验方式不符（Modbus CRC）"]
    assert "HJ 212 附录 A" in shown[2]


def test_a_device_that_is_refused_for_two_reasons_is_one_device(page: EnvironmentPage) -> None:
    """X14: a row for each reason, the first of a device's bright; the note counts devices and rows."""
    page.views.buttons[4].click()
    one = UnknownDevice("MN9", "check", NOW, NOW, 12, "10.0.0.9:5")
    rows = (one, replace(one, reason="password", again=True), replace(one, mn="MN8"))
    page.show_unknown(rows, NOW)
    assert [cell(page.unknown, row, 0) for row in range(3)] == ["MN9", "MN9", "MN8"]
    assert [cell(page.unknown, row, 1) for row in range(3)] == ["校验错误", "密码不符", "校验错误"]
    assert "2 台被拒收 · 共 3 条" in page.panels[page.view].note
    page.unknown.selectRow(1)
    page.show_unknown(rows[1:], NOW)
    assert page.unknown.chosen() == rows[1], "each row is its own, however the rows move"


def test_a_station_that_is_not_read_yet_is_opened_when_it_is(page: EnvironmentPage) -> None:
    page.open_station(ROWS[3].station.key)
    page.show_stations(ROWS, NOW)
    assert page.curve.row == ROWS[3]
    assert page.take_missed() == ""
    page.open_station("retired-1")
    page.show_stations(ROWS, NOW)
    assert (page.take_missed(), page.take_missed()) == ("retired-1", "")
    assert page.wall.cells.sparks == ()


def test_an_empty_city_says_so(page: EnvironmentPage) -> None:
    page.show_stations((), NOW)
    assert page.stations.empty_text.startswith("没有登记的监测站点\n")
    assert page.curve.query is None
    page.grab()


def test_the_map_shows_states_the_worst_on_top() -> None:
    layer = station_layer(ROWS)
    assert [(mark.colour, mark.shape) for mark in layer.marks] == [
        ("text_faint", "cross"), ("done", "circle"), ("paused", "pause"), ("due_soon", "diamond"),
        ("overdue", "square"),
    ]  # fmt: skip
    assert [mark.urgent for mark in layer.marks] == [False, False, False, False, True]
    assert max(layer.marks, key=_size) == layer.marks[-1]
    assert [mark.word for mark in layer.legend] == ["超标 1", "数据无效 1", "失联 1", "在线 1", "未接入 1"]
    assert layer.marks[-1].lines == (
        "1 号站 · 超标", "扬尘 · 某建设有限公司", "PM10 212 / 150 μg/m³ 超标", "PM2.5 40 μg/m³",
    )  # fmt: skip
    nowhere = replace(ROWS[0], station=replace(ROWS[0].station, lng=None, lat=None))
    assert station_layer((nowhere,)).marks == ()


def _size(mark: LayerMark) -> float:
    return mark.size
