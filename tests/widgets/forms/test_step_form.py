"""The one form of all steps: each kind asks for what its fact needs, says what is missing, writes once."""

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from domain import drafts as d
from domain import events as e
from domain.drafts import Choice, StepDraft
from domain.duty_log import DeviceNoteDraft
from domain.merging import SplitDraft
from domain.nodes import Node
from domain.rights import COMMAND_OF, Command
from tests.widgets.case_records import NAMES, START, after, calendar
from widgets.forms.asked import Asked
from widgets.forms.case_steps import CASE_STEPS
from widgets.forms.duty_steps import DUTY_STEPS
from widgets.forms.step_fields import Field, Kind
from widgets.forms.step_form import STEP_FORMS, StepForm
from widgets.forms.ticket_steps import TICKET_STEPS
from widgets.scale import Scale

BODIES = tuple(Choice(key, name) for key, name in NAMES.items())
OPTIONS = {
    "node": (Choice(Node.RECTIFY, "整改"), Choice(Node.ARRIVE, "到场")),
    "body": BODIES,
    "lead": BODIES,
}
NUMBER = {"number": "督字 1 号"}
PLAIN = {kind: words for kind, words in STEP_FORMS.items() if kind not in CASE_STEPS}
"""What is noted in a case has a form with rows that come and go (test_case_form.py)."""


def asked(kind: type, **parts: Any) -> Asked:
    if kind in TICKET_STEPS:
        fixed: dict[str, Any] = {"ticket": "XZ-1"}
    elif kind in (d.ComplainantDraft, SplitDraft):
        fixed = {"ticket": "XZ-1"}
    elif kind in (d.SignDirectiveDraft, d.FeedBackDraft):
        fixed = {**NUMBER, "body": "housing"}
    elif kind in DUTY_STEPS:
        fixed = {"items": (7,)} if kind is DeviceNoteDraft else {}
    elif kind is d.RemindAllDraft:
        fixed = {"owing": (d.Owing("D-2026-001", "housing"),)}
    else:
        fixed = NUMBER
    return Asked(kind, "XZ-1 夜间施工噪声扰民", **{"fixed": fixed, "options": OPTIONS, **parts})


def opened(qtbot: QtBot, what: Asked) -> StepForm:
    form = StepForm(what, BODIES, START, calendar(2026), Scale())
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(form)
    form.open()
    return form


def fill(form: StepForm, field: Field) -> None:
    edit = form.edits[field.name]
    match field.kind:
        case Kind.LINES:
            edit.setPlainText("王磊\n李雪")
        case Kind.TEXT:
            edit.setPlainText("已按要求办理")
        case Kind.LINE:
            edit.setText("徐环立〔2026〕1 号")
        case Kind.NUMBER:
            edit.setText("20,000")
        case Kind.CHOICE:
            edit.setCurrentIndex(1)
        case Kind.WORDED:
            edit.choice.setCurrentIndex(1)
            edit.words.setPlainText("对分管负责人，三日内")
        case Kind.BODIES:
            edit.choose(("police",))
        case Kind.YES_NO:
            edit.answer(False)
        case Kind.DEADLINE:
            edit.set_deadline(after(days=2))


def test_every_step_of_the_rights_table_has_a_form_of_its_fields() -> None:
    platform_and_body = (Command.RUN_PLATFORM_NODES, Command.RUN_BODY_NODES)
    steps = {fact for fact, command in COMMAND_OF.items() if command in platform_and_body}
    assert set(TICKET_STEPS) == steps
    for kind, words in PLAIN.items():
        known = {field.name for field in fields(kind)}
        beside = (Kind.FILES, Kind.POSITION, Kind.READINGS)  # the draft's, and several fields
        assert {field.name for field in words.fields if field.kind not in beside} <= known, kind


