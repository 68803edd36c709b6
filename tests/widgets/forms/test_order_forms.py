"""The forms: they say what is missing, submit once, keep what was typed on a refusal, close when done."""

from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from domain.drafts import Choice, DirectiveSubject, re_supervision_about
from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.nodes import Node
from domain.urgency import Urgency
from tests.widgets.case_records import NAMES, START, after, calendar, warning_row
from widgets.directive_basis import about_warning
from widgets.forms.acknowledge_form import AcknowledgeForm
from widgets.forms.directive_form import DirectiveForm
from widgets.forms.order_form import OrderForm
from widgets.forms.re_supervision_form import ReSupervisionForm
from widgets.scale import Scale

Form = TypeVar("Form", bound=OrderForm)

BODIES = tuple(Choice(key, name) for key, name in NAMES.items())


@pytest.fixture
def scale(qapp: object) -> Scale:
    return Scale()


@pytest.fixture
def directive(qtbot: QtBot, scale: Scale) -> DirectiveForm:
    subject = DirectiveSubject(("XZ-1", "XZ-2"), areas=(Choice("320312", "铜山区"),), bodies=("housing",))
    return opened(qtbot, DirectiveForm(subject, BODIES, START, calendar(2026), scale))


@pytest.fixture
def re_supervision(qtbot: QtBot, scale: Scale) -> ReSupervisionForm:
    subject = re_supervision_about(warning_row(132, re_supervision="Z-2026-0117"))
    return opened(qtbot, ReSupervisionForm(subject, BODIES, START, calendar(2026), scale))


def opened(qtbot: QtBot, form: Form) -> Form:
    # The test closes it; a form of the program deletes itself.
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(form)
    form.open()
    return form


def submit(qtbot: QtBot, form: OrderForm) -> None:
    qtbot.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)


def test_directive_carries_what_was_chosen(directive: DirectiveForm, qtbot: QtBot) -> None:
    qtbot.keyClicks(directive.text, "  tonight  ")
    qtbot.mouseClick(directive.deadline.tonight, Qt.MouseButton.LeftButton)
    directive.choose_urgency(Urgency.CRITICAL)
    with qtbot.waitSignal(directive.submitted) as sent:
        submit(qtbot, directive)
    draft = sent.args[0]
    assert draft.text == "tonight"
    assert draft.receivers == ("housing",)
    assert draft.deadline == datetime.fromisoformat("2026-11-21T22:00:00+08:00")
    assert draft.urgency is Urgency.CRITICAL
    assert (draft.tickets, draft.areas) == (("XZ-1", "XZ-2"), ("320312",))
    assert draft.request_id == directive.request_id


def test_directive_says_what_is_missing(directive: DirectiveForm, qtbot: QtBot) -> None:
    sent: list[object] = []
    directive.submitted.connect(sent.append)
    submit(qtbot, directive)
    assert "指令内容" in directive.message.text()
    qtbot.keyClicks(directive.text, "x")
    directive.receivers.choose(())
    submit(qtbot, directive)
    assert "接收单位" in directive.message.text()
    directive.receivers.choose(("police",))
    directive.deadline.set_deadline(START - timedelta(minutes=1))
    submit(qtbot, directive)
    assert "期限已过" in directive.message.text()
    directive.deadline.set_deadline(after(hours=2))
    submit(qtbot, directive)
    assert len(sent) == 1
    assert not directive.message.isVisible()


def test_directive_text_has_a_limit(directive: DirectiveForm, qtbot: QtBot) -> None:
    directive.text.setPlainText("长" * 2001)
    submit(qtbot, directive)
    assert "2000" in directive.message.text()
    assert len(directive.text.toPlainText()) == 2001


def test_all_receivers_in_one_click(directive: DirectiveForm, qtbot: QtBot) -> None:
    box = directive.receivers.all_box
    assert box.checkState() is Qt.CheckState.PartiallyChecked
    spot = QPoint(10, box.height() // 2)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=spot)
    assert directive.receivers.chosen == tuple(NAMES)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=spot)
    assert directive.receivers.chosen == ()


