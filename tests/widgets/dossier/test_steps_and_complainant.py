"""办理 in a dossier: each role's steps now, the reasons for the rest; and the complainant for a minute."""

from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from domain import events as e
from domain.dossier import Dossier, Facts, SeenComplainant
from domain.drafts import Choice, ComplainantDraft
from domain.events import Event
from domain.nodes import Node
from domain.people import Actor, Role
from tests.widgets.case_records import (
    DUTY,
    HANDLER,
    LEADER,
    OFFICER,
    after,
    dossier_of,
    ordinary_dossier,
    ordinary_events,
    received,
)
from widgets.dossier import case_panel
from widgets.dossier.page import DossierPage
from widgets.forms.asked import Asked
from widgets.scale import Scale

POLICE = Actor(Role.HANDLER, "何平", "police")
ECOLOGY = Actor(Role.HANDLER, "许静", "ecology")
ADMIN = Actor(Role.ADMIN, "管理员")
WALL = Actor(Role.WALL, "大屏")
COMPLAINANT = 4


@pytest.fixture
def page(qtbot: QtBot, qapp: object) -> DossierPage:
    made = DossierPage(Scale())
    qtbot.addWidget(made)
    made.resize(1920, 1080)
    made.show()
    return made


def new_ticket(*events: Event, now: datetime | None = None) -> Dossier:
    return dossier_of([received(), *events], now or after(minutes=1))


def offered(page: DossierPage) -> list[type]:
    return [step for step, button in page.steps.buttons.items() if button.isVisible() and button.isEnabled()]


def primary(page: DossierPage) -> list[type]:
    return [step for step, button in page.steps.buttons.items() if button.property("look") == "step_due"]


def test_a_new_ticket_waits_for_the_office(page: DossierPage) -> None:
    page.set_actor(DUTY)
    page.show_dossier(new_ticket())
    assert offered(page)[:2] == [e.Accepted, e.Dispatched]
    assert primary(page) == [e.Accepted]
    assert page.steps.buttons[e.Signed].toolTip() == "只有承办人可以执行此操作"
    assert "当前：签收" in page.steps.note
    page.set_actor(HANDLER)
    assert offered(page) == []
    assert "尚未分派" in page.steps.buttons[e.Signed].toolTip()
    assert page.steps.buttons[e.Accepted].toolTip() == "只有值班员可以执行此操作"


def test_the_holder_goes_on_and_another_body_is_told_why_not(page: DossierPage) -> None:
    page.set_actor(HANDLER)
    page.show_dossier(ordinary_dossier())
    assert offered(page) == [e.Rectified, e.ReturnedAsWrong]
    assert primary(page) == [e.Rectified]
    assert "已经办理" in page.steps.buttons[e.Arrived].toolTip()
    assert "请先完成“整改”" in page.steps.buttons[e.FedBack].toolTip()
    page.set_actor(POLICE)
    assert offered(page) == []
    assert page.steps.buttons[e.Rectified].toolTip() == "只能办理本单位的事项"
    assert page.steps.buttons[e.Rectified].accessibleDescription() == "只能办理本单位的事项"


@pytest.mark.parametrize("actor", [LEADER, OFFICER, ADMIN, WALL, None])
def test_who_runs_no_node_sees_the_procedure_and_takes_no_step(
    page: DossierPage, actor: Actor | None
) -> None:
    page.set_actor(actor)
    page.show_dossier(ordinary_dossier())
    assert offered(page) == []
    shown = [button for button in page.steps.buttons.values() if button.isVisible()]
    assert len(shown) == len(Node)
    assert all(button.toolTip() for button in shown)


def test_a_pause_is_ended_before_anything_else(page: DossierPage) -> None:
    page.set_actor(DUTY)
    paused = Event(after(hours=3), DUTY, e.Paused("等待鉴定", "王磊"))
    page.show_dossier(dossier_of([*ordinary_events(), paused], after(hours=4)))
    assert primary(page) == [e.Resumed]
    assert not page.steps.buttons[e.Paused].isVisible()
    assert not page.steps.buttons[e.Extended].isEnabled()
    resumed = Event(after(hours=5), DUTY, e.Resumed())
    page.show_dossier(dossier_of([*ordinary_events(), paused, resumed], after(hours=6)))
    assert page.steps.buttons[e.Paused].isVisible()
    assert not page.steps.buttons[e.Resumed].isVisible()


def test_a_replayed_minute_takes_no_step(page: DossierPage) -> None:
    page.set_actor(HANDLER)
    page.show_dossier(ordinary_dossier(after(hours=4), replayed=True))
    assert offered(page) == []
    assert "回放" in page.steps.refusal(e.Rectified)
    page.show_dossier(ordinary_dossier())
    assert primary(page) == [e.Rectified]


