"""`verify` proves the store: every chain of events, and that the caches follow from them."""

import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from data_access.log import UnreadableEventError
from data_access.rules import load_rules
from data_access.verify import Verdict, count_events, rebuild_caches
from data_access.verify import verify as prove
from desktop.application import open_store
from desktop.commands.options import Json, session_of
from desktop.reports.values import print_json


def register(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    ctx: typer.Context,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Write the caches anew from the events first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove the store; the first event or cached row that does not fit is named, and the code is 1."""
    store = open_store(session_of(ctx).settings)
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("验证"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=as_json or not console.is_terminal,
        transient=True,
    )
    try:
        if rebuild:
            # Nothing follows from an event that does not fit: the proof below names it.
            with suppress(UnreadableEventError):
                store.write(lambda connection: rebuild_caches(connection, load_rules(connection)))
        rules = store.read(load_rules)
        with bar:
            task = bar.add_task("", total=store.read(count_events))
            verdict = store.scratch(
                lambda connection: prove(connection, rules, lambda done: bar.update(task, completed=done))
            )
    finally:
        store.close()
    if as_json:
        print_json({"ok": verdict.flaw is None, **asdict(verdict)})
    else:
        sys.stdout.write(_sentence(verdict) + "\n")
    raise typer.Exit(0 if verdict.flaw is None else 1)


def _sentence(verdict: Verdict) -> str:
    counts = f"{verdict.streams:,} 条流、{verdict.events:,} 个事件、{verdict.cached_rows:,} 行缓存"
    if verdict.flaw is None:
        return f"● 已验证：{counts}，全部吻合。"
    flaw = verdict.flaw
    where = flaw.stream if flaw.seq is None else f"{flaw.stream} #{flaw.seq}"
    return f"■ 不吻合：{where}: {flaw.reason}（已查 {counts}）"
