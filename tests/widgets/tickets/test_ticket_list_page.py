"""The ticket list: pages on demand, keyboard, search that waits for the hand, orders about a choice."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from domain.directive_orders import MOST_SUBJECTS
from domain.drafts import DirectiveSubject
from domain.listing import Pressing, SortBy, TicketFilter, TicketOrder
from domain.nodes import Node, TicketState
from domain.urgency import Urgency
from tests.widgets.case_records import DUTY, LEADER, START, after, ticket_page, ticket_row
from widgets.scale import Scale
from widgets.table.model import CELL_ROLE
from widgets.table.paged import PAGE_SIZE
from widgets.tickets.filter_bar import FilterChoices
from widgets.tickets.page import TicketListPage

EVERY = TicketFilter()


@pytest.fixture
def scale(qapp: object) -> Scale:
    return Scale()


@pytest.fixture
def page(qtbot: QtBot, scale: Scale) -> TicketListPage:
    made = TicketListPage(scale)
    qtbot.addWidget(made)
    made.resize(1600, 800)
    made.set_actor(LEADER)
    made.show()
    return made


def show(page: TicketListPage, total: int, chosen: TicketFilter = EVERY) -> None:
    page.open_list("在办 · 超期", chosen)
    page.model.set_page(0, ticket_page(0, PAGE_SIZE, total).rows, total)
    page.show_count(total, START)


def test_state_has_colour_shape_and_word(page: TicketListPage) -> None:
    show(page, 10)
    cell = page.model.index(0, 0).data(CELL_ROLE)
    assert (cell.mark.shape.value, cell.mark.word, cell.mark.colour_name) == ("■", "超期", "overdue")


def test_a_list_says_how_many_it_has_when_they_are_counted(page: TicketListPage) -> None:
    page.open_list("在办 · 超期", EVERY)
    page.model.set_page(0, ticket_page(0, PAGE_SIZE, 1418).rows, PAGE_SIZE)
    page.show_count(None, START)
    assert (page.panel.title, page.count.text()) == ("在办 · 超期", "计数中…")
    page.show_count(1418, START)
    assert page.count.text() == "1418 件"


def test_countdown_moves_with_the_tick(page: TicketListPage) -> None:
    show(page, 10)
    column = next(n for n, c in enumerate(page.model.columns) if c.key == "countdown")
    page.tick(START)
    assert page.model.index(7, column).data() == "剩 00:02:00"
    page.tick(after(minutes=3))
    assert page.model.index(7, column).data() == "超 00:01:00"


def test_enter_opens_and_escape_goes_back(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    page.table.selectRow(3)
    with qtbot.waitSignal(page.ticket_requested) as opened:
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert opened.args == [ticket_row(3).number]
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page.table, Qt.Key.Key_Escape)


def test_double_click_opens(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    spot = page.table.visualRect(page.model.index(2, 3)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    with qtbot.waitSignal(page.ticket_requested) as opened:
        qtbot.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert opened.args == [ticket_row(2).number]


def test_search_waits_for_the_hand(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    asked: list[TicketFilter] = []
    page.list_requested.connect(lambda chosen, _order: asked.append(chosen))
    page.search.setFocus()
    qtbot.keyClicks(page.search, "noise")
    assert asked == []
    qtbot.waitUntil(lambda: asked == [TicketFilter(text="noise")])
    assert page.count.text() == "正在搜索全部工单…"
    page.search.clear()
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert asked[1:] == [EVERY]


def test_a_head_sorts_and_says_so(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    asked: list[TicketOrder] = []
    page.list_requested.connect(lambda _chosen, order: asked.append(order))
    column = next(n for n, c in enumerate(page.model.columns) if c.key == "body")
    head = page.table.horizontalHeader()
    spot = QPoint(head.sectionPosition(column) + head.sectionSize(column) // 2, head.height() // 2)
    for _ in range(3):
        qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert asked == [TicketOrder(SortBy.BODY, way) for way in (False, True, False)]
    assert page.model.headerData(column, Qt.Orientation.Horizontal) == "责任主体 ↑"
    assert page.table.selected_count() == 0
    title = next(n for n, c in enumerate(page.model.columns) if c.key == "title")
    page.table.head.section_clicked.emit(title)
    assert len(asked) == 3


def test_filters_narrow_the_list_and_chips_take_them_back(page: TicketListPage, qtbot: QtBot) -> None:
    given = TicketFilter(open_only=True, node=Node.SIGN, body="housing")
    show(page, 10, given)
    page.show_choices(FilterChoices(bodies=(("housing", "住建局"), ("police", "公安局"))))
    shown = {chip.objectName(): chip.text() for chip in page.filters.chips if not chip.isHidden()}
    assert shown == {"open_only": "在办  ×", "body": "住建局  ×", "given": "在办 · 超期  ×"}
    asked: list[TicketFilter] = []
    page.list_requested.connect(lambda chosen, _order: asked.append(chosen))
    state = page.filters.fields["state"]
    state.setFocus()
    qtbot.keyClick(state, Qt.Key.Key_Down)
    chips = {chip.objectName(): chip for chip in page.filters.chips}
    for key in ("given", "body", "state"):
        qtbot.mouseClick(chips[key], Qt.MouseButton.LeftButton)
    assert asked == [
        TicketFilter(state=TicketState.OVERDUE, node=Node.SIGN, body="housing"),
        TicketFilter(state=TicketState.OVERDUE, body="housing"),
        TicketFilter(state=TicketState.OVERDUE),
        EVERY,
    ]
    assert page.panel.title != "在办 · 超期"


def test_directive_is_about_the_selected(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    assert not page.directive.isEnabled()
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(page.directive_requested) as asked:
        qtbot.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    numbers = (ticket_row(1).number, ticket_row(2).number)
    urgency = min(ticket_row(1).urgency, ticket_row(2).urgency, key=list(Urgency).index)
    assert asked.args == [DirectiveSubject(numbers, bodies=("housing",), urgency=urgency)]


def test_a_directive_names_what_nobody_leads_yet_and_its_selection_is_let_go(
    page: TicketListPage, qtbot: QtBot
) -> None:
    show(page, 10)
    rows = list(ticket_page(0, 10, 10).rows)
    rows[1] = replace(rows[1], body=None, body_name="", node=Node.DISPATCH)
    page.model.set_page(0, rows, 10)
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(page.directive_requested) as asked:
        qtbot.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    (subject,) = asked.args
    assert (subject.bodies, subject.unled) == (("housing",), (rows[1].number,))
    # A directive about less, such as one from a dossier, was not made of this selection.
    page.let_go((rows[1].number,))
    assert page.table.selected_count() == 2
    page.let_go(subject.tickets)
    assert page.table.selected_count() == 0


def test_too_many_or_no_right_is_said_in_words(page: TicketListPage) -> None:
    show(page, 5_000)
    page.table.selectAll()
    assert not page.directive.isEnabled()
    assert str(MOST_SUBJECTS) in page.chosen.text()
    page.table.selectRow(0)
    assert page.directive.isEnabled()
    page.set_actor(DUTY)
    assert not page.directive.isEnabled()
    assert page.directive.toolTip() == "只有领导可以执行此操作"


def test_nothing_found_is_said(page: TicketListPage) -> None:
    page.open_list("按条件", TicketFilter(text="不存在"))
    page.show_count(0, START)
    assert (page.count.text(), page.search.text()) == ("0 件", "不存在")
    assert "不存在" in page.table.empty_text


def test_every_chip_at_once_fits_the_smallest_window(page: TicketListPage, scale: Scale) -> None:
    scale.fit(1366, 768)
    everything = TicketFilter(
        state=TicketState.OVERDUE,
        node=Node.SIGN,
        body="住房和城乡建设局",
        area="铜山区",
        category="建筑施工夜间噪声扰民",
        channel="在线监测",
        urgency=Urgency.CRITICAL,
        text="一段很长的搜索文字，写了很多",
    )
    show(page, 10, everything)
    assert sum(not chip.isHidden() for chip in page.filters.chips) == 8
    assert page.minimumSizeHint().width() <= 1366


def test_a_line_names_the_clock_that_makes_its_colour(page: TicketListPage) -> None:
    """Not the current node's, which has days: the assisting body's, which is due in 17 seconds."""
    pressing = Pressing(Node.SIGN, 1, after(seconds=17), "交通局")
    row = replace(
        ticket_row(1), state=TicketState.DUE_SOON, node=Node.ARRIVE, round=1, due_at=after(hours=200)
    )
    page.open_list("在办", EVERY)
    page.model.set_page(0, (replace(row, pressing=pressing), row), 2)
    cells = {
        column.key: page.model.index(0, place).data(CELL_ROLE)
        for place, column in enumerate(page.model.columns)
    }
    assert (cells["state"].text, cells["body"].text, cells["node"].text) == (
        "临期",
        "交通局（协办）",
        "部门签收",
    )
    assert cells["countdown"].due == after(seconds=17)
    assert "主办 住房和城乡建设局" in cells["body"].tooltip
    assert "工单现到：到场" in cells["node"].tooltip
    place = next(n for n, column in enumerate(page.model.columns) if column.key == "body")
    assert page.model.index(1, place).data(CELL_ROLE).text == "住房和城乡建设局"
