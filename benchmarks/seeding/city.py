"""Blocks of tickets for a city of any size: arrivals, flows and warnings as the demo city has them.

A tenth of all tickets is open, whatever the size: 100,000 of 1,000,000. Most of the others are closed ones of
the last three years. Each block is made from its own seed, so that blocks can be made by several processes in
any order and the city is still the same.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from desktop.demo.alarms import alarms
from desktop.demo.flow import Flow, Habit
from desktop.demo.plan import BY_HOUR, Plan, plans
from desktop.demo.world import World
from domain.events import Closed, Event
from domain.intake import NewTicket

SEED = 20261122
BLOCK = 2000
"""Tickets of a block, and of a transaction."""

SPAN = timedelta(days=3 * 365)
OPEN_SHARE = 0.1
DEMO_TICKETS = 5000
"""The demo city is the first part: its directives, re-supervisions and ledger are there at all sizes."""

DEMO_OPEN = 415
STILL_OPEN = 0.0069
"""Share of arrivals of three years that are still open today, measured: it needs no block of its own."""

YOUNG = timedelta(days=14)
"""Open tickets came in within this time, newer ones more often than older ones."""

STUCK = 0.02
"""Share of open tickets with which nothing has happened for weeks: a city has them, and they are red."""

STUCK_AGE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a city: `size` tickets, all of them open or as three years have left them."""

    index: int
    size: int
    all_open: bool


@dataclass(frozen=True, slots=True)
class Size:
    """How a city of `tickets` is put together. `demo` counts those of the demo city."""

    tickets: int

    @property
    def demo(self) -> int:
        return min(DEMO_TICKETS, self.tickets // 2)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks beside the demo city; those of open tickets last, as the newest."""
        rest = self.tickets - self.demo
        wanted = self.tickets * OPEN_SHARE - DEMO_OPEN * self.demo / DEMO_TICKETS
        opened = max(0, round((wanted - STILL_OPEN * rest) / (1 - STILL_OPEN)))
        parts = [(rest - opened, False), (opened, True)]
        found: list[Block] = []
        for total, all_open in parts:
            # Blocks of one size, since each stands for as long a part of the three years.
            count = -(-total // BLOCK)
            for place in range(count):
                size = total * (place + 1) // count - total * place // count
                found.append(Block(len(found), size, all_open))
        return tuple(found)

    @property
    def past_blocks(self) -> int:
        """How many of them the three years fill."""
        return sum(not block.all_open for block in self.blocks)


def tickets_of(world: World, block: Block, past_blocks: int, seed: int = SEED) -> Iterator[NewTicket]:
    """Yield a block's tickets. The three years are spread over `past_blocks` in order."""
    random = Random(f"bench/{seed}/{block.index}")  # noqa: S311 - the same city every time
    if block.all_open:
        made = _open(world, block, seed, random)
    else:
        made = _past(world, block, past_blocks, seed, random)
    for serial, (plan, events) in enumerate(made):
        number = f"XB-{world.local(plan.received_at):%Y%m%d}-{block.index:04d}{serial:04d}"
        warned, _ = alarms(world, number, events, random)
        stream = tuple(heapq.merge(events, warned, key=_at)) if warned else tuple(events)
        content = sha256(f"{seed}/{number}".encode()).digest()
        yield NewTicket(number, stream, content, plan.complainant)


def _past(
    world: World, block: Block, past_blocks: int, seed: int, random: Random
) -> Iterator[tuple[Plan, list[Event]]]:
    """Arrivals of one slice of the three years, as far as they have come by now."""
    slice_length = SPAN / past_blocks
    start = world.anchor - SPAN + block.index * slice_length
    moments = sorted(_by_day(world, start, slice_length, random) for _ in range(block.size))
    for plan in plans(world, moments, _own_seed(seed, block, 0), frozenset()):
        yield plan, _until_now(world, plan, Habit.NORMAL)


def _open(world: World, block: Block, seed: int, random: Random) -> Iterator[tuple[Plan, list[Event]]]:
    """Tickets that are open now. Candidates that have been closed by now are thrown away."""
    found, tries = 0, 0
    while found < block.size:
        moments = sorted(
            world.anchor - timedelta(seconds=20) - _age(random) for _ in range(block.size - found)
        )
        for plan in plans(world, moments, _own_seed(seed, block, tries), frozenset()):
            events = _until_now(world, plan, Habit.NORMAL)
            if random.random() < STUCK:
                stuck = replace(plan, received_at=plan.received_at - STUCK_AGE * random.random())
                events = _until_now(world, stuck, Habit.NORMAL)
                yield stuck, events[: max(1, len(events) // 2)]
            elif isinstance(events[-1].fact, Closed):
                continue
            else:
                yield plan, events
            found += 1
        tries += 1


def _own_seed(seed: int, block: Block, tries: int) -> int:
    return (seed * 100_000 + block.index) * 1000 + tries


def _age(random: Random) -> timedelta:
    return YOUNG * min(random.random(), random.random())


def _by_day(world: World, start: datetime, length: timedelta, random: Random) -> datetime:
    """Return a moment of a slice, more often by day than at night."""
    latest = world.anchor - timedelta(seconds=20)
    moment = start + length * random.random()
    for _ in range(8):
        if random.random() * 2 < BY_HOUR[world.local(moment).hour]:
            break
        moment = start + length * random.random()
    return min(moment, latest).replace(microsecond=0)


def _until_now(world: World, plan: Plan, habit: Habit) -> list[Event]:
    return [event for event in Flow(world, plan, habit, 1.0).run() if event.at <= world.anchor]


def _at(event: Event) -> datetime:
    return event.at
