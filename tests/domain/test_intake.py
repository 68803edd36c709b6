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
    Revisited,
    Signed,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.intake import ContradictionError, NewTicket, continuation
from domain.nodes import Node
from domain.people import PLATFORM, SYSTEM, Actor, Role

START = datetime(2026, 3, 5, 8, tzinfo=UTC)
NOW = START + timedelta(hours=100)
DUTY = Actor(Role.DUTY, "值班员", PLATFORM)


def event(hours: float, fact: Fact, actor: Actor = SYSTEM) -> Event:
    return Event(START + timedelta(hours=hours), actor, fact)


RECEIVED = event(0, Received("12345", "河水发臭"))
GIVEN = event(1, Dispatched("water"))


def test_the_same_again_adds_nothing() -> None:
    assert continuation([RECEIVED, GIVEN], [RECEIVED, GIVEN], NOW) == ()


def test_who_reported_a_fact_does_not_matter() -> None:
    by_hand = event(1, Dispatched("water"), DUTY)
    assert continuation([RECEIVED, by_hand], [RECEIVED, GIVEN], NOW) == ()


def test_later_steps_are_added() -> None:
    done = event(5, Rectified("清淤"))
    assert continuation([RECEIVED, GIVEN], [RECEIVED, GIVEN, done], NOW) == (done,)


def test_a_warning_of_ours_does_not_shut_out_an_earlier_step_of_theirs() -> None:
    rule = WarningRaised(WarningKind.LATE, WarningLevel.RED, Node.RECTIFY, 1, 1, "water", "到期未办结")
    done = event(5, Rectified("清淤"))
    assert continuation([RECEIVED, GIVEN, event(9, rule)], [RECEIVED, GIVEN, done], NOW) == (done,)


def test_a_step_before_the_last_stored_one_contradicts() -> None:
    stored = [RECEIVED, GIVEN, event(9, Closed())]
    with pytest.raises(ContradictionError) as caught:
        continuation(stored, [RECEIVED, GIVEN, event(5, Rectified())], NOW)
    assert caught.value.field == "Rectified.at"


def test_another_receipt_contradicts_and_names_the_field() -> None:
    with pytest.raises(ContradictionError) as caught:
        continuation([RECEIVED], [event(0, Received("12345", "河水发黑"))], NOW)
    assert (caught.value.field, caught.value.stored) == ("Received.title", "河水发臭")
    with pytest.raises(ContradictionError) as caught:
        continuation([RECEIVED], [event(1, Received("12345", "河水发臭"))], NOW)
    assert caught.value.field == "Received.at"


def due(hours: float, day: int | None) -> Event:
    return event(
        hours, DueSupplied(Node.RECTIFY, None if day is None else START + timedelta(days=day), "12345")
    )


def test_a_due_time_that_is_filled_in_or_changed_holds_from_the_delivery_on() -> None:
    assert continuation([RECEIVED, GIVEN], [RECEIVED, due(0, 5), GIVEN], NOW) == (due(100, 5),)
    stored = [RECEIVED, due(0, 5), GIVEN]
    assert continuation(stored, [RECEIVED, due(0, 9), GIVEN], NOW) == (due(100, 9),)
    assert continuation(stored, [RECEIVED, due(0, None), GIVEN], NOW) == (due(100, None),)
    # What was last said counts: back to the first due time is a change, the same again is none.
    stored.append(due(50, 9))
    assert continuation(stored, [RECEIVED, due(0, 9), GIVEN], NOW) == ()
    assert continuation(stored, [RECEIVED, due(0, 5), GIVEN], NOW) == (due(100, 5),)


def test_a_due_time_comes_after_the_last_step_and_before_the_step_that_it_judges() -> None:
    early = START + timedelta(hours=0.5)
    assert continuation([RECEIVED, GIVEN], [RECEIVED, due(0, 5), GIVEN], early) == (due(1, 5),)
    signed = event(3, Signed())
    assert continuation([RECEIVED, GIVEN], [RECEIVED, due(0, 5), GIVEN, signed], NOW) == (
        signed,
        due(100, 5),
    )
    done = event(5, Rectified("清淤"))
    assert continuation([RECEIVED, GIVEN], [RECEIVED, due(0, 5), GIVEN, done], NOW) == (due(5, 5), done)


def test_a_step_that_a_source_tells_after_it_extended_is_taken_and_judged_by_the_extension() -> None:
    stored = [RECEIVED, due(0, 2), GIVEN, due(60, 9)]
    done = event(49, Rectified("清淤"))
    assert continuation(stored, [RECEIVED, due(0, 9), GIVEN, done], NOW) == (due(49, 9), done)


def test_another_due_time_for_what_is_over_contradicts() -> None:
    done = event(5, Rectified("清淤"))
    for over in (done, event(5, Closed())):
        with pytest.raises(ContradictionError, match=r"DueSupplied\.due"):
            continuation([RECEIVED, due(0, 5), GIVEN, over], [RECEIVED, due(0, None), GIVEN, over], NOW)
    again = event(9, Revisited(False))
    stored = [RECEIVED, due(0, 5), GIVEN, done, again]
    assert continuation(stored, [RECEIVED, due(0, 9), GIVEN, done, again], NOW) == (due(100, 9),)


def test_a_ticket_begins_with_its_receipt() -> None:
    with pytest.raises(ValueError, match="Received"):
        NewTicket("X-1", (GIVEN,), bytes(32))
