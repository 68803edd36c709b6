"""Late and slow, at their boundaries, against the policy's own sentences."""

from datetime import datetime, timedelta

import pytest

from domain.events import Dispatched, DueSupplied, Extended, Paused, Resumed, WarningKind, WarningLevel
from domain.nodes import Node
from domain.people import PLATFORM
from domain.urgency import Urgency
from domain.warnings import ClockWarning, warnings_of
from tests.domain.city import DUTY, STANDARD, as_of, at, policy_of, received, stream

START = "2026-09-14 09:00"
MICROSECOND = timedelta(microseconds=1)
TOLD = stream(START, (0, DUTY, received(Urgency.FIRST)), (0.05, DUTY, Dispatched("housing")))


def of_node(node: Node, now: datetime, *more: tuple) -> list[ClockWarning]:  # type: ignore[type-arg]
    events = (*TOLD, *stream(START, *more))
    return [warning for warning in warnings_of(as_of(events, now)) if warning.node is node]


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (at("2026-09-14 10:30") - MICROSECOND, []),
        (at("2026-09-14 10:30"), [WarningKind.SLOW]),  # 75 % of two hours to arrive
        (at("2026-09-14 11:00"), [WarningKind.SLOW]),  # exactly due is not late
        (at("2026-09-14 11:00") + MICROSECOND, [WarningKind.LATE]),
        (at("2026-09-30 11:00"), [WarningKind.LATE]),
    ],
)
def test_the_boundaries(now: datetime, kinds: list[WarningKind]) -> None:
    assert [warning.kind for warning in of_node(Node.ARRIVE, now)] == kinds


def test_a_warning_names_the_node_the_rule_and_its_begin() -> None:
    (late,) = of_node(Node.ARRIVE, at("2026-09-15 09:00"))
    assert late == ClockWarning(
        WarningKind.LATE,
        WarningLevel.RED,
        Node.ARRIVE,
        1,
        1,
        "housing",
        STANDARD.sentences["late"],
        at("2026-09-14 11:00"),
        at("2026-09-14 11:00"),
    )
    (slow,) = of_node(Node.ARRIVE, at("2026-09-14 10:45"))
    assert (slow.level, slow.rule, slow.since) == (
        WarningLevel.YELLOW,
        STANDARD.sentences["slow"],
        at("2026-09-14 10:30"),
    )
    assert (slow.fact.node, slow.fact.body, slow.fact.rule) == (Node.ARRIVE, "housing", slow.rule)


def test_red_stands_before_yellow_and_the_longest_first() -> None:
    found = warnings_of(as_of(TOLD, "2026-09-14 10:45"))
    assert [(w.level.value, w.node.value) for w in found] == [
        ("red", "accept"),
        ("red", "sign"),
        ("yellow", "arrive"),
    ]
    assert found[0].body == PLATFORM


def test_a_paused_clock_is_not_slow_and_not_late() -> None:
    pause = (0.5, DUTY, Paused("等待鉴定", "王磊"))
    assert of_node(Node.ARRIVE, at("2026-09-20 09:00"), pause) == []
    resumed = (24.5, DUTY, Resumed())
    assert of_node(Node.ARRIVE, at("2026-09-15 10:29"), pause, resumed) == []
    (slow,) = of_node(Node.ARRIVE, at("2026-09-15 10:30"), pause, resumed)
    assert slow.kind is WarningKind.SLOW


def test_a_pause_takes_nothing_back() -> None:
    (late,) = of_node(Node.ARRIVE, at("2026-09-20 09:00"), (3, DUTY, Paused("等待鉴定", "王磊")))
    assert late.kind is WarningKind.LATE


def test_an_extension_ends_a_warning_until_the_new_due_time() -> None:
    granted = (3, DUTY, Extended(Node.ARRIVE, at("2026-09-15 09:00"), "道路中断", "王磊"))
    assert of_node(Node.ARRIVE, at("2026-09-14 12:00"), granted) == []
    (late,) = of_node(Node.ARRIVE, at("2026-09-15 10:00"), granted)
    assert late.since == at("2026-09-15 09:00")


def test_no_warning_is_older_than_its_clock() -> None:
    target = DueSupplied(Node.RECTIFY, at("2026-09-01 09:00"), "Boston 311")
    events = stream(START, (0, DUTY, received()), (0, DUTY, target))
    (late,) = warnings_of(as_of(events, START, policy_of("source-due")))
    assert (late.kind, late.since, late.due_at) == (WarningKind.LATE, at(START), at("2026-09-01 09:00"))
