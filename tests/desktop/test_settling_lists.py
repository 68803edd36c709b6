"""A list is settled while the window goes on: nobody waits for it, nothing chosen is lost, none missed."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel
from pytestqt.qtbot import QtBot
from sqlalchemy import insert, select, update

from data_access import log, schema
from data_access.errors import StoreError
from data_access.readers.re_supervisions import files_by_number, settled_files
from data_access.readers.settled import Settled
from data_access.readers.tickets import settled_tickets, tickets_by_number
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.pages.lazy_list import LazyList
from desktop.pages.lists import ReSupervisionsDesk
from desktop.pages.tickets import TicketsDesk
from desktop.readings import Readings
from desktop.runtime import faults
from desktop.seat import watched_by_engine
from desktop.touched import Touched
from domain import events as e
from domain.drafts import ReSupervisionSubject
from domain.listing import TicketFilter, TicketOrder, TicketRow
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role
from domain.re_supervision import FileCounts, FileGroup, FileState
from tests.data_access.readers.worlds import ANCHOR, put_city, put_streams
from tests.data_access.streams import DUTY, happened, received
from tests.desktop.test_lazy_lists import MANY, at_rest, many, many_database, page, set_red, touched, until
from widgets.pages.re_supervisions_page import ReSupervisionsPage
from widgets.scale import Scale
from widgets.table.lazy import MOST_FOLLOWED
from widgets.table.paged import PAGE_SIZE
from widgets.tickets.page import TicketListPage

__all__ = ["many", "many_database", "page"]

FILES = 3000


class _Still(Readings):
    """Readings at ANCHOR of a store that is as it is."""

    def __init__(self, store: Store) -> None:
        super().__init__(watched_by_engine(store))

    def now(self) -> datetime:
        return ANCHOR


class _Open:
    """All open tickets, as `Tickets`; settling them can be made to wait, or to fail."""

    def __init__(self) -> None:
        self._chosen = TicketFilter(open_only=True)
        self.found = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.error: Exception | None = None

    def first(self, *_: object) -> Sequence[TicketRow]:
        return ()

    def settle(self, connection: Connection, _rules: Rules, now: datetime) -> Settled:
        if self.error is not None:
            raise self.error
        settled = settled_tickets(connection, self._chosen, now, TicketOrder())
        self.found.set()
        assert self.go.wait(20)
        return settled

    def by_key(
        self, connection: Connection, _rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[TicketRow | None]:
        found = {row.number: row for row in tickets_by_number(connection, keys, now)}
        return [found.get(key) for key in keys]


def put_new(store: Store, number: str, at: datetime = ANCHOR + timedelta(days=9)) -> None:
    row = select(schema.ticket).where(schema.ticket.c.number == "B-00001")
    store.write(
        lambda c: c.execute(
            insert(schema.ticket),
            dict(c.execute(row).mappings().one()) | {"number": number, "red_at": at, "node_due_at": at},
        )
    )


def choose(page: TicketListPage, first: int, last: int) -> None:
    block = QItemSelection(page.model.index(first, 0), page.model.index(last, 0))
    flags = QItemSelectionModel.SelectionFlag
    page.table.selectionModel().select(block, flags.ClearAndSelect | flags.Rows)


async def test_the_window_does_not_wait_for_a_list(many: Store, page: TicketListPage) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    locked, go = threading.Event(), threading.Event()

    def lock(connection: Connection) -> None:
        connection.exec_driver_sql("LOCK TABLE ticket")
        locked.set()
        assert go.wait(20)

    thread = threading.Thread(target=many.write, args=(lock,))
    thread.start()
    await until(locked.is_set)
    try:
        await asyncio.wait_for(desk.update(Touched(ANCHOR, everything=True)), 10)
        assert page.model.rowCount() == 0
        assert not desk.restless
    finally:
        go.set()
        thread.join()
    await desk.painted()
    assert page.count.text() == f"{MANY} 件"


async def test_what_changed_while_a_list_was_settled_is_not_missed(many: Store, page: TicketListPage) -> None:
    source, listed = _Open(), LazyList(page.table, _Still(many), page)
    source.go.clear()
    listed.open(source)
    await until(source.found.is_set)
    put_new(many, "C-1")
    await listed.update((), everything=True)
    source.go.set()
    await listed.settled()
    assert page.model.rowCount() == MANY + 1


async def test_a_list_that_cannot_be_read_says_so_until_it_can(many: Store, page: TicketListPage) -> None:
    source, listed = _Open(), LazyList(page.table, _Still(many), page)
    source.error = StoreError("数据库不在。")
    said: list[str] = []
    listed.refused.connect(said.append)
    listed.open(source)
    await at_rest()
    assert said == ["数据库不在。"]
    for _ in range(2):
        assert listed.restless
        with pytest.raises(StoreError, match="不在"):
            await listed.update(())
    source.error, listed._due = None, 0.0
    with pytest.raises(StoreError, match="不在"):
        await listed.update(())
    await at_rest()
    assert not listed.restless
    await listed.update(())
    assert page.model.rowCount() == MANY
    assert said == ["数据库不在。"]


@pytest.mark.faults_expected
async def test_a_fault_in_a_list_is_reported_and_stays_known(many: Store, page: TicketListPage) -> None:
    source, listed = _Open(), LazyList(page.table, _Still(many), page)
    source.error = ValueError("a state that nobody knows")
    listed.open(source)
    with pytest.raises(StoreError):
        await listed.settled()
    with pytest.raises(StoreError):
        await listed.update(())
    assert [mark.split()[0] for mark in faults.counts()] == ["ValueError"]
    source.error = None
    await listed.settled()
    assert page.model.rowCount() == MANY


async def test_much_that_is_chosen_is_neither_lost_nor_joined(many: Store, page: TicketListPage) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    await desk.refresh()
    for last in (MOST_FOLLOWED, MANY - 1):
        choose(page, 0, last)
        put_new(many, f"A-{last}", ANCHOR - timedelta(days=1))
        desk._list._due = 0.0
        await desk.update(touched(f"A-{last}"))
        await at_rest()
        assert not desk.restless
        assert page.table.selected_count() == last + 1
        assert page.model.record(0).number == "B-00000"
    page.table.clearSelection()
    assert desk.restless, "it was owed all the while"
    await desk.update(Touched(ANCHOR))
    await at_rest()
    assert page.model.rowCount() == MANY + 2


async def test_chosen_rows_are_followed_though_their_records_are_not_here(
    many: Store, page: TicketListPage
) -> None:
    desk = TicketsDesk(page, _Still(many), page)
    await desk.refresh()
    choose(page, 4000, 4099)
    assert page.model.record(4000) is None
    # One goes to the head of the list, far from the others.
    set_red(many, "B-04050", ANCHOR - timedelta(days=1))
    desk._list._due = 0.0
    await desk.update(touched("B-04050"))
    await at_rest()
    numbers = {row.number for row in page.table.selected_records()}
    assert numbers == {f"B-{n:05}" for n in range(4000, 4100)}
    assert page.table.selectionModel().isRowSelected(0)


async def test_what_is_chosen_while_a_list_is_settled_stays_chosen(many: Store, page: TicketListPage) -> None:
    source, listed = _Open(), LazyList(page.table, _Still(many), page)
    listed.open(source)
    await listed.settled()
    page.table.selectRow(3)
    put_new(many, "A-1", ANCHOR - timedelta(days=1))
    source.found.clear()
    source.go.clear()
    listed._due = 0.0
    await listed.update(())
    await until(source.found.is_set)
    page.table.selectRow(7)
    source.go.set()
    await at_rest()
    assert page.model.record(0).number == "A-1"
    assert page.table.chosen().number == "B-00007"
    assert page.table.selected_count() == 1


# --- re-supervisions -----------------------------------------------------------------------------------


def put_files(store: Store, first: int, count: int, **values: object) -> None:
    states = list(FileState)
    rows = [
        {
            "number": f"Z-{n:05}",
            "ticket": "T-1",
            "cause": "环节到期未办结",
            "state": states[n % len(states)].value,
            "drafted_at": ANCHOR - timedelta(days=30) + timedelta(minutes=n),
            "facts": None,
            "version": 1,
            "head": b"",
        }
        | values
        for n in range(first, first + count)
    ]
    store.write(lambda c: c.execute(insert(schema.re_supervision), rows))


@pytest.fixture
def filed(store: Store) -> Store:
    put_files(store, 0, FILES)
    return store


@pytest.fixture
def files(qtbot: QtBot) -> ReSupervisionsPage:
    made = ReSupervisionsPage(Scale())
    qtbot.addWidget(made)
    made.resize(1800, 800)
    made.show()
    return made


def test_files_are_settled_newest_first_and_counted_by_group(filed: Store) -> None:
    put_files(filed, FILES, 1, state="handed up")
    settled, counts = filed.read(lambda c: settled_files(c, None))
    assert settled.keys(0, 3) == ["Z-03000", "Z-02999", "Z-02998"]
    assert len(settled) == FILES + 1
    assert counts == FileCounts(500, 1501, 1000)
    running, same = filed.read(lambda c: settled_files(c, FileGroup.RUNNING))
    assert (len(running), same) == (1501, counts)
    drafts, _ = filed.read(lambda c: settled_files(c, FileGroup.DRAFTED))
    assert drafts.keys(0, 1) == ["Z-02994"]
    rows = filed.read(lambda c: files_by_number(c, ["Z-00001", "Z-99999", "Z-00000"]))
    assert [row and row.number for row in rows] == ["Z-00001", None, "Z-00000"]
    assert filed.read(lambda c: files_by_number(c, [])) == []


def test_files_that_run_are_settled_by_the_deadline_that_their_body_has_to_meet(store: Store) -> None:
    """The longest overdue lead; what is explained, or has no deadline, follows with the newest first."""
    days = {"launched": (3, -2, None, -5), "explained": (-9, -1), "drafted": (None,), "closed": (-7, -3)}
    each = [(state, day) for state, chosen in days.items() for day in chosen]
    for place, (state, day) in enumerate(each):
        deadline = None if day is None else ANCHOR + timedelta(days=day)
        put_files(store, place, 1, state=state, deadline=deadline)

    def order(group: FileGroup | None) -> list[int]:
        settled, _ = store.read(lambda c: settled_files(c, group))
        return [int(key.removeprefix("Z-")) for key in settled.keys(0, len(settled))]

    assert order(FileGroup.RUNNING) == [3, 1, 0, 5, 4, 2]
    assert order(FileGroup.ENDED) == [8, 7]
    assert order(FileGroup.DRAFTED) == [6]
    assert order(None) == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    # A further question sets a file a new time: it takes its new place, and so does one that was explained.
    asked = update(schema.re_supervision).where(schema.re_supervision.c.number == "Z-00004")
    store.write(lambda c: c.execute(asked.values(state="launched", deadline=ANCHOR - timedelta(days=3))))
    told = update(schema.re_supervision).where(schema.re_supervision.c.number == "Z-00003")
    store.write(lambda c: c.execute(told.values(state="explained")))
    assert order(FileGroup.RUNNING) == [4, 1, 0, 5, 3, 2]


async def test_of_many_files_only_those_in_sight_are_read(filed: Store, files: ReSupervisionsPage) -> None:
    desk = ReSupervisionsDesk(files, _Still(filed), files)
    await desk.refresh()
    assert files.model.rowCount() == FILES
    assert files.table.chosen().number == "Z-02999"
    await until(lambda: files.file.has_content and files.file.title == "Z-02999")
    here = [row for row in range(FILES) if files.model.record(row) is not None]
    assert len(here) <= 2 * PAGE_SIZE
    # One new file comes to the head; the chosen one stays chosen, with its detail.
    put_files(filed, FILES, 1)
    desk._list._due = 0.0
    await desk.update(Touched(ANCHOR, re_supervisions=frozenset({f"Z-{FILES:05}"})))
    await at_rest()
    assert files.model.rowCount() == FILES + 1
    assert files.table.chosen().number == "Z-02999"
    assert [button.text() for button in files.which.buttons][:2] == ["全部 3001", "草稿 501"]


async def test_a_draft_without_a_body_has_one_as_soon_as_its_ticket_is_dispatched(
    store: Store, files: ReSupervisionsPage
) -> None:
    late = e.WarningRaised(e.WarningKind.LATE, e.WarningLevel.RED, Node.ARRIVE, 1, 1, None, "环节到期未办结")
    drafted = e.ReSupervisionDrafted("T-1", None, Node.ARRIVE, 1, "环节到期未办结")
    put_city(store)
    rules = put_streams(
        store,
        {
            "ticket/T-1": happened((0, DUTY, received()), (4, SYSTEM, late)),
            "re_supervision/Z-1": happened((4, SYSTEM, drafted)),
        },
    )
    desk = ReSupervisionsDesk(files, _Still(store), files)
    await desk.refresh()
    await until(lambda: files.file.has_content)
    assert files.model.record(0).body is None
    (sent,) = happened((6, DUTY, e.Dispatched("housing")))
    store.write(lambda c: log.append(c, rules, [log.Addition("ticket/T-1", [sent])]))
    touched = Touched(ANCHOR, tickets=frozenset({"T-1"}))
    assert desk.concerned(touched)
    assert not desk.concerned(Touched(ANCHOR, tickets=frozenset({"T-2"})))
    await desk.update(touched)
    await at_rest()
    assert files.model.record(0).body_name == "住建局"
    await until(lambda: files.file.launch.isVisible())
    files.set_actor(Actor(Role.DISCIPLINE, "孙静", "discipline"))
    subjects: list[ReSupervisionSubject] = []
    files.re_supervision_requested.connect(subjects.append)
    files.launch.click()
    assert [(subject.number, subject.body) for subject in subjects] == [("Z-1", "housing")]


async def test_a_file_is_opened_wherever_it_stands_and_whatever_is_filtered(
    filed: Store, files: ReSupervisionsPage
) -> None:
    desk = ReSupervisionsDesk(files, _Still(filed), files)
    files.show_group(FileGroup.ENDED)
    await desk.refresh()
    assert files.model.rowCount() == FILES // 3
    desk.open_line("Z-00001")
    await desk.refresh()
    assert files.group is None
    await until(lambda: files.table.chosen() is not None and files.file.title == "Z-00001")
    assert files.table.chosen().number == "Z-00001"
    put_files(filed, FILES, 1)
    desk.open_line(f"Z-{FILES:05}")  # the list that is shown does not have it yet
    await desk.painted()
    # Its row is chosen as soon as the list is settled; its page comes a moment later.
    await until(lambda: files.table.chosen() is not None)
    assert files.table.chosen().number == f"Z-{FILES:05}"
    await at_rest()
