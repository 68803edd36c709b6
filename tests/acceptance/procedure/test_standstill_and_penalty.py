"""A ticket paused over a holiday, and a violation with filing and penalty, by the real window."""

from collections.abc import Callable
from typing import Any

import pytest

from domain import events as e
from domain.urgency import Urgency
from tests.acceptance.procedure.hand import DUTY, HOUSING, Charge

pytestmark = pytest.mark.slow

OFFICE, HOUSES = "平台办", "住建局"


async def test_paused_over_a_holiday(receive: Callable[..., str], window: Any) -> None:
    """Y08, T17: an ordinary ticket stands still from the eve of the holidays until the 9th of October.

    By hand, from receipt at 10:00 on Monday, 2026-09-28:
    office: accept 10 min; dispatch until 10:30 = 30 min. housing: sign until 11:00 = 1 h (4 allowed).
    Paused from 12:00 on 09-30 until 10:00 on 10-09: 8 d 22 h.
    Of the 2 working days for the site, 09-29 is day 1; 09-30 is paused at its end of office, as is 10-08, and
    1 to 7 October are off; 10-09 goes on again in the morning and is day 2: due on 10-09 at 18:00. On site at
    15:00 that day: 11 d 5 h since receipt, without the standstill 2 d 7 h.
    Of the 5 for the result: 09-29, 10-09, 10-10 (a make-up Saturday), 10-12 and 10-13: due on 10-13 at 18:00.
    Done at 17:00: 15 d 7 h since receipt, without the standstill 6 d 9 h.
    housing: feed back until 10:00 on 10-14, from 17:00 on 10-13 = 17 h. office: revisit until 11:00 on 10-14
    = 18 h; post-check until 12:00 = 1 h; close until 12:05 = 5 min.
    """
    number = receive("2026-09-28 10:00", Urgency.ORDINARY)
    async with window() as hand:
        await hand.take(number, e.Accepted, "2026-09-28 10:10")
        await hand.take(number, e.Dispatched, "2026-09-28 10:30", lead="housing")
        await hand.sit(HOUSING, "2026-09-28 11:00")
        await hand.take(number, e.Signed)
        await hand.sit(DUTY, "2026-09-30 12:00")
        await hand.take(number, e.Paused, reason="国庆停工，等待检测机构上班")
        assert hand.centre.dossier_page.steps.refusal(e.Closed)
        await hand.take(number, e.Resumed, "2026-10-09 10:00")
        await hand.sit(HOUSING, "2026-10-09 15:00")
        await hand.take(number, e.Arrived, files=[hand.picture()])
        await hand.take(
            number,
            e.Rectified,
            "2026-10-13 17:00",
            measures="已降噪",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(number, e.FedBack, "2026-10-14 10:00", by="电话", text="已告知")
        await hand.sit(DUTY, "2026-10-14 11:00")
        await hand.take(number, e.Revisited, satisfied=True)
        await hand.take(number, e.PostChecked, "2026-10-14 12:00", passed=True)
        await hand.take(number, e.Closed, "2026-10-14 12:05", outcome="清零")
        assert await hand.charges(number) == {
            "1 签收": Charge(OFFICE, "00:10:00"),
            "1 分派": Charge(OFFICE, "00:30:00"),
            "1 部门签收": Charge(HOUSES, "01:00:00"),
            "1 到场": Charge(HOUSES, "2 天 07:00"),
            "1 整改": Charge(HOUSES, "6 天 09:00"),
            "1 反馈": Charge(HOUSES, "17:00:00"),
            "1 回访": Charge(OFFICE, "18:00:00"),
            "1 后督查": Charge(OFFICE, "01:00:00"),
            "1 销号": Charge(OFFICE, "00:05:00"),
        }
        told = await hand.explained(number, "整改")
        assert "10-13 18:00" in told
        assert "10日（调休）" in told or "10（调休）" in told


async def test_a_violation_with_filing_and_penalty(receive: Callable[..., str], window: Any) -> None:
    """T03, Y11: found a violation, filed, fined; nothing that is owed can be left out.

    By hand, from receipt at 16:00 on 2026-09-17: office: accept 1 min, dispatch 2 min.
    housing: sign 3 min, arrive 1 h, rectify 4 h (20:00); feed back until 20:20 = 20 min; filed at 20:00 on
    09-20 = 3 d (15 allowed); penalised at 20:00 on 09-30 = 10 d after that (90 allowed).
    office: revisit until 10:00 on 09-18 = 14 h; post-check until 10:00 on 09-19 = 1 d; close, possible only
    after the penalty: from 10:00 on 09-19 until 20:30 on 09-30 = 11 d 10 h 30. A working day was allowed, to
    the end of office on the 20th (a make-up Sunday), 18:00: 10 d 2 h 30 late.
    """
    number = receive("2026-09-17 16:00")
    async with window() as hand:
        await hand.take(number, e.Accepted, "2026-09-17 16:01")
        await hand.take(number, e.Dispatched, "2026-09-17 16:02", lead="housing")
        await hand.sit(HOUSING, "2026-09-17 16:03")
        await hand.take(number, e.Signed)
        await hand.take(number, e.Arrived, "2026-09-17 17:00", files=[hand.picture()])
        await hand.take(
            number, e.Rectified, "2026-09-17 20:00", measures="已停工", violation=True, files=[hand.picture()]
        )
        await hand.take(number, e.FedBack, "2026-09-17 20:20", by="电话", text="已告知")
        await hand.sit(DUTY, "2026-09-18 10:00")
        await hand.take(number, e.Revisited, satisfied=True)
        await hand.take(number, e.PostChecked, "2026-09-19 10:00", passed=True)
        assert "立案" in hand.centre.dossier_page.steps.refusal(e.Closed)
        await hand.sit(HOUSING, "2026-09-20 20:00")
        await hand.take(number, e.Filed, document="徐环立〔2026〕17 号")
        await hand.take(
            number, e.Penalised, "2026-09-30 20:00", document="徐环罚〔2026〕9 号", amount="20000"
        )
        await hand.sit(DUTY, "2026-09-30 20:30")
        await hand.take(number, e.Closed, outcome="清零")
        assert await hand.charges(number) == {
            "1 签收": Charge(OFFICE, "00:01:00"),
            "1 分派": Charge(OFFICE, "00:02:00"),
            "1 部门签收": Charge(HOUSES, "00:03:00"),
            "1 到场": Charge(HOUSES, "01:00:00"),
            "1 整改": Charge(HOUSES, "04:00:00"),
            "1 立案": Charge(HOUSES, "3 天 00:00"),
            "1 处罚": Charge(HOUSES, "10 天 00:00"),
            "1 反馈": Charge(HOUSES, "00:20:00"),
            "1 回访": Charge(OFFICE, "14:00:00"),
            "1 后督查": Charge(OFFICE, "1 天 00:00"),
            "1 销号": Charge(OFFICE, "11 天 10:30", "10 天 02:30"),
        }
