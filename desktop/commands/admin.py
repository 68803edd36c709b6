"""`admin` keeps who may do what: people, bodies, policies, calendars and schemes, each act in the log.

One signs in as an admin, or works as the owner of the store. Passwords are asked for, or come from ~/.pgpass
or PGPASSWORD as for psql; they are never arguments, which everybody on the machine can read.
"""

import sys
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

from data_access import people, rule_files, sign_ins
from data_access.gate.roles import GROUPS
from data_access.migrate import newest
from desktop import confidential
from desktop.commands.admin_store import is_owner, opened, read, told, write
from desktop.commands.options import Json, session_of
from desktop.errors import WorldError
from desktop.reports.values import print_json
from desktop.time import now
from domain.admin_events import RuleInstalled, RuleKind
from domain.people import Role
from domain.staff import LOG_SETTINGS, LogAccess, PersonDraft, count_attempts

if TYPE_CHECKING:
    from data_access.store import Store

ENGINE_LOGIN = "qingshao_collect"

admin = typer.Typer(
    help="People, bodies, policies, calendars, schemes: for admins, and for the owner of the store.",
    no_args_is_help=True,
)
body = typer.Typer(help="Responsible bodies.", no_args_is_help=True)
policy = typer.Typer(help="Policies: what every node allows, as versions (TOML).", no_args_is_help=True)
calendar = typer.Typer(help="Calendars: a year's holidays and make-up days.", no_args_is_help=True)
scheme = typer.Typer(help="Colour schemes of the ledger, as versions (TOML).", no_args_is_help=True)

As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="LOGIN", help="Sign in as this admin; else as the address names, or the owner."
    ),
]


def _role(said: str) -> Role:
    """Read the role of a person; the program's own is nobody's."""
    if said not in set(GROUPS):
        raise typer.BadParameter(f"{said!r} is none of {', '.join(GROUPS)}.")
    return Role(said)


ROLES = f"[{'|'.join(GROUPS)}]"
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The name by which the person signs in.")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and print it once, instead of asking for one.")
]
Retroactive = Annotated[
    bool,
    typer.Option("--retroactive", help="Judge tickets anew that came in since the policy is effective."),
]
RuleText = Annotated[Path, typer.Argument(metavar="FILE", help="The file to install.")]


def register(app: typer.Typer) -> None:
    for name, group in (("body", body), ("policy", policy), ("calendar", calendar), ("scheme", scheme)):
        admin.add_typer(group, name=name)
    app.add_typer(admin, name="admin")


# --- the store -----------------------------------------------------------------------------------------


@admin.command()
def setup(
    ctx: typer.Context,
    login: Annotated[str, typer.Option("--admin", metavar="LOGIN", help="The first admin's login.")],
    name: Annotated[str, typer.Option("--name", help="The first admin's name.")],
    engine: Annotated[
        str, typer.Option("--engine", metavar="LOGIN", help='Login for services; "" for none.')
    ] = ENGINE_LOGIN,
    new_engine_password: Annotated[
        bool, typer.Option("--new-engine-password", help="Give a service login that is there another one.")
    ] = False,
    generate: Generate = False,
) -> None:
    """Set a store up, as its owner: tables, group roles, a login for services, and the first admin.

    What is there already stays as it is, with its password.
    """
    with opened(ctx, None) as store:
        if not is_owner(store):
            raise WorldError("Only the owner of the database sets a store up.", "Use the owner's address.")
        boss = PersonDraft(login, name, Role.ADMIN)
        lacking = read(store, lambda c: people.lacking(c, boss, engine))
        secrets = {missing: _password(missing, generate) for missing in lacking}
        # All of it or nothing: a name that does not fit leaves no half of a set-up behind.
        write(store, lambda c: people.set_up(c, boss, engine, secrets))
        for kind, known in (("Service login", engine), ("Admin", login)):
            if known in secrets:
                _say_password(f"{kind} {known} added.", secrets[known], generate)
            elif known:
                typer.echo(f"{kind} {known} is there already; nothing about it was changed.")
        if engine and engine not in secrets and new_engine_password:
            secret = _password(engine, generate)
            write(store, lambda c: people.add_engine_login(c, engine, secret))
            _say_password(f"Service login {engine} given a new password.", secret, generate)
        found = store.read(lambda c: sign_ins.sign_ins(c, now()))
        if found.access is not LogAccess.READ:
            typer.echo(_no_log(found))


