"""The ticket list: pages on demand, keyboard, search that waits for the hand, orders about a choice."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from domain.drafts import DirectiveSubject
from tests.widgets.case_records import DUTY, LEADER, START, after, ticket_page, ticket_row
from widgets.scale import Scale
from widgets.table.model import CELL_ROLE
from widgets.tickets.columns import ticket_columns
from widgets.tickets.model import PAGE_SIZE, PAGES_KEPT, TicketModel
from widgets.tickets.page import MOST_IN_A_DIRECTIVE, TicketListPage


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


def show(page: TicketListPage, total: int) -> None:
    page.open_list("在办 · 超期")
    page.set_page(ticket_page(0, PAGE_SIZE, total))


def test_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester, qapp: object) -> None:
    model = TicketModel(ticket_columns())
    qtmodeltester.check(model)
    model.set_page(ticket_page(0, PAGE_SIZE, 450))
    model.set_page(ticket_page(400, PAGE_SIZE, 450))
    model.set_page(ticket_page(0, PAGE_SIZE, 3))
    assert model.rowCount() == 3


def test_model_asks_once_for_each_page_in_sight(qtbot: QtBot) -> None:
    model = TicketModel(ticket_columns())
    asked: list[int] = []
    model.page_requested.connect(asked.append)
    model.set_page(ticket_page(0, PAGE_SIZE, 1_000_000))
    model.want(0, 30)
    assert asked == []
    model.want(599_990, 600_010)
    model.want(599_990, 600_010)
    assert asked == [599_800, 600_000]
    model.set_page(ticket_page(600_000, PAGE_SIZE, 1_000_000))
    assert model.index(600_001, 2).data() == ticket_row(600_001).number
    assert model.index(599_999, 2).data() is None


def test_model_forgets_pages_long_out_of_sight(qapp: object) -> None:
    model = TicketModel(ticket_columns())
    for number in range(PAGES_KEPT + 5):
        model.set_page(ticket_page(number * PAGE_SIZE, PAGE_SIZE, 1_000_000))
    assert model.record(0) is None
    assert model.record((PAGES_KEPT + 4) * PAGE_SIZE) is not None


def test_model_refuses_a_page_off_the_grid(qapp: object) -> None:
    with pytest.raises(ValueError, match="multiple"):
        TicketModel(ticket_columns()).set_page(ticket_page(7, PAGE_SIZE, 100))


def test_state_has_colour_shape_and_word(qapp: object) -> None:
    model = TicketModel(ticket_columns())
    model.set_page(ticket_page(0, PAGE_SIZE, 10))
    cell = model.index(0, 0).data(CELL_ROLE)
    assert (cell.mark.shape.value, cell.mark.word, cell.mark.colour_name) == ("■", "超期", "overdue")


def test_opening_a_list_asks_for_its_first_page_and_counts(page: TicketListPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.page_requested) as asked:
        page.open_list("在办 · 超期")
    assert asked.args == [0]
    page.set_page(ticket_page(0, PAGE_SIZE, 1418))
    assert page.panel.title == "在办 · 超期"
    assert page.count.text() == "1418 件"


def test_scrolling_fetches_where_it_rests(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 1_000_000)
    asked: list[int] = []
    page.page_requested.connect(asked.append)
    bar = page.table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1_000_000)
    for part in range(1, 50):
        bar.setValue(bar.maximum() * part // 50)
    qtbot.waitUntil(lambda: bool(asked))
    assert len(asked) <= 2


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
    found: list[str] = []
    page.search_requested.connect(found.append)
    page.search.setFocus()
    qtbot.keyClicks(page.search, "noise")
    assert found == []
    qtbot.waitUntil(lambda: found == ["noise"])


def test_directive_is_about_the_selected(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    assert not page.directive.isEnabled()
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(page.directive_requested) as asked:
        qtbot.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    numbers = (ticket_row(1).number, ticket_row(2).number)
    assert asked.args == [DirectiveSubject(numbers, bodies=("housing",))]


def test_too_many_or_no_right_is_said_in_words(page: TicketListPage) -> None:
    show(page, 5_000)
    page.table.selectAll()
    assert not page.directive.isEnabled()
    assert str(MOST_IN_A_DIRECTIVE) in page.chosen.text()
    page.table.selectRow(0)
    assert page.directive.isEnabled()
    page.set_actor(DUTY)
    assert not page.directive.isEnabled()
    assert page.directive.toolTip() == "只有领导可以执行此操作"


def test_refresh_keeps_what_is_shown_until_it_comes_again(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 10)
    page.table.selectRow(4)
    with qtbot.waitSignal(page.page_requested) as asked:
        page.refresh()
    assert asked.args == [0]
    assert page.model.rowCount() == 10
    page.set_page(ticket_page(0, PAGE_SIZE, 12))
    assert page.model.rowCount() == 12
    assert page.table.chosen() == ticket_row(4)


def test_refresh_with_a_page_at_hand_does_not_ask_for_it(page: TicketListPage) -> None:
    show(page, 10)
    asked: list[int] = []
    page.page_requested.connect(asked.append)
    page.refresh(ticket_page(0, PAGE_SIZE, 11))
    assert asked == []
    assert page.model.rowCount() == 11


def test_empty_list_asks_again_when_the_store_changed(page: TicketListPage, qtbot: QtBot) -> None:
    show(page, 0)
    with qtbot.waitSignal(page.page_requested) as asked:
        page.refresh()
    assert asked.args == [0]


def test_nothing_found_is_said(page: TicketListPage) -> None:
    page.open_list("按条件", "不存在")
    page.set_page(ticket_page(0, PAGE_SIZE, 0))
    assert page.count.text() == "0 件"
    assert "不存在" in page.table.empty_text
