"""A wrong revisit or post-check stands in the log: the desk says what can be done about it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain import case_events as c
from domain import events as e
from domain.steps import possible_steps
from domain.suggesting import suggest
from tests.data_access.streams import DUTY, HANDLER, happened, whole_life
from tests.widgets.case_records import dossier_of
from widgets.desk.duty_detail import DutyDetail
from widgets.desk.duty_orders import counter_step

LIFE = whole_life()
TOLD = LIFE[:7]
"""Told the complainant: the revisit runs."""
NOT_CONTENT = e.Revisited(False, "夜间仍有噪声")
AGAIN = (
    (51.0, HANDLER, e.Signed()),
    (52.0, HANDLER, e.Arrived(8)),
    (53.0, HANDLER, e.Rectified("封存设备")),
    (54.0, HANDLER, e.FedBack("电话")),
)
NOTED = "“{0}”已记入日志，不能撤回。"
RECHECK = "第 2 轮办结后可再登记一次{0}；误记的现在就在档案补一条案情记录说明。"
NEXT_ROUND = (NOTED + RECHECK).format("回访")


def detail_of(events: Sequence[e.Event]) -> DutyDetail:
    return DutyDetail(dossier_of(events, events[-1].at + timedelta(minutes=1)), suggest((), "", ""))


@pytest.mark.parametrize(
    ("events", "possible", "said"),
    [
        # Not content by mistake: the second round runs, its revisit comes when it is done.
        ((*TOLD, *happened((50, DUTY, NOT_CONTENT))), None, NEXT_ROUND),
        ((*TOLD, *happened((50, DUTY, NOT_CONTENT), *AGAIN[:2])), None, NEXT_ROUND),
        (
            (*TOLD, *happened((50, DUTY, NOT_CONTENT), *AGAIN)),
            e.Revisited,
            "“回访”已记入日志，不能撤回。现在可再登记一次回访更正。",
        ),
        # Content by mistake: there is a post-check to come.
        (
            LIFE[:8],
            e.PostChecked,
            NOTED.format("回访") + "举报人其实不满意的，可在后督查登记“未通过”打回重办。",
        ),
        (
            (*LIFE[:8], *happened((80, DUTY, e.PostChecked(False, "仍在施工")))),
            None,
            (NOTED + RECHECK).format("后督查"),
        ),
        (
            LIFE[:9],
            e.JointSupervisionOpened,
            "“后督查”已记入日志，不能撤回。问题没有解决的，先开启联合督办：督办单位签结前不能销号；"
            "误记的在档案补一条案情记录。",
        ),
        (LIFE, None, "“销号”已记入日志，不能撤回；仍有反映的，按新来件受理。"),
        (
            (*TOLD, *happened((32, DUTY, c.MergedInto("T-2", "同一工地")))),
            None,
            "要撤回合并，请打开档案，在“重复与合并”处拆分。",
        ),
    ],
)
def test_what_cannot_be_undone_names_what_can_be_done(
    events: Sequence[e.Event], possible: type[e.Fact] | None, said: str
) -> None:
    detail = detail_of(events)
    assert counter_step(detail, DUTY) == said
    steps = possible_steps(detail.dossier.clock, DUTY)
    checks = {e.Revisited, e.PostChecked, e.Closed} & set(steps)
    assert checks == set() if possible is None else possible in steps


def test_a_merger_that_was_split_off_hides_no_other_step() -> None:
    merged = (32, DUTY, c.MergedInto("T-2", "同一工地")), (33, DUTY, c.SplitOff("T-2", "另一处工地"))
    detail = detail_of((*LIFE[:3], *happened(*merged)))
    assert counter_step(detail, DUTY) is e.Dispatched
