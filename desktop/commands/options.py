"""Options that several commands share, and the session that carries the settings to a command.

def ranking(ctx: typer.Context, as_of: AsOf = None, as_json: Json = False) -> None:
    settings = session_of(ctx).settings
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from desktop.errors import WorldError
from desktop.settings import Settings, split_address
from desktop.time import now


@dataclass
class Session:
    """One run of the command line. `as_json` is how errors are to be printed."""

    settings: Settings
    as_json: bool = False


def session_of(ctx: typer.Context) -> Session:
    session = ctx.find_root().obj
    assert isinstance(session, Session)
    return session


def parse_time(text: str) -> datetime:
    """Read ISO 8601: a day, or a day with a time, with or without an offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a time such as 2026-03-05T14:30 or 2026-03-05.") from None


def parse_day(text: str) -> date:
    """Read a day of the calendar, as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day such as 2026-03-05.") from None


def in_city_time(ctx: typer.Context, value: datetime | None) -> datetime | None:
    """A time without an offset is the city's; inside, all times are UTC."""
    if value is None:
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=session_of(ctx).settings.city_zone)
    return value.astimezone(UTC)


def _not_to_come(ctx: typer.Context, value: datetime | None) -> datetime | None:
    moment = in_city_time(ctx, value)
    if moment is not None and moment > now():
        local = moment.astimezone(session_of(ctx).settings.city_zone)
        raise typer.BadParameter(f"{local:%Y-%m-%d %H:%M:%S} has not come yet; only what was can be shown.")
    return moment


def _note_json(ctx: typer.Context, value: bool) -> bool:
    session_of(ctx).as_json = value
    return value


AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        parser=parse_time,
        callback=_not_to_come,
        help="Show things as they stood then (ISO 8601; city time unless it says otherwise).",
    ),
]
"""UTC and not in the future, or None for now."""

Since = Annotated[
    datetime | None,
    typer.Option("--from", metavar="TIME", parser=parse_time, callback=in_city_time, help="From then on."),
]

Until = Annotated[
    datetime | None,
    typer.Option(
        "--to",
        metavar="TIME",
        parser=parse_time,
        callback=in_city_time,
        help="Until then, the moment itself not counted.",
    ),
]

Json = Annotated[bool, typer.Option("--json", callback=_note_json, is_eager=False, help="Print JSON.")]

Listen = Annotated[
    str | None,
    typer.Option("--listen", metavar="HOST:PORT", help="Listen to devices that speak HJ 212 there."),
]
"""Where devices are listened to, in place of the setting `hj212`."""


def listening_at(settings: Settings, address: str | None) -> Settings:
    """Return the settings with the address of `--listen`, or as they are where it was not given."""
    if address is None:
        return settings
    try:
        split_address(address)
    except ValueError as error:
        raise WorldError(
            f"The option --listen cannot be used: {error}.", "Write it as 0.0.0.0:9212."
        ) from None
    return settings.model_copy(update={"hj212": address})
