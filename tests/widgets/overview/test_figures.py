"""KPI row, ranking and pipeline: each figure shows its parts and opens exactly its tickets."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from domain.listing import Outcome, TicketFilter
from domain.nodes import Node, NodeStatus
from domain.overview import Kpi, KpiKey
from domain.ranking_query import RankBy, RankingPage, RankingQuery
from tests.widgets import samples
from widgets.elided_label import ElidedLabel
from widgets.kpi_row import KpiRow
from widgets.pipeline_strip import PipelineStrip
from widgets.ranking_panel import RankingPanel
from widgets.scale import Scale

Show = Callable[..., QWidget]

LISTS = {
    KpiKey.RECEIVED_TODAY: "今日受理",
    KpiKey.SIGN_RATE: "签收率 · 应签收",
    KpiKey.DISPATCH_RATE: "分派率 · 应分派",
    KpiKey.DISPOSAL_RATE: "处置率 · 应办结",
    KpiKey.OPEN: "在办",
    KpiKey.OVERDUE_NODES: "超期环节",
    KpiKey.SATISFACTION: "群众满意度 · 已回访",
    KpiKey.MEAN_HANDLING: "平均办结 · 已办结",
}
"""How the lists that the figures open are called; the list itself counts."""


@pytest.fixture
def row(scale: Scale, on_screen: Show) -> KpiRow:
    made = KpiRow(scale)
    on_screen(made, 1892, 108)
    made.show_kpis(samples.kpis(), samples.NOW)
    return made


def ranking_page(node: Node | None = None) -> RankingPage:
    overview = samples.ordinary()
    start = samples.NOW - timedelta(days=30)
    return RankingPage(RankingQuery(RankBy.BODY, node, 30), overview.ranking, start, samples.NOW, samples.NOW)


@pytest.mark.parametrize(
    ("key", "value", "detail", "move"),
    [
        (KpiKey.RECEIVED_TODAY, "132", "较昨日 +12 · 未诉 5", ""),
        (KpiKey.SIGN_RATE, "100%", "132 / 132", "▲0.9"),
        (KpiKey.DISPOSAL_RATE, "96.7%", "1163 / 1203", "▼0.4"),
        (KpiKey.OPEN, "418", "特急 3 · 一级 27", ""),
        (KpiKey.OVERDUE_NODES, "7", "红 3 · 黄 41", ""),
        (KpiKey.MEAN_HANDLING, "9.6 h", "上期 11.2 h", ""),
    ],
)
def test_a_card_shows_figure_parts_and_move(row: KpiRow, key: KpiKey, value: str, detail: str, move: str):
    card = row.cards[key]
    assert (card.value_text(), card.detail_text(), card.move_text()) == (value, detail, move)
    assert card.formula() in card.toolTip()
    assert value in card.accessibleName()


@pytest.mark.parametrize("kpi", samples.kpis(), ids=[kpi.key for kpi in samples.kpis()])
def test_a_card_opens_exactly_its_tickets(row: KpiRow, qtbot: QtBot, kpi: Kpi):
    card = row.cards[kpi.key]
    with qtbot.waitSignal(row.tickets_requested) as caught:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=card.rect().bottomLeft() / 2)
    assert caught.args == [kpi.filter, LISTS[kpi.key]]


def test_a_window_is_named_where_a_figure_has_one(row: KpiRow):
    windows = {
        KpiKey.SIGN_RATE: "近 24 小时",
        KpiKey.DISPATCH_RATE: "近 24 小时",
        KpiKey.DISPOSAL_RATE: "近 30 日",
        KpiKey.SATISFACTION: "近 30 日",
        KpiKey.MEAN_HANDLING: "近 30 日",
    }
    for key, card in row.cards.items():
        said = [word for word in ("近 24 小时", "近 30 日") if word in card.toolTip()]
        assert said == ([windows[key]] if key in windows else [])
    assert "较之前 30 日 ▲" in row.cards[KpiKey.SATISFACTION].toolTip().replace("▼", "▲")


def test_a_card_is_pressed_from_the_keyboard(row: KpiRow, qtbot: QtBot):
    card = row.cards[KpiKey.OPEN]
    card.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(row.tickets_requested) as caught:
            qtbot.keyClick(card, key)
        assert caught.args[0] == TicketFilter(open_only=True)


def test_what_spoils_a_rate_has_its_own_tile(row: KpiRow, qtbot: QtBot):
    card = row.cards[KpiKey.DISPOSAL_RATE]
    assert card.spoilers.isVisible()
    with qtbot.waitSignal(row.tickets_requested) as caught:
        qtbot.mouseClick(card.spoilers, Qt.MouseButton.LeftButton)
    assert caught.args == [TicketFilter(channel="disposal_rate spoilers"), "处置率 · 未达标"]
    assert not row.cards[KpiKey.SIGN_RATE].spoilers.isVisible()


def test_nothing_due_is_a_dash_not_a_zero(row: KpiRow):
    row.show_kpis((Kpi(KpiKey.SIGN_RATE, None, 0, 0),), samples.NOW)
    assert row.cards[KpiKey.SIGN_RATE].value_text() == "—"
    assert row.cards[KpiKey.SIGN_RATE].detail_text() == "尚无到期"
    assert not row.cards[KpiKey.OPEN].isEnabled()


def test_a_ranking_row_opens_what_fell_due_in_its_window(scale: Scale, on_screen: Show, qtbot: QtBot):
    panel = RankingPanel(scale)
    on_screen(panel, 470, 620)
    panel.show_ranking(ranking_page())
    place = panel.rows.visualRect(panel.model.index(2)).center()
    with qtbot.waitSignal(panel.tickets_requested) as caught:
        qtbot.mouseClick(panel.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    third = samples.ordinary().ranking[2]
    expected = TicketFilter(
        outcome=Outcome.DUE,
        due_from=samples.NOW - timedelta(days=30),
        due_to=samples.NOW,
        body=third.key,
    )
    assert caught.args == [expected, f"{third.name} · 应办结"]


@pytest.mark.parametrize("node", [None, Node.RECTIFY])
def test_the_ranking_says_what_its_order_is_by(scale: Scale, on_screen: Show, node: Node | None):
    panel = RankingPanel(scale)
    on_screen(panel, 470, 620)
    panel.show_ranking(ranking_page(node))
    [caption] = (label for label in panel.findChildren(ElidedLabel) if "近 30 日" in label.text())
    assert "按威尔逊下限排序" in caption.text()
    assert "95% 威尔逊区间下限排序，样本少者靠后" in caption.toolTip()


def test_a_ranking_row_is_chosen_by_enter_once(scale: Scale, on_screen: Show, qtbot: QtBot):
    panel = RankingPanel(scale)
    on_screen(panel, 470, 620)
    panel.show_ranking(ranking_page(Node.RECTIFY))
    caught: list[TicketFilter] = []
    panel.tickets_requested.connect(lambda chosen, _: caught.append(chosen))
    panel.rows.setCurrentIndex(panel.model.index(0))
    qtbot.keyClick(panel.rows, Qt.Key.Key_Return)
    assert [chosen.node for chosen in caught] == [Node.RECTIFY]


def test_the_unranked_stand_last_and_say_why(scale: Scale, on_screen: Show):
    panel = RankingPanel(scale)
    on_screen(panel, 470, 620)
    panel.show_ranking(ranking_page())
    last = panel.model.index(panel.model.rowCount() - 1)
    assert last.data().startswith("样本不足 气象局")
    assert "不足 5 件" in last.data(Qt.ItemDataRole.ToolTipRole)
    assert "95% 威尔逊" in last.data(Qt.ItemDataRole.ToolTipRole)


def test_the_models_keep_the_rules_of_qt(scale: Scale, on_screen: Show, qtmodeltester: ModelTester):
    panel = RankingPanel(scale)
    on_screen(panel, 470, 620)
    qtmodeltester.check(panel.model)
    for page in (ranking_page(), replace(ranking_page(), rows=()), ranking_page()):
        panel.show_ranking(page)
        assert panel.model.records == page.rows
    assert panel.rows.isVisible()


def test_every_node_has_a_stop_that_opens_its_tickets(scale: Scale, on_screen: Show, qtbot: QtBot):
    strip = PipelineStrip(scale)
    on_screen(strip, 960, 98)
    strip.show_pipeline(samples.pipeline())
    assert list(strip.stops) == list(Node)
    for entry in samples.pipeline():
        with qtbot.waitSignal(strip.tickets_requested) as caught:
            qtbot.mouseClick(strip.stops[entry.node].all, Qt.MouseButton.LeftButton)
        assert caught.args[0] == entry.filter


def test_the_late_figure_opens_the_late_ones_only(scale: Scale, on_screen: Show, qtbot: QtBot):
    strip = PipelineStrip(scale)
    on_screen(strip, 960, 98)
    strip.show_pipeline(samples.pipeline())
    for node, status, title in (
        (Node.RECTIFY, NodeStatus.OVERDUE, "整改 · 超期"),
        (Node.FEED_BACK, NodeStatus.DUE_SOON, "反馈 · 临期"),
    ):
        with qtbot.waitSignal(strip.tickets_requested) as caught:
            qtbot.mouseClick(strip.stops[node].late, Qt.MouseButton.LeftButton)
        assert caught.args == [TicketFilter(open_only=True, node=node, node_status=status), title]
    assert not strip.stops[Node.FILE].late.isEnabled()
