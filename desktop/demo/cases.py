"""What happened in some of the demo city's tickets beside the procedure: fifteen restaurants, consultations
with decisions, leads-in-charge with their lists, questions, requests, transfers, the case library.

The facts are laid over tickets that are there; none of them moves a clock, so that the wall stays as tuned.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from desktop.demo.flow import photo
from desktop.demo.world import World
from domain import events as e
from domain.case_events import (
    Authority,
    CaseMark,
    CaseMarked,
    DecisionDone,
    ExtensionRequested,
    HelpAnswered,
    HelpAsked,
    LeadVolunteered,
    RecordAdded,
    RecordApproved,
    RecordKind,
    ResponsibilityNamed,
    ResponsibleAs,
    SubjectInspected,
    SubjectResult,
    SubjectsListed,
    TransferReceipted,
    TransferredOut,
)
from domain.events import Event, Fact
from domain.nodes import Node
from domain.people import Actor, Role

RESTAURANTS = (
    "老城区烧烤店", "湘味小馆", "张记羊肉馆", "蓝天火锅", "味美快餐", "彭城饭庄", "川香居", "小四川串串",
    "老街米线", "王府家宴", "云龙烤鱼", "金鼎海鲜", "好再来面馆", "万家灯火食府", "夜来香大排档",
)  # fmt: skip
"""The fifteen of B24."""
CATERING = "D01"
PLAN = "先停后治：逐家安装净化设施，逐家复测，夜间抽查。"
ANSWER = "不能补办，应立即停工；确需连续作业的重新申请并公告。"
LAW = "《噪声污染防治法》第四十三条"
INSPECTED = 9
IN_CHARGE = 4
"""So many cases has each lead-in-charge."""
LEADS = 3
OFFICE_HOUR = 18

Streams = Mapping[str, Sequence[Event]]


def cases(world: World, tickets: Streams, apart: Collection[str] = ()) -> dict[str, list[Event]]:
    """Return what happened in the cases, by ticket, for the tickets' own streams; none of those `apart`."""
    return _Cases(world, tickets, apart).written()


