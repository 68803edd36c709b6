"""按月合计: each figure opens exactly its tickets (Q19)."""

from datetime import date

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.listing import TicketFilter
from domain.month_sums import MonthSums, months_before
from domain.nodes import Node
from tests.domain.city import at
from widgets.pages.matters_page import MattersPage
from widgets.scale import Scale
from widgets.style import apply_style, load_fonts

SUMS = tuple(
    MonthSums(month, 100 + n, 20 + n, 1_234_567 * n, n, n // 2)
    for n, month in enumerate(months_before(date(2026, 11, 22)))
)


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> MattersPage:
    load_fonts()
    scale = Scale()
    apply_style(qapp, scale)
    made = MattersPage(scale)
    qtbot.addWidget(made)
    made.resize(1920, 1016)
    made.show()
    return made


def test_months_are_twelve_over_the_turn_of_the_year() -> None:
    months = months_before(date(2026, 2, 28))
    assert (months[0], months[1], months[2], months[-1]) == (
        date(2026, 2, 1),
        date(2026, 1, 1),
        date(2025, 12, 1),
        date(2025, 3, 1),
    )


def test_a_figure_opens_its_tickets(page: MattersPage, qtbot: QtBot) -> None:
    assert page.sums.isHidden()
    with qtbot.waitSignal(page.sums_requested):
        page.by_month.click()
    assert page.sums.isVisible()
    page.sums.show_sums(SUMS, "housing")
    assert page.sums.model.rowCount() == 13
    found: list[tuple[TicketFilter, str]] = []
    page.sums.tickets_requested.connect(lambda *sent: found.append(sent))
    page.sums.table.record_activated.emit(SUMS[0], "filed")
    page.sums.table.record_activated.emit(page.sums.model.record(0), "penalised")
    page.sums.table.record_activated.emit(SUMS[0], "transferred")
    begin, end = at("2026-11-01 00:00"), at("2026-12-01 00:00")
    assert found == [
        (TicketFilter(node=Node.FILE, done_from=begin, done_to=end, body="housing"), "2026-11：立案"),
        (
            TicketFilter(node=Node.PENALISE, done_from=at("2025-12-01 00:00"), done_to=end, body="housing"),
            "合计：处罚",
        ),
    ]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
def test_it_fits(page: MattersPage, qapp: QApplication, size: tuple[int, int]) -> None:
    page._scale.fit(*size)
    apply_style(qapp, page._scale)
    page.by_month.click()
    page.sums.show_sums(SUMS, None)
    page.resize(size[0], size[1] - page._scale.px(64))
    page.grab()
    assert page.width() == size[0]
    assert page.sums.table.horizontalScrollBar().maximum() == 0
    assert page.sums.table.verticalScrollBar().maximum() == 0
