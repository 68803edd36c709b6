"""`export` writes a ticket's dossier to a ZIP or a folder, which `verify FILE` proves anywhere."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from data_access.readers.dossier import dossier
from data_access.rules import load_rules
from desktop import environment
from desktop.application import open_store
from desktop.commands.options import AsOf, Json, session_of
from desktop.dossiers.export import Exporting, NoSuchDossierError, Paper
from desktop.errors import WorldError
from desktop.reports.values import print_json
from desktop.time import now
from domain.progress import progress_of


def register(app: typer.Typer) -> None:
    app.command()(export)
    app.command()(progress)


def export(
    ctx: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="A ticket, or a re-supervision such as Z-2026-0001.")
    ],
    to: Annotated[
        Path, typer.Option("--to", metavar="PATH", help="FILE.zip, or a folder that is not there yet.")
    ],
    as_of: AsOf = None,
    without_pdf: Annotated[
        bool, typer.Option("--without-pdf", help="Leave the PDF out, where Qt cannot be loaded.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Export a dossier: a readable PDF, the events as they were hashed, the evidence, the seals."""
    paper = None if without_pdf else _paper()
    store = open_store(session_of(ctx).settings)
    try:
        rules = store.read(load_rules)
        work = Exporting(number, to, as_of, paper)
        found = store.read(lambda connection: work(connection, rules, now()))
    finally:
        store.close()
    if as_json:
        print_json({**asdict(found), "path": str(found.path)})
        return
    missing = f"，另有 {found.missing} 份登记而未存" if found.missing else ""
    sealed = f"日封至 {found.sealed_until}" if found.sealed_until else "尚无日封"
    typer.echo(
        f"已导出 {found.number}：{found.files} 个文件，{found.events} 个事件，"
        f"{found.evidence} 份证据{missing}，{sealed}。\n"
        f"位置：{found.path}\n清单指纹（请另行记下）：{found.spelled}"
    )


def progress(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="A ticket.")],
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE.pdf", help="Write it as a PDF.")] = None,
    as_of: AsOf = None,
) -> None:
    """Tell how far a ticket has come without a name, an address or a text, for both sides (T15).

    As a PDF with --to, else as one line of JSON.
    """
    store = open_store(session_of(ctx).settings)
    try:
        rules = store.read(load_rules)
        moment = (as_of or now()).replace(microsecond=0)
        shown = store.read(lambda connection: dossier(connection, rules, number, moment, max(now(), moment)))
    finally:
        store.close()
    if shown is None:
        raise NoSuchDossierError(f"没有工单 {number}，或您看不到它。", "核对编号，例如 XZ-20261121-0236。")
    found = progress_of(shown)
    if to is None:
        print_json(asdict(found))
        return
    _paper()
    from desktop.dossiers.progress import progress_sheet

    try:
        to.write_bytes(progress_sheet(found))
    except OSError as error:
        raise WorldError(f"不能写入 {to}：{error.strerror}", "换一个位置，或检查权限和空间。") from error
    typer.echo(f"已写入 {to}")


def _paper() -> Paper:
    environment.use_offscreen()
    # Qt is loaded here and not before: without it the rest can be exported.
    from desktop.dossiers.paper import paper_of
    from desktop.runtime.loop import application

    application()
    return paper_of
