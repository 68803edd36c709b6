"""Fixtures of a city's own server: SCRAM for everybody, an owner who is no superuser, people who sign in.

`city` is what most tests want: a fresh database with a small demo city in it, whose people have passwords.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text

from data_access.gate.demo_people import give_demo_logins
from data_access.store import Connection, Store, open_url
from domain.people import Actor, Role
from tests.servers.cluster import OWNER, Cluster, new_folder, packaged_programs

TICKETS = 200
ANCHOR = datetime(2026, 3, 20, 8, tzinfo=UTC)
TEMPLATE = "city_template"


@dataclass(frozen=True)
class City:
    """A database on a city's server. `logins` are the names by which people sign in; each has a password."""

    server: Cluster
    database: str
    logins: dict[str, Actor]

    def url(self, login: str = OWNER, **query: str) -> str:
        """Return the address for a login, with the password."""
        return self.server.url(self.database, login, **query)

    def login_of(self, role: Role, body: str | None = None) -> str:
        """Return the login of the first person with a role, in a body where one is named."""
        return next(
            login for login, actor in self.logins.items() if actor.role is role and body in (None, actor.body)
        )

    def connect(self, login: str = OWNER) -> psycopg.Connection[object]:
        """Return a connection of psycopg's own, each statement for itself."""
        return self.server.connect(self.database, login)

    def psql(self, login: str, statements: str) -> tuple[int, str, str]:
        """Run statements with psql under a person's own password; return code, output and complaints."""
        done = self.server.psql(self.database, login, statements)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def city_server() -> Iterator[Cluster]:
    """A PostgreSQL from the packaged programs, for the whole session."""
    folder = new_folder()
    cluster = Cluster.create(packaged_programs(folder), folder)
    yield cluster
    cluster.destroy()


@pytest.fixture(scope="session")
def city_template(city_server: Cluster) -> dict[str, Actor]:
    """A database with a small demo city, from which each test's own is copied; returns its logins."""
    return fill_template(city_server)


@pytest.fixture
def city(city_server: Cluster, city_template: dict[str, Actor]) -> Iterator[City]:
    """A fresh database with a small demo city, whose people sign in with passwords."""
    name = f"city_{uuid.uuid4().hex[:12]}"
    restore_people(city_server, city_template)
    city_server.create_database(name, TEMPLATE)
    open_to_its_people(city_server, name)
    yield City(city_server, name, city_template)
    city_server.drop_database(name)


@pytest.fixture
def owner_store(city: City) -> Iterator[Store]:
    """The city's store as its owner has it."""
    store = open_url(city.url())
    yield store
    store.close()


def fill_template(server: Cluster) -> dict[str, Actor]:
    """Make TEMPLATE on a server, by its owner, and let each of its people sign in with a password."""
    from desktop.demo.generate import DEFAULT_SEED, generate
    from desktop.demo.load import load

    server.create_database(TEMPLATE)
    store = open_url(server.url(TEMPLATE))
    try:
        load(store, generate(ANCHOR, DEFAULT_SEED, TICKETS))
        logins = store.write(_logins)
    finally:
        store.close()
    with server.connect(TEMPLATE, OWNER) as connection:
        for login in logins:
            server.let_in(connection, login)
    restore_people(server, logins)
    return logins


def open_to_its_people(server: Cluster, name: str) -> None:
    """Let the people connect to a copy of TEMPLATE: a copy has the rights on everything but on itself."""
    with server.connect("postgres") as connection:
        connection.execute(
            psycopg.sql.SQL(
                "DO $$ DECLARE groups text; BEGIN"
                " SELECT string_agg(quote_ident(rolname), ', ') INTO groups FROM pg_roles"
                " WHERE rolname LIKE 'qingshao\\_%' AND NOT rolcanlogin;"
                " EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {name});"
                " EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %s', {name}, groups);"
                " END $$"
            ).format(name=psycopg.sql.Literal(name))
        )


def restore_people(server: Cluster, logins: dict[str, Actor]) -> None:
    """Let the people be as they were made: roles belong to the whole server, and a test may have revoked one,
    moved one to another group, or given one another password.
    """
    with server.connect("postgres") as connection:
        for login, verifier, enters, groups in connection.execute(_STANDING, (list(logins),)).fetchall():
            password, kept = server.made.setdefault(login, (server.passwords[login], verifier))
            server.passwords[login] = password
            group = f"qingshao_{logins[login].role.value}"
            name = psycopg.sql.Identifier(login)
            if (verifier, enters) != (kept, True):
                # The verifier itself spares hashing the password again.
                alter = psycopg.sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
                connection.execute(alter.format(name, psycopg.sql.Literal(kept)))
            for other in set(groups) - {group}:
                revoke = psycopg.sql.SQL("REVOKE {} FROM {}")
                connection.execute(revoke.format(psycopg.sql.Identifier(other), name))
            if group not in groups:
                connection.execute(
                    psycopg.sql.SQL("GRANT {} TO {}").format(psycopg.sql.Identifier(group), name)
                )


_STANDING = """
    SELECT r.rolname, r.rolpassword, r.rolcanlogin,
        ARRAY(
            SELECT g.rolname::text FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
            WHERE m.member = r.oid
        )
    FROM pg_authid AS r WHERE r.rolname = ANY (%s)
"""


def _logins(connection: Connection) -> dict[str, Actor]:
    give_demo_logins(connection)
    rows = connection.execute(text("SELECT login, role, name, body FROM person ORDER BY position"))
    return {row.login: Actor(Role(row.role), row.name, row.body) for row in rows}
