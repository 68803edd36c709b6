"""`verify` proves the store: every chain of events, the daily seals, and that the caches follow.

With a file it proves an exported dossier instead, for which it needs no store.
"""

import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
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
from desktop.commands.verify_file import prove_file
from desktop.errors import WorldError
from desktop.reports.values import print_json
from domain.seal import DIGITS, read_out


def register(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="An exported dossier, ZIP or folder: proved by itself, without a store."
        ),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Write the caches anew from the events first.")
    ] = False,
    seal: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--seal", metavar="DAY HASH", help="Compare with a seal on paper, 64 hex digits in quotes."
        ),
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            "--fingerprint", metavar="HASH", help="Compare a dossier with its manifest's, from paper."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove the store; the first event, seal or cached row that does not fit is named, and the code is 1."""
    printed = None if seal is None else _printed(*seal)
    if file is not None:
        if rebuild:
            raise WorldError("--rebuild 只用于库，不用于卷宗", "去掉 --rebuild，或去掉文件名。")
        raise typer.Exit(prove_file(file, printed, fingerprint, as_json=as_json))
    if fingerprint is not None:
        raise WorldError("--fingerprint 只用于导出的卷宗", "给出卷宗：verify FILE --fingerprint HASH。")
    store = open_store(session_of(ctx).settings)
    if store.actor is not None:
        store.close()
        raise WorldError(
            "验证要读全部事件，个人登录看不到全部",
            "请以数据库所有者或引擎（qingshao_engine）的身份运行 verify。",
        )
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
                lambda connection: prove(
                    connection, rules, lambda done: bar.update(task, completed=done), printed
                )
            )
    finally:
        store.close()
    if as_json:
        print_json({"ok": verdict.flaw is None, **asdict(verdict)})
    else:
        sys.stdout.write(_sentence(verdict, compared=printed is not None) + "\n")
    raise typer.Exit(0 if verdict.flaw is None else 1)


def _printed(day: str, digits: str) -> tuple[date, bytes]:
    """Return the seal that was typed from paper."""
    try:
        return date.fromisoformat(day), read_out(digits)
    except ValueError as error:
        raise WorldError(
            f"--seal {day} {digits!r}：不是一个日期与 {DIGITS} 位十六进制数（{error}）",
            '例：--seal 2026-11-21 "0f3a 91bc …"，数字照日报抄写，大小写与空格不限。',
        ) from error


def _sentence(verdict: Verdict, *, compared: bool) -> str:
    sealed = f"{verdict.seals:,} 个日封（至 {verdict.sealed_until}）" if verdict.seals else "尚无日封"
    counts = f"{verdict.streams:,} 条流、{verdict.events:,} 个事件、{sealed}、{verdict.cached_rows:,} 行缓存"
    if verdict.flaw is None:
        paper = "，与所给日封一致" if compared else ""
        return f"● 已验证：{counts}，全部吻合{paper}。"
    flaw = verdict.flaw
    where = flaw.stream if flaw.seq is None else f"{flaw.stream} #{flaw.seq}"
    return f"■ 不吻合：{where}: {flaw.reason}（已查 {counts}）"