def test_a_click_asks_for_the_step_with_what_is_known(page: DossierPage, qtbot: QtBot) -> None:
    page.set_actor(DUTY)
    page.show_dossier(ordinary_dossier())
    with qtbot.waitSignal(page.step_requested) as sent:
        qtbot.mouseClick(page.steps.buttons[e.Extended], Qt.MouseButton.LeftButton)
    asked: Asked = sent.args[0]
    assert (asked.kind, asked.fixed, asked.body) == (e.Extended, {"ticket": page.number}, "housing")
    assert Choice(Node.RECTIFY, "整改") in asked.options["node"]
    assert asked.preset == {"node": Node.RECTIFY}
    with qtbot.waitSignal(page.step_requested) as sent:
        qtbot.mouseClick(page.steps.buttons[e.JointSupervisionOpened], Qt.MouseButton.LeftButton)
    assert sent.args[0].preset == {"bodies": ("platform", "police")}
    assert "夜间施工噪声扰民" in sent.args[0].about


def test_the_steps_are_reached_by_keyboard_and_the_hand_goes_on_with_the_ticket(
    page: DossierPage, qtbot: QtBot
) -> None:
    page.set_actor(DUTY)
    page.show_dossier(new_ticket())
    page.activateWindow()
    page.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.nodes.bars)
    for _ in range(10):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() is page.steps.buttons[e.Accepted]:
            break
    with qtbot.waitSignal(page.step_requested) as sent:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert sent.args[0].kind is e.Accepted
    page.show_dossier(new_ticket(Event(after(seconds=30), DUTY, e.Accepted())))
    assert QApplication.focusWidget() is page.steps.buttons[e.Dispatched]


# --- who complained ------------------------------------------------------------------------------------


def open_facts(**changes: object) -> Dossier:
    facts = Facts("12345", complainant="李** 138****5678")
    return ordinary_dossier(facts=replace(facts, **changes))  # type: ignore[arg-type]


def shown(page: DossierPage) -> str:
    return page.case.grid.value(COMPLAINANT)


def look(page: DossierPage) -> QPushButton:
    return page.case.look


def test_a_look_is_asked_for_with_the_ticket(page: DossierPage, qtbot: QtBot) -> None:
    page.set_actor(DUTY)
    page.show_dossier(open_facts())
    assert shown(page) == "李** 138****5678（已脱敏）"
    with qtbot.waitSignal(page.step_requested) as sent:
        qtbot.mouseClick(look(page), Qt.MouseButton.LeftButton)
    asked: Asked = sent.args[0]
    assert (asked.kind, asked.fixed) == (ComplainantDraft, {"ticket": page.number})


@pytest.mark.parametrize(
    ("actor", "dossier", "reason"),
    [
        (WALL, open_facts(complainant=""), "只有值班员、承办人、纪检监察可以执行此操作"),
        (LEADER, open_facts(complainant=""), "只有值班员、承办人、纪检监察可以执行此操作"),
        (POLICE, open_facts(), ""),
        (ECOLOGY, open_facts(), "只能办理本单位的事项"),
        (HANDLER, open_facts(complainant="***", secrecy=True), "举报人要求保密，承办单位不能查看"),
        (DUTY, open_facts(complainant=""), "未登记举报人"),
        (DUTY, replace(open_facts(), replayed=True), "正在回放，回到“现在”才能操作"),
        (OFFICER, open_facts(complainant="***", secrecy=True), ""),
        (HANDLER, open_facts(), ""),
    ],
)
def test_who_may_not_look_is_told_why(page: DossierPage, actor: Actor, dossier: Dossier, reason: str) -> None:
    page.set_actor(actor)
    page.show_dossier(dossier)
    assert look(page).toolTip() == reason
    assert look(page).isEnabled() is not bool(reason)
    assert (shown(page) == "无权查看") is (actor in (WALL, LEADER))


def seen(page: DossierPage) -> None:
    page.show_complainant(page.number or "", SeenComplainant("李明", "13812345678"))


def test_a_complainant_is_shown_for_the_present_dossier_alone(page: DossierPage) -> None:
    page.set_actor(DUTY)
    page.show_dossier(open_facts())
    page.show_complainant("XZ-other", SeenComplainant("王芳", "13900000000"))
    assert "王芳" not in shown(page)
    seen(page)
    assert shown(page).startswith("李明 13812345678")
    assert "本次查看已记入日志" in shown(page)
    page.show_dossier(open_facts())  # the ticket goes on, and it stays
    assert "李明" in shown(page)
    page.show_dossier(replace(open_facts(), number="XZ-2"))
    assert "李明" not in shown(page)


def test_a_complainant_goes_with_the_person_and_with_the_page(page: DossierPage) -> None:
    page.set_actor(DUTY)
    page.show_dossier(open_facts())
    seen(page)
    page.set_actor(OFFICER)
    assert shown(page) == "李** 138****5678（已脱敏）"
    seen(page)
    page.hide()
    page.show()
    assert shown(page) == "李** 138****5678（已脱敏）"
    page.hide()
    seen(page)  # an answer that came too late
    page.show()
    assert not page.case.seen


def test_a_complainant_goes_after_a_minute(page: DossierPage, qtbot: QtBot) -> None:
    assert case_panel.SEEN_MS == 60_000
    page.set_actor(DUTY)
    page.show_dossier(open_facts())
    page.case.rest.setInterval(50)
    seen(page)
    assert page.case.seen
    qtbot.waitUntil(lambda: not page.case.seen)
    assert shown(page) == "李** 138****5678（已脱敏）"