def test_refusal_keeps_the_form_and_its_text(directive: DirectiveForm, qtbot: QtBot) -> None:
    qtbot.keyClicks(directive.text, "keep me")
    sent: list[object] = []
    directive.submitted.connect(sent.append)
    submit(qtbot, directive)
    assert directive.busy
    directive.show_refusal("只有领导可以执行此操作")
    assert directive.isVisible()
    assert directive.text.text == "keep me"
    assert "只有领导" in directive.message.text()
    submit(qtbot, directive)
    assert [draft.request_id for draft in sent] == [directive.request_id] * 2  # type: ignore[attr-defined]
    directive.show_done()
    assert directive.result() == QDialog.DialogCode.Accepted
    assert not directive.isVisible()


def test_esc_asks_once_before_typed_text_is_lost(directive: DirectiveForm, qtbot: QtBot) -> None:
    qtbot.keyClicks(directive.text, "once")
    qtbot.keyClick(directive.text, Qt.Key.Key_Escape)
    assert directive.isVisible()
    assert "再按一次 Esc" in directive.asking.text()
    assert directive.cancel_button.text() == "放弃填写"
    qtbot.keyClicks(directive.text, " more")
    qtbot.keyClick(directive.text, Qt.Key.Key_Escape)
    assert directive.isVisible(), "it was asked about less"
    assert directive.text.text == "once more"
    qtbot.keyClick(directive.text, Qt.Key.Key_Escape)
    assert not directive.isVisible()


def test_esc_closes_at_once_where_nothing_was_typed(directive: DirectiveForm, qtbot: QtBot) -> None:
    directive.text.setPlainText("preset")
    qtbot.keyClick(directive.text, Qt.Key.Key_Escape)
    assert not directive.isVisible()


def test_busy_form_neither_closes_nor_submits_twice(directive: DirectiveForm, qtbot: QtBot) -> None:
    qtbot.keyClicks(directive.text, "once")
    sent: list[object] = []
    directive.submitted.connect(sent.append)
    submit(qtbot, directive)
    directive.submit()
    qtbot.keyClick(directive, Qt.Key.Key_Escape)
    directive.close()
    assert directive.isVisible()
    assert len(sent) == 1
    directive.show_done()


