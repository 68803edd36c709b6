"""Sixty rectification items in all four colours (Q17, Q18): what was opened, reported, closed out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from desktop.city import CITY_FOLDER, read_table
from desktop.demo.world import World
from domain.events import Event
from domain.item_events import ItemClosedOut, ItemOpened, ItemProgressed, ItemReturned
from domain.ledger import Colour
from domain.people import Actor, Role

PLAN = ((0.25, 20, "方案报批"), (0.5, 30, None), (0.78, 30, None), (1.0, 20, "验收销号"))
"""Milestones: share of the time, weight in percent, title (the middle ones are the item's own measures)."""

SPREAD = (
    *([Colour.GREEN] * 36),
    *([Colour.BLUE] * 16),
    *([Colour.YELLOW] * 4),
    Colour.RED,
)
"""The colours of the items after the three of the picture: 36 green, 16 blue, 5 yellow and 3 red in all."""

Streams = dict[str, list[Event]]


@dataclass(frozen=True, slots=True)
class Course:
    """An item's times and how far it has come; `done_at` when it was closed out."""

    opened_at: datetime
    deadline: datetime
    percent: int
    done_at: datetime | None = None
    returned: bool = False


def items(world: World, seed: int) -> tuple[Streams, dict[str, str]]:
    """Return the items' streams by number, and the numbers that directives name."""
    table = read_table(CITY_FOLDER, "ledger.toml")
    rows: list[dict[str, Any]] = table["item"]
    random = Random(f"items/{seed}")  # noqa: S311 - seeded on purpose
    colours = list(SPREAD)
    random.shuffle(colours)
    streams: Streams = {}
    for place, row in enumerate(rows):
        course = _pictured(world, place) if place < 3 else _course(world, colours[place - 3], random)
        streams[_number(world, place, row)] = _events(world, row, course, table["ledger"], random)
    return streams, {"tongshan": next(iter(streams))}


def _number(world: World, place: int, row: dict[str, Any]) -> str:
    year = world.local(world.anchor).year
    pictured = (f"铜山{year}-031", "X3JS-110", f"新沂{year}-017")
    if place < len(pictured):
        return pictured[place]
    area = world.city.area(row.get("area"))
    prefix = {"中央督察": "X3JS-", "省督察": "SD2-", "回头看": "HTK-", "指令": "督办-"}
    if row["source"] in prefix:
        return f"{prefix[row['source']]}{40 + place * 3:03d}"
    return f"{area.short if area else '市级'}{year}-{place:03d}"


def _pictured(world: World, place: int) -> Course:
    """The three rows of overview.png: six days over, one day over, 42 % of a planned 70 %."""
    end = world.calendar.end_of_office
    today = world.calendar.local_day(world.anchor)
    days_over = (6, 1, -4)[place]
    deadline = end(today - timedelta(days=days_over))
    if days_over > 0 and world.anchor - deadline < timedelta(days=days_over):
        deadline -= timedelta(days=1)
    opened = deadline - timedelta(days=(75, 160, 20)[place])
    return Course(opened, deadline, (85, 90, 42)[place])


def _course(world: World, colour: Colour, random: Random) -> Course:
    end = world.calendar.end_of_office
    today = world.calendar.local_day(world.anchor)
    span = random.randint(60, 200)
    if colour is Colour.GREEN:
        opened = today - timedelta(days=span + random.randint(5, 60))
        deadline = opened + timedelta(days=span)
        done = min(opened + timedelta(days=int(span * random.uniform(0.6, 0.98))), today - timedelta(days=2))
        return Course(end(opened), end(deadline), 100, end(done) - timedelta(hours=random.randint(1, 8)))
    if colour is Colour.YELLOW:
        # Either the last tenth of the time with nearly all done, or behind plan in the middle.
        if random.random() < 0.5:
            left = max(2, int(span * 0.07))
            return Course(end(today - timedelta(days=span - left)), end(today + timedelta(days=left)), 82)
        return Course(
            end(today - timedelta(days=int(span * 0.6))), end(today + timedelta(days=int(span * 0.4))), 34
        )
    if colour is Colour.RED:
        opened = today - timedelta(days=int(span * 0.6))
        return Course(end(opened), end(today + timedelta(days=int(span * 0.4))), 45, returned=True)
    share = random.uniform(0.15, 0.82)
    opened, deadline = (
        today - timedelta(days=int(span * share)),
        today + timedelta(days=int(span * (1 - share)) + 1),
    )
    planned = sum(weight for at, weight, _ in PLAN if at <= share)
    return Course(end(opened), end(deadline), min(95, planned + random.randint(2, 16)))


def _events(
    world: World, row: dict[str, Any], course: Course, words: dict[str, list[str]], random: Random
) -> list[Event]:
    office = world.city.staff(Role.DUTY)[0].actor
    handler = world.handler(row["body"], random)
    span = course.deadline - course.opened_at
    measures: list[str] = row["measures"]
    own = iter((measures[0], measures[-1]))
    # A plan of the picture's third row: 70 % of the weight has fallen due.
    plan = ((0.3, 30), (0.7, 40), (1.0, 30)) if course.percent == 42 else [(at, w) for at, w, _ in PLAN]
    titles = (
        (measures[0], measures[1], "验收销号") if course.percent == 42 else [t or next(own) for *_, t in PLAN]
    )
    milestones = tuple(
        (title, weight, _day(world, course.opened_at + span * at).isoformat())
        for (at, weight), title in zip(plan, titles, strict=True)
    )
    opened = ItemOpened(
        source=row["source"],
        batch=row["batch"],
        problem=row["problem"],
        body=row["body"],
        deadline=course.deadline.astimezone(UTC),
        area=row.get("area"),
        lead_in_charge=random.choice(words["leads"]),
        goal=row["goal"],
        measures="；".join(measures),
        milestones=milestones,
    )
    events = [Event(course.opened_at.astimezone(UTC), office, opened)]
    last = course.done_at or world.anchor - timedelta(days=1, hours=random.randint(1, 9))
    events += _progress(course, last.astimezone(UTC), handler, words, random)
    if course.returned:
        reason = random.choice(words["returned"])
        events.append(
            Event((world.anchor - timedelta(hours=20)).astimezone(UTC), office, ItemReturned(reason))
        )
    if course.done_at is not None:
        year = world.local(course.done_at).year
        document = f"徐污防攻坚办销〔{year}〕{random.randint(10, 400)} 号"
        verifier = "市生态环境局" if row["body"] != "ecology" else "市污防攻坚办"
        events.append(Event(course.done_at.astimezone(UTC), office, ItemClosedOut(document, verifier)))
    return [Event(event.at.replace(microsecond=0), event.actor, event.fact) for event in events]


def _progress(
    course: Course, last: datetime, handler: Actor, words: dict[str, list[str]], random: Random
) -> list[Event]:
    """Between two and five reports, each further than the one before, the last one at `last`."""
    count = random.randint(2, 5)
    opened = course.opened_at.astimezone(UTC)
    return [
        Event(
            opened + (last - opened) * (step / count),
            handler,
            ItemProgressed(round(course.percent * step / count), random.choice(words["progress"])),
        )
        for step in range(1, count + 1)
    ]


def _day(world: World, moment: datetime) -> date:
    return world.local(moment).date()
