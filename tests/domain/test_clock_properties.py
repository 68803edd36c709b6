"""What must hold of the clocks of any ticket, whatever happens to it, in or out of order."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.clock import clock, explain
from domain.due import DueSource
from domain.events import (
    Accepted,
    Arrived,
    Chased,
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Extended,
    Fact,
    FedBack,
    Filed,
    Paused,
    Penalised,
    PostChecked,
    Rectified,
    Resumed,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.node_clock import NodeEnd
from domain.nodes import Node, NodeStatus, TicketState
from domain.policy import ClockKind, Holder
from domain.urgency import Urgency
from domain.warnings import warnings_of
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, STANDARD, at, policy_of, received

POLICIES = [STANDARD, policy_of("reply"), policy_of("source-due")]
START = at("2026-09-17 16:00")
MINUTES = st.integers(0, 60 * 24 * 40)
MOMENTS = MINUTES.map(lambda minutes: START + timedelta(minutes=minutes))
NODES = st.sampled_from(Node)
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.just(Accepted()),
    st.sampled_from(["housing", "ecology"]).map(Dispatched),
    st.just(Signed()),
    st.just(Arrived()),
    st.booleans().map(lambda found: Rectified(violation=found)),
    st.just(Filed("立案")),
    st.just(Penalised("罚", 1)),
    st.just(FedBack("电话")),
    st.booleans().map(Revisited),
    st.booleans().map(PostChecked),
    st.just(Paused("等待", "王磊")),
    st.just(Resumed()),
    st.just(ReturnedAsWrong("非职责")),
    st.just(Chased("催办")),
    st.builds(DueSupplied, NODES, st.none() | MOMENTS, st.just("12345")),
    st.builds(Extended, NODES, MOMENTS, st.just("雨季"), st.just("王磊")),
)
ENDS = FACTS | st.just(Closed(""))
ACTORS = st.sampled_from([DUTY, HOUSING, ECOLOGY])


@st.composite
def streams(draw: st.DrawFn) -> tuple[Event, ...]:
    """A received ticket, then anything: gaps of minutes or of days, some of them none at all."""
    moment = START
    events = [Event(moment, DUTY, received(draw(st.sampled_from(Urgency))))]
    for _ in range(draw(st.integers(0, 14))):
        gap = draw(st.sampled_from([0, 1, 4, 60, 300]) | st.integers(0, 60 * 24 * 4))
        moment += timedelta(minutes=gap)
        events.append(Event(moment, draw(ACTORS), draw(ENDS)))
    return tuple(events)


def life(*facts: Fact) -> tuple[Event, ...]:
    """The facts an hour apart."""
    begin = [Event(START, DUTY, received(Urgency.FIRST)), Event(START, DUTY, Dispatched("housing"))]
    steps = [Event(START + timedelta(hours=n + 1), HOUSING, fact) for n, fact in enumerate(facts)]
    return (*begin, *steps)


WHOLE = life(
    Signed(),
    Rectified(violation=True),
    Filed(""),
    Penalised(""),
    Revisited(True),
    PostChecked(True),
    Closed(""),
)
BOUNCED = life(
    Rectified(violation=True),
    Filed(""),
    Revisited(False),
    Rectified(violation=True),
    Penalised(""),
    Filed(""),
)
RETURNED = life(ReturnedAsWrong(""), Dispatched("ecology"), Paused("", ""), Rectified(), Revisited(False))


@given(streams(), st.sampled_from(POLICIES), MOMENTS)
@example(WHOLE, STANDARD, START + timedelta(hours=5))
@example(BOUNCED, STANDARD, START + timedelta(hours=6))
@example(RETURNED, STANDARD, START + timedelta(hours=4))
@settings(max_examples=250)
def test_each_clock_is_sound(events: tuple[Event, ...], policy: object, now: datetime) -> None:
    ticket = clock(events, policy, CALENDAR, now)  # type: ignore[arg-type]
    trace = ticket.trace
    keys = Counter((n.round, n.leg, n.node) for n in trace.nodes)
    assert keys.most_common(1)[0][1] == 1  # the key of the cache
    for node in trace.nodes:
        assert node.started_at <= (node.ended_at or now)
        assert (node.ended_at is None) == (node.end is None)
        assert (node.due_at is None) == (node.yellow_at is None)
        assert node.paused <= (node.ended_at is None)
        assert (node.used_share(now) is None) == (node.due_at is None)
        assert node.round <= trace.round
        if node.due_at is not None and node.yellow_at is not None:
            assert node.yellow_at <= node.due_at
            if node.due_at > node.started_at:
                assert node.started_at < node.yellow_at
        if node.ended_at is not None and node.due_at is None:
            assert node.due_source is DueSource.NONE  # whatever ended knows whether it was in time
        if node.due_source is DueSource.POLICY and node.due_at is not None:
            told = explain(node, CALENDAR)
            if node.limit is not None and node.limit.kind is ClockKind.WORKING:
                assert sum(day.counted for day in told.days) == node.limit.working_days
    if trace.closed_at is not None:
        assert trace.open_nodes == ()
        assert ticket.state is TicketState.CLOSED
        assert ticket.upcoming == ()
    else:
        assert ticket.state is not TicketState.CLOSED
    assert not {rule.node for rule in ticket.upcoming} & {n.node for n in trace.open_nodes}


@given(streams(), st.sampled_from(POLICIES), MOMENTS)
@settings(max_examples=150)
def test_a_replayed_minute_is_what_was_seen_then(
    events: tuple[Event, ...], policy: object, now: datetime
) -> None:
    seen = clock([event for event in events if event.at <= now], policy, CALENDAR, now)  # type: ignore[arg-type]
    assert clock(events, policy, CALENDAR, now) == seen  # type: ignore[arg-type]
    # However they were recorded: late reports stand after what they precede.
    by_moment: dict[datetime, list[Event]] = {}
    for event in events:
        by_moment.setdefault(event.at, []).append(event)
    recorded = [event for moment in reversed(by_moment) for event in by_moment[moment]]
    assert clock(recorded, policy, CALENDAR, now) == seen  # type: ignore[arg-type]


def when(event: Event) -> datetime:
    return event.at


@given(streams(), st.sampled_from(POLICIES))
@settings(max_examples=150)
def test_what_has_ended_is_never_changed_by_what_comes(events: tuple[Event, ...], policy: object) -> None:
    ended: set[object] = set()
    for count in range(1, len(events) + 1):
        nodes = clock(events[:count], policy, CALENDAR, events[count - 1].at).trace.nodes  # type: ignore[arg-type]
        now_ended = {node for node in nodes if node.ended_at is not None}
        assert ended <= now_ended
        ended = now_ended


@given(streams(), MOMENTS, st.integers(0, 60 * 24 * 10))
@settings(max_examples=150)
def test_only_time_not_paused_makes_a_clock_worse(
    events: tuple[Event, ...], now: datetime, minutes: int
) -> None:
    past = [event for event in events if event.at <= now]
    before, after = (
        clock(past, STANDARD, CALENDAR, moment) for moment in (now, now + timedelta(minutes=minutes))
    )
    for first, then in zip(before.trace.nodes, after.trace.nodes, strict=True):
        old, new = before.status(first), after.status(then)
        if first.ended_at is not None or old in (NodeStatus.PAUSED, NodeStatus.OVERDUE):
            assert new is old
        used = first.used_share(now), then.used_share(after.as_of)
        if used[0] is not None and used[1] is not None:
            assert used[0] <= used[1]


@given(streams(), MOMENTS)
@settings(max_examples=150)
def test_the_colour_and_the_warnings_follow_from_the_open_clocks(
    events: tuple[Event, ...], now: datetime
) -> None:
    ticket = clock(events, STANDARD, CALENDAR, now)
    statuses = {ticket.status(node) for node in ticket.trace.open_nodes}
    found = warnings_of(ticket)
    assert (ticket.state is TicketState.OVERDUE) == (NodeStatus.OVERDUE in statuses)
    assert {w.kind.value for w in found} == {
        word
        for word, status in (("late", NodeStatus.OVERDUE), ("slow", NodeStatus.DUE_SOON))
        if status in statuses
    }
    assert all(w.since <= now for w in found)
    assert len({(w.node, w.round, w.leg) for w in found}) == len(found)
    if any(node.paused for node in ticket.trace.open_nodes):
        assert all(node.paused for node in ticket.trace.open_nodes)  # the SQL of colours relies on it
        assert NodeStatus.DUE_SOON not in statuses


@given(streams(), MOMENTS)
@settings(max_examples=150)
def test_nobody_is_charged_for_anothers_time(events: tuple[Event, ...], now: datetime) -> None:
    ticket = clock(events, STANDARD, CALENDAR, now)
    given_due = {e.fact.node for e in events if isinstance(e.fact, DueSupplied | Extended)}
    for node in ticket.trace.nodes:
        rule = STANDARD.rule(node.node)
        assert rule is not None
        if rule.holder is not Holder.BODY or node.leg == 1 or node.node in given_due:
            continue
        # In a later leg the clock begins with a dispatch or with the body's own work, never before.
        begins = {e.at for e in events if isinstance(e.fact, Dispatched | Rectified | Filed)}
        assert node.started_at in begins
        if node.limit is not None and node.limit.kind is ClockKind.NATURAL and node.due_at is not None:
            assert node.due_at >= node.started_at + node.limit.duration


@given(streams(), st.integers(1, 60 * 24 * 9), MOMENTS)
@settings(max_examples=100)
def test_a_pause_takes_no_time_from_anybody(events: tuple[Event, ...], minutes: int, begin: datetime) -> None:
    plain = tuple(e for e in events if not isinstance(e.fact, Paused | Resumed))
    end = begin + timedelta(minutes=minutes)
    pause = (Event(begin, DUTY, Paused("等待", "王磊")), Event(end, DUTY, Resumed()))
    now = START + timedelta(days=60)
    without = clock(plain, STANDARD, CALENDAR, now).trace.nodes
    within = clock(tuple(sorted((*plain, *pause), key=when)), STANDARD, CALENDAR, now).trace.nodes
    for first, then in zip(without, within, strict=True):
        if first.due_at is None or then.due_at is None:
            assert (first.due_at, then.due_at) == (None, None)
            continue
        assert then.due_at >= first.due_at
        if first.end is NodeEnd.DONE and first.ended_at is not None and first.ended_at <= first.due_at:
            assert then.status(now) is NodeStatus.ON_TIME
        if begin >= first.due_at:
            assert then.due_at == first.due_at


def test_the_same_events_give_the_same_trace() -> None:
    now = datetime(2026, 10, 1, tzinfo=UTC)
    assert clock(BOUNCED, STANDARD, CALENDAR, now) == clock(BOUNCED, STANDARD, CALENDAR, now)
