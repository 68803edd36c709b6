"""A ticket's clocks at a moment: `clock(events, policy, calendar, now)` is a pure function.

Any past minute can be replayed, and a changed policy tried on old tickets; a stored due time is only a cache
of what stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.calendar import WorkCalendar
from domain.due import CountedDay, DueSource, Pause, counted_days
from domain.events import Event
from domain.node_clock import NodeClock
from domain.nodes import Node, NodeStatus, TicketState
from domain.policy import ClockKind, Holder, Limit, NodeRule, Policy
from domain.ticket_trace import Trace
from domain.trace import trace


@dataclass(frozen=True, slots=True)
class TicketClock:
    """A ticket's clocks at one moment. `upcoming` are nodes of the policy that have not started yet."""

    as_of: datetime
    policy: Policy
    trace: Trace
    upcoming: tuple[NodeRule, ...]

    @property
    def state(self) -> TicketState:
        """The ticket's colour: the worst of its open nodes."""
        return state_of(self.trace, self.as_of)

    def status(self, node: NodeClock) -> NodeStatus:
        """Return how one of the clocks stands now."""
        return node.status(self.as_of)


@dataclass(frozen=True, slots=True)
class DueExplanation:
    """Why a node is due when it is. `days` only for working clocks; `provisional` when a year is a guess."""

    node: Node
    limit: Limit | None
    started_at: datetime
    due_at: datetime | None
    source: DueSource
    days: tuple[CountedDay, ...]
    pauses: tuple[Pause, ...]
    provisional: bool


def clock(events: Iterable[Event], policy: Policy, calendar: WorkCalendar, now: datetime) -> TicketClock:
    """Return a ticket's clocks as they stood at `now`: events after it have not happened yet.

    Raises:
        ValueError: the ticket had not been received by then.
    """
    traced = trace([event for event in events if event.at <= now], policy, calendar)
    return TicketClock(now, policy, traced, _upcoming(traced, policy))


def _upcoming(traced: Trace, policy: Policy) -> tuple[NodeRule, ...]:
    if traced.closed_at is not None:
        return ()
    running = {node.node for node in traced.open_nodes if node.part == 0}
    waits = traced.lead is None and Node.DISPATCH in running
    coming: dict[Node, NodeRule] = {}
    for rule in policy.rules:
        if rule.node in running or (rule.first_round_only and traced.round > 1):
            continue
        follows = rule.start in running or rule.start in coming
        # A ticket sent back as wrong: the next body's clocks start with its dispatch.
        if follows or (waits and rule.start is None and rule.holder is Holder.BODY):
            coming[rule.node] = rule
    return tuple(coming.values())


def state_of(traced: Trace, now: datetime) -> TicketState:
    """Return the colour of a ticket at a moment, from what its events say."""
    if traced.closed_at is not None and traced.closed_at <= now:
        return TicketState.CLOSED
    statuses = {node.status(now) for node in traced.open_nodes}
    if NodeStatus.OVERDUE in statuses:
        return TicketState.OVERDUE
    if NodeStatus.DUE_SOON in statuses:
        return TicketState.DUE_SOON
    if NodeStatus.PAUSED in statuses:
        return TicketState.PAUSED
    return TicketState.DONE if traced.rectified else TicketState.ON_TIME


def explain(node: NodeClock, calendar: WorkCalendar) -> DueExplanation:
    """Return why a node is due when it is, day by day for a working clock."""
    days: tuple[CountedDay, ...] = ()
    working = node.limit is not None and node.limit.kind is ClockKind.WORKING
    if working and node.due_at is not None and node.due_source is DueSource.POLICY:
        days = counted_days(node.started_at, node.due_at, calendar, node.pauses)
    within = tuple(
        pause
        for pause in node.pauses
        if (pause.end is None or pause.end > node.started_at)
        and (node.due_at is None or pause.start < node.due_at)
    )
    return DueExplanation(
        node.node,
        node.limit,
        node.started_at,
        node.due_at,
        node.due_source,
        days,
        within,
        any(day.provisional for day in days),
    )
