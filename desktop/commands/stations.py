"""`stations`: the registered devices, and by which limits their values are judged today."""

import typer

from data_access.stations import read_limits, read_stations
from data_access.store import Connection
from desktop.application import open_store
from desktop.commands.options import Json, session_of
from desktop.reports.registry import print_registry, registry_values
from desktop.reports.values import print_json
from desktop.time import now
from domain.stations import Limit, Station


def register(app: typer.Typer) -> None:
    app.command()(stations)


def stations(ctx: typer.Context, as_json: Json = False) -> None:
    """The registered devices that speak HJ 212, each with the limits in force today."""
    settings = session_of(ctx).settings
    store = open_store(settings)
    try:
        found = store.read(_registered)
    finally:
        store.close()
    today = now().astimezone(settings.city_zone).date()
    if as_json:
        print_json(registry_values(*found, today))
    else:
        print_registry(*found, today)


def _registered(connection: Connection) -> tuple[tuple[Station, ...], tuple[Limit, ...]]:
    return read_stations(connection), read_limits(connection)
