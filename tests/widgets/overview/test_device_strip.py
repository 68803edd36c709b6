"""Devices that need somebody stand among the warnings, and lead to their list (X14, T05)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from domain.environment import DeviceCalls, DeviceItemRow
from domain.stations import DeviceItem, DeviceTrouble, StationKind
from tests.widgets import air_records, samples
from tests.widgets.samples import NOW
from widgets.device_strip import DeviceStrip
from widgets.overview_page import OverviewPage
from widgets.scale import Scale
from widgets.warnings_panel import WarningsPanel

Show = Callable[..., QWidget]

ITEM = DeviceItem(7, 1, DeviceTrouble.SILENT, NOW - timedelta(hours=3))
OLDEST = DeviceItemRow(ITEM, "dust-1", "一号工地扬尘监测点", StationKind.DUST)
CALLS = DeviceCalls(((DeviceTrouble.SILENT, 2), (DeviceTrouble.INVALID, 1)), 3, OLDEST, 4)


@pytest.fixture
def strip(scale: Scale, on_screen: Show) -> DeviceStrip:
    made = DeviceStrip(scale)
    on_screen(made, 900, 34)
    return made


def test_nothing_is_said_where_no_device_needs_anybody(strip: DeviceStrip) -> None:
    strip.show_calls(DeviceCalls())
    strip.show_calls(CALLS)
    assert not strip.isHidden()
    strip.show_calls(DeviceCalls())
    assert strip.isHidden()


def test_it_says_how_many_what_and_since_when(strip: DeviceStrip) -> None:
    strip.show_calls(CALLS)
    assert strip.head == "设备异常 3 项"
    assert strip.details[0] == "失联 2 · 数据无效 1 · 最久 一号工地扬尘监测点 失联 11-21 17:58 起 · 拒收 4 台"
    assert strip.accessibleName() == f"{strip.head} · {strip.details[0]}"
    strip.show_calls(replace(CALLS, unseen=1))
    assert strip.head == "设备异常 3 项，未阅 1"
    strip.show_calls(replace(CALLS, unseen=0))
    assert strip.head == "设备异常 3 项，均已阅"
    strip.show_calls(DeviceCalls(refused=4))
    assert strip.head == "拒收设备 4 台"
    assert not strip.isHidden()
    strip.grab()


def test_the_keyboard_opens_what_it_tells_of(strip: DeviceStrip, qtbot: QtBot) -> None:
    strip.show_calls(CALLS)
    with qtbot.waitSignal(strip.devices_requested) as asked:
        qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert asked.args == [CALLS]


def test_the_cards_of_the_warnings_stay_whole_above_it(scale: Scale, on_screen: Show, qtbot: QtBot) -> None:
    panel = WarningsPanel(scale)
    on_screen(panel, 470, 620)
    rows = tuple(samples.warnings())
    panel.show_warnings(rows, 3, 4, NOW)
    panel.show_devices(CALLS)
    QApplication.processEvents()
    assert panel.devices.isVisible()
    assert panel.more.text() == f"还有 {len(rows) - panel._whole} 条 ›"
    assert panel._area.geometry().bottom() < panel.more.y() < panel.devices.y()
    assert panel.devices.geometry().bottom() <= panel.height()
    with qtbot.waitSignal(panel.environment_requested) as asked:
        qtbot.mouseClick(panel.devices, Qt.MouseButton.LeftButton)
    assert asked.args == [CALLS]
    # Where no ticket is late, a silent device still stands there.
    panel.show_warnings((), 0, 0, NOW)
    assert panel.devices.isVisible()


def test_the_overview_hands_it_on(scale: Scale, on_screen: Show, qtbot: QtBot) -> None:
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 960)
    page.show_monitoring(replace(air_records.monitoring(NOW), calls=CALLS), NOW)
    with qtbot.waitSignal(page.environment_requested) as asked:
        page.warnings.devices.click()
    assert asked.args == [CALLS]
    page.show_monitoring(None, NOW)
    assert page.warnings.devices.isHidden()
