"""Tickets written by hand, so that the wall shows what the target pictures show, with live countdowns.

All times are relative to the anchor. What happens to them later is up to the people at the screens.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from desktop.demo.flow import channel_actor, photo
from desktop.demo.plan import Spot, draw_complainant, draw_spot
from desktop.demo.world import World
from domain.due import due_time
from domain.events import (
    Accepted,
    Arrived,
    Dispatched,
    DueSupplied,
    Event,
    Fact,
    FedBack,
    Received,
    Rectified,
    Revisited,
    Signed,
)
from domain.intake import Complainant
from domain.nodes import Node
from domain.people import Actor, Role
from domain.policy import ClockKind, Limit
from domain.urgency import Urgency

DOSSIER_SERIAL = "0132"
SITE = "荆山路某安置房工地"
"""Where the dossier's ticket and its three forerunners point to."""

DOSSIER_LEFT = timedelta(hours=4, minutes=33, seconds=12)
"""What was left of the twelve hours for the result in the picture of the dossier."""


@dataclass
class Script:
    """A ticket being written. `elapsed` is how long ago it came in."""

    world: World
    name: str
    elapsed: timedelta
    area: str
    kind: str
    title: str
    urgency: Urgency
    channel: str = "12345"
    text: str = ""
    township: str | None = None
    serial: str | None = None
    number: str = field(init=False)
    random: Random = field(init=False)
    received_at: datetime = field(init=False)
    events: list[Event] = field(init=False, default_factory=list)
    complainant: Complainant | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.random = Random(f"featured/{self.name}")  # noqa: S311 - the same every time
        self.received_at = self.world.anchor - self.elapsed
        local = self.world.local(self.received_at)
        serial = self.serial or f"{180 + sum(map(ord, self.name)) % 700:04d}"
        self.number = f"XZ-{local:%Y%m%d}-{serial}"
        area = self.world.city.area(self.area)
        assert area is not None
        spot = draw_spot(self.world, self.random, area, self.kind)
        if self.township is not None:
            place = next(t for t in area.townships if t.name == self.township)
            spot = Spot(area.adcode, place.name, f"{area.name}{place.name}{SITE}", place.lng, place.lat)
        _, text = self.world.texts.complaint(self.random, self.kind, self.channel, spot.address, local.hour)
        received = Received(
            channel=self.channel,
            title=self.title,
            text=self.text or text,
            urgency=self.urgency,
            category=self.kind,
            area=self.area,
            township=spot.township,
            address=spot.address,
            lng=spot.lng,
            lat=spot.lat,
            urgency_as_written={Urgency.CRITICAL: "特级", Urgency.FIRST: "一级"}.get(self.urgency),
        )
        self.add(timedelta(), channel_actor(self.world, self.channel), received)
        self.complainant = draw_complainant(self.random, self.channel)

    def add(self, after: timedelta, actor: Actor, fact: Fact) -> None:
        """Something happens this long after the ticket came in."""
        at = (self.received_at + after).astimezone(UTC).replace(microsecond=0)
        self.events.append(Event(at, actor, fact))

    def accept(self, after: timedelta, officer: Actor | None = None) -> None:
        self.add(after, officer or self.world.on_duty(self.received_at + after), Accepted())

    def dispatch(self, after: timedelta, officer: Actor | None = None) -> str:
        category = self.world.city.category(self.kind)
        assert category is not None
        lead, _ = self.world.city.lead_for(category, self.area)
        actor = officer or self.world.on_duty(self.received_at + after)
        self.add(after, actor, Dispatched(lead, (), category.rule))
        return lead

    def start(self, signed: timedelta | None = None, arrived: timedelta | None = None) -> Actor:
        """Accept, dispatch and, where times are given, sign and arrive in time; return the handler."""
        quick = self.urgency is not Urgency.ORDINARY
        self.accept(timedelta(seconds=31 if quick else 240))
        lead = self.dispatch(timedelta(seconds=74 if quick else 900))
        handler = self.world.handler(lead, self.random)
        if signed is not None:
            self.add(signed, handler, Signed())
        if arrived is not None:
            self.add(arrived, handler, Arrived(26, (photo(self.number, "arrive"),), "到场核查,问题存在"))
        return handler


def _minutes(minutes: float) -> timedelta:
    return timedelta(seconds=round(60 * minutes))


