"""Somebody takes note of what is wrong with devices: of one, or of all that nobody has noted (X14, T05)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from domain.duty_log import DeviceNoteDraft
from domain.environment import DeviceCalls, DeviceItemRow
from domain.people import Actor, Role
from domain.stations import DataFlag, DeviceItem, DeviceTrouble, StationKind
from tests.widgets.station_samples import NOW
from widgets.environment.page import EnvironmentPage, EnvironmentView
from widgets.scale import Scale

DUTY = Actor(Role.DUTY, "李雪")


def row(number: int, **parts: object) -> DeviceItemRow:
    item = DeviceItem(
        number, number, DeviceTrouble.INVALID, NOW - timedelta(hours=2), "a34002", DataFlag.FAULT
    )
    return replace(DeviceItemRow(item, f"dust-{number}", f"{number} 号站", StationKind.DUST), **parts)


NOTED = row(1, noted_by="张婷", noted_at=NOW - timedelta(hours=1))
OVER = replace(row(4), item=replace(row(4).item, ended_at=NOW))
ROWS = (NOTED, row(2), row(3), OVER)


@pytest.fixture
def page(qtbot: QtBot, qapp: object) -> EnvironmentPage:
    made = EnvironmentPage(Scale())
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    made.open_calls(DeviceCalls(((DeviceTrouble.INVALID, 3),), 2, row(2)))
    made.show_devices(ROWS, NOW)
    return made


def test_all_that_nobody_has_noted_are_noted_at_once(page: EnvironmentPage, qtbot: QtBot) -> None:
    page.set_actor(DUTY)
    assert page.view is EnvironmentView.DEVICES
    assert page.notes.text() == "全部记为已阅 2"
    with qtbot.waitSignal(page.step_requested) as asked:
        page.notes.click()
    draft = asked.args[0].draft("r", {"text": "已通知运维"})
    assert draft == DeviceNoteDraft("r", "已通知运维", (2, 3))
    assert asked.args[0].preset["text"].startswith("2 号站 PM10 数据无效（")
    told = [page.devices.model().index(line, 10).data() for line in range(4)]
    assert told[0].startswith("张婷 11-")
    assert told[1:] == ["—"] * 3


def test_the_chosen_one_alone_is_noted_unless_it_is_noted_or_over(page: EnvironmentPage) -> None:
    page.set_actor(DUTY)
    offered = []
    for line in range(4):
        page.devices.selectRow(line)
        offered.append((page.notes.text(), page.notes.isEnabled()))
    assert offered == [("记为已阅", noted) for noted in (False, True, True, False)]


@pytest.mark.parametrize("role", [Role.WALL, Role.LEADER, Role.ADMIN])
def test_others_are_told_why_not(page: EnvironmentPage, role: Role) -> None:
    page.set_actor(Actor(role, "某人"))
    assert not page.notes.isEnabled()
    assert "值班员" in page.notes.toolTip()


def test_only_refused_devices_lead_to_those(page: EnvironmentPage) -> None:
    page.open_calls(DeviceCalls(refused=3))
    assert page.view is EnvironmentView.UNKNOWN
