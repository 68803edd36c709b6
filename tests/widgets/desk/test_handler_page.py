"""A handler's desk as a page: empty, one line, long names; keys say why; answers a click away (Y24, B04)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain import case_events as c
from domain import events as e
from domain.desk_queue import QueueRow, Task
from domain.dossier import Dossier
from domain.events import Event
from domain.handler_desk import Answers, HandlerCounts, HandlerGroup
from domain.nodes import Node, NodeStatus
from domain.people import Actor, Role
from domain.urgency import Urgency
from tests.widgets.case_records import DUTY, HANDLER, START, after, dossier_of, received
from widgets.desk.handler_page import STEP_OF, HandlerDeskPage, held_back
from widgets.scale import Scale

LONG = "沥青拌合站夜间露天作业产生刺激性异味并伴有大量粉尘，周边小区居民反复投诉且多次向媒体反映" * 3


def row(number: str = "XZ-1", **parts: Any) -> QueueRow:
    plain: dict[str, Any] = {
        "key": number,
        "ticket": number,
        "task": Task.SIGN,
        "title": "夜间施工噪声扰民",
        "urgency": Urgency.CRITICAL,
        "channel_name": "在线监测",
        "category": "2.1",
        "category_name": "建筑施工夜间噪声",
        "area": "320312",
        "area_name": "铜山区",
        "township": "黄集镇",
        "lead": "housing",
        "lead_name": "住建局",
        "body": "housing",
        "body_name": "住建局",
        "node": Node.SIGN,
        "status": NodeStatus.RUNNING,
        "round": 1,
        "received_at": START,
        "due_at": after(minutes=5),
        "version": 3,
    }
    return QueueRow(**{**plain, **parts})


def known(events: Sequence[Event], minutes: float, number: str = "XZ-1") -> Dossier:
    """What is known of a ticket so many minutes after it came in."""
    return replace(dossier_of(events, after(minutes=minutes)), number=number)


def page_of(qtbot: QtBot, *rows: QueueRow, actor: Actor | None = HANDLER) -> HandlerDeskPage:
    scale = Scale()
    scale.fit(1366, 768)
    page = HandlerDeskPage(scale)
    qtbot.addWidget(page)
    page.resize(1366, 720)
    page.set_actor(actor)
    page.show()
    page.model.set_page(0, rows, len(rows))
    counts = HandlerCounts({HandlerGroup.TO_DO: len(rows)} if rows else {})
    page.show_desk(counts, after(minutes=1))
    page.choose_first()
    return page


HELD = (
    received(),
    Event(after(minutes=1), DUTY, e.Accepted()),
    Event(after(minutes=2), DUTY, e.Dispatched("housing", ("police",))),
)


def test_an_empty_desk_says_so(qtbot: QtBot) -> None:
    page = page_of(qtbot)
    assert page.table.empty_text == "● 本单位没有待办的工单"
    assert page.answers._words.text() == "● 没有等本单位答复的事项"
    assert not any(button.isVisible() for button in page.answers.buttons)
    assert "用 ↑↓ 选一件工单" in page.pane.words.text()
    said: list[str] = []
    page.said.connect(said.append)
    QTest.keyClick(page.table, Qt.Key.Key_S)
    assert said == ["先选择一行"]


def test_keys_do_what_the_ticket_waits_for(qtbot: QtBot) -> None:
    page = page_of(qtbot, row())
    orders: list[Any] = []
    page.order_requested.connect(lambda letter, rows: orders.append((letter, [r.ticket for r in rows])))
    page.show_dossier(known(HELD, 3))
    QTest.keyClick(page.table, Qt.Key.Key_S)
    QTest.keyClick(page.table, Qt.Key.Key_Return)  # what it waits for
    assert orders == [("S", ["XZ-1"])] * 2
    said: list[str] = []
    page.said.connect(said.append)
    QTest.keyClick(page.table, Qt.Key.Key_F)
    assert said == ["请先完成“整改”环节"]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_long_names_stay_in_their_places(qtbot: QtBot, size: tuple[int, int]) -> None:
    rows = [
        row(
            f"XZ-2026112{n % 10}-{n:05}",
            title=LONG,
            category_name=LONG,
            area_name="新疆维吾尔自治区巴音郭楞蒙古自治州",
            township="且末县阿克提坎墩乡",
            lead_name="自然资源和规划局（林业局、不动产登记局）",
            round=12,
            part=n % 2,
            chased=120,
            said=LONG,
        )
        for n in range(200)
    ]
    page = page_of(qtbot, *rows)
    page._scale.fit(*size)
    page.resize(*size)
    long = [
        received(title=LONG),
        *HELD[1:],
        *(Event(after(minutes=3 + n), DUTY, e.Chased(LONG)) for n in range(9)),
    ]
    page.show_dossier(known(long, 30, rows[0].ticket))
    assert page.table.horizontalScrollBar().maximum() == 0
    assert page.width() == size[0]
    assert page.minimumSizeHint().width() <= size[0]
    assert page.pane.width() == page._scale.size("side_width")


def test_what_waits_for_an_answer_is_a_click_away(qtbot: QtBot) -> None:
    page = page_of(qtbot, row())
    answers = Answers(2, "D-2026-002", 1, "D-2026-003", 1, "Z-2026-0001", ("T-7", "T-9"))
    page.show_desk(HandlerCounts({HandlerGroup.TO_DO: 1}, 1, answers), after(minutes=1))
    strip = page.answers
    assert [button.text() for button in strip.buttons] == [
        "待签收指令 2",
        "待反馈指令 1",
        "待说明的再监督 1",
        "待答复的提问 2",
    ]
    asked: list[Any] = []
    strip.directive_requested.connect(asked.append)
    strip.file_requested.connect(asked.append)
    strip.questions_requested.connect(asked.append)
    for button in strip.buttons:
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert asked == ["D-2026-002", "D-2026-003", "Z-2026-0001", ("T-7", "T-9")]
    assert page.panel.note.startswith("■")


def test_subjects_are_listed_first_and_then_inspected(qtbot: QtBot) -> None:
    """B24: one key, for what there is to say."""
    page = page_of(qtbot, row())
    before = known(HELD, 3)
    assert page.asked("X", before).kind is c.SubjectsListed
    listed = (*HELD, Event(after(minutes=3), HANDLER, c.SubjectsListed(("老城区烧烤店",))))
    after_that = page.asked("X", known(listed, 4))
    assert after_that.kind is c.SubjectInspected
    assert [choice.key for choice in after_that.options["subject"]] == ["老城区烧烤店"]


def test_a_measure_on_site_is_proposed_as_such(qtbot: QtBot) -> None:
    """Y11."""
    page = page_of(qtbot, row())
    asked = page.asked("M", known(HELD, 3))
    assert (asked.kind, asked.preset["record"], asked.body) == (
        c.RecordAdded,
        c.RecordKind.ON_SITE_ACT,
        "housing",
    )


@pytest.mark.parametrize("actor", [None, DUTY, Actor(Role.LEADER, "周海")])
def test_who_is_no_handler_has_no_keys(qtbot: QtBot, actor: Actor | None) -> None:
    page = page_of(qtbot, row(), actor=actor)
    assert not any(page.legend.buttons[letter].isEnabled() for letter in STEP_OF)
    assert page.legend.buttons["O"].isEnabled()


def test_only_what_waits_for_it_is_signed_with_others(qtbot: QtBot) -> None:
    assert held_back(row()) == ""
    assert held_back(row(paused=True)) == "工单已暂停"
    assert held_back(row(task=Task.ARRIVE, node=Node.ARRIVE)) == "已签收，当前环节：到场"


def test_countdowns_move_and_the_search_is_a_key_away(qtbot: QtBot) -> None:
    page = page_of(qtbot, row())
    page.show_dossier(known(HELD, 3))
    page.tick(after(minutes=4))
    assert page.pane.clocks.lines[0] == ("部门签收", "剩 00:01:00")
    page.tick(after(minutes=6))
    assert page.pane.clocks.lines[0] == ("部门签收", "超 00:01:00")
    asked: list[None] = []
    page.list_requested.connect(lambda: asked.append(None))
    page.activateWindow()
    QTest.keyClicks(page.table, "/")
    QTest.keyClicks(page.search, "T-9")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert page.text == "T-9"
    assert len(asked) == 1
    page.show_desk(HandlerCounts(), after(minutes=6) + timedelta(seconds=1))
    assert page.table.empty_text == "没有符合“T-9”的工单"