def dossier(world: World) -> Script:
    """The ticket of dossier.png: signed and reached late, the result running with 4 h 33 min left."""
    value = "噪声 LA 78 dB(A)，限 55（夜间），连续 3 组，合并群众来电 2 件"
    hour = world.local(world.anchor - timedelta(hours=12) + DOSSIER_LEFT).hour
    if 6 <= hour < 20:
        value = f"昨夜{value}"  # the anchor may be any hour: by day, the alarm is about the night before
    script = Script(
        world, "dossier", timedelta(hours=12) - DOSSIER_LEFT, "320312", "C12", "夜间施工噪声扰民",
        Urgency.CRITICAL, "monitoring", value, "金山桥街道", DOSSIER_SERIAL,
    )  # fmt: skip
    officer = next(p.actor for p in world.city.staff(Role.DUTY) if p.name == "王磊")
    builder = next(p.actor for p in world.city.staff(Role.HANDLER, "housing") if p.name == "陈立")
    script.accept(timedelta(seconds=48), officer)
    script.dispatch(timedelta(seconds=96), officer)
    script.add(timedelta(minutes=7, seconds=11), builder, Signed())
    arrived = timedelta(hours=2, minutes=41, seconds=34)
    photos = (photo(script.number, "arrive/0"), photo(script.number, "arrive/1"))
    noise = {"measured": ("噪声 LA（dB(A)，夜间）",), "values": (71.0,), "limits": (55.0,)}
    script.add(arrived, builder, Arrived(38, photos, "现场影像 2 张，噪声 71 dB(A)", **noise))
    script.complainant = Complainant("孟庆云", "10057203316", secrecy=True)
    return script


def neighbours(world: World) -> Iterator[Script]:
    """Three earlier complaints about the dossier's point within 90 days, long closed."""
    for place, days in enumerate((64, 38, 17)):
        yield Script(
            world, f"neighbour-{place}", timedelta(days=days, hours=3), "320312", "C12",
            ("夜间施工噪声扰民", "夜间打桩扰民", "夜间浇筑噪声")[place], Urgency.FIRST, township="金山桥街道",
        )  # fmt: skip


def _arrive_overdue(world: World) -> Script:
    script = Script(
        world, "arrive-overdue", timedelta(hours=2, minutes=41, seconds=7), "320312", "C12", "夜间施工噪声",
        Urgency.CRITICAL,
    )  # fmt: skip
    script.start(signed=_minutes(3.1))
    return script


def _rectify_overdue(world: World) -> Script:
    script = Script(
        world, "rectify-overdue", timedelta(hours=14, minutes=13, seconds=55), "320381", "E01",
        "企业偷排废水", Urgency.FIRST, "12369",
    )  # fmt: skip
    script.start(signed=_minutes(2.4), arrived=_minutes(66))
    return script


def _rectify_over_days(world: World) -> Script:
    """An ordinary one whose five working days ended at the last end of office hours."""
    last = _last_office_end(world)
    day = world.calendar.local_day(last)
    received = next(
        start
        for back in range(1, 30)
        if _working_due(world, start := world.calendar.end_of_office(day - timedelta(days=back)), 5) <= last
    )
    script = Script(
        world, "rectify-over-days", world.anchor - received + timedelta(hours=3), "320324", "H02",
        "养殖粪污直排", Urgency.ORDINARY, "report",
    )  # fmt: skip
    script.start(signed=_minutes(70), arrived=_minutes(1290))
    return script


def _post_check_over(world: World) -> Script:
    """Satisfied, but nobody looked again within ten working days."""
    last = _last_office_end(world)
    day = world.calendar.local_day(last)
    revisited = next(
        start
        for back in range(1, 45)
        if _working_due(world, start := world.calendar.end_of_office(day - timedelta(days=back)), 10) <= last
    ) - timedelta(hours=2)
    elapsed = world.anchor - revisited + timedelta(days=2)
    script = Script(
        world, "post-check-over", elapsed, "320305", "F06", "废塑料加工污染", Urgency.ORDINARY, "urban_grid"
    )
    handler = script.start(signed=_minutes(50), arrived=_minutes(400))
    evidence = (photo(script.number, "rectify"),)
    script.add(timedelta(days=1, hours=2), handler, Rectified("断电停产，清除原料二十吨", evidence=evidence))
    script.add(timedelta(days=1, hours=5), handler, FedBack("当面", "已当面反馈处理结果并提供照片"))
    script.add(timedelta(days=2), world.caller(), Revisited(True, "回访满意，问题已解决"))
    return script


