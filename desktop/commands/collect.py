"""`collect` does without a window what an open program does beside it: it sweeps, and takes in feeds and
what devices send."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from desktop import logs
from desktop.application import open_store
from desktop.commands.options import session_of
from desktop.errors import WorldError
from desktop.settings import Settings, split_address

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
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="HOST:PORT", help="Listen to devices that speak HJ 212 there."),
    ] = None,
) -> None:
    """Raise warnings and take in feeds without a window, until Ctrl-C. Needs no display."""
    settings = session_of(ctx).settings
    if listen is not None:
        settings = _listening_at(settings, listen)
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


def _listening_at(settings: Settings, address: str) -> Settings:
    try:
        split_address(address)
    except ValueError as error:
        raise WorldError(
            f"The option --listen cannot be used: {error}.", "Write it as 0.0.0.0:9212."
        ) from None
    return settings.model_copy(update={"hj212": address})


def _services(store: "Store", settings: Settings, *, live: bool) -> list[Service]:
    from desktop.jobs import Jobs
    from desktop.receiving.beside import LOOPBACK, receiver_of

    services: list[Service] = [Jobs(store)]
    receiver = receiver_of(store, settings, LOOPBACK if live else None)
    if receiver is not None:
        services.append(receiver)
    if live:
        # Loaded here: a city's own store has no use for it.
        from desktop.demo.living.service import Living

        services.append(Living(store, receiver))
    return services
