"""Plausible overviews for tests and pictures: an ordinary evening, nothing at all, and far too much."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.calendar import DayKind
from domain.events import WarningKind, WarningLevel
from domain.ledger import Colour, ColourCount, ColourReason, ColourScheme, LedgerRow
from domain.listing import TicketFilter, WarningRow
from domain.nodes import Node, NodeStatus, TicketState
from domain.overview import (
    DirectiveRow,
    DirectiveState,
    FeedHealth,
    FeedState,
    Kpi,
    KpiKey,
    MapPoint,
    Overview,
    PipelineNode,
)
from domain.ranking import Tally, rank
from domain.urgency import Urgency
from tests.widgets.air_records import monitoring

NOW = datetime(2026, 11, 21, 12, 58, 13, tzinfo=UTC)
"""20:58:13 in Xuzhou, a Saturday."""

BODIES = (
    ("公安局", 409, 412), ("交通运输局", 264, 268), ("水务局", 295, 301), ("铜山区", 507, 520),
    ("城市管理局", 898, 933), ("生态环境局", 1155, 1204), ("住房和城乡建设局", 653, 688),
    ("农业农村局", 149, 157), ("鼓楼区", 376, 402), ("自然资源和规划局", 91, 98),
    ("市场监督管理局", 128, 143), ("工业和信息化局", 35, 41), ("气象局", 3, 3),
)  # fmt: skip


SCHEME = ColourScheme("default", 3, date(2026, 7, 1), 0.2, 10, 30, {})


def kpis() -> tuple[Kpi, ...]:
    """The eight figures of the target picture."""
    day = TicketFilter(received_from=NOW - timedelta(hours=20))
    return (
        Kpi(KpiKey.RECEIVED_TODAY, 132, previous=120, parts=(("proactive", 5),), filter=day),
        _rate(KpiKey.SIGN_RATE, 132, 132, 0.991),
        _rate(KpiKey.DISPATCH_RATE, 131, 132, 0.985),
        _rate(KpiKey.DISPOSAL_RATE, 1163, 1203, 0.971),
        Kpi(
            KpiKey.OPEN,
            418,
            previous=402,
            parts=(("critical", 3), ("first", 27)),
            filter=TicketFilter(open_only=True),
        ),
        Kpi(
            KpiKey.OVERDUE_NODES,
            7,
            previous=9,
            parts=(("red", 3), ("yellow", 41)),
            filter=TicketFilter(node_status=NodeStatus.OVERDUE),
        ),
        _rate(KpiKey.SATISFACTION, 516, 526, 0.978),
        Kpi(KpiKey.MEAN_HANDLING, 9.6, previous=11.2, filter=TicketFilter(done_to=NOW)),
    )


def _rate(key: KpiKey, numerator: int, denominator: int, previous: float) -> Kpi:
    return Kpi(
        key,
        numerator / denominator if denominator else None,
        numerator,
        denominator,
        previous,
        filter=TicketFilter(channel=f"{key}"),
        spoilers=TicketFilter(channel=f"{key} spoilers") if numerator < denominator else None,
    )


def warning(
    number: int,
    level: WarningLevel,
    node: Node,
    left: timedelta,
    urgency: Urgency = Urgency.FIRST,
    kind: WarningKind | None = None,
    place: str = "铜山区",
    what: str = "夜间施工噪声",
    body: str = "住房和城乡建设局",
) -> WarningRow:
    """A warning whose node is due `left` from NOW (negative: overdue)."""
    late = level is WarningLevel.RED
    return WarningRow(
        ticket=f"XZ-20261121-{number:04}",
        title=what,
        urgency=urgency,
        kind=kind or (WarningKind.LATE if late else WarningKind.SLOW),
        level=level,
        node=node,
        round=1,
        leg=1,
        body=f"body-{number}",
        body_name=body,
        area_name=place,
        category_name=what,
        rule="无现场影像即办结" if kind is WarningKind.WRONG else "到期未完成",
        since=NOW - timedelta(hours=1),
        due_at=NOW + left,
    )


def warnings() -> tuple[WarningRow, ...]:
    """Three red and four yellow ones, as in the target picture."""
    red, yellow = WarningLevel.RED, WarningLevel.YELLOW
    hour, minute, second = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
    first = warning(132, red, Node.ARRIVE, -(41 * minute + 7 * second), Urgency.CRITICAL)
    rectify = warning(98, red, Node.RECTIFY, -(2 * hour + 13 * minute), place="新沂市", what="企业偷排废水",
                      body="生态环境局")  # fmt: skip
    wrong = warning(77, red, Node.REVISIT, -timedelta(days=1, hours=3), Urgency.ORDINARY, WarningKind.WRONG,
                    "泉山区", "餐饮油烟", "城市管理局")  # fmt: skip
    return (
        replace(first, acknowledged_by="王磊", acknowledged_at=NOW),
        rectify,
        wrong,
        warning(140, yellow, Node.SIGN, minute + 12 * second, Urgency.CRITICAL, place="云龙区",
                what="异味扰民", body="生态环境局"),
        warning(131, yellow, Node.ARRIVE, 18 * minute + 30 * second, place="邳州市", what="秸秆焚烧",
                body="农业农村局"),
        warning(90, yellow, Node.RECTIFY, hour + 5 * minute, place="贾汪区", what="工地扬尘"),
        warning(60, yellow, Node.FEED_BACK, 3 * hour + 20 * minute, Urgency.ORDINARY, None, "沛县",
                "广场舞噪声", "公安局"),
    )  # fmt: skip


def ledger_rows() -> tuple[LedgerRow, ...]:
    """The three reddest items."""
    return (
        _item("铜山 2026-031", "某沥青企业夜间露天作业", "铜山区", Colour.RED, ColourReason.OVERDUE, 6),
        _item("督察 X3JS-110", "黑臭水体返黑返臭", "水务局", Colour.RED, ColourReason.OVERDUE, 1),
        _item("新沂 2026-017", "堆场扬尘未覆盖", "新沂市", Colour.YELLOW, ColourReason.BEHIND, 0),
    )


def _item(number: str, problem: str, body: str, colour: Colour, reason: ColourReason, days: int) -> LedgerRow:
    deadline = NOW - timedelta(days=days) if days else NOW + timedelta(days=4)
    return LedgerRow(
        number, "省级督察", "2026 第二批", problem, "body", body, body, "李某", deadline, colour, reason,
        42, 70, days,
    )  # fmt: skip


def directives() -> tuple[DirectiveRow, ...]:
    """Three directives: running, unsigned, judged."""
    names = tuple(name for name, _, _ in BODIES[:12])
    row = DirectiveRow(
        "督字 46 号", "今冬扬尘专项：12 个责任主体 24 小时内报计划", "市领导", NOW - timedelta(hours=5),
        NOW + timedelta(hours=19), Urgency.ORDINARY, DirectiveState.RUNNING, names, names, 11, 4, 0,
    )  # fmt: skip
    one = ("生态环境局",)
    return (
        row,
        replace(row, number="督字 45 号", text="沥青企业夜间作业，今晚必须停", receivers=one,
                receiver_names=one, signed=1, fed_back=0, state=DirectiveState.DUE_SOON,
                deadline=NOW + timedelta(hours=2, minutes=10)),
        replace(row, number="督字 44 号", text="荆马河返黑返臭三日内见底", receivers=one,
                receiver_names=one, signed=1, fed_back=1, accepted=1, state=DirectiveState.JUDGED),
    )  # fmt: skip


def feeds() -> tuple[FeedHealth, ...]:
    """Six good feeds and one that lags."""
    names = ("12345", "12369", "数字城管", "微信", "移动执法")
    good = tuple(FeedHealth(name, name, FeedState.OK, NOW) for name in names)
    lag = FeedHealth("monitoring", "在线监测", FeedState.LAGGING, NOW - timedelta(minutes=3), 192)
    return (*good, lag, FeedHealth("inspection", "督察交办", FeedState.NOT_CONNECTED))


def pipeline() -> tuple[PipelineNode, ...]:
    """Eleven nodes, four of them with late tickets."""
    counts = {
        Node.ACCEPT: (3, 0, 0), Node.DISPATCH: (2, 0, 0), Node.SIGN: (5, 1, 0), Node.ARRIVE: (14, 3, 2),
        Node.RECTIFY: (187, 20, 3), Node.FILE: (22, 0, 0), Node.PENALISE: (31, 0, 0),
        Node.FEED_BACK: (46, 9, 0), Node.REVISIT: (63, 4, 1), Node.POST_CHECK: (38, 2, 1),
        Node.CLOSE: (12, 0, 0),
    }  # fmt: skip
    return tuple(
        PipelineNode(node, opened, soon, late, TicketFilter(open_only=True, node=node))
        for node, (opened, soon, late) in counts.items()
    )


def points() -> tuple[MapPoint, ...]:
    """A few tickets around the city."""
    states = (TicketState.ON_TIME, TicketState.DONE, TicketState.DUE_SOON, TicketState.OVERDUE)
    return tuple(
        MapPoint(
            f"XZ-20261121-{n:04}",
            116.6 + (n * 37 % 190) / 100,
            33.8 + (n * 53 % 90) / 100,
            states[n % 7 % 4],
            Urgency.ORDINARY,
        )
        for n in range(120)
    )


def ordinary() -> Overview:
    """What the target picture shows."""
    previous = {name: place for place, (name, _, _) in enumerate(BODIES, start=1)}
    previous |= {"公安局": 2, "水务局": 5, "铜山区": 3, "城市管理局": 6, "生态环境局": 4}
    return Overview(
        as_of=NOW,
        city="徐州市",
        sample=True,
        day_name="",
        day_kind=DayKind.WEEKEND,
        feeds=feeds(),
        kpis=kpis(),
        ranking=rank([Tally(name, name, due, done, due - done) for name, done, due in BODIES], previous),
        ranking_days=30,
        points=points(),
        areas=(),
        open_tickets=418,
        pipeline=pipeline(),
        warnings=warnings(),
        warnings_red=3,
        warnings_yellow=4,
        ledger_counts=ledger_counts(1284, 336, 58, 9),
        ledger_rows=ledger_rows(),
        ledger_scheme=SCHEME,
        directives=directives(),
        directives_to_sign=1,
        directives_to_feed_back=8,
        monitoring=monitoring(NOW),
    )


def ledger_counts(green: int, blue: int, yellow: int, red: int) -> tuple[ColourCount, ...]:
    """Counts with the default scheme's words."""
    words = ("已销号", "按序时推进", "临期或滞后", "逾期或退回")
    return tuple(map(ColourCount, Colour, words, (green, blue, yellow, red)))


