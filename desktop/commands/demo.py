"""`demo` creates the demo city, or makes it anew."""

from typing import Annotated

import typer
from rich.console import Console

from data_access import master
from data_access.reset import reset_sample
from desktop.application import open_store
from desktop.commands.options import AsOf, session_of
from desktop.demo.load import fill_if_empty
from desktop.errors import WorldError
from desktop.time import now


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    ctx: typer.Context,
    reset: Annotated[
        bool, typer.Option("--reset", help="Delete the sample data that is there, and begin anew.")
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Create the demo city: about 5,000 tickets of the 90 days up to now, or up to --as-of."""
    store = open_store(session_of(ctx).settings)
    try:
        if reset:
            reset_sample(store)
        if not store.read(master.is_empty):
            raise WorldError("The store is not empty.", "demo --reset makes the demo city anew.")
        anchor = as_of or now()
        with Console(stderr=True).status("Creating the demo city: 90 days of tickets …"):
            fill_if_empty(store, anchor)
    finally:
        store.close()
    typer.echo(f"The demo city stands as of {anchor:%Y-%m-%d %H:%M:%S} UTC.")
