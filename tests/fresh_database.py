"""Databases copied from a template, as fast as PostgreSQL copies them, and dropped after their use."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url, text

from data_access import server
from data_access.store import Store, create_engine_for, open_url

UNSAFE = ("fsync", "full_page_writes")
"""What guards the data against a power failure of the machine: a server that is killed needs neither."""

STRATEGY = "FILE_COPY"
"""Without `fsync`, checkpoints and plain copies of files cost two thirds of what a copy in the log does."""


def do_without_power_failures(url: str) -> None:
    """Let a server of the tests write without waiting for the disk."""
    _order(url, *(f"ALTER SYSTEM SET {name} = off" for name in UNSAFE), "SELECT pg_reload_conf()")


@contextmanager
def copied(postgres: Path, template: str) -> Iterator[str]:
    """Copy a database of the embedded server; its address comes back. Nobody may have the template open."""
    maintenance = server.start(postgres).url
    name = f"test_{uuid.uuid4().hex[:12]}"
    _order(maintenance, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {STRATEGY}")
    try:
        yield make_url(maintenance).set(database=name).render_as_string(hide_password=False)
    finally:
        _order(maintenance, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def opened_copy(postgres: Path, template: str) -> Iterator[Store]:
    """Copy a database of the embedded server, and open the copy as a store.

    A store that was opened once is at this program's version: there is nothing to bring up to date.
    """
    with copied(postgres, template) as url:
        store = Store(create_engine_for(url), None)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def filled(postgres: Path, template: str, fill: Callable[[Store], object]) -> Iterator[str]:
    """Copy a template and fill the copy, which is the next template: its name comes back."""
    with copied(postgres, template) as url:
        store = open_url(url)
        try:
            fill(store)
        finally:
            store.close()
        yield str(make_url(url).database)


def _order(url: str, *statements: str) -> None:
    engine = create_engine_for(url).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()
