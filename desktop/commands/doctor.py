"""`doctor` says what of this machine is in order, and what to do about the rest."""

import json
import sys
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from desktop.commands.options import Json, session_of
from desktop.doctor import Check, Status, examine_machine
from desktop.time import now

_STYLES = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILED: "bold red"}
_MARKS = {Status.OK: "●", Status.WARNING: "◆", Status.FAILED: "■"}


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Check display, font, web engine, database, calendar, clock and disk. Code 1 when one fails."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    checks: list[Check] = []
    for check in examine_machine(session_of(ctx).settings, now):
        checks.append(check)
        if not as_json:
            _print(console, check)
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
    raise typer.Exit(int(any(check.status is Status.FAILED for check in checks)))


def _print(console: Console, check: Check) -> None:
    style = _STYLES[check.status]
    console.print(
        f"[{style}]{_MARKS[check.status]} {check.status.value:<8}[/] {check.name:<11} {escape(check.found)}"
    )
    if check.way_out:
        console.print(f"{'':<23}→ {escape(check.way_out)}")
