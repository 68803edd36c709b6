"""Anything that a file of rules, a mapping, the settings or a command line could say: taken, or refused."""

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from data_access import rule_changes
from data_access.errors import StoreError
from data_access.store import Store
from desktop import cli
from desktop import settings as own
from desktop.errors import WorldError
from desktop.imports.mapping import read_mapping
from domain.calendar import parse_holiday_cn
from domain.ledger import parse_scheme
from domain.policy import parse_policy
from tests.hostile.pool import REMOVED, TEXTS, cases, mutated, texts, values
from tests.hostile.standing import assert_quiet, read_everything

ROOT = Path(__file__).parents[2]
POLICY = (ROOT / "resources/policies/standard-v1.toml").read_text("utf-8")
SCHEME = next((ROOT / "resources/schemes").glob("*.toml")).read_text("utf-8")
MAPPING = (ROOT / "tests/acceptance/boston311.toml").read_text("utf-8")
CALENDAR = {
    "year": 2027,
    "papers": ["x"],
    "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-02", "isOffDay": False},
    ],
}

paths = st.lists(st.integers(0, 50), min_size=1, max_size=5)
puts = st.one_of(values, st.just(REMOVED))


def toml(value: Any) -> str:
    """Write a parsed TOML value down again, inline; what TOML cannot hold becomes a text."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return json.dumps(str(value).encode("utf-8", "replace").decode())


def document(parsed: Mapping[str, Any]) -> str:
    return "\n".join(f"{toml(str(key))} = {toml(value)}" for key, value in parsed.items())


def test_the_writer_writes_what_was_read() -> None:
    parsed = tomllib.loads(POLICY)
    assert tomllib.loads(document(parsed)) == parsed


@cases(0.08)
@given(paths, puts)
@example([4], "长" * 300)
@example([4], "\0")
@example([1], float("inf"))
def test_policies(path: list[int], put: Any) -> None:
    try:
        parse_policy(mutated(tomllib.loads(POLICY), path, put))
    except ValueError as refused:
        assert_quiet(refused)


@cases(0.04)
@given(paths, puts)
@example([4], float("inf"))
@example([4], float("nan"))
def test_schemes(path: list[int], put: Any) -> None:
    try:
        parse_scheme(mutated(tomllib.loads(SCHEME), path, put))
    except ValueError as refused:
        assert_quiet(refused)


@cases(0.04)
@given(paths, puts)
@example([0], float("inf"))
@example([2, 0, 1], "2027-01-01T00:00")
def test_calendars(path: list[int], put: Any) -> None:
    try:
        parse_holiday_cn(mutated(CALENDAR, path, put))
    except ValueError as refused:
        assert_quiet(refused)


@pytest.mark.slow
def test_rules_into_the_store(store: Store) -> None:
    before = read_everything(store)

    @cases(0.01)
    @given(paths, puts, st.sampled_from(("policy", "calendar")))
    def bring(path: list[int], put: Any, kind: str) -> None:
        nonlocal before
        try:
            if kind == "policy":
                text = document(mutated(tomllib.loads(POLICY), path, put))
                store.write(lambda c: rule_changes.add_policy(c, text))
            else:
                notice = parse_holiday_cn(mutated(CALENDAR, path, put))
                if notice is not None:
                    store.write(lambda c: rule_changes.put_calendar_year(c, notice))
        except (ValueError, StoreError) as refused:
            assert_quiet(refused)
            assert read_everything(store) == before, "something was stored that was refused"
        else:
            before = read_everything(store)

    bring()


def test_mappings(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"

    @cases(0.08)
    @given(paths, puts, st.booleans(), texts, st.integers(0, 2000))
    def read(path: list[int], put: Any, whole: bool, text: str, at: int) -> None:
        if whole:
            content = document(mutated(tomllib.loads(MAPPING), path, put))
        else:
            content = MAPPING[:at] + text + MAPPING[at + len(text) :]
        file.write_bytes(content.encode("utf-8", "surrogatepass"))
        try:
            read_mapping(file)
        except WorldError as refused:
            assert_quiet(refused)

    read()


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.toml"
    names = sorted(own.Settings.model_fields)

    @cases(0.04)
    @example({}, "~nobody-of-this-name")
    @given(st.dictionaries(st.one_of(st.sampled_from(names), texts), values, max_size=3), texts)
    def load(given_: dict[str, Any], variable: str) -> None:
        file.write_bytes(document(given_).encode("utf-8", "surrogatepass"))
        with monkeypatch.context() as patched:
            if "\0" not in variable:
                name = "data" if variable.startswith("~") else names[len(variable) % len(names)]
                patched.setitem(os.environ, f"QINGSHAO_{name.upper()}", _of_an_environment(variable))
            try:
                own.load(file, tmp_path if len(given_) % 2 else None)
            except WorldError as refused:
                assert_quiet(refused)

    load()


def _of_an_environment(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


COMMANDS = (
    ("tickets",), ("ticket",), ("ranking",), ("warnings",), ("ledger",), ("verify",),
    ("import", "tickets"), ("import", "calendar"), ("import", "policy"), ("import",), (),
)  # fmt: skip
OPTIONS = (
    "--json", "--as-of", "--from", "--to", "--by", "--mapping", "--retroactive", "--data", "--config", "-h",
    "--version", "--state", "--body", "--area", "--limit", "--offset", "--", "--help", "--as-of=2026-01-01",
)  # fmt: skip


@pytest.mark.faults_expected
def test_command_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_logs: None) -> None:
    """No command line ends in a fault of ours; the database is away, so that a valid one ends quickly."""
    monkeypatch.setenv("QINGSHAO_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    if not cli.app.registered_commands:
        cli._register_commands()
    words = st.one_of(st.sampled_from(OPTIONS), texts.filter(lambda text: len(text) < 4000))

    @cases(0.01)
    @given(st.sampled_from(COMMANDS), st.lists(words, max_size=4))
    def run(command: tuple[str, ...], more: list[str]) -> None:
        if not command and not more:
            return
        arguments = [*command, *(_of_an_environment(word).replace("\0", "") for word in more)]
        if not command and "--help" not in arguments:
            arguments = ["tickets", *arguments]
        monkeypatch.setenv("QINGSHAO_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
        done = CliRunner().invoke(cli.app, arguments)
        assert done.exit_code in (0, 1, 2), (arguments, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), arguments
        assert "Traceback" not in done.output
        assert_quiet(ValueError(done.output.replace("--from", "")))

    run()
    assert TEXTS
    assert (tmp_path / "data").exists()
    assert datetime.now(UTC)
