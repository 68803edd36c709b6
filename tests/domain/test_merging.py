"""Reports of the same matter: candidates, mergers, splits, and whose time is whose (B09, B10, X08)."""

import tomllib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.case_events import LetGo, MergedInto, SplitOff, TookIn
from domain.clock import TicketClock, clock
from domain.coordinates import Point
from domain.events import Accepted, Closed, Dispatched, Event, Fact, Filed, Paused, Rectified, Resumed, Signed
from domain.merging import (
    MergeDraft,
    Report,
    Sameness,
    Side,
    SplitDraft,
    candidates,
    likeness,
    merge,
    split,
    taken_in,
)
from domain.node_clock import NodeEnd
from domain.nodes import Node, NodeStatus, TicketState
from domain.policy import parse_policy
from domain.repeat_rules import MergingRule, RepeatsRule
from domain.rights import Reason, RefusedError
from domain.trace import trace
from tests.domain.city import (
    CALENDAR,
    DUTY,
    HOUSING,
    RESOURCES,
    STANDARD,
    as_of,
    at,
    node_of,
    received,
    stream,
)
from tests.domain.test_clock_properties import streams

START = "2026-09-17 16:00"
"""A Thursday; the 19th is a free Saturday, the 20th a make-up Sunday, the 25th to 27th are Mid-Autumn."""
HERE = Point(117.2, 34.27)
RULE = MergingRule(radius_m=200, days=30)


def report(number: str, **values: Any) -> Report:
    """A report of night noise at one place; 0.001 degrees of latitude are 111 m, of longitude 92 m."""
    plain = Report(
        number, "夜间施工噪声", "凌晨还在打桩", "C02", "C", "320312", "荆山路 18 号", HERE, at(START)
    )
    return replace(plain, **values)


# --- candidates -----------------------------------------------------------------------------------------


def test_b09_the_nearest_comes_first_and_says_why() -> None:
    others = [
        report(
            "B", point=Point(117.2, 34.271), received_at=at("2026-09-14 16:00")
        ),  # 111 m north, 3 days before
        report("A", received_at=at("2026-09-17 18:00")),  # here, 2 hours later
        report("K", kind="C09", text="喇叭"),  # here, another kind of the class
        report("far", point=Point(117.2, 34.272)),  # 222 m: too far
        report("old", received_at=at("2026-08-17 15:59")),  # 31 days: too long ago
        report("smoke", kind="A01", class_code="A"),  # another class
        report("sensor", kind="B01", class_code="B", sensed=True, text="PM10 超标"),  # as a station said it
        report("far sensor", sensed=True, point=Point(117.2, 34.272)),
        report("T"),  # itself
    ]
    found = candidates(report("T"), others, RULE)
    assert [c.number for c in found] == ["A", "K", "sensor", "B"]
    a, k, sensor, b = found
    assert sensor.sameness is None
    assert (a.distance_m, a.sameness, a.gap, a.likeness) == (0.0, Sameness.KIND, timedelta(hours=-2), 1.0)
    assert k.sameness is Sameness.CLASS
    assert b.distance_m == pytest.approx(111.2, abs=0.1)
    assert b.gap == timedelta(days=3)


def test_without_a_point_the_same_address_is_the_same_place() -> None:
    one = report("T", point=None)
    same, elsewhere, empty = report("A"), report("B", address="荆山路 20 号"), report("C", address="")
    assert [c.number for c in candidates(one, [same, elsewhere, empty], RULE)] == ["A"]
    assert candidates(report("T", point=None, address=""), [empty], RULE) == ()
    assert candidates(one, [report("D", area="320311")], RULE) == ()


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) == likeness(other, one) <= 1.0
    assert likeness(one, one) in (0.0, 1.0)  # 0 where no two characters stand together


# --- policy ---------------------------------------------------------------------------------------------


def test_radius_days_and_reports_are_the_policys_and_old_versions_keep_the_defaults() -> None:
    assert (STANDARD.merging, STANDARD.repeats) == (MergingRule(), RepeatsRule())
    assert (RepeatsRule().reports, RepeatsRule().days) == (2, 90)  # B10: two and more
    values = tomllib.loads((RESOURCES / "policies" / "standard-v1.toml").read_text("utf-8"))
    tables = {"merging": {"radius_m": 300, "days": 14}, "repeats": {"reports": 3, "sample": False}}
    policy = parse_policy(values | tables)
    assert policy.merging == MergingRule(radius_m=300, days=14)
    assert policy.repeats == RepeatsRule(reports=3, sample=False)
    faults = (
        {"merging": {"radius_m": 0}},
        {"merging": {"reports": 2}},
        {"repeats": {"reports": 1}},
        {"repeats": {"days": 1.5}},
        {"repeats": {"sample": 1}},
        {"merging": 5},
    )
    for fault in faults:
        with pytest.raises(ValueError, match=f"policy: {next(iter(fault))}"):
            parse_policy(values | fault)