@admin.command()
def upgrade(ctx: typer.Context) -> None:
    """Bring the database to this version of the program, as its owner."""
    # Opening it as the owner does it.
    with opened(ctx, None) as store:
        if not is_owner(store):
            raise WorldError("Only the owner of the database upgrades it.", "Use the owner's address.")
    typer.echo(f"The database is at version {newest()}, and its rights are this program's.")


# --- people --------------------------------------------------------------------------------------------


@admin.command()
def add(
    ctx: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="The name that events bear.")],
    role: Annotated[Role, typer.Option("--role", metavar=ROLES, parser=_role, help="What the person does.")],
    body_key: Annotated[
        str | None, typer.Option("--body", metavar="KEY", help="The body that a handler acts for.")
    ] = None,
    area: Annotated[str | None, typer.Option("--area", metavar="ADCODE", help="A county, if any.")] = None,
    title: Annotated[str, typer.Option("--title", help="Office or function, for the screen.")] = "",
    generate: Generate = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="LDAP, GSSAPI or a certificate lets the person in.")
    ] = False,
    as_: As = None,
) -> None:
    """Let a new person sign in."""
    draft = PersonDraft(login, name, role, body_key, area, title)
    with opened(ctx, as_) as store:
        _require_body(store, body_key)
        secret = None if no_password else _password(login, generate)
        write(store, lambda c: people.add_person(c, draft, secret))
    _say_password(f"{login} added: {role.value} {name}.", secret, generate)


@admin.command()
def change(
    ctx: typer.Context,
    login: Login,
    name: Annotated[str | None, typer.Option("--name")] = None,
    role: Annotated[Role | None, typer.Option("--role", metavar=ROLES, parser=_role)] = None,
    body_key: Annotated[str | None, typer.Option("--body", metavar="KEY")] = None,
    area: Annotated[str | None, typer.Option("--area", metavar="ADCODE", help='"" for none.')] = None,
    title: Annotated[str | None, typer.Option("--title")] = None,
    as_: As = None,
) -> None:
    """Change a person's name, role, body, area or title; what is not named stays."""
    with opened(ctx, as_) as store:
        _require_body(store, body_key)
        draft = read(store, lambda c: people.draft_of(c, login))
        if role is not None and role is not draft.role:
            # A body fits a role: another role begins without one.
            draft = replace(draft, role=role, body=None)
        given = {"name": name, "body": body_key, "area": area, "title": title}
        draft = replace(draft, **{field: value for field, value in given.items() if value is not None})
        write(store, lambda c: people.change_person(c, draft))
    typer.echo(f"{login} is now {draft.role.value} {draft.name}.")


@admin.command(name="list")
def list_(ctx: typer.Context, as_json: Json = False, as_: As = None) -> None:
    """List people: login, role, body, and whether they may sign in."""
    with opened(ctx, as_) as store:
        rows, unknown = read(store, people.staff), read(store, people.strangers)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        state = "●" if row.active and row.login else "■" if row.login else "○"
        where = " · ".join(part for part in (row.body_name, row.area_name, row.title) if part)
        seat = f"  {row.sessions} session{'s' if row.sessions > 1 else ''}" if row.sessions else ""
        typer.echo(f"{state} {row.login or '—':24} {row.role.value:10} {row.name}  {where}{seat}")
    for stranger, group in unknown:
        typer.echo(f"◆ {stranger} has the rights of {group}, and is nobody of this store.")
    typer.echo("● may sign in   ■ revoked   ○ a name of a list, without a login")


