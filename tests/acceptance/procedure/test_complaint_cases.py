"""Complaints from receipt to close by the real window: satisfied at once, bounced back, handed on.

All of the standard procedure, first class: sign 5 minutes, on site 2 hours, result 12 hours from receipt.
"""

from collections.abc import Callable
from typing import Any

import pytest

from domain import case_events as c
from domain import events as e
from tests.acceptance.procedure.hand import DUTY, ECOLOGY, HOUSING, Charge
from tests.desktop.test_case_in_window import note

pytestmark = pytest.mark.slow

OFFICE, HOUSES, AIR = "平台办", "住建局", "生态环境局"


async def test_satisfied_at_once(receive: Callable[..., str], window: Any) -> None:
    """Y05, Y06, Y07, Y14, Y15, Y20: receipt, on site, result, call back, rating, close.

    By hand, from receipt at 16:00:00 on Thursday:
    office: accept until 16:01 = 1 min; dispatch until 16:03 = 3 min.
    housing: sign until 16:04 = 4 min; arrive until 17:10 = 1 h 10; rectify until 20:30 = 4 h 30;
             feed back from 20:30 until 21:00 = 30 min.
    office: revisit from 20:30 until 10:00 on Friday = 13 h 30; post-check from then until 9:30 on Monday the
            21st = 2 d 23 h 30 (Sunday the 20th is a make-up working day); close half an hour later = 30 min.
    """
    number = receive("2026-09-17 16:00")
    async with window() as hand:
        await hand.take(number, e.Accepted, "2026-09-17 16:01")
        await hand.take(number, e.Dispatched, "2026-09-17 16:03", lead="housing")
        await hand.sit(HOUSING, "2026-09-17 16:04")
        await hand.take(number, e.Signed)
        await hand.take(number, e.Arrived, "2026-09-17 17:10", files=[hand.picture()])
        await hand.take(
            number,
            e.Rectified,
            "2026-09-17 20:30",
            measures="已停工",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(number, e.FedBack, "2026-09-17 21:00", by="电话", text="已告知")
        await hand.sit(DUTY, "2026-09-18 10:00")
        await hand.take(number, e.Revisited, satisfied=True)
        await hand.take(number, e.PostChecked, "2026-09-21 09:30", passed=True)
        await hand.take(number, e.Closed, "2026-09-21 10:00", outcome="清零")
        assert await hand.charges(number) == {
            "1 签收": Charge(OFFICE, "00:01:00"),
            "1 分派": Charge(OFFICE, "00:03:00"),
            "1 部门签收": Charge(HOUSES, "00:04:00"),
            "1 到场": Charge(HOUSES, "01:10:00"),
            "1 整改": Charge(HOUSES, "04:30:00"),
            "1 反馈": Charge(HOUSES, "00:30:00"),
            "1 回访": Charge(OFFICE, "13:30:00"),
            "1 后督查": Charge(OFFICE, "2 天 23:30"),
            "1 销号": Charge(OFFICE, "00:30:00"),
        }
        assert hand.facts(number)[-1] == "Closed"


async def test_not_satisfied_round_two_joint_supervision_satisfied(
    receive: Callable[..., str], window: Any
) -> None:
    """Y16, Y17, Y19, B25: bounced back on Friday at 10:00, all of the body's clocks begin anew from then.

    By hand, round 1 from receipt at 16:00 on Thursday:
    office: accept 1 min, dispatch 3 min; housing: sign 4 min, arrive 1 h, rectify 4 h, feed back from 20:00
    half an hour; office: revisit from 20:00 until 10:00 on Friday = 14 h.
    Round 2 from Friday 10:00: housing signs at 10:08 = 8 min, 3 min late (5 allowed); on site at 11:00 = 1 h;
    done at 16:00 = 6 h; fed back at 16:10 = 10 min; office: revisit from 16:00 until 9:00 on Sunday the 20th,
    a make-up working day = 1 d 17 h; post-check from then until Monday 9:00 = 1 d; close 5 min later.
    """
    number = receive("2026-09-17 16:00")
    async with window() as hand:
        await hand.take(number, e.Accepted, "2026-09-17 16:01")
        await hand.take(number, e.Dispatched, "2026-09-17 16:03", lead="housing")
        await hand.sit(HOUSING, "2026-09-17 16:04")
        await hand.take(number, e.Signed)
        await hand.take(number, e.Arrived, "2026-09-17 17:00", files=[hand.picture()])
        await hand.take(
            number,
            e.Rectified,
            "2026-09-17 20:00",
            measures="已停工",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(number, e.FedBack, "2026-09-17 20:30", by="电话", text="已告知")
        await hand.sit(DUTY, "2026-09-18 10:00")
        await hand.take(number, e.Revisited, satisfied=False, text="夜里又施工了")
        await hand.take(number, e.JointSupervisionOpened, bodies=("platform", "ecology"), reason="反复投诉")
        await hand.sit(HOUSING, "2026-09-18 10:08")
        await hand.take(number, e.Signed)
        await hand.take(number, e.Arrived, "2026-09-18 11:00", files=[hand.picture()])
        await hand.take(
            number,
            e.Rectified,
            "2026-09-18 16:00",
            measures="拆除设备",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(number, e.FedBack, "2026-09-18 16:10", by="电话", text="已拆除")
        await hand.sit(DUTY, "2026-09-20 09:00")
        await hand.take(number, e.Revisited, satisfied=True)
        await hand.take(number, e.PostChecked, "2026-09-21 09:00", passed=True)
        closing = hand.centre.dossier_page.steps
        assert "2 家督办单位没有签结" in closing.refusal(e.Closed)
        await note(hand.centre, c.SupervisionSignedOff, text="已回访核实")
        await hand.sit(ECOLOGY, "2026-09-21 09:03")
        await hand.open(number)
        await note(hand.centre, c.SupervisionSignedOff, text="夜间暗访，未再施工")
        await hand.sit(DUTY, "2026-09-21 09:04")
        await hand.take(number, e.Closed, "2026-09-21 09:05", outcome="清零")
        assert await hand.charges(number) == {
            "1 签收": Charge(OFFICE, "00:01:00"),
            "1 分派": Charge(OFFICE, "00:03:00"),
            "1 部门签收": Charge(HOUSES, "00:04:00"),
            "1 到场": Charge(HOUSES, "01:00:00"),
            "1 整改": Charge(HOUSES, "04:00:00"),
            "1 反馈": Charge(HOUSES, "00:30:00"),
            "1 回访": Charge(OFFICE, "14:00:00"),
            "2 部门签收": Charge(HOUSES, "00:08:00", "00:03:00"),
            "2 到场": Charge(HOUSES, "01:00:00"),
            "2 整改": Charge(HOUSES, "06:00:00"),
            "2 反馈": Charge(HOUSES, "00:10:00"),
            "2 回访": Charge(OFFICE, "1 天 17:00"),
            "2 后督查": Charge(OFFICE, "1 天 00:00"),
            "2 销号": Charge(OFFICE, "00:05:00"),
        }
        said = hand.facts(number)
        assert said[said.index("Revisited") + 1] == "JointSupervisionOpened"


async def test_returned_to_another_body(receive: Callable[..., str], window: Any) -> None:
    """A wrongly assigned ticket: each body is charged for its own time only (product.md, Clocks).

    By hand, from receipt at 16:00: office: accept 1 min, dispatch 2 min.
    housing sends it back at 16:10: its sign clock ran 10 min, 5 of them late; its clocks of the site and of
    the result ran the same 10 min.
    office: dispatches again at 16:25 = 15 min, 11 of them late (4 allowed).
    ecology, from 16:25: signs at 16:29 = 4 min; on site at 17:25 = 1 h; done at 19:25 = 3 h; feeds back at
    19:35 = 10 min. office: revisit from 19:25 until 9:25 on Friday = 14 h; post-check from then until 10:25 =
    1 h; close until 10:30 = 5 min.
    """
    number = receive("2026-09-17 16:00")
    async with window() as hand:
        await hand.take(number, e.Accepted, "2026-09-17 16:01")
        await hand.take(number, e.Dispatched, "2026-09-17 16:02", lead="housing")
        await hand.sit(HOUSING, "2026-09-17 16:10")
        await hand.take(number, e.ReturnedAsWrong, reason="餐饮油烟归生态环境局")
        await hand.sit(DUTY, "2026-09-17 16:25")
        await hand.take(number, e.Dispatched, lead="ecology")
        await hand.sit(ECOLOGY, "2026-09-17 16:29")
        await hand.take(number, e.Signed)
        await hand.take(number, e.Arrived, "2026-09-17 17:25", files=[hand.picture()])
        await hand.take(
            number,
            e.Rectified,
            "2026-09-17 19:25",
            measures="加装净化器",
            violation=False,
            files=[hand.picture()],
        )
        await hand.take(number, e.FedBack, "2026-09-17 19:35", by="电话", text="已告知")
        await hand.sit(DUTY, "2026-09-18 09:25")
        await hand.take(number, e.Revisited, satisfied=True)
        await hand.take(number, e.PostChecked, "2026-09-18 10:25", passed=True)
        await hand.take(number, e.Closed, "2026-09-18 10:30", outcome="清零")
        assert await hand.charges(number) == {
            "1 签收": Charge(OFFICE, "00:01:00"),
            "1 分派": Charge(OFFICE, "00:02:00"),
            "1 部门签收": Charge(HOUSES, "00:10:00", "00:05:00"),
            "1 到场": Charge(HOUSES, "00:10:00"),
            "1 整改": Charge(HOUSES, "00:10:00"),
            "1 分派'": Charge(OFFICE, "00:15:00", "00:11:00"),
            "1 部门签收'": Charge(AIR, "00:04:00"),
            "1 到场'": Charge(AIR, "01:00:00"),
            "1 整改'": Charge(AIR, "03:00:00"),
            "1 反馈": Charge(AIR, "00:10:00"),
            "1 回访": Charge(OFFICE, "14:00:00"),
            "1 后督查": Charge(OFFICE, "01:00:00"),
            "1 销号": Charge(OFFICE, "00:05:00"),
        }
