"""[[rule]] and [[escalation]] of a policy's file: what is wrong with them is said by the field's name."""

import tomllib
from datetime import timedelta
from typing import Any

import pytest

from domain.events import WarningLevel
from domain.nodes import Node
from domain.people import Role
from domain.policy import parse_policy
from domain.urgency import Urgency
from domain.wrong.ladder import next_climb
from domain.wrong.rule import Parameter
from tests.domain.city import RESOURCES, at
from tests.domain.wrong.lives import SHIPPED

RULE = {"id": "X1", "sentence": "到场须近", "level": "red", "predicate": "far_arrival", "metres": 500}
RUNG = {"level": "red", "after": "15 min", "to": "leader"}


def file(rule: dict[str, Any] | None = None, rung: dict[str, Any] | None = None) -> dict[str, Any]:
    values = tomllib.loads((RESOURCES / "policies" / "standard-v1.toml").read_text("utf-8"))
    return values | {"rule": [rule] if rule else [], "escalation": [rung] if rung else []}


def test_a_rule_is_read_with_its_parameters() -> None:
    (rule,) = parse_policy(file(RULE | {"urgency": ["critical", "first"]})).wrong
    assert (rule.nodes, rule.numbers, rule.level) == (
        (Node.ARRIVE,),
        {Parameter.METRES: 500},
        WarningLevel.RED,
    )
    assert rule.urgencies == {Urgency.CRITICAL, Urgency.FIRST}


def test_directives_climb_the_same_ladder_where_the_policy_says_so() -> None:
    """T13: a city's policy of before has no such line, and leaves its directives as they were."""
    assert SHIPPED.directive_ladder == SHIPPED.ladder != ()
    assert parse_policy(file(rung=RUNG)).directive_ladder == ()
    says = parse_policy(file(rung=RUNG) | {"directives_climb": True})
    assert says.directive_ladder == says.ladder
    with pytest.raises(ValueError, match="directives_climb"):
        parse_policy(file(rung=RUNG) | {"directives_climb": "yes"})


FAULTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"id": "X 1"}, "rule X 1: id"),
    ({"sentence": None}, "rule X1: sentence"),
    ({"level": "pink"}, "rule X1: level"),
    ({"predicate": "looks_odd"}, "rule X1: predicate"),
    ({"metres": "500 m"}, "rule X1: metres"),
    ({"metres": -1}, "rule X1: metres"),
    ({"metres": True}, "rule X1: metres"),
    ({"metres": None}, "rule X1: metres is missing"),
    ({"days": 3}, "rule X1: days is no field"),
    ({"node": "close"}, "rule X1: node: close"),
    ({"node": "nowhere"}, "rule X1: node"),
    ({"node": ["arrive", "arrive"]}, "rule X1: node"),
    ({"urgency": "hasty"}, "rule X1: urgency"),
    ({"urgency": []}, "rule X1: urgency"),
    ({"sample": "yes"}, "rule X1: sample"),
    ({"predicate": "without_evidence", "metres": None}, "rule X1: node is missing"),
    ({"predicate": "picture_alike", "metres": None, "node": "arrive", "bits": 16}, "rule X1: bits"),
    (
        {"predicate": "out_of_order", "metres": None, "node": "rectify", "after": "before"},
        "rule X1: after",
    ),
)


@pytest.mark.parametrize(("change", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_faulty_rule_is_named_with_its_field(change: dict[str, Any], said: str) -> None:
    rule = {key: value for key, value in (RULE | change).items() if value is not None}
    with pytest.raises(ValueError, match="^policy: " + said):
        parse_policy(file(rule))


def test_an_id_stands_once_and_a_node_must_be_the_policys_own() -> None:
    with pytest.raises(ValueError, match="rule X1: id: stands twice"):
        parse_policy(file() | {"rule": [RULE, RULE]})
    reply = tomllib.loads((RESOURCES / "policies" / "reply-v1.toml").read_text("utf-8"))
    with pytest.raises(ValueError, match="rule X1: node: this policy has no arrive"):
        parse_policy(reply | {"rule": [RULE]})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"after": "15 minutes"}, "escalation: after"),
        ({"after": "0 min"}, "escalation: after"),
        ({"to": "handler"}, "escalation: to"),
        ({"to": "mayor"}, "escalation: to"),
        ({"level": "blue"}, "escalation: level"),
        ({"by": "sms"}, "escalation: by is no field"),
    ],
)
def test_a_faulty_step_of_the_ladder_is_named_with_its_field(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="^policy: " + said):
        parse_policy(file(rung=RUNG | change))


def test_two_steps_at_the_same_time_are_refused() -> None:
    with pytest.raises(ValueError, match="escalation: after"):
        parse_policy(file() | {"escalation": [RUNG, RUNG | {"to": "discipline"}]})


def test_a_warning_climbs_step_by_step_until_somebody_takes_note() -> None:
    raised = at("2026-09-14 09:00")
    red = WarningLevel.RED
    first = next_climb(SHIPPED.ladder, red, raised)
    assert first is not None
    assert (first.step, first.to, first.at) == (1, Role.LEADER, raised + timedelta(minutes=15))
    second = next_climb(SHIPPED.ladder, red, raised, 1)
    assert second is not None
    assert (second.step, second.to, second.at) == (2, Role.DISCIPLINE, raised + timedelta(hours=1))
    assert next_climb(SHIPPED.ladder, red, raised, 2) is None
    assert next_climb(SHIPPED.ladder, WarningLevel.YELLOW, raised) is None
    # Acknowledged in the very second of a step: it does not climb; a moment later, it had.
    assert next_climb(SHIPPED.ladder, red, raised, 0, first.at) is None
    assert next_climb(SHIPPED.ladder, red, raised, 0, first.at + timedelta(seconds=1)) == first
