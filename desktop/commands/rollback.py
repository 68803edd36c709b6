"""`rollback` takes the schema back to an older revision, for an older version of the program."""

from typing import Annotated

import typer

from data_access.migrate import check_downgrade, downgrade, newest
from desktop.application import open_store
from desktop.commands.options import session_of


def register(app: typer.Typer) -> None:
    app.command()(rollback)


def rollback(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(metavar="REVISION", help="Such as 0004.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the schema back, so that an older version can open the store. Make a backup first.

    Events stay; what only the newer schema can hold is lost.
    """
    store = open_store(session_of(ctx).settings)
    try:
        check_downgrade(store.engine, revision)
        if not yes:
            typer.confirm(
                f"Back from {newest()} to {revision}: is there a backup, and may it begin?", abort=True
            )
        downgrade(store.engine, revision)
    finally:
        store.close()
    typer.echo(f"● 库已退回到版本 {revision}。现在请只用旧版程序打开它；本程序再次打开会重新升级。")
