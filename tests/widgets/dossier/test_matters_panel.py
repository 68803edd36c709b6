"""案件事项 in the dossier: lines with their states, what waits first, notes by right, forms for a line."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain import case_events as c
from domain import events as e
from domain.case import MatterKind
from domain.case_orders import ORDERS
from domain.events import Event
from domain.people import Actor, Role
from tests.widgets.case_records import DUTY, HANDLER, LEADER, after, dossier_of, ordinary_events
from tests.widgets.matter_records import POLICE, case_events, overfull_events
from widgets.dossier.log_text import fact_text, kind_text
from widgets.dossier.page import DossierPage
from widgets.scale import Scale
from widgets.status import Shape
from widgets.style import apply_style, load_fonts

NOW = after(hours=8)
ECOLOGY = Actor(Role.HANDLER, "周倩", "ecology")


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> DossierPage:
    made = DossierPage(Scale())
    qtbot.addWidget(made)
    made.resize(1920, 1016)
    made.show()
    return made


def shown(page: DossierPage, actor: Actor, events: list[Event], **parts: Any) -> Any:
    page.set_actor(actor)
    page.show_dossier(dossier_of(events, NOW, **parts))
    page.show_matters()
    return page.matters


def test_the_log_tells_how_much_waits_and_gives_way(page: DossierPage, qtbot: QtBot) -> None:
    shown(page, DUTY, case_events())
    page.show_log()
    # 4 decisions, requests and questions, a plan to approve; 12 subjects without a result.
    assert page.to_matters.text() == "案件事项 28 · ◆ 待办 18"
    qtbot.mouseClick(page.to_matters, Qt.MouseButton.LeftButton)
    assert page.matters.isVisible()
    assert not page.log.isVisible()
    assert page.matters.note == "包案领导 周副市长 · 整改盯守 刘芳"
    qtbot.mouseClick(page.matters.switch, Qt.MouseButton.LeftButton)
    assert page.log.isVisible()


def test_what_waits_stands_first_with_its_state(page: DossierPage) -> None:
    panel = shown(page, DUTY, case_events())
    lines = [panel.table.model().record(row) for row in range(panel.table.model().rowCount())]
    assert [line.kind for line in lines[:6]] == [
        MatterKind.REQUEST,
        MatterKind.REQUEST,
        MatterKind.HELP,
        MatterKind.DECISION,
        MatterKind.DECISION,
        MatterKind.RECORD,
    ]
    assert {line.mark.word for line in lines[:6]} == {"待批准", "待答复", "待落实"}
    assert all(line.mark.shape is Shape.DIAMOND for line in lines[:6])
    late = dossier_of(case_events(), after(days=8))
    page.show_dossier(late)
    words = [panel.table.model().record(row).mark.word for row in range(6)]
    assert words.count("逾期") == 2


def test_kinds_are_counted_and_filtered(page: DossierPage) -> None:
    panel = shown(page, DUTY, overfull_events())
    texts = [button.text() for button in panel.kinds.buttons if button.isVisible()]
    assert "检查对象 40" in texts
    assert "记录 23" in texts
    panel.kinds.choose(MatterKind.SUBJECT)
    panel.kinds.choice_changed.emit(MatterKind.SUBJECT)
    assert panel.table.model().rowCount() == 40
    # A case without subjects has no such filter, and shows all again.
    page.show_dossier(dossier_of(ordinary_events(), NOW))
    assert panel.table.model().rowCount() == 0
    assert panel.table.empty_text == "尚无案件事项"
    assert panel.kinds.isHidden()


@pytest.mark.parametrize(
    ("actor", "offered"),
    [
        (DUTY, {"加记录", "责任人", "标案例", "不批准", "批方案", "答复", "登结果"}),
        (HANDLER, {"加记录", "申请暂停", "求助", "移送", "登结果"}),
        (POLICE, {"加记录", "求助"}),
        (LEADER, set()),
    ],
)
def test_notes_are_offered_by_right(page: DossierPage, actor: Actor, offered: set[str]) -> None:
    panel = shown(page, actor, case_events())
    usable = {b.text() for b in panel.buttons.values() if b.isVisible() and b.isEnabled()}
    assert offered <= usable
    if not offered:
        assert not usable
    for kind, button in panel.buttons.items():
        assert not (button.isVisible() and not button.isEnabled()) or panel.refusal(kind)


def test_a_steward_who_was_asked_answers_and_nothing_else(page: DossierPage) -> None:
    """B22."""
    panel = shown(page, ECOLOGY, case_events())
    usable = [kind for kind, b in panel.buttons.items() if b.isVisible() and b.isEnabled()]
    assert usable == [c.HelpAnswered]
    assert panel.refusal(c.RecordAdded) == "只能办理本单位的事项"


def test_a_supervisor_signs_off_what_it_supervises(page: DossierPage) -> None:
    """Y17: one that has no other part in the case; the other's line waits, too."""
    events = case_events()
    opened = e.JointSupervisionOpened(("platform", "ecology"), "群众不满意")
    events.append(Event(events[-1].at + timedelta(minutes=1), DUTY, opened))
    panel = shown(page, ECOLOGY, events)
    assert panel.refusal(c.SupervisionSignedOff) == "请先完成“整改”环节"
    events.append(Event(events[-1].at + timedelta(minutes=1), HANDLER, e.Rectified("已停工")))
    panel = shown(page, ECOLOGY, events)
    usable = [kind for kind, b in panel.buttons.items() if b.isVisible() and b.isEnabled()]
    assert usable == [c.HelpAnswered, c.SupervisionSignedOff]
    lines = [panel.table.model().record(row) for row in range(panel.table.model().rowCount())]
    waiting = [line for line in lines if line.kind is MatterKind.SUPERVISION]
    assert [line.mark.word for line in waiting] == ["待签结", "待签结"]
    assert [line.text for line in waiting] == ["平台办：群众不满意", "生态环境局：群众不满意"]