@admin.command()
def revoke(
    ctx: typer.Context,
    login: Login,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is in the log.")],
    as_: As = None,
) -> None:
    """Let a person in no more, and end at once what they have open."""
    with opened(ctx, as_) as store:
        ended = write(store, lambda c: people.revoke_person(c, login, reason))
        # Whoever came in while the first was being written.
        ended += write(store, lambda c: people.end_sessions_of_revoked(c, login))
    typer.echo(f"{login} is revoked; {ended} open sessions were ended.")


@admin.command()
def restore(ctx: typer.Context, login: Login, as_: As = None) -> None:
    """Let a revoked person in again, with the old password."""
    with opened(ctx, as_) as store:
        write(store, lambda c: people.restore_person(c, login))
    typer.echo(f"{login} may sign in again.")


@admin.command()
def password(ctx: typer.Context, login: Login, generate: Generate = False, as_: As = None) -> None:
    """Give a person a new password; what was opened with the old one is ended."""
    with opened(ctx, as_) as store:
        secret = _password(login, generate)
        write(store, lambda c: people.reset_password(c, login, secret))
    _say_password(f"{login} has a new password.", secret, generate)


@admin.command()
def attempts(
    ctx: typer.Context,
    hours: Annotated[int, typer.Option("--hours", min=1, max=24 * 31, help="How far back.")] = 24,
    as_json: Json = False,
    as_: As = None,
) -> None:
    """Show refused sign-ins by name, address and hour, from the server's log."""
    with opened(ctx, as_) as store:
        found = read(store, lambda c: sign_ins.sign_ins(c, now() - timedelta(hours=hours)))
    counts = count_attempts(found.refused)
    if as_json:
        print_json(
            {
                "access": found.access,
                "grants": list(sign_ins.grants_for(found.owner)) if found.owner else [],
                "attempts": [asdict(row) for row in counts],
            }
        )
    elif found.access is not LogAccess.READ:
        typer.echo(_no_log(found))
        raise typer.Exit(1)
    elif not counts:
        typer.echo(f"Nobody was refused in the last {hours} hours.")
    zone = session_of(ctx).settings.city_zone
    for row in () if as_json else counts:
        hour = row.hour.astimezone(zone)
        typer.echo(
            f"{hour:%Y-%m-%d %H:00}  {row.count:5}  {row.login}  {row.address or '—'}  {row.reason.value}"
        )


# --- bodies and rules ----------------------------------------------------------------------------------


@body.command("add")
def add_body(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY")],
    name: Annotated[str, typer.Option("--name", help="Its full name, for rankings.")],
    short: Annotated[str, typer.Option("--short", help="Its short name, for lists and logs.")] = "",
    as_: As = None,
) -> None:
    """Add a responsible body, or give a known one other names."""
    with opened(ctx, as_) as store:
        write(store, lambda c: people.put_body(c, key, name, short))
    typer.echo(f"{key}: {name}.")


body.command("change", help="Give a body other names; its key never changes.")(add_body)


@body.command("list")
def list_bodies(ctx: typer.Context, as_json: Json = False, as_: As = None) -> None:
    """List bodies: key, kind and name."""
    with opened(ctx, as_) as store:
        rows = read(store, people.bodies)
    if as_json:
        print_json([{"key": key, "name": name, "kind": kind} for key, name, kind in rows])
        return
    for key, name, kind in rows:
        typer.echo(f"{key:24} {kind:12} {name}")


@policy.command("add")
def add_policy(
    ctx: typer.Context,
    file: RuleText,
    retroactive: Retroactive = False,
    as_json: Json = False,
    as_: As = None,
) -> None:
    """Install a version of a policy."""
    _bring(ctx, RuleKind.POLICY, file, as_json, as_, retroactive=retroactive)


