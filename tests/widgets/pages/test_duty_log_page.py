"""值班日志: who is on, what was handed over, who did not report; notes by right (T05, T19)."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.day_report import BodySilent, Reporting
from domain.duty_events import DutyNote, DutyNoted, ShiftTime
from domain.duty_log import DutyEntryDraft, HandOverDraft, RosterDraft, fold_duty
from domain.events import Event
from domain.listing import TicketFilter
from tests.domain.city import at
from tests.domain.test_duty_log import ZONE
from tests.widgets.case_records import DUTY, LEADER
from widgets.forms.asked import Asked
from widgets.pages.duty_log_page import DutyLogPage
from widgets.scale import Scale
from widgets.style import apply_style, load_fonts

NOW = at("2026-11-22 09:30")


def lines(count: int = 3) -> list[Event]:
    rostered = [
        Event(
            at("2026-11-15 16:00"),
            DUTY,
            DutyNoted(DutyNote.ROSTER, "", (name,), f"2026-11-{day}", shift),
        )
        for day in (22, 23)
        for shift, name in zip(ShiftTime, ("王磊", "李雪", "张婷"), strict=True)
    ]
    noted = [
        Event(
            at("2026-11-20 08:01") + timedelta(minutes=n),
            DUTY,
            DutyNoted(DutyNote.ENTRY, f"第 {n} 件：接市指挥部电话，要求报送当日重点工单" * 3),
        )
        for n in range(count)
    ]
    return [
        *rostered,
        *noted,
        Event(at("2026-11-22 08:03"), DUTY, DutyNoted(DutyNote.HAND_OVER, "盯到场", ("李雪",))),
    ]


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> DutyLogPage:
    load_fonts()
    scale = Scale()
    apply_style(qapp, scale)
    made = DutyLogPage(scale)
    qtbot.addWidget(made)
    made.resize(1920, 1016)
    made.show()
    return made


def test_it_says_who_is_on_and_that_it_was_handed_over(page: DutyLogPage) -> None:
    page.show_log(fold_duty(lines(), NOW, ZONE), NOW)
    assert page.now.text() == "现在值班：白班 8–16 时 · 李雪"
    assert page.handed_over.text() == "● 08:03 已交接：王磊"
    assert page.lines.model().rowCount() == 10
    assert "交给 李雪：盯到场" in page.whole.text()
    page.show_log(fold_duty(lines()[:-1], NOW, ZONE), NOW)
    assert page.handed_over.text() == "■ 本班（08:00 起）尚未交接"
    page.show_log(fold_duty([], NOW, ZONE), NOW)
    assert "未排班" in page.now.text()


def test_lines_are_noted_by_whoever_may(page: DutyLogPage, qtbot: QtBot) -> None:
    asked: list[Asked] = []
    page.step_requested.connect(asked.append)
    page.set_actor(LEADER)
    assert not page.entry.isEnabled()
    assert "值班员" in page.entry.toolTip()
    page.set_actor(DUTY)
    page.show_log(fold_duty(lines(), NOW, ZONE), NOW)
    for button in (page.hand_over, page.entry, page.to_roster):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [a.kind for a in asked] == [HandOverDraft, DutyEntryDraft, RosterDraft]
    # Who is on next takes over; the first shift that nobody has is the next to roster.
    assert asked[0].preset == {"names": ("张婷",)}
    assert asked[2].preset == {"day": "2026-11-24", "shift": "night"}


def test_who_did_not_report_is_opened_as_tickets(page: DutyLogPage, qtbot: QtBot) -> None:
    """T19."""
    silent = BodySilent("housing", "住房和城乡建设局", 12, at("2026-11-20 17:00"))
    never = BodySilent("industry", "工业和信息化局", 1, None)
    page.show_reporting(Reporting(12, (never, silent)))
    assert page.silent.note == "应报 12 家 · 已报 10 家"
    with qtbot.waitSignal(page.tickets_requested) as sent:
        page.bodies.record_activated.emit(silent, "name")
    assert sent.args[0] == TicketFilter(body="housing", open_only=True)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
def test_it_fits(page: DutyLogPage, qapp: QApplication, size: tuple[int, int]) -> None:
    page._scale.fit(*size)
    apply_style(qapp, page._scale)
    page.show_log(fold_duty(lines(40), NOW, ZONE), NOW)
    page.resize(size[0], size[1] - page._scale.px(64))
    page.grab()
    assert page.width() == size[0]
    assert page.days.verticalScrollBar().maximum() == 0
    for table in (page.days, page.lines, page.bodies):
        assert table.horizontalScrollBar().maximum() == 0
