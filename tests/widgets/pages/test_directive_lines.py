"""Directives as a matrix and as a thread, and where one is composed from (T20, B03, X05)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from domain import events as e
from domain.directive_listing import (
    DirectiveCounts,
    DirectiveFilter,
    DirectiveGroup,
    DirectiveOrder,
    ThreadRow,
)
from domain.drafts import RemindAllDraft, SubjectSought
from domain.events import Event
from domain.listing import Outcome
from domain.overview import DirectiveState
from domain.people import SYSTEM, Role
from tests.widgets.case_records import DUTY, HANDLER, LEADER, START, after
from tests.widgets.page_records import BODIES, directive_detail, directive_line, directive_row, ranking_page
from widgets.directives_panel import DirectivesPanel
from widgets.header import Header
from widgets.pages.directive_cells import state_cell
from widgets.pages.directive_matrix import receipt_tip
from widgets.pages.directive_steps import asked_of_all
from widgets.pages.directive_thread import SHORT_TEXT
from widgets.pages.directives_page import DirectivesPage, View
from widgets.pages.ranking_page import RankingsPage
from widgets.ranking_panel import RankingPanel
from widgets.scale import Scale
from widgets.style import apply_style, load_fonts


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DirectivesPage]:
    load_fonts()
    scale = Scale()
    apply_style(qapp, scale)
    made = DirectivesPage(scale)
    qtbot.addWidget(made)
    made.resize(1892, 980)
    made.set_actor(LEADER)
    made.show_bodies(BODIES)
    made.show_view(View.MATRIX)
    made.show()
    lines = [directive_line(n, state) for n, state in enumerate(DirectiveState)]
    made.matrix.paged.set_page(0, lines, len(lines))
    made.show_counts(len(lines), DirectiveCounts(len(lines), (6, 2, 3, 5, 1, 1, 1), 4), START)
    return made


def words(page: DirectivesPage, row: int) -> list[str]:
    cells = page.matrix.paged.cells(row)
    assert cells is not None
    return [cell.text for cell in cells[3:]]


def test_the_matrix_keeps_the_rules_of_qt(page: DirectivesPage, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(page.matrix.model(), force_py=True)
    assert not page.show_bodies(BODIES)
    assert page.show_bodies(BODIES[:3])
    assert page.matrix.paged.rowCount() == 0
    qtmodeltester.check(page.matrix.model(), force_py=True)


def test_each_receiver_has_a_light_with_a_word_and_who_signed_when(page: DirectivesPage) -> None:
    cells = page.matrix.paged.cells(0)
    assert cells is not None
    assert len(cells) == 3 + len(BODIES)
    assert all(cell.mark is not None and cell.text and cell.tooltip for cell in cells[3:])
    line = directive_line(1)
    told = replace(line.receipts[0], signed_by="陈立", reminded=2, reminded_at=after(hours=3))
    page.matrix.paged.set_page(0, [replace(line, receipts=(told,))], 1)
    cells = page.matrix.paged.cells(0)
    assert cells is not None
    assert "陈立 于" in cells[3].tooltip
    assert "催办 2 次" in cells[3].tooltip
    assert words(page, 0)[1:] == [""] * (len(BODIES) - 1)  # no receivers


def test_the_matrix_has_the_whole_width_until_a_cell_is_opened(page: DirectivesPage, qtbot: QtBot) -> None:
    assert not page.directive.isVisible()
    index = page.matrix.paged.index(1, 3)
    with qtbot.waitSignal(page.detail_requested) as asked:
        place = page.matrix.visualRect(index).center()
        qtbot.mouseClick(page.matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)
    page.show_detail(directive_detail(directive_row(1)))
    assert asked.args == [directive_row(1).number]
    assert page.directive.isVisible()
    assert page.directive.receipts.chosen().body == BODIES[0][0]
    qtbot.mouseClick(page.fold, Qt.MouseButton.LeftButton)
    assert not page.directive.isVisible()


def test_a_filter_is_asked_for_with_who_is_late_first(page: DirectivesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.list_requested) as asked:
        qtbot.mouseClick(page.groups.buttons[2], Qt.MouseButton.LeftButton)
    assert asked.args == [DirectiveFilter(DirectiveGroup.LATE), DirectiveOrder.WORST]
    with qtbot.waitSignal(page.remind_all_requested) as asked:
        qtbot.mouseClick(page.remind_all, Qt.MouseButton.LeftButton)
    assert asked.args == [DirectiveFilter(DirectiveGroup.LATE)]
    page.set_actor(DUTY)
    assert not page.remind_all.isEnabled()
    assert "只有领导" in page.remind_all.toolTip()


def test_a_receiver_is_asked_about_itself(page: DirectivesPage) -> None:
    page.set_actor(HANDLER)
    assert page.chosen == DirectiveFilter(body=HANDLER.body)
    assert page.body.isHidden()


def test_a_long_text_is_shown_when_it_is_asked_for(page: DirectivesPage, qtbot: QtBot) -> None:
    page.show_view(View.LIST)
    row = replace(directive_row(1), text="长" * 2000)
    page.model.set_page(0, [replace(directive_line(1), row=row)], 1)
    page.choose_first()
    page.show_detail(replace(directive_detail(directive_row(1)), row=row))
    assert len(page.directive.facts.value(0)) == SHORT_TEXT + 1
    qtbot.mouseClick(page.directive.more, Qt.MouseButton.LeftButton)
    assert page.directive.facts.value(0) == row.text


def test_what_climbed_is_seen_in_the_list_the_matrix_and_the_receivers(page: DirectivesPage) -> None:
    """T13: an arrow behind the word, and in the tool tip to whom and when."""
    line = directive_line(1, DirectiveState.OVERDUE)
    first, *others = line.receipts
    late = replace(
        first, state=DirectiveState.OVERDUE, climbed_to=Role.DISCIPLINE, climbed_at=after(hours=3), reminded=2
    )
    row = replace(line.row, late=1, climbed_to=Role.DISCIPLINE)
    line = replace(line, row=row, receipts=(late, *others))
    state = state_cell(line)
    assert (state.text, state.tooltip) == ("超期↑", "超期 · 已升级至纪委")
    assert state_cell(directive_line(2, DirectiveState.OVERDUE)).text == "超期"
    assert receipt_tip(late).splitlines()[-1].startswith("已升级至纪委 ")
    page.show_view(View.LIST)
    page.model.set_page(0, [line], 1)
    page.choose_first()
    page.show_detail(replace(directive_detail(row), receipts=line.receipts))
    cell = page.directive.receipts.model().index(0, 1)
    assert cell.data() == "超期↑"
    panel = DirectivesPanel(Scale(), page)
    panel.show_directives([row], 1, 1, after(hours=30), 1)
    assert "超期 1 家 · 已升级至纪委 · " in str(panel.model.index(0).data(Qt.ItemDataRole.ToolTipRole))


def test_a_thread_says_every_kind_of_event_and_can_be_narrowed_to_a_receiver(page: DirectivesPage) -> None:
    page.show_view(View.LIST)
    page.model.set_page(0, [directive_line(1)], 1)
    page.choose_first()
    (one, name), (two, _) = BODIES[:2]
    said = [
        (e.DirectiveIssued("停工", (one, two), after(hours=9)), ""),
        (e.DirectiveSigned(one), one),
        (e.DirectiveFedBack(one, "已停", ("a" * 64,)), one),
        (e.DirectiveJudged(one, False, "不实"), one),
        (e.DirectiveReminded(two, "快"), two),
        (e.DirectiveWarned(two, e.DirectiveLateness.UNSIGNED), two),
        (e.DirectiveEscalated(two, e.DirectiveLateness.UNSIGNED, after(minutes=6), 1, Role.LEADER), two),
        (e.DirectiveJudged(one, True), one),
        (e.DirectiveWithdrawn("误发"), ""),
    ]
    thread = tuple(
        ThreadRow(n, Event(after(minutes=n), SYSTEM, fact), body, name if body == one else "", "", 1)
        for n, (fact, body) in enumerate(said, start=1)
    )
    detail = replace(directive_detail(directive_row(1)), thread=thread)
    page.show_detail(detail)
    view = page.directive.thread

    def shown() -> list[str]:
        return [entry.head.text().split(" · ")[0][2:] for entry in view.entries if not entry.isHidden()]

    assert shown() == [
        "下达", "签收", "反馈", "评价：退回", "催办 1 号", "预警：签收超时", "已升级至领导", "评价：属实",
        "撤回",
    ]  # fmt: skip
    made = list(view.entries)
    page.directive.show_receiver(two)
    assert shown() == ["下达", "催办 1 号", "预警：签收超时", "已升级至领导", "撤回"]
    page.show_detail(replace(detail, thread=thread[:2]))
    assert view.entries == made  # made once, and used again
    assert [entry.files.isHidden() for entry in view.entries][:2] == [True, True]


def test_all_are_reminded_by_one_order() -> None:
    from domain.drafts import Owing

    owing = (Owing("D-2026-001", "housing"), Owing("D-2026-001", "police"), Owing("D-2026-002", "police"))
    asked = asked_of_all(owing)
    assert asked.about == "2 道指令的 3 个接收单位未签收或未反馈"
    draft = asked.draft("r", {"text": "快"})
    assert draft == RemindAllDraft("r", owing, "快")


def test_a_row_of_the_ranking_is_answered_by_a_leader_only(qtbot: QtBot) -> None:
    page = RankingsPage(Scale())
    qtbot.addWidget(page)
    page.resize(1892, 980)
    page.show()
    answer = ranking_page()
    page.show_ranking(answer)
    column = [c.key for c in page.model.columns].index("directive")
    asked: list[SubjectSought] = []
    page.directive_requested.connect(asked.append)

    def click() -> None:
        place = page.table.visualRect(page.model.index(0, column)).center()
        qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)

    page.set_actor(DUTY)
    click()
    assert asked == []
    page.set_actor(LEADER)
    click()
    (sought,) = asked
    row = answer.rows[0]
    assert sought.subject.bodies == (row.key,)
    assert sought.subject.basis.startswith(f"时效排名 · {row.name} · 近 30 日 · ")
    assert sought.wanted == answer.tickets_of(row, Outcome.OPEN_OVERDUE)


def test_the_overviews_ranking_offers_it_under_the_hand(qtbot: QtBot) -> None:
    panel = RankingPanel(Scale())
    qtbot.addWidget(panel)
    panel.resize(420, 560)
    panel.show()
    answer = ranking_page()
    panel.show_ranking(answer)
    panel.rows.setCurrentIndex(panel.model.index(1))
    assert not panel.directive.isVisible()  # nobody may
    panel.set_actor(LEADER)
    panel.rows.setCurrentIndex(panel.model.index(0))
    assert panel.directive.isVisible()
    with qtbot.waitSignal(panel.directive_requested) as asked:
        qtbot.mouseClick(panel.directive, Qt.MouseButton.LeftButton)
    assert asked.args[0].subject.bodies == (answer.rows[0].key,)
    # In another order of the rows it stays with the body that the keyboard is on.
    panel.show_ranking(replace(answer, rows=answer.rows[::-1]))
    with qtbot.waitSignal(panel.directive_requested) as asked:
        panel.directive.click()
    assert asked.args[0].subject.bodies == (answer.rows[0].key,)


def test_the_tab_counts_who_is_late(qtbot: QtBot) -> None:
    header = Header((("overview", "总览"), ("directives", "指令")), Scale())
    qtbot.addWidget(header)
    tab: QPushButton = header.pages["directives"]
    header.show_late_directives(3)
    assert tab.text() == "指令 3"
    assert not tab.icon().isNull()
    assert "超时" in tab.toolTip()
    header.show_late_directives(0)
    assert (tab.text(), tab.accessibleDescription(), tab.icon().isNull()) == ("指令", "", True)
    assert "超时" not in tab.toolTip()