# --- whose time is whose --------------------------------------------------------------------------------


def test_x08_times_charged_by_hand_to_the_main_ticket_and_its_repeat() -> None:
    # The main ticket comes in at 16:00, the repeat at 16:30; both go to housing. The repeat is merged at
    # 17:00 and split off again on Monday the 21st at 10:00.
    main = stream(
        START,
        (0, DUTY, received()),
        (0.2, DUTY, Accepted()),
        (0.5, DUTY, Dispatched("housing")),
        (1, DUTY, TookIn("T-2")),
        (2, HOUSING, Signed()),
        (90, DUTY, LetGo("T-2")),
    )
    repeat = stream(
        "2026-09-17 16:30",
        (0, DUTY, received()),
        (0.1, DUTY, Accepted()),
        (0.2, DUTY, Dispatched("housing")),
        (0.5, DUTY, MergedInto("T-1", "同一工地", 42.0)),
    )
    merged = as_of(repeat, "2026-09-18 09:00")
    assert merged.trace.merged_into == "T-1"
    assert merged.trace.closed_at == at("2026-09-17 17:00")
    assert merged.state is TicketState.CLOSED
    assert not merged.trace.open_nodes
    # Housing held the repeat for half an hour of its 4 h to sign, 16:30 to 17:00, and is charged for that.
    sign = node_of(merged, Node.SIGN)
    assert (sign.started_at, sign.ended_at, sign.end) == (
        at("2026-09-17 16:30"),
        at("2026-09-17 17:00"),
        NodeEnd.HANDED_OVER,
    )
    assert merged.status(sign) is NodeStatus.HANDED_OVER
    assert sign.used_share(merged.as_of) == pytest.approx(0.5 / 4)
    # The main ticket goes on as if nothing had happened: 2 h of 4 h to sign, due on the 23rd to rectify
    # (18, 20, 21, 22, 23 at 18:00).
    handled = as_of(main, "2026-09-18 09:00")
    assert node_of(handled, Node.SIGN).used_share(handled.as_of) == pytest.approx(2 / 4)
    assert node_of(handled, Node.RECTIFY).due_at == at("2026-09-23 18:00")
    assert taken_in(event for event in main if event.at <= handled.as_of) == ("T-2",)
    assert taken_in(main) == ()
    # Split off on the 21st at 10:00, 89 h later: 3.5 h of the 4 h are left, until 13:30. Signed at 11:00, it
    # has used 0.5 h + 1 h. To rectify, the 18th and 20th did not count: 21, 22, 23, 24, 28.
    off = Event(at("2026-09-21 10:00"), DUTY, SplitOff("T-1", "另一处工地"))
    again = as_of((*repeat, off), "2026-09-21 10:30")
    assert again.trace.merged_into is None
    assert again.trace.closed_at is None
    assert node_of(again, Node.SIGN).due_at == at("2026-09-21 13:30")
    assert node_of(again, Node.RECTIFY).due_at == at("2026-09-28 18:00")
    signed = as_of((*repeat, off, Event(at("2026-09-21 11:00"), HOUSING, Signed())), "2026-09-21 12:00")
    assert node_of(signed, Node.SIGN).used_share(signed.as_of) == pytest.approx(1.5 / 4)
    assert signed.status(node_of(signed, Node.SIGN)) is NodeStatus.ON_TIME


def test_what_was_late_before_the_merger_stays_late() -> None:
    # Critical: 5 min to sign from reception. Merged after 10 minutes, it is 5 minutes late for good.
    events = stream(
        START,
        (0, DUTY, received()),
        (0.1, DUTY, Dispatched("housing")),
        (5, DUTY, MergedInto("T-1", "同一工地")),
    )
    merged = as_of(events, "2026-09-18 09:00")
    assert merged.status(node_of(merged, Node.SIGN)) is NodeStatus.LATE


@settings(deadline=None)
@given(streams(), st.data())
def test_the_time_between_a_merger_and_its_split_counts_as_a_pause(
    events: tuple[Event, ...], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(events)), "merged after so many events")
    begin = events[place - 1].at + timedelta(minutes=data.draw(st.integers(0, 60 * 24)))
    length = timedelta(minutes=data.draw(st.integers(1, 60 * 24 * 6)))
    later = [replace(event, at=max(event.at, begin) + length) for event in events[place:]]
    end = begin + length
    assume(all(event.at >= end for event in later))
    merged = [Event(begin, DUTY, MergedInto("T-1", "同")), Event(end, DUTY, SplitOff("T-1", "等待"))]
    paused = [
        Event(begin, DUTY, Resumed()),
        Event(begin, DUTY, Paused("等待", "王磊")),
        Event(end, DUTY, Resumed()),
    ]
    one = trace([*events[:place], *merged, *later], STANDARD, CALENDAR)
    other = trace([*events[:place], *paused, *later], STANDARD, CALENDAR)
    assert one == other


