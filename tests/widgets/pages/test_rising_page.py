"""The page of kinds that rise faster than usual (B18): words, and the list that a line opens."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain.listing import TicketFilter
from domain.rising import PlaceCount, RisingRule, rises
from widgets.pages.rising_page import RisingPage
from widgets.scale import Scale

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_a_line_says_how_much_more_it_is_and_opens_its_tickets(qtbot: QtBot) -> None:
    scale = Scale()
    page = RisingPage(scale)
    scale.setParent(page)
    qtbot.addWidget(page)
    counts = [
        PlaceCount("B01", "320312", "黄集镇", ("A", "B", "C", "D", "E", "F"), 4, "建筑工地扬尘", "铜山区"),
        PlaceCount("D01", "320302", "", ("G", "H", "I"), 0, "餐饮油烟", "鼓楼区"),
    ]
    page.show_rises(rises(counts), RisingRule(), NOW)
    model = page.table.model()
    said = [[model.index(row, column).data() for column in range(5)] for row in range(model.rowCount())]
    assert said == [
        ["建筑工地扬尘", "铜山区黄集镇", "6 件", "0.5 件", "12.0 倍"],
        ["餐饮油烟", "鼓楼区", "3 件", "0.0 件", "此前没有"],
    ]
    page.table.selectRow(0)
    with qtbot.waitSignal(page.tickets_requested) as opened:
        QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert opened.args[0] == TicketFilter(numbers=("A", "B", "C", "D", "E", "F"))
    page.show_rises((), RisingRule(), NOW)
    assert "没有上升异常" in page.table.empty_text