def test_enter_is_a_line_and_control_enter_submits(directive: DirectiveForm, qtbot: QtBot) -> None:
    qtbot.keyClicks(directive.text, "a")
    qtbot.keyClick(directive.text, Qt.Key.Key_Return)
    assert not directive.busy
    assert directive.text.toPlainText() == "a\n"
    with qtbot.waitSignal(directive.submitted):
        qtbot.keyClick(directive, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_deadline_presets_follow_the_calendar(directive: DirectiveForm, qtbot: QtBot) -> None:
    # Saturday 2026-11-21, 20:17; three working days later is Wednesday, the end of office hours.
    qtbot.mouseClick(directive.deadline.working, Qt.MouseButton.LeftButton)
    assert directive.deadline.deadline == datetime.fromisoformat("2026-11-25T18:00:00+08:00")
    qtbot.mouseClick(directive.deadline.hours, Qt.MouseButton.LeftButton)
    assert directive.deadline.deadline == datetime.fromisoformat("2026-11-22T20:17:00+08:00")


@pytest.mark.parametrize(
    ("row", "hours", "proposed"),
    [
        (
            warning_row(132),
            5,
            "住房和城乡建设局“到场”环节应于 2026-11-21 22:17 办结，已超期 03:00:00。"
            "请立即办理，并按期反馈结果。",
        ),
        (
            warning_row(132, kind=WarningKind.SLOW),
            1,
            "住房和城乡建设局“到场”环节应于 2026-11-21 22:17 办结，还剩 01:00:00。"
            "请抓紧办理，并按期反馈结果。",
        ),
        (
            warning_row(132, kind=WarningKind.WRONG, rule="到场无影像"),
            5,
            "住房和城乡建设局“到场”环节做不对：到场无影像。请立即纠正，并按期反馈结果。",
        ),
    ],
)
def test_a_directive_from_a_warning_proposes_words_and_its_urgency(
    qtbot: QtBot, scale: Scale, row: WarningRow, hours: int, proposed: str
) -> None:
    subject = about_warning(row, after(hours=hours))
    form = opened(qtbot, DirectiveForm(subject, BODIES, START, calendar(2026), scale))
    assert form.urgency is Urgency.CRITICAL
    assert form.text.toPlainText() == proposed
    assert form.receivers.chosen == ("housing",)
    assert row.rule in subject.basis
    about = [label.text() for label in form.findChildren(QLabel) if row.ticket in label.text()]
    assert about == [f"工单 {row.ticket} {row.title}"]
    # The leader writes on, or writes something else.
    qtbot.keyClicks(form.text, "!")
    with qtbot.waitSignal(form.submitted) as sent:
        submit(qtbot, form)
    assert sent.args[0].text == proposed + "!"


def test_a_directive_says_which_tickets_no_receiver_stands_for(qtbot: QtBot, scale: Scale) -> None:
    numbers = tuple(f"XZ-{n}" for n in range(1, 8))
    subject = DirectiveSubject(numbers, bodies=("housing",), unled=("XZ-3",))
    form = opened(qtbot, DirectiveForm(subject, BODIES, START, calendar(2026), scale))
    assert form.unled.isVisible()
    assert form.unled.text() == "◆ 1 件尚未分派，没有承办单位，预选未含：XZ-3"
    many = DirectiveSubject(numbers, unled=numbers)
    form = opened(qtbot, DirectiveForm(many, BODIES, START, calendar(2026), scale))
    assert form.unled.text().endswith("：XZ-1、XZ-2、XZ-3、XZ-4 等")
    whole = DirectiveSubject(numbers, bodies=("housing",))
    assert not opened(qtbot, DirectiveForm(whole, BODIES, START, calendar(2026), scale)).unled.isVisible()


def test_tonight_cannot_be_chosen_at_night(qtbot: QtBot, scale: Scale) -> None:
    late = datetime.fromisoformat("2026-11-21T22:30:00+08:00")
    form = opened(qtbot, DirectiveForm(DirectiveSubject(), BODIES, late, calendar(2026), scale))
    assert not form.deadline.tonight.isEnabled()


def test_re_supervision_names_the_draft_and_what_is_frozen(
    re_supervision: ReSupervisionForm, qtbot: QtBot
) -> None:
    submit(qtbot, re_supervision)
    assert "要求说明" in re_supervision.message.text()
    qtbot.keyClicks(re_supervision.question, "why")
    with qtbot.waitSignal(re_supervision.submitted) as sent:
        submit(qtbot, re_supervision)
    draft = sent.args[0]
    assert (draft.ticket, draft.body, draft.node, draft.round) == (
        "XZ-20261121-0132",
        "housing",
        Node.ARRIVE,
        1,
    )
    assert (draft.number, draft.cause, draft.question) == ("Z-2026-0117", "环节到期未办结", "why")


def test_re_supervision_needs_a_body(qtbot: QtBot, scale: Scale) -> None:
    subject = re_supervision_about(warning_row(body=None))
    form = opened(qtbot, ReSupervisionForm(subject, BODIES, START, calendar(2026), scale))
    qtbot.keyClicks(form.question, "why")
    submit(qtbot, form)
    assert "单位" in form.message.text()
    form.body_choice.setCurrentIndex(form.body_choice.findData("police"))
    with qtbot.waitSignal(form.submitted) as sent:
        submit(qtbot, form)
    assert sent.args[0].body == "police"


def test_acknowledgement_names_the_warning(qtbot: QtBot, scale: Scale) -> None:
    row = warning_row(7, WarningLevel.YELLOW, WarningKind.SLOW, leg=2)
    form = opened(qtbot, AcknowledgeForm(row, scale))
    qtbot.keyClicks(form.note, "called")
    with qtbot.waitSignal(form.submitted) as sent:
        submit(qtbot, form)
    draft = sent.args[0]
    assert (draft.ticket, draft.kind, draft.level) == (row.ticket, WarningKind.SLOW, WarningLevel.YELLOW)
    assert (draft.node, draft.round, draft.leg, draft.note) == (Node.ARRIVE, 1, 2, "called")
