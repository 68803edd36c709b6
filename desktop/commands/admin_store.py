"""The store as `admin` opens it: as its owner, or as an admin whose password is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import typer

from data_access import people
from data_access.store import open_embedded, open_url
from desktop.commands.options import session_of
from desktop.errors import WorldError
from domain.rights import RefusedError

if TYPE_CHECKING:
    from data_access.store import Connection, Store

T = TypeVar("T")


@contextmanager
def opened(ctx: typer.Context, login: str | None) -> "Iterator[Store]":
    """Open the store as an admin, or as the address says; close it at the end."""
    store = _open(ctx, login)
    try:
        yield store
    finally:
        store.close()


def _open(ctx: typer.Context, login: str | None) -> "Store":
    from data_access import credentials, letting_in

    settings = session_of(ctx).settings
    url = settings.database_url
    if url is None:
        store = open_embedded(settings.data)
        if login is None:
            return store
        try:
            return store.as_person(login)
        finally:
            store.close()
    server, named = credentials.server_of(url)
    login = login or (named if not people.holds_password(url) else None)
    if login is None:
        return open_url(url)
    try:
        return credentials.open_as(server, login, credentials.Secret(""))
    except letting_in.SignInError as error:
        if error.refusal is not letting_in.Refusal.NO_PASSWORD:
            raise
    given = typer.prompt(f"Password of {login}", hide_input=True, err=True)
    return credentials.open_as(server, login, credentials.Secret(given))


def is_owner(store: "Store") -> bool:
    return store.read(people.is_owner)


def write(store: "Store", work: "Callable[[Connection], T]") -> T:
    return told(lambda: store.write(work))


def read(store: "Store", work: "Callable[[Connection], T]") -> T:
    return told(lambda: store.read(work))


def told(work: Callable[[], T]) -> T:
    try:
        return work()
    except RefusedError as error:
        # The words are the screen's; they need no window.
        from widgets.refusals import refusal_text

        raise WorldError(refusal_text(error)) from error
