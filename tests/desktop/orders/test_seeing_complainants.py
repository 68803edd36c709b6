"""A look at a complainant, by the use case: shown to whom it may be, with a reason, and every look logged."""

import uuid

import pytest

from data_access import bulk
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from desktop.use_cases.complainant import see_complainant
from domain.dossier import SeenComplainant
from domain.drafts import ComplainantDraft
from domain.events import ComplainantSeen, Dispatched, Event
from domain.intake import Complainant, NewTicket
from domain.people import Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn
from tests.data_access.streams import DUTY, received
from tests.desktop.orders.conftest import events, now

HOLDER, OTHER = (body.key for body in load_city().responsible[:2])
WHO = SeenComplainant("孟庆云", "13800001111")


@pytest.fixture
def tickets(city: Store) -> Store:
    """OPEN and SECRET are with the first body, NAMELESS has no complainant."""
    at = now()
    named = {
        "OPEN": Complainant("孟庆云", "13800001111", False),
        "SECRET": Complainant("孟庆云", "13800001111", True),
        "NAMELESS": None,
    }
    made = [
        NewTicket(
            number,
            (Event(at, DUTY, received()), Event(at, DUTY, Dispatched(HOLDER))),
            number.encode().ljust(32, b"\0"),
            who,
        )
        for number, who in named.items()
    ]
    city.write(lambda c: bulk.add_tickets(c, load_rules(c), made))
    return city


def draft(ticket: str, reason: str = " 回访 ") -> ComplainantDraft:
    return ComplainantDraft(str(uuid.uuid4()), ticket, reason)


def look(store: Store, ticket: str, reason: str = " 回访 ") -> SeenComplainant | None:
    assert store.actor is not None
    return see_complainant(store, draft(ticket, reason), store.actor, now())


@pytest.mark.parametrize(
    ("role", "body", "ticket", "refused"),
    [
        (Role.DUTY, None, "OPEN", None),
        (Role.DUTY, None, "SECRET", None),
        (Role.DISCIPLINE, None, "SECRET", None),
        (Role.HANDLER, HOLDER, "OPEN", None),
        (Role.HANDLER, HOLDER, "SECRET", Reason.OTHER_BODY),
        (Role.HANDLER, OTHER, "OPEN", Reason.OTHER_BODY),
        (Role.WALL, None, "OPEN", Reason.ROLE),
        (Role.LEADER, None, "OPEN", Reason.ROLE),
        (Role.ADMIN, None, "OPEN", Reason.ROLE),
    ],
)
def test_a_complainant_is_shown_to_whom_it_may_be(
    tickets: Store, sign_in: SignIn, role: Role, body: str | None, ticket: str, refused: Reason | None
) -> None:
    person = sign_in(role, body)
    assert person.actor is not None
    if refused is None:
        seen = look(person, ticket)
        assert seen is not None
        assert (seen.name, seen.phone) == (WHO.name, WHO.phone)
        logged = events(tickets, f"access/{ticket}")
        assert [(event.actor, event.fact) for event in logged] == [(person.actor, ComplainantSeen("回访"))]
        return
    with pytest.raises(RefusedError) as found:
        look(person, ticket)
    assert found.value.reason is refused
    assert events(tickets, f"access/{ticket}") == []


def test_every_look_is_logged(tickets: Store, sign_in: SignIn) -> None:
    person = sign_in(Role.DUTY)
    look(person, "OPEN")
    look(person, "OPEN", "核查重复举报")
    assert [event.fact for event in events(tickets, "access/OPEN")] == [
        ComplainantSeen("回访"),
        ComplainantSeen("核查重复举报"),
    ]
    assert look(person, "NAMELESS") is None
    assert events(tickets, "access/NAMELESS") == []


@pytest.mark.parametrize(
    ("reason", "refused"), [(" \u3000", Reason.NO_TEXT), ("长" * 201, Reason.TEXT_TOO_LONG)]
)
def test_a_look_needs_a_reason(tickets: Store, sign_in: SignIn, reason: str, refused: Reason) -> None:
    with pytest.raises(RefusedError) as found:
        look(sign_in(Role.DUTY), "OPEN", reason)
    assert found.value.reason is refused
    assert events(tickets, "access/OPEN") == []


def test_the_engine_is_nobody_and_sees_nobody(tickets: Store) -> None:
    with pytest.raises(RefusedError) as found:
        see_complainant(tickets, draft("OPEN"), DUTY, now())
    assert found.value.reason is Reason.NOBODY
