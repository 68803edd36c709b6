"""The dossier: bars against limits, ticking state, rounds, replay, log with hashes, explanation, rights."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from domain import events as e
from domain.dossier import EvidenceRow, Facts
from domain.drafts import DirectiveSubject, ReSupervisionSubject
from domain.events import Event
from domain.nodes import Node
from domain.people import SYSTEM
from domain.rights import Command
from domain.urgency import Urgency
from tests.widgets.case_records import (
    DUTY,
    HANDLER,
    LEADER,
    OFFICER,
    START,
    after,
    dossier_of,
    four_round_events,
    ordinary_dossier,
    ordinary_events,
    received,
    warning_row,
)
from tests.widgets.page_records import file_row
from widgets.dossier.node_bars import NodeBars
from widgets.dossier.page import DossierPage
from widgets.scale import Scale
from widgets.style import apply_style, load_fonts


@pytest.fixture
def scale(qapp: object) -> Scale:
    return Scale()


@pytest.fixture
def page(qtbot: QtBot, scale: Scale) -> DossierPage:
    made = DossierPage(scale)
    qtbot.addWidget(made)
    made.resize(1920, 1080)
    made.set_actor(OFFICER)
    made.show()
    return made


@pytest.fixture
def dressed(page: DossierPage, qapp: QApplication) -> Iterator[DossierPage]:
    load_fonts()
    yield page
    qapp.setStyleSheet("")


def line(page: DossierPage, node: Node) -> tuple[str, str, str]:
    found = next(line for line in page.nodes.bars.lines if line.node is node)
    return found.mark.word, found.limit, found.used


def test_bars_tell_share_of_the_limit(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(after(hours=6)))
    assert line(page, Node.ACCEPT) == ("按时办结", "2 分 · 示例", "用时 40%")
    assert line(page, Node.SIGN) == ("超时办结", "5 分", "用时 144%")
    assert line(page, Node.RECTIFY) == ("进行中", "12 小时", "进行中 50%")
    assert line(page, Node.REVISIT) == ("未到", "1 工作日", "未到")
    assert line(page, Node.FILE)[2] == "发现违法时"


def test_a_channel_has_the_name_that_the_store_gives_it(page: DossierPage) -> None:
    page.show_dossier(replace(ordinary_dossier(), channels={"monitoring": "大气监测网"}))
    model = page.log.table.model()
    texts = [model.index(row, 3).data() for row in range(model.rowCount())]
    assert any(text.startswith("大气监测网，") for text in texts)


def test_state_ticks_and_turns(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(after(hours=6)))
    page.tick(after(hours=7, minutes=26, seconds=48))
    assert page.header.state.text == "整改 剩 04:33:12"
    assert page.header.state.mark is not None
    assert page.header.state.mark.word == "按时"
    page.tick(after(hours=12, minutes=1))
    assert page.header.state.text == "整改 超 00:01:00"
    assert page.header.state.mark.word == "超期"
    assert line(page, Node.RECTIFY)[2] == "超 00:01:00"


def test_replayed_dossier_stands_still_and_offers_nothing(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(after(hours=1), replayed=True))
    before = page.header.state.text
    page.tick(after(hours=30))
    assert page.header.state.text == before
    assert len(page.log.table.model().columns) == 5
    assert page.log.table.model().rowCount() == 5
    assert not page.actions.buttons[Command.LAUNCH_RE_SUPERVISION].isEnabled()
    assert "回放" in page.actions.reason(Command.LAUNCH_RE_SUPERVISION)


def test_every_round_stays_within_reach(page: DossierPage, qtbot: QtBot) -> None:
    found = four_round_events()
    page.show_dossier(dossier_of(found, found[-1].at))
    assert page.nodes.round == 4
    assert [button.text() for button in page.nodes.round_buttons] == [f"第 {n} 轮" for n in range(1, 5)]
    assert not any(bar.node is Node.ACCEPT for bar in page.nodes.bars.lines)
    qtbot.mouseClick(page.nodes.round_buttons[0], Qt.MouseButton.LeftButton)
    assert line(page, Node.ACCEPT)[2] == "用时 50%"
    page.tick(found[-1].at + timedelta(minutes=1))
    page.show_dossier(dossier_of(found, found[-1].at + timedelta(minutes=2)))
    assert page.nodes.round == 1


def test_one_round_needs_no_choice(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier())
    assert not any(button.isVisible() for button in page.nodes.round_buttons)


def test_log_has_kind_words_and_hash(page: DossierPage) -> None:
    dossier = ordinary_dossier()
    page.show_dossier(dossier)
    model = page.log.table.model()
    assert [model.index(2, column).data() for column in range(4)] == [
        "11-21 20:18:42",
        "平台办 王磊",
        "分派",
        "主办 住房和城乡建设局，协办 公安局，依据：责任清单 3.12",
    ]
    assert model.index(2, 4).data() == f"#{dossier.log[2].hash[:4]}"
    assert model.index(2, 4).data(Qt.ItemDataRole.ToolTipRole) == dossier.log[2].hash
    assert "链校验通过" in page.log.note


def test_broken_chain_is_said(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(broken_at=3))
    assert "链校验失败" in page.log.note
    assert page.log.table.model().index(3, 4).data() == "断链"


def test_every_kind_of_ticket_event_has_words(page: DossierPage) -> None:
    warning = (e.WarningKind.SLOW, e.WarningLevel.YELLOW, Node.SIGN, 1, 1)
    facts = [
        e.DueSupplied(Node.RECTIFY, after(days=1), "12345"),
        e.DueSupplied(Node.SIGN, None, "12345"),
        e.ReturnedAsWrong("非本单位职责"),
        e.Rectified("已停工", True, ("ab" * 32,)),
        e.Filed("徐环立〔2026〕1 号"),
        e.Penalised("徐环罚〔2026〕1 号", 50_000),
        e.FedBack("电话", "已告知"),
        e.Revisited(True),
        e.PostChecked(True),
        e.Paused("等待鉴定", "王磊"),
        e.Resumed(),
        e.Extended(Node.RECTIFY, after(days=9), "设备未到", "王磊"),
        e.JointSupervisionOpened(("housing", "police"), "回访不满意"),
        e.Chased("请立即到场"),
        e.WarningRaised(*warning, "housing", "已用时超过限时的 75%"),
        e.WarningAcknowledged(*warning, "已联系"),
        e.WarningCleared(*warning, "已签收"),
        e.DirectiveReferred("督字 46 号", "今晚必须停", ("housing",), after(days=1)),
        e.ReSupervisionReferred("Z-1", "drafted"),
        e.Closed("办结"),
    ]
    found = [*ordinary_events(), *(Event(after(hours=5), SYSTEM, fact) for fact in facts)]
    page.show_dossier(dossier_of(found, after(hours=6)))
    model = page.log.table.model()
    for row in range(model.rowCount()):
        words = f"{model.index(row, 2).data()} {model.index(row, 3).data()}"
        assert type(found[row].fact).__name__ not in words
        assert words.strip()
        assert not any(part.startswith("，") for part in words.split(" "))


def test_explanation_names_the_chosen_node(page: DossierPage, qtbot: QtBot) -> None:
    page.show_dossier(ordinary_dossier(after(hours=7)))
    assert "整改限时 12 小时（特急，24 小时计时）" in page.due.text
    bars = page.nodes.bars
    spot = bars.rect().topLeft()
    spot.setX(40)
    spot.setY(round(bars.height() / len(bars.lines) * 3.5))
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=spot)
    assert "到场限时 2 小时" in page.due.text
    assert "自受理 11-21 20:17:06 起 → 11-21 22:17:06 到期" in page.due.text
    assert "11-21 22:58:40 结束，超 00:41:34，用时 02:41:34，计入住房和城乡建设局" in page.due.text
    qtbot.keyClick(bars, Qt.Key.Key_Up)
    assert "部门签收限时 5 分" in page.due.text


def test_working_days_are_listed_with_make_up_days_and_provisional_years(page: DossierPage) -> None:
    friday = START - timedelta(days=1)
    fact = e.Received("12345", "餐饮油烟", "", Urgency.ORDINARY)
    page.show_dossier(dossier_of([Event(friday, SYSTEM, fact)], friday + timedelta(hours=1)))
    page.nodes.bars.line_chosen.emit(_choose(page.nodes.bars, Node.RECTIFY))
    assert "计入 5 日：11月21（调休）、23、24、25、26日" in page.due.text
    assert "不计：11月22日（周末）" in page.due.text
    assert "暂定" not in page.due.text
    guessed = dossier_of([Event(friday, SYSTEM, fact)], friday + timedelta(hours=2), known_years=())
    page.show_dossier(guessed)
    assert "2026 年放假安排尚未公布" in page.due.text
    assert line(page, Node.RECTIFY)[1] == "5 工作日 · 暂定"


def _choose(bars: NodeBars, node: Node) -> int:
    position = next(n for n, bar in enumerate(bars.lines) if bar.node is node)
    bars.choose(position)
    return position


def test_node_to_come_tells_its_rule(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier())
    page.nodes.bars.line_chosen.emit(_choose(page.nodes.bars, Node.PENALISE))
    assert page.due.text.split("\n") == [
        "处罚限时 90 天（特急，24 小时计时）",
        "自立案完成起计，到期时间届时推算",
        "仅在发现违法行为时进行",
        "该限时为示例值，可在规则文件中修改",
    ]


def test_due_time_of_the_source_says_so(page: DossierPage) -> None:
    found = [received(), Event(START, SYSTEM, e.DueSupplied(Node.RECTIFY, after(hours=3), "12345"))]
    page.show_dossier(dossier_of(found, after(minutes=1)))
    page.nodes.bars.line_chosen.emit(_choose(page.nodes.bars, Node.RECTIFY))
    assert "以来源为准" in page.due.text
    assert line(page, Node.RECTIFY)[1] == "来源给定"


def test_replay_asks_for_the_minute_once_the_hand_rests(page: DossierPage, qtbot: QtBot) -> None:
    page.show_dossier(ordinary_dossier(after(hours=4)))
    asked: list[datetime | None] = []
    page.replay_requested.connect(asked.append)
    slider = page.nodes.replay.slider
    for minute in (200, 100, 60):
        slider.setValue(minute)
    assert asked == []
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert asked == [after(hours=1)]
    qtbot.mouseClick(page.nodes.replay.now_button, Qt.MouseButton.LeftButton)
    assert asked == [after(hours=1), None]


def test_replay_handle_is_not_pulled_from_the_hand(page: DossierPage, qtbot: QtBot) -> None:
    page.show_dossier(ordinary_dossier(after(hours=4)))
    page.nodes.replay.slider.setValue(60)
    page.show_dossier(ordinary_dossier(after(hours=4, minutes=1)))
    assert page.nodes.replay.moment is not None
    with qtbot.waitSignal(page.replay_requested) as asked:
        pass
    assert abs(asked.args[0] - after(hours=1)) <= timedelta(minutes=1)


def test_rights_disable_with_the_reason_in_text_and_tooltip(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(warnings=(warning_row(132),)))
    page.set_actor(DUTY)
    button = page.actions.buttons[Command.LAUNCH_RE_SUPERVISION]
    assert not button.isEnabled()
    assert (
        button.toolTip() == "只有纪检监察可以执行此操作" == page.actions.reason(Command.LAUNCH_RE_SUPERVISION)
    )
    assert page.actions.buttons[Command.ACKNOWLEDGE_WARNING].isEnabled()
    shown = page.actions.buttons[Command.ISSUE_DIRECTIVE].text()
    assert shown == "下达指令 · 只有领导可以执行此操作"
    page.set_actor(None)
    assert not any(b.isEnabled() for b in page.actions.buttons.values())


def test_handler_acknowledges_for_its_own_body_only(page: DossierPage) -> None:
    page.set_actor(HANDLER)
    page.show_dossier(ordinary_dossier(warnings=(warning_row(132, body="police"),)))
    assert not page.actions.buttons[Command.ACKNOWLEDGE_WARNING].isEnabled()
    page.show_dossier(ordinary_dossier(warnings=(warning_row(132),)))
    assert page.actions.buttons[Command.ACKNOWLEDGE_WARNING].isEnabled()


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_actions_hand_over_their_subjects(page: DossierPage, qtbot: QtBot) -> None:
    row = warning_row(132, re_supervision="Z-2026-0118")
    page.show_dossier(ordinary_dossier(warnings=(row,)))
    with qtbot.waitSignal(page.re_supervision_requested) as asked:
        press(qtbot, page.actions.buttons[Command.LAUNCH_RE_SUPERVISION])
    subject: ReSupervisionSubject = asked.args[0]
    assert (subject.ticket, subject.node, subject.number) == (page.number, Node.ARRIVE, "Z-2026-0118")
    assert "现有 7 条" in subject.facts[0]
    with qtbot.waitSignal(page.acknowledge_requested) as noted:
        press(qtbot, page.actions.buttons[Command.ACKNOWLEDGE_WARNING])
    assert noted.args == [row]
    page.set_actor(LEADER)
    with qtbot.waitSignal(page.directive_requested) as directed:
        press(qtbot, page.actions.buttons[Command.ISSUE_DIRECTIVE])
    about: DirectiveSubject = directed.args[0]
    assert (about.tickets, about.bodies) == ((page.number,), ("housing",))
    assert (about.title, about.urgency) == (row.title, row.urgency)
    assert "“到场”环节" in about.text


def test_running_re_supervision_is_not_launched_again(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(re_supervisions=(file_row(117),)))
    button = page.actions.buttons[Command.LAUNCH_RE_SUPERVISION]
    assert not button.isEnabled()
    assert "Z-2026-0117" in button.text()


def test_secrecy_hides_the_complainant(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier())
    assert page.case.grid.value(4) == "已脱敏 · 要求保密"


def test_address_does_not_repeat_its_county(page: DossierPage) -> None:
    facts = Facts("12345", area="泉山区", township="苏山街道", address="泉山区苏山街道淮海西路114号")
    page.show_dossier(ordinary_dossier(facts=facts))
    assert page.case.grid.value(3) == "泉山区苏山街道淮海西路114号"


def test_end_of_a_warning_is_worded(page: DossierPage) -> None:
    ended = e.WarningCleared(e.WarningKind.SLOW, e.WarningLevel.YELLOW, Node.SIGN, 1, 1, "late")
    page.show_dossier(dossier_of([*ordinary_events(), Event(after(hours=5), SYSTEM, ended)], after(hours=6)))
    assert page.log.table.model().index(7, 3).data() == "部门签收 · 做得慢，已到期，转为红色预警"


def test_repeated_evidence_is_marked(page: DossierPage) -> None:
    found = four_round_events()
    page.show_dossier(dossier_of(found, found[-1].at))
    assert "3 份重复使用" in page.evidence.note
    shown = [card for card in page.evidence.cards if card.isVisibleTo(page.evidence)]
    assert "■ 重复" in shown[0].accessibleName()


def test_evidence_of_one_event_is_one_card(page: DossierPage) -> None:
    def file(number: int, minute: int) -> EvidenceRow:
        return EvidenceRow(f"{number:064x}", after(minutes=minute), "陈立", distance_m=38.2)

    page.evidence.show_evidence(
        [file(1, 10), file(2, 10), *(file(n, 10 + n) for n in range(3, 9))], after(hours=1)
    )
    assert [card.lines()[1][-5:] for card in page.evidence.cards] == ["#0000"] * 4
    assert "另有 4 份" in page.evidence.words
    page.evidence.show_evidence([file(1, 10), file(2, 10)], after(hours=1))
    assert page.evidence.cards[0].lines()[1] == "陈立 · 38 m · 2 份"
    assert [card.isHidden() for card in page.evidence.cards] == [False, True, True, True]


def test_escape_and_button_go_back(page: DossierPage, qtbot: QtBot) -> None:
    page.show_dossier(ordinary_dossier())
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page.nodes.bars, Qt.Key.Key_Escape)
    with qtbot.waitSignal(page.back_requested):
        press(qtbot, page.header.back)


def test_page_fits_every_size(dressed: DossierPage, qapp: QApplication, scale: Scale) -> None:
    found = four_round_events()
    dressed.set_actor(DUTY)
    dressed.show_dossier(dossier_of(found, found[-1].at, warnings=(warning_row(132),)))
    for width, height in ((1024, 640), (1366, 768), (1920, 1080), (3840, 2160)):
        scale.fit(width, height)
        apply_style(qapp, scale)
        assert dressed.minimumSizeHint().width() <= width
        assert dressed.minimumSizeHint().height() <= height


@pytest.mark.parametrize("size", [(1161, 653), (1366, 768)])
def test_all_nodes_stand_in_sight_in_a_low_window(
    dressed: DossierPage, qapp: QApplication, scale: Scale, size: tuple[int, int]
) -> None:
    dressed.set_actor(DUTY)
    dressed.show_dossier(ordinary_dossier())
    scale.fit(*size)
    apply_style(qapp, scale)
    dressed.resize(size[0], size[1] - scale.size("header_height"))
    dressed.show()
    qapp.processEvents()
    assert len(dressed.nodes.bars.lines) == 11
    area = dressed.nodes.bars.parentWidget()
    assert dressed.nodes.bars.height() <= area.height()
    bottom = area.mapTo(dressed.nodes, area.rect().bottomLeft()).y()
    assert bottom < dressed.nodes.replay.now_button.mapTo(dressed.nodes, QPoint(0, 0)).y()


@pytest.mark.parametrize(("size", "rows"), [((1366, 708), 7), ((1920, 996), 7)])
def test_why_it_is_due_stays_in_sight_beside_a_long_case_and_the_log_shows_its_rows(
    dressed: DossierPage, scale: Scale, qapp: QApplication, size: tuple[int, int], rows: int
) -> None:
    scale.fit(size[0], size[1] * 768 / 708)
    apply_style(qapp, scale)
    dressed.resize(*size)
    events = four_round_events()
    facts = Facts("12345", "噪声", "夜间噪声", "凌晨两点还在打桩，窗户都在震。" * 60, "住建局", ("公安局",))
    warnings = tuple(warning_row(number) for number in range(3))
    dressed.show_dossier(dossier_of(events, events[-1].at, facts=facts, warnings=warnings))
    for _ in range(4):
        qapp.processEvents()
    due, actions = dressed.due, dressed.actions
    top = due.mapTo(dressed, QPoint(0, 0)).y()
    assert top >= 0
    assert top + due.height() <= actions.mapTo(dressed, QPoint(0, 0)).y()
    assert actions.mapTo(dressed, QPoint(0, actions.height())).y() <= dressed.height()
    # All its lines are in sight, and one with many more is scrolled in its own frame.
    assert due.area.verticalScrollBar().maximum() == 0
    due.show_lines([f"暂停：11-{day} 09:00 – 11-{day} 18:00，停工令" for day in range(10, 30)])
    qapp.processEvents()
    assert due.area.verticalScrollBar().maximum() > 0
    assert actions.mapTo(dressed, QPoint(0, actions.height())).y() <= dressed.height()
    table = dressed.log.table
    assert table.viewport().height() // table.rowHeight(0) >= rows
