"""Orders over the real server, given through the owner's session and by people who are signed in.

The database stamps what a person does with its own time: the tickets came in a few minutes ago.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from data_access import bulk, log
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.city import load_city
from domain.drafts import StepDraft
from domain.events import Event, Fact
from domain.intake import NewTicket
from domain.people import Actor, Role
from domain.rights import COMMAND_OF, Command
from tests.data_access.gate.conftest import SignIn, sign_in
from tests.data_access.streams import DUTY, HANDLER, received

__all__ = ["sign_in"]

Seat = tuple[Store, Actor]
"""Through which session somebody gives an order, and who that is."""
Seats = Callable[..., Seat]


def now() -> datetime:
    return datetime.now(UTC)


def step(number: str, fact: Fact, expected: int | None = None) -> StepDraft:
    return StepDraft(str(uuid.uuid4()), number, fact, expected)


def by(fact: Fact) -> tuple[Actor, Fact]:
    """A step with who takes it: the office, or housing."""
    return (DUTY if COMMAND_OF[type(fact)] is Command.RUN_PLATFORM_NODES else HANDLER, fact)


def put(store: Store, number: str, steps: Sequence[tuple[Actor, Fact]]) -> None:
    """A ticket that came in five minutes ago, to which these things happened since, seconds apart."""
    start = now() - timedelta(minutes=5)
    happened = [(DUTY, received()), *steps]
    events = tuple(
        Event(start + timedelta(seconds=seconds), actor, fact)
        for seconds, (actor, fact) in enumerate(happened)
    )
    ticket = NewTicket(number, events, number.encode().ljust(32, b"\0"))
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket]))


def events(store: Store, stream: str) -> list[Event]:
    return [record.event for record in store.read(lambda c: log.read_stream(c, stream))]


def facts(store: Store, stream: str) -> list[str]:
    return [type(event.fact).__name__ for event in events(store, stream)]


def flaw(store: Store) -> object:
    return store.scratch(lambda c: verify(c, load_rules(c))).flaw


@pytest.fixture
def city(store: Store) -> Store:
    """The owner's store, with the demo city's bodies and people and no ticket."""
    store.write(lambda c: put_city(c, load_city(), now() - timedelta(days=1)))
    return store


@pytest.fixture(params=["owner", "signed in"])
def seat(request: pytest.FixtureRequest, city: Store, sign_in: SignIn) -> Seats:
    """Somebody of a role, for a handler with the body: signed in, or named to the owner's session."""
    known: dict[tuple[Role, str | None], Seat] = {}

    def open_as(role: Role, body: str | None = None) -> Seat:
        if (role, body) not in known:
            person = sign_in(role, body)
            actor = person.actor
            assert actor is not None
            known[role, body] = (city if request.param == "owner" else person, actor)
        return known[role, body]

    return open_as
