"""Re-supervision files: a draft for each red warning, and what officers made of the older ones (T08, T10)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from desktop.demo.alarms import RedLate
from desktop.demo.world import World
from domain.clock import clock
from domain.events import (
    Behaviour,
    Event,
    ReSupervisionAsked,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
    ReSupervisionReferred,
)
from domain.frozen_facts import frozen_facts
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role
from domain.re_supervision_orders import reference

FEATURED = 117
"""The file of the dossier's ticket is Z-<year>-0117: the ones before it are numbered down to 1."""

ANSWER = timedelta(hours=24)
ASKED_ON = 0.25
FURTHER = (
    "请补充说明当日在岗人员和处置记录。",
    "所述车辆外出有无派车单？请附上。",
    "同类问题此前已提醒，为何再次发生？",
)
"""What officers ask when the first explanation leaves something open."""
FINDINGS = (
    Behaviour.SLOWNESS,
    Behaviour.SLOWNESS,
    Behaviour.INACTION,
    Behaviour.LAXITY,
    Behaviour.MISCONDUCT,
)

Streams = dict[str, list[Event]]


def files(
    world: World, reds: Sequence[RedLate], dossier: str, received: Mapping[str, datetime], seed: int
) -> tuple[Streams, Streams]:
    """Return the file streams by number, and the references that go into the tickets' own streams.

    Files are numbered in the order of their warnings, so that the arrival of the dossier's ticket gets
    number 117; warnings before number 1 are from before the module was in use and have no file. The
    dossier's own late signing has none either: its officer took both into one file. What a launch freezes
    is put in by `freeze`, when the tickets' streams are whole. `received` has the tickets' first moments.
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
            _featured(world, red, received[red.ticket]) if red is featured else _file(world, red, random)
        )
        happened = [event for event in happened if event.at <= world.anchor]
        streams[number] = happened
        references[red.ticket] += _references(number, happened, quiet=red is featured)
    return streams, dict(references)


def freeze(world: World, number: str, file: Sequence[Event], ticket: Sequence[Event]) -> list[Event]:
    """Return a file's events with the facts frozen at its launch: the ticket's log and clocks until then.

    `ticket` is the ticket's whole stream. The hash of its last event is known when it is written to a store.
    """
    events: list[Event] = []
    for event in file:
        if isinstance(event.fact, ReSupervisionLaunched):
            log = ticket[: launched_after(number, ticket)]
            frozen = frozen_facts(clock(log, world.policy, world.calendar, event.at), log)
            events.append(Event(event.at, event.actor, replace(event.fact, facts=frozen)))
        else:
            events.append(event)
    return events


def about_of(file: Sequence[Event]) -> str:
    """Return the number of the ticket that a file is about."""
    drafted = file[0].fact
    assert isinstance(drafted, ReSupervisionDrafted)
    return drafted.ticket


def launched_after(number: str, ticket: Sequence[Event]) -> int:
    """Return how many events a ticket had when the file of this number was launched."""
    for position, event in enumerate(ticket):
        fact = event.fact
        if isinstance(fact, ReSupervisionReferred) and (fact.number, fact.step) == (number, "launched"):
            return position
    raise ValueError(f"the ticket does not know of a launch of {number}")


def _file(world: World, red: RedLate, random: Random) -> list[Event]:
    drafted = ReSupervisionDrafted(red.ticket, red.body, red.node, red.round, red.rule)
    events = [Event(red.at.astimezone(UTC), SYSTEM, drafted)]
    age = world.anchor - red.at
    if age < timedelta(hours=9) or red.cleared_at is None or red.body is None:
        return events
    officer = random.choice(world.city.staff(Role.DISCIPLINE)).actor
    say = world.texts.step
    decided = _awake(world, max(red.at, red.cleared_at) + _hours(random, 1, 9), random).astimezone(UTC)
    if random.random() < 0.62:
        return [*events, Event(decided, officer, ReSupervisionDeclined(say("decline", random)))]
    events += _launch(red, decided, officer)
    explained = decided + _hours(random, 4, 22)
    answerer = world.handler(red.body, random)
    events.append(Event(explained, answerer, ReSupervisionExplained(say("explain", random))))
    # A chance of its own: what else happens to the file stays as it was.
    again = Random(f"asked/{red.ticket}/{red.node}/{red.round}")  # noqa: S311 - seeded on purpose
    if again.random() < ASKED_ON:
        asked = _awake(world, explained + _hours(again, 1, 5), again).astimezone(UTC)
        events.append(Event(asked, officer, ReSupervisionAsked(again.choice(FURTHER), asked + ANSWER)))
        # Some answer late: the files say so.
        explained = asked + _hours(again, 3, 27)
        events.append(Event(explained, answerer, ReSupervisionExplained(say("explain", again))))
    found = world.office_moment(explained + _hours(random, 5, 40), random).astimezone(UTC)
    behaviour = Behaviour.NO_FAULT if random.random() < 0.3 else random.choice(FINDINGS)
    events.append(Event(found, officer, ReSupervisionFound(behaviour, say("find", random))))
    closed = found + _hours(random, 2, 30)
    events.append(Event(closed, officer, ReSupervisionClosed(say("recommend", random))))
    return events


def _featured(world: World, red: RedLate, received_at: datetime) -> list[Event]:
    """孙静 launched it 2 h 45 min 09 s after the complaint came in, and asked for an answer in 24 hours."""
    drafted = ReSupervisionDrafted(red.ticket, red.body, red.node, red.round, red.rule)
    officer = next(p.actor for p in world.city.staff(Role.DISCIPLINE) if p.name == "孙静")
    at = received_at + timedelta(hours=2, minutes=45, seconds=9)
    launch = _launch(red, at, officer)
    return [Event(red.at.astimezone(UTC), SYSTEM, drafted), *launch]


def _launch(red: RedLate, at: datetime, officer: Actor) -> list[Event]:
    question = f"请说明“{red.rule}”的原因、责任人和整改措施。"
    assert red.body is not None
    return [Event(at, officer, ReSupervisionLaunched(red.body, question, at + ANSWER, "", ""))]


def _references(number: str, events: Sequence[Event], *, quiet: bool) -> Iterator[Event]:
    """What the ticket's own log says about its file. `quiet` leaves the draft out."""
    for event in events:
        match event.fact:
            case ReSupervisionDrafted(cause=cause) if not quiet:
                yield Event(event.at, event.actor, ReSupervisionReferred(number, "drafted", cause))
            case ReSupervisionLaunched() as fact:
                referred = ReSupervisionReferred(number, "launched", "要求 24 小时内说明", fact.deadline)
                yield Event(event.at, event.actor, referred)
            case _:
                told = reference(number, event)
                if told is not None:
                    yield told


def _awake(world: World, moment: datetime, random: Random) -> datetime:
    """Return the moment, or the next morning: officers take turns at weekends, not at night."""
    local = world.local(moment)
    if 8 <= local.hour < 22:
        return moment
    morning = local.replace(hour=8, minute=random.randint(0, 59))
    return morning if local.hour < 8 else morning + timedelta(days=1)


def _hours(random: Random, low: float, high: float) -> timedelta:
    return timedelta(seconds=int(3600 * random.uniform(low, high)))


def _by_time(red: RedLate) -> tuple[datetime, str, int]:
    return (red.at, red.ticket, red.round)
