"""Ledger, directives, monitoring, header and the page that holds them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from domain.calendar import DayKind
from domain.ledger import Colour, ColourCount
from domain.overview import FeedState, Overview
from domain.people import Actor, Role
from tests.widgets import samples
from tests.widgets.samples import NOW
from widgets.directives_panel import DirectivesPanel
from widgets.header import Header
from widgets.ledger_panel import LedgerPanel
from widgets.monitoring_panel import MonitoringPanel
from widgets.overview_page import OverviewPage
from widgets.painting import text_width
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.style import apply_style
from widgets.veil import Veil

Show = Callable[..., QWidget]
PAGES = [("overview", "总览"), ("map", "地图"), ("warnings", "预警"), ("ranking", "排名"), ("ledger", "台账"),
         ("directives", "指令"), ("re_supervision", "再监督")]  # fmt: skip
SIZES = [(1366, 768), (1920, 1080), (3840, 2160), (1280, 1024), (2560, 1080)]


def test_the_ledger_opens_colours_and_items(
    scale: Scale, on_screen: Show, qtbot: QtBot, qtmodeltester: ModelTester
):
    panel = LedgerPanel(scale)
    on_screen(panel, 760, 236)
    qtmodeltester.check(panel.model)
    overview = samples.ordinary()
    panel.show_ledger(overview.ledger_counts, tuple(reversed(overview.ledger_rows)), samples.SCHEME, NOW)
    assert panel.note.startswith("方案 v3 · 2026-07-01 起")
    assert panel.tiles[Colour.BLUE].accessibleName() == "蓝 按序时推进 336"
    for colour, tile in panel.tiles.items():
        with qtbot.waitSignal(panel.ledger_requested) as caught:
            qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
        assert caught.args == [colour]
    place = panel.rows.visualRect(panel.model.index(0)).center()
    with qtbot.waitSignal(panel.ledger_requested) as caught:
        qtbot.mouseClick(panel.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == ["铜山 2026-031"]


def test_directives_show_receipts_and_count_down(
    scale: Scale, on_screen: Show, qtbot: QtBot, qtmodeltester: ModelTester
):
    panel = DirectivesPanel(scale)
    on_screen(panel, 470, 236)
    qtmodeltester.check(panel.model)
    panel.show_directives(samples.directives(), 1, 8, NOW)
    assert panel.note.startswith("待签收 1 · 待反馈 8")
    assert panel.model.index(0).data().endswith("签收 11/12 · 反馈 4/12 · 剩 19:00:00")
    panel.tick(NOW + timedelta(hours=2, minutes=10, seconds=1))
    assert panel.model.index(1).data().endswith("超 00:00:01")
    assert panel.model.index(2).data().endswith("已评价 · 属实 1/1")
    place = panel.rows.visualRect(panel.model.index(1)).center()
    with qtbot.waitSignal(panel.directive_opened) as caught:
        qtbot.mouseClick(panel.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == ["督字 45 号"]
    assert not panel.issue.isEnabled()
    panel.set_actor(Actor(Role.LEADER, "周明"))
    with qtbot.waitSignal(panel.directive_requested) as caught:
        qtbot.mouseClick(panel.issue, Qt.MouseButton.LeftButton)
    assert caught.args == [None]


def test_monitoring_says_that_it_is_not_connected_and_how_to(scale: Scale, on_screen: Show):
    panel = MonitoringPanel(scale)
    on_screen(panel, 640, 236)
    assert panel.note == "○ 未接入"
    assert "登记站点与数据接口" in panel.preview.accessibleName()


def test_the_header_asks_for_pages_and_highlights_one(scale: Scale, on_screen: Show, qtbot: QtBot):
    header = Header(PAGES, scale)
    on_screen(header, 1920, 68)
    header.show_page("overview")
    with qtbot.waitSignal(header.page_requested) as caught:
        qtbot.keyClick(header.pages["ledger"], Qt.Key.Key_Space)
    assert caught.args == ["ledger"]
    assert [key for key, button in header.pages.items() if button.isChecked()] == ["overview"]
    header.show_page("warnings")
    assert [key for key, button in header.pages.items() if button.isChecked()] == ["warnings"]
    header.show_page("ticket")
    assert not any(button.isChecked() for button in header.pages.values())


def test_every_control_of_the_header_is_reached_by_tab(scale: Scale, on_screen: Show, qtbot: QtBot):
    header = Header(PAGES, scale)
    on_screen(header, 1920, 68)
    header.pages["overview"].setFocus()
    reached = []
    for _ in range(len(PAGES)):
        qtbot.keyClick(header.focusWidget(), Qt.Key.Key_Tab)
        reached.append(header.focusWidget())
    assert reached == [*list(header.pages.values())[1:], header.actor]
    # Nor does the tab that had the focus, or was pressed, keep the others to itself.
    qtbot.mouseClick(header.pages["warnings"], Qt.MouseButton.LeftButton)
    header.actor.setFocus()
    back = []
    for _ in range(len(PAGES)):
        qtbot.keyClick(header.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        back.append(header.focusWidget())
    assert back == list(header.pages.values())[::-1]
    qtbot.keyClick(header.focusWidget(), Qt.Key.Key_Right)
    assert header.focusWidget() is list(header.pages.values())[1]


def test_a_key_leads_to_every_tab_in_sight(scale: Scale, on_screen: Show, qtbot: QtBot):
    header = Header(PAGES, scale)
    on_screen(header, 1920, 68)
    header.activateWindow()
    qtbot.waitUntil(header.isActiveWindow)
    asked: list[str] = []
    header.page_requested.connect(asked.append)
    keys = list(header.pages)
    header.show_page(keys[0])
    header.offer_page(keys[1], offered=False)
    offered = [keys[0], *keys[2:]]
    for number in range(len(offered)):
        key = Qt.Key(Qt.Key.Key_0 + number + 1)
        qtbot.keyClick(header.clock, key, Qt.KeyboardModifier.AltModifier)
    assert asked == offered
    assert "Alt+2" in header.pages[keys[2]].toolTip(), "the tip says the key of what is in sight"
    asked.clear()
    for page, key in ((keys[0], Qt.Key.Key_PageDown), (keys[0], Qt.Key.Key_PageUp)):
        header.show_page(page)
        qtbot.keyClick(header.clock, key, Qt.KeyboardModifier.ControlModifier)
    header.show_page("ticket")
    qtbot.keyClick(header.clock, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert asked == [keys[2], keys[-1], keys[0]]
    header.set_locked(True)
    qtbot.keyClick(header.clock, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(header.clock, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert len(asked) == 3, "a locked seat leads nowhere"


def test_the_header_says_who_when_and_what_day(scale: Scale, on_screen: Show, qtbot: QtBot):
    header = Header(PAGES, scale)
    on_screen(header, 1920, 68)
    header.show_actor(Actor(Role.DISCIPLINE, "孙静"))
    assert header.actor.text() == "纪检监察 孙静"
    with qtbot.waitSignal(header.actor_requested):
        qtbot.mouseClick(header.actor, Qt.MouseButton.LeftButton)
    header.tick(NOW)
    header.show_overview(samples.ordinary())
    assert header.clock.time_text == "20:58:13"
    assert header.clock.date_text == "2026-11-21 星期六 · 休"
    header.tick(datetime(2026, 11, 21, 16, 0, 0, tzinfo=UTC))
    assert (header.clock.time_text, header.clock.date_text[:14]) == ("00:00:00", "2026-11-22 星期日")
    for name, kind, words in (
        ("", DayKind.WORKING, "工作日"),
        ("", DayKind.MAKE_UP, "调休"),
        ("", DayKind.HOLIDAY, "休"),
        ("国庆节", DayKind.HOLIDAY, "国庆节"),
        ("", None, "日历暂定"),
    ):
        header.show_overview(replace(samples.ordinary(), day_name=name, day_kind=kind))
        assert header.clock.date_text.endswith(words)


def test_feeds_show_shape_and_word_and_merge_the_quiet_ones(scale: Scale, on_screen: Show):
    header = Header(PAGES, scale)
    on_screen(header, 1920, 68)
    header.show_overview(samples.ordinary())
    assert header.feeds.texts() == [
        "◆ 在线监测 滞后 00:03:12", "● 12345", "● 12369", "● 数字城管", "● 微信", "● 移动执法",
        "○ 督察交办 未接入",
    ]  # fmt: skip
    header.show_overview(samples.overfull())
    # The long name of its city takes more than the short one's.
    header.resize(2130, 68)
    assert header.feeds.texts() == [
        *(f"■ 第{n}号来源系统 中断" for n in (2, 6, 10, 14)), "◆ 滞后 4", "● 正常 4", "○ 未接入 4",
    ]  # fmt: skip
    header.resize(1600, 68)
    assert header.feeds.texts() == ["■ 中断 4", "◆ 滞后 4", "● 正常 4", "○ 未接入 4"]
    assert header.feeds.accessibleName().count("；") == 15


def test_a_merged_feed_keeps_the_bad_ones_apart(scale: Scale, on_screen: Show):
    header = Header(PAGES, scale)
    on_screen(header, 1920, 68)
    many = tuple(
        replace(samples.feeds()[0], name=f"来源系统{n}", state=FeedState.SILENT if n == 7 else FeedState.OK)
        for n in range(14)
    )
    header.show_overview(replace(samples.ordinary(), feeds=many))
    assert header.feeds.texts() == ["■ 来源系统7 中断", "● 正常 13"]


def test_a_stale_panel_is_veiled_and_lets_clicks_through(
    scale: Scale, on_screen: Show, qtbot: QtBot, qapp: QApplication
):
    panel = DirectivesPanel(scale)
    on_screen(panel, 470, 236)
    panel.show_directives(samples.directives(), 1, 8, NOW)
    panel.set_actor(Actor(Role.LEADER, "周明"))
    qapp.processEvents()
    clear = panel.grab().toImage()
    panel.set_stale(NOW)
    assert panel.grab().toImage() != clear
    panel.set_stale(None)
    assert panel.grab().toImage() == clear
    panel.set_stale(NOW)
    assert panel.childAt(panel.issue.geometry().center()) is panel.issue
    with qtbot.waitSignal(panel.directive_requested):
        qtbot.mouseClick(panel.issue, Qt.MouseButton.LeftButton)


def test_a_stale_page_veils_all_that_shows_data(scale: Scale, on_screen: Show):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    page.show_overview(samples.ordinary())
    page.set_stale(NOW)
    page.resize(1800, 1000)
    veils = [veil for veil in page.findChildren(Veil) if veil.isVisible()]
    assert len(veils) == 7
    assert all(veil.size() == veil.parentWidget().size() for veil in veils)
    page.set_stale(None)
    assert not any(veil.isVisible() for veil in veils)


def test_each_section_is_veiled_with_the_moment_of_its_own_data(scale: Scale, on_screen: Show):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    overview = samples.ordinary()
    page.show_overview(overview)
    page.show_kpis(overview.kpis, NOW + timedelta(minutes=1))
    page.show_directives(overview.directives, 1, 8, NOW + timedelta(minutes=2))
    page.set_stale(NOW - timedelta(hours=1))
    moments = {type(veil.parent()).__name__: veil.words for veil in page.findChildren(Veil)}
    assert moments["KpiRow"] == "截至 20:59:13"
    assert moments["DirectivesPanel"] == "数据截至 21:00:13"
    assert moments["LedgerPanel"] == "数据截至 20:58:13"
    page.set_fresh(NOW + timedelta(minutes=3))
    page.set_stale(NOW)
    assert {veil.words[-8:] for veil in page.findChildren(Veil) if veil.isVisible()} == {"21:01:13"}


def test_no_stale_badge_covers_a_note_or_a_figure(scale: Scale, on_screen: Show):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    page.show_overview(samples.ordinary())
    page.set_stale(NOW)
    for panel in (page.ranking, page.centre, page.warnings, page.ledger, page.directives):
        veil = panel.findChild(Veil)
        assert veil.badge_width > 0
        # The time is on the badge now, and the note stands before it.
        assert "20:58:13" not in panel.note
        margins = panel.bar.contentsMargins()
        assert margins.right() >= veil.badge_width
    last = list(page.kpis.cards.values())[-1]
    badge = page.kpis.findChild(Veil).badge_width
    title = text_width(scale.font("font_small"), last.title) + scale.px(14)
    assert title + badge <= last.width()


def test_rows_and_cards_use_the_height_of_their_panel(scale: Scale, on_screen: Show, qapp: QApplication):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    page.show_overview(samples.ordinary())
    qapp.processEvents()
    rows = page.ranking.rows
    assert rows.height() - rows.sizeHintForRow(0) * len(page.ranking.model.records) < scale.px(40)
    lowest = page.warnings.more if page.warnings.more.isVisible() else page.warnings.cards[6]
    edge = lowest.mapTo(page.warnings, lowest.rect().bottomLeft()).y()
    assert page.warnings.height() - edge < scale.px(90)


@pytest.mark.parametrize("count", [9, 12_345, 123_456, 7_654_321])
def test_the_legend_of_the_ledger_is_never_cut(count: int, scale: Scale, on_screen: Show, qapp: QApplication):
    panel = LedgerPanel(scale)
    on_screen(panel, 770, 236)
    counts = [ColourCount(entry.colour, entry.legend, count) for entry in samples.ordinary().ledger_counts]
    panel.show_ledger(counts, (), samples.SCHEME, NOW)
    qapp.processEvents()
    for tile in panel.tiles.values():
        assert tile.width() >= tile.width_of(tile.wording)


def test_the_page_hands_on_what_its_panels_ask_for(scale: Scale, on_screen: Show, qtbot: QtBot):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    overview = samples.ordinary()
    page.show_overview(overview)
    arrive = overview.pipeline[3]
    anybody, leader, officer = None, Actor(Role.LEADER, "周明"), Actor(Role.DISCIPLINE, "孙静")
    for actor, signal, widget, args in (
        (
            anybody,
            page.tickets_requested,
            page.pipeline.stops[arrive.node].all,
            [arrive.filter, "到场 · 在办"],
        ),
        (anybody, page.ticket_requested, page.warnings.cards[0], [overview.warnings[1].ticket]),
        (leader, page.directive_requested, page.warnings.cards[0].directive, [overview.warnings[1]]),
        (leader, page.directive_requested, page.directives.issue, [None]),
        (
            officer,
            page.re_supervision_requested,
            page.warnings.cards[0].re_supervision,
            [overview.warnings[1]],
        ),
        (officer, page.acknowledge_requested, page.warnings.cards[0].acknowledge, [overview.warnings[1]]),
        (anybody, page.ledger_requested, page.ledger.tiles[Colour.RED], [Colour.RED]),
    ):
        page.set_actor(actor)
        with qtbot.waitSignal(signal) as caught:
            qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
        assert caught.args == args


def test_every_panel_says_how_fresh_it_is(scale: Scale, on_screen: Show):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    page.show_overview(samples.ordinary())
    panels = page.findChildren(Panel)
    assert len(panels) == 6
    assert all("20:58:13" in panel.note for panel in panels), [panel.note for panel in panels]


@pytest.mark.parametrize("make", [samples.ordinary, samples.empty, samples.overfull])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_at_any_size(
    make: Callable[[], Overview], size: tuple[int, int], scale: Scale, qapp: QApplication, on_screen: Show
):
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    header, page = Header(PAGES, scale, window), OverviewPage(QWidget(), scale, window)
    column.addWidget(header)
    column.addWidget(page, 1)
    header.show_actor(Actor(Role.DUTY, "王磊"))
    scale.fit(*size)
    apply_style(qapp, scale)
    on_screen(window, *size)
    header.show_overview(make())
    header.tick(NOW)
    page.show_overview(make())
    qapp.processEvents()
    assert (window.width(), window.height()) == size
    assert header.feeds.texts()
    least = int(18 * scale.factor)
    for child in window.findChildren(QWidget):
        if not child.isVisible() or not isinstance(child, QLabel | QAbstractButton):
            continue
        assert child.font().pixelSize() >= least, child
        inside = child.parentWidget().rect().adjusted(-1, -1, 1, 1)
        assert inside.contains(child.geometry()), (child, child.geometry(), inside)
        if type(child).__name__ in {"QLabel", "QPushButton"}:
            assert child.fontMetrics().horizontalAdvance(child.text()) <= child.width(), child.text()


def test_every_control_has_a_name(scale: Scale, on_screen: Show):
    page = OverviewPage(QWidget(), scale)
    on_screen(page, 1920, 1012)
    page.show_overview(samples.ordinary())
    buttons = [button for button in page.findChildren(QAbstractButton) if button.isVisible()]
    assert len(buttons) > 40
    assert [button for button in buttons if not (button.accessibleName() or button.text())] == []
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in buttons)


@pytest.mark.parametrize(
    ("width", "mark"), [(1024, "内置库·示例身份"), (1920, "内置库·示例身份，勿用于生产")]
)
def test_the_citys_name_stands_whole_beside_the_mark(
    width: int, mark: str, scale: Scale, qapp: QApplication, on_screen: Show
):
    header = Header([*PAGES, ("people", "人员")], scale)
    header.show_overview(samples.ordinary())
    header.show_city("徐州市", sample=True)
    header.set_mark("内置库·示例身份，勿用于生产", "任何人都可以选用", trial=True)
    header.show_actor(Actor(Role.ADMIN, "管理员 周明"))
    header.tick(NOW)
    scale.fit(width, width * 9 // 16)
    apply_style(qapp, scale)
    on_screen(header, width, scale.size("header_height"))
    assert header.width() == width
    assert header.actor.text() == "管理员 周明"
    assert header._title.width() >= text_width(scale.font("font_header", bold=True), "徐州市")
    assert header._mark.text() == mark
    header.show_actor(Actor(Role.WALL, "指挥大厅大屏"))
    assert header.actor.text() == "指挥大厅大屏"


DESK = ("总览", "地图", "值班", "预警", "排名", "台账", "案件", "指令 2", "再监督", "工单", "环境")


@pytest.mark.parametrize("width", [1366, 1600, 1760, 1920, 2560])
def test_no_words_of_the_header_are_short_while_there_is_room(
    width: int, scale: Scale, qapp: QApplication, on_screen: Show
):
    header = Header([(f"page{n}", name) for n, name in enumerate(DESK)], scale)
    header.show_overview(samples.ordinary())
    header.show_city("徐州市", sample=True)
    header.set_mark("内置库·示例身份，勿用于生产", "任何人都可以选用", trial=True)
    header.show_actor(Actor(Role.DUTY, "王磊"))
    header.tick(NOW)
    scale.fit(width, width * 9 // 16)
    apply_style(qapp, scale)
    on_screen(header, width, scale.size("header_height"))
    qapp.processEvents()
    assert header.width() == width
    # Each has the room of one wording and of no more: the rest is the feeds'.
    assert header._title.width() in header._title.widths()
    assert header._mark.width() in header._mark.widths()
    spare = header.feeds.width() - header.feeds.minimumWidth()
    assert spare >= 0
    longer = [w - header._title.width() for w in header._title.widths() if w > header._title.width()]
    assert all(lack > spare for lack in longer)
