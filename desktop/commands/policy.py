"""`policy try`: which nodes would have been late, slow or wrong under a changed policy. Writes nothing."""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from data_access.policy_trial import ChangedTicket, count_tickets, try_policy
from data_access.readers.names import Names, read_names
from data_access.rules import Rules, load_rules
from data_access.store import Connection
from desktop.application import open_store
from desktop.commands.options import Json, in_city_time, session_of
from desktop.errors import WorldError
from desktop.exports.tables import TableFile, table_file
from desktop.policy_faults import fault_text
from desktop.reports import trial as report
from desktop.reports.values import json_text
from desktop.reports.words import moment_text
from desktop.time import now
from desktop.toml_file import read_toml
from domain.policy import Policy, parse_policy
from domain.policy_trial import Trial

policy = typer.Typer(help="Policies: try one before it is installed.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(policy, name="policy")


@policy.callback()
def _group() -> None:
    """Policies: try one before it is installed."""


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise WorldError(
            f"读不出时间“{text}”。", "写作 2026-03-05 或 2026-03-05T14:30（本市时间）。"
        ) from error


@policy.command("try")
def try_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy to try, TOML.")],
    since: Annotated[
        datetime | None,
        typer.Option("--from", metavar="TIME", parser=_moment, callback=in_city_time, help="From then on."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            metavar="TIME",
            parser=_moment,
            callback=in_city_time,
            help="Until then, the moment itself not counted.",
        ),
    ] = None,
    first: Annotated[int, typer.Option("--first", min=0, help="List so many of the changed tickets.")] = 20,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="All changes go here: .csv or .xlsx.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which nodes would have been late, slow or wrong under a changed policy, and which not.

    Judges the tickets of the policy's family that came in from --from on and before --to: by the policy that
    was in force when each came in, and by this one, whatever day it is to be effective from.
    """
    moment, zone = now(), session_of(ctx).settings.city_zone
    if since is not None and since > moment:
        raise WorldError(
            f"--from {moment_text(since, zone)} 还没有到：那时以后还没有受理任何工单。",
            f"把 --from 写成 {moment_text(moment, zone)[:10]} 或更早的日子，或不写。",
        )
    if since is not None and until is not None and until <= since:
        raise WorldError(
            f"--to {moment_text(until, zone)} 不在 --from {moment_text(since, zone)} 之后：其间没有时间。",
            "较早的写在 --from，较晚的写在 --to。",
        )
    if out is not None and out.suffix.lower() not in (".csv", ".xlsx"):
        raise WorldError(f"{out} 既不是 .csv，也不是 .xlsx。", "给 --out 一个以此结尾的文件名。")
    tried = read_policy(file)
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("试算"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=as_json or not console.is_terminal,
        transient=True,
    )
    store = open_store(session_of(ctx).settings)
    # All of the changes may be more than fits the memory.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        asked = _Asked(tried, since, until, moment, first, out, spool if as_json else None)
        try:
            rules = store.read(load_rules)
            with bar:
                found = store.read(lambda connection: asked.answer(connection, rules, bar))
        finally:
            store.close()
        others = [other for other in rules.policies.policies if other.family == tried.family]
        if as_json:
            rest = {
                "policy": {"family": tried.family, "version": tried.version, "title": tried.title},
                "from": since,
                "to": until,
                "as_of": moment,
                "tickets": found.trial.tickets,
                "changed": found.trial.changed,
                "nodes": report.node_values(found.trial, found.names),
                "rules": report.rule_values(found.trial, (*others, tried)),
            }
            sys.stdout.write(json_text(rest)[:-1] + ', "changed_tickets": [')
            spool.seek(0)
            shutil.copyfileobj(spool, sys.stdout)
            sys.stdout.write("]}\n")
            return
    begin, end = moment_text(since, zone) or "最初", moment_text(until or moment, zone)
    title = f"政策试算 · {tried.title}（{tried.family} v{tried.version}）· {begin} 至 {end} 受理"
    report.print_trial(title, found.trial, (*others, tried), found.first, found.names)
    if out is not None:
        typer.echo(f"全部变化已写入 {out}。")


def read_policy(path: Path) -> Policy:
    """Return the policy in a file.

    Raises:
        WorldError: it cannot be read, or is no policy; the message names the field.
    """
    values = read_toml(path, f"政策文件 {path}")
    try:
        return parse_policy(values)
    except (ValueError, RecursionError) as error:
        raise WorldError(
            f"政策文件 {path} 不合格：{fault_text(str(error))}。",
            "按所指的字段修改后再试；格式见 resources/policies 中的文件。",
        ) from error


@dataclass(frozen=True, slots=True)
class _Found:
    trial: Trial
    names: Names
    first: list[ChangedTicket]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One trial. It may be read anew after a lost connection: each answer begins its files again."""

    policy: Policy
    since: datetime | None
    until: datetime | None
    moment: datetime
    first: int
    out: Path | None
    spool: IO[str] | None

    def answer(self, connection: Connection, rules: Rules, bar: Progress) -> _Found:
        names = read_names(connection)
        first: list[ChangedTicket] = []
        task = bar.add_task("", total=count_tickets(connection, self.policy.family, self.since, self.until))
        if self.spool is not None:
            self.spool.seek(0)
            self.spool.truncate()
        with ExitStack() as stack:
            rows: TableFile | None = None
            if self.out is not None:
                rows = stack.enter_context(table_file(self.out, report.HEADER))

            def changed(ticket: ChangedTicket) -> None:
                if len(first) < self.first:
                    first.append(ticket)
                if rows is not None:
                    for row in report.change_rows(ticket, names):
                        rows.add(row)
                if self.spool is not None:
                    comma = ", " if self.spool.tell() else ""
                    self.spool.write(comma + json_text(report.change_values(ticket)))

            found = try_policy(
                connection,
                rules,
                self.policy,
                self.moment,
                self.since,
                self.until,
                changed=changed,
                progress=lambda done: bar.update(task, completed=done),
            )
        return _Found(found, names, first)
