"""导出 on the pages, over the real store: all rows of a list, no complainants, and the window goes on."""

import asyncio
import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from data_access.store import Store
from desktop.pages.ledger import LedgerDesk
from desktop.pages.lists import RankingsDesk
from desktop.pages.tickets import TicketsDesk
from desktop.pages.warnings import WarningsDesk
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from domain.listing import TicketFilter
from tests.data_access.readers.worlds import ANCHOR, put_demo
from widgets.pages.ledger_page import LedgerPage
from widgets.pages.ranking_page import RankingsPage
from widgets.pages.warnings_page import WarningsPage
from widgets.scale import Scale
from widgets.tickets.page import TicketListPage

TICKETS = 300


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize(
    ("page_type", "desk_type"),
    [
        (TicketListPage, TicketsDesk),
        (WarningsPage, WarningsDesk),
        (LedgerPage, LedgerDesk),
        (RankingsPage, RankingsDesk),
    ],
)
async def test_every_list_can_be_exported(
    store: Store, qtbot: QtBot, tmp_path: Path, page_type: type[Any], desk_type: type[Any]
) -> None:
    put_demo(store, TICKETS)
    complained = "INSERT INTO complainant SELECT number, '孟庆云', '13800001111', false FROM ticket"
    store.write(lambda c: c.execute(text(f"{complained} ON CONFLICT DO NOTHING")))
    page = page_type(Scale())
    qtbot.addWidget(page)
    page.resize(1600, 900)
    page.show()
    desk = desk_type(page, Readings(watched_by_engine(store), ANCHOR), page)
    said: list[str] = []
    desk.refused.connect(said.append)
    await desk.refresh()
    for ending in (".csv", ".xlsx"):
        path = tmp_path / f"a{ending}"
        written = await desk.export.write(path)
        assert written == page.table.model().rowCount() > 3
        assert f"已导出 {written} 行" in said[-1]
        assert desk.export.button.isEnabled()
    header, *rows = rows_of(tmp_path / "a.csv")
    assert header == [column.title for column in page.table.columns]
    assert len(rows) == written
    sheet = load_workbook(tmp_path / "a.xlsx", read_only=True).active
    assert sum(1 for _ in sheet.iter_rows()) == written + 1
    everything = (tmp_path / "a.csv").read_text("utf-8")
    assert "孟庆云" not in everything
    assert "13800001111" not in everything


async def test_the_file_is_named_by_the_hand(store: Store, qtbot: QtBot, tmp_path: Path) -> None:
    put_demo(store, 120)
    page = TicketListPage(Scale())
    qtbot.addWidget(page)
    page.resize(1600, 900)
    page.show()
    desk = TicketsDesk(page, Readings(watched_by_engine(store), ANCHOR), page)
    desk.export.button.click()
    assert desk.export.dialog is None, "there is no list yet"
    desk.open_list(TicketFilter(), "全部/工单:今日")
    await desk.refresh()
    desk.export.button.click()
    dialog = desk.export.dialog
    assert dialog is not None
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    offered = Path(dialog.selectedFiles()[0]).name
    assert offered.startswith("全部_工单_今日 ")
    dialog.reject()
    assert desk.export.dialog is None


@pytest.mark.faults_expected
async def test_a_folder_that_cannot_be_written_is_said(store: Store, qtbot: QtBot, tmp_path: Path) -> None:
    put_demo(store, 120)
    page = TicketListPage(Scale())
    qtbot.addWidget(page)
    desk = TicketsDesk(page, Readings(watched_by_engine(store), ANCHOR), page)
    said: list[str] = []
    desk.refused.connect(said.append)
    desk.open_list(TicketFilter(), "全部")
    await desk.refresh()
    assert await desk.export.write(tmp_path / "no" / "a.csv") is None
    assert "未导出" in said[-1]


async def test_the_window_goes_on_meanwhile(store: Store, qtbot: QtBot, tmp_path: Path) -> None:
    """The loop keeps ticking while rows are read and written: it is not waited for."""
    put_demo(store, TICKETS)
    page = TicketListPage(Scale())
    qtbot.addWidget(page)
    desk = TicketsDesk(page, Readings(watched_by_engine(store), ANCHOR), page)
    desk.open_list(TicketFilter(), "全部")
    await desk.refresh()
    writing = asyncio.ensure_future(desk.export.write(tmp_path / "a.xlsx"))
    ticks = 0
    while not writing.done():
        await asyncio.sleep(0.005)
        ticks += 1
    assert await writing
    assert ticks > 3
