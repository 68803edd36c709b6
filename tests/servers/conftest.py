"""One city for the whole rights table: every cell has a matter of its own in it for each way."""

import uuid
from collections.abc import Iterator

import pytest

from domain.people import Actor
from tests.servers.cluster import Cluster
from tests.servers.fixtures import TEMPLATE, City, open_to_its_people, restore_people
from tests.servers.matrix import Matrix, drop_made_people


@pytest.fixture
def matrix(whole_matrix: Matrix) -> Matrix:
    """The table's city, its people as they were made: another test may have revoked one of them."""
    restore_people(whole_matrix.city.server, whole_matrix.city.logins)
    return whole_matrix


@pytest.fixture(scope="session")
def whole_matrix(city_server: Cluster, city_template: dict[str, Actor]) -> Iterator[Matrix]:
    """The table's city, and the people by whom its roles are tried."""
    name = f"matrix_{uuid.uuid4().hex[:12]}"
    city_server.create_database(name, TEMPLATE)
    open_to_its_people(city_server, name)
    made = Matrix(City(city_server, name, city_template))
    try:
        made.prepare()
        yield made
    finally:
        made.close()
        city_server.drop_database(name)
        drop_made_people(made.city)
