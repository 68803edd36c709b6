"""The dispatch desk's order: kind and bodies in one, and a wrong dispatch put right by another (T02, Y12)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.case_events import Categorised
from domain.clock import TicketClock
from domain.dispatching import MOST_WORDS, DispatchDraft, dispatch
from domain.events import Accepted, Closed, Dispatched, Event, Fact, Paused, Rectified, ReturnedAsWrong
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.people import SYSTEM, Actor
from domain.rights import Reason, RefusedError
from domain.trace import trace
from tests.domain.city import CALENDAR, DUTY, HOUSING, STANDARD, received
from tests.domain.test_steps import ACTORS, BODIES, START, TAKER, as_of

KINDS = ("C12", "D01")
ORDER = DispatchDraft("r", "T-1", "C12", ("夜间施工",), "housing", ("planning",), "责任清单 3.12")
HELD = (Accepted(), Dispatched("housing", ("planning",)))


def given(draft: DispatchDraft, ticket: TicketClock, actor: Actor = DUTY) -> list[Fact]:
    return [event.fact for event in dispatch(draft, actor, ticket, BODIES, KINDS, ticket.as_of)]


def refused(draft: DispatchDraft, ticket: TicketClock, actor: Actor = DUTY) -> tuple[Reason, str]:
    with pytest.raises(RefusedError) as error:
        given(draft, ticket, actor)
    return error.value.reason, error.value.detail


def test_kind_and_dispatch_are_one_order() -> None:
    """Y12: the words of the text and the line of the list stand in the log."""
    assert given(ORDER, as_of(Accepted())) == [
        Categorised("C12", ("夜间施工",)),
        Dispatched("housing", ("planning",), "责任清单 3.12"),
    ]


def test_a_kind_that_the_ticket_has_is_not_said_again() -> None:
    ticket = as_of(Accepted(), Categorised("C12"))
    assert [type(fact) for fact in given(ORDER, ticket)] == [Dispatched]
    assert refused(replace(ORDER, lead=None), ticket)[0] is Reason.BAD_DATA


def test_a_kind_alone_can_be_set_before_and_after_the_dispatch() -> None:
    for ticket in (as_of(), as_of(*HELD)):
        assert given(replace(ORDER, lead=None), ticket) == [Categorised("C12", ("夜间施工",))]


def test_a_second_dispatch_is_refused_unless_it_puts_the_first_right() -> None:
    ticket = as_of(*HELD)
    other = replace(ORDER, category=None, lead="ecology", assisting=())
    assert refused(other, ticket) == (Reason.ALREADY_DONE, Node.DISPATCH.value)
    assert given(replace(other, again=True), ticket) == [Dispatched("ecology", (), "责任清单 3.12")]


def test_a_re_dispatch_charges_each_body_for_its_own_time() -> None:
    """Undo is a new event: the first body's clocks end as handed over, the next one's begin anew."""
    ticket = as_of(*HELD)
    right = replace(ORDER, lead="ecology", again=True)
    events = dispatch(right, DUTY, ticket, BODIES, KINDS, ticket.as_of)
    traced = trace([*_events(), *events], STANDARD, CALENDAR)
    sign = {node.body: node for node in traced.nodes if node.node is Node.SIGN and node.part == 0}
    assert sign["housing"].end is NodeEnd.HANDED_OVER
    assert sign["ecology"].ended_at is None
    assert sign["ecology"].started_at == sign["housing"].ended_at == ticket.as_of


def test_the_same_bodies_are_no_correction() -> None:
    same = replace(ORDER, category=None, again=True)
    assert refused(same, as_of(*HELD)) == (Reason.ALREADY_DONE, Node.DISPATCH.value)
    assert given(replace(same, assisting=("ecology",)), as_of(*HELD)) == [
        Dispatched("housing", ("ecology",), "责任清单 3.12")
    ]


def test_what_cannot_be_put_right_says_why() -> None:
    again = replace(ORDER, category=None, lead="ecology", again=True)
    assert refused(again, as_of(Accepted()))[0] is Reason.NOT_DISPATCHED
    assert refused(again, as_of(*HELD, ReturnedAsWrong("不归我管")))[0] is Reason.NOT_DISPATCHED
    assert refused(again, as_of(*HELD, Rectified("停工"))) == (Reason.ALREADY_DONE, Node.RECTIFY.value)
    assert refused(again, as_of(*HELD, Paused("等", "王磊")))[0] is Reason.PAUSED
    assert refused(again, as_of(*HELD, Closed("办结")))[0] is Reason.TICKET_CLOSED


def test_only_the_office_orders_and_only_what_exists() -> None:
    ticket = as_of(Accepted())
    for actor in ACTORS.values():
        if actor is not DUTY:
            assert refused(ORDER, ticket, actor)[0] is Reason.ROLE
    assert refused(replace(ORDER, category="Z99"), ticket) == (Reason.BAD_DATA, "Z99")
    assert refused(replace(ORDER, lead="nobody"), ticket)[0] is Reason.UNKNOWN_BODY
    assert refused(replace(ORDER, lead="discipline"), ticket)[0] is Reason.UNKNOWN_BODY
    assert HOUSING in ACTORS.values()


def test_words_are_few_and_each_once() -> None:
    words = ("油烟", "油烟", *(f"词{n}" for n in range(40)))
    (fact, *_) = given(replace(ORDER, words=words), as_of(Accepted()))
    assert isinstance(fact, Categorised)
    assert len(fact.words) == MOST_WORDS
    assert fact.words[:2] == ("油烟", "词0")


def _events() -> list[Event]:
    happened = [Event(START, SYSTEM, received())]
    for hours, fact in enumerate(HELD, start=1):
        happened.append(Event(START + timedelta(hours=hours), TAKER[type(fact)], fact))
    return happened
