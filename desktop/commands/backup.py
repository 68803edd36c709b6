"""`backup` writes the whole store into one file; `restore` brings it back into an empty one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from data_access.backup import Restored, address_of_embedded, back_up, check_archive
from data_access.backup import restore as bring_back
from data_access.credentials import protected
from desktop.application import open_store
from desktop.commands.options import Json, session_of
from desktop.reports.values import print_json


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; an old one is never replaced.")],
    as_json: Json = False,
) -> None:
    """Write the whole store into one file, as of one moment, while everybody goes on working.

    The file holds complainants: only its owner may read it. It holds no passwords.
    """
    settings = session_of(ctx).settings
    named = settings.database_url
    url = address_of_embedded(settings.data) if named is None else protected(named)
    with _shown("备份", quiet=as_json) as progress:
        written = back_up(url, file.absolute(), settings.data, progress)
    if as_json:
        print_json({"file": str(written.file), "size": written.size, **asdict(written.contents)})
    else:
        typer.echo(
            f"● 已备份到 {written.file}（{decimal(written.size)}，版本 {written.contents.revision}）。"
        )
        typer.echo("  文件含投诉人信息，请妥善保管；请定期恢复到另一目录并用 verify 核对。")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written by `backup`.")],
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="DIR", help="Restore into this data folder, not into the store in use."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back into an empty store: all of it, or nothing. Prove it with `verify` afterwards."""
    settings = session_of(ctx).settings
    # Before the store is opened: that makes one where there is none.
    check_archive(file.absolute())
    if into is not None:
        settings = settings.model_copy(update={"data": into.expanduser().absolute(), "database_url": None})
    store = open_store(settings)
    try:
        with _shown("恢复", quiet=as_json) as progress:
            restored = bring_back(store, file.absolute(), settings.data, progress)
    finally:
        store.close()
    if as_json:
        print_json(asdict(restored))
    else:
        _tell(restored, into)


def _tell(restored: Restored, into: Path | None) -> None:
    typer.echo(
        f"● 已恢复：{restored.tickets:,} 件工单、{restored.events:,} 个事件"
        f"（备份于 {restored.contents.created}，版本 {restored.contents.revision}）。"
    )
    if restored.logins:
        typer.echo(
            f"▲ 已重建 {len(restored.logins)} 个登录角色，都没有口令：{'、'.join(restored.logins[:8])}"
            f"{' …' if len(restored.logins) > 8 else ''}"
        )
        typer.echo("  备份不含口令。用 `python main.py admin password 登录名` 逐个设置；此前他们不能登录。")
    where = "" if into is None else f" --data {into}"
    typer.echo(f"  请核对：python main.py{where} verify")


@contextmanager
def _shown(word: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield what is called with each table when it is its turn."""
    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn(word),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def show(table: str) -> None:
            bar.update(task, description=table)

        yield show
