"""The command line: `python main.py COMMAND [--data DIR]`. Commands are the modules of desktop/commands.

Codes at the end: 0 done; 1 done, and what was asked about is not in order (verify, doctor); 2 it could not be
done, and why; 70 a fault of ours, written to the log.
"""

import importlib
import json
import logging
import pkgutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from data_access.errors import StoreError
from desktop import commands, confidential, logs, settings
from desktop.commands.options import Session, session_of
from desktop.confidential import without_secrets
from desktop.errors import WorldError

OWN_PROCESS = "own process"
"""What `main` tells a run: the environment is the program's own, to be changed."""

NEEDS_NO_FOLDER = ("verify", "hj212")
"""What can be done where the data folder cannot be written: a dossier is proved on anybody's machine, and a
capture of a monitor's line is read there."""

CODE_WORLD = 2
CODE_OURS = 70

_OWN_OPTIONS = ("--data", "--config")

_log = logging.getLogger(__name__)


class _Commands(TyperGroup):
    """Runs a command; what it raises becomes a line or two and a code, never a traceback.

    `--data` and `--config` may stand after the command, too.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _of_the_program_first(args))

    def invoke(self, ctx: typer.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (WorldError, StoreError) as error:
            _log.warning("refused: %s %s", error.message, error.way_out)
            _print_error(error, as_json=isinstance(ctx.obj, Session) and ctx.obj.as_json)
            raise typer.Exit(CODE_WORLD) from error
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except BrokenPipeError:
            # The reader of a pipe (head, less) has had enough: nothing went wrong.
            sys.stderr.close()
            raise typer.Exit(0) from None
        except Exception as error:
            if type(error).__module__.startswith("typer."):
                raise
            _log.exception("unexpected")
            where = f" Details are in {ctx.obj.settings.log_file}." if isinstance(ctx.obj, Session) else ""
            sys.stderr.write(f"An unexpected fault: {_told(error)}.{where}\n")
            raise typer.Exit(CODE_OURS) from error


def _of_the_program_first(arguments: list[str]) -> list[str]:
    """Return the arguments with the options of the program itself before the command."""
    own: list[str] = []
    others: list[str] = []
    given = iter(arguments)
    for argument in given:
        if argument == "--":
            others += [argument, *given]
        elif argument in _OWN_OPTIONS:
            value = next(given, None)
            # Without its value it must not swallow the command: it stays last, and is complained about.
            if value is None:
                return [*own, argument]
            own += [argument, value]
        elif argument.startswith(tuple(f"{option}=" for option in _OWN_OPTIONS)):
            own.append(argument)
        else:
            others.append(argument)
    return own + others


app = typer.Typer(
    name="qingshao",
    cls=_Commands,
    help="Qingshao 青哨: the command centre for a city's pollution-prevention supervision.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"qingshao {version('qingshao')}")
        except PackageNotFoundError:
            typer.echo(f"qingshao {_version_of_checkout()}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _open(
    ctx: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Folder of the store, logs and pictures; before or after COMMAND."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Settings file (TOML); before or after COMMAND."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Without a command: run."""
    chosen = settings.load(config, data)
    confidential.keep_those_of(chosen.database_url)
    if ctx.obj == OWN_PROCESS:
        confidential.leave_the_environment()
    try:
        logs.open_log(chosen)
    except WorldError:
        if ctx.invoked_subcommand not in NEEDS_NO_FOLDER:
            raise
    ctx.obj = Session(chosen)
    if ctx.invoked_subcommand is None:
        from desktop.commands.start import run

        run(ctx)


def _register_commands() -> None:
    for module in sorted(pkgutil.iter_modules(commands.__path__), key=_by_place):
        loaded = importlib.import_module(f"{commands.__name__}.{module.name}")
        if hasattr(loaded, "register"):
            loaded.register(app)


def _by_place(module: pkgutil.ModuleInfo) -> tuple[bool, str]:
    """`start` first: help lists the commands in the order in which they registered."""
    return (module.name != "start", module.name)


def _print_error(error: WorldError | StoreError, *, as_json: bool) -> None:
    message, way_out = without_secrets(error.message), without_secrets(error.way_out)
    if as_json:
        told = {"error": {"message": message, "way_out": way_out}}
        sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write("\n".join(line for line in (message, way_out) if line) + "\n")


def _told(error: Exception) -> str:
    kind = type(error).__name__
    if type(error).__module__.startswith(("sqlalchemy.", "psycopg.")):
        # Statements and their values are for the log only.
        return kind
    return f"{kind}: {without_secrets((str(error).splitlines() or ['no message'])[0].rstrip('.'))}"


def _version_of_checkout() -> str:
    import tomllib

    file = Path(__file__).parent.parent / "pyproject.toml"
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])


__all__ = ["app", "main", "session_of"]


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its code."""
    # Until the log is open, records would be printed beside what the user is told.
    logging.getLogger().addHandler(logging.NullHandler())
    _register_commands()
    app(args=arguments, prog_name="python main.py", obj=OWN_PROCESS)
