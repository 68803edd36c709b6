"""The index part of the environment page: ranking, moves, the year before (T01, X04)."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.aqi.places import PlaceKind
from domain.aqi.standing import AirQuery
from domain.stations import Span
from tests.widgets import air_records
from tests.widgets.samples import NOW
from widgets.environment.index_view import IndexView
from widgets.scale import Scale
from widgets.style import apply_style, load_fonts


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> Iterator[IndexView]:
    load_fonts()
    scale = Scale()
    apply_style(qapp, scale)
    made = IndexView(scale)
    qtbot.addWidget(made)
    made.resize(1880, 900)
    made.show()
    qtbot.waitExposed(made)
    made.show_air(air_records.view(NOW), NOW)
    yield made
    qapp.setStyleSheet("")


def shown(view: IndexView, row: int) -> list[str]:
    model = view.table.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_the_order_with_level_in_words_and_na_at_the_end(view: IndexView):
    first, last = shown(view, 0), shown(view, 9)
    assert first[0] == "1"
    assert first[2:5] == ["丰县", "58 良", "PM10"]
    assert first[5:] == ["53", "100", "11", "32", "0.7", "47"]
    assert last[0] == "–"
    assert last[2:4] == ["鼓楼区", "NA"]
    assert "HJ 633-2026" in view.list.note
    assert shown(view, 8)[3] == "301 严重污染"


def test_the_chosen_place_shows_how_it_came(view: IndexView):
    assert view.history.accessibleName().startswith("丰县 ")
    view.table.selectRow(3)
    assert view.history.accessibleName().startswith("铜山区 ")
    assert view.course.accessibleName().startswith("铜山区 ")
    assert view.course.accessibleName().endswith(" 88")
    view.grab()


def test_the_year_is_compared_under_one_edition_or_not_at_all(view: IndexView):
    """T01: good days 85 % after 80 %, PM2.5 35 after 40."""
    said = view.year.accessibleName()
    assert "两年均按 HJ 633-2026 计算" in said
    view.show_air(air_records.view(NOW, comparable=False), NOW)
    assert "不作同比" in view.year.accessibleName()
    view.grab()


def test_another_ranking_is_asked_for_and_a_late_answer_to_another_question_left_out(
    view: IndexView, qtbot: QtBot
):
    with qtbot.waitSignal(view.air_requested) as caught:
        qtbot.mouseClick(view.kinds.buttons[2], Qt.MouseButton.LeftButton)
    assert caught.args == [AirQuery(PlaceKind.STATION)]
    note = view.list.note
    view.show_air(air_records.view(NOW, AirQuery(PlaceKind.AREA, Span.DAY)), NOW)
    assert view.list.note == note
    view.ask(AirQuery(PlaceKind.AREA, Span.DAY))
    view.show_air(air_records.view(NOW, AirQuery(PlaceKind.AREA, Span.DAY)), NOW)
    assert "11-20" in view.list.note
