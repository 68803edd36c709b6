"""What a launch freezes: the log, the clocks, hand-overs, evidence and comparable cases (T08, X06, T28)."""

import json
from datetime import timedelta

import pytest

from domain.events import Accepted, Arrived, Dispatched, Event, ReturnedAsWrong, Signed
from domain.evidence import EvidenceFile, MediaType
from domain.frozen_facts import Comparable, Count, LateCase, comparable_of, frozen_facts, hand_overs
from domain.nodes import Node
from tests.domain.city import DUTY, ECOLOGY, HOUSING, as_of, at, received

NOW = at("2026-09-17 16:00")
START = NOW - timedelta(hours=6)
SUM, OTHER = "a" * 64, "b" * 64


def log() -> list[Event]:
    facts = [
        (DUTY, received()),
        (DUTY, Accepted()),
        (DUTY, Dispatched("ecology", rule="责任清单 3.1")),
        (ECOLOGY, ReturnedAsWrong("属工地噪声，归住建")),
        (DUTY, Dispatched("housing", rule="责任清单 3.12")),
        (DUTY, Dispatched("housing", ("police",))),
        (HOUSING, Signed()),
        (HOUSING, Arrived(38.5, (SUM, OTHER), "噪声 71 dB(A)")),
    ]
    return [Event(START + timedelta(minutes=n), actor, fact) for n, (actor, fact) in enumerate(facts)]


def test_hand_overs_are_changes_of_the_lead() -> None:
    """T12: who pushed the ticket to whom; a second dispatch to the same lead is none."""
    found = [(each["from"], each["to"], each["reason"]) for each in hand_overs(log())]
    assert found == [
        (None, "ecology", "责任清单 3.1"),
        ("ecology", None, "属工地噪声，归住建"),
        (None, "housing", "责任清单 3.12"),
    ]


def test_a_return_by_an_assisting_body_hands_nothing_over() -> None:
    events = [*log()[:3], Event(NOW, HOUSING, ReturnedAsWrong("只是协办"))]
    assert len(list(hand_overs(events))) == 1


def test_evidence_is_frozen_by_sum_with_what_is_kept() -> None:
    kept = {SUM: EvidenceFile(SUM, MediaType.JPEG, "现场.jpg", 1234, NOW, "housing")}
    first, second = json.loads(frozen_facts(as_of(log(), NOW), log(), kept))["evidence"]
    assert (first["sha256"], first["name"], first["size"]) == (SUM, "现场.jpg", 1234)
    assert (second["sha256"], second["name"]) == (OTHER, None)


def test_what_there_is_nothing_of_is_left_out() -> None:
    facts = json.loads(frozen_facts(as_of(log()[:2], NOW), log()[:2]))
    assert set(facts) == {"as_of", "policy", "events", "clocks"}


COMPARABLE = Comparable(
    Node.SIGN,
    "0312",
    START,
    Count(12, 3),
    (Count(100, 4), Count(50, 10), Count(40, 4), Count(2, 2)),
    (LateCase("T-9", Node.SIGN, START, None), LateCase("T-8", Node.SIGN, START, NOW)),
)


def test_comparable_cases_come_back_as_they_were_frozen() -> None:
    assert comparable_of(frozen_facts(as_of(log(), NOW), log(), {}, COMPARABLE)) == COMPARABLE


@pytest.mark.parametrize("facts", [None, "", "{}", "[]", "no JSON", '{"comparable": {"node": "sign"}}'])
def test_a_file_without_comparable_cases_has_none(facts: str | None) -> None:
    assert comparable_of(facts) is None


def test_a_body_is_compared_with_the_middle_of_those_that_had_enough() -> None:
    """Of 4 %, 10 % and 20 % the middle is 10 %; two of two is no peer to compare with."""
    assert COMPARABLE.own.share == 0.25
    assert COMPARABLE.peers_share == 0.1
    assert Comparable(None, None, START, Count(0, 0)).own.share is None
    assert not Comparable(None, None, START, Count(4, 4)).enough
