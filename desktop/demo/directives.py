"""Directives of the year, 督字 1 to 46 号, with what their receivers answered (T20)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from desktop.city import CITY_FOLDER, read_table
from desktop.demo.flow import photo
from desktop.demo.world import World
from domain.directive import fold_directive
from domain.directive_lateness import due_warnings
from domain.events import (
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveReferred,
    DirectiveReminded,
    DirectiveSigned,
    DirectiveWithdrawn,
    Event,
    Received,
)
from domain.people import Actor, Role
from domain.urgency import Urgency

COUNT = 46
WITHDRAWN = 29
RETURNED = 43
UNSIGNED, TO_JUDGE, LATE = 44, 42, 41
"""One that nobody has signed within a day, one whose feedback lies with the leader, one that was late."""
SEASONAL = 8
"""The first rows belong to the season of the newest directives and are not used twice."""

HOURS_OLD = {46: 9.2, 45: 3.8333, 44: 30.2, 43: 101.0, 42: 118.0}
"""How old the newest are, in hours."""

ABOUT = {45: "A08", 44: "E03", 42: "C03"}
"""Directives that name tickets: the newest two of this kind."""

ITEM_OF = {45: "tongshan"}
AREAS = {43: ("320321", "320322")}
BASIS = {44: "时效排名 · 市水务局 · 近 30 日 · 全部环节：按期办结率偏低，在办超期增多"}
"""What some were issued from: a line of the ranking, areas of the map."""

Streams = dict[str, list[Event]]


def directives(
    world: World, tickets: Mapping[str, Sequence[Event]], items: Mapping[str, str], seed: int
) -> tuple[Streams, Streams]:
    """Return the directives' streams by number, and the references for the tickets' own streams.

    `items` are the numbers of ledger items that directives may name, by the key in ITEM_OF.
    """
    table = read_table(CITY_FOLDER, "ledger.toml")
    rows: list[dict[str, Any]] = table["directive"]
    steps: dict[str, list[str]] = table["directive_steps"]
    streams: Streams = {}
    references: defaultdict[str, list[Event]] = defaultdict(list)
    for serial in range(COUNT, 0, -1):
        random = Random(f"directive/{seed}/{serial}")  # noqa: S311 - seeded on purpose
        place = COUNT - serial
        row = (
            rows[place]
            if place < len(rows)
            else rows[SEASONAL + (place - len(rows)) % (len(rows) - SEASONAL)]
        )
        issued_at = _issued_at(world, serial, random)
        number = f"D-{world.local(issued_at).year}-{serial:03d}"
        leader = world.city.staff(Role.LEADER)[(COUNT - serial) % 4].actor
        about = _newest(tickets, ABOUT[serial], issued_at) if serial in ABOUT else ()
        receivers = tuple(row["bodies"]) or tuple(body.key for body in world.city.responsible)
        issued = DirectiveIssued(
            text=row["text"],
            receivers=receivers,
            deadline=issued_at + timedelta(hours=row["hours"]),
            urgency=Urgency(row["urgency"]),
            tickets=about,
            items=(items[ITEM_OF[serial]],) if serial in ITEM_OF else (),
            areas=AREAS.get(serial, ()),
            basis=BASIS.get(serial, ""),
        )
        events = [Event(issued_at, leader, issued)]
        events += _answers(world, serial, issued_at, issued, leader, steps, random)
        events = sorted((e for e in events if e.at <= world.anchor), key=_at)
        # As the sweep would have found it, had the program been there.
        policy = world.policy
        folded = fold_directive(number, events, policy.sign_directive_within, policy.directive_ladder)
        streams[number] = sorted([*events, *due_warnings(folded, world.anchor)], key=_at)
        for ticket in about:
            referred = DirectiveReferred(number, issued.text, receivers, issued.deadline)
            references[ticket].append(Event(issued_at, leader, referred))
    return dict(reversed(streams.items())), dict(references)


def _answers(
    world: World,
    serial: int,
    issued_at: datetime,
    issued: DirectiveIssued,
    leader: Actor,
    steps: Mapping[str, Sequence[str]],
    random: Random,
) -> list[Event]:
    """What the receivers did. 46: one has not signed, four have fed back; 45 is running; 44 is not signed in
    time; 43 was sent back twice, and is overdue; 42 is to be judged; older ones are judged."""
    span = issued.deadline - issued_at
    events: list[Event] = []
    if serial == WITHDRAWN:
        return [Event(issued_at + span * 0.1, leader, DirectiveWithdrawn("与上级部署重复，合并执行"))]
    if serial == UNSIGNED:
        reminded = DirectiveReminded(issued.receivers[0], "今晚 20 时前签收并报送安排")
        return [Event(_whole(issued_at + timedelta(hours=28)), leader, reminded)]
    for place, body in enumerate(issued.receivers):
        handler = world.handler(body, random)
        signed = issued_at + min(span * 0.3, timedelta(minutes=random.randint(4, 95)))
        if serial == COUNT and place == len(issued.receivers) - 1:
            continue
        events.append(Event(_whole(signed), handler, DirectiveSigned(body)))
        if serial == COUNT and place % 3 != 0:
            continue
        if serial == COUNT - 1:
            continue
        # The running one is answered early, the old ones some time before their deadline.
        share = random.uniform(0.35, 0.85) if serial < COUNT else random.uniform(0.12, 0.3)
        fed_back = max(issued_at + span * share, signed + timedelta(minutes=10))
        if serial == LATE:
            fed_back = issued_at + span * 1.1
            said = DirectiveReminded(body, steps["remind"][place % len(steps["remind"])])
            events.append(Event(_whole(issued_at + span * 1.05), leader, said))
        text = random.choice(steps["feed_back"])
        files: tuple[str, ...] = ()
        if serial in (COUNT, RETURNED, TO_JUDGE):
            files = tuple(photo(f"directive/{serial}/{body}", str(n)) for n in range(1 + place % 2))
        events.append(Event(_whole(fed_back), handler, DirectiveFedBack(body, text, files)))
        if serial in (COUNT, TO_JUDGE):
            continue
        judged = fed_back + timedelta(hours=random.uniform(1, 9))
        if serial == RETURNED and place == 0:
            verdict = DirectiveJudged(body, False, random.choice(steps["judge_no"]))
            events.append(Event(_whole(judged), leader, verdict))
            again = judged + timedelta(hours=6)
            events.append(Event(_whole(again), handler, DirectiveFedBack(body, "已重新整改，附现场影像")))
            judged = again + timedelta(hours=2)
        elif serial == RETURNED:
            events.append(Event(_whole(judged), leader, DirectiveJudged(body, False, steps["judge_no"][-1])))
            for hours, said in zip((6, 30), steps["remind"], strict=False):
                reminded = DirectiveReminded(body, said)
                events.append(Event(_whole(issued.deadline + timedelta(hours=hours)), leader, reminded))
            continue
        verdict = DirectiveJudged(body, True, random.choice(steps["judge_yes"]))
        events.append(Event(_whole(judged), leader, verdict))
    return events


def _issued_at(world: World, serial: int, random: Random) -> datetime:
    if serial in HOURS_OLD:
        return _whole(world.anchor - timedelta(hours=HOURS_OLD[serial]))
    days = 6 + (42 - serial) * 5.4 + random.uniform(-1, 1)
    day = world.local(world.anchor - timedelta(days=days))
    return _whole(day.replace(hour=random.randint(8, 19), minute=random.randint(0, 59), second=0))


def _newest(tickets: Mapping[str, Sequence[Event]], kind: str, before: datetime) -> tuple[str, ...]:
    """Return the numbers of the last two tickets of a kind that had come in by then."""
    found = [
        number
        for number, events in tickets.items()
        if isinstance(first := events[0].fact, Received) and first.category == kind and events[0].at < before
    ]
    return tuple(sorted(found)[-2:])


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _at(event: Event) -> datetime:
    return event.at
