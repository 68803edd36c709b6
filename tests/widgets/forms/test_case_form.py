"""The form of notes in a case: rows that come and go, decisions with deadlines, two facts in one order."""

from dataclasses import fields
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain import case_events as c
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.case_orders import ORDERS
from domain.drafts import Choice, StepDraft
from domain.nodes import Node
from domain.orders import LONGEST_NAME
from domain.people import Actor
from domain.rights import COMMAND_OF
from tests.widgets.case_records import DUTY, HANDLER, NAMES, START, after, calendar, dossier_of
from tests.widgets.matter_records import case_events
from widgets.dossier.case_asked import note_asked
from widgets.forms.case_form import CaseForm
from widgets.forms.case_steps import CASE_STEPS
from widgets.forms.step_fields import Kind
from widgets.scale import Scale

BODIES = tuple(Choice(key, name) for key, name in NAMES.items())


def opened(
    qtbot: QtBot, kind: type, preset: dict[str, Any] | None = None, actor: Actor | None = None
) -> CaseForm:
    dossier = dossier_of(case_events(), after(hours=8))
    actor = actor or (HANDLER if COMMAND_OF[kind] == "ask_office" else DUTY)
    what = note_asked(dossier, kind, actor, preset)
    options = {**what.options}
    if kind is c.HelpAsked:
        options["to"] = BODIES
    form = CaseForm(
        what.__class__(what.kind, what.about, what.fixed, options, what.preset, what.body),
        BODIES,
        START,
        calendar(2026),
        Scale(),
    )
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(form)
    form.open()
    return form


def said(form: CaseForm) -> Any:
    assert form.problem() is None, form.problem()
    draft = form.draft()
    assert isinstance(draft, StepDraft)
    assert draft.ticket == "XZ-20261121-0132"
    return draft.fact


def test_every_note_has_a_form_of_its_fields() -> None:
    assert set(CASE_STEPS) == set(ORDERS)
    for kind, words in CASE_STEPS.items():
        known = {field.name for field in fields(kind)} | {"files", "beside"}
        assert {field.name for field in words.fields} <= known, kind


def test_subjects_are_typed_one_a_line(qtbot: QtBot) -> None:
    """B24."""
    form = opened(qtbot, c.SubjectsListed)
    form.submit()
    assert "检查对象" in form.message.text()
    form.edits["subjects"].setPlainText("一号店\n\n 二号店 \n一号店")
    assert said(form) == c.SubjectsListed(("一号店", "二号店"))


def test_a_subject_is_found_with_a_result(qtbot: QtBot) -> None:
    form = opened(qtbot, c.SubjectInspected, {"subject": "张记羊肉3 号店"})
    assert form.edits["subject"].value == "张记羊肉3 号店"
    form.submit()
    assert "结果" in form.message.text()
    form.edits["result"].choose("violation")
    form.edits["text"].setPlainText("油烟直排")
    form.edits["files"].add(["/site/1.jpg"])
    assert said(form) == c.SubjectInspected("张记羊肉3 号店", SubjectResult.VIOLATION, "油烟直排")
    assert form.draft().files == ("/site/1.jpg",)


def test_a_record_asks_for_what_its_kind_has(qtbot: QtBot) -> None:
    """Y11, Q10, Q11, B16: participants and decisions of a meeting, the number of a document."""
    form = opened(qtbot, c.RecordAdded)
    shown = {name for name, edit in form.edits.items() if not edit.isHidden()}
    assert shown == {"record", "title", "text", "files"}
    form.edits["record"].choose(RecordKind.ON_SITE_ACT)
    assert not form.edits["document"].isHidden()
    assert form.edits["participants"].isHidden()
    form.edits["title"].setText("责令停产")
    form.edits["document"].setText("责停 3 号")
    form.edits["record"].choose(RecordKind.CONSULTATION)
    assert form.edits["document"].isHidden()
    form.edits["title"].setText("联合会商")
    form.submit()
    assert "参加人员" in form.message.text()
    form.edits["participants"].setPlainText("住建局\n街道")
    # What was typed for another kind of record goes nowhere.
    assert said(form) == c.RecordAdded(RecordKind.CONSULTATION, "联合会商", participants=("住建局", "街道"))


