"""The table of every list: Qt's rules, selection that survives new data, keyboard, empty state."""

from random import Random

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.widgets.case_records import after
from widgets.scale import Scale
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import CELL_ROLE, Index, RecordModel
from widgets.table.view import RecordTable

Row = tuple[str, int]


def _name(row: Row) -> Cell:
    return Cell(row[0], tooltip=f"name {row[0]}")


def _left(row: Row) -> Cell:
    return Cell("-", CellLook.COUNTDOWN, "due_soon", due=after(minutes=row[1]))


def _key(row: Row) -> str:
    return row[0]


def model() -> RecordModel:
    columns = (
        Column("name", "Name", 200, _name, stretch=True),
        Column("countdown", "Left", 160, _left, right=True),
    )
    return RecordModel(columns, _key)


@pytest.fixture
def table(qtbot: QtBot) -> RecordTable:
    made = RecordTable(model(), Scale())
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    return made


def rows(count: int) -> list[Row]:
    return [(f"row {n}", n) for n in range(count)]


def test_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester, qapp: object) -> None:
    made = model()
    qtmodeltester.check(made)
    made.show_records(rows(5))
    made.show_records(rows(5))
    made.show_records(rows(2))
    made.show_records([])


def test_cells_are_one_look_up(qapp: object) -> None:
    made = model()
    made.show_records(rows(3))
    index = made.index(1, 0)
    assert index.data() == "row 1"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "name row 1"
    assert index.data(CELL_ROLE) is made.cells(1)[0]  # type: ignore[index]


def test_tick_moves_only_countdowns_in_sight(table: RecordTable, qtbot: QtBot) -> None:
    table.show_records(rows(1000))
    with qtbot.waitSignal(table.model().dataChanged) as changed:
        table.tick(after(minutes=1))
    first, last = changed.args[0], changed.args[1]
    assert (first.row(), first.column(), last.column()) == (0, 1, 1)
    assert last.row() < 20
    assert table.model().index(3, 1).data() == "剩 00:02:00"


def test_choice_follows_the_record_to_its_new_row(table: RecordTable) -> None:
    table.show_records(rows(50))
    table.choose("row 40")
    chosen: list[object] = []
    table.record_chosen.connect(chosen.append)
    table.show_records([("new", 0), *rows(50)])
    assert table.chosen() == ("row 40", 40)
    assert table.currentIndex().row() == 41
    table.show_records(rows(10))
    assert table.chosen() is None
    assert chosen[-1] is None


def test_new_data_leaves_the_view_where_it_is(table: RecordTable, qtbot: QtBot) -> None:
    table.show_records(rows(200))
    bar = table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    bar.setValue(1000)
    table.show_records(rows(200))
    assert bar.value() == 1000
    table.show_records(rows(201))
    assert bar.value() == 1000


