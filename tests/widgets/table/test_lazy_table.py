"""Lists of any length: pages on demand, and nothing that jumps when the list is settled anew."""

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.table.lazy import MOST_FOLLOWED, SCROLL_REST_MS, LazyTable
from widgets.table.paged import PAGE_SIZE, PAGES_KEPT, PagedModel, Renewal

Row = tuple[str, str]
MILLION = 1_000_000


def _name(row: Row) -> Cell:
    return Cell(row[0])


def _word(row: Row) -> Cell:
    return Cell(row[1])


def _key(row: Row) -> str:
    return row[0]


def model() -> PagedModel:
    return PagedModel((Column("name", "Name", 200, _name), Column("word", "Word", 200, _word)), _key)


def rows(first: int, count: int = PAGE_SIZE, word: str = "old") -> tuple[Row, ...]:
    return tuple((f"row {n}", word) for n in range(first, first + count))


@pytest.fixture
def table(qtbot: QtBot) -> LazyTable:
    made = LazyTable(model(), Scale(), multiple=True)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    QTest.mouseMove(made.window(), QPoint(-50, -50))
    return made


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester, qapp: object) -> None:
    made = model()
    qtmodeltester.check(made)
    made.set_page(0, rows(0), 450)
    made.set_page(400, rows(400, 50), 450)
    made.update_records([("row 3", "new"), ("row 9999", "new")])
    made.renew(Renewal(700, 200, rows(200), 0, {650: ("row 650", "chosen")}))
    made.renew(Renewal(3, 0, rows(0, 3)))
    assert made.rowCount() == 3
    made.start_over()
    assert made.rowCount() == 0


def test_each_page_in_sight_is_asked_for_once(qtbot: QtBot) -> None:
    made = model()
    asked: list[int] = []
    made.page_requested.connect(asked.append)
    made.set_page(0, rows(0), MILLION)
    made.want(0, 30)
    assert asked == []
    made.want(599_990, 600_010)
    made.want(599_990, 600_010)
    assert asked == [599_800, 600_000]
    made.set_page(600_000, rows(600_000), MILLION)
    assert made.index(600_001, 0).data() == "row 600001"
    assert made.index(599_999, 0).data() is None
    made.forget_asked()
    made.want(599_990, 600_010)
    assert asked[2:] == [599_800]


def test_pages_long_out_of_sight_are_dropped(qapp: object) -> None:
    made = model()
    for number in range(PAGES_KEPT + 5):
        made.set_page(number * PAGE_SIZE, rows(number * PAGE_SIZE), MILLION)
    assert made.record(0) is None
    assert made.record((PAGES_KEPT + 4) * PAGE_SIZE) is not None


def test_a_page_off_the_grid_is_refused(qapp: object) -> None:
    with pytest.raises(ValueError, match="multiple"):
        model().set_page(7, rows(7), 100)


def test_what_changed_is_told_in_one_range_and_nothing_is_reset(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0), 1000)
    told: list[tuple[int, int]] = []
    resets: list[None] = []
    table.paged.dataChanged.connect(lambda first, last, _roles: told.append((first.row(), last.row())))
    table.paged.modelReset.connect(lambda: resets.append(None))
    table.paged.update_records([(f"row {n}", "new") for n in (3, 150, 20)])
    assert told == [(3, 150)]
    assert table.paged.index(20, 1).data() == "new"
    assert table.paged.index(21, 1).data() == "old"
    table.renew(Renewal(1001, 0, rows(0)))
    assert told[1:] == [(0, 1000)]
    assert resets == []


def test_a_scroll_bar_being_dragged_fetches_only_where_it_rests(table: LazyTable, qtbot: QtBot) -> None:
    table.paged.set_page(0, rows(0), MILLION)
    asked: list[int] = []
    table.paged.page_requested.connect(asked.append)
    bar = table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > MILLION)
    for part in range(1, 50):
        bar.setValue(bar.maximum() * part // 50)
    qtbot.waitUntil(lambda: bool(asked))
    qtbot.wait(3 * SCROLL_REST_MS)
    assert len(asked) <= 4  # where it begins, where it rests, and beside


def test_what_is_next_is_fetched_before_it_is_in_sight(table: LazyTable, qtbot: QtBot) -> None:
    table.paged.set_page(0, rows(0), MILLION)
    asked: list[int] = []
    table.paged.page_requested.connect(asked.append)
    height = table.verticalHeader().defaultSectionSize()
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() > MILLION)
    table.verticalScrollBar().setValue((PAGE_SIZE - 30) * height)
    assert table.rows_in_sight()[1] < PAGE_SIZE
    qtbot.waitUntil(lambda: asked == [PAGE_SIZE])


def test_what_is_looked_at_and_chosen_stays_when_rows_come_above(table: LazyTable, qtbot: QtBot) -> None:
    table.paged.set_page(0, rows(0), 1000)
    bar = table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    height = table.verticalHeader().defaultSectionSize()
    bar.setValue(50 * height + 7)
    table.selectRow(52)
    chosen: list[object] = []
    table.record_chosen.connect(chosen.append)
    watched = table.watched()
    assert watched.in_sight[50] == "row 50"
    assert watched.chosen == ("row 52",)
    new = (*((f"new {n}", "new") for n in range(3)), *rows(0, 197))
    table.renew(Renewal(1003, 0, new, 3, {55: ("row 52", "old")}))
    assert bar.value() == 53 * height + 7
    assert table.chosen() == ("row 52", "old")
    assert table.currentIndex().row() == 55
    assert chosen == []


def test_a_chosen_row_that_went_far_is_still_chosen(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0), MILLION)
    table.selectRow(2)
    table.renew(Renewal(MILLION, 0, rows(1000), 0, {700_000: ("row 2", "gone far")}))
    assert table.chosen() == ("row 2", "gone far")
    assert table.selected_records() == [("row 2", "gone far")]


def test_a_chosen_row_that_left_the_list_is_chosen_no_more(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0, 3), 3)
    table.selectRow(2)
    chosen: list[object] = []
    table.record_chosen.connect(chosen.append)
    table.renew(Renewal(2, 0, rows(0, 2)))
    assert table.selected_count() == 0
    assert chosen == [None]


def test_the_head_of_a_list_is_held_only_for_who_looks_at_it(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0), 1000)
    assert table.watched().in_sight == {}
    table.selectRow(1)
    assert table.watched().in_sight[0] == "row 0"


def choose(table: LazyTable, first: int, last: int) -> None:
    block = QItemSelection(table.paged.index(first, 0), table.paged.index(last, 1))
    table.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def test_while_much_is_chosen_the_list_is_held(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0), MILLION)
    choose(table, 0, MOST_FOLLOWED - 1)
    assert not table.held
    assert len(table.watched().chosen) == MOST_FOLLOWED
    choose(table, 0, MOST_FOLLOWED)
    assert table.held
    table.selectAll()
    assert table.held
    assert table.watched().chosen == ()
    table.clearSelection()
    assert not table.held


def test_chosen_rows_that_are_not_here_are_told_by_their_place(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0), MILLION)
    choose(table, 199, 201)
    assert table.watched().chosen == ("row 199",)
    assert table.watched().elsewhere == (200, 201)


def test_the_one_chosen_row_stays_current_though_its_record_was_gone(table: LazyTable) -> None:
    table.paged.set_page(0, rows(0), MILLION)
    table.selectRow(500)
    table.renew(Renewal(MILLION, 0, rows(0), 0, {501: ("row 500", "old")}))
    assert table.currentIndex().row() == 501
    assert table.chosen() == ("row 500", "old")
