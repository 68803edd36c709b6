"""A red warning drafts a file by itself; it is launched, explained, found and closed by the real window."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from domain import drafts as d
from domain import events as e
from tests.acceptance.procedure.hand import DUTY, HOUSING, OFFICER, Charge
from tests.desktop.test_file_in_window import FILES, go_on, page_of, shown
from tests.desktop.test_steps_in_window import facts, until
from widgets.forms.re_supervision_form import ReSupervisionForm

pytestmark = pytest.mark.slow


async def test_red_draft_launched_explained_closed(receive: Callable[..., str], window: Any) -> None:
    """T08, T10, X03: a body signs late; the officer asks, finds slowness and closes.

    By hand, from receipt at 16:00: office: accept 1 min, dispatch 2 min. housing signs at 17:40 = 1 h 40,
    where 5 minutes were allowed: 1 h 35 late. It is on site at 17:50 = 1 h 50, done at 20:00 = 4 h, and tells
    the complainant at 20:10 = 10 min: all of that in time.
    """
    number = receive("2026-09-17 16:00")
    async with window() as hand:
        await hand.take(number, e.Accepted, "2026-09-17 16:01")
        await hand.take(number, e.Dispatched, "2026-09-17 16:02", lead="housing")
        # The engine looks every few seconds: at 16:05 the signature is overdue, which is red.
        await hand.wait("2026-09-17 16:06")
        drafted = [f for f in facts(hand.store, f"ticket/{number}") if isinstance(f, e.ReSupervisionReferred)]
        assert [fact.step for fact in drafted] == ["drafted"]
        await hand.sit(HOUSING, "2026-09-17 17:40")
        await hand.take(number, e.Signed)
        await hand.take(number, e.Arrived, "2026-09-17 17:50", files=[hand.picture()])
        await hand.take(
            number,
            e.Rectified,
            "2026-09-17 20:00",
            measures="已停工",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(number, e.FedBack, "2026-09-17 20:10", by="电话", text="已告知")

        await hand.sit(OFFICER, "2026-09-17 20:30")
        hand.centre.choose_page(FILES)
        page = page_of(hand.centre)
        await until(lambda: page.model.rowCount() > 0 and page.launch.isVisible() and page.launch.isEnabled())
        QTest.mouseClick(page.launch, Qt.MouseButton.LeftButton)
        form = hand.centre.forms.form
        assert isinstance(form, ReSupervisionForm)
        form.question.setPlainText("为何一小时四十分钟才签收？")
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: hand.centre.forms.form is None or bool(form.message.text()))
        assert hand.centre.forms.form is None, form.message.text()

        await hand.sit(HOUSING, "2026-09-18 09:00")
        await go_on(hand.centre, d.ExplainDraft, text="值班人员外出，未交接")
        await hand.sit(OFFICER, "2026-09-18 15:00")
        await go_on(hand.centre, d.FindDraft, behaviour="slowness", text="超时一小时三十五分")
        await go_on(hand.centre, d.CloseFileDraft, recommendation="通报")
        await shown(hand.centre, lambda file: "已办结" in file.note)

        told = [
            f.step for f in facts(hand.store, f"ticket/{number}") if isinstance(f, e.ReSupervisionReferred)
        ]
        assert told == ["drafted", "launched", "closed"]
        file = next(
            f.number for f in facts(hand.store, f"ticket/{number}") if isinstance(f, e.ReSupervisionReferred)
        )
        found = facts(hand.store, f"re_supervision/{file}")
        assert [type(fact) for fact in found] == [
            e.ReSupervisionDrafted,
            e.ReSupervisionLaunched,
            e.ReSupervisionExplained,
            e.ReSupervisionFound,
            e.ReSupervisionClosed,
        ]
        await hand.sit(DUTY, "2026-09-18 15:05")
        charges = await hand.charges(number)
        assert charges == {
            "1 签收": Charge("平台办", "00:01:00"),
            "1 分派": Charge("平台办", "00:02:00"),
            "1 部门签收": Charge("住建局", "01:40:00", "01:35:00"),
            "1 到场": Charge("住建局", "01:50:00"),
            "1 整改": Charge("住建局", "04:00:00"),
            "1 反馈": Charge("住建局", "00:10:00"),
        }
