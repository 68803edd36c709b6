"""The bell rings for every commit and every new connection, and finds its way back after a loss."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from data_access import log
from data_access.bell import Bell
from data_access.rules import load_rules
from data_access.store import Store
from domain.events import Chased
from tests.data_access.streams import DUTY, happened, received, ticket
from tests.data_access.test_log import put

PATIENCE_SECONDS = 15


class Ear:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.rings = 0
        self.losses = 0

    def rung(self) -> None:
        self.rings += 1

    def lost(self) -> None:
        self.losses += 1


@pytest.fixture
def ear(store: Store) -> Iterator[Ear]:
    heard, bell = Ear(), Bell(store)
    thread = threading.Thread(target=bell.listen, args=(heard.rung, heard.lost), name="bell under test")
    thread.start()
    yield heard
    bell.stop()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_a_commit_rings_and_a_rollback_does_not(store: Store, ear: Ear) -> None:
    wait_until(lambda: ear.rings == 1)  # the new connection
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    wait_until(lambda: ear.rings == 2)
    with pytest.raises(ZeroDivisionError):
        store.write(_append_and_fail)
    time.sleep(0.8)
    assert ear.rings == 2


def test_it_comes_back_after_its_connection_was_killed(store: Store, ear: Ear) -> None:
    wait_until(lambda: ear.rings == 1)
    kill = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'qingshao bell'"
        " AND pid <> pg_backend_pid()"
    )
    assert store.write(lambda c: c.execute(kill).scalar_one()) == 1
    wait_until(lambda: ear.losses == 1 and ear.rings == 2)
    put(store, ticket("T-1", happened((0, DUTY, received()))))
    wait_until(lambda: ear.rings == 3)


def _append_and_fail(connection: object) -> None:
    chased = happened((1, DUTY, Chased("催办")))
    log.append(connection, load_rules(connection), [log.Addition("ticket/T-1", chased, None)])  # type: ignore[arg-type]
    raise ZeroDivisionError
