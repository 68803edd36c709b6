"""What comes in: when, where, of which kind, by which channel. Drawn once for each ticket."""

import math
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from desktop.demo.world import SPAN, World
from domain.city import Area, Category
from domain.events import Received
from domain.intake import Complainant
from domain.urgency import Urgency

BY_HOUR = (
    0.35, 0.25, 0.2, 0.15, 0.15, 0.25, 0.5, 0.9, 1.6, 2.0, 2.0, 1.6,
    1.2, 1.2, 1.7, 1.8, 1.7, 1.5, 1.4, 1.5, 1.4, 1.2, 1.0, 0.6,
)  # fmt: skip
"""How busy an hour of the day is, relative to the others."""

DAY_OFF = 0.82
"""How busy a day off is, relative to a working day."""

AREA_WEIGHTS = {
    "320302": 38, "320303": 46, "320305": 34, "320311": 58, "320312": 52,
    "320321": 40, "320322": 44, "320324": 32, "320381": 38, "320382": 36,
}  # fmt: skip
URBAN = ("320302", "320303", "320311")
RURAL_CLASSES = ("H", "J", "G")
NIGHT_KINDS = ("C12", "C08", "C11", "B02", "E01", "C04", "F01", "C03", "A05", "J02")
DAY_KINDS = ("C02", "B01", "B03", "D05", "F04", "C06", "K03", "I03", "C09")
EVENING_KINDS = ("C07", "D01", "D02", "H01", "K01", "D06", "C08", "K02")

CHANNEL_WEIGHTS = {
    "12345": 46, "12369": 11, "urban_grid": 14, "wechat": 9, "enforcement": 7, "report": 9,
}  # fmt: skip
MEASURED = 0.3
"""The share of clues that a station raises, of those kinds that stations measure."""

WITH_PERSON = ("12345", "12369", "wechat", "report")

URGENT = {
    Urgency.CRITICAL: (0.16, 0.34),
    Urgency.FIRST: (0.012, 0.26),
    Urgency.ORDINARY: (0.002, 0.022),
}
"""By a kind's usual urgency: the share that comes in critical, and first-level."""

REPEATS = 0.16
"""The share of tickets about a point that was complained of before (B10)."""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志红梅云飞雪晨阳宁"


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of complaint; `address` begins with county and township, so that it is one place."""

    area: str
    township: str
    address: str
    lng: float
    lat: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A ticket before anybody has touched it. `seed` is its own source of chance; `turn` counts the tickets
    of its lead body, so that exactly its share of them is late."""

    number: str
    received_at: datetime
    received: Received
    category: Category
    seed: str
    turn: int = 0
    complainant: Complainant | None = None


def arrival_times(world: World, count: int, random: Random) -> list[datetime]:
    """Return moments of the last 90 days up to the anchor in order, more by day than at night."""
    start = world.anchor - SPAN
    hours = math.ceil((world.anchor - start) / timedelta(hours=1))
    weights = [_busyness(world, start + timedelta(hours=hour)) for hour in range(hours)]
    totals = list(accumulate(weights))
    moments = []
    for place in range(count):
        target = (place + random.random()) / count * totals[-1]
        hour = min(bisect(totals, target), hours - 1)
        share = (target - (totals[hour] - weights[hour])) / weights[hour]
        moments.append(start + timedelta(seconds=int(3600 * (hour + share))))
    latest = world.anchor - timedelta(seconds=20)
    return sorted(min(moment, latest) for moment in moments)


def plans(world: World, moments: Sequence[datetime], seed: int, taken: frozenset[str]) -> Iterator[Plan]:
    """Yield a plan for each moment. Numbers count the clues of a day, those merged into others included, so
    that they skip some; `taken` are given to others.
    """
    spots: list[tuple[Spot, str]] = []
    turns: Counter[str] = Counter()
    day, serial = "", 0
    for index, moment in enumerate(moments):
        key = f"{seed}/{index}"
        random = Random(key)  # noqa: S311 - a demo wants the same city every time
        today = f"{world.local(moment):%Y%m%d}"
        if today != day:
            day, serial = today, 0
        serial += 1 + min(int(random.expovariate(0.75)), 6)
        while (number := f"XZ-{day}-{serial:04d}") in taken:
            serial += 1
        yield draw_plan(world, number, moment, key, random, spots, turns)


