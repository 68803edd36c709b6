"""An admin who signs in to a city's server, and rooms for people whose logins no other test uses."""

import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest

from data_access import people
from data_access.store import Store, open_url
from domain.people import Role
from domain.staff import PersonDraft
from tests.servers.fixtures import City

PASSWORD = "correct-horse-battery"


@pytest.fixture
def admin_login(city: City) -> str:
    return city.login_of(Role.ADMIN)


@pytest.fixture
def admin(city: City, admin_login: str) -> Iterator[Store]:
    """The city's store as an admin has it, signed in with a password."""
    store = open_url(city.url(admin_login))
    yield store
    store.close()


@pytest.fixture
def new_login(city: City) -> Iterator[Callable[[str], str]]:
    """Names for people; their roles, which belong to the whole server, go with the test."""
    given: list[str] = []

    def name(of: str) -> str:
        given.append(f"{of}-{uuid.uuid4().hex[:8]}")
        return given[-1]

    yield name
    with city.server.connect("postgres") as connection:
        for login in given:
            connection.execute(
                psycopg.sql.SQL("DROP ROLE IF EXISTS {}").format(psycopg.sql.Identifier(login))
            )


@pytest.fixture
def add(city: City, admin: Store, new_login: Callable[[str], str]) -> Callable[..., str]:
    """Add a person with PASSWORD, as the admin; return the login."""

    def added(role: Role, body: str | None = None, name: str = "李雷") -> str:
        login = new_login(role.value)
        admin.write(lambda c: people.add_person(c, PersonDraft(login, name, role, body), PASSWORD))
        city.server.passwords[login] = PASSWORD
        return login

    return added