# --- orders ---------------------------------------------------------------------------------------------


class Town:
    """Tickets that are merged and split by orders, each deciding on what has happened so far."""

    def __init__(self, count: int) -> None:
        self.events: dict[str, list[Event]] = {
            f"T-{n}": [Event(at(START), DUTY, received())] for n in range(count)
        }
        self.now = at(START)

    def happen(self, number: str, *facts: Fact) -> None:
        for fact in facts:
            self.now += timedelta(minutes=1)
            self.events[number].append(Event(self.now, DUTY, fact))

    def clock(self, number: str) -> TicketClock:
        return clock(self.events[number], STANDARD, CALENDAR, self.now)

    def order(self, draft: MergeDraft | SplitDraft) -> Reason | None:
        self.now += timedelta(minutes=1)
        sides = {
            number: Side(number, tuple(events), self.clock(number)) for number, events in self.events.items()
        }
        try:
            if isinstance(draft, MergeDraft):
                decided = merge(draft, DUTY, sides, self.now)
            else:
                decided = split(draft, DUTY, sides, self.now)
        except RefusedError as error:
            return error.reason
        for number, events in decided.items():
            self.events[number] += events
        return None

    def merge(self, main: str, *repeats: str) -> Reason | None:
        return self.order(MergeDraft(str(uuid.uuid4()), main, repeats, "同一工地"))

    def split(self, ticket: str) -> Reason | None:
        return self.order(SplitDraft(str(uuid.uuid4()), ticket, "另一处"))

    def into(self, number: str) -> str | None:
        return self.clock(number).trace.merged_into


NUMBERS = st.sampled_from([f"T-{n}" for n in range(4)])


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), NUMBERS, NUMBERS), max_size=12))
def test_no_orders_make_a_chain_or_a_circle(steps: list[tuple[bool, str, str]]) -> None:
    town = Town(4)
    for merges, one, other in steps:
        assert town.merge(one, other) in _WHY if merges else town.split(one) in _WHY
        for number in town.events:
            main = town.into(number)
            # Whoever is merged is merged into what stands for itself, and that one says so.
            assert main is None or (town.into(main) is None and number in taken_in(town.events[main]))
            assert all(town.into(taken) == number for taken in taken_in(town.events[number]))


_WHY = (None, Reason.MERGED, Reason.NOT_MERGED, Reason.INTO_ITSELF, Reason.HAS_MERGED)


def _filed(town: Town) -> None:
    town.happen("T-1", Accepted(), Dispatched("housing"), Rectified("拆除", violation=True), Filed("1 号"))


REFUSED: tuple[tuple[Callable[[Town], object], tuple[str, ...], Reason], ...] = (
    (lambda town: town.happen("T-1", Closed("")), ("T-0", "T-1"), Reason.TICKET_CLOSED),
    (lambda town: town.happen("T-0", Closed("")), ("T-0", "T-1"), Reason.MAIN_CLOSED),
    (lambda town: town.happen("T-1", Paused("等", "王磊")), ("T-0", "T-1"), Reason.PAUSED),
    (_filed, ("T-0", "T-1"), Reason.HAS_CASE),
    (lambda town: town.merge("T-2", "T-1"), ("T-0", "T-1"), Reason.MERGED),
    (lambda town: town.merge("T-2", "T-0"), ("T-0", "T-1"), Reason.MERGED),
    (lambda town: town.merge("T-1", "T-2"), ("T-0", "T-1"), Reason.HAS_MERGED),
    (lambda town: None, ("T-0", "T-0"), Reason.INTO_ITSELF),
    (lambda town: None, ("T-0",), Reason.NO_REPEATS),
    (lambda town: None, ("T-0", "T-9"), Reason.UNKNOWN_TICKET),
)


@pytest.mark.parametrize(
    ("before", "order", "reason"), REFUSED, ids=[str(r[2]) + str(n) for n, r in enumerate(REFUSED)]
)
def test_what_must_not_be_merged_is_refused(
    before: Callable[[Town], object], order: tuple[str, ...], reason: Reason
) -> None:
    town = Town(3)
    before(town)
    events = {number: tuple(happened) for number, happened in town.events.items()}
    assert town.merge(*order) is reason
    assert {number: tuple(happened) for number, happened in town.events.items()} == events


def test_a_paused_main_ticket_takes_in_repeats_and_a_closed_one_lets_them_go() -> None:
    town = Town(3)
    town.happen("T-0", Paused("等待检测", "王磊"))
    assert town.merge("T-0", "T-1", "T-2") is None
    town.happen("T-0", Resumed(), Closed("已解决"))
    # The merged ones stay merged: the main one's end is theirs.
    assert town.into("T-1") == "T-0"
    assert town.split("T-1") is None
    assert town.clock("T-1").trace.closed_at is None
    assert taken_in(town.events["T-0"]) == ("T-2",)
    assert isinstance(town.now, datetime)
