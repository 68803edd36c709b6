"""The pages behind the tabs: filters, counts, details of the choice, rights, what a click opens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from domain.directive_listing import (
    DirectiveCounts,
    DirectiveFilter,
    DirectiveGroup,
    DirectiveOrder,
    DirectiveReceipts,
)
from domain.drafts import DirectiveSubject
from domain.events import WarningKind, WarningLevel
from domain.ledger import Colour, LedgerBy, LedgerFilter, LedgerOrder, LedgerRow
from domain.listing import (
    UNSET,
    Outcome,
    TicketFilter,
    WarningCounts,
    WarningFilter,
    WarningOrder,
    WarningRow,
    WarningsBy,
)
from domain.nodes import Node
from domain.overview import DirectiveState
from domain.ranking import Tally, rank
from domain.ranking_query import RankBy, RankingQuery
from domain.re_supervision import FileCounts, FileGroup, FileState
from tests.widgets.case_records import DUTY, LEADER, OFFICER, START, after, warning_row
from tests.widgets.page_records import (
    BODIES,
    directive_detail,
    directive_line,
    directive_row,
    file_detail,
    file_row,
    ledger_counts,
    ledger_detail,
    ledger_row,
    ranking_page,
)
from tests.widgets.samples import SCHEME
from widgets.pages.directives_page import DirectivesPage
from widgets.pages.ledger_page import LedgerPage
from widgets.pages.list_page import ListPage
from widgets.pages.ranking_page import RankingsPage
from widgets.pages.re_supervisions_page import ReSupervisionsPage
from widgets.pages.warnings_page import WarningsPage
from widgets.scale import Scale
from widgets.style import apply_style
from widgets.table.paged import Renewal
from widgets.table.view import RecordTable

WARNINGS = (
    warning_row(1),
    warning_row(2, kind=WarningKind.WRONG, acknowledged_by="王磊", acknowledged_at=START),
    warning_row(3, WarningLevel.YELLOW, WarningKind.SLOW, due_at=after(hours=5), body="police"),
)
LEDGER = tuple(ledger_row(n) for n in range(12))


@pytest.fixture
def scale(qapp: object) -> Scale:
    return Scale()


RED, YELLOW = WarningLevel.RED, WarningLevel.YELLOW


def put_ledger(page: LedgerPage, rows: Sequence[LedgerRow]) -> None:
    page.model.set_page(0, rows, len(rows))
    page.show_counts(len(rows), ledger_counts(rows), SCHEME, START)
    page.choose_first()


def put_warnings(page: WarningsPage, rows: Sequence[WarningRow], as_of: datetime) -> None:
    levels, kinds = Counter(row.level for row in rows), Counter(row.kind for row in rows)
    page.model.set_page(0, rows, len(rows))
    counts = WarningCounts(
        *(levels[level] for level in (RED, YELLOW)), *(kinds[kind] for kind in WarningKind)
    )
    page.show_counts(len(rows), counts, as_of)


@pytest.fixture
def warnings(qtbot: QtBot, scale: Scale) -> WarningsPage:
    page = WarningsPage(scale)
    show(qtbot, page)
    page.set_actor(OFFICER)
    put_warnings(page, WARNINGS, after(hours=3))
    return page


@pytest.fixture
def rankings(qtbot: QtBot, scale: Scale) -> RankingsPage:
    page = RankingsPage(scale)
    show(qtbot, page)
    page.show_ranking(ranking_page())
    return page


@pytest.fixture
def ledger(qtbot: QtBot, scale: Scale) -> LedgerPage:
    page = LedgerPage(scale)
    show(qtbot, page)
    page.set_actor(LEADER)
    put_ledger(page, LEDGER)
    return page


@pytest.fixture
def directives(qtbot: QtBot, scale: Scale) -> DirectivesPage:
    page = DirectivesPage(scale)
    show(qtbot, page)
    put_directives(page, [directive_line(n, state) for n, state in enumerate(DirectiveState)])
    return page


@pytest.fixture
def files(qtbot: QtBot, scale: Scale) -> ReSupervisionsPage:
    page = ReSupervisionsPage(scale)
    show(qtbot, page)
    page.set_actor(OFFICER)
    rows = [file_row(n, state) for n, state in enumerate(FileState)]
    page.model.set_page(0, rows, len(rows))
    page.show_counts(len(rows), FileCounts(1, 3, 2), START)
    page.choose_first()
    return page


def put_directives(page: DirectivesPage, lines: Sequence[DirectiveReceipts]) -> None:
    page.model.set_page(0, lines, len(lines))
    page.show_counts(len(lines), DirectiveCounts(len(lines), (4, 2, 1, 3, 1, 1, 1), 2), START)
    page.choose_first()


def show(qtbot: QtBot, page: ListPage) -> None:
    qtbot.addWidget(page)
    page.resize(1920, 1000)
    page.show()


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def click_cell(qtbot: QtBot, table: RecordTable, row: int, key: str) -> None:
    model: QAbstractItemModel = table.model()
    column = [c.key for c in table.columns].index(key)
    spot = table.visualRect(model.index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def column_of(table: RecordTable, key: str) -> list[str]:
    column = [c.key for c in table.columns].index(key)
    model = table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_models_keep_the_rules_of_qt(
    qtmodeltester: ModelTester,
    warnings: WarningsPage,
    rankings: RankingsPage,
    ledger: LedgerPage,
    directives: DirectivesPage,
    files: ReSupervisionsPage,
) -> None:
    for page in (warnings, rankings, ledger, directives, files):
        qtmodeltester.check(page.table.model())


# --- warnings ------------------------------------------------------------------------------------------


def test_warnings_are_asked_for_by_level_kind_note_body_and_area(
    warnings: WarningsPage, qtbot: QtBot
) -> None:
    assert [button.text() for button in warnings.levels.buttons] == ["全部 3", "红 2", "黄 1"]
    assert warnings.panel.note.startswith("3 条")
    warnings.show_choices((("housing", "住建局"),), (("320302", "鼓楼区"),))
    asked: list[WarningFilter] = []
    warnings.list_requested.connect(lambda chosen, _order: asked.append(chosen))
    press(qtbot, warnings.levels.buttons[1])
    press(qtbot, warnings.kinds.buttons[3])
    press(qtbot, warnings.open_only.buttons[1])
    for field in (warnings.body, warnings.area):
        field.setFocus()
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert asked == [
        WarningFilter(RED),
        WarningFilter(RED, WarningKind.WRONG),
        WarningFilter(RED, WarningKind.WRONG, True),
        WarningFilter(RED, WarningKind.WRONG, True, "housing"),
        WarningFilter(RED, WarningKind.WRONG, True, "housing", "320302"),
    ]
    assert warnings.model.rowCount() == 0
    warnings.show_counts(0, WarningCounts(), START)
    assert "没有符合条件" in warnings.table.empty_text


def test_warnings_are_sorted_by_a_head(warnings: WarningsPage) -> None:
    asked: list[WarningOrder] = []
    warnings.list_requested.connect(lambda _chosen, order: asked.append(order))
    column = [c.key for c in warnings.table.columns].index("since")
    for _ in range(2):
        warnings.table.head.section_clicked.emit(column)
    assert asked == [WarningOrder(WarningsBy.SINCE, way) for way in (False, True)]
    assert warnings.model.headerData(column, Qt.Orientation.Horizontal) == "发出 ↓"


def test_a_note_taken_is_offered_no_more(warnings: WarningsPage) -> None:
    warnings.table.selectRow(0)
    assert warnings.acknowledge.isEnabled()
    noted = replace(WARNINGS[0], acknowledged_by="王磊", acknowledged_at=START)
    warnings.model.update_records([noted])
    assert warnings.table.chosen() == noted
    assert not warnings.acknowledge.isEnabled()


def test_no_warning_is_good_news(warnings: WarningsPage) -> None:
    warnings.model.start_over()
    warnings.show_counts(0, WarningCounts(), START)
    assert "没有预警" in warnings.table.empty_text


def test_warnings_count_down(warnings: WarningsPage) -> None:
    assert column_of(warnings.table, "countdown") == ["超 01:00:00", "已 01:00:00", "剩 02:00:00"]
    warnings.tick(after(hours=5, minutes=1))
    assert column_of(warnings.table, "countdown")[2] == "超 00:01:00"


def test_warning_is_acknowledged_once_and_answered(warnings: WarningsPage, qtbot: QtBot) -> None:
    assert not warnings.acknowledge.isEnabled()
    click_cell(qtbot, warnings.table, 1, "node")
    assert not warnings.acknowledge.isEnabled()
    assert "王磊" in warnings.acknowledge.toolTip()
    click_cell(qtbot, warnings.table, 0, "node")
    with qtbot.waitSignal(warnings.acknowledge_requested) as noted:
        press(qtbot, warnings.acknowledge)
    assert noted.args == [WARNINGS[0]]
    with qtbot.waitSignal(warnings.re_supervision_requested) as asked:
        press(qtbot, warnings.re_supervision)
    assert (asked.args[0].ticket, asked.args[0].node) == (WARNINGS[0].ticket, Node.ARRIVE)
    assert not warnings.directive.isEnabled()
    warnings.set_actor(LEADER)
    with qtbot.waitSignal(warnings.directive_requested) as directed:
        press(qtbot, warnings.directive)
    # One warning goes whole: the form proposes a sentence from it.
    assert directed.args == [WARNINGS[0]]


def test_warning_opens_its_ticket(warnings: WarningsPage, qtbot: QtBot) -> None:
    warnings.table.selectRow(2)
    with qtbot.waitSignal(warnings.ticket_requested) as opened:
        qtbot.keyClick(warnings.table, Qt.Key.Key_Return)
    assert opened.args == [WARNINGS[2].ticket]


# --- ranking -------------------------------------------------------------------------------------------


def test_ranking_shows_numerator_and_denominator(rankings: RankingsPage) -> None:
    assert column_of(rankings.table, "rank")[0] == "1"
    assert column_of(rankings.table, "rank")[-1] == "样本不足"
    first = rankings.table.model()
    row = [first.index(0, column).data() for column in range(first.columnCount())]
    assert row[2:6] == ["公安局", "99.8%", "399", "400"]
    assert "威尔逊" in rankings.formula.text()


def test_ranking_asks_for_what_is_chosen(rankings: RankingsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rankings.ranking_requested) as asked:
        press(qtbot, rankings.by.buttons[2])
    assert asked.args == [RankingQuery(RankBy.AREA, None, 30)]
    with qtbot.waitSignal(rankings.ranking_requested) as asked:
        press(qtbot, rankings.days.buttons[0])
    assert asked.args == [RankingQuery(RankBy.AREA, None, 7)]
    rankings.node.setCurrentIndex(rankings.node.findData(Node.SIGN.value))
    assert rankings.query == RankingQuery(RankBy.AREA, Node.SIGN, 7)


def test_late_answer_to_an_old_question_is_passed_over(rankings: RankingsPage, qtbot: QtBot) -> None:
    press(qtbot, rankings.by.buttons[1])
    rankings.show_ranking(ranking_page(RankingQuery(RankBy.BODY)))
    assert "读取中" in rankings.panel.note


def test_each_figure_opens_exactly_its_tickets(rankings: RankingsPage, qtbot: QtBot) -> None:
    window = ranking_page()
    wanted = {
        "due": Outcome.DUE,
        "on_time": Outcome.ON_TIME,
        "rate": Outcome.NOT_ON_TIME,
        "open_overdue": Outcome.OPEN_OVERDUE,
        "name": Outcome.DUE,
    }
    for key, outcome in wanted.items():
        with qtbot.waitSignal(rankings.tickets_requested) as opened:
            click_cell(qtbot, rankings.table, 1, key)
        assert opened.args[0] == TicketFilter(
            outcome=outcome, due_from=window.due_from, due_to=window.due_to, body="transport"
        )
        assert opened.args[1].startswith("交通运输局")
    follow_ups = TicketFilter(done_from=window.due_from, done_to=window.due_to, body="transport")
    for key, chosen, word in (
        ("satisfied", replace(follow_ups, satisfied=True), "回访满意"),
        ("revisited", replace(follow_ups, node=Node.REVISIT), "回访"),
        ("bounced", replace(follow_ups, bounced=True), "打回"),
    ):
        with qtbot.waitSignal(rankings.tickets_requested) as opened:
            click_cell(qtbot, rankings.table, 1, key)
        assert opened.args[0] == chosen
        assert opened.args[1] == f"交通运输局 · {word}"


def test_a_row_without_category_or_area_is_called_unset(rankings: RankingsPage, qtbot: QtBot) -> None:
    press(qtbot, rankings.by.buttons[2])
    rows = rank([Tally(UNSET, "", 9, 9, 0)])
    rankings.show_ranking(replace(ranking_page(rankings.query), rows=rows))
    assert column_of(rankings.table, "name") == ["未填"]
    with qtbot.waitSignal(rankings.tickets_requested) as opened:
        click_cell(qtbot, rankings.table, 0, "due")
    assert opened.args[0].area == UNSET
    assert opened.args[1].startswith("未填")


# --- ledger --------------------------------------------------------------------------------------------


def test_ledger_is_asked_for_by_colour_and_body_and_keeps_its_legend(
    ledger: LedgerPage, qtbot: QtBot
) -> None:
    assert [button.text()[-2:] for button in ledger.colours.buttons] == ["12", " 3", " 3", " 3", " 3"]
    assert all(f"{words}" in ledger.legend.text() for words in ("已销号", "按序时推进", "临期或滞后"))
    assert column_of(ledger.table, "reason").count("逾期 6 天") == 3
    ledger.show_choices((("housing", "住建局"),))
    asked: list[tuple[LedgerFilter, LedgerOrder]] = []
    ledger.list_requested.connect(lambda chosen, order: asked.append((chosen, order)))
    press(qtbot, ledger.colours.buttons[4])
    ledger.body.setFocus()
    qtbot.keyClick(ledger.body, Qt.Key.Key_Down)
    ledger.table.head.section_clicked.emit([c.key for c in ledger.table.columns].index("deadline"))
    assert asked == [
        (LedgerFilter(Colour.RED), LedgerOrder()),
        (LedgerFilter(Colour.RED, "housing"), LedgerOrder()),
        (LedgerFilter(Colour.RED, "housing"), LedgerOrder(LedgerBy.DEADLINE)),
    ]
    assert ledger.model.rowCount() == 0
    assert not ledger.item.has_content
    ledger.show_counts(0, ledger_counts(LEDGER), SCHEME, START)
    assert "没有这样的事项" in ledger.table.empty_text


def test_ledger_detail_belongs_to_the_chosen_item(ledger: LedgerPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ledger.detail_requested) as asked:
        click_cell(qtbot, ledger.table, 2, "problem")
    assert asked.args == [LEDGER[2].number]
    ledger.show_detail(ledger_detail(LEDGER[3]))
    assert not ledger.item.has_content
    ledger.show_detail(ledger_detail(LEDGER[2]))
    assert ledger.item.title == LEDGER[2].number
    assert column_of(ledger.item.milestones, "title") == ["制定方案", "设备安装", "验收"]
    assert column_of(ledger.item.history, "colour") == ["黄", "蓝"]
    assert column_of(ledger.item.progress, "percent") == ["42%", "20%"]
    with qtbot.waitSignal(ledger.ticket_requested) as opened:
        press(qtbot, ledger.item.ticket)
    assert opened.args == ["XZ-20261121-0132"]


def test_first_item_is_chosen_for_a_start(qtbot: QtBot, scale: Scale) -> None:
    page = LedgerPage(scale)
    show(qtbot, page)
    with qtbot.waitSignal(page.detail_requested) as asked:
        put_ledger(page, LEDGER)
    assert asked.args == [LEDGER[0].number]


def test_directive_about_an_item_goes_to_its_body(ledger: LedgerPage, qtbot: QtBot) -> None:
    ledger.table.selectRow(3)
    with qtbot.waitSignal(ledger.directive_requested) as asked:
        press(qtbot, ledger.directive)
    subject = asked.args[0]
    assert (subject.items, subject.bodies) == ((LEDGER[3].number,), (LEDGER[3].body,))
    assert subject.basis.startswith(f"台账 · {LEDGER[3].number} · ")
    assert len(subject.basis) <= 200
    assert LEDGER[3].colour is Colour.RED


def test_chosen_item_stays_chosen_when_the_list_is_renewed(ledger: LedgerPage) -> None:
    ledger.table.selectRow(5)
    asked: list[str] = []
    ledger.detail_requested.connect(asked.append)
    ledger.table.renew(Renewal(12, 0, LEDGER, 0, {5: LEDGER[5]}))
    assert (ledger.table.chosen(), asked) == (LEDGER[5], [])
    moved = (LEDGER[5], *LEDGER[:5], *LEDGER[6:])
    ledger.table.renew(Renewal(12, 0, moved, 0, {0: LEDGER[5]}))
    assert (ledger.table.chosen(), asked) == (LEDGER[5], [])
    ledger.table.renew(Renewal(3, 0, LEDGER[:3]))
    assert not ledger.item.has_content


# --- directives ----------------------------------------------------------------------------------------


def test_directive_detail_has_every_receipt(directives: DirectivesPage, qtbot: QtBot) -> None:
    directives.table.selectRow(1)
    directives.show_detail(directive_detail(directive_row(1)))
    receipts = directives.directive.receipts
    assert column_of(receipts, "body") == [name for _, name in BODIES]
    assert column_of(receipts, "signed")[-1] == "未签收"
    assert column_of(receipts, "accepted")[:2] == ["属实", "—"]
    with qtbot.waitSignal(directives.ticket_requested) as opened:
        click_cell(qtbot, directives.directive.basis, 1, "name")
    assert opened.args == ["XZ-20261121-0133"]


def test_only_a_leader_starts_a_directive(directives: DirectivesPage, qtbot: QtBot) -> None:
    directives.set_actor(DUTY)
    assert not directives.new.isEnabled()
    directives.set_actor(LEADER)
    with qtbot.waitSignal(directives.directive_requested) as asked:
        press(qtbot, directives.new)
    assert asked.args == [DirectiveSubject()]


def test_open_directives_alone(directives: DirectivesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(directives.list_requested) as asked:
        press(qtbot, directives.groups.buttons[1])
    assert asked.args == [DirectiveFilter(DirectiveGroup.OPEN), DirectiveOrder.NEWEST]
    assert directives.groups.buttons[2].text() == "超时 2"


# --- re-supervisions -----------------------------------------------------------------------------------


def test_only_drafts_are_launched(files: ReSupervisionsPage, qtbot: QtBot) -> None:
    files.table.selectRow(1)
    assert not files.launch.isEnabled()
    files.table.selectRow(0)
    with qtbot.waitSignal(files.re_supervision_requested) as asked:
        press(qtbot, files.launch)
    assert (asked.args[0].number, asked.args[0].body) == ("Z-2026-0000", "housing")
    files.set_actor(DUTY)
    assert files.launch.toolTip() == "只有纪检监察可以执行此操作"


def test_file_shows_what_was_frozen(files: ReSupervisionsPage) -> None:
    files.table.selectRow(1)
    files.show_detail(file_detail(file_row(1)))
    assert "7 条事件" in files.file.frozen.text()
    assert column_of(files.file.events, "kind")[:3] == ["受理", "签收", "分派"]
    assert "主办 住房和城乡建设局" in column_of(files.file.events, "text")[2]
    assert files.file.facts.value(9).startswith("#a1f3")
    files.table.selectRow(0)
    files.show_detail(file_detail(file_row(0, FileState.DRAFTED)))
    assert "尚未启动" in files.file.frozen.text()


def test_files_by_group(files: ReSupervisionsPage, qtbot: QtBot) -> None:
    assert [button.text() for button in files.which.buttons] == [
        "全部 6",
        "草稿 1",
        "办理中 3",
        "已办结 2",
    ]
    assert column_of(files.table, "state")[-2:] == ["已办结", "不启动"]
    with qtbot.waitSignal(files.list_requested):
        press(qtbot, files.which.buttons[3])
    assert files.group is FileGroup.ENDED
    assert files.model.rowCount() == 0
    assert not files.file.has_content


def test_a_state_that_a_newer_program_wrote_is_shown_as_it_is(files: ReSupervisionsPage) -> None:
    row = replace(file_row(1), state="handed up", node="weigh")  # type: ignore[arg-type]
    files.model.set_page(0, [row], 1)
    files.table.selectRow(0)
    files.show_detail(replace(file_detail(row), row=row))
    files.grab()
    assert column_of(files.table, "state") == ["handed up"]
    assert column_of(files.table, "node") == ["weigh"]
    assert "handed up" in files.file.note


@pytest.mark.parametrize("size", [(1024, 640), (1161, 653), (1366, 768)])
def test_no_list_scrolls_sideways(
    warnings: WarningsPage,
    directives: DirectivesPage,
    files: ReSupervisionsPage,
    scale: Scale,
    qapp: QApplication,
    size: tuple[int, int],
) -> None:
    scale.fit(*size)
    apply_style(qapp, scale)
    qapp.processEvents()  # what was laid out for a larger size is as wide as that
    for page in (warnings, directives, files):
        page.resize(size[0], size[1] - scale.size("header_height"))
        qapp.processEvents()
        assert page.width() == size[0]
        assert page.table.horizontalScrollBar().maximum() == 0


def test_a_file_without_a_body_says_so(files: ReSupervisionsPage) -> None:
    files.model.set_page(0, [replace(file_row(0), body=None, body_name="")], 1)
    assert column_of(files.table, "body") == ["待定"]


def test_pages_fit_the_smallest_window(
    warnings: WarningsPage,
    rankings: RankingsPage,
    ledger: LedgerPage,
    directives: DirectivesPage,
    files: ReSupervisionsPage,
    scale: Scale,
    qapp: QApplication,
) -> None:
    # In the style of that size: another test may have left that of a large wall.
    scale.fit(1366, 768)
    apply_style(qapp, scale)
    for page in (warnings, rankings, ledger, directives, files):
        hint = page.minimumSizeHint()
        assert hint.width() <= 1366
        assert hint.height() <= 700
