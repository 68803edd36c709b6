"""A duty officer's minute by the real window over the real store, with the keyboard alone (T02, Y10)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from data_access import bulk, log
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from desktop.pages.names import DUTY_DESK
from desktop.shell import CommandCentre
from domain.case_events import (
    Categorised,
    ExtensionRequested,
    PauseRequested,
    RequestDeclined,
    ResponsibilityNamed,
    ResponsibleAs,
)
from domain.desk_queue import QueueRow, Task
from domain.events import (
    Accepted,
    Chased,
    Dispatched,
    Event,
    Extended,
    Fact,
    FedBack,
    JointSupervisionOpened,
    Paused,
    PostChecked,
    Received,
    Rectified,
    Resumed,
    Revisited,
    Signed,
)
from domain.intake import NewTicket
from domain.nodes import Node
from domain.people import Role
from domain.urgency import Urgency
from tests.data_access.streams import DUTY, HANDLER
from tests.desktop.test_steps_in_window import open_window, sit_down, until
from widgets.desk.dispatch_form import DispatchForm
from widgets.desk.duty_page import DutyPage
from widgets.desk.queue_batch import BatchForm

SMOKE = "楼下饭店油烟直冲窗户，占道烧烤到半夜"
"""Speaks for D01 (饭店, 油烟) first, then for D02 (占道, 烧烤)."""

HELD = ((5, DUTY, Accepted()), (10, DUTY, Dispatched("housing")))
DONE = (
    (5, DUTY, Accepted()),
    (10, DUTY, Dispatched("housing")),
    (20, HANDLER, Signed()),
    (30, HANDLER, Rectified("停工")),
)


def came(
    store: Store, number: str, seconds_ago: float, *steps: tuple, text: str = SMOKE, **values: object
) -> None:
    start = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    first = Received(channel="12345", title=values.pop("title", "扰民"), text=text, area="320302", **values)
    happened = [Event(start, DUTY, first)]
    happened += [Event(start + timedelta(seconds=after), actor, fact) for after, actor, fact in steps]
    ticket = NewTicket(number, tuple(happened), number.encode().ljust(32, b"\0"))
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket]))


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    trial = Store(store.engine, postgres)
    trial.write(lambda c: put_city(c, load_city(), datetime.now(UTC) - timedelta(days=1)))
    came(trial, "T-1", 40)
    came(trial, "T-2", 120, *HELD, urgency=Urgency.FIRST)
    came(trial, "T-3", 600, *DONE)
    return trial


def facts(store: Store, number: str) -> list[Fact]:
    return [record.event.fact for record in store.read(lambda c: log.read_stream(c, f"ticket/{number}"))]


def said(store: Store, number: str, kind: type) -> list[Fact]:
    return [fact for fact in facts(store, number) if type(fact) is kind]


async def desk(centre: CommandCentre, store: Store) -> DutyPage:
    await sit_down(centre, store, Role.DUTY)
    assert not centre.frame.header.pages[DUTY_DESK].isHidden()
    centre.activateWindow()
    await until(centre.isActiveWindow)
    offered = [name for name, tab in centre.frame.header.pages.items() if not tab.isHidden()]
    key = Qt.Key(Qt.Key.Key_1 + offered.index(DUTY_DESK))
    QTest.keyClick(centre.focusWidget() or centre, key, Qt.KeyboardModifier.AltModifier)
    assert centre.shown == DUTY_DESK
    assert centre._own.duty is not None
    page = centre._own.duty.duty_page
    # Its lines are read before the cover is lifted: until then no key reaches it.
    await until(lambda: page.table.chosen() is not None and page.isVisible())
    return page


def press(centre: CommandCentre, *keys: object) -> None:
    """Press keys where the keyboard is: in the form that is open, else on the page."""
    for key in keys:
        form = centre.forms.form
        focused = (form or centre).focusWidget() or form or centre
        QTest.keyClick(focused, key)


async def go_to(centre: CommandCentre, page: DutyPage, wanted: Callable[[QueueRow], bool]) -> None:
    """Step down, and from the end up again, until the line is chosen."""
    for key in "J" * 6 + "K" * 6:
        row = page.table.chosen()
        if row is not None and wanted(row):
            # Where it came under the hand by itself, a key is taken only when it could be seen.
            await until(lambda: page.table.aimed)
            return
        press(centre, key)
    raise AssertionError("no such line")


async def form_of(centre: CommandCentre, kind: type) -> object:
    await until(lambda: isinstance(centre.forms.form, kind))
    return centre.forms.form


async def closed(centre: CommandCentre) -> None:
    await until(lambda: centre.forms.form is None)


async def test_a_minute_by_keyboard_alone(tmp_path: Path, city: Store) -> None:
    """Accept; correct the suggested kind, dispatch with an assisting body; chase another; revisit a third."""
    async with open_window(tmp_path, city) as centre:
        page = await desk(centre, city)
        assert page.table.chosen().ticket == "T-1"
        await until(lambda: bool(page.pane.suggested))
        assert page.pane.suggested[0].startswith("D01 ")
        assert page.pane.text.marked == ("饭店", "油烟", "占道", "烧烤")

        refused: list[str] = []
        centre._own.duty.refused.connect(refused.append)
        centre.forms.refused.connect(refused.append)
        press(centre, "S", "S")  # a hand that is not sure of the first
        await until(lambda: page.table.chosen().task is Task.DISPATCH)
        assert refused == [], "the second press does not meet its own first"
        assert len(said(city, "T-1", Accepted)) == 1
        assert page.table.chosen().ticket == "T-1", "the hand stays on its ticket"

        press(centre, "D")
        form = await form_of(centre, DispatchForm)
        assert form.kind.value == "D01"
        assert form.lead.value == form.subject.assignments["D01"].lead
        press(centre, "2")  # the second suggestion
        assert form.kind.value == "D02"
        press(centre, Qt.Key.Key_Tab, Qt.Key.Key_Tab)
        assert form.assisting.isAncestorOf(form.focusWidget())
        before = form.assisting.value
        press(centre, Qt.Key.Key_Space)
        added = set(form.assisting.value) ^ set(before)
        assert len(added) == 1
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        (kind,) = said(city, "T-1", Categorised)
        assert kind == Categorised("D02", ("占道", "烧烤"))
        (sent,) = said(city, "T-1", Dispatched)
        assert sent.rule == "责任清单 4.2"
        assert set(sent.assisting) == (set(before) ^ added) - {sent.lead}

        # Its line is gone from the queue; 撤上一步 finds it all the same, and Esc leaves it as it is.
        press(centre, "U")
        again = await form_of(centre, DispatchForm)
        assert (again.subject.ticket, again.lead.value) == ("T-1", sent.lead)
        press(centre, Qt.Key.Key_Escape)
        await closed(centre)

        await go_to(centre, page, lambda row: row.task is Task.UNSIGNED and row.ticket == "T-2")
        press(centre, "C")
        await until(lambda: centre.forms.form is not None)
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        (chase,) = said(city, "T-2", Chased)
        assert "部门签收" in chase.text
        await until(lambda: page.table.chosen() is not None and page.table.chosen().chased == 1)

        await go_to(centre, page, lambda row: row.task is Task.REVISIT)
        press(centre, Qt.Key.Key_Return)  # Enter does what the line waits for
        await until(lambda: centre.forms.form is not None)
        press(centre, Qt.Key.Key_Space, Qt.Key.Key_Return)
        await closed(centre)
        assert said(city, "T-3", Revisited) == [Revisited(True)]


async def test_what_bodies_ask_and_what_people_found_wanting(tmp_path: Path, city: Store) -> None:
    """Grant a pause and take it back, grant more time, decline; name who follows a bad review (Y19)."""
    later = datetime.now(UTC) + timedelta(days=30)
    came(city, "P-1", 3000, *HELD, (900, HANDLER, PauseRequested("等待检测报告")))
    came(city, "P-2", 3000, *HELD, (900, HANDLER, ExtensionRequested(Node.RECTIFY, later, "材料未到")))
    came(city, "P-3", 3000, *HELD, (900, HANDLER, PauseRequested("人手不足")))
    joint = JointSupervisionOpened(("platform", "ecology"), "反复投诉")
    done = ((900, HANDLER, FedBack("电话", "已告知")), (960, DUTY, joint), (970, DUTY, Revisited(True)))
    came(city, "P-5", 3000, *DONE, *done, (980, DUTY, PostChecked(True)))
    came(city, "P-4", 3000, *DONE, (900, DUTY, Revisited(False, "还有油烟")))
    async with open_window(tmp_path, city) as centre:
        page = await desk(centre, city)
        press(centre, "5")
        await until(lambda: page.model.rowCount() == 3 and page.table.chosen() is not None)
        assert [page.model.record(row).said for row in range(3)] == ["等待检测报告", "材料未到", "人手不足"]

        await go_to(centre, page, lambda row: row.ticket == "P-1")
        press(centre, "Y")
        await until(lambda: centre.forms.form is not None)
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        assert said(city, "P-1", Paused) == [Paused("等待检测报告", "王磊")]

        await go_to(centre, page, lambda row: row.ticket == "P-2")
        press(centre, Qt.Key.Key_Return)
        await until(lambda: centre.forms.form is not None)
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        (more,) = said(city, "P-2", Extended)
        assert (more.node, more.reason) == (Node.RECTIFY, "材料未到")
        assert abs(more.due - later) < timedelta(minutes=1)

        await go_to(centre, page, lambda row: row.ticket == "P-3")
        press(centre, "N")
        await until(lambda: centre.forms.form is not None)
        QTest.keyClicks(centre.forms.form.focusWidget(), "no")
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        assert said(city, "P-3", RequestDeclined) == [RequestDeclined("housing", "no")]

        press(centre, "9")  # a pause is in sight, and ended by 撤回
        await until(lambda: page.model.rowCount() == 1 and page.table.chosen() is not None)
        assert page.table.chosen().ticket == "P-1"
        press(centre, "Z")
        await until(lambda: centre.forms.form is not None)
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        assert said(city, "P-1", Resumed) == [Resumed()]

        reasons: list[str] = []
        centre._own.duty.refused.connect(reasons.append)
        press(centre, "3")
        await until(lambda: page.model.rowCount() > 0 and page.table.chosen() is not None)
        await go_to(centre, page, lambda row: row.task is Task.CLOSE)
        press(centre, "X")
        await until(lambda: bool(reasons))
        assert centre.forms.form is None, "said before anything is filled in"
        (reason,) = reasons
        assert reason.startswith("还有 2 家督办单位")
        assert reason.endswith("待平台办、生态环境局签结")

        press(centre, "6")
        await until(lambda: page.model.rowCount() == 1 and page.table.chosen() is not None)
        assert page.table.chosen().ticket == "P-4"
        press(centre, "G")
        await until(lambda: centre.forms.form is not None)
        QTest.keyClicks(centre.forms.form.focusWidget(), "Li Na")
        press(centre, Qt.Key.Key_Return)
        await closed(centre)
        (follower,) = said(city, "P-4", ResponsibilityNamed)
        assert (follower.responsible, follower.name) == (ResponsibleAs.FOLLOWER, "Li Na")


async def test_an_order_is_about_the_line_that_was_chosen(tmp_path: Path, city: Store) -> None:
    """A line slides in above; Esc leaves; a stale line is refused; a wrong dispatch is put right."""
    async with open_window(tmp_path, city) as centre:
        page = await desk(centre, city)
        for n in range(3):
            came(city, f"N-{n}", 5, text="化工厂刺鼻", urgency=Urgency.CRITICAL)
        centre._live.ring()
        await until(lambda: page.model.rowCount() >= 6)
        assert page.table.chosen().ticket == "T-1", "the choice follows its ticket"
        assert page.table.currentIndex().row() > 0
        press(centre, "D")
        form = await form_of(centre, DispatchForm)
        assert form.subject.ticket == "T-1"
        press(centre, Qt.Key.Key_Escape)
        await closed(centre)
        assert said(city, "T-1", Dispatched) == []
        assert centre.shown == DUTY_DESK

        # Several at once: each its own order, and one of them refused.
        await go_to(centre, page, lambda row: row.ticket == "N-0")
        for _ in range(3):
            QTest.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        rows = page.rows()
        assert {row.ticket for row in rows} == {"N-0", "N-1", "N-2", "T-1"}
        press(centre, "S")
        batch = await form_of(centre, BatchForm)
        assert len(batch.orders) == 4
        assert len({order.request_id for order in batch.orders}) == 4
        _behind_the_back(city, "N-1")
        press(centre, Qt.Key.Key_Return)
        await until(lambda: len(batch.outcomes) == 4)
        assert batch.summary.text() == "● 已办 3 件　■ 被拒 1 件"
        refused = [o for o in batch.outcomes if not o.done]
        assert len(refused) == 1
        for number in ("N-0", "N-1", "N-2", "T-1"):
            assert len(said(city, number, Accepted)) == 1
        press(centre, Qt.Key.Key_Return)
        await closed(centre)

        # 撤回: the counter-step is an event of its own.
        await go_to(centre, page, lambda row: row.ticket == "T-2")
        press(centre, "Z")
        again = await form_of(centre, DispatchForm)
        assert again.lead.value == "housing"
        again.lead.setFocus()
        press(centre, Qt.Key.Key_Down, Qt.Key.Key_Return)
        await closed(centre)
        first, second = said(city, "T-2", Dispatched)
        assert first.lead == "housing" != second.lead
        assert said(city, "T-2", Paused) == said(city, "T-2", Resumed) == []


def _behind_the_back(store: Store, number: str) -> None:
    """Somebody else accepts it meanwhile."""

    def work(connection: object) -> None:
        event = Event(datetime.now(UTC), DUTY, Accepted())
        log.append(connection, load_rules(connection), [log.Addition(f"ticket/{number}", [event])])

    store.write(work)
