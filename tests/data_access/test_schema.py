"""The migrations create what the schema declares."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names

from data_access.migrate import alembic_config, knows, newest
from data_access.schema import Xid8, metadata
from data_access.store import Store


def test_the_revisions_are_those_of_the_migrations(store: Store) -> None:
    """The program knows them by the names of their files, so that no start waits for Alembic."""
    scripts = ScriptDirectory.from_config(store.read(alembic_config))
    told = [script.revision for script in scripts.walk_revisions()]
    assert newest() == told[0] == scripts.get_current_head()
    assert [name for name in told if not knows(name)] == []
    assert not knows("9001")


def test_the_migrated_database_is_the_declared_schema(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ischema_names, "xid8", Xid8)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert store.read(differences) == []