class _Cases:
    def __init__(self, world: World, tickets: Streams, apart: Collection[str]) -> None:
        self.world = world
        self.tickets = tickets
        self.found: defaultdict[str, list[Event]] = defaultdict(list)
        self.used = set(apart)

    def written(self) -> dict[str, list[Event]]:
        self.restaurants()
        self.consultations()
        self.requests()
        self.transfers()
        self.examples()
        self.in_charge()
        return dict(self.found)

    # --- the cases -------------------------------------------------------------------------------------

    def restaurants(self) -> None:
        """Fifteen restaurants, nine of them inspected, an approved plan, somebody who watches (B24)."""
        number = self.take(self.working(CATERING) or self.working())
        if number is None:
            return
        arrived, handler = self.moment(number, e.Arrived), self.handler(number)
        self.add(number, arrived, 6, handler, SubjectsListed(RESTAURANTS))
        results = (SubjectResult.VIOLATION, SubjectResult.COMPLIANT, SubjectResult.RECTIFIED)
        words = ("油烟直排居民楼，责令停用", "净化设施运行正常", "当场清洗净化器，已整改")
        for place, name in enumerate(RESTAURANTS[:INSPECTED]):
            kind = place % len(results)
            sums = (photo(number, f"subject/{place}"),) if kind == 0 else ()
            found = SubjectInspected(name, results[kind], words[kind], sums)
            self.add(number, arrived, 9 + 2 * place, handler, found)
        act = RecordAdded(RecordKind.ON_SITE_ACT, "责令停止使用通知书", document="徐责停〔2026〕31 号")
        self.add(number, arrived, 12, handler, act)
        plan = RecordAdded(RecordKind.PLAN, "十五家餐饮单位一案一策", PLAN)
        self.add(number, arrived, 28, handler, plan)
        self.add(number, arrived, 31, self.duty(arrived, 31), RecordApproved(2, "同意，按期反馈"))
        watcher = ResponsibilityNamed(ResponsibleAs.WATCHER, self.duty(arrived, 32).name, Node.RECTIFY)
        self.add(number, arrived, 32, self.duty(arrived, 32), watcher)

    def consultations(self) -> None:
        """Consultations and a round table with decisions: done, to be done, one overdue (B13, Q10, Q11)."""
        for place, days in enumerate((0, 6, 9)):
            number = self.take(self.old(days) if days else self.working())
            if number is None:
                continue
            received = self.tickets[number][0].at
            at = max(received + timedelta(hours=6), self.world.anchor - timedelta(days=days, hours=3))
            kind = RecordKind.ROUND_TABLE if place == 1 else RecordKind.CONSULTATION
            meeting = RecordAdded(
                kind,
                "三方圆桌对话" if place == 1 else "部门联合会商",
                "梳理症结，明确分工，定人定时。",
                participants=("平台办", "住建局", "属地街道", "群众代表 3 名"),
                decisions=("施工单位今日起夜间停工", "属地街道每晚巡查并拍照上传", "检测机构复测并公示结果"),
                deadlines=tuple(self.evening(at, days) for days in (1, 3, 12)),
            )
            officer = self.world.on_duty(at)
            self.put(number, at, officer, meeting)
            handler = self.handler(number)
            self.put(number, at + timedelta(hours=1), handler, DecisionDone(1, 1, "已停工，附巡查照片"))
            charge = ResponsibilityNamed(
                ResponsibleAs.LEAD_IN_CHARGE, self.leader(place), reason="第二批包案"
            )
            self.put(number, at + timedelta(minutes=20), officer, charge)

    def requests(self) -> None:
        """More time, a question with an answer, one that waits, and a body that offers to lead (B22, B23)."""
        number = self.take(self.working())
        if number is not None:
            handler, now = self.handler(number), self.world.anchor - timedelta(minutes=25)
            more = ExtensionRequested(
                Node.RECTIFY, self.evening(self.world.anchor, 16), "净化设备到货需要一周"
            )
            self.put(number, now, handler, more)
            self.put(number, now, handler, HelpAsked(self.steward(handler), "居民楼底商能否新设专用烟道？"))
        number = self.take(self.working())
        if number is not None:
            handler, now = self.handler(number), self.world.anchor - timedelta(minutes=40)
            steward = self.steward(handler)
            self.put(number, now, handler, HelpAsked(steward, "夜间混凝土浇筑证明过期，是否可以补办？"))
            answer = HelpAnswered(1, ANSWER, LAW)
            who = self.world.staff[Role.HANDLER, steward][0]
            self.put(number, now + timedelta(minutes=22), who, answer)
            self.put(
                number,
                now + timedelta(minutes=30),
                handler,
                LeadVolunteered("请公安、城管到场报到，联合执法"),
            )

    def transfers(self) -> None:
        """One that was confirmed, one that waits for its receipt (Y26, Q19)."""
        for place, number in enumerate(self.filed()[:2]):
            self.used.add(number)
            at = self.moment(number, e.Filed)
            handler = self.handler(number)
            to = Authority.POLICE if place == 0 else Authority.PROCURATORATE
            sent = TransferredOut(to, f"徐环移〔2026〕{7 + place} 号", "涉嫌污染环境罪，依法移送")
            self.add(number, at, 90, handler, sent)
            if place == 0:
                receipt = TransferReceipted(1, "徐公受案〔2026〕118 号", "经侦支队 李警官")
                self.add(number, at, 90 + 26 * 60, handler, receipt)

    def examples(self) -> None:
        """Model and warning cases, with what was told and looked at afterwards (B26, T18, Y21)."""
        for place, number in enumerate(self.closed()[:5]):
            self.used.add(number)
            at, handler = self.moment(number, e.Closed), self.handler(number)
            check = RecordAdded(RecordKind.SPOT_CHECK, "夜间抽查未复发", "23 时到场，未见作业，噪声达标。")
            self.add(number, at, 60 * 30, handler, check)
            mark = CaseMark.WARNING if place == 3 else CaseMark.MODEL
            reason = "两次回访不满意，教训在于未到现场" if place == 3 else "部门联动，当日解决，群众满意"
            self.add(number, at, 60 * 31, self.duty(at, 60 * 31), CaseMarked(mark, True, reason))
            told = RecordAdded(RecordKind.NOTICE, "告知抽查结果", "电话告知举报人抽查未复发", document="电话")
            self.add(number, at, 60 * 32, handler, told)

    def in_charge(self) -> None:
        """Each lead-in-charge has a list (Q09)."""
        for lead in range(LEADS):
            for _ in range(IN_CHARGE):
                number = self.take(self.open())
                if number is None:
                    return
                at = self.world.anchor - timedelta(hours=2 + lead)
                charge = ResponsibilityNamed(
                    ResponsibleAs.LEAD_IN_CHARGE, self.leader(lead), reason="第一批包案"
                )
                self.put(number, max(at, self.tickets[number][-1].at), self.world.on_duty(at), charge)

    # --- tickets ---------------------------------------------------------------------------------------

    def take(self, numbers: Sequence[str]) -> str | None:
        """Return the first of these that has no case yet."""
        number = next((number for number in numbers if number not in self.used), None)
        if number is not None:
            self.used.add(number)
        return number

    def working(self, kind: str | None = None) -> list[str]:
        """Return open tickets on which a body works on site, longest first; of one kind only, if given."""
        before = self.world.anchor - timedelta(minutes=45)
        found = [
            (self.moment(number, e.Arrived), number)
            for number, events in self.having(e.Arrived)
            if not _has(events, e.Rectified) and (kind is None or _kind(events) == kind)
        ]
        return [number for arrived, number in sorted(found) if arrived < before]

    def old(self, days: int) -> list[str]:
        """Return tickets that were dispatched so many days ago and are open yet, newest first."""
        before = self.world.anchor - timedelta(days=days, hours=12)
        found = [
            (events[0].at, number) for number, events in self.having(e.Dispatched) if events[0].at < before
        ]
        return [number for _, number in sorted(found, reverse=True)]

    def open(self) -> list[str]:
        """Return open tickets that somebody signed."""
        return sorted(number for number, _ in self.having(e.Signed))

    def filed(self) -> list[str]:
        """Return tickets with a filed case, longest first."""
        found = [
            (self.moment(number, e.Filed), number)
            for number, events in self.tickets.items()
            if _has(events, e.Filed) and _has(events, e.Signed)
        ]
        old = self.world.anchor - timedelta(days=2)
        return [number for at, number in sorted(found, reverse=True) if at < old]

    def closed(self) -> list[str]:
        """Return closed tickets, the latest first; those that bounced among them."""
        found = [
            (events[-1].at, number)
            for number, events in self.tickets.items()
            if isinstance(events[-1].fact, e.Closed) and _has(events, e.Signed)
        ]
        old = self.world.anchor - timedelta(days=2)
        return [number for at, number in sorted(found, reverse=True) if at < old]

    def having(self, kind: type[Fact]) -> Iterator[tuple[str, Sequence[Event]]]:
        """Yield open tickets with a fact of this kind, that one body held from the first dispatch on."""
        for number, events in self.tickets.items():
            if _has(events, kind) and not _has(events, e.Closed) and not _has(events, e.ReturnedAsWrong):
                yield number, events

    def moment(self, number: str, kind: type[Fact]) -> datetime:
        return next(event.at for event in self.tickets[number] if isinstance(event.fact, kind))

    # --- people and times ------------------------------------------------------------------------------

    def handler(self, number: str) -> Actor:
        """Return who signed the ticket for its lead."""
        events = self.tickets[number]
        lead = next(event.fact.lead for event in reversed(events) if isinstance(event.fact, e.Dispatched))
        signed = (event.actor for event in reversed(events) if isinstance(event.fact, e.Signed))
        return next((a for a in signed if a.body == lead), self.world.staff[Role.HANDLER, lead][0])

    def leader(self, place: int) -> str:
        leaders = self.world.city.staff(Role.LEADER)
        return leaders[place % len(leaders)].actor.name

    def steward(self, handler: Actor) -> str:
        """Return a body that knows the law, and is not the asking one."""
        return next(body.key for body in self.world.city.responsible if body.key != handler.body)

    def duty(self, at: datetime, minutes: float) -> Actor:
        return self.world.on_duty(at + timedelta(minutes=minutes))

    def evening(self, at: datetime, days: int) -> datetime:
        local = self.world.local(at) + timedelta(days=days)
        return local.replace(hour=OFFICE_HOUR, minute=0, second=0, microsecond=0).astimezone(UTC)

    def add(self, number: str, since: datetime, minutes: float, actor: Actor, fact: Fact) -> None:
        """Something happens so long after a moment."""
        self.put(number, since + timedelta(minutes=minutes), actor, fact)

    def put(self, number: str, at: datetime, actor: Actor, fact: Fact) -> None:
        moment = at.astimezone(UTC).replace(microsecond=0)
        if moment <= self.world.anchor:
            self.found[number].append(Event(moment, actor, fact))


def _has(events: Sequence[Event], kind: type[Fact]) -> bool:
    return any(isinstance(event.fact, kind) for event in events)


def _kind(events: Sequence[Event]) -> str | None:
    received = events[0].fact
    return received.category if isinstance(received, e.Received) else None
