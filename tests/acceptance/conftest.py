"""A store for a whole module: what a test file imports once, its tests only read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from data_access.store import Store, open_embedded
from tests.fresh_database import copied

MAPPINGS = Path(__file__).parent


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def module_store(postgres: Path, template_database: str) -> Iterator[Store]:
    """An open store on a fresh database that all tests of a module share."""
    with copied(postgres, template_database) as url:
        store = open_embedded(postgres, str(make_url(url).database))
        yield store
        store.close()
