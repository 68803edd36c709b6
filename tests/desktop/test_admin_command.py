"""`admin` as an admin meets it: over a city's server, with passwords that are typed and never named."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import typer
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from desktop import cli
from desktop.commands import admin
from domain.people import Role
from tests.servers.fixtures import City

Run = Callable[..., Result]


@pytest.fixture
def closed_logs() -> Iterator[None]:
    """The log file that a command opens in this process is closed again."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def run(city: City, tmp_path: Path, closed_logs: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `admin …` against the city, as the owner or, with `as_`, as a person whose password is typed."""
    app = typer.Typer(cls=cli.app.info.cls, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(cli._open)
    admin.register(app)

    def go(*arguments: str, as_: str | None = None, typed: str = "", url: str = "") -> Result:
        address = make_url(url or city.url()).set(drivername="postgresql")
        if as_ is not None:
            address = address.set(username=None, password=None)
            arguments = (*arguments, "--as", as_)
            typed = f"{city.server.passwords[as_]}\n{typed}"
        monkeypatch.setenv("QINGSHAO_DATABASE_URL", address.render_as_string(hide_password=False))
        return CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "admin", *arguments], input=typed)

    return go


@pytest.fixture
def gone(city: City) -> Iterator[list[str]]:
    """Logins whose roles go with the test."""
    logins: list[str] = []
    yield logins
    with city.server.connect("postgres") as connection:
        for login in logins:
            connection.execute(
                psycopg.sql.SQL("DROP ROLE IF EXISTS {}").format(psycopg.sql.Identifier(login))
            )


def test_a_person_is_added_changed_revoked_and_restored(city: City, run: Run, gone: list[str]) -> None:
    boss, login = city.login_of(Role.ADMIN), "cli-person"
    gone.append(login)
    added = run("add", login, "--name", "李雷", "--role", "leader", as_=boss, typed="long-enough-1\n" * 2)
    assert added.exit_code == 0, added.output
    assert "long-enough-1" not in added.output
    city.server.passwords[login] = "long-enough-1"
    city.connect(login).close()
    assert run("change", login, "--role", "duty", "--title", "组长", as_=boss).exit_code == 0
    listed = json.loads(run("list", "--json", as_=boss).stdout.splitlines()[-1])
    mine = next(row for row in listed if row["login"] == login)
    assert (mine["role"], mine["body"], mine["title"], mine["active"]) == ("duty", "platform", "组长", True)
    assert run("revoke", login, "--reason", "调离", as_=boss).exit_code == 0
    with pytest.raises(psycopg.OperationalError):
        city.connect(login)
    assert run("restore", login, as_=boss).exit_code == 0
    made = run("password", login, "--generate", as_=boss)
    city.server.passwords[login] = made.stdout.splitlines()[-1]
    city.connect(login).close()


@pytest.mark.faults_expected
def test_what_is_refused_says_why_and_writes_nothing(city: City, run: Run) -> None:
    boss, leader = city.login_of(Role.ADMIN), city.login_of(Role.LEADER)
    for arguments, as_, said in (
        (("revoke", boss, "--reason", "x"), boss, "最后一个"),
        (("revoke", "nobody-there", "--reason", "x"), boss, "没有登录名"),
        (("add", "pg_x", "--name", "x", "--role", "wall", "--generate"), boss, "不能用"),
        (("add", "x-y", "--name", "x", "--role", "handler", "--generate"), boss, "单位与身份不符"),
        (("revoke", boss, "--reason", "x"), leader, "只有管理员"),
        (("setup", "--admin", "x-y", "--name", "x", "--generate"), boss, None),
    ):
        done = run(*arguments, as_=as_) if said is not None else run(*arguments, url=city.url(boss))
        assert done.exit_code == 2, done.output
        assert (said or "owner") in done.output
        assert "Traceback" not in done.output


@pytest.mark.faults_expected
def test_a_wrong_password_is_told_in_two_lines(city: City, run: Run) -> None:
    boss = city.login_of(Role.ADMIN)
    known, city.server.passwords[boss] = city.server.passwords[boss], "wrong"
    done = run("list", as_=boss)
    city.server.passwords[boss] = known
    assert done.exit_code == 2
    assert "wrong" not in done.output


@pytest.mark.faults_expected
def test_who_is_not_let_in_by_an_address_is_told_why(city: City, run: Run) -> None:
    """Every command opens its store so; the password of the address is in no sentence."""
    boss = city.login_of(Role.ADMIN)
    right = make_url(city.url(boss))
    with city.server.connect("postgres") as superuser:
        superuser.execute("CREATE ROLE \"out-of-it\" NOLOGIN PASSWORD 'known-anyway'")
    try:
        for address, said in (
            (right.set(password="geheim"), "用户名或口令不正确"),
            (right.set(database="nowhere"), "服务器上没有这个库"),
            (right.set(username="out-of-it", password="known-anyway"), "此账号已被停用"),
        ):
            done = run("list", url=address.render_as_string(hide_password=False))
            assert done.exit_code == 2, done.output
            assert said in done.output
            for hidden in ("FATAL", "geheim", "known-anyway", "网络可达"):
                assert hidden not in done.output
    finally:
        with city.server.connect("postgres") as superuser:
            superuser.execute('DROP ROLE "out-of-it"')


