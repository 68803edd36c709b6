"""A small city with people who are signed in, over the real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data_access import bulk
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store, create_engine_for
from desktop.city import load_city
from domain.events import Accepted, Dispatched
from domain.intake import Complainant, NewTicket
from domain.people import Role
from tests.data_access.streams import DUTY, START, happened, received
from tests.fresh_database import filled

SignIn = Callable[..., Store]


@pytest.fixture(scope="session")
def template_database(postgres: Path, template_database: str) -> Iterator[str]:
    """A database with a small city, in place of the empty one, from which each test's own is copied.

    T-1 is with the first responsible body, T-2 with the second, T-3 with none. T-2's complainant asked for
    secrecy.
    """
    with filled(postgres, template_database, _fill) as name:
        yield name


def _fill(store: Store) -> None:
    made = load_city()
    one, two = (body.key for body in made.responsible[:2])
    tickets = [
        ("T-1", [(0, DUTY, received()), (0.1, DUTY, Accepted()), (0.5, DUTY, Dispatched(one))], False),
        ("T-2", [(0, DUTY, received()), (0.1, DUTY, Accepted()), (0.5, DUTY, Dispatched(two))], True),
        ("T-3", [(0, DUTY, received())], False),
    ]
    written = [
        NewTicket(
            number,
            happened(*steps),
            number.encode().ljust(32, b"\0"),
            Complainant("孟庆云", "13800001111", secrecy),
        )
        for number, steps, secrecy in tickets
    ]
    store.write(lambda c: put_city(c, made, START))
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), written))


@pytest.fixture
def city(store: Store) -> Store:
    """The small city's store, as its owner has it."""
    return store


@pytest.fixture
def bodies() -> tuple[str, str]:
    """The bodies that hold T-1 and T-2."""
    one, two = (body.key for body in load_city().responsible[:2])
    return one, two


@pytest.fixture
def sign_in(city: Store, database_url: str) -> Iterator[SignIn]:
    """A store as a person of a role sees it, for a handler with the body that it acts for."""
    opened: list[Store] = []

    def open_as(role: Role, body: str | None = None) -> Store:
        rows = city.read(
            lambda c: (
                c.exec_driver_sql(
                    "SELECT login FROM person WHERE role = %s AND (%s::text IS NULL OR body = %s)"
                    " ORDER BY position",
                    (role.value, body, body),
                )
                .scalars()
                .all()
            )
        )
        person = Store(create_engine_for(database_url), None, rows[0])
        opened.append(person)
        return person

    yield open_as
    for person in opened:
        person.close()
