"""The duty officer's page: forty rows at 1080p, keys about the line that was chosen, words for every lane."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain.desk_queue import DutyLane, QueueRow, Task, row_key
from domain.duty_shift import Shift, Stage, five_times
from domain.events import Accepted, Dispatched, Event, Received
from domain.nodes import Node, NodeStatus
from domain.people import PLATFORM, Actor, Role
from domain.urgency import Urgency
from widgets.desk.duty_page import DutyPage
from widgets.desk.duty_words import KEY_OF_TASK, chase_text, duty_keys, duty_lanes, five_words, nothing_words
from widgets.desk.queue_columns import TASK_WORDS
from widgets.hand import AIM_SECONDS
from widgets.scale import Scale
from widgets.table.paged import Renewal

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
LONG = "小区北门外无证饭店油烟直冲居民楼并占道烧烤到凌晨两点" * 3


def row(number: int, task: Task = Task.ACCEPT, **parts: object) -> QueueRow:
    ticket = f"XZ-20261120-{number:04}"
    made = QueueRow(
        key=row_key(ticket, "own"),
        ticket=ticket,
        task=task,
        title=LONG,
        urgency=Urgency.FIRST,
        channel_name="12345",
        category=None,
        category_name="",
        area="320302",
        area_name="鼓楼区",
        township="黄楼街道",
        lead="housing" if task in (Task.UNSIGNED, Task.OVERDUE) else None,
        lead_name="住房和城乡建设局",
        body="housing",
        body_name="住房和城乡建设局",
        node=Node.SIGN,
        status=NodeStatus.RUNNING,
        round=1,
        received_at=NOW,
        due_at=NOW + timedelta(seconds=90 + number),
        version=number,
    )
    return replace(made, **parts)


@pytest.fixture
def page(qtbot: QtBot) -> DutyPage:
    scale = Scale()
    made = DutyPage(scale)
    made.set_actor(DUTY)
    qtbot.addWidget(made)
    scale.fit(1920, 1080)
    # What the header leaves of the screen.
    made.resize(1920, 1080 - scale.size("header_height"))
    made.show()
    qtbot.waitExposed(made)
    return made


def fill(page: DutyPage, rows: list[QueueRow]) -> None:
    page.model.set_page(0, rows, len(rows))
    page.choose_first()


def test_forty_rows_stand_on_a_full_screen(page: DutyPage) -> None:
    fill(page, [row(number) for number in range(100)])
    first, last = page.table.rows_in_sight()
    assert last - first + 1 >= 40
    assert page.table.horizontalScrollBar().maximum() == 0, "long names give way"


def test_fast_clocks_count_in_seconds(page: DutyPage) -> None:
    fill(page, [row(0)])
    page.tick(NOW)
    assert page.model.index(0, 1).data() == "剩 00:01:30"
    page.tick(NOW + timedelta(seconds=91))
    assert page.model.index(0, 1).data() == "超 00:00:01"


def test_every_task_has_a_word_and_every_duty_task_a_key() -> None:
    assert set(TASK_WORDS) == set(Task)
    letters = {key.letter for key in duty_keys()}
    assert set(KEY_OF_TASK.values()) <= letters
    assert len(letters) == len(duty_keys())
    assert not letters & {"J", "K"}
    assert [lane for lane, _ in duty_lanes()] == list(DutyLane) == list(nothing_words())


def test_keys_do_what_the_line_waits_for(page: DutyPage, orders: list) -> None:
    fill(page, [row(1), row(2, Task.REVISIT), row(3, Task.UNSIGNED)])
    QTest.keyClick(page.table, "S")
    QTest.keyClick(page.table, "J")
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    QTest.keyClick(page.table, "J")
    QTest.keyClick(page.table, "C")
    QTest.keyClick(page.table, "K")
    QTest.keyClick(page.table, "K")
    QTest.keyClick(page.table, "O")
    assert [(letter, [r.ticket[-1] for r in rows]) for letter, rows in orders] == [
        ("S", ["1"]),
        ("R", ["2"]),
        ("C", ["3"]),
        ("O", ["1"]),
    ]


def test_a_key_that_does_not_fit_the_line_says_why(page: DutyPage, orders: list, said: list[str]) -> None:
    fill(page, [row(1), row(2)])
    QTest.keyClick(page.table, "R")
    QTest.keyClick(page.table, "C")
    assert orders == []
    assert said == ["所选的不是“待回访”", "尚未分派，没有可催办的单位"]
    assert not page.legend.buttons["R"].isEnabled()
    assert page.legend.buttons["R"].toolTip() == "所选的不是“待回访”"
    assert page.legend.buttons["S"].property("look") == "key_due"


def test_nobody_else_orders(page: DutyPage, orders: list, said: list[str]) -> None:
    page.set_actor(Actor(Role.LEADER, "赵市长"))
    fill(page, [row(1)])
    QTest.keyClick(page.table, "S")
    assert orders == []
    assert "只有" in said[0]


def test_the_choice_stays_on_its_ticket_when_lines_slide_in(page: DutyPage, orders: list) -> None:
    fill(page, [row(1), row(2)])
    QTest.keyClick(page.table, "J")
    slid = [row(7), row(8), row(1), row(2)]
    page.table.renew(Renewal(4, 0, tuple(slid), 0, {3: slid[3]}))
    QTest.keyClick(page.table, "S")
    assert [rows[0].ticket for _, rows in orders] == [row(2).ticket]


def test_no_key_for_a_line_that_came_under_the_hand(
    page: DutyPage, orders: list, said: list[str], qtbot: QtBot
) -> None:
    """The chosen line is done: the next one is chosen, but a key on its way was meant for the other."""
    fill(page, [row(1), row(2), row(3)])
    QTest.keyClick(page.table, "J")
    page.table.renew(Renewal(2, 0, (row(1), row(3))))
    assert page.rows()[0].ticket == row(3).ticket
    QTest.keyClick(page.table, "S")
    assert orders == []
    assert said == ["列表刚刚移动，请看清所选工单后再按一次。"]
    qtbot.wait(round(AIM_SECONDS * 1000) + 50)
    QTest.keyClick(page.table, "S")
    assert [rows[0].ticket for _, rows in orders] == [row(3).ticket]


def test_a_line_is_always_chosen_and_the_first_step_is_onto_it(page: DutyPage, qtbot: QtBot) -> None:
    fill(page, [row(number) for number in range(60)])
    page.table.clearSelection()
    QTest.keyClick(page.table, "J")
    assert page.rows() == (row(0),), "a row that is only current was not chosen before"
    for key, chosen in ((Qt.Key.Key_End, 59), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Down, 1)):
        QTest.keyClick(page.table, key)
        assert page.rows() == (row(chosen),)
    page.table.clearSelection()
    page.hide()
    page.show()
    assert page.rows() == (row(1),), "on coming back"
    page.model.set_page(0, [row(0), row(1)], 2)
    below = page.table.viewport().rect().bottomLeft()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=below)
    assert page.rows() == (row(1),), "a press beside the rows"


def test_several_lines_only_for_keys_that_take_several(page: DutyPage, orders: list, said: list[str]) -> None:
    fill(page, [row(1), row(2), row(3)])
    page.table.selectAll()
    QTest.keyClick(page.table, "L")
    assert said == ["“定类”一次只办一件，先只选一行"]
    QTest.keyClick(page.table, "S")
    assert [len(rows) for _, rows in orders] == [3]
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.table.selected_count() == 1, "Esc leaves the several first"


def test_a_digit_chooses_a_lane_and_an_empty_one_says_so(page: DutyPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.list_requested):
        QTest.keyClick(page.table, "5")
    assert page.lane is DutyLane.GRANT
    page.show_counts([0] * len(DutyLane), NOW)
    assert page.table.empty_text == "● 没有待批的暂停、延期申请"


def test_a_chase_names_the_body_the_node_and_the_time() -> None:
    late = row(1, Task.OVERDUE, node=Node.RECTIFY, due_at=NOW - timedelta(hours=2))
    assert chase_text(late, NOW) == "“整改”已超期 02:00:00，请住房和城乡建设局立即办理并说明原因。"
    near = row(1, Task.NEAR, node=Node.RECTIFY, due_at=NOW + timedelta(hours=2))
    assert chase_text(near, NOW) == "请住房和城乡建设局于 2026-11-20 14:00 前完成“整改”。"
    assert chase_text(replace(near, node=None), NOW) == "请住房和城乡建设局抓紧办理，并反馈进展。"


def test_a_shift_counts_what_it_did(page: DutyPage) -> None:
    """T05: since when, and how often each."""
    page.show_shift(Shift("王磊", NOW, {"Accepted": 3, "Chased": 5}))
    assert page.panel.note == "本班 12:00 起 · 签收 3 · 催办 5"


def test_five_times_stand_beside_the_medians() -> None:
    """B06: received, taken up, handed on, dealt with, answered; only the first of each counts."""
    who = DUTY
    happened = [
        Event(NOW, who, Received("12345", "扰民")),
        Event(NOW + timedelta(minutes=1), who, Accepted()),
        Event(NOW + timedelta(minutes=3), who, Dispatched("housing")),
        Event(NOW + timedelta(minutes=9), who, Dispatched("ecology")),
    ]
    times = five_times(happened)
    assert times == {
        Stage.RECEIVED: NOW,
        Stage.TAKEN_UP: NOW + timedelta(minutes=1),
        Stage.HANDED_ON: NOW + timedelta(minutes=3),
    }
    words = five_words(times, {Stage.TAKEN_UP: timedelta(seconds=80)})
    assert words == "接收 12:00:00\n上报 +00:01:00（中位 00:01:20）\n交办 +00:03:00\n处理 —\n回复 —"
    assert five_words({}, {}) == ""


@pytest.fixture
def orders(page: DutyPage) -> list:
    found: list = []
    page.order_requested.connect(_collect(found))
    return found


@pytest.fixture
def said(page: DutyPage) -> list[str]:
    found: list[str] = []
    page.said.connect(found.append)
    return found


def _collect(found: list) -> Callable[[str, object], None]:
    def take(letter: str, rows: object) -> None:
        found.append((letter, rows))

    return take