def _revisit_overdue(world: World) -> Script:
    """Rectified two office days ago and not called back; and reported done without a picture (做不对)."""
    done = _two_offices_ago(world)
    script = Script(
        world, "revisit-overdue", world.anchor - done + timedelta(days=1, hours=3), "320311", "D01",
        "餐饮油烟", Urgency.ORDINARY,
    )  # fmt: skip
    handler = script.start(signed=_minutes(42))
    after = timedelta(days=1, hours=3)
    script.add(after - _minutes(55), handler, Arrived(12, (), "现场核实"))
    fumes = {"measured": ("油烟（mg/m³）",), "values": (0.8,), "limits": (2.0,)}
    script.add(after, handler, Rectified("清洗净化器和管道", violation=False, **fumes))
    script.add(after + _minutes(80), handler, FedBack("电话", "已电话告知整改情况"))
    return script


def _sign_soon(world: World) -> Script:
    script = Script(
        world,
        "sign-soon",
        timedelta(minutes=3, seconds=48),
        "320303",
        "D06",
        "异味扰民",
        Urgency.CRITICAL,
        "12369",
    )
    script.start()
    return script


def _arrive_soon(world: World) -> Script:
    script = Script(
        world, "arrive-soon", timedelta(hours=1, minutes=41, seconds=30), "320382", "H01", "秸秆焚烧",
        Urgency.FIRST, "report",
    )  # fmt: skip
    script.start(signed=_minutes(2.2))
    return script


def _rectify_soon(world: World) -> Script:
    script = Script(
        world, "rectify-soon", timedelta(hours=10, minutes=54, seconds=16), "320305", "B01", "工地扬尘",
        Urgency.FIRST, "monitoring",
    )  # fmt: skip
    script.start(signed=_minutes(1.8), arrived=_minutes(48))
    return script


def _feed_back_soon(world: World) -> Script:
    """12345 has promised the caller an answer: its own due time holds for the feedback."""
    script = Script(
        world, "feed-back-soon", timedelta(hours=34), "320322", "C07", "广场舞噪声", Urgency.ORDINARY
    )
    due = (world.anchor + timedelta(hours=3, minutes=20, seconds=10)).astimezone(UTC).replace(microsecond=0)
    script.add(timedelta(), channel_actor(world, "12345"), DueSupplied(Node.FEED_BACK, due, "12345 工单"))
    handler = script.start(signed=_minutes(95), arrived=_minutes(200))
    script.add(
        timedelta(hours=20),
        handler,
        Rectified("约定活动时段和音量", evidence=(photo(script.number, "rectify"),)),
    )
    return script


def _just_in(world: World) -> Script:
    return Script(
        world, "just-in", timedelta(seconds=37), "320302", "B02", "渣土车沿途抛洒", Urgency.FIRST, "wechat"
    )


def _to_dispatch(world: World) -> Script:
    script = Script(
        world, "to-dispatch", timedelta(seconds=152), "320324", "A07", "锅炉冒黑烟", Urgency.FIRST, "12345"
    )
    script.accept(timedelta(seconds=44))
    return script


LIVE: tuple[Callable[[World], Script], ...] = (
    _arrive_overdue,
    _rectify_overdue,
    _rectify_over_days,
    _revisit_overdue,
    _post_check_over,
    _sign_soon,
    _arrive_soon,
    _rectify_soon,
    _feed_back_soon,
    _just_in,
    _to_dispatch,
)


def live(world: World) -> Iterator[Script]:
    """The open tickets of overview.png's warnings, and two that have just come in."""
    for write in LIVE:
        yield write(world)


def _two_offices_ago(world: World) -> datetime:
    """Return 15:00 of the latest working day after which two further office days have ended."""
    day = world.calendar.local_day(world.anchor)
    while True:
        day -= timedelta(days=1)
        if not world.calendar.is_working(day):
            continue
        second = world.calendar.next_working_day(world.calendar.next_working_day(day))
        if world.calendar.end_of_office(second) <= world.anchor:
            return world.calendar.end_of_office(day) - timedelta(hours=3)


def _last_office_end(world: World) -> datetime:
    """Return the last end of office hours of a working day before the anchor."""
    day = world.calendar.local_day(world.anchor)
    while not world.calendar.is_working(day) or world.calendar.end_of_office(day) >= world.anchor:
        day -= timedelta(days=1)
    return world.calendar.end_of_office(day)


def _working_due(world: World, start: datetime, days: int) -> datetime:
    """Return when a working clock of so many days ends."""
    due = due_time(start, Limit(ClockKind.WORKING, working_days=days), world.calendar)
    assert due is not None
    return due
