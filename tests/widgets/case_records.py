"""Records that the page tests show: real events run through the real rules, so that they cannot contradict.

Times are fixed; nothing here looks at a clock of the machine.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from domain import events as e
from domain.calendar import WorkCalendar, YearNotice
from domain.case_fold import fold_case
from domain.clock import clock, explain
from domain.dossier import Dossier, Facts, LogRow, evidence_of
from domain.events import Event, WarningKind, WarningLevel
from domain.listing import TicketPage, TicketRow, WarningRow
from domain.nodes import Node, NodeStatus, TicketState
from domain.overview import ReSupervisionRow
from domain.people import PLATFORM, SYSTEM, Actor, Role
from domain.policy import Policy, parse_policy
from domain.urgency import Urgency

START = datetime(2026, 11, 21, 12, 17, 6, tzinfo=UTC)
"""20:17:06 in the city: the case of the target picture."""

NAMES = {
    PLATFORM: "平台办",
    "housing": "住房和城乡建设局",
    "police": "公安局",
    "ecology": "生态环境局",
    "discipline": "市纪委监委",
}

CHANNELS = {"monitoring": "在线监测"}

DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
HANDLER = Actor(Role.HANDLER, "陈立", "housing")
LEADER = Actor(Role.LEADER, "周海", "office")
OFFICER = Actor(Role.DISCIPLINE, "孙静", "discipline")


def standard_policy() -> Policy:
    path = Path(__file__).parents[2] / "resources" / "policies" / "standard-v1.toml"
    return parse_policy(tomllib.loads(path.read_text(encoding="utf-8")))


def calendar(*years: int) -> WorkCalendar:
    """A calendar that knows these years; 2026-11-21 is a make-up Saturday here."""
    notices = {year: YearNotice(year, frozenset(), frozenset({date(2026, 11, 21)}), "test") for year in years}
    return WorkCalendar(notices)


def after(**parts: float) -> datetime:
    return START + timedelta(**parts)


def received(urgency: Urgency = Urgency.CRITICAL, title: str = "夜间施工噪声扰民") -> Event:
    fact = e.Received("monitoring", title, "噪声 LA 78 dB(A)，限 55（夜间），连续 3 组", urgency)
    return Event(START, SYSTEM, fact)


def ordinary_events() -> list[Event]:
    red = (WarningKind.LATE, WarningLevel.RED)
    return [
        received(),
        Event(after(seconds=48), DUTY, e.Accepted()),
        Event(after(seconds=96), DUTY, e.Dispatched("housing", ("police",), "责任清单 3.12")),
        Event(after(minutes=7, seconds=11), HANDLER, e.Signed()),
        Event(after(minutes=8), SYSTEM, e.WarningRaised(*red, Node.SIGN, 1, 1, "housing", "环节到期未办结")),
        Event(
            after(hours=2, minutes=41, seconds=34),
            HANDLER,
            e.Arrived(38.0, ("ab" * 32, "cd" * 32), "噪声 71 dB(A)"),
        ),
        Event(
            after(hours=2, minutes=45),
            OFFICER,
            e.ReSupervisionReferred("Z-2026-0117", "launched", "要求说明到场超时", after(hours=26)),
        ),
    ]


def dossier_of(
    events: Sequence[Event],
    now: datetime,
    *,
    warnings: tuple[WarningRow, ...] = (),
    re_supervisions: tuple[ReSupervisionRow, ...] = (),
    facts: Facts | None = None,
    replayed: bool = False,
    broken_at: int | None = None,
    known_years: tuple[int, ...] = (2026,),
) -> Dossier:
    """Build a dossier as the reader does: everything follows from the events up to `now`."""
    days = calendar(*known_years)
    past = [event for event in events if event.at <= now]
    clocks = clock(past, standard_policy(), days, now)
    log = tuple(
        LogRow(event, hashlib.sha256(str(event).encode()).hexdigest(), position != broken_at)
        for position, event in enumerate(past)
    )
    title = clocks.trace.received.title
    return Dossier(
        number="XZ-20261121-0132",
        title=title,
        facts=facts
        or Facts(
            "在线监测",
            "噪声",
            "建筑施工夜间噪声",
            clocks.trace.received.text,
            "住房和城乡建设局",
            ("公安局",),
            "铜山区",
            "金山桥街道",
            "荆山路 18 号",
            117.2,
            34.2,
            "李**",
            secrecy=True,
            repeats=4,
        ),
        merged_count=2,
        clock=clocks,
        explanations=tuple(explain(node, days) for node in clocks.trace.nodes),
        log=log,
        chain_ok=broken_at is None,
        latest=max(now, events[-1].at),
        replayed=replayed,
        evidence=evidence_of(past),
        case=fold_case(past),
        warnings=warnings,
        re_supervisions=re_supervisions,
        names=NAMES,
        channels=CHANNELS,
    )


def ordinary_dossier(now: datetime | None = None, **parts: object) -> Dossier:
    return dossier_of(ordinary_events(), now or after(hours=7), **parts)  # type: ignore[arg-type]


def four_round_events() -> list[Event]:
    """Three bounce-backs and 200 events, with long names."""
    found = [
        received(Urgency.FIRST, "沥青拌合站夜间露天作业产生刺激性异味并伴有大量粉尘，周边小区居民反复投诉")
    ]
    found += [
        Event(after(minutes=1), DUTY, e.Accepted()),
        Event(after(minutes=2), DUTY, e.Dispatched("housing", ("police", "ecology"))),
    ]
    for round_ in range(4):
        base = timedelta(days=2 * round_)
        found.append(Event(START + base + timedelta(minutes=4 + round_), HANDLER, e.Signed()))
        found.append(
            Event(START + base + timedelta(hours=1 + round_), HANDLER, e.Arrived(20.0, ("ee" * 32,)))
        )
        if round_ == 3:
            break
        found.append(Event(START + base + timedelta(hours=9), HANDLER, e.Rectified("已停工整改", True)))
        found.append(Event(START + base + timedelta(hours=10), HANDLER, e.FedBack("电话", "已告知整改情况")))
        found.append(Event(START + base + timedelta(days=2), DUTY, e.Revisited(False, "夜间仍有噪声")))
    last = found[-1].at
    found += [
        Event(last + timedelta(minutes=n + 1), DUTY, e.Chased(f"第 {n + 1} 次催办，请立即整改并反馈现场影像"))
        for n in range(200 - len(found))
    ]
    return found


def warning_row(
    number: int = 1,
    level: WarningLevel = WarningLevel.RED,
    kind: WarningKind = WarningKind.LATE,
    **parts: object,
) -> WarningRow:
    values: dict[str, object] = {
        "ticket": f"XZ-20261121-{number:04}",
        "title": "夜间施工噪声扰民",
        "urgency": Urgency.CRITICAL,
        "kind": kind,
        "level": level,
        "node": Node.ARRIVE,
        "round": 1,
        "leg": 1,
        "body": "housing",
        "body_name": "住房和城乡建设局",
        "area_name": "铜山区",
        "category_name": "建筑施工夜间噪声",
        "rule": "环节到期未办结",
        "since": after(hours=2),
        "due_at": after(hours=2),
    }
    return WarningRow(**(values | parts))  # type: ignore[arg-type]


def ticket_row(number: int) -> TicketRow:
    states = list(TicketState)
    state = states[number % len(states)]
    done = state is TicketState.CLOSED
    return TicketRow(
        number=f"XZ-20261121-{number:04}",
        title=("夜间施工噪声扰民", "企业偷排废水", "餐饮油烟直排", "秸秆露天焚烧")[number % 4],
        urgency=list(Urgency)[number % 3],
        channel="report",
        channel_name="群众举报",
        category="noise.night",
        category_name="建筑施工夜间噪声",
        area="320312",
        area_name="铜山区",
        township="金山桥街道",
        body="housing",
        body_name="住房和城乡建设局",
        state=state,
        node=None if done else list(Node)[number % 11],
        node_status=None if done else NodeStatus.RUNNING,
        round=1 + number % 2,
        received_at=START - timedelta(minutes=number),
        due_at=None if done else START + timedelta(minutes=number - 5),
        closed_at=START if done else None,
    )


def ticket_page(offset: int, size: int, total: int) -> TicketPage:
    rows = tuple(ticket_row(number) for number in range(offset, min(total, offset + size)))
    return TicketPage(rows, total, offset, START)
