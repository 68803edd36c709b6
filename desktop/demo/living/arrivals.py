"""New complaints and alarms, as an import would bring them: whole tickets with their first events."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from random import Random

from desktop.demo.flow import CHANCES, channel_actor
from desktop.demo.load import content_hash
from desktop.demo.plan import BY_HOUR, Spot, draw_plan
from desktop.demo.world import World
from domain.events import DueSupplied, Event
from domain.intake import NewTicket
from domain.nodes import Node
from domain.urgency import Urgency

REMEMBERED = 400
"""Points of complaint that may be complained of again."""


class Arrivals:
    """Draws what comes in. Numbers go on after the last one of the day."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._spots: list[tuple[Spot, str]] = []
        self._turns: Counter[str] = Counter()
        self._day = ""
        self._serial = 0

    def prefix(self, now: datetime) -> str:
        """Return how the numbers of a day begin."""
        return f"XZ-{self._world.local(now):%Y%m%d}-"

    def knows(self, now: datetime) -> bool:
        """Whether the last number of this day is known."""
        return self._day == self.prefix(now)

    def go_on_after(self, now: datetime, serial: int) -> None:
        """Note the last serial that this day's tickets have."""
        self._day, self._serial = self.prefix(now), serial

    def draw(self, now: datetime, quiet: Collection[str]) -> NewTicket:
        """Return a ticket that comes in now, by a channel that is not quiet."""
        # Numbers count the clues of a day, those merged into others included, so that they skip some.
        self._serial += 1 + min(int(self._random.expovariate(1.6)), 4)
        number = f"{self.prefix(now)}{self._serial:04d}"
        key = f"living/{self._random.getrandbits(48)}"
        own = Random(key)  # noqa: S311 - seeded on purpose
        plan = draw_plan(self._world, number, now, key, own, self._spots, self._turns, quiet)
        del self._spots[:-REMEMBERED]
        received = plan.received
        at = now.astimezone(UTC)
        source = channel_actor(self._world, received.channel)
        events = [Event(at, source, received)]
        ordinary = received.urgency is Urgency.ORDINARY
        if received.channel == "12345" and ordinary and own.random() < CHANCES.supplied:
            promised = DueSupplied(Node.RECTIFY, self._promised(now, own), "12345 工单")
            events.append(Event(at, source, promised))
        return NewTicket(number, tuple(events), content_hash(events), plan.complainant)

    def _promised(self, now: datetime, random: Random) -> datetime:
        """12345 brings its own due time for the result: five to seven working days (Y08)."""
        calendar = self._world.calendar
        day = calendar.local_day(now)
        for _ in range(random.choice((5, 5, 5, 6, 7))):
            day = calendar.next_working_day(day)
        return calendar.end_of_office(day).astimezone(UTC)


def busyness(world: World, now: datetime) -> float:
    """Return how busy an hour is against the mean of the day."""
    return BY_HOUR[world.local(now).hour] / (sum(BY_HOUR) / len(BY_HOUR))
