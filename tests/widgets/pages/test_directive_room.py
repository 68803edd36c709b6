"""Directives where there is little room: short names and whole words, the rest in the tool tips (T20)."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.overview import DirectiveState
from domain.people import Role
from tests.widgets.case_records import LEADER, after
from tests.widgets.page_records import directive_detail, directive_line, directive_row
from widgets.directives_panel import DirectivesPanel, receipts_wordings
from widgets.pages.directives_page import DirectivesPage
from widgets.painting import text_width
from widgets.scale import Scale

NAMED = {"住房和城乡建设局": "住建局", "自然资源和规划局": "资规局"}


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_receivers_stand_by_their_short_names_and_states_are_whole(
    qtbot: QtBot, width: int, height: int
) -> None:
    scale = Scale()
    scale.fit(width, height)
    page = DirectivesPage(scale)
    qtbot.addWidget(page)
    page.resize(width, height - 100)
    page.set_actor(LEADER)
    row = directive_row(1, DirectiveState.UNSIGNED_LATE)
    detail = directive_detail(row)
    late = [
        replace(receipt, state=DirectiveState.UNSIGNED_LATE, climbed_to=Role.DISCIPLINE, reminded=12)
        for receipt in detail.receipts
    ]
    short = tuple(NAMED.get(name, name) for name in row.receiver_names)
    detail = replace(detail, row=replace(row, receiver_names=short), receipts=tuple(late))
    line = replace(directive_line(1), row=replace(row, climbed_to=Role.DISCIPLINE))
    page.model.set_page(0, [line], 1)
    page.choose_first()
    page.show()
    page.show_detail(detail)
    table = page.directive.receipts
    model = table.model()
    names = [model.index(n, 0).data() for n in range(model.rowCount())]
    assert names == list(short)
    told = {model.index(n, 0).data(Qt.ItemDataRole.ToolTipRole) for n in range(model.rowCount())}
    assert told >= set(NAMED)
    assert model.index(5, 1).data() == "超时↑ 催12"
    assert "签收超时" in model.index(5, 1).data(Qt.ItemDataRole.ToolTipRole)
    font, edge, mark = scale.font("font_small"), scale.px(16), scale.px(24)
    for column, text, room in (
        (0, "生态环境局", table.columnWidth(0) - edge),
        (1, "超时↑ 催12", table.columnWidth(1) - edge - mark),
    ):
        assert text_width(font, text) <= room, column
    first = page.table.model().index(0, 0)
    assert first.data() == "签收超时↑"
    assert text_width(font, first.data()) <= page.table.columnWidth(0) - edge - mark


def test_a_narrow_line_leaves_out_whole_parts(qtbot: QtBot) -> None:
    panel = DirectivesPanel(Scale())
    qtbot.addWidget(panel)
    row = replace(directive_row(1, DirectiveState.OVERDUE), late=3, climbed_to=Role.DISCIPLINE)
    panel.show_directives([row], 3, 4, after(hours=30), 3)
    longest, *_, shortest = receipts_wordings(panel._delegate, row)
    due = longest.rpartition(" · ")[2]
    assert longest == f"超期 3 家 · 已升级至纪委 · 签收 11/12 · 反馈 4/12 · {due}"
    assert shortest == f"超期 3 家 · {due}"
    # Whoever points at the line, or hears it, has all of it.
    assert longest in panel.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    font = panel._delegate.scale.font("font_small")
    assert text_width(font, shortest) < 300
