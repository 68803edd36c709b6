"""What follows from a ticket's events alone: rounds, legs, and a clock for each node.

A ticket has rounds (a bounce-back starts the next) and, in a round, legs (a hand-over to another body starts
the next). In each leg every node has its own clock, charged to the body that held the ticket.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import WorkCalendar
from domain.due import Pause, due_time
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Extended,
    FedBack,
    Filed,
    Paused,
    Penalised,
    PostChecked,
    Received,
    Rectified,
    Resumed,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.nodes import ORDER, Node, NodeStatus
from domain.people import PLATFORM, Actor
from domain.policy import Holder, Limit, NodeRule, Policy


class DueSource(StrEnum):
    """Where a due time comes from. NONE: the node has no limit, and is never late."""

    POLICY = "policy"
    SOURCE = "source"
    EXTENSION = "extension"
    NONE = "none"


class NodeEnd(StrEnum):
    """How a node's clock ended. SKIPPED: the ticket went on, or was closed, without it."""

    DONE = "done"
    HANDED_OVER = "handed_over"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class NodeClock:
    """One clock: a node in a round and leg, charged to `body` (None while nobody holds it).

    `due_at` is None while paused and where there is no limit. `yellow_at` is when it becomes slow.
    `handler` is the lead body of the ticket then, whoever the node is charged to; `passed` is what a
    revisit or a post-check found.
    """

    node: Node
    round: int
    leg: int
    body: str | None
    person: str | None
    limit: Limit | None
    started_at: datetime
    due_at: datetime | None
    due_source: DueSource
    yellow_at: datetime | None
    ended_at: datetime | None
    end: NodeEnd | None
    paused: bool
    sample: bool
    handler: str | None = None
    passed: bool | None = None

    def status(self, now: datetime) -> NodeStatus:
        """Return how the node stands at a moment. Done exactly when due is on time."""
        if self.ended_at is not None:
            if self.due_at is not None and self.ended_at > self.due_at:
                return NodeStatus.LATE
            return _ENDED[self.end or NodeEnd.DONE]
        if self.paused and (self.due_at is None or now <= self.due_at):
            return NodeStatus.PAUSED
        if self.due_at is not None and now > self.due_at:
            return NodeStatus.OVERDUE
        if self.yellow_at is not None and now >= self.yellow_at:
            return NodeStatus.DUE_SOON
        return NodeStatus.RUNNING

    def used_share(self, now: datetime) -> float | None:
        """Return the share of the time up to the due time that is used, 1.0 at the limit."""
        if self.due_at is None:
            return None
        span = (self.due_at - self.started_at).total_seconds()
        used = ((self.ended_at or now) - self.started_at).total_seconds()
        return used / span if span > 0 else (0.0 if used <= 0 else 2.0)


