"""What radar, van, drone and satellite found in the demo city lately, with clues made of some (T24)."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from data_access import bulk
from data_access.findings import FindingFile, put_findings
from data_access.readers.findings import findings_between
from data_access.rules import Rules
from data_access.store import Connection
from desktop.demo.world import World
from domain.city import Township
from domain.coordinates import Datum
from domain.events import Accepted, Dispatched, Event, Fact, Signed
from domain.findings import ClueDraft, Finding, FindingSource, NewFinding, make_clue
from domain.intake import NewTicket

SEED = 11
LAST_DAYS = 6
RECENT = timedelta(hours=4)
"""Only of what was found in these last hours clues are under way: older ones would all be late."""
CLUES = 3
TRACK_STEP = timedelta(seconds=20)
TRACK_PLACES = 70
VOC_LIMIT = 250.0
"""µg/m³ from which on the demo's van calls it a problem: 示例."""

_DRONE = (
    ("露天堆场未苫盖", "B04"),
    ("工地裸土未覆盖", "B08"),
    ("疑似露天焚烧垃圾", "K01"),
    ("工地出入口未冲洗", "B01"),
    ("渣土车未密闭", "B02"),
)


def put_found(connection: Connection, rules: Rules, world: World) -> None:
    """Write the city's findings up to the world's anchor, and a few clues made of the latest."""
    random = Random(SEED)  # noqa: S311 - a demo wants the same city every time
    for source in FindingSource:
        found = sorted(_MAKERS[source](world, random), key=_moment)
        name = f"{source.value}-{world.local(world.anchor):%Y%m%d}.geojson"
        digest = sha256(f"{name}/{world.anchor.isoformat()}".encode()).hexdigest()
        file = FindingFile(source, name, digest, Datum.WGS84.value)
        put_findings(connection, file, found, world.anchor)
    latest = findings_between(connection, world.anchor - RECENT, world.anchor)
    suspects = [one for one in latest if one.new.is_suspect and one.new.source is FindingSource.DRONE]
    tickets = [_ticket(world, finding, random) for finding in suspects[:CLUES]]
    _, refused = bulk.add_tickets(connection, rules, tickets)
    assert not refused


def _ticket(world: World, finding: Finding, random: Random) -> NewTicket:
    """Return the clue of a finding: made by who was on duty, dispatched and signed within minutes."""
    code = next(kind for what, kind in _DRONE if what == finding.new.what)
    category = world.city.category(code)
    assert category is not None
    found_at = finding.new.at + timedelta(minutes=random.randint(8, 25))
    at = min(found_at, world.anchor - timedelta(minutes=40))
    officer = world.on_duty(at)
    title = f"{finding.area_name}无人机发现：{finding.new.what}"
    draft = ClueDraft("", finding.number, title, f"无人机航拍，文件 {finding.file}。", code)
    received = make_clue(draft, finding, officer, frozenset((code,)), at)
    lead, assisting = world.city.lead_for(category, finding.new.area)
    steps: Sequence[tuple[int, Fact]] = (
        (2, Accepted()),
        (6, Dispatched(lead, assisting, category.rule)),
        (random.randint(15, 30), Signed()),
    )
    handler = world.handler(lead, random)
    events = [received]
    for minutes, fact in steps:
        actor = handler if isinstance(fact, Signed) else officer
        events.append(Event(at + timedelta(minutes=minutes), actor, fact))
    number = f"KJ-{finding.number:06d}"
    return NewTicket(number, tuple(events), sha256(json.dumps([number]).encode()).digest())


def _drone(world: World, random: Random) -> Iterator[NewFinding]:
    for place in range(16):
        what, _ = random.choice(_DRONE)
        hours = random.uniform(0.8, 3.8) if place < 5 else random.uniform(4, 24 * LAST_DAYS)
        yield _point(world, random, FindingSource.DRONE, hours, what, suspect=place % 3 != 2)


def _radar(world: World, random: Random) -> Iterator[NewFinding]:
    for place in range(10):
        value = round(random.uniform(180, 420))
        hours = random.uniform(1, 48)
        yield _point(
            world,
            random,
            FindingSource.RADAR,
            hours,
            "颗粒物高值区",
            value=float(value),
            unit="µg/m³",
            suspect=value > 300,
            minutes=10 + 5 * (place % 4),
        )


def _satellite(world: World, random: Random) -> Iterator[NewFinding]:
    for _ in range(7):
        hours = random.uniform(2, 24 * LAST_DAYS)
        value = round(random.uniform(318, 352), 1)
        yield _point(
            world,
            random,
            FindingSource.SATELLITE,
            hours,
            "疑似秸秆焚烧热点",
            value=value,
            unit="K",
            suspect=value > 330,
        )


def _van(world: World, random: Random) -> Iterator[NewFinding]:
    for hours in (2.2, 20.0, 44.0, 70.0):
        start = world.anchor - timedelta(hours=hours)
        town = _township(world, random)
        angle, lng, lat = random.uniform(0, 2 * math.pi), town.lng, town.lat
        peak = random.uniform(0.3, 0.8) * TRACK_PLACES
        strength = random.uniform(120, 420)
        track: list[tuple[float, float, float | None]] = []
        for place in range(TRACK_PLACES):
            value = 60 + random.uniform(-8, 8) + strength * math.exp(-(((place - peak) / 6) ** 2))
            track.append((round(lng, 5), round(lat, 5), round(value, 1)))
            angle += random.uniform(-0.5, 0.5)
            lng, lat = lng + 0.0016 * math.cos(angle), lat + 0.0013 * math.sin(angle)
        best = max(track, key=_measured)
        yield NewFinding(
            FindingSource.VAN,
            start,
            best[0],
            best[1],
            "VOCs 走航监测",
            best[2],
            "µg/m³",
            start + TRACK_STEP * TRACK_PLACES,
            tuple(track),
            town.area,
            _measured(best) >= VOC_LIMIT,
        )


def _point(
    world: World,
    random: Random,
    source: FindingSource,
    hours: float,
    what: str,
    *,
    value: float | None = None,
    unit: str = "",
    suspect: bool = False,
    minutes: int = 0,
) -> NewFinding:
    at = (world.anchor - timedelta(hours=hours)).replace(microsecond=0)
    town = _township(world, random)
    lng = round(town.lng + random.uniform(-0.02, 0.02), 5)
    lat = round(town.lat + random.uniform(-0.015, 0.015), 5)
    if not world.inside(town.area, lng, lat):
        lng, lat = town.lng, town.lat
    until = at + timedelta(minutes=minutes) if minutes else None
    return NewFinding(source, at, lng, lat, what, value, unit, until, (), town.area, suspect)


def _township(world: World, random: Random) -> Township:
    return random.choice(random.choice(world.city.areas).townships)


def _measured(place: tuple[float, float, float | None]) -> float:
    return place[2] if place[2] is not None else 0.0


def _moment(found: NewFinding) -> datetime:
    return found.at


_MAKERS = {
    FindingSource.RADAR: _radar,
    FindingSource.VAN: _van,
    FindingSource.DRONE: _drone,
    FindingSource.SATELLITE: _satellite,
}
