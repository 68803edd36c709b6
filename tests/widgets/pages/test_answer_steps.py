"""Answers to directives and steps of re-supervisions on the list pages: who is offered what, and when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.details import ReSupervisionDetail
from domain.directive_listing import DirectiveCounts, DirectiveDetail, DirectiveReceipts, ReceiptRow
from domain.drafts import (
    AskDraft,
    Choice,
    CloseFileDraft,
    DeclineDraft,
    ExplainDraft,
    FeedBackDraft,
    FindDraft,
    JudgeDraft,
    RemindDraft,
    SignDirectiveDraft,
    WithdrawDraft,
)
from domain.events import Behaviour
from domain.frozen_facts import Comparable, Count
from domain.nodes import Node
from domain.overview import DirectiveState
from domain.people import Actor, Role
from domain.re_supervision import Exchange, FileCounts, FileState
from tests.widgets.case_records import DUTY, HANDLER, LEADER, OFFICER, START, after
from tests.widgets.page_records import directive_line, directive_row, file_detail, file_row
from widgets.pages.directives_page import DirectivesPage
from widgets.pages.re_supervisions_page import ReSupervisionsPage
from widgets.scale import Scale
from widgets.step_bar import StepBar
from widgets.style import apply_style, load_fonts

STRANGER = Actor(Role.HANDLER, "许静", "nobody")
WALL = Actor(Role.WALL, "大屏")


@pytest.fixture
def directives(qtbot: QtBot, qapp: object) -> DirectivesPage:
    page = DirectivesPage(Scale())
    qtbot.addWidget(page)
    page.show()
    put_lines(page, [directive_line(1)])
    return page


def put_lines(page: DirectivesPage, lines: list[DirectiveReceipts]) -> None:
    page.model.set_page(0, lines, len(lines))
    page.show_counts(len(lines), DirectiveCounts(len(lines)), START)
    page.choose_first()


@pytest.fixture
def files(qtbot: QtBot, qapp: object) -> ReSupervisionsPage:
    page = ReSupervisionsPage(Scale())
    qtbot.addWidget(page)
    page.show()
    return page


def directive(
    signed: datetime | None = None,
    fed_back: datetime | None = None,
    accepted: bool | None = None,
    withdrawn: str | None = None,
) -> DirectiveDetail:
    """One for the housing bureau, and for the police, whose feedback was found true."""
    receipts = (
        ReceiptRow("housing", "住建局", signed, fed_back, "已停工" if fed_back else "", accepted),
        ReceiptRow("police", "公安局", after(minutes=1), after(minutes=2), "已查", True),
    )
    row = replace(
        directive_row(1, DirectiveState.RUNNING),
        receivers=("housing", "police"),
        receiver_names=("住建局", "公安局"),
    )
    return DirectiveDetail(row, receipts, withdrawn=withdrawn)


def offered(bar: StepBar) -> list[type]:
    return [kind for kind, button in bar.buttons.items() if button.isVisible() and button.isEnabled()]


NEW = directive()
SIGNED = directive(after(minutes=5))
FED_BACK = directive(after(minutes=5), after(minutes=9))
RETURNED = directive(after(minutes=5), after(minutes=9), False)
TRUE = directive(after(minutes=5), after(minutes=9), True)
WITHDRAWN = directive(withdrawn="另行部署")


@pytest.mark.parametrize(
    ("actor", "detail", "steps"),
    [
        (HANDLER, NEW, [SignDirectiveDraft]),
        (HANDLER, SIGNED, [FeedBackDraft]),
        (HANDLER, FED_BACK, []),
        (HANDLER, RETURNED, [FeedBackDraft]),
        (HANDLER, TRUE, []),
        (HANDLER, WITHDRAWN, []),
        (STRANGER, NEW, []),
        (LEADER, NEW, [RemindDraft, WithdrawDraft]),
        (LEADER, FED_BACK, [JudgeDraft, WithdrawDraft]),
        (LEADER, RETURNED, [RemindDraft, WithdrawDraft]),
        (LEADER, WITHDRAWN, []),
        (DUTY, FED_BACK, []),
        (OFFICER, FED_BACK, []),
        (WALL, NEW, []),
        (None, NEW, []),
    ],
)
def test_a_directive_is_answered_by_its_receivers_and_judged_by_a_leader(
    directives: DirectivesPage, actor: Actor | None, detail: DirectiveDetail, steps: list[type]
) -> None:
    directives.set_actor(actor)
    directives.show_detail(detail)
    bar = directives.directive.steps
    assert offered(bar) == steps
    assert all(offer.refusal for offer in bar.offers if offer.kind not in steps)


def test_reasons_are_said(directives: DirectivesPage) -> None:
    directives.set_actor(STRANGER)
    directives.show_detail(NEW)
    assert "不是指令" in directives.directive.steps.buttons[SignDirectiveDraft].toolTip()
    directives.set_actor(HANDLER)
    assert "请先签收" in directives.directive.steps.buttons[FeedBackDraft].toolTip()
    assert directives.directive.steps.buttons[WithdrawDraft].toolTip() == "只有领导可以执行此操作"


def test_a_handler_answers_for_its_own_body(directives: DirectivesPage, qtbot: QtBot) -> None:
    directives.set_actor(HANDLER)
    directives.show_detail(NEW)
    with qtbot.waitSignal(directives.step_requested) as sent:
        qtbot.mouseClick(directives.directive.steps.buttons[SignDirectiveDraft], Qt.MouseButton.LeftButton)
    asked = sent.args[0]
    assert asked.draft("r", {}) == SignDirectiveDraft("r", "督字 1 号", "housing")
    assert NEW.row.text in asked.about


def test_a_leader_judges_whose_feedback_waits(directives: DirectivesPage, qtbot: QtBot) -> None:
    directives.set_actor(LEADER)
    directives.show_detail(FED_BACK)
    directives.directive.receipts.selectRow(1)  # nothing of the police waits
    with qtbot.waitSignal(directives.step_requested) as sent:
        qtbot.mouseClick(directives.directive.steps.buttons[JudgeDraft], Qt.MouseButton.LeftButton)
    asked = sent.args[0]
    assert asked.options["body"] == (Choice("housing", "住建局"),)
    assert asked.preset == {"body": "housing"}
    assert "住建局：已停工" in asked.about
    assert "已查" not in asked.about
    values = {"body": "housing", "accepted": False, "text": "无照片"}
    assert asked.draft("r", values) == JudgeDraft("r", "督字 1 号", "housing", False, "无照片")


def test_who_sends_back_after_the_deadline_is_told_what_that_means(
    directives: DirectivesPage, qtbot: QtBot
) -> None:
    directives.set_actor(LEADER)
    directives.show_detail(FED_BACK)
    deadline = FED_BACK.row.deadline

    def said(now: datetime) -> bool:
        directives.tick(now)
        with qtbot.waitSignal(directives.step_requested) as sent:
            qtbot.mouseClick(directives.directive.steps.buttons[JudgeDraft], Qt.MouseButton.LeftButton)
        return "退回后该单位当即计为反馈超期" in sent.args[0].about.splitlines()[1]

    assert not said(deadline - timedelta(seconds=1))
    assert said(deadline)
    assert said(deadline + timedelta(seconds=19))


def test_nothing_is_offered_where_nothing_is_chosen(directives: DirectivesPage) -> None:
    directives.set_actor(LEADER)
    directives.show_detail(FED_BACK)
    assert directives.directive.steps.isVisible()
    put_lines(directives, [])
    assert not directives.directive.steps.isVisible()


# --- re-supervisions -----------------------------------------------------------------------------------


def file(state: FileState, **changes: object) -> ReSupervisionDetail:
    detail = file_detail(file_row(7, state))
    if state in (FileState.EXPLAINED, FileState.FOUND, FileState.CLOSED):
        detail = replace(detail, explanation="当晚值班车辆外出")
    return replace(detail, **changes)  # type: ignore[arg-type]


def put(page: ReSupervisionsPage, detail: ReSupervisionDetail) -> None:
    page.model.start_over()
    page.model.set_page(0, [detail.row], 1)
    page.show_counts(1, FileCounts(1, 0, 0), START)
    page.table.selectRow(0)
    page.show_detail(detail)


DRAFTED, LAUNCHED = file(FileState.DRAFTED), file(FileState.LAUNCHED)
EXPLAINED, FOUND = file(FileState.EXPLAINED), file(FileState.FOUND)
CLOSED, DECLINED = file(FileState.CLOSED), file(FileState.DECLINED)
IN_TIME, TOO_LATE = after(hours=24), after(hours=26)


@pytest.mark.parametrize(
    ("actor", "detail", "now", "steps"),
    [
        (OFFICER, DRAFTED, IN_TIME, [DeclineDraft]),
        (OFFICER, LAUNCHED, IN_TIME, []),
        (OFFICER, LAUNCHED, TOO_LATE, [AskDraft, FindDraft]),
        (OFFICER, EXPLAINED, IN_TIME, [AskDraft, FindDraft]),
        (OFFICER, FOUND, IN_TIME, [CloseFileDraft]),
        (OFFICER, CLOSED, TOO_LATE, []),
        (OFFICER, DECLINED, TOO_LATE, []),
        (HANDLER, LAUNCHED, IN_TIME, [ExplainDraft]),
        (HANDLER, LAUNCHED, TOO_LATE, [ExplainDraft]),
        (HANDLER, EXPLAINED, IN_TIME, []),
        (HANDLER, DRAFTED, IN_TIME, []),
        (STRANGER, LAUNCHED, IN_TIME, []),
        (LEADER, FOUND, TOO_LATE, []),
        (DUTY, DRAFTED, IN_TIME, []),
        (WALL, LAUNCHED, IN_TIME, []),
        (None, LAUNCHED, IN_TIME, []),
    ],
)
def test_a_file_goes_on_by_officer_and_supervised_body(
    files: ReSupervisionsPage,
    actor: Actor | None,
    detail: ReSupervisionDetail,
    now: datetime,
    steps: list[type],
) -> None:
    files.set_actor(actor)
    put(files, detail)
    files.tick(now)
    assert offered(files.file.steps) == steps
    assert all(offer.refusal for offer in files.file.steps.offers if offer.kind not in steps)
    assert files.launch.isEnabled() is (actor is OFFICER and detail is DRAFTED)


def test_the_time_to_explain_passes_on_screen(files: ReSupervisionsPage) -> None:
    files.set_actor(OFFICER)
    put(files, LAUNCHED)
    files.tick(IN_TIME)
    assert "说明期限未到" in files.file.steps.buttons[FindDraft].toolTip()
    assert "再认定" in files.file.steps.buttons[FindDraft].toolTip()
    assert "再追问" in files.file.steps.buttons[AskDraft].toolTip()
    files.tick(TOO_LATE)
    assert files.file.steps.buttons[FindDraft].isEnabled()


def test_a_body_that_let_its_time_pass_is_red(files: ReSupervisionsPage) -> None:
    put(files, LAUNCHED)
    files.tick(IN_TIME)
    assert "待说明" in files.file.note
    files.tick(TOO_LATE)
    assert "■ 逾期未说明" in files.file.note
    put(files, EXPLAINED)
    files.tick(TOO_LATE)
    assert "逾期" not in files.file.note


def test_every_question_stands_with_its_answer(files: ReSupervisionsPage, qtbot: QtBot) -> None:
    """T10: what was explained late, and with what, and what is still to be explained."""
    asked = Exchange(
        START, "孙静", "为何超时？", after(hours=1), after(hours=2), "陈立", "车辆外出", ("a" * 64,)
    )
    again = Exchange(after(hours=3), "孙静", "当晚几人值班？", after(hours=9))
    put(files, replace(LAUNCHED, exchanges=(asked, again)))
    questions, answers = files.file.facts.value(2), files.file.facts.value(5)
    assert questions.splitlines()[0].endswith("为何超时？")
    assert questions.splitlines()[1].endswith("当晚几人值班？")
    assert "逾期 01:00:00：车辆外出（附材料 1 份）" in answers
    assert answers.splitlines()[1] == "2. 尚未说明"
    with qtbot.waitSignal(files.file.evidence_requested) as sent:
        qtbot.mouseClick(files.file.materials, Qt.MouseButton.LeftButton)
    assert sent.args == ["Z-2026-0007", ("a" * 64,)]


def test_comparable_cases_are_said_with_what_they_are_compared_to(files: ReSupervisionsPage) -> None:
    """X06: and a small sample is said to be one."""
    own, peers = Count(12, 3), (Count(100, 4), Count(50, 10), Count(40, 4))
    put(files, replace(LAUNCHED, comparable=Comparable(Node.SIGN, "C12", START, own, peers)))
    said = files.file.facts.value(6)
    assert "应办 12 件，超期 3 件，超期率 25.0%；其他单位中位数 10.0%" in said
    # With what stands behind it: 0.0 % of few would say little.
    assert said.endswith("其他单位中位数 10.0%（3 家，应办 190 件，超期 18 件）")
    few = (*peers, Count(1, 1))
    put(files, replace(LAUNCHED, comparable=Comparable(Node.SIGN, "C12", START, own, few)))
    assert files.file.facts.value(6) == said
    put(files, replace(LAUNCHED, comparable=Comparable(None, None, START, Count(2, 2), peers)))
    assert "样本不足" in files.file.facts.value(6)


def test_a_step_of_a_file_names_it(files: ReSupervisionsPage, qtbot: QtBot) -> None:
    files.set_actor(OFFICER)
    put(files, EXPLAINED)
    with qtbot.waitSignal(files.step_requested) as sent:
        qtbot.mouseClick(files.file.steps.buttons[FindDraft], Qt.MouseButton.LeftButton)
    asked = sent.args[0]
    assert "当晚值班车辆外出" in asked.about
    values = {"behaviour": Behaviour.SLOWNESS, "text": "超时 41 分"}
    assert asked.draft("r", values) == FindDraft("r", "Z-2026-0007", Behaviour.SLOWNESS, "超时 41 分")


def test_a_file_of_an_unknown_state_takes_no_step(files: ReSupervisionsPage) -> None:
    files.set_actor(OFFICER)
    put(files, replace(LAUNCHED, row=replace(LAUNCHED.row, state="handed up")))
    assert files.file.steps.offers == ()


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    load_fonts()
    yield qapp
    qapp.setStyleSheet("")


def test_the_orders_fit_beside_one_another(files: ReSupervisionsPage, dressed: QApplication) -> None:
    scale = Scale()
    apply_style(dressed, scale)
    files.set_actor(OFFICER)
    put(files, DRAFTED)
    needed = files.file.launch.sizeHint().width() + files.file.steps.sizeHint().width()
    assert needed + 4 * scale.size("panel_padding") <= files.file.WIDTH
