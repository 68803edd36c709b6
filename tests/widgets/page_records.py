"""Records for the pages behind the tabs: rankings, ledger, directives, re-supervisions."""

from datetime import date, timedelta

from domain.details import (
    ColourChange,
    LedgerDetail,
    ProgressNote,
    ReSupervisionDetail,
)
from domain.directive_listing import DirectiveDetail, DirectiveReceipts, ReceiptRow
from domain.ledger import Colour, ColourCount, ColourReason, LedgerRow, Milestone
from domain.nodes import Node
from domain.overview import DirectiveRow, DirectiveState, ReSupervisionRow
from domain.ranking import Tally, rank
from domain.ranking_query import RankingPage, RankingQuery
from domain.re_supervision import FileState
from domain.urgency import Urgency
from tests.widgets.case_records import CHANNELS, NAMES, START, after, ordinary_events

BODIES = (
    ("police", "公安局"),
    ("transport", "交通运输局"),
    ("water", "水务局"),
    ("tongshan", "铜山区"),
    ("urban", "城市管理局"),
    ("ecology", "生态环境局"),
    ("housing", "住房和城乡建设局"),
    ("farming", "农业农村局"),
    ("gulou", "鼓楼区"),
    ("land", "自然资源和规划局"),
    ("market", "市场监督管理局"),
    ("industry", "工业和信息化局"),
)

_LEGEND = {
    Colour.GREEN: "已销号",
    Colour.BLUE: "按序时推进",
    Colour.YELLOW: "临期或滞后",
    Colour.RED: "逾期、退回或严重滞后",
}

_REASONS = {
    Colour.GREEN: ColourReason.CLOSED_OUT,
    Colour.BLUE: ColourReason.ON_PLAN,
    Colour.YELLOW: ColourReason.BEHIND,
    Colour.RED: ColourReason.OVERDUE,
}


def ranking_page(query: RankingQuery | None = None) -> RankingPage:
    tallies = [
        Tally(key, name, 400 - 30 * n, 400 - 30 * n - 3 * n - 1, n, 80 - n, 82, n % 4)
        for n, (key, name) in enumerate(BODIES)
    ]
    tallies.append(Tally("new", "新设单位", 3, 3, 0))
    rows = rank(tallies, {"police": 2, "transport": 1, "water": 3})
    return RankingPage(query or RankingQuery(), rows, START - timedelta(days=30), START, START)


def ledger_row(number: int) -> LedgerRow:
    colour = list(Colour)[number % 4]
    body, name = BODIES[number % len(BODIES)]
    return LedgerRow(
        number=f"铜山 2026-{number:03}",
        source="省级督察",
        batch="第三批",
        problem="沥青企业夜间露天作业，周边居民反映异味，要求入棚并安装收集处理设施",
        body=body,
        body_name=name,
        area_name="铜山区",
        lead_in_charge="周海",
        deadline=after(days=number - 6),
        colour=colour,
        reason=_REASONS[colour],
        percent=100 if colour is Colour.GREEN else 20 + number % 60,
        planned=70,
        days_over=6 if colour is Colour.RED else 0,
    )


def ledger_counts(rows: tuple[LedgerRow, ...]) -> tuple[ColourCount, ...]:
    return tuple(ColourCount(c, _LEGEND[c], sum(row.colour is c for row in rows)) for c in Colour)


def ledger_detail(row: LedgerRow) -> LedgerDetail:
    return LedgerDetail(
        row,
        "全部入棚，厂界无异味",
        "停产整治；安装负压收集和活性炭吸附；每日自测",
        (
            Milestone("制定方案", 20, date(2026, 11, 1)),
            Milestone("设备安装", 50, date(2026, 11, 20)),
            Milestone("验收", 30, date(2026, 12, 1)),
        ),
        (
            ProgressNote(START - timedelta(days=9), 20, "方案已批", "陈立"),
            ProgressNote(START - timedelta(days=2), 42, "设备到场", "陈立"),
        ),
        (
            ColourChange(START - timedelta(days=20), Colour.BLUE, ColourReason.ON_PLAN, 0, 0),
            ColourChange(START - timedelta(days=1), Colour.YELLOW, ColourReason.BEHIND, 42, 70),
        ),
        "XZ-20261121-0132",
    )


def directive_row(number: int, state: DirectiveState = DirectiveState.RUNNING) -> DirectiveRow:
    keys, names = zip(*BODIES, strict=True)
    return DirectiveRow(
        number=f"督字 {number} 号",
        text="今冬扬尘专项：12 个责任主体 24 小时内报计划，逐个工地核查湿法作业与覆盖",
        issued_by="周海",
        issued_at=START,
        deadline=after(hours=24 - number),
        urgency=Urgency.FIRST,
        state=state,
        receivers=keys,
        receiver_names=names,
        signed=11,
        fed_back=4,
        accepted=1,
        tickets=("XZ-20261121-0132", "XZ-20261121-0133"),
    )


def directive_line(number: int, state: DirectiveState = DirectiveState.RUNNING) -> DirectiveReceipts:
    row = directive_row(number, state)
    return DirectiveReceipts(row, _receipts(row))


def directive_detail(row: DirectiveRow) -> DirectiveDetail:
    return DirectiveDetail(row, _receipts(row), area_names=("铜山区",), areas=("320312",))


def _receipts(row: DirectiveRow) -> tuple[ReceiptRow, ...]:
    return tuple(
        ReceiptRow(
            key,
            name,
            None if n == 11 else after(minutes=n),
            after(hours=1) if n < 4 else None,
            "已报计划" if n < 4 else "",
            True if n == 0 else None,
        )
        for n, (key, name) in enumerate(zip(row.receivers, row.receiver_names, strict=True))
    )


def file_row(number: int, state: FileState = FileState.LAUNCHED) -> ReSupervisionRow:
    launched = state not in (FileState.DRAFTED, FileState.DECLINED)
    return ReSupervisionRow(
        number=f"Z-2026-{number:04}",
        ticket="XZ-20261121-0132",
        title="夜间施工噪声扰民",
        body="housing",
        body_name="住房和城乡建设局",
        node=Node.ARRIVE,
        round=1,
        cause="环节到期未办结",
        state=state,
        drafted_at=START,
        launched_at=after(hours=1) if launched else None,
        deadline=after(hours=25) if launched else None,
        officer="孙静" if launched else None,
    )


def file_detail(row: ReSupervisionRow) -> ReSupervisionDetail:
    if row.launched_at is None:
        return ReSupervisionDetail(row)
    return ReSupervisionDetail(
        row,
        "请说明为何超过两小时才到场，当晚值班安排如何",
        "a1f3" * 16,
        events=tuple(ordinary_events()),
        names=NAMES,
        channels=CHANNELS,
    )
