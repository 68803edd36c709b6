"""A hand on the warnings: no card moves from under it, and an order is about what was aimed at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from domain.events import WarningLevel
from domain.listing import WarningRow
from domain.nodes import Node
from domain.people import Actor, Role
from tests.widgets import samples
from tests.widgets.samples import NOW
from widgets import hand, warnings_panel
from widgets.scale import Scale
from widgets.warning_card import WarningCard
from widgets.warnings_panel import WarningsPanel

ROWS = samples.warnings()
NEW = samples.warning(900, WarningLevel.RED, Node.ARRIVE, -timedelta(days=3))
LEADER = Actor(Role.LEADER, "周明")
AWAY = QPoint(700, 700)


@pytest.fixture
def panel(scale: Scale, on_screen: Callable[..., QWidget]) -> WarningsPanel:
    QCursor.setPos(AWAY)
    made = WarningsPanel(scale)
    on_screen(made, 470, 620)
    made.set_actor(LEADER)
    show(made, ROWS)
    return made


def show(panel: WarningsPanel, rows: tuple[WarningRow, ...]) -> None:
    red = sum(row.level is WarningLevel.RED for row in rows)
    panel.show_warnings(rows, red, len(rows) - red, NOW)
    QApplication.processEvents()


def tickets(panel: WarningsPanel) -> list[str]:
    return [card.row.ticket for card in panel.cards if card.row is not None]


def point_at(widget: QWidget) -> None:
    QCursor.setPos(widget.mapToGlobal(widget.rect().center()))
    QApplication.processEvents()


def click(panel: WarningsPanel) -> None:
    """Press and release at the pointer, as the window system hands it to the window."""
    window = panel.window().windowHandle()
    place = panel.window().mapFromGlobal(QCursor.pos())
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    QApplication.processEvents()


def card_of(panel: WarningsPanel, row: WarningRow) -> WarningCard:
    return next(card for card in panel.cards if card.row is not None and card.row.ticket == row.ticket)


def test_without_a_hand_a_new_warning_takes_its_place_at_once(panel: WarningsPanel):
    show(panel, (NEW, *ROWS))
    assert NEW.ticket in tickets(panel)
    assert not panel.is_holding
    assert panel.news.isHidden()


def test_a_new_warning_waits_for_the_hand_and_is_announced(panel: WarningsPanel, qtbot: QtBot):
    aimed = ROWS[1]
    before = tickets(panel)
    point_at(card_of(panel, aimed).directive)
    show(panel, (NEW, *ROWS))
    assert tickets(panel) == before
    assert panel.news.isVisible()
    assert panel.news.text() == "■ 1 条新预警"
    assert panel.note.startswith("红 4 条")
    with qtbot.waitSignal(panel.directive_requested) as caught:
        click(panel)
    assert caught.args == [aimed]
    QCursor.setPos(AWAY)
    qtbot.waitUntil(lambda: NEW.ticket in tickets(panel), timeout=1000)
    assert panel.news.isHidden()
    assert not panel.is_holding


def test_the_announcement_puts_the_list_in_order_when_it_is_pressed(panel: WarningsPanel):
    point_at(card_of(panel, ROWS[1]))
    show(panel, (NEW, *ROWS))
    panel.news.click()
    assert tickets(panel)[0] == NEW.ticket or NEW.ticket in tickets(panel)
    assert not panel.is_holding


def test_a_hand_holds_the_cards_for_a_bounded_time(
    panel: WarningsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(warnings_panel, "HOLD_SECONDS", 0.3)
    point_at(card_of(panel, ROWS[1]))
    show(panel, (NEW, *ROWS))
    assert panel.is_holding
    qtbot.waitUntil(lambda: NEW.ticket in tickets(panel), timeout=1500)


def test_a_pointer_left_on_the_wall_holds_nothing(
    panel: WarningsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hand, "REST_SECONDS", 0.2)
    point_at(card_of(panel, ROWS[1]))
    show(panel, (replace(ROWS[0], title="第一次看"), *ROWS[1:]))
    qtbot.wait(300)
    show(panel, (NEW, *ROWS))
    assert NEW.ticket in tickets(panel)


def test_a_click_right_after_a_move_counts_for_what_was_aimed_at(
    panel: WarningsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    """The cards moved while the finger was already on its way down."""
    aimed = ROWS[1]
    point_at(card_of(panel, aimed).directive)
    monkeypatch.setattr(panel._hand, "is_on", bool)  # as when the hold has just run out
    place = card_of(panel, aimed).y()
    show(panel, (replace(NEW, urgency=aimed.urgency), *ROWS))
    assert card_of(panel, aimed).y() != place
    with qtbot.waitSignal(panel.directive_requested) as caught:
        click(panel)
    assert caught.args == [aimed]
    # The next press, with time to look, counts for what is there now.
    there = next(c for c in panel.cards if c.rect().contains(c.mapFromGlobal(QCursor.pos())))
    with qtbot.waitSignal(panel.directive_requested) as caught:
        click(panel)
    assert caught.args == [there.row]


def test_a_warning_that_is_over_says_so_in_its_place(panel: WarningsPanel, qtbot: QtBot):
    gone = ROWS[1]
    before = tickets(panel)
    point_at(card_of(panel, gone).directive)
    show(panel, tuple(row for row in ROWS if row is not gone))
    assert tickets(panel) == before
    ended = card_of(panel, gone)
    assert not ended.directive.isEnabled()
    assert ended.directive.toolTip() == "预警已解除"
    QCursor.setPos(AWAY)
    qtbot.waitUntil(lambda: gone.ticket not in tickets(panel), timeout=1000)


def test_a_card_turning_red_keeps_its_height_under_a_hand(panel: WarningsPanel):
    soon = ROWS[3]
    card, below = card_of(panel, soon), card_of(panel, ROWS[4])
    height, place = card.height(), below.y()
    point_at(below)
    show(panel, (replace(ROWS[0], title="手在这里"), *ROWS[1:]))
    panel.tick(soon.due_at + timedelta(seconds=1))
    assert card.level is WarningLevel.RED
    assert (card.height(), below.y()) == (height, place)
    panel.news.click()
    assert card.height() > height


def test_the_keyboard_stays_on_its_warning_when_cards_move(panel: WarningsPanel, qtbot: QtBot):
    row = ROWS[2]
    card = card_of(panel, row)
    card.directive.setFocus()
    panel._hand.is_on()
    place = card.y()
    show(panel, (replace(NEW, urgency=row.urgency), *(r for r in ROWS if r is not ROWS[1])))
    panel.news.click()
    assert card.row == row
    assert card.directive.hasFocus()
    assert place is not None
    with qtbot.waitSignal(panel.directive_requested) as caught:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert caught.args == [row]


def test_the_keyboard_never_slips_to_another_tickets_orders(panel: WarningsPanel):
    row = ROWS[1]
    card = card_of(panel, row)
    card.directive.setFocus()
    show(panel, tuple(r for r in ROWS if r is not row))
    assert QApplication.focusWidget() in (card, *card.parts) or panel.is_holding is False
    panel.news.click()
    assert row.ticket not in tickets(panel)
    assert not any(c.has_keyboard for c in panel.cards)


def test_tab_follows_the_order_on_screen(panel: WarningsPanel):
    show(panel, (NEW, *ROWS))
    on_screen = [card for card in panel.cards if card.row is not None]
    on_screen[0].setFocus()
    reached: list[QWidget] = []
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if isinstance(focused, WarningCard):
            reached.append(focused)
        if focused is on_screen[-1]:
            break
    assert reached == on_screen[1:]


def test_what_was_scrolled_to_stays_in_sight(panel: WarningsPanel):
    many = samples.overfull().warnings[:25]
    show(panel, many)
    area = panel.cards[0].parentWidget().parentWidget().parentWidget()
    bar = area.verticalScrollBar()
    bar.setValue(panel.cards[6].y())
    top = panel.cards[6]
    show(panel, (NEW, *many))
    QApplication.processEvents()
    assert top.mapTo(area, QPoint(0, 0)).y() == 0
