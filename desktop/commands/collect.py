"""`collect` does without a window what an open program does beside it: it sweeps, and takes in feeds,
what devices send, and what other platforms put into the inbox (X11)."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from desktop import logs
from desktop.application import open_store
from desktop.commands.options import Listen, listening_at, session_of
from desktop.settings import Settings

if TYPE_CHECKING:
    from data_access.store import Store


class Service(Protocol):
    """Something that runs beside others on the loop, from `start` to `stop`."""

    def start(self) -> None:
        """Begin. The loop runs."""

    async def stop(self) -> None:
        """End in order."""


def register(app: typer.Typer) -> None:
    app.command()(collect)


def collect(
    ctx: typer.Context,
    live: Annotated[
        bool, typer.Option("--live", help="Let the demo city live, too (sample stores only).")
    ] = False,
    listen: Listen = None,
    inbox: Annotated[
        Path | None,
        typer.Option(
            "--inbox",
            metavar="FOLDER",
            help="Import what sources put into their folders there: docs/import.md.",
        ),
    ] = None,
) -> None:
    """Raise warnings and take in feeds without a window, until Ctrl-C. Needs no display."""
    settings = listening_at(session_of(ctx).settings, listen)
    if inbox is not None:
        settings = settings.model_copy(update={"inbox": inbox.expanduser().absolute()})
    logs.write_to_terminal()
    from desktop import runtime

    store = open_store(settings)
    try:

        async def main() -> None:
            async with AsyncExitStack() as running:
                for service in _services(store, settings, live=live):
                    service.start()
                    running.push_async_callback(service.stop)
                await runtime.until_quit()

        code = runtime.run_windowless(main)
    finally:
        store.close()
    raise typer.Exit(code)


def _services(store: "Store", settings: Settings, *, live: bool) -> list[Service]:
    from desktop.jobs import Jobs
    from desktop.receiving.beside import LOOPBACK, receiver_of

    services: list[Service] = [Jobs(store)]
    receiver = receiver_of(store, settings, LOOPBACK if live else None)
    if receiver is not None:
        services.append(receiver)
    if settings.inbox is not None:
        # Loaded here: most have none, and it brings what reads spreadsheets.
        from desktop.inbox.service import Inbox

        services.append(Inbox(store, settings.inbox, settings.data, settings.city_zone))
    if live:
        # Loaded here: a city's own store has no use for it.
        from desktop.demo.living.service import Living

        services.append(Living(store, receiver))
    return services