@calendar.command("add")
def add_calendar(ctx: typer.Context, file: RuleText, as_json: Json = False, as_: As = None) -> None:
    """Install a year's holidays and make-up days (holiday-cn JSON)."""
    _bring(ctx, RuleKind.CALENDAR, file, as_json, as_)


@scheme.command("add")
def add_scheme(ctx: typer.Context, file: RuleText, as_json: Json = False, as_: As = None) -> None:
    """Install a version of a colour scheme."""
    _bring(ctx, RuleKind.SCHEME, file, as_json, as_)


def _bring(
    ctx: typer.Context,
    kind: RuleKind,
    path: Path,
    as_json: bool,
    as_: str | None,
    *,
    retroactive: bool = False,
) -> None:
    """Install a rule as the owner; an admin submits it, and the engine installs it within seconds."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError(f"The file {path} cannot be read: {error}.", "Name a text file in UTF-8.") from error
    file = told(lambda: rule_files.read_rule(kind, text))
    with opened(ctx, as_) as store:
        if store.actor is None:
            done: RuleInstalled | None = write(
                store, lambda c: rule_files.bring(c, file, retroactive=retroactive)
            )
        else:
            done = None
            write(store, lambda c: rule_files.submit(c, file, retroactive=retroactive))
    if as_json:
        print_json({"kind": kind, "name": file.name, "installed": done is not None})
    elif done is None:
        typer.echo(
            f"{kind.value} {file.name} is submitted; the engine reads it within seconds (admin rules)."
        )
    else:
        typer.echo(f"{kind.value} {file.name} is installed; {done.rejudged:,} tickets were judged anew.")


@admin.command()
def rules(ctx: typer.Context, as_json: Json = False, as_: As = None) -> None:
    """List policies, calendars and schemes: what is in force, what waits, what was refused."""
    from data_access.rules import load_rules

    with opened(ctx, as_) as store:
        lines = read(store, lambda c: rule_files.rule_lines(c, load_rules(c), now()))
    if as_json:
        print_json([{**asdict(line), "effective_from": line.effective_from.isoformat()} for line in lines])
        return
    for line in lines:
        mark = "●" if line.in_force else " "
        who = f"  by {line.submitted_by}" if line.submitted_by else ""
        typer.echo(
            f"{mark} {line.kind.value:9}{line.name} v{line.version}  from {line.effective_from}"
            f"  {line.state.value}{who}  {line.note}".rstrip()
        )


# --- how it is carried out -----------------------------------------------------------------------------


def _require_body(store: "Store", key: str | None) -> None:
    if key and key not in {known for known, _, _ in read(store, people.bodies)}:
        raise WorldError(
            f"There is no body with the key {key}.",
            "`admin body list` shows them, `admin body add` adds one.",
        )


def _password(login: str, generate: bool) -> str:
    if generate:
        return people.new_password()
    given: str = typer.prompt(f"New password of {login}", hide_input=True, confirmation_prompt=True, err=True)
    confidential.keep(given)
    return given


def _say_password(sentence: str, secret: str | None, generated: bool) -> None:
    typer.echo(sentence)
    if generated and secret is not None:
        sys.stdout.write(f"{secret}\n")
        typer.echo("It is shown this once: hand it over, and let the person change it.", err=True)


def _no_log(found: sign_ins.SignIns) -> str:
    if found.access is LogAccess.NONE:
        return (
            "The server collects no log, so that refused sign-ins cannot be shown. In postgresql.conf:\n"
            f"{indent(LOG_SETTINGS, '  ')}\n"
            "and start it anew. (The embedded server asks for no passwords: nobody is refused there.)"
        )
    grants = "\n".join(f"  {statement}" for statement in sign_ins.grants_for(found.owner))
    return f"The server's log may not be read. Let a superuser say, in this database:\n{grants}"