@pytest.mark.faults_expected
def test_rules_are_submitted_by_an_admin_and_installed_by_the_owner(
    city: City, run: Run, tmp_path: Path
) -> None:
    boss = city.login_of(Role.ADMIN)
    old = Path("resources/policies/standard-v1.toml").read_text("utf-8")
    new = tmp_path / "standard-v3.toml"
    new.write_text(old.replace("version = 1", "version = 3").replace("2020-01-01", "2099-01-01"), "utf-8")
    assert run("policy", "add", str(new)).exit_code == 0
    assert run("policy", "add", str(new)).exit_code == 2
    fourth = tmp_path / "standard-v4.toml"
    fourth.write_text(new.read_text("utf-8").replace("version = 3", "version = 4"), "utf-8")
    assert "submitted" in run("policy", "add", str(fourth), as_=boss).output
    lines = json.loads(run("rules", "--json", as_=boss).stdout.splitlines()[-1])
    states = {row["version"]: row["state"] for row in lines if row["name"] == "standard"}
    assert states == {1: "built_in", 2: "built_in", 3: "installed", 4: "waiting"}
    broken = tmp_path / "broken.toml"
    broken.write_text("family = 1", "utf-8")
    done = run("policy", "add", str(broken))
    assert done.exit_code == 2
    assert "sentences" in done.output


def test_the_owner_sets_a_store_up(city: City, run: Run, gone: list[str]) -> None:
    gone += ["first-admin", "cli_service"]
    done = run("setup", "--admin", "first-admin", "--name", "首位", "--engine", "cli_service", "--generate")
    assert done.exit_code == 0, done.output
    secrets = [line for line in done.stdout.splitlines() if len(line) == 19 and line.count("-") == 3]
    city.server.passwords |= dict(zip(("cli_service", "first-admin"), secrets, strict=True))
    for login in ("cli_service", "first-admin"):
        city.connect(login).close()
    assert "GRANT" in done.output
    assert run("upgrade").exit_code == 0


@pytest.mark.faults_expected
def test_a_second_set_up_changes_no_password(city: City, run: Run, gone: list[str]) -> None:
    gone += ["first-admin", "cli_service", "cli_other", "other-admin"]
    asked = ("setup", "--name", "首位", "--generate")
    both = (*asked, "--admin", "first-admin", "--engine", "cli_service")

    def verifiers() -> dict[str, str]:
        with city.server.connect("postgres") as superuser:
            rows = superuser.execute(
                "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = ANY (%s)", (gone,)
            ).fetchall()
        return {str(name): str(verifier) for name, verifier in rows}

    assert run(*both).exit_code == 0
    first = verifiers()
    assert set(first) == {"first-admin", "cli_service"}
    again = run(*both)
    assert again.exit_code == 0, again.output
    assert again.output.count("is there already") == 2
    # A first admin whose name does not fit, and one who is somebody else: no service login is made first.
    taken = city.login_of(Role.DUTY)
    for login in ("pg_x", taken, "cli_other"):
        refused = run(*asked, "--admin", login, "--engine", "cli_other")
        assert refused.exit_code == 2, refused.output
    assert verifiers() == first
    renewed = run(*both, "--new-engine-password")
    assert renewed.exit_code == 0, renewed.output
    then = verifiers()
    assert then["first-admin"] == first["first-admin"]
    assert then["cli_service"] != first["cli_service"]


@pytest.mark.faults_expected
def test_roles_and_bodies_are_those_that_there_are(city: City, run: Run) -> None:
    help_ = run("add", "--help").output
    assert "leader" in help_
    assert "system" not in help_
    person = ("--name", "x", "--generate")
    refused = run("add", "x-y", "--role", "system", *person)
    assert refused.exit_code == 2
    assert "is none of" in refused.output
    refused = run("add", "x-y", "--role", "handler", "--body", "nosuch", *person)
    assert refused.exit_code == 2
    assert "nosuch" in refused.output
    assert "admin body list" in refused.output
    bodies = json.loads(run("body", "list", "--json").stdout)
    assert {"platform", "discipline"} < {row["key"] for row in bodies}
    assert bodies[0]["kind"] == "responsible"
    assert bodies[0]["key"] in run("body", "list").output


def test_one_session_is_one(city: City, run: Run) -> None:
    # The last leader: others of this server's tests have the first one signed in.
    boss = [login for login, actor in city.logins.items() if actor.role is Role.LEADER][-1]
    with city.connect(boss):
        line = next(line for line in run("list").output.splitlines() if f" {boss} " in line)
    assert line.endswith(" 1 session")
