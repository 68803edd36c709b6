"""What a later delivery of a ticket may add to what is stored."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.events import (
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Fact,
    Received,
    Rectified,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.intake import ContradictionError, NewTicket, continuation
from domain.nodes import Node
from domain.people import PLATFORM, SYSTEM, Actor, Role

START = datetime(2026, 3, 5, 8, tzinfo=UTC)
DUTY = Actor(Role.DUTY, "值班员", PLATFORM)


def event(hours: float, fact: Fact, actor: Actor = SYSTEM) -> Event:
    return Event(START + timedelta(hours=hours), actor, fact)


RECEIVED = event(0, Received("12345", "河水发臭"))
GIVEN = event(1, Dispatched("water"))


def test_the_same_again_adds_nothing() -> None:
    assert continuation([RECEIVED, GIVEN], [RECEIVED, GIVEN]) == ()


def test_who_reported_a_fact_does_not_matter() -> None:
    by_hand = event(1, Dispatched("water"), DUTY)
    assert continuation([RECEIVED, by_hand], [RECEIVED, GIVEN]) == ()


def test_later_steps_are_added() -> None:
    done = event(5, Rectified("清淤"))
    assert continuation([RECEIVED, GIVEN], [RECEIVED, GIVEN, done]) == (done,)


def test_a_warning_of_ours_does_not_shut_out_an_earlier_step_of_theirs() -> None:
    rule = WarningRaised(WarningKind.LATE, WarningLevel.RED, Node.RECTIFY, 1, 1, "water", "到期未办结")
    done = event(5, Rectified("清淤"))
    assert continuation([RECEIVED, GIVEN, event(9, rule)], [RECEIVED, GIVEN, done]) == (done,)


def test_a_step_before_the_last_stored_one_contradicts() -> None:
    stored = [RECEIVED, GIVEN, event(9, Closed())]
    with pytest.raises(ContradictionError) as caught:
        continuation(stored, [RECEIVED, GIVEN, event(5, Rectified())])
    assert caught.value.field == "Rectified.at"


def test_another_receipt_contradicts_and_names_the_field() -> None:
    with pytest.raises(ContradictionError) as caught:
        continuation([RECEIVED], [event(0, Received("12345", "河水发黑"))])
    assert (caught.value.field, caught.value.stored) == ("Received.title", "河水发臭")
    with pytest.raises(ContradictionError) as caught:
        continuation([RECEIVED], [event(1, Received("12345", "河水发臭"))])
    assert caught.value.field == "Received.at"


def test_another_due_time_contradicts() -> None:
    due = event(0, DueSupplied(Node.RECTIFY, START + timedelta(days=5), "12345"))
    with pytest.raises(ContradictionError, match=r"DueSupplied\.due"):
        continuation([RECEIVED, due], [RECEIVED, event(0, DueSupplied(Node.RECTIFY, None, "12345"))])


def test_a_ticket_begins_with_its_receipt() -> None:
    with pytest.raises(ValueError, match="Received"):
        NewTicket("X-1", (GIVEN,), bytes(32))
