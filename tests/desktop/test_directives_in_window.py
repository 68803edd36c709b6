"""Directives by the real window over the real store: composed from each place, and through their whole life
(T20, B03, X05)."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from data_access import bulk, serials
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.city import load_city
from desktop.shell import CommandCentre
from domain import drafts as d
from domain import events as e
from domain import item_events as items
from domain.events import Event
from domain.intake import NewTicket
from domain.nodes import Node
from domain.overview import DirectiveState
from domain.people import Actor, Role
from tests.data_access.streams import DUTY, received
from tests.desktop.test_steps_in_window import actors, facts, open_window, sit_down, submit, until
from widgets.forms.directive_form import DirectiveForm
from widgets.pages.directives_page import DirectivesPage, View

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
ONE, TWO, THREE = (body.key for body in load_city().responsible[:3])
LEADER = Actor(Role.LEADER, "李强")
OLD, NEW = f"D-{NOW.year}-001", f"D-{NOW.year}-002"
ITEM = "I-1"


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    """Two tickets whose clocks ran out, a ledger item, and a directive whose deadline has passed."""
    trial = Store(store.engine, postgres)

    def put(connection: Any) -> None:
        rules = load_rules(connection)
        put_city(connection, load_city(), NOW - timedelta(days=9))
        tickets = [
            NewTicket(
                number,
                (
                    Event(NOW - 60 * HOUR, DUTY, received()),
                    Event(NOW - 60 * HOUR + timedelta(minutes=1), DUTY, e.Accepted()),
                    Event(NOW - 60 * HOUR + timedelta(minutes=2), DUTY, e.Dispatched(body)),
                ),
                number.encode().ljust(32, b"\0"),
            )
            for number, body in (("T-1", ONE), ("T-2", TWO))
        ]
        bulk.add_tickets(connection, rules, tickets)
        item = items.ItemOpened(
            "省级督察", "2026 第二批", "堆场扬尘未覆盖", TWO, NOW + timedelta(days=9), lead_in_charge="李某"
        )
        issued = e.DirectiveIssued("三日内见底", (ONE,), NOW - HOUR)
        streams = [
            (f"item/{ITEM}", [Event(NOW - timedelta(days=5), DUTY, item)]),
            (f"directive/{OLD}", [Event(NOW - 72 * HOUR, LEADER, issued)]),
        ]
        bulk.add_streams(connection, rules, streams)
        serials.set_last(connection, "directive", NOW.year, 1)

    trial.write(put)
    return trial


async def compose(
    centre: CommandCentre, text: str, receivers: tuple[str, ...] | None = None
) -> d.DirectiveDraft:
    """Fill in the form that has been opened, and issue the directive."""
    await until(lambda: isinstance(centre.forms.form, DirectiveForm))
    form = centre.forms.form
    assert isinstance(form, DirectiveForm)
    form.text.setPlainText(text)
    if receivers is not None:
        form.receivers.choose(receivers)
    draft: d.DirectiveDraft = form.draft()
    QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    await until(lambda: centre.forms.form is None or bool(form.message.text()))
    assert centre.forms.form is None, form.message.text()
    return draft


def page_of(centre: CommandCentre) -> DirectivesPage:
    return centre._own.directives.directives_page


async def open_directive(centre: CommandCentre, number: str) -> DirectivesPage:
    centre.open_directive(number)
    page = page_of(centre)
    await until(lambda: page.directive.detail is not None and page.directive.detail.row.number == number)
    return page


async def take(centre: CommandCentre, number: str, step: type, **values: Any) -> None:
    """Take a step of a directive by its button and its form."""
    page = await open_directive(centre, number)
    button = page.directive.steps.buttons[step]
    await until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await submit(centre, **values)


def issued(store: Store, number: int) -> e.DirectiveIssued:
    fact = facts(store, f"directive/D-{NOW.year}-{number:03}")[0]
    assert isinstance(fact, e.DirectiveIssued)
    return fact


async def test_a_directive_is_composed_from_each_place(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        await sit_down(centre, city, Role.LEADER)
        await _from_the_dossier(centre, city)
        await _from_the_ranking(centre, city)
        await _from_the_overviews_ranking(centre, city)
        await _from_the_map(centre, city)
        await _from_the_ledger(centre, city)
        await _from_selected_tickets(centre, city)
        await _from_selected_warnings(centre, city)
        numbers = [f"D-{NOW.year}-{n:03}" for n in range(1, 9)]
        assert all(facts(city, f"directive/{number}") for number in numbers)
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


async def _from_the_dossier(centre: CommandCentre, city: Store) -> None:
    centre.open_ticket("T-1")
    await until(lambda: centre.dossier_page.number == "T-1")
    centre.dossier_page.actions.directive_requested.emit(d.DirectiveSubject(("T-1",), bodies=(ONE,)))
    await compose(centre, "查明 T-1 为何超期")
    assert (issued(city, 2).tickets, issued(city, 2).receivers) == (("T-1",), (ONE,))
    assert any(isinstance(fact, e.DirectiveReferred) for fact in facts(city, "ticket/T-1"))


async def _from_the_ranking(centre: CommandCentre, city: Store) -> None:
    centre.choose_page("ranking")
    page = centre.desk("ranking").page
    await until(lambda: page.table.model().rowCount() > 0)
    row = next(n for n in range(page.model.rowCount()) if page.model.record(n).key == ONE)
    column = [c.key for c in page.model.columns].index("directive")
    place = page.table.visualRect(page.model.index(row, column)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await compose(centre, "三日内压降超期")
    found = issued(city, 3)
    assert (found.tickets, found.receivers) == (("T-1",), (ONE,))
    assert found.basis.startswith("时效排名 · ")
    assert "在办超期" in found.basis


async def _from_the_overviews_ranking(centre: CommandCentre, city: Store) -> None:
    centre.choose_page("overview")
    panel = centre.overview_page.ranking
    await until(lambda: any(row.key == TWO for row in panel.model.records))
    row = next(n for n, record in enumerate(panel.model.records) if record.key == TWO)
    panel.rows.setCurrentIndex(panel.model.index(row))
    assert panel.directive.isVisible()
    QTest.mouseClick(panel.directive, Qt.MouseButton.LeftButton)
    await compose(centre, "今晚见底")
    assert (issued(city, 4).tickets, issued(city, 4).receivers) == (("T-2",), (TWO,))


async def _from_the_map(centre: CommandCentre, city: Store) -> None:
    centre.choose_page("map")
    page = centre._map_page
    assert not page.directive.isEnabled()
    assert "先在地图上选择" in page.directive.toolTip()
    centre._map.open_county(("320312",))
    await until(page.directive.isEnabled)
    await until(lambda: any(row.key == "320312" and row.overdue for row in centre._map.facets.counties))
    QTest.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    await compose(centre, "全区排查")
    found = issued(city, 5)
    assert found.areas == ("320312",)
    assert set(found.tickets) == {"T-1", "T-2"}
    assert set(found.receivers) == {ONE, TWO}
    assert found.basis == "地图 · 铜山区：在办 2 件，超期 2 件"


async def _from_the_ledger(centre: CommandCentre, city: Store) -> None:
    centre.open_ledger(ITEM)
    page = centre._own.ledger.ledger_page
    await until(lambda: page.table.chosen() is not None and page.directive.isEnabled())
    QTest.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    await compose(centre, "按期完成苫盖")
    assert (issued(city, 6).items, issued(city, 6).receivers) == ((ITEM,), (TWO,))


async def _from_selected_tickets(centre: CommandCentre, city: Store) -> None:
    centre.choose_page("tickets")
    page = centre.ticket_list
    await until(lambda: page.table.model().rowCount() == 2 and page.table.paged.record(1) is not None)
    page.table.selectAll()
    QTest.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    await compose(centre, "逐件说明")
    assert set(issued(city, 7).tickets) == {"T-1", "T-2"}
    assert set(issued(city, 7).receivers) == {ONE, TWO}


async def _from_selected_warnings(centre: CommandCentre, city: Store) -> None:
    centre.choose_page("warnings")
    page = centre.desk("warnings").page

    def rows(number: str) -> list[int]:
        records = [page.table.paged.record(n) for n in range(page.table.paged.rowCount())]
        return [
            n
            for n, record in enumerate(records)
            if getattr(record, "ticket", "") == number and record.node is Node.SIGN
        ]

    await until(lambda: bool(rows("T-1") and rows("T-2")))
    selection = page.table.selectionModel()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (rows("T-1")[0], rows("T-2")[0]):
        page.table.setCurrentIndex(page.table.paged.index(row, 0))
        selection.select(page.table.paged.index(row, 0), flags)
    for row in (rows("T-1")[0], rows("T-2")[0]):
        selection.select(page.table.paged.index(row, 0), flags)
    await until(page.directive.isEnabled)
    assert not page.re_supervision.isEnabled()
    QTest.mouseClick(page.directive, Qt.MouseButton.LeftButton)
    await compose(centre, "签收为何超期")
    assert set(issued(city, 8).tickets) == {"T-1", "T-2"}
    assert issued(city, 8).basis.startswith("环节预警 2 条 · ")


async def test_the_whole_life_of_directives(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        leader = await sit_down(centre, city, Role.LEADER)
        centre.choose_page("directives")
        page = page_of(centre)
        # The old one was neither signed nor fed back: the engine has noted both, at their own times, and that
        # nobody saw to either.
        old = f"directive/{OLD}"
        await until(lambda: len(facts(city, old)) == 7)
        expected: list[object] = []
        for late, since in (("unsigned", NOW - 48 * HOUR), ("overdue", NOW - HOUR)):
            cause = (ONE, e.DirectiveLateness(late))
            steps = enumerate((Role.LEADER, Role.DISCIPLINE), start=1)
            expected.append(e.DirectiveWarned(*cause))
            expected += [e.DirectiveEscalated(*cause, since, step, to) for step, to in steps]
        assert facts(city, old)[1:] == expected
        page = await open_directive(centre, OLD)
        await until(lambda: _states(page) == ["超期↑"])
        await until(lambda: centre.frame.header.pages["directives"].text() == "指令 1")
        # A new one: two of three sign, the third is reminded.
        await until(page.new.isEnabled)
        QTest.mouseClick(page.new, Qt.MouseButton.LeftButton)
        await compose(centre, "长" * 2000, (ONE, TWO, THREE))
        for body in (ONE, TWO):
            await sit_down(centre, city, Role.HANDLER, body)
            await take(centre, NEW, d.SignDirectiveDraft)
        await sit_down(centre, city, Role.LEADER)
        page = await open_directive(centre, NEW)
        page.directive.show_receiver(THREE)
        await take(centre, NEW, d.RemindDraft)
        reminded = facts(city, f"directive/{NEW}")[-1]
        assert reminded == e.DirectiveReminded(THREE, "请尽快签收，并在期限内反馈落实情况。")
        await _answer_the_old_one(centre, city, tmp_path)
        # The new one is withdrawn: nobody owes anything any more.
        await take(centre, NEW, d.WithdrawDraft, reason="与上级部署重复")
        page = await open_directive(centre, NEW)
        await until(lambda: _state(page) is DirectiveState.WITHDRAWN)
        QTest.mouseClick(page.directive.more, Qt.MouseButton.LeftButton)
        assert page.directive.facts.value(0) == "长" * 2000
        await until(lambda: centre.frame.header.pages["directives"].text() == "指令")
        assert leader.name in actors(city, f"directive/{NEW}")
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


async def _answer_the_old_one(centre: CommandCentre, city: Store, folder: Path) -> None:
    photo = folder / "site.png"
    QImage(8, 8, QImage.Format.Format_RGB32).save(str(photo))
    await sit_down(centre, city, Role.HANDLER, ONE)
    await until(lambda: centre.frame.header.pages["directives"].text() == "指令 1")
    await take(centre, OLD, d.SignDirectiveDraft)
    await take(centre, OLD, d.FeedBackDraft, text="已完成清淤", files=[str(photo)])
    await sit_down(centre, city, Role.LEADER)
    await take(centre, OLD, d.JudgeDraft, accepted=False, text="未附检测报告")
    # It was sent back after the deadline: overdue again, from then on.
    await until(lambda: _kinds(city).count("DirectiveWarned") == 3)
    await sit_down(centre, city, Role.HANDLER, ONE)
    await take(centre, OLD, d.FeedBackDraft, text="检测报告已附")
    await sit_down(centre, city, Role.LEADER)
    await take(centre, OLD, d.JudgeDraft, accepted=True)
    page = await open_directive(centre, OLD)
    await until(lambda: _state(page) is DirectiveState.JUDGED)
    detail = page.directive.detail
    assert detail is not None
    assert [row.rounds for row in detail.receipts] == [2]
    answers = [row.event.fact for row in detail.thread if isinstance(row.event.fact, e.DirectiveFedBack)]
    assert [answer.evidence for answer in answers] == [
        (hashlib.sha256(photo.read_bytes()).hexdigest(),),
        (),
    ]
    heads = [entry.head.text() for entry in page.directive.thread.entries if entry.isVisible()]
    assert [head.split(" · ")[0][2:] for head in heads] == [
        "下达", "预警：签收超时", "已升级至领导", "已升级至纪委", "预警：反馈超期", "已升级至领导",
        "已升级至纪委", "签收", "反馈", "评价：退回", "预警：反馈超期", "第 2 轮反馈", "评价：属实",
    ]  # fmt: skip
    # The photo opens, and the thread is saved with everything.
    files = next(entry.files for entry in page.directive.thread.entries if entry.files.isVisible())
    QTest.mouseClick(files, Qt.MouseButton.LeftButton)
    view = centre._own.directives.evidence
    await until(lambda: view.dialog is not None)
    assert view.dialog is not None
    assert view.dialog.shown.image is not None
    view.dialog.close()
    saved = folder / "thread.csv"
    assert await centre._own.directives.thread_export.write(saved) == 13
    printed = folder / "thread.pdf"
    assert await centre._own.directives.thread_export.write(printed) == 1
    assert printed.read_bytes().startswith(b"%PDF")
    text = saved.read_text("utf-8-sig")
    assert "检测报告已附" in text
    assert answers[0].evidence[0] in text


def _kinds(city: Store) -> list[str]:
    return [type(fact).__name__ for fact in facts(city, f"directive/{OLD}")]


def _state(page: DirectivesPage) -> DirectiveState | None:
    return page.directive.detail.row.state if page.directive.detail is not None else None


async def test_who_has_not_signed_is_seen_in_a_matrix_and_reminded_in_one_order(
    tmp_path: Path, city: Store
) -> None:
    start = NOW - 2 * HOUR
    issued = e.DirectiveIssued("今晚停工", (ONE, TWO), NOW + 20 * HOUR)
    own = Actor(Role.HANDLER, "陈立", TWO)
    both = [Event(start, LEADER, issued), Event(start + HOUR, own, e.DirectiveSigned(TWO))]
    more = [(f"directive/D-{NOW.year}-{n:03}", both) for n in (2, 3)]
    city.write(lambda c: bulk.add_streams(c, load_rules(c), more))
    async with open_window(tmp_path, city) as centre:
        await sit_down(centre, city, Role.LEADER)
        centre.choose_page("directives")
        page = page_of(centre)
        await until(lambda: page.table.model().rowCount() == 3)
        page.show_view(View.MATRIX)
        await until(lambda: page.matrix.paged.rowCount() == 3 and page.matrix.paged.record(2) is not None)
        assert [column.key for column in page.matrix.columns][3:] == [f"body:{ONE}", f"body:{TWO}"]
        # Of the late one the warnings have climbed.
        await until(lambda: _words(page) == [["超期↑", ""], ["未签", "已签"], ["未签", "已签"]])
        assert "已升级至纪委" in page.matrix.paged.cells(0)[3].tooltip
        assert not page.directive.isVisible()
        # A cell opens the thread at its body.
        place = page.matrix.visualRect(page.matrix.paged.index(1, 4)).center()
        QTest.mouseClick(page.matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await until(lambda: page.directive.isVisible() and _number(page) == f"D-{NOW.year}-003")
        assert page.directive.receipts.chosen().body == TWO
        assert page.directive.only.isChecked()
        # All who owe something, in one order; who owes nothing is not among them.
        QTest.mouseClick(page.remind_all, Qt.MouseButton.LeftButton)
        await until(lambda: centre.forms.form is not None)
        await submit(centre)
        for number in (OLD, f"D-{NOW.year}-002", f"D-{NOW.year}-003"):
            told = [f for f in facts(city, f"directive/{number}") if isinstance(f, e.DirectiveReminded)]
            assert {fact.body for fact in told} == ({ONE} if number == OLD else {ONE, TWO})
        await until(lambda: "催1" in _states(page)[0])
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def _words(page: DirectivesPage) -> list[list[str]]:
    rows = [page.matrix.paged.cells(row) or () for row in range(3)]
    return [[cell.text for cell in cells[3:]] for cells in rows]


def _number(page: DirectivesPage) -> str:
    return page.directive.detail.row.number if page.directive.detail is not None else ""


def _states(page: DirectivesPage) -> list[str]:
    model = page.directive.receipts.model()
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


async def test_what_was_issued_is_said_and_chosen_and_told_of_before_it_is_issued_again(
    tmp_path: Path, city: Store
) -> None:
    async with open_window(tmp_path, city) as centre:
        await sit_down(centre, city, Role.LEADER)
        centre.choose_page("directives")
        page = page_of(centre)
        await until(lambda: page.directive.detail is not None)
        centre.choose_page("warnings")
        warned = centre.desk("warnings").page
        await until(lambda: warned.table.paged.record(0) is not None)
        warned.table.selectRow(0)
        number = warned.table.chosen().ticket
        centre.choose_page("tickets")
        listed = centre.ticket_list
        await until(lambda: listed.table.model().rowCount() == 2 and listed.table.paged.record(1) is not None)
        listed.table.selectAll()
        QTest.mouseClick(listed.directive, Qt.MouseButton.LeftButton)
        await compose(centre, "逐件说明")
        assert centre._notice.isVisible()
        assert centre._notice.text() == f"已发出 {NEW}，送 2 家"
        assert listed.table.selected_count() == 0
        assert not listed.directive.isEnabled()
        # What the hand had selected elsewhere is of one of these tickets.
        assert number in ("T-1", "T-2")
        assert warned.table.selected_count() == 0
        centre.choose_page("directives")
        await until(lambda: page.table.chosen() is not None and page.table.chosen().row.number == NEW)
        await until(lambda: _number(page) == NEW)
        # The same tickets to the same receivers: the form says so, and issues them when it is meant.
        centre.choose_page("tickets")
        listed.table.selectAll()
        QTest.mouseClick(listed.directive, Qt.MouseButton.LeftButton)
        await until(lambda: isinstance(centre.forms.form, DirectiveForm))
        form = centre.forms.form
        assert isinstance(form, DirectiveForm)
        assert f"刚发出同样的 {NEW}" in form.told.text()
        assert form.submit_button.text() == "再次下达"
        form.receivers.choose((ONE,))
        assert "刚发出" not in form.told.text()
        assert form.submit_button.text() == "下达"
        await compose(centre, "再催一次", (ONE, TWO))
        assert issued(city, 3).text == "再催一次"
        # From the page of directives itself, laid out as a matrix: it is chosen there.
        centre.choose_page("directives")
        await until(lambda: _number(page) == f"D-{NOW.year}-003")
        page.show_view(View.MATRIX)
        QTest.mouseClick(page.new, Qt.MouseButton.LeftButton)
        await compose(centre, "全市通报", (ONE, TWO, THREE))
        assert page.view is View.MATRIX
        await until(lambda: page.matrix.chosen() is not None)
        await until(lambda: page.matrix.chosen().row.number == f"D-{NOW.year}-004")
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None
