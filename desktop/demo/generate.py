"""The demo city as events: the same for the same moment and seed, and nothing after that moment.

What is open at the anchor is tuned to look like a busy but orderly city: some 415 open tickets, a few nodes
overdue, some forty due soon. Tuning re-plays single tickets with other habits; it never edits events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from desktop.demo.alarms import RedLate, alarms
from desktop.demo.cases import cases
from desktop.demo.directives import directives
from desktop.demo.duty import duty_log
from desktop.demo.featured import dossier, live, neighbours
from desktop.demo.files import about_of, files, freeze
from desktop.demo.flow import Flow, Habit
from desktop.demo.items import items
from desktop.demo.measured import city_signals
from desktop.demo.mergers import merge_repeats
from desktop.demo.past_clues import past_clues
from desktop.demo.plan import Plan, arrival_times, plans
from desktop.demo.slips import spoil
from desktop.demo.world import World, make_world
from desktop.demo.wrongs import Town, raised, settled
from domain.events import Closed, Event, Received, WarningCleared, WarningLevel, WarningRaised
from domain.intake import Complainant
from domain.nodes import NodeStatus
from domain.stations import Episode
from domain.trace import trace

DEFAULT_SEED = 20261121
DEFAULT_TICKETS = 5000

OPEN = 415
"""How many tickets are open at the anchor, about, of 5,000; a smaller city has its share."""

OVERDUE_NODES = 3
"""How many open nodes are overdue at most, besides those written by hand."""

WRITTEN_OPEN = 12
"""How many of these are written by hand."""

TOLERANCE = 15
"""A city whose open tickets are within this number of what is wanted needs no second search."""

SAMPLE = 4
"""The search for the pace plays every fourth ticket; what is found is checked on all of them."""

DUE_SOON = (33, 44)
"""Between how many open nodes are due soon, of 5,000 tickets."""

LAG = {"monitoring": 252, "wechat": 96, "enforcement": 41, "urban_grid": 22, "report": 130}
"""Seconds since a channel last spoke, where it is more than a few; 在线监测 is 3:12 behind its heartbeat."""


@dataclass(frozen=True)
class DemoCity:
    """All that a store needs. `streams` are event lists in order of time, by the stream's name:
    ticket/…, directive/…, re_supervision/…, item/…; `complainants` by ticket number; `feeds` last seen.
    `episodes` are what the city's stations had of exceedances, None where it has no stations.
    """

    anchor: datetime
    seed: int
    streams: Mapping[str, tuple[Event, ...]]
    complainants: Mapping[str, Complainant]
    feeds: Mapping[str, datetime]
    episodes: tuple[Episode, ...] | None = None


def generate(
    anchor: datetime, seed: int = DEFAULT_SEED, tickets: int = DEFAULT_TICKETS, *, sensed: bool = False
) -> DemoCity:
    """Return the demo city as of a moment. `tickets` counts those of the last 90 days, about.

    With `sensed` some of them come of what its stations measured.

    Raises:
        ValueError: the anchor is naive, or there are too few tickets for the ones written by hand.
    """
    if anchor.tzinfo is None:
        raise ValueError("the demo city needs an aware time")
    if tickets < 50:
        raise ValueError("the demo city needs at least 50 tickets")
    world = make_world(anchor.astimezone(UTC).replace(microsecond=0))
    pictured, main = list(live(world)), dossier(world)
    earlier = list(neighbours(world))
    scripts = [*pictured, main]
    clues = past_clues(world, city_signals(world.anchor)) if sensed else []
    taken = frozenset([*(script.number for script in (*scripts, *earlier)), *(clue.number for clue in clues)])
    random = Random(f"city/{seed}")  # noqa: S311 - a demo wants the same city every time
    moments = arrival_times(world, tickets - len(taken), random)
    planned = list(plans(world, moments, seed, taken))
    for script in earlier:
        category = world.city.category(script.kind)
        assert category is not None
        received = script.events[0].fact
        assert isinstance(received, Received)
        planned.append(
            Plan(script.number, script.received_at, received, category, script.name, 0, script.complainant)
        )
    for clue in clues:
        category = world.city.category(clue.received.category or "")
        assert category is not None
        key = f"clue/{seed}/{clue.number}"
        planned.append(Plan(clue.number, clue.received_at, clue.received, category, key))
    share = tickets / DEFAULT_TICKETS
    flows = spoil(_flows(world, planned, share), seed)
    for script in scripts:
        flows[script.number] = sorted(script.events, key=_at)

    for clue in clues:
        flows[clue.number] = clue.joined(flows[clue.number])

    apart = [script.number for script in (*scripts, *earlier)] + [clue.number for clue in clues]
    merged = merge_repeats(world, flows, seed, apart)
    ticket_streams, reds = _with_alarms(world, flows, main.number, seed)
    town = Town.of(world, flows)
    wrongs, red_wrongs = raised(town, flows, seed)
    known = {(red.ticket, red.node, red.round) for red in reds}
    reds += [red for red in red_wrongs if (red.ticket, red.node, red.round) not in known]
    for number, new in wrongs.items():
        ticket_streams[number] = sorted([*ticket_streams[number], *new], key=_at)
    item_streams, item_names = items(world, seed)
    directive_streams, about = directives(world, ticket_streams, item_names, seed)
    file_streams, referred = files(
        world, reds, main.number, {number: events[0].at for number, events in ticket_streams.items()}, seed
    )
    for references in (about, referred, cases(world, ticket_streams, [*apart, *merged])):
        for number, events in references.items():
            ticket_streams[number] = sorted([*ticket_streams[number], *events], key=_at)
    for number, events in settled(town, ticket_streams, wrongs, file_streams).items():
        ticket_streams[number] = sorted([*ticket_streams[number], *events], key=_at)
    for number, events in file_streams.items():
        file_streams[number] = freeze(world, number, events, ticket_streams[about_of(events)])

    streams = {f"ticket/{number}": tuple(ticket_streams[number]) for number in sorted(ticket_streams)}
    streams |= {f"directive/{number}": tuple(events) for number, events in directive_streams.items()}
    streams |= {f"re_supervision/{number}": tuple(events) for number, events in file_streams.items()}
    streams |= {f"item/{number}": tuple(events) for number, events in item_streams.items()}
    streams |= duty_log(world, seed)
    people = {plan.number: plan.complainant for plan in planned if plan.complainant is not None}
    people |= {script.number: script.complainant for script in scripts if script.complainant is not None}
    episodes = tuple(clue.episode for clue in clues) if sensed else None
    return DemoCity(world.anchor, seed, streams, people, _feeds(world), episodes)


def _flows(world: World, planned: Sequence[Plan], share: float) -> dict[str, list[Event]]:
    """Return each ticket's events up to the anchor, tuned to what is open then.

    The pace is sought twice: calming opens and closes some tickets, and the second search allows for it.
    """
    recent = [plan for plan in planned if plan.received_at > world.anchor - timedelta(days=26)]
    flows: dict[str, list[Event]] = {}
    wanted = aim = round((OPEN - WRITTEN_OPEN) * share)
    pace = 1.0
    for _ in range(2):
        pace = _pace(world, recent, aim)
        for plan in recent:
            flows[plan.number] = _cut(world, plan, Habit.NORMAL, pace)
        _calm(world, recent, flows, pace, round(DUE_SOON[0] * share), round(DUE_SOON[1] * share))
        found = sum(1 for plan in recent if _is_open(flows[plan.number]))
        if abs(found - wanted) <= TOLERANCE * share:
            break
        aim = max(1, aim + wanted - found)
    for plan in planned:
        if plan.number not in flows:
            flows[plan.number] = _cut(world, plan, Habit.NORMAL, pace)
    return flows


def _cut(world: World, plan: Plan, habit: Habit, pace: float) -> list[Event]:
    return [event for event in Flow(world, plan, habit, pace).run() if event.at <= world.anchor]


def _pace(world: World, recent: Sequence[Plan], wanted: int) -> float:
    """Return how far to stretch what follows a result, so that about `wanted` tickets are open."""
    low, high = 0.02, 3.2
    sample = recent[::SAMPLE]
    for _ in range(6):
        middle = (low + high) / 2
        open_now = SAMPLE * sum(1 for plan in sample if _is_open(_cut(world, plan, Habit.NORMAL, middle)))
        if open_now < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _calm(
    world: World, recent: Sequence[Plan], flows: dict[str, list[Event]], pace: float, low: int, high: int
) -> None:
    """Re-play open tickets until few nodes are overdue and a believable number is due soon."""
    overdue = 0
    yellow: list[Plan] = []
    for plan in recent:
        if not _is_open(flows[plan.number]):
            continue
        late, soon = _standing(world, flows[plan.number])
        if late and overdue + late > OVERDUE_NODES:
            flows[plan.number] = _cut(world, plan, Habit.PUNCTUAL, pace)
            late, soon = _standing(world, flows[plan.number])
        overdue += late
        if soon:
            yellow.append(plan)
    count = len(yellow)
    for plan in yellow:
        if count <= high:
            break
        brisk = _cut(world, plan, Habit.BRISK, pace)
        if _standing(world, brisk) == (0, 0):
            flows[plan.number] = brisk
            count -= 1
    for plan in recent[::3]:
        if count >= low:
            break
        slow = _cut(world, plan, Habit.SLOW, pace)
        if _is_open(slow) and _standing(world, slow) == (0, 1) and plan not in yellow:
            flows[plan.number] = slow
            count += 1


def _standing(world: World, events: Sequence[Event]) -> tuple[int, int]:
    """Return how many of a ticket's nodes are overdue, and due soon, at the anchor."""
    statuses = [node.status(world.anchor) for node in trace(events, world.policy, world.calendar).open_nodes]
    return statuses.count(NodeStatus.OVERDUE), statuses.count(NodeStatus.DUE_SOON)


def _is_open(events: Sequence[Event]) -> bool:
    return not isinstance(events[-1].fact, Closed)


def _with_alarms(
    world: World, flows: Mapping[str, list[Event]], quiet: str, seed: int
) -> tuple[dict[str, list[Event]], list[RedLate]]:
    """Return the tickets' streams with their warnings; `quiet` names the one that shows only its red ones."""
    streams: dict[str, list[Event]] = {}
    reds: list[RedLate] = []
    for number, events in flows.items():
        random = Random(f"alarms/{seed}/{number}")  # noqa: S311 - seeded on purpose
        warned, late = alarms(world, number, events, random)
        if number == quiet:
            warned = [event for event in warned if _is_red(event)]
        streams[number] = sorted([*events, *warned], key=_at) if warned else list(events)
        reds += late
    return streams, reds


def _is_red(event: Event) -> bool:
    fact = event.fact
    return isinstance(fact, WarningRaised | WarningCleared) and fact.level is WarningLevel.RED


def _feeds(world: World) -> dict[str, datetime]:
    return {
        channel.key: world.anchor - timedelta(seconds=LAG.get(channel.key, 6 + 5 * place))
        for place, channel in enumerate(world.city.linked)
    }


def _at(event: Event) -> datetime:
    return event.at
