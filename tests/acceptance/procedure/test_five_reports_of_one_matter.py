"""Three complaints and two tickets of the online monitoring are one matter: merged, handled once, closed."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from data_access import bulk
from data_access.rules import load_rules
from domain import events as e
from domain.events import Event, Received
from domain.intake import NewTicket
from domain.urgency import Urgency
from tests.acceptance.procedure.hand import DUTY, ECOLOGY, Charge, Hand, WallClock
from tests.desktop.test_steps_in_window import facts, until
from widgets.forms.merge_form import MergeForm

pytestmark = pytest.mark.slow

MAIN, REPEATS = "T-1", ("T-2", "T-3", "S-1", "S-2")
OFFICE, AIR = "平台办", "生态环境局"


async def merge(hand: Hand, other: str) -> None:
    """From the main ticket's page: look up another by its number, compare, merge."""
    page = hand.centre.dossier_page
    QTest.mouseClick(page.merging.merge, Qt.MouseButton.LeftButton)
    await until(lambda: isinstance(hand.centre.forms.form, MergeForm))
    form = hand.centre.forms.form
    assert isinstance(form, MergeForm)
    if form.chosen != (other,):
        form.other.setText(other)
        QTest.mouseClick(form.look, Qt.MouseButton.LeftButton)
        await until(lambda: other in form.draft().repeats)
    form.reason.setPlainText("同一烟道超标")
    QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    await until(lambda: hand.centre.forms.form is None or bool(form.message.text()))
    assert hand.centre.forms.form is None, form.message.text()


async def test_two_sensors_and_three_complaints_are_one_matter(
    receive: Callable[..., str], city: Any, clock: WallClock, window: Any
) -> None:
    """B09, B10, X08: repeats are taken off the board; the matter is handled, and charged for, once.

    By hand, from receipt of the first at 16:00: office: accept 1 min; dispatch until 16:03 = 3 min; the
    others came in from 16:01 to 16:04 and are merged at 16:06.
    ecology: sign 16:05 = 5 min, exactly when due, which is in time; arrive 17:00 = 1 h; rectify 19:00 = 3 h;
    feed back until 19:30 = 30 min. office: revisit from 19:00 until 9:00 on Friday = 14 h; post-check until
    10:00 = 1 h; close until 10:05 = 5 min.
    S-2 had waited from 16:04 to 16:06 for the office = 2 min, which it handed over with the merger.
    """
    point: dict[str, Any] = {"lng": 117.2, "lat": 34.27}
    receive("2026-09-17 16:00", number=MAIN, **point)
    tickets = []
    for minute, number in enumerate(REPEATS, start=1):
        clock.set(f"2026-09-17 16:0{minute}")
        channel = "monitoring" if number.startswith("S") else "12345"
        fact = Received(channel, "烟道排放超标", urgency=Urgency.FIRST, area="320312", **point)
        tickets.append(NewTicket(number, (Event(clock.now(), DUTY, fact),), number.encode().ljust(32)))
    async with window() as hand:
        await hand.take(MAIN, e.Accepted, "2026-09-17 16:01")
        await hand.take(MAIN, e.Dispatched, "2026-09-17 16:03", lead="ecology")
        await hand.sit(ECOLOGY, "2026-09-17 16:05")
        await hand.take(MAIN, e.Signed)
        city.write(lambda c: bulk.add_tickets(c, load_rules(c), tickets))
        await hand.sit(DUTY, "2026-09-17 16:06")
        await hand.open(MAIN)
        for number in REPEATS:
            await merge(hand, number)
            await until(lambda number=number: len(facts(city, f"ticket/{number}")) > 1)
        await until(lambda: "含 4 件" in hand.centre.dossier_page.merging.note)
        hand.centre.choose_page("overview")
        await until(lambda: hand.centre.overview is not None and hand.centre.overview.open_tickets == 1)
        await hand.sit(ECOLOGY, "2026-09-17 17:00")
        await hand.take(MAIN, e.Arrived, files=[hand.picture()])
        await hand.take(
            MAIN,
            e.Rectified,
            "2026-09-17 19:00",
            measures="停产检修",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(MAIN, e.FedBack, "2026-09-17 19:30", by="电话", text="已告知三位举报人")
        await hand.sit(DUTY, "2026-09-18 09:00")
        await hand.take(MAIN, e.Revisited, satisfied=True)
        await hand.take(MAIN, e.PostChecked, "2026-09-18 10:00", passed=True)
        await hand.take(MAIN, e.Closed, "2026-09-18 10:05", outcome="清零")
        assert await hand.charges(MAIN) == {
            "1 签收": Charge(OFFICE, "00:01:00"),
            "1 分派": Charge(OFFICE, "00:03:00"),
            "1 部门签收": Charge(AIR, "00:05:00"),
            "1 到场": Charge(AIR, "01:00:00"),
            "1 整改": Charge(AIR, "03:00:00"),
            "1 反馈": Charge(AIR, "00:30:00"),
            "1 回访": Charge(OFFICE, "14:00:00"),
            "1 后督查": Charge(OFFICE, "01:00:00"),
            "1 销号": Charge(OFFICE, "00:05:00"),
        }
        repeat = await hand.charges("S-2")
        assert (repeat["1 签收"], repeat["1 分派"]) == (
            Charge(OFFICE, "00:02:00"),
            Charge(OFFICE, "00:02:00"),
        )
        assert not [name for name in repeat if name not in ("1 签收", "1 分派")]
