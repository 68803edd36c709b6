"""The warnings: red first, counting down, turning red in time, with their orders; none is forgotten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.nodes import Node
from domain.people import Actor, Role
from tests.widgets import samples
from tests.widgets.samples import NOW
from widgets.scale import Scale
from widgets.warning_card import WarningCard
from widgets.warnings_panel import POOL, WarningsPanel

SECOND = timedelta(seconds=1)


@pytest.fixture
def panel(scale: Scale, on_screen: Callable[..., QWidget]) -> WarningsPanel:
    made = WarningsPanel(scale)
    on_screen(made, 470, 620)
    return made


def show(panel: WarningsPanel, rows: tuple[WarningRow, ...], total: int | None = None) -> None:
    red = sum(row.level is WarningLevel.RED for row in rows)
    panel.show_warnings(rows, red, (len(rows) if total is None else total) - red, NOW)
    QApplication.processEvents()


def cards(panel: WarningsPanel) -> list[WarningCard]:
    return [card for card in panel.cards if not card.isHidden()]


def test_red_ones_come_first_and_what_nobody_saw_before_what_was_seen(panel: WarningsPanel):
    show(panel, tuple(reversed(samples.warnings())))
    levels = [card.level for card in cards(panel)]
    assert levels == [WarningLevel.RED] * 3 + [WarningLevel.YELLOW] * 4
    assert "XZ-20261121-0132" in cards(panel)[2].toolTip()  # acknowledged
    assert [card.countdown for card in cards(panel)][3:] == [
        "剩 00:01:12", "剩 00:18:30", "剩 01:05:00", "剩 03:20:00",
    ]  # fmt: skip


def test_what_can_still_be_saved_stands_before_the_fourth_red_one(panel: WarningsPanel):
    minute = 60 * SECOND
    red = [samples.warning(n, WarningLevel.RED, Node.ARRIVE, -n * minute) for n in range(1, 7)]
    soon = samples.warning(20, WarningLevel.YELLOW, Node.SIGN, 2 * minute)
    later = samples.warning(21, WarningLevel.YELLOW, Node.SIGN, 60 * minute)
    show(panel, (*red, later, soon))
    levels = [card.level for card in cards(panel)]
    assert levels == [
        *[WarningLevel.RED] * 3, WarningLevel.YELLOW, *[WarningLevel.RED] * 3, WarningLevel.YELLOW,
    ]  # fmt: skip
    assert cards(panel)[3].countdown == "剩 00:02:00"


def test_the_tick_counts_and_turns_a_card_red_when_its_time_is_up(panel: WarningsPanel):
    show(panel, (samples.warning(1, WarningLevel.YELLOW, Node.SIGN, 2 * SECOND),))
    card = cards(panel)[0]
    low = card.height()
    seen = []
    for second in range(4):
        panel.tick(NOW + second * SECOND)
        seen.append((card.countdown, card.level, card.directive.isVisible()))
    assert seen == [
        ("剩 00:00:02", WarningLevel.YELLOW, False),
        ("剩 00:00:01", WarningLevel.YELLOW, False),
        ("剩 00:00:00", WarningLevel.YELLOW, False),
        ("超 00:00:01", WarningLevel.RED, True),
    ]
    assert card.height() > low
    assert card.accessibleName().startswith("红色预警")


def test_what_was_done_wrong_says_since_when_it_stands(panel: WarningsPanel):
    """Its node may still have days: a red card that counts down would be a contradiction."""
    kind, days = WarningKind.WRONG, timedelta(days=2)
    for level in WarningLevel:
        row = samples.warning(1, level, Node.RECTIFY, days, kind=kind)
        show(panel, (replace(row, since=NOW - days),))
        card = cards(panel)[0]
        assert card.countdown == "已 2 天 00:00"
        panel.tick(NOW + 3 * days)  # its due time is over, and it is no other warning for that
        assert (card.countdown, card.level) == ("已 8 天 00:00", level)
        assert "发出 2026-11-19 20:58:13" in card.toolTip()
        assert "到期" not in card.toolTip()


def test_what_was_done_wrong_is_never_about_to_turn_red(panel: WarningsPanel):
    red = [samples.warning(n, WarningLevel.RED, Node.ARRIVE, -n * 60 * SECOND) for n in range(1, 7)]
    wrong = samples.warning(20, WarningLevel.YELLOW, Node.SIGN, 2 * SECOND, kind=WarningKind.WRONG)
    show(panel, (*red, wrong))
    assert [card.level for card in cards(panel)] == [WarningLevel.RED] * 6 + [WarningLevel.YELLOW]


def test_orders_carry_their_own_warning(panel: WarningsPanel, qtbot: QtBot):
    rows = samples.warnings()
    show(panel, rows)
    card = cards(panel)[0]
    for role, button, signal in (
        (Role.LEADER, card.directive, panel.directive_requested),
        (Role.DISCIPLINE, card.re_supervision, panel.re_supervision_requested),
        (Role.DUTY, card.acknowledge, panel.acknowledge_requested),
    ):
        panel.set_actor(Actor(role, "某人"))
        with qtbot.waitSignal(signal) as caught:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert caught.args == [rows[1]]


def test_only_what_one_may_order_is_offered(panel: WarningsPanel):
    mine = replace(samples.warnings()[1], body="water")
    offered = {}
    for actor in (
        None,
        Actor(Role.WALL, "大屏"),
        Actor(Role.DUTY, "王磊"),
        Actor(Role.DISCIPLINE, "孙静"),
        Actor(Role.LEADER, "周明"),
        Actor(Role.HANDLER, "陈立", "water"),
        Actor(Role.HANDLER, "陈立", "police"),
    ):
        panel.set_actor(actor)
        show(panel, (mine,))
        card = cards(panel)[0]
        buttons = (card.acknowledge, card.directive, card.re_supervision)
        offered[actor and (actor.role, actor.body)] = "".join("-+"[button.isEnabled()] for button in buttons)
        assert all(bool(button.toolTip()) is not button.isEnabled() for button in buttons)
    assert offered == {
        None: "---",
        (Role.WALL, None): "---",
        (Role.DUTY, None): "+--",
        (Role.DISCIPLINE, None): "+-+",
        (Role.LEADER, None): "++-",
        (Role.HANDLER, "water"): "+--",
        (Role.HANDLER, "police"): "---",
    }


def test_a_click_on_the_card_opens_the_ticket(panel: WarningsPanel, qtbot: QtBot):
    show(panel, samples.warnings())
    with qtbot.waitSignal(panel.ticket_requested) as caught:
        qtbot.keyClick(cards(panel)[3], Qt.Key.Key_Return)
    assert caught.args == ["XZ-20261121-0140"]


def test_an_acknowledged_warning_names_who_saw_it(panel: WarningsPanel):
    row = samples.warnings()[1]
    show(panel, (row,))
    assert cards(panel)[0].acknowledge.isVisible()
    show(panel, (replace(row, acknowledged_by="王磊", acknowledged_at=NOW),))
    assert not cards(panel)[0].acknowledge.isVisible()
    assert "王磊 于 2026-11-21 20:58:13 确认" in cards(panel)[0].toolTip()


def test_no_warning_is_a_calm_sight(panel: WarningsPanel):
    show(panel, samples.warnings())
    show(panel, ())
    assert cards(panel) == []
    assert not panel.more.isVisible()
    words = [child.accessibleName() for child in panel.findChildren(QWidget) if child.isVisible()]
    assert "没有预警 · 全部按时" in words


def test_what_does_not_fit_is_counted(panel: WarningsPanel, qtbot: QtBot):
    rows = samples.overfull().warnings
    pool = [id(card) for card in panel.cards]
    show(panel, rows[:50], total=200)
    assert len(cards(panel)) == POOL
    assert panel.more.isVisible()
    left = int(panel.more.text().split()[1])
    area = panel.cards[0].parentWidget().parentWidget()
    whole = [
        card
        for card in cards(panel)
        if card.mapTo(panel, card.rect().bottomLeft()).y() <= area.mapTo(panel, area.rect().bottomLeft()).y()
    ]
    assert len(whole) + left == 200
    assert [id(card) for card in panel.cards] == pool
    with qtbot.waitSignal(panel.warnings_requested):
        qtbot.mouseClick(panel.more, Qt.MouseButton.LeftButton)


def test_a_new_reading_reuses_the_cards(panel: WarningsPanel):
    show(panel, samples.overfull().warnings[:40])
    before = len(panel.findChildren(QWidget))
    for count in (0, 3, 40, 1, 7):
        show(panel, samples.overfull().warnings[:count])
        assert len(cards(panel)) == min(count, POOL)
    assert len(panel.findChildren(QWidget)) == before
