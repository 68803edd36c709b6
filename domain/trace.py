"""What follows from a ticket's events alone: rounds, legs, and a clock for each node.

A ticket has rounds (a bounce-back starts the next) and, in a round, legs (a hand-over to another body starts
the next). In each leg every node has its own clock, charged to the body that held the ticket.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.calendar import WorkCalendar
from domain.case_events import Categorised, MergedInto, SplitOff, SupervisionSignedOff
from domain.due import Pause, share_time
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Extended,
    Fact,
    FedBack,
    Filed,
    JointSupervisionOpened,
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
from domain.given_due import Given, GivenDues
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import ORDER, Node
from domain.people import PLATFORM, Actor
from domain.policy import Holder, NodeRule, Policy
from domain.ticket_trace import Trace
from domain.urgency import Urgency


def trace(events: Iterable[Event], policy: Policy, calendar: WorkCalendar) -> Trace:
    """Return what a ticket's events say about its clocks, whatever the time is.

    Events are taken in their order of time, however they were recorded. One for a node that is not running
    changes no clock: whether it breaks a rule of procedure is a matter of warnings, not of clocks. After the
    ticket is closed, only a revisit or post-check that fails moves it again: into the next round.

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
    part: int = 0


@dataclass(frozen=True, slots=True)
class _Merger:
    main: str
    at: datetime


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
    helping: dict[str, dict[Node, _Running]] = field(default_factory=dict)
    """What each assisting body has to do, by body."""
    assignments: int = 0
    ended: list[NodeClock] = field(default_factory=list)
    given: GivenDues = field(default_factory=GivenDues)
    pauses: list[Pause] = field(default_factory=list)
    rectified: bool = False
    violation: bool = False
    satisfied: bool | None = None
    returned: bool = False
    closed_at: datetime | None = None
    merger: _Merger | None = None
    supervisors: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()

    def run(self, events: Iterable[Event]) -> Trace:
        for event in sorted(events, key=_moment):
            self.apply(event)
        if self.received is None or self.received_at is None:
            raise ValueError("a ticket's first event is Received")
        left = [*self.running.values(), *self.all_helping()]
        if self.merger is None:
            running = [self.snapshot(entry, None, None, None) for entry in left]
        else:
            # They go on when it is split off again; until then the other ticket's are what counts.
            running = [self.snapshot(entry, self.merger.at, NodeEnd.HANDED_OVER, None) for entry in left]
        nodes = sorted([*self.ended, *running], key=_position)
        closed_at = self.closed_at
        if closed_at is None and not running and not self.returned:
            # A policy without the node "close": the ticket leaves the board with its last node.
            closed_at = max((node.ended_at for node in nodes if node.ended_at is not None), default=None)
        return Trace(
            self.received,
            self.received_at,
            tuple(nodes),
            self.round,
            self.lead,
            self.assisting,
            tuple(self.pauses),
            self.rectified,
            closed_at,
            self.satisfied,
            self.round - 1,
            self.merger.main if self.merger is not None else None,
            self.supervisors,
        )

    def apply(self, event: Event) -> None:
        # Arithmetic with a zone's own times would be off by an hour over a change of the clocks.
        at, actor, fact = event.at.astimezone(UTC), event.actor, event.fact
        if self.received is None:
            if not isinstance(fact, Received):
                raise ValueError("a ticket's first event is Received")
            self.received, self.received_at = fact, at
            self.start_after(None, at)
            return
        if self.merger is not None:
            self.while_merged(fact, at)
            return
        if isinstance(fact, Categorised):
            self.received = replace(self.received, category=fact.category)
            return
        if self.closed_at is not None and not isinstance(fact, Revisited | PostChecked):
            return
        if self.helped(fact, at, actor):
            return
        match fact:
            case DueSupplied(node=node, due=due):
                self.given.supplied[node] = Given(due, at, self.leg)
            case Extended(node=node, due=due):
                self.given.extended[node] = Given(due, at, self.leg)
            case Accepted():
                self.complete(Node.ACCEPT, at, actor)
            case Dispatched(lead=lead, assisting=assisting):
                self.dispatch(lead, assisting, at, actor)
            case ReturnedAsWrong():
                self.take_back(at)
            case Signed():
                self.complete(Node.SIGN, at, actor)
            case Arrived():
                self.complete(Node.ARRIVE, at, actor)
            case Rectified(violation=violation):
                if Node.RECTIFY in self.running or self.policy.rule(Node.RECTIFY) is None:
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
                self.check(Node.REVISIT, at, actor, satisfied)
            case PostChecked(passed=passed):
                self.check(Node.POST_CHECK, at, actor, passed)
            case Paused(reason=reason):
                if not self.is_paused:
                    self.pauses.append(Pause(at, None, reason))
            case Resumed():
                self.resume(at)
            case JointSupervisionOpened(bodies=bodies):
                self.supervisors = self.joint = bodies
            case SupervisionSignedOff():
                self.supervisors = tuple(key for key in self.supervisors if key != actor.body)
            case Closed():
                self.complete(Node.CLOSE, at, actor)
                self.end_all(tuple(self.running), at, NodeEnd.SKIPPED)
                self.end_help(tuple(self.helping), at, NodeEnd.SKIPPED)
                self.resume(at)
                self.closed_at = at
            case MergedInto(main=main):
                self.resume(at)
                self.merger, self.closed_at = _Merger(main, at), at
            case _:
                pass  # warnings, directives and re-supervisions change no clock

    def while_merged(self, fact: Fact, at: datetime) -> None:
        if isinstance(fact, SplitOff) and self.merger is not None:
            # The time between was nobody's: for the clocks that go on now it was a standstill.
            if at > self.merger.at:
                self.pauses.append(Pause(self.merger.at, at, fact.reason))
            self.merger = self.closed_at = None

    def helped(self, fact: Fact, at: datetime, actor: Actor) -> bool:
        """Let a step of an assisting body end its own clock; return whether it was one."""
        body = actor.body
        if body is None or body == self.lead or body not in self.helping:
            return False
        match fact:
            case Signed():
                node = Node.SIGN
            case Arrived():
                node = Node.ARRIVE
            case Rectified():
                node = Node.RECTIFY
            case ReturnedAsWrong():
                self.end_help((body,), at, NodeEnd.HANDED_OVER)
                self.assisting = tuple(key for key in self.assisting if key != body)
                return True
            case _:
                return False
        entry = self.helping[body].pop(node, None)
        if entry is not None:
            self.ended.append(self.snapshot(entry, at, NodeEnd.DONE, actor.name))
        return True

    def all_helping(self) -> list[_Running]:
        return [entry for entries in self.helping.values() for entry in entries.values()]

    def end_help(self, bodies: Sequence[str], at: datetime, end: NodeEnd) -> None:
        for body in bodies:
            for entry in self.helping.pop(body, {}).values():
                self.ended.append(self.snapshot(entry, at, end, None))

    def bring_in(self, at: datetime) -> None:
        """Start the clocks of assisting bodies that are new, and end those of bodies that no longer help."""
        self.end_help([b for b in self.helping if b not in self.assisting], at, NodeEnd.HANDED_OVER)
        rules = [rule for rule in self.policy.rules if rule.assisting]
        for body in self.assisting:
            if rules and body not in self.helping and body != self.lead:
                self.assignments += 1
                self.helping[body] = {
                    rule.node: _Running(rule, self.round, self.leg, body, at, self.assignments)
                    for rule in rules
                }

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].end is None

    def resume(self, at: datetime) -> None:
        self.pauses = list(self.pauses_until(at))

    def pauses_until(self, at: datetime) -> tuple[Pause, ...]:
        if not self.is_paused:
            return tuple(self.pauses)
        return (*self.pauses[:-1], replace(self.pauses[-1], end=at))

    def dispatch(self, lead: str, assisting: tuple[str, ...], at: datetime, actor: Actor) -> None:
        self.complete(Node.DISPATCH, at, actor)
        if self.lead is not None and self.lead != lead:
            self.hand_over(at)
        self.lead, self.assisting, self.returned = lead, assisting, False
        if self.leg > 1:
            for rule in self.policy.rules:
                begins = self.start_of(rule) in (None, Node.DISPATCH)
                if rule.holder is Holder.BODY and begins and not self.has_run(rule.node):
                    self.start(rule, at)
        for entry in self.running.values():
            if entry.rule.holder is Holder.BODY and entry.body is None:
                entry.body = lead
        self.assisting = tuple(key for key in self.assisting if key != lead)
        self.bring_in(at)

    def has_run(self, node: Node) -> bool:
        here = (self.round, self.leg)
        return node in self.running or any(n.node is node and (n.round, n.leg) == here for n in self.ended)

    def take_back(self, at: datetime) -> None:
        if self.lead is None:
            return  # nobody holds it: there is nothing to send back
        self.hand_over(at)
        self.lead, self.returned = None, True
        self.start(self.policy.rule(Node.DISPATCH), at)

    def hand_over(self, at: datetime) -> None:
        # What a body held, and what followed from its work, ends here; the next body begins anew. An
        # extension was granted to the one that asked for it.
        held = tuple(
            node
            for node, entry in self.running.items()
            if entry.round == self.round and node is not Node.DISPATCH
            if entry.rule.holder is Holder.BODY or entry.rule.start is not None
        )
        self.end_all(held, at, NodeEnd.HANDED_OVER)
        self.leg += 1
        self.rectified = False
        self.given.keep_extensions(self.running.keys())

    def check(self, node: Node, at: datetime, actor: Actor, passed: bool) -> None:
        self.complete(node, at, actor, passed=passed)
        self.supervisors = self.supervisors if passed else self.joint
        # A check of work that nobody has reported done is out of order, and must not hand out fresh clocks.
        if not passed and (self.rectified or not self.running):
            self.bounce(at)

    def bounce(self, at: datetime) -> None:
        # A filed case goes on in its own time: a bounce-back does not undo it.
        unfinished = tuple(node for node in self.running if node not in (Node.FILE, Node.PENALISE))
        self.end_all(unfinished, at, NodeEnd.SKIPPED)
        self.end_help(tuple(self.helping), at, NodeEnd.SKIPPED)
        self.round += 1
        self.leg = 1
        self.rectified = False
        self.closed_at = None
        self.given.keep(self.running.keys())
        self.start_after(None, at)
        self.bring_in(at)

    def start_of(self, rule: NodeRule) -> Node | None:
        # A node that a later round does not repeat cannot start anything there: its own start does.
        start = rule.start
        while start is not None and self.round > 1:
            before = self.policy.rule(start)
            if before is None or not before.first_round_only:
                break
            start = before.start
        return start

    def start_after(self, done: Node | None, at: datetime, before: _Running | None = None) -> None:
        for rule in self.policy.rules:
            if self.start_of(rule) is not done:
                continue
            if (rule.violation_only and not self.violation) or (rule.first_round_only and self.round > 1):
                continue
            self.start(rule, at, before)

    def start(self, rule: NodeRule | None, at: datetime, before: _Running | None = None) -> None:
        if rule is None or rule.node in self.running:
            return
        body = PLATFORM if rule.holder is Holder.PLATFORM else None
        if rule.holder is Holder.BODY:
            body = self.lead
        round_, leg = self.round, self.leg
        if before is not None and before.round < self.round:
            # A case of an earlier round stays there, with the body that filed it.
            round_, leg, body = before.round, before.leg, before.body
        self.running[rule.node] = _Running(rule, round_, leg, body, at)

    def complete(self, node: Node, at: datetime, actor: Actor, *, passed: bool | None = None) -> None:
        entry = self.running.pop(node, None)
        if entry is None:
            return
        if entry.body is None:
            entry.body = actor.body
        self.ended.append(self.snapshot(entry, at, NodeEnd.DONE, actor.name, passed))
        if passed is not False:
            self.start_after(node, at, entry)

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
        urgency = self.received.urgency if self.received is not None else Urgency.ORDINARY
        limit = rule.limits.get(urgency)
        # Done while paused: the pause ends for this clock with the work, and is not lost.
        pauses = tuple(self.pauses) if ended_at is None else self.pauses_until(ended_at)
        # What a source or an extension gave, it gave to the lead.
        given = self.given if entry.part == 0 else GivenDues()
        due, source = given.due(rule.node, entry.leg, start, limit, self.calendar, pauses)
        yellow = None if due is None else share_time(start, due, self.policy.yellow_share, pauses)
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
            yellow,
            ended_at,
            end,
            end is None and self.is_paused,
            rule.is_sample(urgency),
            self.lead,
            passed,
            pauses,
            entry.part,
        )


def _moment(event: Event) -> datetime:
    return event.at


def _position(node: NodeClock) -> tuple[int, int, int, int]:
    return (node.round, node.leg, ORDER[node.node], node.part)
