"""A list on screen over a real store: it opens, jumps, follows changes, and nothing moves under the eyes."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import insert, select, update

from data_access import schema
from data_access.store import Store
from desktop import runtime
from desktop.pages.ledger import LedgerDesk
from desktop.pages.tickets import TicketsDesk
from desktop.pages.warnings import WarningsDesk
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from desktop.touched import Touched
from domain.events import WarningLevel
from domain.ledger import Colour
from domain.listing import TicketFilter, TicketOrder, WarningFilter, WarningOrder, WarningRow
from domain.nodes import TicketState
from domain.urgency import Urgency
from domain.warning_causes import CauseRow
from tests.data_access.readers.worlds import ANCHOR, put_demo, put_tickets
from tests.data_access.streams import whole_life
from tests.fresh_database import filled, opened_copy
from widgets.pages.ledger_page import LedgerPage
from widgets.pages.warnings_page import WarningsPage
from widgets.scale import Scale
from widgets.table.paged import PAGE_SIZE
from widgets.tickets.page import TicketListPage

MANY = 5000


@pytest.fixture(scope="module")
def many_database(postgres: Path, template_database: str) -> Iterator[str]:
    with filled(postgres, template_database, _fill) as name:
        yield name


@pytest.fixture
def many(postgres: Path, many_database: str) -> Iterator[Store]:
    """Many tickets: one that was lived, and as many rows like it as a list needs to be long."""
    with opened_copy(postgres, many_database) as store:
        yield store


def _fill(store: Store) -> None:
    put_tickets(store, **{"A-00000": whole_life(ANCHOR - timedelta(days=3))})

    def work(connection: object) -> None:
        row = dict(connection.execute(select(schema.ticket)).mappings().one())  # type: ignore[attr-defined]
        rows = [
            row
            | {
                "number": f"B-{n:05}",
                "node": "sign",
                "closed_at": None,
                "paused": False,
                "red_at": ANCHOR + timedelta(minutes=n + 1),
                "node_due_at": ANCHOR + timedelta(minutes=n + 1),
                "yellow_at": ANCHOR + timedelta(days=99),
                "urgency": list(Urgency)[n % 3].value,
            }
            for n in range(MANY)
        ]
        connection.execute(insert(schema.ticket), rows)  # type: ignore[attr-defined]

    store.write(work)


class _Still(Readings):
    """Readings at ANCHOR of a store that is as it is."""

    def __init__(self, store: Store) -> None:
        super().__init__(watched_by_engine(store))

    def now(self) -> datetime:
        return ANCHOR


async def until(met: Callable[[], bool]) -> None:
    for _ in range(2000):
        if met():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


async def at_rest() -> None:
    """Wait until nothing is read any more."""
    await until(lambda: not runtime.current().names())


def touched(*numbers: str) -> Touched:
    return Touched(ANCHOR, tickets=frozenset(numbers))


@pytest.fixture
def page(qtbot: QtBot) -> TicketListPage:
    made = TicketListPage(Scale())
    qtbot.addWidget(made)
    made.resize(1600, 800)
    made.show()
    QTest.mouseMove(made.window(), QPoint(-50, -50))
    return made


def set_red(store: Store, number: str, at: datetime) -> None:
    statement = update(schema.ticket).where(schema.ticket.c.number == number)
    store.write(lambda c: c.execute(statement.values(red_at=at, node_due_at=at)))


def place_of(page: TicketListPage, number: str) -> int:
    row = page.model.rows_of({number})[number]
    return page.table.visualRect(page.model.index(row, 0)).top()


async def test_a_list_opens_and_a_jump_into_its_middle_is_read(many: Store, page: TicketListPage) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    await desk.refresh()
    assert page.count.text() == f"{MANY} 件"
    bar = page.table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    first, _ = page.table.rows_in_sight()
    assert first > PAGE_SIZE
    assert page.model.record(first) is None
    await until(lambda: page.model.record(first) is not None)
    assert page.model.record(first).number == f"B-{first:05}"


async def test_what_changed_is_shown_where_it_stands_and_moves_when_nobody_minds(
    many: Store, page: TicketListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    await desk.refresh()
    bar, height = page.table.verticalScrollBar(), page.table.verticalHeader().defaultSectionSize()
    bar.setValue(50 * height + 3)
    page.table.selectRow(55)
    before = place_of(page, "B-00060")
    resets: list[None] = []
    page.model.modelReset.connect(lambda: resets.append(None))
    set_red(many, "B-00055", ANCHOR - timedelta(hours=1))
    set_red(many, "B-04000", ANCHOR - timedelta(hours=2))
    await desk.update(touched("B-00055", "B-04000"))
    assert page.model.record(55).state is TicketState.OVERDUE
    assert not desk.restless, "while it rests there is nothing to ask it for"
    assert page.model.record(54).number == "B-00054"
    monkeypatch.setattr(desk._list, "_due", 0.0)
    assert desk.restless, "the order follows when the list has rested"
    await desk.update(touched())
    assert not desk.restless
    await at_rest()
    # One came from below and one from among them, above all: most of what is in sight stays where it was.
    assert place_of(page, "B-00060") == before
    assert page.table.chosen().number == "B-00055"
    assert page.table.currentIndex().row() == 1
    assert resets == []


async def test_a_new_ticket_is_counted_at_once_when_it_is_calm(many: Store, page: TicketListPage) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    await desk.refresh()
    row = select(schema.ticket).where(schema.ticket.c.number == "B-00001")
    many.write(
        lambda c: c.execute(insert(schema.ticket), dict(c.execute(row).mappings().one()) | {"number": "C-1"})
    )
    desk._list._due = 0.0
    await desk.update(touched("C-1"))
    await at_rest()
    assert page.count.text() == f"{MANY + 1} 件"


async def test_another_list_takes_the_place_of_one_still_being_read(
    many: Store, page: TicketListPage
) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    desk.open_list(TicketFilter(text="nobody wrote this"), "first")
    desk.open_list(TicketFilter(urgency=Urgency.CRITICAL, open_only=True), "second")
    await desk.refresh()
    critical = len(range(0, MANY, 3))
    assert (page.panel.title, page.count.text()) == ("second", f"{critical} 件")
    page.list_requested.emit(TicketFilter(numbers=("B-00007",)), TicketOrder())
    await desk.refresh()
    assert page.model.record(0).number == "B-00007"
    await at_rest()


async def test_a_list_knows_what_concerns_it(many: Store, page: TicketListPage) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    assert desk.concerned(touched("B-00001"))
    assert desk.concerned(Touched(ANCHOR, new_minute=True))
    assert not desk.concerned(Touched(ANCHOR, items=frozenset({"I-1"}), directives=frozenset({"D-1"})))


def in_wall_order(row: WarningRow) -> tuple[object, ...]:
    red = row.level is WarningLevel.RED
    rank = list(Urgency).index(row.urgency) if red else 0
    return not red, row.acknowledged_by is not None, rank, row.due_at


async def test_warnings_are_paged_filtered_and_chosen(store: Store, qtbot: QtBot) -> None:
    put_demo(store, 400)
    page = WarningsPage(Scale())
    qtbot.addWidget(page)
    page.resize(1600, 800)
    page.show()
    desk = WarningsDesk(page, _Still(store), page)
    await desk.refresh()
    everything = page.model.rowCount()
    assert everything > 10
    red = int(page.levels.buttons[1].text().split()[-1])
    page.table.selectRow(0)
    assert page.table.chosen().level is WarningLevel.RED
    await until(lambda: page.model.record(0) is not None)
    shown = [row for row in map(page.model.record, range(everything)) if row is not None]
    assert shown == sorted(shown, key=in_wall_order), "the worst first, as on the wall"
    page.list_requested.emit(WarningFilter(level=WarningLevel.RED), WarningOrder())
    await desk.refresh()
    assert page.model.rowCount() == red < everything
    number = page.model.record(0).ticket
    await desk.update(touched(number))
    await until(lambda: page.model.record(0) is not None)
    assert page.model.record(0).ticket == number


async def test_the_ledger_opens_a_colour_and_a_line(store: Store, qtbot: QtBot) -> None:
    put_demo(store, 50)
    page = LedgerPage(Scale())
    qtbot.addWidget(page)
    page.resize(1600, 800)
    page.show()
    desk = LedgerDesk(page, _Still(store), page)
    await desk.refresh()
    assert page.table.currentIndex().row() == 0
    numbers = [page.model.record(row).number for row in range(page.model.rowCount())]
    desk.open_colour(Colour.RED)
    await desk.refresh()
    assert {page.model.record(row).colour for row in range(page.model.rowCount())} == {Colour.RED}
    desk.open_line(numbers[-1])
    await desk.update(Touched(ANCHOR, everything=True))
    await desk.painted()
    assert page.table.chosen().number == numbers[-1]
    await until(lambda: page.item.has_content and page.item.title == numbers[-1])
    await at_rest()


async def test_warnings_are_grouped_by_cause_and_a_line_opens_in_its_place(
    store: Store, qtbot: QtBot
) -> None:
    """T09: counts add up, a line's warnings stand under it, and what was looked at stays."""
    put_demo(store, 400)
    page = WarningsPage(Scale())
    qtbot.addWidget(page)
    page.resize(1600, 800)
    page.show()
    desk = WarningsDesk(page, _Still(store), page)
    await desk.refresh()
    everything = page.model.rowCount()
    page.grouping.buttons[1].click()
    await desk.refresh()
    lines = [page.model.record(row) for row in range(page.model.rowCount())]
    assert all(isinstance(line, CauseRow) for line in lines)
    assert sum(line.count for line in lines) == everything > len(lines) > 1
    assert len({line.key for line in lines}) == len(lines)
    levels = [line.cause.level for line in lines]
    assert levels == sorted(levels, key=list(WarningLevel).index)
    row, line = max(enumerate(lines), key=lambda one: (one[1].count, -one[0]))
    page.table.selectRow(row)
    assert not page.acknowledge.isEnabled()
    page.table.record_activated.emit(line, "title")
    await desk.painted()
    assert page.model.rowCount() == len(lines) + line.count
    assert page.table.chosen().key == line.key
    assert page.table.currentIndex().row() == row
    page.table.want_rows()
    await until(lambda: page.model.record(row + 1) is not None)
    opened = [page.model.record(n) for n in range(row + 1, row + 1 + line.count)]
    assert {(w.kind, w.level, w.node, w.body) for w in opened} == {
        (line.cause.kind, line.cause.level, line.cause.node, line.cause.body)
    }
    page.table.record_activated.emit(page.model.record(row), "title")
    await desk.painted()
    assert page.model.rowCount() == len(lines)
    page.grouping.buttons[0].click()
    await desk.refresh()
    assert page.model.rowCount() == everything
    await at_rest()