@pytest.mark.parametrize("kind", PLAIN)
def test_a_step_says_what_is_missing_and_submits_once(qtbot: QtBot, kind: type) -> None:
    form = opened(qtbot, asked(kind))
    sent: list[Any] = []
    form.submitted.connect(sent.append)
    for field in STEP_FORMS[kind].fields:
        edit = form.edits[field.name]
        if field.required and edit.value in ("", (), None):
            form.submit()
            assert form.message.isVisible()
            assert not sent
            assert form.message.text().count("“") == 1
        fill(form, field)
    qtbot.mouseDClick(form.submit_button, Qt.MouseButton.LeftButton)
    form.submit()
    assert len(sent) == 1
    draft = sent[0]
    assert draft.request_id == form.request_id
    if kind in TICKET_STEPS:
        assert isinstance(draft, StepDraft)
        assert (draft.ticket, type(draft.fact)) == ("XZ-1", kind)
    else:
        assert type(draft) is kind
    form.show_done()


def test_a_dispatch_names_lead_assisting_and_rule(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Dispatched, preset={"lead": "housing", "assisting": ("police", "ecology")}))
    form.edits["rule"].setText(" 责任清单 3.12 ")
    assert form.draft().fact == e.Dispatched("housing", ("police", "ecology"), "责任清单 3.12")


def test_what_is_left_empty_stays_at_its_default(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Arrived))
    assert form.problem() is None
    assert form.draft().fact == e.Arrived()
    form.edits["distance_m"].setText("38")
    assert form.draft().fact == e.Arrived(38)
    form.edits["distance_m"].setText("三十八")
    form.submit()
    assert "整数" in form.message.text()
    assert form.edits["distance_m"].text() == "三十八"


def test_a_revisit_takes_no_answer_for_granted_and_wants_the_reason_of_a_no(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Revisited))
    form.submit()
    assert "是否满意" in form.message.text()
    form.edits["satisfied"].answer(True)
    assert form.problem() is None
    form.edits["satisfied"].answer(False)
    form.submit()
    assert "回访情况" in form.message.text()
    form.edits["text"].setPlainText("夜间仍有噪声")
    assert form.draft().fact == e.Revisited(False, "夜间仍有噪声")


def test_an_extension_names_a_running_node_and_a_time_to_come(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Extended))
    form.edits["node"].choose(Node.ARRIVE)
    form.edits["reason"].setPlainText("设备未到")
    form.edits["due"].set_deadline(START - timedelta(hours=1))
    form.submit()
    assert "已过" in form.message.text()
    form.edits["due"].set_deadline(after(hours=5, minutes=-17, seconds=-6))
    fact = form.draft().fact
    assert (fact.node, fact.due, fact.reason) == (
        Node.ARRIVE,
        after(hours=4, minutes=42, seconds=54),
        "设备未到",
    )


def test_a_usual_reason_takes_a_remark_and_another_needs_words(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(d.ComplainantDraft))
    reason = form.edits["reason"]
    reason.choice.setCurrentIndex(1)
    assert form.draft().reason == "联系举报人核实情况"
    reason.words.setPlainText("二次来电")
    assert form.draft().reason == "联系举报人核实情况：二次来电"
    reason.choice.setCurrentIndex(reason.choice.count() - 1)
    reason.words.setPlainText(" ")
    form.submit()
    assert form.message.text() == "■ 请在“查看事由”下方写明补充说明"
    reason.words.setPlainText("家属询问")
    assert form.draft().reason == "家属询问"


@pytest.mark.parametrize("kind", [kind for kind, words in STEP_FORMS.items() if words.final])
def test_what_ends_for_good_takes_no_outcome_for_granted(qtbot: QtBot, kind: type) -> None:
    form = opened(qtbot, asked(kind))
    sent: list[Any] = []
    form.submitted.connect(sent.append)
    [field] = STEP_FORMS[kind].fields
    caption = field.caption.partition("（")[0]
    assert form.edits[field.name].value == ""
    assert not form.submit_button.isEnabled()
    assert form.missing.isVisible()
    assert caption in form.missing.text()
    qtbot.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    form.submit()
    assert not sent
    fill(form, field)
    assert form.submit_button.isEnabled()
    assert form.missing.isHidden()
    qtbot.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    assert len(sent) == 1
    assert not form.submit_button.isEnabled()
    form.show_refusal("数据库暂不可用")
    assert form.submit_button.isEnabled()


