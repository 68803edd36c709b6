"""The desk's forms: kind and bodies with the rule that names them, and several orders with their outcomes."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.city import load_city
from domain.batch import BatchDraft, Outcome
from domain.desk_queue import Task
from domain.dispatching import DispatchDraft
from domain.drafts import Choice
from domain.rights import Reason, RefusedError
from domain.suggesting import assignment, suggest
from tests.widgets.desk.test_duty_page import row
from widgets.desk.dispatch_form import DispatchForm, DispatchSubject, Purpose
from widgets.desk.duty_orders import accept_lines, chase_lines, dispatch_lines, note_lines
from widgets.desk.marked_text import MarkedText
from widgets.desk.queue_batch import BatchForm
from widgets.scale import Scale

CITY = load_city()
NAMES = {body.key: body.short for body in CITY.bodies}
BODIES = tuple(Choice(key, name) for key, name in NAMES.items())
ASSIGNED = {
    kind.code: found
    for kind in CITY.categories
    if (found := assignment(CITY, kind, "320302", {b.key for b in CITY.responsible})) is not None
}
TEXT = "楼下饭店油烟直冲窗户，占道烧烤"


def subject(**parts: object) -> DispatchSubject:
    values: dict = {
        "ticket": "T-1",
        "title": "扰民",
        "text": TEXT,
        "advice": suggest(CITY.categories, "扰民", TEXT),
        "kinds": tuple(Choice(kind.code, kind.name) for kind in CITY.categories),
        "assignments": ASSIGNED,
        "holders": BODIES,
        "bodies": BODIES,
        "names": NAMES,
        "expected": 7,
    }
    return DispatchSubject(**{**values, **parts})


def opened(qtbot: QtBot, what: DispatchSubject) -> DispatchForm:
    form = DispatchForm(what, Scale())
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(form)
    form.open()
    return form


def submitted(qtbot: QtBot, form: DispatchForm) -> DispatchDraft:
    with qtbot.waitSignal(form.submitted) as told:
        QTest.keyClick(form.focusWidget(), Qt.Key.Key_Return)
    return told.args[0]


def test_what_the_list_says_is_filled_in_and_enter_sends_it(qtbot: QtBot) -> None:
    """Y12: the suggested kind, its bodies, the line of the list and the words that led to it."""
    form = opened(qtbot, subject())
    named = ASSIGNED["D01"]
    assert form.kind.currentText().startswith("1 D01 ")
    assert form.why.text() == "依据词：饭店、油烟"
    assert named.rule in form.rule.text()
    draft = submitted(qtbot, form)
    assert draft == DispatchDraft(
        form.request_id,
        "T-1",
        "D01",
        ("饭店", "油烟"),
        named.lead,
        tuple(key for key in NAMES if key in named.assisting),
        named.rule,
        expected=7,
    )


def test_another_kind_brings_its_own_bodies_and_no_words(qtbot: QtBot) -> None:
    form = opened(qtbot, subject())
    QTest.keyClick(form.kind, "2")
    assert form.kind.value == "D02"
    form.kind.choose("H01")
    draft = submitted(qtbot, form)
    assert (draft.category, draft.words, draft.rule) == ("H01", (), ASSIGNED["H01"].rule)
    assert draft.lead == ASSIGNED["H01"].lead


def test_a_body_by_hand_cites_no_line_and_says_so(qtbot: QtBot) -> None:
    form = opened(qtbot, subject())
    form.lead.choose("agriculture")
    assert "与责任清单不同" in form.rule.text()
    draft = submitted(qtbot, form)
    assert (draft.lead, draft.rule) == ("agriculture", None)


def test_a_kind_that_the_ticket_has_is_kept(qtbot: QtBot) -> None:
    draft = submitted(qtbot, opened(qtbot, subject(category="D01")))
    assert (draft.category, draft.words) == (None, ())


def test_only_the_kind_and_only_when_it_changes(qtbot: QtBot) -> None:
    form = opened(qtbot, subject(category="D01", purpose=Purpose.KIND))
    QTest.keyClick(form.focusWidget(), Qt.Key.Key_Return)
    assert form.message.text() == "■ 类别没有改变"
    form.kind.choose("D02")
    draft = submitted(qtbot, form)
    assert (draft.category, draft.lead, draft.again) == ("D02", None, False)


def test_a_correction_begins_with_who_has_it_and_wants_another(qtbot: QtBot) -> None:
    form = opened(qtbot, subject(category="D01", purpose=Purpose.AGAIN, lead="housing", assisting=("water",)))
    assert (form.lead.value, form.assisting.value) == ("housing", ("water",))
    QTest.keyClick(form.focusWidget(), Qt.Key.Key_Return)
    assert form.message.text() == "■ 请改选主办或协办单位"
    form.lead.choose("water")
    draft = submitted(qtbot, form)
    assert (draft.lead, draft.assisting, draft.again) == ("water", (), True)


def test_nothing_is_sent_without_a_body(qtbot: QtBot) -> None:
    form = opened(qtbot, subject(text="工资", advice=suggest(CITY.categories, "工资", "工资")))
    QTest.keyClick(form.focusWidget(), Qt.Key.Key_Return)
    assert form.message.text() == "■ 请选择“类别”"
    form.kind.choose("D01")
    form.lead.choose("")
    QTest.keyClick(form.focusWidget(), Qt.Key.Key_Return)
    assert form.message.text() == "■ 请选择“主办单位”"


def test_marked_words_are_where_they_stand(qtbot: QtBot) -> None:
    """Also behind a character that Qt counts as two; a text that was made harmless has no marks."""
    text = MarkedText(Scale())
    qtbot.addWidget(text)
    said = "𠮷记饭店，不是油烟"
    text.show_text(said, suggest(CITY.categories, "", said).spans)
    assert text.marked == ("饭店", "油烟")
    assert [s.format.fontStrikeOut() for s in text.extraSelections()] == [False, True]
    text.show_text("<b>饭店</b>", ())
    assert text.toPlainText() == "<b>饭店</b>"


# --- several at once ---------------------------------------------------------------------------------------


def batch(qtbot: QtBot, lines: tuple) -> BatchForm:
    form = BatchForm("批量", "全部办理", lines, Scale())
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(form)
    form.open()
    return form


def outcome_of(form: BatchForm, line: int) -> str:
    return form.table.model().index(line, 3).data()


def test_each_line_says_what_became_of_it(qtbot: QtBot) -> None:
    """Half done is impossible to misread: done, refused with the reason, not written, not tried."""
    lines = accept_lines([row(1), row(2), row(3), row(4, Task.REVISIT)])
    form = batch(qtbot, lines)
    assert "将办理 3 件，1 件不办" in form.summary.text()
    with qtbot.waitSignal(form.submitted) as told:
        QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
    draft = told.args[0]
    assert isinstance(draft, BatchDraft)
    ids = [order.request_id for order in draft.orders]
    assert len(set(ids)) == 3
    refusal = RefusedError(Reason.CHANGED_MEANWHILE, "ticket/x")
    form.show_carried((Outcome(ids[0]), Outcome(ids[1], refusal), Outcome(ids[2], written=False)))
    assert form.summary.text().startswith("● 已办 1 件　■ 被拒 1 件　◆ 未写入 1 件")
    assert [outcome_of(form, n)[:3] for n in range(4)] == ["已办", "被拒：", "未写入", "不办："]

    # What could not be written is given again, by the same request id, and nothing else.
    with qtbot.waitSignal(form.submitted) as told:
        QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
    assert [order.request_id for order in told.args[0].orders] == [ids[2]]
    form.show_carried((Outcome(ids[2]),))
    assert form.summary.text() == "● 已办 2 件　■ 被拒 1 件　未办 1 件"
    QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
    assert form.isHidden()


def test_a_batch_without_orders_is_not_given(qtbot: QtBot) -> None:
    form = batch(qtbot, accept_lines([row(4, Task.REVISIT)]))
    QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
    assert form.message.text() == "■ 没有可以办理的工单"


def test_a_batch_dispatches_by_the_list_and_shows_each_rule() -> None:
    """A ticket without a kind or a word, or whose lead does not exist, is not dispatched blindly."""
    rows = [
        row(1),
        row(2),
        row(3, Task.DISPATCH, category="H01", category_name="秸秆焚烧"),
        row(4, Task.CLOSE),
    ]
    texts = (TEXT, "工资", "不详", TEXT)
    advices = {r.ticket: suggest(CITY.categories, "", text) for r, text in zip(rows, texts, strict=True)}
    named = {r.ticket: ASSIGNED for r in rows}
    first, second, third, fourth = dispatch_lines(rows, advices, named, NAMES)
    assert first.order.category == "D01"
    assert first.order.words == ("饭店", "油烟")
    assert first.order.rule == "责任清单 4.1"
    assert "责任清单 4.1" in first.says
    assert (second.order, second.refusal) == (None, "正文中没有责任清单的词，请单独定类")
    assert (third.order.category, third.order.rule) == (None, ASSIGNED["H01"].rule)
    assert fourth.order is None
    (nobody,) = dispatch_lines(rows[:1], advices, {rows[0].ticket: {}}, NAMES)
    assert nobody.order is None


def test_a_ticket_is_chased_once_and_names_its_version() -> None:
    twice = [row(5, Task.UNSIGNED), row(5, Task.OVERDUE), row(6)]
    lines = chase_lines(twice, twice[0].received_at)
    assert [line.order is not None for line in lines] == [True, False, False]
    assert lines[0].order.expected == 5
    assert "部门签收" in lines[0].order.fact.text


def test_a_ticket_without_warnings_says_so() -> None:
    (line,) = note_lines([row(1)], [])
    assert (line.order, line.refusal) == (None, "没有未确认的预警")


def test_esc_leaves_a_batch_undone(qtbot: QtBot) -> None:
    form = batch(qtbot, accept_lines([row(1)]))
    QTest.keyClick(form, Qt.Key.Key_Escape)
    assert form.isHidden()
    assert form.outcomes == ()
