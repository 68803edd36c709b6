"""What the rules of procedure say of the demo city's past: the warnings that the engine would have raised.

Nothing here is invented: the same rules judge the same histories, and settle what officers decided about.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from desktop.demo.alarms import RedLate, acknowledged, climbs
from desktop.demo.world import World
from domain.coordinates import Point, metres_between
from domain.events import (
    Closed,
    Event,
    Received,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    WarningAcknowledged,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.wrong.history import evidence_of
from domain.wrong.judge import judge
from domain.wrong.rule import Parameter, Predicate
from domain.wrong.surroundings import DecidedFile, EvidenceUse, LaterComplaint, Surroundings
from domain.wrong.warn import warnings_to_write

SINCE = timedelta(days=3, hours=12)
"""So long ago the rules of procedure came into use: nobody was warned by them before."""
CELL = 0.002
"""Degrees: complaints on one point lie in one cell or in those next to it."""

Streams = Mapping[str, Sequence[Event]]


@dataclass(frozen=True)
class Town:
    """All tickets of the city, as the rules look around one of them."""

    world: World
    uses: Mapping[str, Sequence[EvidenceUse]]
    points: Mapping[tuple[str, int, int], Sequence[tuple[str, Received, datetime]]]
    metres: int
    days: int
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World, streams: Streams) -> "Town":
        """Look through all tickets once."""
        uses: defaultdict[str, list[EvidenceUse]] = defaultdict(list)
        points: defaultdict[tuple[str, int, int], list[tuple[str, Received, datetime]]] = defaultdict(list)
        for number, events in streams.items():
            first = events[0]
            if isinstance(first.fact, Received) and first.fact.lat is not None:
                points[_cell(first.fact)].append((number, first.fact, first.at))
            for event in events:
                for sha256 in evidence_of(event.fact)[1]:
                    uses[sha256].append(EvidenceUse(sha256, number, event.at))
        rebounds = [rule.numbers for rule in world.policy.wrong if rule.predicate is Predicate.REBOUND]
        return cls(
            world,
            {sha256: found for sha256, found in uses.items() if len({use.ticket for use in found}) > 1},
            points,
            max((numbers[Parameter.METRES] for numbers in rebounds), default=0),
            max((numbers[Parameter.DAYS] for numbers in rebounds), default=0),
            {body.key: body.short for body in world.city.bodies},
        )

    def around(self, number: str, events: Sequence[Event], decided: Sequence[DecidedFile]) -> Surroundings:
        """Return what stands around a ticket."""
        own = {sha256 for event in events for sha256 in evidence_of(event.fact)[1]}
        uses = [use for sha256 in own for use in self.uses.get(sha256, ()) if use.ticket != number]
        later = tuple(self._later(number, events))
        return Surroundings(tuple(uses), (), later, tuple(decided), self.names)

    def _later(self, number: str, events: Sequence[Event]) -> Iterator[LaterComplaint]:
        closed_at = next((event.at for event in events if isinstance(event.fact, Closed)), None)
        received = events[0].fact
        if closed_at is None or not isinstance(received, Received) or received.lat is None:
            return
        here = Point(received.lng or 0.0, received.lat)
        category, north, east = _cell(received)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                for other, fact, at in self.points.get((category, north + dy, east + dx), ()):
                    if other == number or not closed_at < at <= closed_at + timedelta(days=self.days):
                        continue
                    away = metres_between(here, Point(fact.lng or 0.0, fact.lat or 0.0))
                    if away <= self.metres:
                        yield LaterComplaint(other, at, round(away, 1))


def raised(town: Town, streams: Streams, seed: int) -> tuple[dict[str, list[Event]], list[RedLate]]:
    """Return the warnings of each ticket that broke a rule, with who took note, and the red ones."""
    world = town.world
    found: dict[str, list[Event]] = {}
    reds: list[RedLate] = []
    for number, events in streams.items():
        around = town.around(number, events, ())
        judgement = judge(events, world.policy, world.calendar, around, world.anchor)
        new: list[Event] = []
        for event in warnings_to_write(judgement, events, around, events[0].at):
            fact = event.fact
            if not isinstance(fact, WarningRaised) or event.at < world.anchor - SINCE:
                continue
            random = Random(f"wrong/{seed}/{number}/{fact.rule_id}")  # noqa: S311 - seeded on purpose
            noted = acknowledged(world, fact, event.at, random, often=0.96)
            new += [event, *noted]
            new += climbs(world, fact, event.at, min((n.at for n in noted), default=None))
            if fact.level is WarningLevel.RED:
                reds.append(RedLate(number, event.at, fact.node, fact.round, fact.body, event.at, fact.rule))
        if new:
            found[number] = new
    return found, reds


def settled(
    town: Town, streams: Streams, wrongs: Mapping[str, Sequence[Event]], files: Streams
) -> dict[str, list[Event]]:
    """Return what ended the warnings: officers' decisions, and notes taken on closed tickets."""
    decided = _decided(files)
    found: dict[str, list[Event]] = {}
    for number in wrongs:
        events = streams[number]
        around = town.around(number, events, decided.get(number, ()))
        judgement = judge(events, town.world.policy, town.world.calendar, around, town.world.anchor)
        moments = [file.at for file in around.decided]
        moments += [event.at for event in events if isinstance(event.fact, WarningAcknowledged | Closed)]
        new = [
            event
            for event in warnings_to_write(judgement, events, around, max(moments, default=events[-1].at))
            if isinstance(event.fact, WarningCleared) and event.fact.kind is WarningKind.WRONG
        ]
        if new:
            found[number] = new
    return found


def _decided(files: Streams) -> dict[str, list[DecidedFile]]:
    found: defaultdict[str, list[DecidedFile]] = defaultdict(list)
    for number, events in files.items():
        drafted, last = events[0].fact, events[-1]
        ended = isinstance(last.fact, ReSupervisionClosed | ReSupervisionDeclined)
        if isinstance(drafted, ReSupervisionDrafted) and ended:
            found[drafted.ticket].append(DecidedFile(number, drafted.node, drafted.round, last.at))
    return found


def _cell(received: Received) -> tuple[str, int, int]:
    lat, lng = received.lat or 0.0, received.lng or 0.0
    return (received.category or "", int(lat // CELL), int(lng // CELL))
