"""案件: one line a matter, of every kind and state; what the filters ask for, and what a click opens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from domain.case import Ending, MatterKind
from domain.drafts import Choice
from domain.matter_listing import MatterCounts, MatterFilter, MatterRow
from domain.nodes import Node
from tests.widgets.case_records import START, after
from widgets.pages.matters_page import MattersPage, state_mark
from widgets.scale import Scale
from widgets.status import Shape
from widgets.style import apply_style, load_fonts

NOW = after(days=1)
SORTS = {
    MatterKind.RESPONSIBILITY: "lead_in_charge",
    MatterKind.REQUEST: "extension",
    MatterKind.HELP: "",
    MatterKind.DECISION: "consultation",
    MatterKind.TRANSFER: "police",
    MatterKind.RECORD: "plan",
    MatterKind.SUBJECT: "",
    MatterKind.SUPERVISION: "",
    MatterKind.MARK: "model",
}
LONG = "彭城街道办事处辖区老旧小区底层商铺餐饮单位（含夜间烧烤摊点及临时占道经营户）油烟噪声扰民"


def row(number: int = 1, kind: MatterKind = MatterKind.DECISION, title: str = "停工") -> MatterRow:
    return MatterRow(
        f"XZ-20261121-{number:04}",
        "夜间施工噪声扰民",
        kind,
        number,
        1 if kind is MatterKind.DECISION else 0,
        SORTS[kind],
        title,
        Node.RECTIFY if kind is MatterKind.REQUEST else None,
        "住建局",
        "平台办",
        "周副市长",
        "住建局",
        after(days=number) if kind in (MatterKind.DECISION, MatterKind.REQUEST) else None,
        START,
        None,
        None,
        after(hours=3) if kind is MatterKind.RESPONSIBILITY else None,
    )


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[MattersPage]:
    load_fonts()
    made = MattersPage(Scale())
    qtbot.addWidget(made)
    made.resize(1920, 1016)
    made.show()
    yield made
    qapp.setStyleSheet("")


def show(page: MattersPage, rows: list[MatterRow]) -> None:
    page.model.set_page(0, rows, len(rows))
    counts = {kind: sum(r.kind is kind for r in rows) for kind in MatterKind}
    page.show_counts(len(rows), MatterCounts(counts, 1 if rows else 0, {"周副市长": 2}), NOW)


def test_every_kind_has_a_line_with_words_for_all(page: MattersPage, qtmodeltester: ModelTester) -> None:
    show(page, [row(number, kind) for number, kind in enumerate(MatterKind, 1)])
    words = []
    for line in range(len(MatterKind)):
        cells = [
            page.model.index(line, column).data(Qt.ItemDataRole.DisplayRole)
            for column in range(len(page.table.columns))
        ]
        words.append(cells)
    chips = [line[0] for line in words]
    assert chips == [
        "包案领导",
        "申请延期",
        "求助",
        "议定事项",
        "移送",
        "一案一策",
        "检查对象",
        "联合督办",
        "典型案例",
    ]
    assert [line[1] for line in words] == [
        "在列", "待批准", "待答复", "待落实", "待回执", "待批准", "未检查", "待签结", "在列"
    ]  # fmt: skip
    assert words[1][2] == "整改 · 停工"
    assert words[4][2] == "公安机关 · 停工"
    assert words[1][3] == "住建局 → 平台办"
    qtmodeltester.check(page.model, force_py=True)


@pytest.mark.parametrize(
    ("found", "word", "shape"),
    [
        (row(1), "待落实", Shape.DIAMOND),
        (replace(row(1), due_at=NOW - timedelta(seconds=1)), "逾期", Shape.SQUARE),
        (replace(row(1), ended_at=NOW, ending=Ending.DONE), "已完成", Shape.CIRCLE),
        (replace(row(1, MatterKind.RESPONSIBILITY), person=""), "待明确", Shape.SQUARE),
        (replace(row(1, MatterKind.SUBJECT), ended_at=NOW, sort="violation"), "违法", Shape.SQUARE),
        (replace(row(1, MatterKind.SUBJECT), ended_at=NOW, sort="compliant"), "合格", Shape.CIRCLE),
        (replace(row(1, MatterKind.REQUEST), ended_at=NOW, ending=Ending.LAPSED), "已失效", Shape.CIRCLE),
    ],
)
def test_a_state_is_word_and_shape(found: MatterRow, word: str, shape: Shape) -> None:
    mark = state_mark(found, NOW)
    assert (mark.word, mark.shape) == (word, shape)


def test_filters_ask_for_kind_body_person_and_what_is_over(page: MattersPage, qtbot: QtBot) -> None:
    """Q09: a lead-in-charge's list."""
    page.show_bodies([Choice("housing", "住建局"), Choice("ecology", "生态环境局")])
    show(page, [row()])
    assert page.people.isHidden()
    asked: list[MatterFilter] = []

    def ask() -> None:
        asked.append(page.chosen)

    page.list_requested.connect(ask)
    page.show_kind(MatterKind.RESPONSIBILITY)
    show(page, [row(1, MatterKind.RESPONSIBILITY)])
    assert not page.people.isHidden()
    assert page.people.itemText(1) == "周副市长（2）"
    page.people.setCurrentIndex(1)
    page.people.activated.emit(1)
    qtbot.mouseClick(page.ended, Qt.MouseButton.LeftButton)
    page.bodies.setCurrentIndex(2)
    page.bodies.activated.emit(2)
    assert asked[-1] == MatterFilter(MatterKind.RESPONSIBILITY, "ecology", "周副市长", with_ended=True)
    # Another kind has no leads-in-charge to choose from.
    page.show_kind(MatterKind.HELP)
    assert asked[-1] == MatterFilter(MatterKind.HELP, "ecology", None, with_ended=True)
    page.show_bodies([Choice("housing", "住建局"), Choice("ecology", "生态环境局")])
    assert page.chosen.body == "ecology"


def test_a_line_opens_its_ticket(page: MattersPage, qtbot: QtBot) -> None:
    show(page, [row(7)])
    opened: list[str] = []
    page.ticket_requested.connect(opened.append)
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert opened == ["XZ-20261121-0007"]
    assert page.keys_of(frozenset(opened)) == [row(7).key]
    assert page.keys_of(frozenset(("XZ-1",))) == []


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
def test_forty_long_lines_and_none_fit(page: MattersPage, qapp: QApplication, size: tuple[int, int]) -> None:
    page._scale.fit(*size)
    apply_style(qapp, page._scale)
    kinds = list(MatterKind)
    show(page, [row(number, kinds[number % 8], LONG) for number in range(1, 41)])
    page.resize(size[0], size[1] - page._scale.px(64))
    page.grab()
    assert page.width() == size[0]
    assert page.table.horizontalScrollBar().maximum() == 0
    first, last = page.table.rows_in_sight()
    assert last - first >= 15
    show(page, [])
    assert page.table.empty_text == "没有这类事项"
    page.grab()
