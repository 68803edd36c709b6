"""`run` opens the command centre; `snapshot` draws its pages once and ends."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_access.credentials import server_of
from data_access.master import is_empty
from data_access.open_work import is_sample
from desktop import environment
from desktop.application import build, build_at, open_store
from desktop.commands.options import AsOf, Listen, listening_at, session_of
from desktop.errors import WorldError
from desktop.settings import Settings
from desktop.signing_in.saved import SavedServers
from desktop.time import now

if TYPE_CHECKING:
    from data_access.store import Store
    from desktop.receiving.service import Receiving


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(snapshot)


def run(
    ctx: typer.Context,
    still: Annotated[
        bool, typer.Option("--still", help="Let nothing happen in the demo city by itself.")
    ] = False,
    sign_in: Annotated[
        bool | None,
        typer.Option(
            "--sign-in/--no-sign-in",
            help="Ask who one is and at which server; asked anyway where a server but no user is named.",
        ),
    ] = None,
    listen: Listen = None,
) -> None:
    """Open the command centre: a window, or pictures in a folder where there is no display.

    The demo city lives meanwhile: about one made-up change a second.
    """
    settings = listening_at(session_of(ctx).settings, listen)
    display = environment.choose_display()
    _say(environment.settle_sandbox())
    saved = SavedServers(settings.servers)
    if sign_in or (sign_in is None and display.windowed and asks_who(settings, saved)):
        if not display.windowed:
            raise WorldError(
                f"{display.note} Nobody can sign in without a window.",
                "Start it where there is a display, or without --sign-in.",
            )
        if listen is not None:
            raise WorldError(
                "A window at which one signs in does not listen to devices.",
                "Run `python main.py collect --listen HOST:PORT` beside the database; it needs no display.",
            )
        raise typer.Exit(_run_signed_in(settings, saved))
    store = open_store(settings)
    try:
        fill_first(store)
        lives = not still and lives_by_itself(store)
        if lives:
            typer.echo(
                "The demo city lives: all that happens in it is made up. `run --still` keeps it still."
            )
        if display.windowed:
            code = _run_window(settings, store, lives=lives)
        else:
            code = _run_pictures(settings, store, display.note, lives=lives)
    finally:
        store.close()
    raise typer.Exit(code)


def snapshot(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the PNG files go.")],
    page: Annotated[
        list[str] | None, typer.Option("--page", metavar="NAME", help="This page, more than once; else all.")
    ] = None,
    size: Annotated[str, typer.Option("--size", metavar="WxH", help="In pixels.")] = "1920x1080",
    as_of: AsOf = None,
) -> None:
    """Draw the pages to PNG files, once, and end."""
    settings = session_of(ctx).settings
    width, height = _parse_size(size)
    environment.use_offscreen()
    _say(environment.settle_sandbox())
    from PySide6.QtCore import QSize

    from desktop import pictures, runtime

    pictures.prepare_folder(folder)
    store = open_store(settings)
    try:
        fill_first(store)

        async def main() -> None:
            centre = build(settings, store, as_of)
            wanted = page or centre.pages()
            for name in wanted:
                if name not in centre.pages():
                    raise WorldError(f"There is no page {name!r}.", f"Pages: {', '.join(centre.pages())}.")
            for file in await pictures.draw(centre, folder, QSize(width, height), wanted):
                typer.echo(str(file))

        runtime.run(main)
    finally:
        store.close()


def _run_window(settings: Settings, store: "Store", *, lives: bool) -> int:
    from desktop import runtime

    async def main() -> None:
        centre = build(settings, store)
        centre.fill_screen()
        centre.start()
        try:
            async with (
                _receiving(store, settings, lives=lives) as receiver,
                _living(store, receiver, lives=lives),
            ):
                await runtime.until_quit()
        finally:
            await centre.stop()

    return runtime.run(main)


def asks_who(settings: Settings, saved: SavedServers) -> bool:
    """Whether one is to sign in: a server is named, by the address or by its last use, but no user."""
    if settings.database_url is not None:
        return server_of(settings.database_url)[1] is None
    return saved.known.server is not None


def _run_signed_in(settings: Settings, saved: SavedServers) -> int:
    from desktop import runtime

    async def main() -> None:
        # Loaded here: only a window asks.
        from desktop.signing_in.front_door import FrontDoor

        url = settings.database_url
        server, login = (None, None) if url is None else server_of(url)
        seat = await FrontDoor(saved, server, login or "").until_signed_in()
        if seat is None:
            return
        centre = build_at(settings, seat, saved)
        centre.fill_screen()
        centre.start()
        try:
            await runtime.until_quit()
        finally:
            await centre.stop()

    return runtime.run(main)


def _run_pictures(settings: Settings, store: "Store", note: str, *, lives: bool) -> int:
    from desktop import pictures, runtime
    from desktop.jobs import Jobs

    folder = settings.data / "pictures"
    pictures.prepare_folder(folder)
    typer.echo(
        f"{note} Every page is drawn to a PNG file in {folder}, again every "
        f"{pictures.SECONDS_BETWEEN} s; Ctrl-C ends."
    )

    async def main() -> None:
        jobs = Jobs(store)
        jobs.start()
        try:
            async with (
                _receiving(store, settings, lives=lives) as receiver,
                _living(store, receiver, lives=lives),
            ):
                await pictures.draw_until_quit(build(settings, store), folder)
        finally:
            await jobs.stop()

    return runtime.run(main)


def _receiving(
    store: "Store", settings: Settings, *, lives: bool
) -> AbstractAsyncContextManager["Receiving | None"]:
    """Listen to devices while inside: where the settings say, else to a living city's own."""
    from desktop.receiving.beside import LOOPBACK, receiving

    return receiving(store, settings, LOOPBACK if lives else None)


@asynccontextmanager
async def _living(store: "Store", receiver: "Receiving | None", *, lives: bool) -> AsyncIterator[None]:
    """Let the city live while inside, its devices included where there is a receiver for them."""
    if not lives:
        yield
        return
    # Loaded here: a city's own store has no use for it.
    from desktop.demo.living.service import Living

    living = Living(store, receiver)
    living.start()
    try:
        yield
    finally:
        await living.stop()


def lives_by_itself(store: "Store") -> bool:
    """Whether the store is a trial's sample city: made-up people may act in it unasked."""
    return store.embedded and store.read(is_sample)


def fill_first(store: "Store") -> None:
    """Create the demo city in an embedded store that holds nothing yet: the first start of a trial.

    A named server is a city's own, and stays empty until someone imports.
    """
    if not store.embedded or not store.read(is_empty):
        return
    # Loaded here: its texts and rules are of no use to any later start.
    from desktop.demo.load import fill_if_empty

    typer.echo("Creating the demo city, once; it takes a few seconds ...")
    fill_if_empty(store, now())


def _parse_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,5})[xX×](\d{3,5})", text.strip())
    if match is None:
        raise WorldError(f"{text!r} is not a size.", "Write it as 1920x1080.")
    width, height = int(match[1]), int(match[2])
    if width > 15360 or height > 8640:
        raise WorldError(f"{text} is more than a picture can hold.", "The largest is 15360x8640.")
    return width, height


def _say(line: str | None) -> None:
    if line:
        typer.echo(line, err=True)
