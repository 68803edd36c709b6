"""TLS with full verification: the right certificate is accepted, any other is refused with a clear reason.

The embedded server is built without OpenSSL, so a relay speaks TLS before it, as stunnel or pgbouncer would.
Where the machine has a PostgreSQL with OpenSSL, the same is tried with that server's own TLS.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from data_access.credentials import Secret, open_as
from data_access.letting_in import Refusal, SignInError
from domain.people import Role
from domain.servers import Server, Tls
from tests.servers.cluster import HERE, Cluster, new_folder
from tests.servers.fixtures import TEMPLATE, City, fill_template
from tests.servers.system import programs_with_openssl
from tests.servers.tls import Certificates, certificates_for, personal, relay_to

NAME = "localhost"


@dataclass(frozen=True)
class Door:
    """A city behind TLS: where it is, and what its certificate was signed with."""

    city: City
    port: int
    certificates: Certificates

    def server(self, host: str = NAME, authority: Path | None = None, tls: Tls = Tls.VERIFY_FULL) -> Server:
        """Return how a seat would describe it."""
        root = self.certificates.authority if authority is None else authority
        return Server("city", host, str(self.port), self.city.database, tls=tls, root_certificate=str(root))


@pytest.fixture(params=["relay", "own"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """A city's server behind a relay that speaks TLS, and one that speaks it itself."""
    if request.param == "own":
        yield request.getfixturevalue("own_tls")
        return
    city: City = request.getfixturevalue("city")
    certificates = certificates_for(NAME, request.getfixturevalue("tmp_path"))
    with relay_to(city.server.port, certificates) as port:
        yield Door(city, port, certificates)


@pytest.fixture(scope="module")
def own_tls() -> Iterator[Door]:
    """A server with OpenSSL that lets nobody in without TLS."""
    programs = programs_with_openssl()
    folder = new_folder()
    server = Cluster.create(programs, folder)
    logins = fill_template(server)
    leader = next(login for login, actor in logins.items() if actor.role is Role.LEADER)
    certificates = certificates_for(NAME, folder / "tls", leader)
    server.give(certificates.key, certificates.key.parent)
    server.configure(
        {
            "ssl": "on",
            "ssl_cert_file": f"'{certificates.certificate}'",
            "ssl_key_file": f"'{certificates.key}'",
            "ssl_ca_file": f"'{certificates.authority}'",
        }
    )
    server.admit(
        f'hostssl all "{leader}" {HERE}/32 cert',
        f"hostssl all all {HERE}/32 scram-sha-256",
    )
    server.reload()
    yield Door(City(server, TEMPLATE, logins), server.port, certificates)
    server.destroy()


def sign_in(door: Door, server: Server) -> dict[str, object]:
    """Sign in as the duty officer, and return what the connection and the database say of it."""
    login = door.city.login_of(Role.DUTY)
    store = open_as(server, login, Secret(door.city.server.passwords[login]))
    try:
        actor = store.actor
        with store.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            return {"name": actor and actor.name, "tls": driver.pgconn.ssl_in_use}
    finally:
        store.close()


def test_the_right_certificate_is_accepted(door: Door) -> None:
    expected = door.city.logins[door.city.login_of(Role.DUTY)].name
    assert sign_in(door, door.server()) == {"name": expected, "tls": True}


def test_a_certificate_for_another_name_is_refused(door: Door) -> None:
    with pytest.raises(SignInError, match="证书校验未通过") as refused:
        sign_in(door, door.server(host=HERE))
    assert refused.value.refusal is Refusal.CERTIFICATE
    assert "主机名" in refused.value.way_out


def test_an_unknown_authority_is_refused(door: Door, tmp_path: Path) -> None:
    other = certificates_for(NAME, tmp_path / "other").authority
    with pytest.raises(SignInError, match="证书校验未通过") as refused:
        sign_in(door, door.server(authority=other))
    assert refused.value.refusal is Refusal.CERTIFICATE
    assert "根证书" in refused.value.way_out


def test_nobody_gets_in_without_tls(door: Door) -> None:
    with pytest.raises(SignInError) as refused:
        sign_in(door, door.server(tls=Tls.DISABLE))
    assert refused.value.refusal in (Refusal.NO_TLS, Refusal.NOT_ALLOWED, Refusal.UNREACHABLE)


def test_a_certificate_lets_its_person_in_and_nobody_else(own_tls: Door) -> None:
    """As pg_hba says for this login: no password is asked for, and none would do."""
    login = own_tls.city.login_of(Role.LEADER)
    certificate, key = map(str, personal(own_tls.certificates.key.parent, login))
    server = replace(own_tls.server(), certificate=certificate, key=key)
    store = open_as(server, login, Secret(""))
    assert store.actor == own_tls.city.logins[login]
    store.close()
    with pytest.raises(SignInError) as refused:
        open_as(own_tls.server(), login, Secret(own_tls.city.server.passwords[login]))
    assert refused.value.refusal is Refusal.CERTIFICATE
    with pytest.raises(SignInError) as refused:
        open_as(server, own_tls.city.login_of(Role.DUTY), Secret(""))
    assert refused.value.refusal is Refusal.NO_PASSWORD


def test_a_server_without_tls_is_not_spoken_to(city: City, tmp_path: Path) -> None:
    """Somebody in between could answer that it has none: the password must not be sent."""
    root = certificates_for(NAME, tmp_path).authority
    server = Server(
        "city", NAME, str(city.server.port), city.database, tls=Tls.VERIFY_FULL, root_certificate=str(root)
    )
    login = city.login_of(Role.DUTY)
    with pytest.raises(SignInError) as refused:
        open_as(server, login, Secret(city.server.passwords[login]))
    assert refused.value.refusal is Refusal.NO_TLS
