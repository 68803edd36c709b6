"""Samples of a case: fifteen restaurants, a consultation, a question, a transfer, and too much of all."""

from datetime import timedelta

from domain import case_events as c
from domain import events as e
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.events import Event
from domain.nodes import Node
from domain.people import Actor, Role
from tests.widgets.case_records import DUTY, HANDLER, START, after, ordinary_events

POLICE = Actor(Role.HANDLER, "赵刚", "police")
RESTAURANTS = tuple(
    f"{name}{n} 号店"
    for n, name in enumerate(("老城区烧烤", "湘味小馆", "张记羊肉", "蓝天火锅", "味美快餐") * 3, 1)
)
MEETING = c.RecordAdded(
    RecordKind.CONSULTATION,
    "餐饮油烟联合会商",
    "十五家餐饮单位均在居民楼下，逐家安装净化设施并公示检测结果。",
    participants=("住建局 陈立", "公安局 赵刚", "街道办事处", "居民代表 2 名"),
    decisions=("十五家餐饮单位逐家安装净化设施", "夜间联合检查一次", "检测结果在小区公示"),
    deadlines=(after(days=3), after(hours=6), after(days=7)),
)


def case_events(subjects: tuple[str, ...] = RESTAURANTS) -> list[Event]:
    """An ordinary ticket with a bit of everything."""
    facts: list[tuple[Actor, e.Fact]] = [
        (HANDLER, c.SubjectsListed(subjects)),
        (
            HANDLER,
            c.SubjectInspected(subjects[0], SubjectResult.VIOLATION, "油烟直排，责令停业整改", ("1a" * 32,)),
        ),
        (HANDLER, c.SubjectInspected(subjects[1], SubjectResult.COMPLIANT, "净化设施运行正常")),
        (HANDLER, c.SubjectInspected(subjects[2], SubjectResult.NOT_FOUND)),
        (HANDLER, c.RecordAdded(RecordKind.ON_SITE_ACT, "责令停产整治", document="铜责停〔2026〕3 号")),
        (
            HANDLER,
            c.RecordAdded(
                RecordKind.PLAN, "餐饮油烟一案一策", "分三批整改，每批五家。", evidence=("2b" * 32,)
            ),
        ),
        (DUTY, MEETING),
        (HANDLER, c.DecisionDone(3, 2, "当晚 21 时已联合检查")),
        (POLICE, c.LeadVolunteered("涉及夜间扰民，本单位愿意牵头")),
        (HANDLER, c.ExtensionRequested(Node.RECTIFY, after(days=9), "设备到货需要一周")),
        (HANDLER, c.HelpAsked("ecology", "居民楼下的餐饮单位是否一律不得新设烟道？")),
        (HANDLER, c.TransferredOut(Authority.POLICE, "铜环移〔2026〕2 号", "一家店主暴力阻挠执法")),
        (HANDLER, c.TransferReceipted(1, "公受案〔2026〕118 号", "李警官")),
        (DUTY, c.ResponsibilityNamed(ResponsibleAs.LEAD_IN_CHARGE, "周副市长", reason="第二批包案")),
        (DUTY, c.ResponsibilityNamed(ResponsibleAs.WATCHER, "刘芳", Node.RECTIFY)),
        (DUTY, c.CaseMarked(CaseMark.MODEL, True, "多部门联合检查，可供借鉴")),
    ]
    start = ordinary_events()[-1].at - START
    return [
        *ordinary_events(),
        *(
            Event(START + start + timedelta(minutes=n), actor, fact)
            for n, (actor, fact) in enumerate(facts, 1)
        ),
    ]


def overfull_events() -> list[Event]:
    """Forty subjects with long names, and twenty long records."""
    long = "彭城街道办事处辖区老旧小区底层商铺餐饮单位（含夜间烧烤摊点及临时占道经营户）"
    names = tuple(f"{long}第 {n} 户" for n in range(1, 41))
    found = case_events(names)
    last = found[-1].at
    text = "现场检查发现油烟净化设施未正常运行，" * 30
    found += [
        Event(
            last + timedelta(minutes=n),
            DUTY,
            c.RecordAdded(RecordKind.VISIT, f"{long}走访 {n}", text, participants=("街道",)),
        )
        for n in range(1, 21)
    ]
    return found
