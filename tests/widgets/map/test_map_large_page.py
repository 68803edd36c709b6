"""The map's own page: the strip and the lists choose, show what is chosen, and stay while counts change."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.urgency import Urgency
from tests.widgets.map.driving import PATIENCE, run, settle
from tests.widgets.map.samples import CODES, columns_of, scattered
from widgets.map.choice import CountRow, MapFilter
from widgets.map.large_page import MapPage
from widgets.map.points import STATES, URGENCIES, Choice, PointColumns
from widgets.map.view import TicketMap
from widgets.record_list import RECORD_ROLE
from widgets.scale import Scale

KINDS = (Choice("B01", "工地", "B", "扬尘"), Choice("A01", "烟囱", "A", "废气"))
BODIES = (Choice("eco", "生态环境局"), Choice("city", "城管局"))
LEFT = Qt.MouseButton.LeftButton


def board(count: int) -> PointColumns:
    """Return tickets whose categories and bodies follow one another."""
    turn = np.arange(count)
    return replace(
        columns_of(scattered(count)),
        category=turn % 3 - 1,
        categories=KINDS,
        body=turn % 2,
        bodies=BODIES,
    )


@pytest.fixture
def page(qtbot: QtBot, scale: Scale, ticket_map: TicketMap) -> MapPage:
    made = MapPage(scale)
    qtbot.addWidget(made)
    made.follow(ticket_map)
    made.take(ticket_map)
    made.resize(1400, 800)
    made.show()
    ticket_map.show_columns(board(300))
    settle(qtbot, ticket_map)
    return made


def test_tab_reaches_every_choice_of_the_strip(page: MapPage) -> None:
    chips = [*page.strip.urgencies, *page.strip.states]
    policies = [chip.focusPolicy() for chip in chips]
    chips[1].setFocus()
    chips[1].click()
    assert [chip.focusPolicy() for chip in chips] == policies


def test_the_strip_counts_each_choice(page: MapPage, ticket_map: TicketMap) -> None:
    facets = ticket_map.facets
    for button, word, tickets in zip(
        page.strip.urgencies, ("特急", "一级", "普通"), facets.urgencies, strict=True
    ):
        assert button.text() == f"{word} {tickets}"
    assert page.strip.states[0].text() == f"超期 {facets.states[0]}"
    assert not page.strip.states[0].icon().isNull()
    box = page.strip.categories
    listed = [box.itemText(row) for row in range(box.count())]
    # Classes in their order, each with its kinds, then what has none.
    assert [text.strip("　").split()[0] for text in listed] == [
        "全部类别",
        "废气",
        "烟囱",
        "扬尘",
        "工地",
        "未分类",
    ]
    assert listed[1].split()[1] == listed[2].split()[1] == "100"


def test_chips_choose_several_at_once_and_clear(qtbot: QtBot, page: MapPage, ticket_map: TicketMap) -> None:
    QTest.mouseClick(page.strip.states[0], LEFT)
    QTest.mouseClick(page.strip.urgencies[2], LEFT)
    box = page.strip.categories
    box.setCurrentIndex(3)
    box.activated.emit(3)
    expected = MapFilter(frozenset({TicketState.OVERDUE}), frozenset({Urgency.ORDINARY}), "B")
    assert ticket_map.filter == expected
    settle(qtbot, ticket_map)
    late = STATES.index(TicketState.OVERDUE)
    columns = board(300)
    plain = columns.urgency == URGENCIES.index(Urgency.ORDINARY)
    meant = int(((columns.state == late) & plain & (columns.category == 0)).sum())
    assert page.strip.total.text() == f"清单 {meant} 件"
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        QTest.mouseClick(page.strip.total, LEFT)
    wanted = TicketFilter(open_only=True, state=TicketState.OVERDUE, urgency=Urgency.ORDINARY, category="B")
    assert opened.args == [wanted, f"全市 · 普通 · 超期 · 扬尘 · 在办 {meant} 件"]
    QTest.mouseClick(page.strip.clear, LEFT)
    assert not ticket_map.filter
    assert box.currentIndex() == 0
    assert not any(button.isChecked() for button in (*page.strip.states, *page.strip.urgencies))


# The off-screen platform cannot raise a popup.
@pytest.mark.qt_log_ignore("does not support raise", "grabbing the keyboard", "propagateSizeHints")
def test_an_open_list_of_categories_stays_open_while_counts_change(
    qtbot: QtBot, page: MapPage, ticket_map: TicketMap
) -> None:
    box = page.strip.categories
    box.showPopup()
    box.view().setCurrentIndex(box.model().index(3, 0))
    ticket_map.show_columns(board(330))
    settle(qtbot, ticket_map)
    assert box.view().isVisible()
    assert box.view().currentIndex().row() == 3
    assert box.itemText(3) == "扬尘 110"
    box.hidePopup()


def test_a_row_leads_into_its_county_and_escape_back(
    qtbot: QtBot, page: MapPage, ticket_map: TicketMap
) -> None:
    rows = page.counties.rows
    first: CountRow = rows.model().index(0, 0).data(RECORD_ROLE)
    assert first.overdue == max(row.overdue for row in ticket_map.facets.counties)
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualRect(rows.model().index(0, 0)).center())
    assert ticket_map.filter.areas == (first.key,)
    settle(qtbot, ticket_map)
    # The other counties keep their counts, to go on to them.
    assert {row.key for row in ticket_map.facets.counties if row.open} == set(CODES)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not ticket_map.is_in_county
    settle(qtbot, ticket_map)


def test_a_body_filters_and_a_second_click_lets_go(
    qtbot: QtBot, page: MapPage, ticket_map: TicketMap
) -> None:
    page.bodies.row_chosen.emit("city")
    settle(qtbot, ticket_map)
    assert ticket_map.facets.total == 150
    assert sum(row.open for row in ticket_map.facets.bodies) == 300
    page.bodies.row_chosen.emit("city")
    assert ticket_map.filter.body is None


def test_the_filters_badge_is_for_the_page_that_has_no_strip(
    qtbot: QtBot, page: MapPage, ticket_map: TicketMap
) -> None:
    ticket_map.set_filter(MapFilter(frozenset({TicketState.OVERDUE})))
    settle(qtbot, ticket_map)
    badge = "document.querySelector('.badge').offsetParent !== null"
    assert run(ticket_map, badge) is False
    page.hide()
    ticket_map.set_large(False)
    qtbot.waitUntil(lambda: run(ticket_map, badge) is True, timeout=PATIENCE)


def test_a_map_of_nothing_says_so(qtbot: QtBot, page: MapPage, ticket_map: TicketMap) -> None:
    ticket_map.show_columns(columns_of([]))
    settle(qtbot, ticket_map)
    assert page.strip.total.text() == "清单 0 件"
    assert not page.strip.total.isEnabled()
    assert page.bodies._empty.isVisible()
