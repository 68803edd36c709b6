"""The line of a cause on page 预警: who may take note of all of it, by button and by key (T09)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.acknowledging import MOST_TOGETHER, TakenNote, name_of
from domain.events import WarningKind, WarningLevel
from domain.listing import WarningFilter
from domain.nodes import Node
from domain.people import Actor, Role
from domain.warning_causes import Cause, CauseRow, CauseSought
from tests.widgets.case_records import DUTY, START, warning_row
from widgets.forms.acknowledge_cause_form import AcknowledgeCauseForm
from widgets.pages.warnings_page import WarningsPage
from widgets.painting import text_width
from widgets.scale import Scale
from widgets.style import load_fonts
from widgets.table.model import CELL_ROLE

LINE = CauseRow(
    Cause(WarningKind.LATE, WarningLevel.RED, Node.SIGN, "housing"),
    "环节到期未办结",
    "市住建局",
    1240,
    1200,
    7,
    START,
    START,
)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[WarningsPage]:
    shown = WarningsPage(Scale())
    qtbot.addWidget(shown)
    shown.resize(1600, 800)
    shown.show()
    shown.grouping.buttons[1].click()
    shown.open_only.buttons[1].click()
    noted = replace(LINE, cause=replace(LINE.cause, body="planning"), unacknowledged=0)
    shown.model.set_page(0, [LINE, noted], 2)
    return shown


def test_a_line_is_asked_about_as_the_list_is_narrowed(page: WarningsPage, qtbot: QtBot) -> None:
    page.set_actor(DUTY)
    page.table.selectRow(0)
    assert page.acknowledge.text() == "W 确认同类 1200 条"
    asked: list[CauseSought] = []
    page.acknowledge_requested.connect(asked.append)
    QTest.mouseClick(page.acknowledge, Qt.MouseButton.LeftButton)
    QTest.keyClick(page.table, Qt.Key.Key_W)
    assert asked == [CauseSought(LINE, WarningFilter(unacknowledged=True))] * 2
    page.table.selectRow(1)
    assert not page.acknowledge.isEnabled()
    assert "均已确认" in page.acknowledge.toolTip()
    with qtbot.assertNotEmitted(page.acknowledge_requested):
        QTest.keyClick(page.table, Qt.Key.Key_W)


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        (Actor(Role.WALL, "大屏"), "只有"),
        (Actor(Role.HANDLER, "陈立", "ecology"), "只能办理本单位的事项"),
        (Actor(Role.HANDLER, "陈立", "housing"), ""),
        (Actor(Role.LEADER, "李强"), ""),
    ],
)
def test_who_may_not_is_told_why(page: WarningsPage, actor: Actor, said: str) -> None:
    page.set_actor(actor)
    page.table.selectRow(0)
    assert page.acknowledge.isEnabled() is not bool(said)
    assert said in page.acknowledge.toolTip()


def test_several_chosen_warnings_are_acknowledged_together(page: WarningsPage) -> None:
    """Those that nobody has acknowledged; one of another body, and none of them."""
    page.set_actor(Actor(Role.HANDLER, "陈立", "housing"))
    page.grouping.buttons[0].click()
    noted = warning_row(3, acknowledged_by="李强")
    rows = [warning_row(1), warning_row(2), noted, warning_row(4, body="ecology")]
    page.model.set_page(0, rows, 4)
    asked: list[object] = []
    page.acknowledge_requested.connect(asked.append)
    choose(page, 0, 2)
    assert page.acknowledge.text() == "W 确认所选 2 条"
    QTest.keyClick(page.table, Qt.Key.Key_W)
    assert asked == [tuple(rows[:2])]
    choose(page, 0, 3)
    assert not page.acknowledge.isEnabled()
    assert "只能办理本单位的事项" in page.acknowledge.toolTip()
    choose(page, 2, 2)
    assert "李强 已经确认" in page.acknowledge.toolTip()
    page.model.set_page(0, [noted, warning_row(5, acknowledged_by="王磊")], 2)
    choose(page, 0, 1)
    assert "所选预警均已确认" in page.acknowledge.toolTip()
    page.model.set_page(0, rows, MOST_TOGETHER + 1)
    choose(page, 0, MOST_TOGETHER)
    assert f"一次最多确认 {MOST_TOGETHER} 条" in page.acknowledge.toolTip()
    choose(page, 0, 200)
    assert "还在读取" in page.acknowledge.toolTip()


def test_two_lines_are_not_acknowledged_at_once(page: WarningsPage) -> None:
    page.set_actor(DUTY)
    choose(page, 0, 1)
    assert not page.acknowledge.isEnabled()
    assert "一次只能确认一类" in page.acknowledge.toolTip()


def choose(page: WarningsPage, first: int, last: int) -> None:
    """Choose the rows from one to another."""
    model = page.table.paged
    rows = QItemSelection(model.index(first, 0), model.index(last, model.columnCount() - 1))
    flags = QItemSelectionModel.SelectionFlag
    page.table.selectionModel().setCurrentIndex(model.index(first, 0), flags.NoUpdate)
    page.table.selectionModel().select(rows, flags.ClearAndSelect)


def test_the_form_says_how_many_and_which_and_what_was_left(qtbot: QtBot) -> None:
    rows = [replace(warning_row(), ticket=f"T-{n}", since=START + timedelta(minutes=n)) for n in range(500)]
    form = AcknowledgeCauseForm(LINE, rows, 1200, Scale())
    qtbot.addWidget(form)
    form.show()
    assert "将确认 500 条" in form.summary.text()
    assert "共 1200 条，一次最多 500 条，先确认最早的" in form.summary.text()
    form.note.insertPlainText("断网所致")
    with qtbot.waitSignal(form.submitted) as asked:
        QTest.keyClick(form.note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (draft,) = asked.args
    assert [one.ticket for one in draft.warnings] == [row.ticket for row in rows]
    assert (draft.note, draft.request_id) == ("断网所致", form.request_id)
    # Refused, and nothing typed is lost; then all but two.
    form.show_refusal("只能办理本单位的事项")
    assert form.note.text == "断网所致"
    form.submit()
    left = {name_of(one, one.ticket): by for one, by in zip(draft.warnings[7:9], ("李强", None), strict=True)}
    form.show_carried(TakenNote(498, left))
    assert form.isVisible()
    cells = [[form.table.model().index(row, column).data() for column in (0, 7)] for row in range(3)]
    assert cells == [["T-7", "保持原样：李强 已确认"], ["T-8", "已解除或尚未发出"], ["T-0", "已确认"]]
    QTest.keyClick(form, Qt.Key.Key_Return)
    assert not form.isVisible()


def test_a_form_of_which_nothing_was_left_closes(qtbot: QtBot) -> None:
    form = AcknowledgeCauseForm(LINE, [warning_row()], 1, Scale())
    qtbot.addWidget(form)
    form.show()
    form.note.insertPlainText("已派人")
    form.submit()
    form.show_carried(TakenNote(1, {}))
    assert not form.isVisible()


@pytest.mark.parametrize("size", [(1366, 668), (1920, 980)])
def test_the_cause_is_told_whole_in_the_widest_column(
    page: WarningsPage, qapp: QApplication, size: tuple[int, int]
) -> None:
    """It was cut beside its count, while the column of rules stood empty."""
    rule = "销号后同一点位再次被反映，须核查整改是否到位"
    load_fonts()
    page._scale.fit(size[0], size[0] * 9 / 16)
    page.resize(*size)
    page.model.set_page(0, [replace(LINE, rule=rule, escalated=1234)], 1)
    qapp.processEvents()
    keys = [column.key for column in page.model.columns]
    cells = {key: page.model.index(0, place).data(CELL_ROLE) for place, key in enumerate(keys)}
    assert (cells["rule"].text, cells["rule"].tooltip) == (rule, rule)
    assert cells["title"].text == "▸ 1240 件 · 已升级 1234 件"
    for key in ("rule", "title"):
        width = page.table.columnWidth(keys.index(key)) - page._scale.px(16)
        assert text_width(page._scale.font("font_small", bold=True), cells[key].text) <= width