def draw_spot(world: World, random: Random, area: Area, kind: str) -> Spot:
    """Return a point in one of a county's townships, inside the county."""
    township = random.choice(area.townships)
    rural = township.name.endswith("镇")
    lng, lat = township.lng, township.lat
    for reach in (0.03, 0.02, 0.012, 0.006):
        angle, distance = random.uniform(0, 2 * math.pi), reach * math.sqrt(random.random())
        x = round(township.lng + distance * math.cos(angle), 5)
        y = round(township.lat + distance * 0.83 * math.sin(angle), 5)
        if world.inside(area.adcode, x, y):
            lng, lat = x, y
            break
    place = world.texts.place(random, area.adcode, kind, rural=rural)
    return Spot(area.adcode, township.name, f"{area.name}{township.name}{place}", lng, lat)


def draw_plan(
    world: World,
    number: str,
    moment: datetime,
    key: str,
    random: Random,
    spots: list[tuple[Spot, str]],
    turns: Counter[str],
    quiet: Collection[str] = (),
) -> Plan:
    """Return what comes in at a moment. `spots` and `turns` remember what came in before, and are added to;
    `quiet` are channels that bring nothing now.
    """
    local = world.local(moment)
    if spots and random.random() < REPEATS:
        spot, kind = random.choice(spots[-400:])
    else:
        area = world.city.area(random.choices(list(AREA_WEIGHTS), list(AREA_WEIGHTS.values()))[0])
        assert area is not None
        kind = _kind(world, random, local, area.adcode)
        spot = draw_spot(world, random, area, kind)
        spots.append((spot, kind))
    category = world.city.category(kind)
    assert category is not None
    weights = {key: weight for key, weight in CHANNEL_WEIGHTS.items() if key not in quiet} or CHANNEL_WEIGHTS
    channel = random.choices(list(weights), list(weights.values()))[0]
    measured = world.texts.kinds[kind].sensor is not None and "monitoring" not in quiet
    if measured and random.random() < MEASURED:
        channel = "monitoring"
    urgency = _urgency(random, category, fast=category.is_fast_lane(moment, world.zone))
    title, text = world.texts.complaint(random, kind, channel, spot.address, local.hour)
    received = Received(
        channel=channel,
        title=title,
        text=text,
        urgency=urgency,
        category=kind,
        area=spot.area,
        township=spot.township,
        address=spot.address,
        lng=spot.lng,
        lat=spot.lat,
        external_id=f"{local:%y%m%d}{random.randint(10000, 99999)}"
        if channel in ("12345", "12369")
        else None,
        urgency_as_written=_as_written(random, urgency),
    )
    lead, _ = world.city.lead_for(category, spot.area)
    turns[lead] += 1
    return Plan(number, moment, received, category, key, turns[lead], draw_complainant(random, channel))


def draw_complainant(random: Random, channel: str) -> Complainant | None:
    """Return an invented person with a number that no network gives out, for channels that have one."""
    if channel not in WITH_PERSON:
        return None
    name = random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))
    return Complainant(name, f"100{random.randint(0, 99_999_999):08d}", random.random() < 0.22)


def _busyness(world: World, moment: datetime) -> float:
    local = world.local(moment)
    return BY_HOUR[local.hour] * (1.0 if world.calendar.is_working(local.date()) else DAY_OFF)


def _kind(world: World, random: Random, local: datetime, area: str) -> str:
    night = local.hour >= 22 or local.hour < 6
    weights = []
    for code, material in world.texts.kinds.items():
        weight = material.weight
        if local.month in material.peak:
            weight *= 2.5
        elif material.peak:
            weight *= 0.4
        if code in NIGHT_KINDS:
            weight *= 5.0 if night else 0.7
        if code in DAY_KINDS and night:
            weight *= 0.1
        if code in EVENING_KINDS and 17 <= local.hour < 22:
            weight *= 2.5
        if area in URBAN and code[0] in RURAL_CLASSES:
            weight *= 0.08
        weights.append(weight)
    return random.choices(list(world.texts.kinds), weights)[0]


def _urgency(random: Random, category: Category, *, fast: bool) -> Urgency:
    critical, first = URGENT[category.urgency]
    if fast and category.urgency is Urgency.ORDINARY:
        first *= 1.5
    draw = random.random()
    if draw < critical:
        return Urgency.CRITICAL
    return Urgency.FIRST if draw < critical + first else Urgency.ORDINARY


def _as_written(random: Random, urgency: Urgency) -> str | None:
    if urgency is Urgency.CRITICAL:
        return random.choice(("特急", "特级"))
    return "一级" if urgency is Urgency.FIRST else None
