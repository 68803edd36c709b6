"""`report day`: the day's figures, and the daily seals to keep on paper."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from data_access.readers.day import day_report, last_moment
from data_access.readers.moment import at_moment
from data_access.rules import load_rules
from desktop.application import open_store
from desktop.commands.options import Json, parse_day, session_of
from desktop.errors import WorldError
from desktop.reports.day import day_page, print_day
from desktop.reports.values import print_json
from desktop.time import now
from domain.day_report import DayReport
from domain.seal import spelled

reports = typer.Typer(help="Reports to print and to keep.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(reports, name="report")


@reports.callback()
def _reports() -> None:
    """Keep `day` a command of its own, though it is the only one."""


@reports.command()
def day(
    ctx: typer.Context,
    day: Annotated[
        date | None,
        typer.Option(
            "--day", metavar="DAY", parser=parse_day, help="A day in the city; today when left out."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page to print instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What happened on a day, what stood overdue at its end, and the seals of the last sealed days."""
    report = _read(ctx, day)
    zone = session_of(ctx).settings.city_zone
    if html is not None:
        try:
            html.write_text(day_page(report, zone), encoding="utf-8")
        except OSError as error:
            raise WorldError(f"无法写入 {html}：{error.strerror}", "换一个可写的文件名。") from error
        typer.echo(str(html))
    elif as_json:
        values = asdict(report)
        for seal, said in zip(report.seals, values["seals"], strict=True):
            said["spelled"] = spelled(seal.hash)
        print_json({**values, "sealed": report.seal is not None})
    else:
        print_day(report, zone)


def _read(ctx: typer.Context, wanted: date | None) -> DayReport:
    present = now()
    store = open_store(session_of(ctx).settings)
    try:
        rules = store.read(load_rules)
        zone = rules.calendar.zone
        today = present.astimezone(zone).date()
        chosen = wanted or today
        if chosen > today:
            raise WorldError(f"{chosen} 还没有到", "日报只能写已经开始的一天。")
        end = last_moment(chosen, zone)
        as_of = None if end >= present else end
        return at_moment(store, rules, as_of, lambda c: day_report(c, chosen, zone, as_of or present))
    finally:
        store.close()
