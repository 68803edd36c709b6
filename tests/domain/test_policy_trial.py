"""A policy tried on one ticket: which clocks stand otherwise, and which do not (product.md, Clocks)."""

from dataclasses import replace
from datetime import timedelta

from domain.events import Accepted, Arrived, Dispatched, FedBack, Rectified, Signed, WarningLevel
from domain.nodes import Node
from domain.policy import ClockKind, Limit, Policy
from domain.policy_trial import Change, Pace, Standing, Trial, standings
from domain.urgency import Urgency
from domain.wrong.rule import Predicate, WrongRule
from domain.wrong.surroundings import Surroundings
from tests.domain.city import CALENDAR, DUTY, HOUSING, STANDARD, at, received, stream

MINUTE = 1 / 60
LIFE = stream(
    "2026-09-17 16:00",
    (0, DUTY, received(Urgency.CRITICAL)),
    (1 * MINUTE, DUTY, Accepted()),
    (2 * MINUTE, DUTY, Dispatched("housing")),
    (3 * MINUTE, HOUSING, Signed()),
    (1, HOUSING, Arrived()),
    (6, HOUSING, Rectified("已停工")),
    (6.5, HOUSING, FedBack("电话")),
)
"""Signed after 3 of 5 minutes, on site after 1 of 2 hours, done after 6 of 12 hours: all in time."""
NOW = at("2026-09-18 09:00")
AROUND = Surroundings()


def with_limit(node: Node, **duration: float) -> Policy:
    """The standard policy with another limit for critical tickets."""
    limit = Limit(ClockKind.NATURAL, timedelta(**duration))
    return replace(
        STANDARD,
        rules=tuple(
            replace(rule, limits={**rule.limits, Urgency.CRITICAL: limit}) if rule.node is node else rule
            for rule in STANDARD.rules
        ),
    )


def changes(policy: Policy, before: Policy = STANDARD) -> tuple[Change, ...]:
    old, new = (standings(LIFE, each, CALENDAR, AROUND, NOW) for each in (before, policy))
    return Trial().add(old, new)


def test_the_same_policy_changes_nothing() -> None:
    assert changes(STANDARD) == ()


def test_a_shorter_limit_makes_only_its_node_late() -> None:
    assert changes(with_limit(Node.SIGN, minutes=2)) == (
        Change(Node.SIGN, 1, 1, 0, Standing("housing", Pace.IN_TIME), Standing("housing", Pace.LATE)),
    )


def test_past_the_share_of_a_limit_it_would_have_been_slow() -> None:
    # 3 of 4 minutes is exactly the share of 75 %.
    (change,) = changes(with_limit(Node.SIGN, minutes=4))
    assert change.after.pace is Pace.SLOW
    # Back from there, it would not.
    (change,) = changes(STANDARD, before=with_limit(Node.SIGN, minutes=4))
    assert (change.before.pace, change.after.pace) == (Pace.SLOW, Pace.IN_TIME)


def test_a_limit_that_nobody_touches_changes_nothing() -> None:
    assert changes(with_limit(Node.SIGN, minutes=4, seconds=2)) == ()  # 75 % are 3 minutes and 1 second


def test_a_node_that_a_policy_does_not_have_has_no_clock() -> None:
    without = replace(STANDARD, rules=tuple(rule for rule in STANDARD.rules if rule.node is not Node.ARRIVE))
    (change,) = changes(without)
    assert (change.node, change.body) == (Node.ARRIVE, "housing")
    assert change.after.pace is Pace.NONE


def test_a_new_rule_finds_what_was_done_wrong() -> None:
    """No picture came with the report that the work was done (T04, T12)."""
    rule = WrongRule("E01", "须有现场影像", WarningLevel.RED, Predicate.WITHOUT_EVIDENCE, (Node.RECTIFY,))
    trial = Trial()
    old, new = (
        standings(LIFE, policy, CALENDAR, AROUND, NOW)
        for policy in (STANDARD, replace(STANDARD, wrong=(rule,)))
    )
    (change,) = trial.add(old, new)
    assert (change.node, change.before.wrong, change.after.wrong) == (Node.RECTIFY, (), ("E01",))
    assert trial.rules == {"E01": [0, 1]}
    counts = trial.nodes[Node.RECTIFY, "housing"]
    assert (counts.before.wrong, counts.after.wrong, counts.after.clocks) == (0, 1, 1)
    assert (trial.tickets, trial.changed) == (1, 1)
