"""A server that hangs, and connections that are lost: nobody waits for ever, and a read is made up for."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection, text

from data_access import patience, server
from data_access.errors import StoreError
from data_access.open_work import Turn
from data_access.store import Store


def sleep(connection: Connection, seconds: float) -> None:
    connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


def own_process(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(connection: Connection, pid: int) -> None:
    connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@contextmanager
def halted(postgres: Path) -> Iterator[None]:
    """The server keeps its connections and answers nothing."""
    pid = server.running_pid(postgres)
    assert pid is not None
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            process.resume()


def test_a_slow_statement_has_all_the_time_in_the_world(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.2)
    begun = time.monotonic()
    store.read(lambda c: sleep(c, 1.5))
    assert time.monotonic() - begun > 1.5


@pytest.mark.faults_expected
@pytest.mark.skipif(os.name == "nt", reason="halts the server by POSIX signals")
def test_a_server_that_hangs_is_given_up(
    postgres: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.5)
    store.read(own_process)  # a connection waits in the pool
    with halted(postgres):
        begun = time.monotonic()
        with pytest.raises(StoreError):
            store.read(own_process)
        assert time.monotonic() - begun < 30
    assert store.read(own_process)


@pytest.mark.faults_expected
@pytest.mark.skipif(os.name == "nt", reason="halts the server by POSIX signals")
def test_the_living_city_gives_a_server_up_that_hangs(
    postgres: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.5)
    turn = Turn(store)
    assert turn.take()
    given_up = threading.Event()

    def ask() -> None:
        with pytest.raises(StoreError):
            turn.take()
        given_up.set()

    asking = threading.Thread(target=ask)
    with halted(postgres):
        asking.start()
        in_time = given_up.wait(20)
    asking.join(20)
    assert in_time
    assert turn.take(), "the server is there again, and nobody else took the turn"
    turn.give_back()


def test_a_read_whose_connection_is_lost_is_made_again(store: Store) -> None:
    served_by: list[int] = []

    def read(connection: Connection) -> int:
        served_by.append(own_process(connection))
        if len(served_by) == 1:
            store.write(lambda c: end(c, served_by[0]))
        return own_process(connection)

    assert store.read(read) == served_by[1] != served_by[0]


def test_a_write_whose_connection_is_lost_is_not_made_again(store: Store) -> None:
    tries: list[int] = []

    def write(connection: Connection) -> None:
        tries.append(own_process(connection))
        store.read(lambda c: end(c, tries[0]))
        own_process(connection)

    with pytest.raises(StoreError):
        store.write(write)
    assert len(tries) == 1


def test_what_waits_in_the_pool_is_replaced_unseen(store: Store) -> None:
    session = store.session({})
    before = store.read(own_process)
    session.write(lambda c: end(c, before))
    session.close()
    assert store.read(own_process) != before
