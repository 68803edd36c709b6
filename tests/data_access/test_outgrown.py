"""A program that is still open when a newer version migrates its store is told so, and nothing else is."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data_access.errors import StoreError
from data_access.gate.install import remove_gate
from data_access.store import Store
from data_access.sweeper import Sweeper
from tests.data_access.streams import ticket, whole_life
from tests.data_access.test_log import put


def migrate(connection: Connection) -> None:
    """Do as a newer version does: another column that must not be empty, and one that is gone."""
    remove_gate(connection)
    connection.execute(text("ALTER TABLE node_state ADD COLUMN weight integer NOT NULL DEFAULT 1"))
    connection.execute(text("ALTER TABLE node_state ALTER COLUMN weight DROP DEFAULT"))
    connection.execute(text("ALTER TABLE warning DROP COLUMN clear_from"))
    connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))


def test_an_open_program_is_told_that_its_store_was_migrated(store: Store) -> None:
    put(store, ticket("T-1", whole_life()))
    sweeper = Sweeper(store)
    try:
        assert sweeper.round().sweeps
        store.write(migrate)
        with pytest.raises(StoreError, match="9001") as told:
            put(store, ticket("T-2", whole_life()))
        assert "关闭" in told.value.way_out
        with pytest.raises(StoreError, match="9001"):
            sweeper.round()
    finally:
        sweeper.close()


def test_a_fault_of_ours_stays_one(store: Store) -> None:
    with pytest.raises(DBAPIError):
        store.write(lambda c: c.execute(text("SELECT weight FROM node_state")))
