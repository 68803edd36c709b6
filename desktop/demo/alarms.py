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
    WarningEscalated,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.node_clock import NodeClock
from domain.nodes import Node
from domain.people import PLATFORM, SYSTEM, Actor
from domain.trace import trace
from domain.warnings import LEVELS
from domain.wrong.ladder import next_climb


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
    for node in trace(events, world.policy, world.calendar).nodes:
        due, until = node.due_at, node.ended_at or world.anchor
        if due is None or node.yellow_at is None:
            continue
        late_from = max(due, node.started_at)
        over = until > due
        slow_from = max(node.yellow_at, node.started_at)
        if slow_from < min(until, late_from):
            # A slow warning ends with its node, or gives way to the late one.
            end = (late_from, "late") if over else _end(node)
            found += _warn(world, node, _Span(WarningKind.SLOW, slow_from, end), random)
            if node.node in (Node.RECTIFY, Node.POST_CHECK) and random.random() < 0.3:
                found += _chase(world, node, random)
        if over:
            found += _warn(world, node, _Span(WarningKind.LATE, late_from, _end(node)), random)
            rule = world.policy.sentences[WarningKind.LATE.value]
            reds.append(RedLate(number, late_from, node.node, node.round, node.body, node.ended_at, rule))
    return found, reds


@dataclass(frozen=True, slots=True)
class _Span:
    """From when to when a warning ran; `end` has the reason, None while it runs."""

    kind: WarningKind
    since: datetime
    end: tuple[datetime, str] | None


def _warn(world: World, node: NodeClock, span: _Span, random: Random) -> Iterator[Event]:
    level = LEVELS[span.kind]
    cause = (span.kind, level, node.node, node.round, node.leg)
    rule = world.policy.sentences[span.kind.value]
    since = span.since.astimezone(UTC)
    fact = WarningRaised(*cause, node.body, rule, node.part)
    yield Event(since, SYSTEM, fact)
    noted = since + timedelta(seconds=random.randint(60, 1500))
    red = level is WarningLevel.RED
    # What is red and still runs waits for somebody at the screen to acknowledge it.
    waits = span.end is None and red
    until = world.anchor if span.end is None else span.end[0]
    ends = until if span.end is not None else None
    if noted < until and not waits and random.random() < (0.8 if red else 0.25):
        seen = WarningAcknowledged(*cause, _note(world, random), node.part)
        yield Event(noted, _who(world, node.body, noted, random), seen)
        ends = noted
    yield from climbs(world, fact, since, ends)
    if span.end is not None:
        at, reason = span.end
        yield Event(at.astimezone(UTC), SYSTEM, WarningCleared(*cause, reason, node.part))


def climbs(world: World, fact: WarningRaised, since: datetime, until: datetime | None) -> Iterator[Event]:
    """Yield the steps of the ladder that a warning took before somebody took note of it, or it was over."""
    step = 0
    while climb := next_climb(world.policy.ladder, fact.level, since, step, until):
        if climb.at > world.anchor:
            return
        step = climb.step
        cause = (fact.kind, fact.level, fact.node, fact.round, fact.leg)
        climbed = WarningEscalated(*cause, climb.step, climb.to, fact.part, fact.rule_id)
        yield Event(climb.at.astimezone(UTC), SYSTEM, climbed)


def acknowledged(
    world: World, fact: WarningRaised, since: datetime, random: Random, often: float
) -> list[Event]:
    """Return who took note of a warning, as often as is said; what is of the last hours waits for a hand."""
    at = since + timedelta(seconds=random.randint(60, 5400))
    if at > world.anchor - timedelta(hours=9) or random.random() >= often:
        return []
    cause = (fact.kind, fact.level, fact.node, fact.round, fact.leg)
    seen = WarningAcknowledged(*cause, _note(world, random), fact.part, fact.rule_id)
    return [Event(at.astimezone(UTC), _who(world, fact.body, at, random), seen)]


def _end(node: NodeClock) -> tuple[datetime, str] | None:
    if node.ended_at is None or node.end is None:
        return None
    return node.ended_at, node.end.value


def _chase(world: World, node: NodeClock, random: Random) -> Iterator[Event]:
    assert node.yellow_at is not None
    at = node.yellow_at.astimezone(UTC) + timedelta(seconds=random.randint(300, 2400))
    if at < (node.ended_at or world.anchor):
        yield Event(at, world.on_duty(at), Chased(world.texts.step("chase", random)))


def _who(world: World, body: str | None, at: datetime, random: Random) -> Actor:
    if body is None or body == PLATFORM or random.random() < 0.5:
        return world.on_duty(at)
    return world.handler(body, random)


def _note(world: World, random: Random) -> str:
    return world.texts.step("acknowledge", random)
