"""`demo` creates the demo city, or makes it anew; with --live it lets people live in it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from data_access import master
from data_access.open_work import Turn
from data_access.reset import reset_sample
from desktop.application import open_store
from desktop.commands.options import AsOf, session_of
from desktop.demo.load import fill_if_empty
from desktop.errors import WorldError
from desktop.time import now

if TYPE_CHECKING:
    from data_access.store import Store
    from desktop.demo.living.drive import Driver

SECONDS_BETWEEN_LINES = 5.0
DEFAULT_RATE = "2/s"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    ctx: typer.Context,
    reset: Annotated[
        bool, typer.Option("--reset", help="Delete the sample data that is there, and begin anew.")
    ] = False,
    as_of: AsOf = None,
    live: Annotated[
        bool, typer.Option("--live", help="Let the city live: complaints, steps, lateness, silent feeds.")
    ] = False,
    rate: Annotated[
        str, typer.Option("--rate", metavar="N/UNIT", help="Changes: 2/s, 0.5/s, 500/s, 30/min.")
    ] = DEFAULT_RATE,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="SPAN", help="End after 60s, 5min or 2h; else at Ctrl-C.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another course of events.")] = 1,
) -> None:
    """Create the demo city: about 5,000 tickets of the 90 days up to now, or up to --as-of.

    With --live it is created where there is none, and goes on living at --rate.
    """
    from desktop.demo.living.rate import parse_rate, parse_span

    if not live and (rate != DEFAULT_RATE or lasting is not None):
        raise WorldError("--rate and --for are about a city that lives.", "Add --live.")
    speed = parse_rate(rate)
    span = None if lasting is None else parse_span(lasting)
    if live and as_of is not None:
        raise WorldError("A living city goes on from now.", "Leave out --as-of.")
    store = open_store(session_of(ctx).settings)
    try:
        empty = store.read(master.is_empty)
        if not (empty or live or reset):
            raise WorldError("The store is not empty.", "demo --reset makes the demo city anew.")
        if empty or reset:
            _create(store, as_of or now(), reset=reset)
        if live:
            _live(store, speed, seed, span)
    finally:
        store.close()


def _create(store: "Store", anchor: datetime, *, reset: bool) -> None:
    """Create the city while nobody else can let one live here: its changes would fall between two cities."""
    from desktop.demo.living.drive import TAKEN

    turn = Turn(store)
    if not turn.take():
        raise TAKEN
    try:
        if reset:
            reset_sample(store)
        with Console(stderr=True).status("Creating the demo city: 90 days of tickets …"):
            filled = fill_if_empty(store, anchor)
    finally:
        turn.give_back()
    if not filled:
        raise WorldError("Another program wrote into the store meanwhile.", "See what it holds; try again.")
    typer.echo(f"The demo city stands as of {anchor:%Y-%m-%d %H:%M:%S} UTC.")


def _live(store: "Store", rate: float, seed: int, span: timedelta | None) -> None:
    from desktop.demo.living.drive import Driver, drive

    driver = Driver(store, rate, seed, patient=False)
    typer.echo("The demo city lives. All people, complaints and figures in it are made up. Ctrl-C ends.")
    with _set_by_signals() as stop:
        seconds = drive(driver, stop, span, _say, SECONDS_BETWEEN_LINES)
    score = driver.score
    if score is None:
        typer.echo("Nothing happened.")
        return
    typer.echo(
        f"Lived for {seconds:.0f} s: {score.events} changes, "
        f"{score.events / max(seconds, 0.001):.1f} a second; "
        f"{score.new} tickets came in, {score.closed} were closed, {score.open} are open, "
        f"{score.overdue} of them late; {score.left} steps left to others who were quicker."
    )


def _say(driver: "Driver", seconds: float) -> None:
    score = driver.score
    clock = f"{int(seconds) // 3600:02d}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"
    if score is None or driver.away:
        typer.echo(f"{clock}  the database is away; trying again")
        return
    quiet = ", ".join(score.quiet_names) or "none"
    typer.echo(
        f"{clock}  {score.events} changes  {score.open} open  +{score.new} -{score.closed}  "
        f"{score.overdue} late  quiet feeds: {quiet}"
    )


@contextmanager
def _set_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or a polite kill sets, so that the transaction under way is finished."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