def test_nothing_is_noted_in_a_replay(page: DossierPage) -> None:
    panel = shown(page, DUTY, case_events(), replayed=True)
    assert all(not b.isEnabled() for b in panel.buttons.values() if b.isVisible())
    assert "回放" in panel.refusal(c.RecordAdded)


def test_a_line_opens_the_form_that_goes_on_with_it(page: DossierPage, qtbot: QtBot) -> None:
    panel = shown(page, DUTY, case_events())
    asked: list[Any] = []
    page.step_requested.connect(asked.append)
    panel.table.choose("request.2")
    assert panel._go_on.text() == "批准延期"
    qtbot.mouseClick(panel._go_on, Qt.MouseButton.LeftButton)
    assert asked[-1].kind is e.Extended
    assert asked[-1].preset["due"] == after(days=9)
    assert asked[-1].preset["reason"] == "设备到货需要一周"
    panel.table.choose("subject.5")
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert asked[-1].kind is c.SubjectInspected
    assert asked[-1].preset == {"subject": "味美快餐5 号店"}
    assert asked[-1].options["subject"][0].key == "蓝天火锅4 号店"
    panel.table.choose("mark.1")
    qtbot.mouseClick(panel._go_on, Qt.MouseButton.LeftButton)
    assert asked[-1].preset == {"marked": False, "mark": "model"}
    # What has ended is shown in full, and offers nothing.
    panel.table.choose("transfer.1")
    assert "公受案〔2026〕118 号" in panel._whole.text()
    assert panel._go_on.isHidden()
    panel.set_actor(LEADER)
    panel.table.choose("request.2")
    assert panel._go_on.isHidden()


def test_every_note_has_its_line_in_the_log() -> None:
    noted = [event.fact for event in case_events() if isinstance(event.fact, ORDERS)]
    more = [
        c.PauseRequested("x"),
        c.RequestDeclined("housing", "y"),
        c.RecordApproved(2),
        c.HelpAnswered(1, "z"),
        c.SupervisionSignedOff("同意办结"),
    ]
    assert {type(fact) for fact in (*noted, *more)} == set(ORDERS)
    for fact in (*noted, *more):
        name = type(fact).__name__
        assert kind_text(fact) != name
        assert name not in fact_text(fact, {}, {})


def test_evidence_of_records_and_subjects_is_evidence_of_the_ticket(page: DossierPage) -> None:
    dossier = dossier_of(case_events(), NOW)
    assert [row.note for row in dossier.evidence][-2:] == ["老城区烧烤1 号店", "餐饮油烟一案一策"]
    assert dossier.latest - dossier.evidence[-1].at < timedelta(hours=8)


@pytest.fixture
def dressed(page: DossierPage, qapp: QApplication) -> Iterator[DossierPage]:
    load_fonts()
    yield page
    qapp.setStyleSheet("")


@pytest.mark.parametrize("actor", [DUTY, HANDLER])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
def test_it_fits(dressed: DossierPage, qapp: QApplication, size: tuple[int, int], actor: Actor) -> None:
    page, scale = dressed, dressed.matters.scale
    scale.fit(*size)
    apply_style(qapp, scale)
    panel = shown(page, actor, overfull_events())
    page.resize(size[0], size[1] - scale.px(64))
    page.grab()
    assert page.width() == size[0]
    first, last = panel.table.rows_in_sight()
    assert last - first >= 4
    assert panel.table.horizontalScrollBar().maximum() == 0
