"""Reports of the same matter in the demo city: some merged, a few of these by mistake, most left to be found.

Who repeats a report of the same place and kind while that is being handled may be merged into it soon after
it was accepted: before any body was at work on it, so that nobody's rate moves.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from desktop.demo.world import World
from domain.case_events import LetGo, MergedInto, SplitOff, TookIn
from domain.events import Accepted, Closed, Event, Filed, Received
from domain.people import Actor
from domain.urgency import Urgency

SHARE = 0.28
"""Of the repeats that can be merged, so many are."""
MISTAKEN = 0.1
"""Of those merged, so many are split off again some minutes later."""
REASON = "同一点位、同类问题，并入首件一并办理"
SECOND_LOOK = "复核为相邻的另一处，单独办理"

Flows = dict[str, list[Event]]


def merge_repeats(world: World, flows: Flows, seed: int, apart: Collection[str] = ()) -> frozenset[str]:
    """Write mergers into tickets' events, none of those `apart`; return the tickets of either side."""
    first: dict[tuple[str, str | None], list[str]] = {}
    taken: dict[str, list[Event]] = {}
    touched: set[str] = set()
    for number in sorted(set(flows) - set(apart), key=partial(_order, flows)):
        received = flows[number][0].fact
        if not isinstance(received, Received) or not received.address:
            continue
        place = (received.address, received.category)
        random = Random(f"merger/{seed}/{number}")  # noqa: S311 - seeded on purpose
        accepted = next((event for event in flows[number] if isinstance(event.fact, Accepted)), None)
        main = next((n for n in first.get(place, ()) if accepted and _stands(flows[n], accepted.at)), None)
        ordinary = received.urgency is Urgency.ORDINARY
        if accepted is None or main is None or not ordinary or random.random() >= SHARE:
            first.setdefault(place, []).append(number)
            continue
        at = accepted.at + timedelta(seconds=random.randint(40, 200))
        if at > world.anchor:
            continue
        end = at + timedelta(minutes=6) if random.random() < MISTAKEN else None
        taken.setdefault(main, []).extend(_merge(flows, number, main, accepted.actor, at, end, world.anchor))
        touched |= {number, main}
    for main, notes in taken.items():
        flows[main] = sorted([*flows[main], *notes], key=_at)
    return frozenset(touched)


def _merge(
    flows: Flows, number: str, main: str, actor: Actor, at: datetime, end: datetime | None, anchor: datetime
) -> list[Event]:
    """Merge a ticket, and split it off at `end`; return what the main one's log says of it."""
    events = flows[number]
    later = [event for event in events if event.at > at]
    kept = [*(event for event in events if event.at <= at), Event(at, actor, MergedInto(main, REASON, 0.0))]
    notes = [Event(at, actor, TookIn(number, 0.0))]
    if end is not None and end <= anchor and all(event.at > end for event in later):
        kept += [Event(end, actor, SplitOff(main, SECOND_LOOK)), *later]
        notes.append(Event(end, actor, LetGo(number)))
    flows[number] = kept
    return notes


def _stands(events: Sequence[Event], at: datetime) -> bool:
    """Whether a ticket is being handled at a moment, and a little after, with no case filed."""
    after = at + timedelta(minutes=10)
    return not any(isinstance(event.fact, Closed | Filed) and event.at <= after for event in events)


def _order(flows: Flows, number: str) -> tuple[datetime, str]:
    return (flows[number][0].at, number)


def _at(event: Event) -> datetime:
    return event.at