def test_decisions_are_rows_that_come_and_go(qtbot: QtBot) -> None:
    """B13, Q10: each with its deadline, by the end of office hours some working days on."""
    form = opened(qtbot, c.RecordAdded)
    form.edits["record"].choose(RecordKind.CONSULTATION)
    form.edits["title"].setText("会商")
    form.edits["participants"].setPlainText("住建局")
    rows = form.edits["decisions"]
    qtbot.mouseClick(rows.add_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(rows.add_button, Qt.MouseButton.LeftButton)
    rows.add().text.setText("停工")
    first, second, third = rows.rows
    high = rows.area.height()
    for _ in range(7):
        rows.add()
    # More rows than fit a low window scroll.
    assert rows.area.height() == high
    qtbot.waitUntil(
        lambda: rows.area.verticalScrollBar().value() == rows.area.verticalScrollBar().maximum() > 0
    )
    for row in rows.rows[3:]:
        qtbot.mouseClick(row.remove, Qt.MouseButton.LeftButton)
    first.text.setText("字" * (LONGEST_NAME + 1))
    form.submit()
    assert "第 1 项过长" in form.message.text()
    qtbot.mouseClick(first.remove, Qt.MouseButton.LeftButton)
    assert rows.rows == [second, third]
    third.until.setDate(third.until.date().addYears(-1))
    form.submit()
    assert "第 2 项的期限已过" in form.message.text()
    third.until.setDate(third.until.date().addYears(1))
    fact = said(form)
    # 20:17 on a Saturday; the first of five working days is the Monday after.
    assert fact.decisions == ("停工",)
    assert [moment.isoformat() for moment in fact.deadlines] == ["2026-11-27T18:00:00+08:00"]


def test_what_it_is_about_is_chosen_from_what_is_open(qtbot: QtBot) -> None:
    done = opened(qtbot, c.DecisionDone)
    assert done.edits["decision"].count() == 3  # two of three are open, and none is chosen
    done.edits["decision"].choose("3.1")
    assert said(done) == c.DecisionDone(3, 1)
    approve = opened(qtbot, c.RecordApproved)
    assert said(approve) == c.RecordApproved(2)
    answer = opened(qtbot, c.HelpAnswered)
    answer.edits["text"].setPlainText("不得新设")
    answer.edits["law"].setText("大气法第八十一条")
    assert said(answer) == c.HelpAnswered(1, "不得新设", "大气法第八十一条")
    decline = opened(qtbot, c.RequestDeclined)
    assert decline.edits["body"].count() == 3
    decline.edits["body"].choose("housing")
    decline.edits["reason"].setPlainText("按期办")
    assert said(decline) == c.RequestDeclined("housing", "按期办")


def test_a_pause_can_be_asked_for_beside_a_question(qtbot: QtBot) -> None:
    """B22: a question stops no clock; whoever wants that asks for it, in the same order."""
    office = opened(qtbot, c.HelpAsked)
    assert office.edits["beside"].isHidden()
    office.edits["beside"].setPlainText("x")
    office.edits["to"].choose("ecology")
    office.edits["question"].setPlainText("？")
    assert office.draft().beside is None
    form = opened(qtbot, c.HelpAsked, actor=HANDLER)
    form.edits["to"].choose("ecology")
    form.edits["question"].setPlainText("是否属危废？")
    assert said(form) == c.HelpAsked("ecology", "是否属危废？")
    assert form.draft().beside is None
    form.edits["beside"].setPlainText("等待鉴定意见")
    assert form.draft().beside == c.PauseRequested("等待鉴定意见")


def test_people_transfers_and_marks(qtbot: QtBot) -> None:
    """B02, Q09, Y26, B26."""
    named = opened(qtbot, c.ResponsibilityNamed)
    assert named.edits["node"].isHidden()
    named.edits["responsible"].choose(ResponsibleAs.WATCHER)
    named.edits["node"].choose(Node.RECTIFY)
    named.edits["name"].setText("刘芳")
    assert said(named) == c.ResponsibilityNamed(ResponsibleAs.WATCHER, "刘芳", Node.RECTIFY)
    named.edits["responsible"].choose(ResponsibleAs.LEAD_IN_CHARGE)
    named.edits["name"].setText("")
    assert said(named) == c.ResponsibilityNamed(ResponsibleAs.LEAD_IN_CHARGE, "")
    transfer = opened(qtbot, c.TransferredOut)
    transfer.edits["to"].choose(Authority.COURT)
    transfer.edits["document"].setText("移送 3 号")
    transfer.edits["reason"].setPlainText("申请强制执行")
    assert said(transfer) == c.TransferredOut(Authority.COURT, "移送 3 号", "申请强制执行")
    mark = opened(qtbot, c.CaseMarked)
    mark.edits["mark"].choose(CaseMark.WARNING)
    mark.edits["reason"].setPlainText("教训")
    assert said(mark) == c.CaseMarked(CaseMark.WARNING, True, "教训")
    gone = opened(qtbot, c.CaseMarked, {"mark": "model", "marked": False})
    gone.edits["reason"].setPlainText("数据有误")
    assert said(gone) == c.CaseMarked(CaseMark.MODEL, False, "数据有误")


@pytest.mark.parametrize("kind", ORDERS)
def test_no_field_of_a_form_is_of_an_unknown_kind(qtbot: QtBot, kind: type) -> None:
    form = opened(qtbot, kind)
    for field in CASE_STEPS[kind].fields:
        assert form.edits[field.name] is not None
        assert field.kind in Kind
        assert form.edits[field.name].flaw == ""