def test_enter_and_double_click_open(table: RecordTable, qtbot: QtBot) -> None:
    table.show_records(rows(5))
    table.selectRow(2)
    with qtbot.waitSignal(table.record_activated) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args[0] == ("row 2", 2)
    spot = table.visualRect(table.model().index(3, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    with qtbot.waitSignal(table.record_activated) as clicked:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert clicked.args == [("row 3", 3), "countdown"]


def test_columns_fill_the_width_and_grow_with_the_scale(qtbot: QtBot) -> None:
    scale = Scale()
    made = RecordTable(model(), scale)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    assert made.columnWidth(0) + made.columnWidth(1) == made.viewport().width()
    assert made.columnWidth(1) == 160
    scale.fit(3840, 2160)
    assert made.columnWidth(1) == 320
    assert made.verticalHeader().defaultSectionSize() == 2 * RecordTable.ROW_HEIGHT


def test_selecting_everything_does_not_ask_every_row(qtbot: QtBot) -> None:
    """Qt's header asks for each column whether every row is selected: a minute for a million rows."""
    asked: list[int] = []

    class Counting(RecordModel):
        def flags(self, index: Index) -> Qt.ItemFlag:
            asked.append(index.row())
            return super().flags(index)

    columns = (Column("name", "Name", 200, _name), Column("again", "Again", 200, _name))
    made = RecordTable(Counting(columns, _key), Scale(), multiple=True)
    qtbot.addWidget(made)
    made.show_records(rows(20_000))
    made.show()
    qtbot.waitExposed(made)
    made.selectAll()
    made.grab()
    assert len(asked) < 5_000


def test_a_record_is_worded_when_it_comes_into_sight(qtbot: QtBot) -> None:
    worded: list[Row] = []

    def name(row: Row) -> Cell:
        worded.append(row)
        return Cell(row[0])

    made = RecordTable(RecordModel((Column("name", "Name", 200, name),), _key), Scale())
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show_records(rows(20_000))
    made.show()
    made.grab()
    assert 0 < len(worded) < 50


@pytest.mark.parametrize("height", [300, 317, 640, 655])
def test_a_list_that_goes_on_ends_with_a_whole_row(table: RecordTable, qtbot: QtBot, height: int) -> None:
    table.resize(600, height)
    table.show_records(rows(100))
    row = table.verticalHeader().defaultSectionSize()
    assert row >= RecordTable.ROW_HEIGHT
    qtbot.waitUntil(lambda: table.viewport().height() % row == 0, timeout=2000)


def test_a_short_list_stretches_only_where_it_may(table: RecordTable, qtbot: QtBot) -> None:
    table.show_records(rows(3))
    assert table.verticalHeader().defaultSectionSize() == RecordTable.ROW_HEIGHT
    wide = RecordTable(model(), Scale(), stretch=1.5)
    qtbot.addWidget(wide)
    wide.resize(600, 600)
    wide.show()
    wide.show_records(rows(3))
    assert wide.verticalHeader().defaultSectionSize() == 1.5 * RecordTable.ROW_HEIGHT


def test_rows_that_come_go_move_and_change_are_told_as_such(qtmodeltester: ModelTester, qapp: object) -> None:
    made = model()
    qtmodeltester.check(made)
    resets: list[None] = []
    told: list[tuple[int, int]] = []
    made.show_records(rows(30))
    made.modelReset.connect(lambda: resets.append(None))
    made.dataChanged.connect(lambda first, last, _roles: told.append((first.row(), last.row())))
    followed = QPersistentModelIndex(made.index(20, 0))
    other = [*reversed(rows(30)[10:]), ("new", 3)]
    made.show_records(other)
    assert [made.record(row) for row in range(made.rowCount())] == other
    assert followed.data() == "row 20"
    assert (resets, told) == ([], [])
    made.show_records([(name, left + (name == "row 20")) for name, left in other])
    assert told == [(followed.row(), followed.row())]
    made.show_records([(name, left + (name == "row 20")) for name, left in other])
    assert len(told) == 1


def test_any_list_becomes_any_other(qtmodeltester: ModelTester, qapp: object) -> None:
    random = Random(11)
    made = model()
    qtmodeltester.check(made)
    for _ in range(60):
        names = random.sample(range(40), random.randint(0, 40))
        wanted = [(f"row {n}", random.randint(0, 1)) for n in names]
        made.show_records(wanted)
        assert [made.record(row) for row in range(made.rowCount())] == wanted
        assert [made.index(row, 0).data() for row in range(made.rowCount())] == [name for name, _ in wanted]


def test_rows_that_come_above_push_nothing_away(table: RecordTable, qtbot: QtBot) -> None:
    table.show_records(rows(200))
    bar, height = table.verticalScrollBar(), table.verticalHeader().defaultSectionSize()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    bar.setValue(1000)
    table.show_records([("new 1", 0), ("new 2", 0), *rows(200)])
    assert bar.value() == 1000 + 2 * height


def test_columns_give_way_down_to_their_least(qtbot: QtBot) -> None:
    columns = (
        Column("name", "Name", 300, _name, stretch=True, least=100),
        Column("other", "Other", 200, _name, least=100),
        Column("countdown", "Left", 160, _left, right=True),
    )
    made = RecordTable(RecordModel(columns, _key), Scale())
    qtbot.addWidget(made)
    made.show()

    def widths(room: int) -> list[int]:
        made.resize(room + made.width() - made.viewport().width(), 300)
        return [made.columnWidth(column) for column in range(3)]

    assert widths(700) == [340, 200, 160]
    assert widths(660) == [300, 200, 160]
    assert widths(600) == [260, 180, 160]
    assert widths(360) == [100, 100, 160]
    assert widths(300) == [100, 100, 160]
