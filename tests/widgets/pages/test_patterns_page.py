"""规律: bodies beside their peers, the record of one, and what each number opens (T12, T28, X05, X06)."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.events import Behaviour, WarningKind
from domain.listing import Outcome
from domain.nodes import Node
from domain.patterns import (
    FileCount,
    Flow,
    History,
    HistoryQuery,
    LateNode,
    NodeCount,
    PastFile,
    PatternCounts,
    PatternQuery,
    PersonCount,
    TicketsQuery,
    Trait,
    WarningCount,
)
from domain.ranking import RankingRow
from domain.ranking_query import RankBy, RankingPage, RankingQuery
from domain.re_supervision import FileState
from tests.widgets.case_records import DUTY, OFFICER, START
from tests.widgets.page_records import file_row
from widgets.pages.patterns_page import PatternsPage
from widgets.pages.ranking_page import RECORD, RankingsPage
from widgets.pages.re_supervisions_page import ReSupervisionsPage
from widgets.scale import Scale

SINCE = START - timedelta(days=90)
COUNTS = PatternCounts(
    SINCE,
    START,
    {"housing": "住建局", "police": "公安局", "water": "水务局", "small": "小局"},
    (
        NodeCount("housing", Node.SIGN, 100, 60, 7),
        NodeCount("housing", Node.ARRIVE, 100, 5, 0),
        NodeCount("police", Node.SIGN, 200, 10, 0),
        NodeCount("water", Node.SIGN, 200, 8, 0),
        NodeCount("small", Node.SIGN, 3, 3, 3),
    ),
    (WarningCount("housing", Node.RECTIFY, WarningKind.WRONG, "E01", "报整改办结须有现场影像", 9),),
    handed={"housing": 12},
    files={"housing": FileCount(3, 1)},
    thin=frozenset({"E01"}),
    flows=(Flow("housing", "police", 9, 4), Flow("housing", "water", 3), Flow("police", "housing", 0, 2)),
)
LATE = LateNode("T-1", "夜间施工噪声", Node.SIGN, 1, "陈立", START - timedelta(hours=3), None)
FILE = PastFile(file_row(0, FileState.CLOSED), Behaviour.SLOWNESS, "拖延", "谈话")


@pytest.fixture
def page(qtbot: QtBot, qapp: object) -> PatternsPage:
    made = PatternsPage(Scale())
    qtbot.addWidget(made)
    made.resize(1900, 900)
    made.show()
    return made


def column(page: PatternsPage, key: str) -> list[str]:
    model = page.table.model()
    place = next(n for n, each in enumerate(page.table.columns) if each.key == key)
    return [model.cells(row)[place].text for row in range(model.rowCount())]  # type: ignore[index, attr-defined]


def test_who_stands_out_is_first_and_chosen(page: PatternsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.history_requested) as sent:
        page.show_counts(PatternQuery(), COUNTS)
    assert column(page, "name")[0] == "住建局"
    assert "1 个高于同类" in page.panel.note
    assert column(page, Trait.LATE)[0] == "32.5%"
    assert column(page, Trait.THIN)[0] == "9·4.5"
    assert sent.args == [HistoryQuery("housing")]
    assert page.record.title == "住建局"
    small = page.table.model().cells(3)[2]  # type: ignore[attr-defined]
    assert "样本不足" in small.tooltip


def test_nothing_and_one(page: PatternsPage) -> None:
    page.show_counts(PatternQuery(), PatternCounts(SINCE, START, {}))
    assert page.table.empty_text == "没有责任主体"
    assert not page.record.has_content
    page.show_counts(PatternQuery(), PatternCounts(SINCE, START, {"housing": "住建局"}))
    assert column(page, Trait.LATE) == ["—"]


def test_an_answer_to_an_older_question_is_passed_over(page: PatternsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.patterns_requested) as sent:
        qtbot.mouseClick(page.days.buttons[2], Qt.MouseButton.LeftButton)
    assert sent.args == [PatternQuery(365)]
    page.show_counts(PatternQuery(90), COUNTS)
    assert page.counts is None


@pytest.mark.parametrize(
    ("key", "outcome"),
    [("due", Outcome.DUE), (Trait.LATE, Outcome.NOT_ON_TIME), (Trait.OPEN, Outcome.OPEN_OVERDUE)],
)
def test_a_number_opens_its_tickets(page: PatternsPage, qtbot: QtBot, key: str, outcome: Outcome) -> None:
    page.show_counts(PatternQuery(), COUNTS)
    with qtbot.waitSignal(page.tickets_requested) as sent:
        page.table.record_activated.emit(page.table.chosen(), key)
    wanted, title = sent.args
    assert (wanted.body, wanted.outcome, wanted.due_from, wanted.due_to) == ("housing", outcome, SINCE, START)
    assert title.startswith("住建局 · ")


def test_a_number_that_no_filter_names_is_asked_for(page: PatternsPage, qtbot: QtBot) -> None:
    page.show_counts(PatternQuery(), COUNTS)
    with qtbot.waitSignal(page.numbers_requested) as sent:
        page.table.record_activated.emit(page.table.chosen(), Trait.PUSHED)
    assert sent.args[0] == TicketsQuery("housing", Trait.PUSHED, SINCE, START)
    rules = page.record.tables["rules"]
    with qtbot.waitSignal(page.numbers_requested) as sent:
        rules.record_activated.emit(rules.model().record(0), "count")  # type: ignore[attr-defined]
    assert sent.args[0].rule_id == "E01"


def test_the_record_of_a_body_and_of_a_person(page: PatternsPage, qtbot: QtBot) -> None:
    page.show_counts(PatternQuery(), COUNTS)
    people = (PersonCount("陈立", 150, 60), PersonCount("", 7, 7))
    page.show_history(HistoryQuery("police"), History("police", "", people, 1, (LATE,), (FILE,)))
    assert page.record.tables["people"].model().rowCount() == 0  # of a body that is not on screen
    page.show_history(HistoryQuery("housing"), History("housing", "", people, 1, (LATE,), (FILE,)))
    table = page.record.tables["people"]
    with qtbot.waitSignal(page.history_requested) as sent:
        table.record_activated.emit(table.model().record(0), "late")  # type: ignore[attr-defined]
    assert sent.args == [HistoryQuery("housing", "陈立")]
    assert page.record.tables["late"].isVisible()
    with qtbot.waitSignal(page.ticket_requested) as sent:
        page.record.tables["late"].record_activated.emit(LATE, "ticket")
    assert sent.args == ["T-1"]
    with qtbot.waitSignal(page.file_requested) as sent:
        page.record.tables["files"].record_activated.emit(FILE, "number")
    assert sent.args == [FILE.row.number]
    with qtbot.waitSignal(page.history_requested) as sent:
        qtbot.mouseClick(page.record.whose, Qt.MouseButton.LeftButton)
    assert sent.args == [HistoryQuery("housing")]


def test_a_body_that_is_asked_for_before_it_is_listed(page: PatternsPage) -> None:
    page.show_body("water")
    page.show_counts(PatternQuery(), COUNTS)
    assert page.record.title == "水务局"


def test_records_are_offered_to_few(qtbot: QtBot, qapp: object) -> None:
    """Restricted (T28): discipline officers and leaders; others read why not."""
    files, ranking = ReSupervisionsPage(Scale()), RankingsPage(Scale())
    for made in (files, ranking):
        qtbot.addWidget(made)
    files.set_actor(OFFICER)
    assert not files.patterns.isHidden()
    files.set_actor(None)
    assert files.patterns.isHidden()
    ranking.set_actor(OFFICER)
    place = next(n for n, each in enumerate(ranking.table.columns) if each.key == RECORD)
    row = RankingRow("housing", "住建局", 9, 9, 0, 1.0, 0.7, 1)
    query = RankingQuery(RankBy.BODY)
    ranking.show_ranking(RankingPage(query, (row,), SINCE, START, START))
    with qtbot.waitSignal(ranking.history_requested) as sent:
        ranking.table.record_activated.emit(row, RECORD)
    assert sent.args == ["housing"]
    ranking.set_actor(DUTY)
    cell = ranking.model.cells(0)
    assert cell is not None
    assert "只有" in cell[place].tooltip
    with qtbot.assertNotEmitted(ranking.history_requested):
        ranking.table.record_activated.emit(row, RECORD)


def test_hand_overs_stand_where_giver_and_taker_meet(page: PatternsPage, qtbot: QtBot) -> None:
    """T22: from the line's body to the column's; a number opens its tickets."""
    page.show_counts(PatternQuery(), COUNTS)
    assert page.flow.isHidden()
    assert page.legend.isHidden()
    page.view.choose(True)
    page.view.choice_changed.emit(True)
    assert page.flow.isVisible()
    # What the yellow ones are is said under them.
    assert page.legend.isVisible()
    assert "黄色加粗：移交次数达到全表最多一格的 50% 以上" in page.legend.text()
    striking = [cell for cell in page.flow.matrix.cells(0) if cell is not None and cell.colour == "due_soon"]
    assert [cell.text for cell in striking] == ["9 / 4"]
    assert page.table.isHidden()
    model = page.flow.matrix
    words = [[cell.text for cell in model.cells(row) or ()] for row in range(model.rowCount())]
    # Columns in the order of the city's bodies; who neither gave nor got anything has none.
    assert [c.title for c in page.flow.columns][1:] == ["住建局", "公安局", "水务局"]
    assert words == [["住建局", "—", "9 / 4", "3"], ["公安局", "0 / 2", "—", ""]]
    with qtbot.waitSignal(page.numbers_requested) as sent:
        page.flow.record_activated.emit(model.record(0), "body:police")
    assert sent.args == [
        TicketsQuery("housing", Trait.PUSHED, SINCE, START, to="police"),
        "住建局 移交 公安局",
    ]
    with qtbot.assertNotEmitted(page.numbers_requested):
        page.flow.record_activated.emit(model.record(1), "body:housing")
    page.view.choice_changed.emit(False)
    assert page.table.isVisible()
