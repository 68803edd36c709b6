"""The warnings of a ticket's past, as the sweep would have raised and cleared them at the time (T09, T13)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from desktop.demo.world import World
from domain.events import (
    Chased,
    Event,
    WarningAcknowledged,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.nodes import Node
from domain.people import PLATFORM, SYSTEM, Actor
from domain.trace import NodeClock, trace


@dataclass(frozen=True, slots=True)
class RedLate:
    """A red warning of a node that was not done when due; each opens a draft re-supervision (T10)."""

    ticket: str
    at: datetime
    node: Node
    round: int
    body: str | None
    cleared_at: datetime | None
    rule: str


def alarms(
    world: World, number: str, events: Sequence[Event], random: Random
) -> tuple[list[Event], list[RedLate]]:
    """Return the warning events up to the anchor, and the red ones among them.

    The moments are those of the sweep: yellow and due times to the second, cleared when the node ended; a
    slow one at the latest when it was late.
    """
    found: list[Event] = []
    reds: list[RedLate] = []
    sentences = world.policy.sentences
    for node in trace(events, world.policy, world.calendar).nodes:
        ended = node.ended_at
        until = ended if ended is not None else world.anchor
        if node.yellow_at is not None and node.yellow_at < until:
            rule = sentences["slow"]
            late = node.due_at is not None and node.due_at < until
            end, reason = (node.due_at, "late") if late else (ended, _reason(node))
            slow = (WarningKind.SLOW, WarningLevel.YELLOW)
            found += _warn(world, node, *slow, node.yellow_at, end, reason, rule, random)
            if node.node in (Node.RECTIFY, Node.POST_CHECK) and random.random() < 0.3:
                found += _chase(world, node, random)
        if node.due_at is not None and node.due_at < until:
            rule = sentences["late"]
            red = (WarningKind.LATE, WarningLevel.RED)
            found += _warn(world, node, *red, node.due_at, ended, _reason(node), rule, random)
            reds.append(RedLate(number, node.due_at, node.node, node.round, node.body, ended, rule))
    return found, reds


def _warn(
    world: World,
    node: NodeClock,
    kind: WarningKind,
    level: WarningLevel,
    at: datetime,
    end: datetime | None,
    reason: str,
    rule: str,
    random: Random,
) -> Iterator[Event]:
    cause = (kind, level, node.node, node.round, node.leg)
    at = at.astimezone(UTC)
    yield Event(at, SYSTEM, WarningRaised(*cause, node.body, rule))
    noted = at + timedelta(seconds=random.randint(60, 1500))
    red = level is WarningLevel.RED
    if (
        noted < (end or world.anchor)
        and (end is not None or not red)
        and random.random() < (0.8 if red else 0.25)
    ):
        yield Event(
            noted, _who(world, node, noted, random), WarningAcknowledged(*cause, _note(world, random))
        )
    if end is not None:
        yield Event(end.astimezone(UTC), SYSTEM, WarningCleared(*cause, reason))


def _reason(node: NodeClock) -> str:
    return node.end.value if node.end is not None else "moved"


def _chase(world: World, node: NodeClock, random: Random) -> Iterator[Event]:
    assert node.yellow_at is not None
    at = node.yellow_at.astimezone(UTC) + timedelta(seconds=random.randint(300, 2400))
    if at < (node.ended_at or world.anchor):
        yield Event(at, world.on_duty(at), Chased(world.texts.step("chase", random)))


def _who(world: World, node: NodeClock, at: datetime, random: Random) -> Actor:
    if node.body is None or node.body == PLATFORM or random.random() < 0.5:
        return world.on_duty(at)
    return world.handler(node.body, random)


def _note(world: World, random: Random) -> str:
    return world.texts.step("acknowledge", random)