def empty() -> Overview:
    """The first minute of a new city: nothing came in, nothing is connected."""
    nothing = tuple(
        Kpi(key, None if key not in (KpiKey.OPEN, KpiKey.OVERDUE_NODES, KpiKey.RECEIVED_TODAY) else 0)
        for key in KpiKey
    )
    return replace(
        ordinary(),
        sample=False,
        day_name="",
        day_kind=None,
        feeds=tuple(replace(feed, state=FeedState.NOT_CONNECTED) for feed in feeds()),
        kpis=nothing,
        ranking=(),
        points=(),
        monitoring=None,
        open_tickets=0,
        pipeline=tuple(replace(n, open=0, due_soon=0, overdue=0) for n in pipeline()),
        warnings=(),
        warnings_red=0,
        warnings_yellow=0,
        ledger_counts=ledger_counts(0, 0, 0, 0),
        ledger_rows=(),
        directives=(),
        directives_to_sign=0,
        directives_to_feed_back=0,
    )


def overfull() -> Overview:
    """A city on fire: 200 warnings, 40 bodies with long names, counts of seven digits."""
    name = "号生态环境综合行政执法与污染防治联合监督大队"
    due = 1_234_567
    tallies = [Tally(f"body-{n:02}", f"第{n}{name}", due, due - n * 14_321, n * 100) for n in range(40)]
    long = "特别长的线索标题：多个小区居民连续多日反映夜间施工噪声与异味扰民且屡投未决"
    many = tuple(
        warning(n, WarningLevel.RED if n < 80 else WarningLevel.YELLOW, list(Node)[n % 11],
                timedelta(minutes=n - 80), list(Urgency)[n % 3], place="经济技术开发区", what=long,
                body="生态环境综合行政执法局")
        for n in range(200)
    )  # fmt: skip
    huge = tuple(
        replace(
            kpi,
            value=kpi.value if kpi.denominator else (kpi.value or 0) * 98_765,
            numerator=kpi.numerator and kpi.numerator * 9_876,
            denominator=kpi.denominator and kpi.denominator * 9_876,
            parts=tuple((key, count * 12_345) for key, count in kpi.parts),
        )
        for kpi in kpis()
    )
    items = tuple(
        replace(row, number=f"{row.number}-{n}", problem=long, days_over=row.days_over * 100)
        for n in range(30)
        for row in ledger_rows()
    )
    orders = tuple(
        replace(row, number=f"督字 {n + 1000} 号", text=long, signed=row.signed, state=state)
        for n, state in enumerate(DirectiveState)
        for row in directives()
    )
    return replace(
        ordinary(),
        city="内蒙古自治区锡林郭勒盟",
        day_name="国庆节调休上班",
        day_kind=DayKind.MAKE_UP,
        feeds=tuple(
            FeedHealth(f"{n}", f"第{n}号来源系统", list(FeedState)[n % 4], NOW, 360_000) for n in range(16)
        ),
        kpis=huge,
        ranking=rank(tallies),
        open_tickets=1_234_567,
        pipeline=tuple(replace(n, open=1_234_567, due_soon=1_234_567, overdue=1_234_567) for n in pipeline()),
        warnings=many,
        warnings_red=80,
        warnings_yellow=120,
        ledger_counts=ledger_counts(1_284_000, 3_360_000, 5_800_000, 9_000_000),
        ledger_rows=items,
        directives=orders,
        directives_to_sign=1_234_567,
        directives_to_feed_back=7_654_321,
    )
