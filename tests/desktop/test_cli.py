"""The command line as a user meets it: in a process of its own, by what it prints and its code."""

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from desktop import cli, logs
from desktop.commands.options import AsOf, Json, session_of
from desktop.errors import WorldError

ROOT = Path(__file__).parents[2]


def _main(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def closed_logs():
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
def invoke(tmp_path, closed_logs):
    """Run one command, made by the test, through the real application."""

    def run(command, *arguments: str):
        app = typer.Typer(cls=cli.app.info.cls, pretty_exceptions_enable=False)
        app.callback(invoke_without_command=True)(cli._open)
        app.command("probe")(command)
        return CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "probe", *arguments])

    return run


def test_version_and_help_need_nothing(tmp_path):
    done = _main("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "qingshao")
    done = _main("--help")
    assert done.returncode == 0
    for command in ("run", "snapshot", "doctor"):
        assert command in done.stdout


def test_an_unknown_command_is_a_usage_error(tmp_path):
    done = _main("--data", str(tmp_path), "rnu")
    assert done.returncode == 2
    assert "rnu" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="a file for a folder")
def test_a_data_folder_that_cannot_be_is_said_in_two_lines(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    done = _main("--data", str(file), "doctor")
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert "--data DIR" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2


def test_a_size_that_is_none_is_refused(tmp_path):
    done = _main("--data", str(tmp_path / "data"), "snapshot", str(tmp_path / "out"), "--size", "large")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "'large' is not a size."


@pytest.mark.faults_expected
def test_an_error_of_the_world_has_code_2_and_no_traceback(invoke):
    def probe(ctx: typer.Context, as_json: Json = False) -> None:
        raise WorldError("磁盘已满。", "Free some space.")

    plain = invoke(probe)
    assert plain.exit_code == 2
    assert plain.stderr == "磁盘已满。\nFree some space.\n"
    machine = invoke(probe, "--json")
    assert machine.exit_code == 2
    assert json.loads(machine.stderr) == {"error": {"message": "磁盘已满。", "way_out": "Free some space."}}


@pytest.mark.faults_expected
def test_a_fault_of_ours_goes_to_the_log(invoke, tmp_path):
    def probe(ctx: typer.Context) -> None:
        raise KeyError("node")

    done = invoke(probe)
    assert done.exit_code == cli.CODE_OURS
    log = tmp_path / "data" / "log" / "qingshao.log"
    assert str(log) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    line = log.read_text(encoding="utf-8").splitlines()[-1]
    assert "Traceback" in line
    assert "KeyError" in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05", datetime(2026, 3, 4, 16, tzinfo=UTC)),
        ("2026-03-05T14:30", datetime(2026, 3, 5, 6, 30, tzinfo=UTC)),
        ("2026-03-05 14:30:10", datetime(2026, 3, 5, 6, 30, 10, tzinfo=UTC)),
        ("2026-03-05T14:30Z", datetime(2026, 3, 5, 14, 30, tzinfo=UTC)),
        ("2026-03-05T14:30+02:00", datetime(2026, 3, 5, 12, 30, tzinfo=UTC)),
    ],
)
def test_times_without_an_offset_are_the_citys(invoke, text, expected):
    seen = []

    def probe(ctx: typer.Context, as_of: AsOf = None) -> None:
        seen.append(as_of)

    assert invoke(probe, "--as-of", text).exit_code == 0
    assert seen == [expected]
    assert seen[0].tzinfo is UTC


def test_a_moment_that_is_to_come_cannot_be_shown(invoke):
    def probe(ctx: typer.Context, as_of: AsOf = None) -> None:
        pytest.fail("it ran")

    done = invoke(probe, "--as-of", f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%MZ}")
    assert done.exit_code == 2
    assert "has not come yet" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("probe", "--data", "{data}", "--config", "{config}", "--name=x"),
        ("probe", "--name", "x", "--data={data}", "--config={config}"),
        ("--data", "{data}-not", "probe", "--config", "{config}", "--name", "x", "--data", "{data}"),
    ],
)
def test_data_and_config_may_stand_after_the_command(tmp_path, closed_logs, arguments):
    seen = []

    def probe(ctx: typer.Context, name: Annotated[str, typer.Option()] = "") -> None:
        settings = session_of(ctx).settings
        seen.append((settings.data, settings.zone, name))

    app = typer.Typer(cls=cli.app.info.cls)
    app.callback(invoke_without_command=True)(cli._open)
    app.command("probe")(probe)
    app.command("other")(probe)
    config = tmp_path / "settings.toml"
    config.write_text('zone = "Asia/Urumqi"')
    data = tmp_path / "data"
    done = CliRunner().invoke(app, [part.format(data=data, config=config) for part in arguments])
    assert done.exit_code == 0, done.output
    assert seen == [(data, "Asia/Urumqi", "x")]
    for broken in (["probe", "--data"], ["--data"]):
        done = CliRunner().invoke(app, broken)
        assert done.exit_code == 2
        assert "requires an argument" in done.stderr
    done = CliRunner().invoke(app, ["probe", "--", "--data", str(data)])
    assert done.exit_code == 2


def test_what_is_no_time_is_refused(invoke):
    def probe(ctx: typer.Context, as_of: AsOf = None) -> None:
        pytest.fail("it ran")

    done = invoke(probe, "--as-of", "gestern")
    assert done.exit_code == 2
    assert "gestern" in done.stderr


def test_a_record_is_one_line():
    record = logging.LogRecord("a.b", logging.ERROR, "f.py", 1, "two\nlines\n\n", None, None)
    record.created = 0.25
    record.msecs = 250
    assert logs.OneLine().format(record) == "1970-01-01T00:00:00.250Z ERROR   a.b two | lines"