def test_a_file_is_closed_with_a_choice_and_its_details(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(d.CloseFileDraft))
    said = form.edits["recommendation"]
    assert form.missing.text() == "请选择“处理建议”"
    said.words.setPlainText("对分管负责人")
    assert form.missing.text() == "请选择“处理建议”"
    said.words.clear()
    said.choice.choose("谈话")
    assert form.missing.text() == "请在“处理建议”下方写明对象、内容与期限"
    assert not form.submit_button.isEnabled()
    said.words.setPlainText("对分管负责人，三日内")
    assert form.submit_button.isEnabled()
    assert form.draft().recommendation == "谈话：对分管负责人，三日内"


def test_a_ticket_is_closed_with_a_conclusion_and_a_remark_if_any(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Closed))
    assert form.missing.text() == "请选择“办理结论”"
    form.edits["outcome"].choice.choose("清零")
    assert form.submit_button.isEnabled()
    assert form.draft().fact == e.Closed("清零")


def test_a_confirmation_needs_one_key(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Signed))
    assert form.edits == {}
    assert form.focusWidget() is form.submit_button
    with qtbot.waitSignal(form.submitted) as sent:
        qtbot.keyClick(form.submit_button, Qt.Key.Key_Return)
    assert sent.args[0].fact == e.Signed()
    form.show_done()


def test_the_whole_form_can_be_filled_in_by_keyboard(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Rectified))
    form.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is form.edits["measures"])
    qtbot.keyClicks(form.edits["measures"], "sealed")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert form.edits["violation"].value is True
    for _ in range(6):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if isinstance(focused, QPushButton) and focused is form.submit_button:
            break
    with qtbot.waitSignal(form.submitted) as sent:
        qtbot.keyClick(form.submit_button, Qt.Key.Key_Return)
    assert sent.args[0].fact == e.Rectified("sealed", True)
    form.show_refusal("期间有他人办理，请核对后重新提交")
    assert form.edits["measures"].value == "sealed"


def test_what_a_step_is_about_does_not_push_the_form_off_the_screen(qtbot: QtBot) -> None:
    long = "\n".join("长" * 2000 for _ in range(12))
    form = opened(qtbot, replace(asked(d.JudgeDraft), about=long))
    assert form.sizeHint().height() < 1080


def test_files_go_with_the_step_and_can_be_taken_back(qtbot: QtBot) -> None:
    form = opened(qtbot, asked(e.Arrived))
    files = form.edits["files"]
    assert not files.clear_button.isEnabled()
    files.add([f"/photos/{n}.jpg" for n in range(5)])
    files.add(["/photos/0.jpg"])
    assert files.names.text().endswith("等 5 个")
    assert form.draft().files == tuple(f"/photos/{n}.jpg" for n in range(5))
    assert form.draft().fact == e.Arrived()
    qtbot.mouseClick(files.clear_button, Qt.MouseButton.LeftButton)
    assert form.draft().files == ()
    files.add([f"/photos/{n}.jpg" for n in range(101)])
    form.submit()
    assert "最多 100 个" in form.message.text()


def test_files_are_chosen_in_a_dialog_of_their_own(qtbot: QtBot, tmp_path: Path) -> None:
    photo = tmp_path / "site.jpg"
    photo.write_bytes(b"x")
    form = opened(qtbot, asked(e.Rectified))
    files = form.edits["files"]
    qtbot.mouseClick(files.add_button, Qt.MouseButton.LeftButton)
    dialog = files.findChild(QFileDialog)
    dialog.selectFile(str(photo))
    dialog.filesSelected.emit([str(photo)])
    dialog.reject()
    assert files.value == (str(photo),)
    assert files.names.text() == "site.jpg"
    qtbot.waitUntil(lambda: files.findChild(QFileDialog) is None)
