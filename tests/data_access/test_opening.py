"""A store that goes away while it is opened is told in the user's words, like one that is not there."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text

from data_access.errors import StoreError
from data_access.store import Store, open_url

PATIENCE_SECONDS = 30


def _cut_who_waits(connection: Connection) -> int:
    statement = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'"
    )
    return int(connection.execute(statement).scalar_one())


def test_a_connection_cut_while_the_schema_is_looked_at(database_url: str, store: Store) -> None:
    def cut_while_it_waits(connection: Connection) -> StoreError:
        connection.execute(text("SELECT pg_advisory_xact_lock(71230002)"))
        opened = beside.submit(open_url, database_url)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not store.read(_cut_who_waits):
            time.sleep(0.05)
        with pytest.raises(StoreError) as told:
            opened.result(PATIENCE_SECONDS)
        return told.value

    with ThreadPoolExecutor(1) as beside:
        told = store.write(cut_while_it_waits)
    assert "数据库无法访问" in told.message
    assert told.way_out