_ENDED = {
    NodeEnd.DONE: NodeStatus.ON_TIME,
    NodeEnd.HANDED_OVER: NodeStatus.HANDED_OVER,
    NodeEnd.SKIPPED: NodeStatus.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Trace:
    """What follows from a ticket's events alone. `nodes` are in order of round, leg and procedure."""

    received: Received
    received_at: datetime
    nodes: tuple[NodeClock, ...]
    round: int
    lead: str | None
    assisting: tuple[str, ...]
    pauses: tuple[Pause, ...]
    rectified: bool
    closed_at: datetime | None
    satisfied: bool | None
    bounces: int

    @property
    def open_nodes(self) -> tuple[NodeClock, ...]:
        """Clocks that have not ended."""
        return tuple(node for node in self.nodes if node.ended_at is None)

    @property
    def current(self) -> NodeClock | None:
        """The first unfinished node of the procedure, None when all is done."""
        running = [node for node in self.nodes if node.ended_at is None]
        return min(running, key=_position) if running else None


def trace(events: Iterable[Event], policy: Policy, calendar: WorkCalendar) -> Trace:
    """Return what a ticket's events say about its clocks, whatever the time is.

    Events are taken in their order of time. One for a node that is not running changes no clock: whether it
    breaks a rule of procedure is a matter of warnings, not of clocks.

    Raises:
        ValueError: the first event is not `Received`.
    """
    return _Tracer(policy, calendar).run(events)


@dataclass(slots=True)
class _Running:
    rule: NodeRule
    round: int
    leg: int
    body: str | None
    started_at: datetime


@dataclass(slots=True)
class _Tracer:
    policy: Policy
    calendar: WorkCalendar
    received: Received | None = None
    received_at: datetime | None = None
    round: int = 1
    leg: int = 1
    lead: str | None = None
    assisting: tuple[str, ...] = ()
    running: dict[Node, _Running] = field(default_factory=dict)
    ended: list[NodeClock] = field(default_factory=list)
    overrides: dict[Node, tuple[datetime | None, DueSource]] = field(default_factory=dict)
    pauses: list[Pause] = field(default_factory=list)
    rectified: bool = False
    violation: bool = False
    satisfied: bool | None = None
    closed_at: datetime | None = None

    def run(self, events: Iterable[Event]) -> Trace:
        for event in events:
            self.apply(event)
        if self.received is None or self.received_at is None:
            raise ValueError("a ticket's first event is Received")
        running = [self.snapshot(entry, None, None, None) for entry in self.running.values()]
        nodes = sorted([*self.ended, *running], key=_position)
        if self.closed_at is None and not running and nodes:
            self.closed_at = max(node.ended_at for node in nodes if node.ended_at is not None)
        return Trace(
            self.received,
            self.received_at,
            tuple(nodes),
            self.round,
            self.lead,
            self.assisting,
            tuple(self.pauses),
            self.rectified,
            self.closed_at,
            self.satisfied,
            self.round - 1,
        )

    def apply(self, event: Event) -> None:
        at, actor = event.at, event.actor
        match event.fact:
            case Received() as fact:
                self.received, self.received_at = fact, at
                self.start_after(None, at)
            case DueSupplied(node=node, due=due):
                self.overrides[node] = due, DueSource.SOURCE if due is not None else DueSource.NONE
            case Extended(node=node, due=due):
                self.overrides[node] = due, DueSource.EXTENSION
            case Accepted():
                self.complete(Node.ACCEPT, at, actor)
            case Dispatched(lead=lead, assisting=assisting):
                self.dispatch(lead, assisting, at, actor)
            case ReturnedAsWrong():
                self.hand_over(at)
                self.lead = None
                self.start(self.policy.rule(Node.DISPATCH), at)
            case Signed():
                self.complete(Node.SIGN, at, actor)
            case Arrived():
                self.complete(Node.ARRIVE, at, actor)
            case Rectified(violation=violation):
                self.rectified, self.violation = True, violation
                self.complete(Node.RECTIFY, at, actor)
            case Filed():
                self.complete(Node.FILE, at, actor)
            case Penalised():
                self.complete(Node.PENALISE, at, actor)
            case FedBack():
                self.complete(Node.FEED_BACK, at, actor)
            case Revisited(satisfied=satisfied):
                self.satisfied = satisfied
                self.complete(Node.REVISIT, at, actor, passed=satisfied)
                if not satisfied:
                    self.bounce(at)
            case PostChecked(passed=passed):
                self.complete(Node.POST_CHECK, at, actor, passed=passed)
                if not passed:
                    self.bounce(at)
            case Paused(reason=reason):
                if not self.is_paused:
                    self.pauses.append(Pause(at, None, reason))
            case Resumed():
                if self.is_paused:
                    self.pauses[-1] = Pause(self.pauses[-1].start, at, self.pauses[-1].reason)
            case Closed():
                self.complete(Node.CLOSE, at, actor)
                self.end_all(tuple(self.running), at, NodeEnd.SKIPPED)
                self.closed_at = at
            case _:
                pass  # warnings, directives and re-supervisions change no clock

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].end is None

    def dispatch(self, lead: str, assisting: tuple[str, ...], at: datetime, actor: Actor) -> None:
        self.complete(Node.DISPATCH, at, actor)
        if self.lead is not None and self.lead != lead:
            self.hand_over(at)
        self.lead, self.assisting = lead, assisting
        if self.leg > 1:
            for rule in self.policy.rules:
                if rule.holder is Holder.BODY and rule.start is None and not self.has_run(rule.node):
                    self.start(rule, at)
        for entry in self.running.values():
            if entry.rule.holder is Holder.BODY and entry.body is None:
                entry.body = lead

    def has_run(self, node: Node) -> bool:
        here = (self.round, self.leg)
        return node in self.running or any(n.node is node and (n.round, n.leg) == here for n in self.ended)

    def hand_over(self, at: datetime) -> None:
        held = tuple(node for node, entry in self.running.items() if entry.rule.holder is Holder.BODY)
        self.end_all(held, at, NodeEnd.HANDED_OVER)
        self.leg += 1

    def bounce(self, at: datetime) -> None:
        # A filed case goes on in its own time: a bounce-back does not undo it.
        unfinished = tuple(node for node in self.running if node not in (Node.FILE, Node.PENALISE))
        self.end_all(unfinished, at, NodeEnd.SKIPPED)
        self.round += 1
        self.leg = 1
        self.rectified = False
        self.overrides.clear()
        self.start_after(None, at)

    def start_after(self, done: Node | None, at: datetime) -> None:
        for rule in self.policy.rules:
            if rule.start is not done:
                continue
            if (rule.violation_only and not self.violation) or (rule.first_round_only and self.round > 1):
                continue
            self.start(rule, at)

    def start(self, rule: NodeRule | None, at: datetime) -> None:
        if rule is None or rule.node in self.running:
            return
        body = PLATFORM if rule.holder is Holder.PLATFORM else None
        if rule.holder is Holder.BODY:
            body = self.lead
        self.running[rule.node] = _Running(rule, self.round, self.leg, body, at)

    def complete(self, node: Node, at: datetime, actor: Actor, *, passed: bool | None = None) -> None:
        entry = self.running.pop(node, None)
        if entry is None:
            return
        if entry.body is None:
            entry.body = actor.body
        self.ended.append(self.snapshot(entry, at, NodeEnd.DONE, actor.name, passed))
        if passed is not False:
            self.start_after(node, at)

    def end_all(self, nodes: Sequence[Node], at: datetime, end: NodeEnd) -> None:
        for node in nodes:
            self.ended.append(self.snapshot(self.running.pop(node), at, end, None))

    def snapshot(
        self,
        entry: _Running,
        ended_at: datetime | None,
        end: NodeEnd | None,
        person: str | None,
        passed: bool | None = None,
    ) -> NodeClock:
        rule, start = entry.rule, entry.started_at
        limit = rule.limits.get(self.received.urgency) if self.received is not None else None
        due: datetime | None = None
        source = DueSource.NONE
        if rule.node in self.overrides:
            due, source = self.overrides[rule.node]
        elif limit is not None:
            due, source = due_time(start, limit, self.calendar, self.pauses), DueSource.POLICY
        return NodeClock(
            rule.node,
            entry.round,
            entry.leg,
            entry.body,
            person,
            limit,
            start,
            due,
            source,
            self.yellow(start, due),
            ended_at,
            end,
            end is None and self.is_paused,
            self.received is not None and rule.is_sample(self.received.urgency),
            self.lead,
            passed,
        )

    def yellow(self, start: datetime, due: datetime | None) -> datetime | None:
        # The share is of wall time between start and due, for both kinds of clock: one line explains it.
        if due is None:
            return None
        seconds = int((due - start).total_seconds() * self.policy.yellow_share)
        return start + timedelta(seconds=seconds) if seconds > 0 else due


def _position(node: NodeClock) -> tuple[int, int, int]:
    return (node.round, node.leg, ORDER[node.node])
