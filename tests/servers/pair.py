"""A primary and its streaming replica, each behind TLS: what is confirmed is on both."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_access.credentials import Secret, open_as
from data_access.store import Store
from domain.people import Actor
from domain.servers import Server, Tls
from tests.servers.cluster import (
    Cluster,
    Programs,
    new_folder,
    packaged_programs,
    standby_of,
    wait_until,
)
from tests.servers.fixtures import TEMPLATE, City, fill_template
from tests.servers.tls import Certificates, certificates_for, relay_to

NAME = "localhost"
STANDBY = "standby_1"
ENGINE = "qingshao_collect"


@dataclass
class Pair:
    """Two servers of one city. `ports` are those of the relays before them, `engine` the services' login."""

    primary: Cluster
    standby: Cluster
    city: City
    ports: tuple[int, int]
    certificates: Certificates
    relays: tuple[ExitStack, ExitStack]
    engine: str

    @property
    def logins(self) -> dict[str, Actor]:
        """The city's people."""
        return self.city.logins

    def server(self, *ports: int) -> Server:
        """Return how a seat describes the servers behind these ports: by default both."""
        ports = ports or self.ports
        return Server(
            name="city",
            host=",".join([NAME] * len(ports)),
            port=",".join(map(str, ports)),
            database=self.city.database,
            tls=Tls.VERIFY_FULL,
            root_certificate=str(self.certificates.authority),
        )

    def sign_in(self, login: str, *ports: int) -> Store:
        """Return the store as a person has it, from the servers behind these ports: by default both."""
        return open_as(self.server(*ports), login, Secret(self.primary.passwords[login]))

    def fail(self) -> None:
        """Let the primary's machine lose its power, the relay with it."""
        self.primary.kill()
        self.relays[0].close()


@contextmanager
def running_pair(folder: Path) -> Iterator[Pair]:
    """Start a primary with a demo city, and a replica that has what is confirmed on the primary."""
    with ExitStack() as stack:
        own = new_folder()
        programs: Programs = packaged_programs(own)
        primary = Cluster.create(programs, own)
        stack.callback(primary.destroy)
        logins = fill_template(primary)
        with primary.connect() as connection:
            primary.create_role(connection, ENGINE, "IN ROLE qingshao_engine")
        standby = standby_of(primary, new_folder(), STANDBY)
        stack.callback(standby.destroy)
        # As docs/operations.md says: an order is confirmed when it is on the disk of a replica, too.
        primary.configure({"synchronous_standby_names": f"'ANY 1 ({STANDBY})'", "synchronous_commit": "on"})
        primary.reload()
        wait_until(lambda: is_synchronous(primary), "the replica does not follow")
        certificates = certificates_for(NAME, folder)
        relays = (ExitStack(), ExitStack())
        for relay in relays:
            stack.enter_context(relay)
        ports = tuple(
            relay.enter_context(relay_to(server.port, certificates))
            for relay, server in zip(relays, (primary, standby), strict=True)
        )
        city = City(primary, TEMPLATE, logins)
        yield Pair(primary, standby, city, (ports[0], ports[1]), certificates, relays, ENGINE)


def is_synchronous(primary: Cluster) -> bool:
    """Whether the replica confirms each order before the person hears of it."""
    with primary.connect() as connection:
        rows = connection.execute("SELECT sync_state FROM pg_stat_replication").fetchall()
    return [row[0] for row in rows] in (["quorum"], ["sync"])
