"""Re-supervision files: a draft for each red warning, and what officers made of the older ones (T08, T10)."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from desktop.demo.alarms import RedLate
from desktop.demo.world import World
from domain.codec import encode
from domain.events import (
    Behaviour,
    Event,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
    ReSupervisionReferred,
)
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role

FEATURED = 117
"""The file of the dossier's ticket is Z-<year>-0117: the ones before it are numbered down to 1."""

ANSWER = timedelta(hours=24)
FINDINGS = (
    Behaviour.SLOWNESS,
    Behaviour.SLOWNESS,
    Behaviour.INACTION,
    Behaviour.LAXITY,
    Behaviour.MISCONDUCT,
)

Streams = dict[str, list[Event]]


def files(
    world: World, reds: Sequence[RedLate], dossier: str, tickets: Mapping[str, Sequence[Event]], seed: int
) -> tuple[Streams, Streams]:
    """Return the file streams by number, and the references that go into the tickets' own streams.

    Files are numbered in the order of their warnings, so that the arrival of the dossier's ticket gets
    number 117; warnings before number 1 are from before the module was in use and have no file. The
    dossier's own late signing has none either: its officer took both into one file.
    """
    ordered = sorted(reds, key=_by_time)
    featured = next(red for red in ordered if red.ticket == dossier and red.node is Node.ARRIVE)
    ordered = [red for red in ordered if red.ticket != dossier or red is featured]
    streams: Streams = {}
    references: defaultdict[str, list[Event]] = defaultdict(list)
    first = max(0, ordered.index(featured) - FEATURED + 1)
    serial = FEATURED - (ordered.index(featured) - first)
    for red in ordered[first:]:
        # The year of the anchor's files counts on; a draft from the old year keeps its place in the row.
        number = f"Z-{world.local(featured.at).year}-{serial:04d}"
        serial += 1
        random = Random(f"file/{seed}/{red.ticket}/{red.node}/{red.round}")  # noqa: S311 - seeded on purpose
        happened = (
            _featured(world, red, tickets[red.ticket])
            if red is featured
            else _file(world, red, random, tickets)
        )
        happened = [event for event in happened if event.at <= world.anchor]
        streams[number] = happened
        references[red.ticket] += _references(number, happened, quiet=red is featured)
    return streams, dict(references)


def frozen(number: str, events: Sequence[Event], until: datetime) -> str:
    """Return the facts of a ticket as they stood at a moment: a JSON text of its events."""
    rows = []
    for event in events:
        if event.at > until:
            break
        kind, values = encode(event.fact)
        rows.append({"at": event.at.isoformat(), "kind": kind, "by": event.actor.name, "data": values})
    return json.dumps({"ticket": number, "events": rows}, ensure_ascii=False, separators=(",", ":"))


def _file(world: World, red: RedLate, random: Random, tickets: Mapping[str, Sequence[Event]]) -> list[Event]:
    drafted = ReSupervisionDrafted(red.ticket, red.body, red.node, red.round, red.rule)
    events = [Event(red.at.astimezone(UTC), SYSTEM, drafted)]
    age = world.anchor - red.at
    if age < timedelta(hours=9) or red.cleared_at is None or red.body is None:
        return events
    officer = random.choice(world.city.staff(Role.DISCIPLINE)).actor
    say = world.texts.step
    decided = world.office_moment(max(red.at, red.cleared_at) + _hours(random, 1, 9), random).astimezone(UTC)
    if random.random() < 0.62:
        return [*events, Event(decided, officer, ReSupervisionDeclined(say("decline", random)))]
    events += _launch(red, decided, officer, tickets)
    explained = decided + _hours(random, 4, 22)
    answerer = world.handler(red.body, random)
    events.append(Event(explained, answerer, ReSupervisionExplained(say("explain", random))))
    found = world.office_moment(explained + _hours(random, 5, 40), random).astimezone(UTC)
    behaviour = Behaviour.NO_FAULT if random.random() < 0.3 else random.choice(FINDINGS)
    events.append(Event(found, officer, ReSupervisionFound(behaviour, say("find", random))))
    closed = found + _hours(random, 2, 30)
    events.append(Event(closed, officer, ReSupervisionClosed(say("recommend", random))))
    return events


def _featured(world: World, red: RedLate, ticket: Sequence[Event]) -> list[Event]:
    """孙静 launched it 2 h 45 min 09 s after the complaint came in, and asked for an answer in 24 hours."""
    drafted = ReSupervisionDrafted(red.ticket, red.body, red.node, red.round, red.rule)
    officer = next(p.actor for p in world.city.staff(Role.DISCIPLINE) if p.name == "孙静")
    at = ticket[0].at + timedelta(hours=2, minutes=45, seconds=9)
    launch = _launch(red, at, officer, {red.ticket: ticket})
    return [Event(red.at.astimezone(UTC), SYSTEM, drafted), *launch]


def _launch(
    red: RedLate, at: datetime, officer: Actor, tickets: Mapping[str, Sequence[Event]]
) -> list[Event]:
    question = f"请说明“{red.rule}”的原因、责任人和整改措施。"
    # The head is filled in when the ticket's hashes exist, that is when it is written to a store.
    facts = frozen(red.ticket, tickets[red.ticket], at)
    assert red.body is not None
    return [Event(at, officer, ReSupervisionLaunched(red.body, question, at + ANSWER, facts, ""))]


def _references(number: str, events: Sequence[Event], *, quiet: bool) -> Iterator[Event]:
    """What the ticket's own log says about its file. `quiet` leaves the draft out."""
    for event in events:
        match event.fact:
            case ReSupervisionDrafted(cause=cause) if not quiet:
                yield Event(event.at, event.actor, ReSupervisionReferred(number, "drafted", cause))
            case ReSupervisionLaunched() as fact:
                referred = ReSupervisionReferred(number, "launched", "要求 24 小时内说明", fact.deadline)
                yield Event(event.at, event.actor, referred)
            case ReSupervisionDeclined(reason=reason):
                yield Event(event.at, event.actor, ReSupervisionReferred(number, "declined", reason))
            case ReSupervisionClosed(recommendation=text):
                yield Event(event.at, event.actor, ReSupervisionReferred(number, "closed", text))
            case _:
                pass


def _hours(random: Random, low: float, high: float) -> timedelta:
    return timedelta(seconds=int(3600 * random.uniform(low, high)))


def _by_time(red: RedLate) -> tuple[datetime, str, int]:
    return (red.at, red.ticket, red.round)
