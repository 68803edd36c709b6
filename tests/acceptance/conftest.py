"""A store for a whole module: what a test file imports once, its tests only read."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_access import server
from data_access.store import Store, open_embedded

MAPPINGS = Path(__file__).parent


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def module_store(postgres: Path, template_database: str) -> Iterator[Store]:
    """An open store on a fresh database that all tests of a module share."""
    from sqlalchemy import text

    from data_access.store import create_engine_for

    name = f"module_{uuid.uuid4().hex[:12]}"
    store = open_embedded(postgres, name)
    yield store
    store.close()
    engine = create_engine_for(server.start(postgres).url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
