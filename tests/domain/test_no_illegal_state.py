"""No sequence of commands makes an illegal state; every refusal has a reason; the past stays as it was shown.

What must hold of a ticket at any time, whatever was ordered, with its source:

1. A clock is named by round, leg, part and node (the key of the cache); at most one runs for a node and part.
2. Rounds only grow (Y16), and what has ended stays as it ended (T11). A merger alone hands clocks over for as
   long as it lasts: split off, they go on (B10).
3. A clock ends no earlier than it starts. A closed ticket, and a merged one, has no running clock (Y14, X08).
4. Time is charged to who had the ticket (product.md): no moment of a node twice to one body or to two leads;
   from a dispatch to a return every clock of the body's is the lead's, and before a dispatch nobody's. So the
   lead's charged times of a node add up to no more than the ticket's age.
5. A ticket is paused as a whole or not at all, and its pauses do not overlap (product.md, Clocks).
6. Closed by the office, nothing that a body owes was skipped (T03, T04), and every subject has a result where
   the lead said that it was done (B24).
7. Each cause is warned of once, at any time (product.md, Warnings), and rules of procedure can be judged.
8. Whatever was recorded can be written and read again unchanged (T11).
9. Any moment of the past is what was shown then (X13, the replay).
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import events as e
from domain.case_fold import fold_case
from domain.clock import TicketClock, clock
from domain.codec import decode, encode
from domain.due import running_time
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node
from domain.people import Actor, Role
from domain.policy import Holder
from domain.rights import COMMAND_OF, RIGHTS, Reason, RefusedError
from domain.steps import NODE_OF, OWED, possible_steps
from domain.urgency import Urgency
from domain.warnings import warnings_of
from domain.wrong.judge import judge
from domain.wrong.surroundings import Surroundings
from tests.domain.commands import (
    ACTORS,
    NOT_ORDERABLE,
    ORDERABLE,
    POLICIES,
    TICKETS,
    City,
    facts,
)
from widgets.refusals import refusal_text


class Commands(RuleBasedStateMachine):
    """All roles order about two tickets, as it is possible and as it is not; time goes by."""

    @initialize(
        policy=st.sampled_from(range(len(POLICIES))),
        urgencies=st.tuples(*[st.sampled_from(Urgency)] * len(TICKETS)),
    )
    def begin(self, policy: int, urgencies: tuple[Urgency, ...]) -> None:
        self.city = City(POLICIES[policy], dict(zip(TICKETS, urgencies, strict=True)))
        self.shown: dict[str, dict[datetime, TicketClock]] = {number: {} for number in TICKETS}
        self.last: dict[str, TicketClock] = {}
        self.look()

    # --- what happens ----------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 4, 60, 300]) | st.integers(0, 60 * 24 * 6))
    def wait(self, minutes: int) -> None:
        self.city.now += timedelta(minutes=minutes)

    @rule(
        data=st.data(),
        number=st.sampled_from(TICKETS),
        steps=st.integers(1, 8),
        minutes=st.sampled_from([0, 3, 50, 600]),
    )
    def go_on(self, data: st.DataObject, number: str, steps: int, minutes: int) -> None:
        """Take some steps of the procedure, one after the other, as those do who are to take them."""
        for _ in range(steps):
            self.city.now += timedelta(minutes=minutes)
            ahead = [
                (actor, kind)
                for actor in ACTORS
                for kind in possible_steps(self.city.clock(number), actor)
                if kind in NODE_OF or kind in (e.Resumed, e.ReturnedAsWrong)
            ]
            if not ahead:
                return
            actor, kind = data.draw(st.sampled_from(ahead))
            self.order(number, actor, data.draw(facts(kind, self.city.now, whatever=False)))

    @rule(data=st.data(), number=st.sampled_from(TICKETS), minutes=st.integers(0, 90))
    def do_what_is_possible(self, data: st.DataObject, number: str, minutes: int) -> None:
        self.city.now += timedelta(minutes=minutes)
        offers = {actor: self.city.possible(number, actor) for actor in ACTORS}
        actor = data.draw(st.sampled_from([actor for actor in ACTORS if offers[actor]] or [ACTORS[0]]))
        if offers[actor]:
            kind = data.draw(st.sampled_from(offers[actor]))
            self.order(number, actor, data.draw(facts(kind, self.city.now, whatever=False)))

    @rule(
        data=st.data(),
        number=st.sampled_from(TICKETS),
        actor=st.sampled_from(ACTORS),
        kind=st.sampled_from(ORDERABLE),
    )
    def order_whatever(self, data: st.DataObject, number: str, actor: Actor, kind: type[e.Fact]) -> None:
        self.order(number, actor, data.draw(facts(kind, self.city.now, whatever=True)))

    @rule(number=st.sampled_from(TICKETS), actor=st.sampled_from(ACTORS), fact=st.sampled_from(NOT_ORDERABLE))
    def order_what_nobody_may(self, number: str, actor: Actor, fact: e.Fact) -> None:
        count = len(self.city.events[number])
        self.order(number, actor, fact)
        assert len(self.city.events[number]) == count

    @rule(main=st.sampled_from(TICKETS), repeat=st.sampled_from(TICKETS), actor=st.sampled_from(ACTORS[:3]))
    def merge(self, main: str, repeat: str, actor: Actor) -> None:
        self.try_to(lambda: self.city.merge(main, repeat, actor))

    @rule(number=st.sampled_from(TICKETS), actor=st.sampled_from(ACTORS[:3]))
    def split(self, number: str, actor: Actor) -> None:
        self.try_to(lambda: self.city.split(number, actor))

    def order(self, number: str, actor: Actor, fact: e.Fact) -> None:
        note(f"{self.city.now:%m-%d %H:%M} {number} {actor.role} {actor.body}: {fact}")
        before = len(self.city.events[number])
        self.try_to(lambda: self.city.order(number, actor, fact))
        for event in self.city.events[number][before:]:
            command = COMMAND_OF[type(event.fact)]
            assert actor.role in RIGHTS[command]
            if actor.role is Role.HANDLER:
                assert actor.body is not None

    def try_to(self, order: Callable[[], None]) -> None:
        """Give an order: it is carried out, or refused with a reason that the screen has words for."""
        before = {number: list(events) for number, events in self.city.events.items()}
        try:
            order()
        except RefusedError as error:
            refused = error
        else:
            self.look()
            return
        assert isinstance(refused.reason, Reason)
        said = refusal_text(refused)
        assert said
        assert not set(said) & set("{}")
        assert self.city.events == before

    def look(self) -> None:
        for number in TICKETS:
            self.shown[number][self.city.now] = self.city.clock(number)

    # --- what must hold --------------------------------------------------------------------------------

    @invariant()
    def every_ticket_is_sound(self) -> None:
        for number in TICKETS:
            ticket, before = self.city.clock(number), self.last.get(number)
            trace = ticket.trace
            check_names(trace.nodes, trace.open_nodes)
            check_ends(ticket)
            check_charges(ticket, self.city.events[number])
            check_pauses(ticket)
            check_close(ticket)
            if before is not None:
                assert trace.round >= before.trace.round
                if trace.merged_into is None and before.trace.merged_into is None:
                    assert {n for n in before.trace.nodes if n.end is not None} <= set(trace.nodes)
            self.last[number] = ticket

    @invariant()
    def warnings_and_rules_are_sound(self) -> None:
        for number in TICKETS:
            ticket, events = self.city.clock(number), self.city.events[number]
            causes = Counter((w.round, w.leg, w.part, w.node, w.kind) for w in warnings_of(ticket))
            assert not causes or max(causes.values()) == 1
            found = judge(events, ticket.policy, self.city.calendar, Surroundings(), self.city.now).violations
            broken = Counter(
                (v.rule.id, v.place.round, v.place.leg, v.place.part, v.place.node) for v in found
            )
            assert not broken or max(broken.values()) == 1
            assert all(v.at <= self.city.now for v in found)

    @invariant()
    def cases_are_sound(self) -> None:
        for number in TICKETS:
            case = fold_case(self.city.events[number])
            for things in (
                case.subjects,
                case.records,
                case.requests,
                case.questions,
                case.transfers,
                case.responsibilities,
                case.marks,
            ):
                assert [thing.number for thing in things] == list(range(1, len(things) + 1))
            asked = Counter((r.kind, r.body, r.node) for r in case.open_requests)
            assert not asked or max(asked.values()) == 1
            if self.city.clock(number).trace.closed_at is not None:
                assert not case.open_requests

    def teardown(self) -> None:
        if not hasattr(self, "city"):
            return
        for number, events in self.city.events.items():
            assert [decode(*encode(event.fact)) for event in events] == [event.fact for event in events]
            for moment, seen in self.shown[number].items():
                assert clock(events, seen.policy, self.city.calendar, moment) == seen


def check_names(nodes: tuple[NodeClock, ...], running: tuple[NodeClock, ...]) -> None:
    keys = Counter((n.round, n.leg, n.part, n.node) for n in nodes)
    assert max(keys.values()) == 1
    at_work = Counter((n.part, n.node) for n in running)
    assert not at_work or max(at_work.values()) == 1


def check_ends(ticket: TicketClock) -> None:
    trace = ticket.trace
    for node in trace.nodes:
        assert (node.end is None) == (node.ended_at is None)
        assert trace.received_at <= node.started_at <= (node.ended_at or ticket.as_of)
        assert node.round <= trace.round
    if trace.closed_at is not None:
        assert not trace.open_nodes
        assert not ticket.upcoming


def check_charges(ticket: TicketClock, events: list[e.Event]) -> None:
    trace, now = ticket.trace, ticket.as_of
    spans: dict[tuple[object, ...], list[NodeClock]] = {}
    for node in trace.nodes:
        if node.part == 0:
            spans.setdefault(("lead", node.node), []).append(node)
        if node.body is not None:
            spans.setdefault((node.body, node.node), []).append(node)
    for key, clocks in spans.items():
        clocks.sort(key=lambda n: (n.started_at, n.ended_at or now))
        for first, then in pairwise(clocks):
            assert first.ended_at is not None, key
            assert first.ended_at <= then.started_at, key
        if key[0] == "lead":
            charged = sum(
                (running_time(n.started_at, n.ended_at or now, n.pauses) for n in clocks), timedelta()
            )
            assert timedelta() <= charged <= now - trace.received_at
    held = trace.lead
    for node in trace.open_nodes:
        rule_ = ticket.policy.rule(node.node)
        assert rule_ is not None
        if node.part > 0:
            assert node.body in trace.assisting
            assert node.body != held
        elif rule_.holder is Holder.BODY and node.round == trace.round:
            assert node.body == held
        elif rule_.holder is Holder.PLATFORM:
            assert node.body == "platform"
    if not any(isinstance(event.fact, e.Dispatched) for event in events):
        assert all(n.body in (None, "platform") for n in trace.nodes)


def check_pauses(ticket: TicketClock) -> None:
    trace = ticket.trace
    paused = {node.paused for node in trace.open_nodes}
    assert len(paused) <= 1
    for first, then in pairwise(trace.pauses):
        assert first.end is not None
        assert first.end <= then.start
    for pause in trace.pauses:
        assert pause.start <= (pause.end or ticket.as_of)


def check_close(ticket: TicketClock) -> None:
    trace = ticket.trace
    if trace.closed_at is None or trace.merged_into is not None:
        return
    closing = [n for n in trace.nodes if n.node is Node.CLOSE and n.end is NodeEnd.DONE]
    if closing:
        skipped = [n for n in trace.nodes if n.end is NodeEnd.SKIPPED and n.ended_at == trace.closed_at]
        assert not [n for n in skipped if n.node in OWED or n.part > 0]


Commands.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, derandomize=True
)
TestCommands = pytest.mark.filterwarnings("default::DeprecationWarning")(Commands.TestCase)
