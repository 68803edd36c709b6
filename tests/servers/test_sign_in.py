"""People sign in to a city's server by SCRAM, and nobody else does."""

import psycopg
import pytest
from sqlalchemy import text

from data_access.errors import StoreError
from data_access.store import Store, open_url
from domain.people import Role
from tests.servers.fixtures import City


def test_the_owner_is_no_superuser_and_everybody_needs_a_password(city: City) -> None:
    with city.connect() as connection:
        rights = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(rights).fetchone() == (False, True, False)
        found = connection.execute("SELECT setting FROM pg_settings WHERE name = 'password_encryption'")
        assert found.fetchone() == ("scram-sha-256",)
    login = city.login_of(Role.DUTY)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(city.url(login).replace(city.server.passwords[login], "guessed"))
    failed = [line for line in city.server.log_lines() if line.get("error_severity") == "FATAL"]
    assert (failed[-1]["user"], failed[-1]["remote_host"]) == (login, "127.0.0.1")


def test_every_person_signs_in_and_reads_the_board(city: City) -> None:
    for role in (Role.WALL, Role.DUTY, Role.HANDLER, Role.DISCIPLINE, Role.LEADER, Role.ADMIN):
        code, said, complaint = city.psql(city.login_of(role), "SELECT count(*) FROM ticket")
        assert (code, complaint) == (0, "")
        assert int(said) > 0


def test_a_wrong_password_is_told_and_names_no_secret(city: City) -> None:
    url = city.url(city.login_of(Role.DUTY)).replace(
        city.server.passwords[city.login_of(Role.DUTY)], "guessed"
    )
    with pytest.raises(StoreError) as refused:
        open_url(url)
    assert "guessed" not in f"{refused.value.message}{refused.value.way_out}"


def test_the_owner_opens_the_store(owner_store: Store) -> None:
    count = owner_store.read(lambda c: c.execute(text("SELECT count(*) FROM event")).scalar_one())
    assert count > 0
