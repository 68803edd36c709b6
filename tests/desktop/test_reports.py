"""Reports and `verify` as a user of the command line meets them."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner, Result

from data_access import schema
from data_access.seal import seals
from data_access.store import Store
from desktop import cli
from desktop.commands import day_report, reports, verify
from domain.events import Accepted, Dispatched, Signed, WarningKind, WarningLevel, WarningRaised
from domain.nodes import Node
from domain.people import SYSTEM
from domain.seal import spelled
from tests.data_access.readers.worlds import ANCHOR, put_demo, put_tickets
from tests.data_access.sealed_days import at, last_finished_day, rebuild, record, sealed
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, whole_life

ROOT = Path(__file__).parents[2]
DEMO_TICKETS = 120


class Shell:
    """Runs commands of the real command line on one store."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QINGSHAO_DATABASE_URL", url)
        self._folder = folder
        self._app = typer.Typer(cls=cli.app.info.cls, pretty_exceptions_enable=False)
        self._app.callback(invoke_without_command=True)(cli._open)
        reports.register(self._app)
        verify.register(self._app)
        day_report.register(self._app)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(self._app, ["--data", str(self._folder), *arguments])

    def json(self, *arguments: str) -> object:
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield Shell(database_url, tmp_path / "data", monkeypatch)
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def demo(store: Store) -> None:
    put_demo(store, DEMO_TICKETS)


def test_reports_as_json(shell: Shell, demo: None) -> None:
    as_of = ("--as-of", ANCHOR.isoformat())
    ranking = shell.json("ranking", *as_of)
    assert isinstance(ranking, list)
    assert len(ranking) == 12
    assert {"key", "name", "due", "on_time", "open_overdue", "rate", "low", "rank"} <= ranking[0].keys()
    assert [row["rank"] for row in ranking if row["rank"]] == sorted(r["rank"] for r in ranking if r["rank"])
    assert all((row["rank"] is None) == (row["due"] < 5) for row in ranking)

    begin = (ANCHOR - timedelta(days=10)).isoformat()
    part = shell.json("ranking", "--by", "area", "--node", "rectify", "--from", begin, *as_of)
    assert isinstance(part, list)
    assert 0 < sum(row["due"] for row in part) < sum(row["due"] for row in ranking)

    warnings = shell.json("warnings", *as_of)
    assert isinstance(warnings, list)
    assert {"red", "yellow"} == {row["level"] for row in warnings}

    ledger = shell.json("ledger", *as_of)
    assert isinstance(ledger, list)
    assert len(ledger) == 60
    assert ledger[0]["colour"] == "red"

    page = shell.json("tickets", "--open", "--limit", "3", "--offset", "1", *as_of)
    assert isinstance(page, dict)
    assert len(page["tickets"]) == 3
    assert page["total"] > 4

    number = warnings[0]["ticket"]
    ticket = shell.json("ticket", number, *as_of)
    assert isinstance(ticket, dict)
    assert ticket["state"] == "overdue"
    assert ticket["chain_ok"] is True
    assert all(len(event["hash"]) == 64 for event in ticket["events"])
    assert all(node["explanation"] for node in ticket["nodes"])


def test_what_was_done_wrong_counts_from_when_it_was_raised(shell: Shell, store: Store) -> None:
    wrong = (WarningKind.WRONG, WarningLevel.RED, Node.RECTIFY, 1, 1)
    put_tickets(
        store,
        one=happened(
            (0, DUTY, received()),
            (0.1, DUTY, Accepted()),
            (0.3, DUTY, Dispatched("housing")),
            (0.4, HANDLER, Signed()),
            (1, SYSTEM, WarningRaised(*wrong, "housing", "无现场影像即办结")),
        ),
    )
    done = shell.run("warnings", "--as-of", (START + timedelta(hours=3)).isoformat())
    (line,) = [line for line in done.stdout.splitlines() if "做不对" in line]
    assert "已 02:00:00" in line
    assert "剩" not in line


def test_a_list_is_narrowed_by_names_as_by_keys(shell: Shell, demo: None) -> None:
    as_of = ("--as-of", ANCHOR.isoformat())
    by_name = shell.json("tickets", "--area", "铜山区", "--body", "铜山区", "--limit", "1000", *as_of)
    by_key = shell.json("tickets", "--area", "320312", "--body", "tongshan", "--limit", "1000", *as_of)
    assert by_name == by_key
    assert isinstance(by_key, dict)
    assert by_key["total"] == len(by_key["tickets"]) > 0
    assert {row["area_name"] for row in by_key["tickets"]} == {"铜山区"}


def test_reports_as_tables_need_no_qt(shell: Shell, demo: None) -> None:
    as_of = ("--as-of", ANCHOR.isoformat())
    for command, word in (
        (("ranking",), "按期率"),
        (("warnings",), "做得晚"),
        (("ledger",), "已销号"),
        (("tickets", "--open"), "工单"),
    ):
        done = shell.run(*command, *as_of)
        assert done.exit_code == 0, done.output
        assert word in done.stdout
    code = "import sys, desktop.commands.reports, desktop.commands.verify; print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"


@pytest.mark.faults_expected
def test_an_unknown_ticket_is_said_and_ends_with_two(shell: Shell) -> None:
    done = shell.run("ticket", "XZ-0")
    assert done.exit_code == 2
    assert "没有工单 XZ-0" in done.stderr
    as_json = shell.run("ticket", "XZ-0", "--json")
    assert as_json.exit_code == 2
    assert "没有工单 XZ-0" in json.loads(as_json.stderr)["error"]["message"]


@pytest.mark.faults_expected
def test_a_ticket_as_of_a_past_minute(shell: Shell, store: Store) -> None:
    put_tickets(store, one=whole_life(), two=happened((0, DUTY, received())))
    past = (START + timedelta(hours=2)).isoformat()
    ticket = shell.json("ticket", "one", "--as-of", past)
    assert isinstance(ticket, dict)
    assert (ticket["state"], len(ticket["events"])) == ("on_time", 4)
    page = shell.json("tickets", "--as-of", past)
    assert isinstance(page, dict)
    assert {row["number"]: row["state"] for row in page["tickets"]} == {"one": "on_time", "two": "overdue"}
    before = shell.run("ticket", "one", "--as-of", (START - timedelta(hours=1)).isoformat())
    assert before.exit_code == 2


def test_verify_says_what_it_proved_and_names_what_does_not_fit(shell: Shell, store: Store) -> None:
    put_tickets(store, one=whole_life(), two=whole_life())
    proved = shell.json("verify")
    assert isinstance(proved, dict)
    assert (proved["ok"], proved["streams"], proved["events"]) == (True, 2, 20)

    store.write(lambda c: c.execute(text("UPDATE node_state SET body = 'ecology' WHERE ticket = 'two'")))
    done = shell.run("verify")
    assert done.exit_code == 1
    assert "ticket/two" in done.stdout
    assert shell.run("verify", "--rebuild").exit_code == 0

    store.write(lambda c: c.execute(text("ALTER TABLE event DISABLE TRIGGER ALL")))
    store.write(
        lambda c: c.execute(text("UPDATE event SET kind = 'Nothing' WHERE stream = 'ticket/one' AND seq = 4"))
    )
    done = shell.run("verify", "--rebuild", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["flaw"]["seq"] == 4


def test_the_report_of_a_day_counts_what_happened_then_and_what_stood_at_its_end(
    shell: Shell, store: Store
) -> None:
    day = last_finished_day(store)
    life = whole_life(at(day, 9))
    red = WarningRaised(WarningKind.LATE, WarningLevel.RED, Node.DISPATCH, 1, 1, None, "规则")
    late = happened((0, DUTY, received()), (2, DUTY, red), start=at(day - timedelta(days=1), 10))
    record(store, at(day, 23), one=life[:5], **{"<b>": late})
    rebuild(store)
    sealed(store)
    (seal,) = store.read(seals)

    report = shell.json("report", "day", "--day", str(day))
    assert isinstance(report, dict)
    happened_then, stood = report["happened"], report["standing"]
    assert (happened_then["received"], happened_then["closed"], happened_then["red_raised"]) == (1, 0, 0)
    assert (stood["open_tickets"], stood["red_unacknowledged"]) == (2, 1)
    assert [(row["key"], row["nodes"]) for row in stood["overdue"]] == [("platform", 2), (None, 1)]
    assert report["sealed"]
    assert report["seals"][0]["spelled"] == spelled(seal.hash)
    before = shell.json("report", "day", "--day", str(day - timedelta(days=1)))
    assert isinstance(before, dict)
    assert (before["happened"]["received"], before["happened"]["red_raised"]) == (1, 1)
    assert (before["sealed"], before["standing"]["open_tickets"]) == (False, 1)

    printed = shell.run("report", "day", "--day", str(day)).stdout
    assert spelled(seal.hash) in printed
    assert "封存" in printed
    # T19: the body that holds the ticket had its say on that day, and none since.
    assert (report["reporting"]["bodies"], report["reporting"]["silent"]) == (1, [])
    assert "应报 1 家，已报 1 家" in printed
    today = shell.json("report", "day")
    assert isinstance(today, dict)
    ((silent,), spoke) = today["reporting"]["silent"], [e.at for e in life[:5] if e.actor.body == "housing"]
    assert (silent["key"], silent["tickets"]) == ("housing", 1)
    assert datetime.fromisoformat(silent["last_word"]) == max(spoke)
    assert "应报 1 家，已报 0 家" in shell.run("report", "day").stdout


def test_the_report_of_today_says_that_it_is_not_sealed(shell: Shell, store: Store, tmp_path: Path) -> None:
    put_tickets(store, one=whole_life())
    today = shell.json("report", "day")
    assert isinstance(today, dict)
    assert (today["sealed"], today["ended"], today["seals"]) == (False, False, [])
    assert "尚未封存" in shell.run("report", "day").stdout


def test_the_report_as_a_page_stands_alone_and_lets_nothing_through(
    shell: Shell, store: Store, tmp_path: Path
) -> None:
    city = {"only": True, "name": "<script>", "sample": True, "created_at": START}
    store.write(lambda c: c.execute(schema.city.insert().values(**city)))
    page = tmp_path / "day.html"
    assert shell.run("report", "day", "--html", str(page)).exit_code == 0
    written = page.read_text(encoding="utf-8")
    assert "<script" not in written
    assert "&lt;script&gt;" in written
    assert "src=" not in written
    assert "http" not in written


@pytest.mark.faults_expected
def test_a_report_of_a_day_to_come_or_into_no_folder_is_refused(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("report", "day", "--day", "2999-01-01").exit_code == 2
    assert shell.run("report", "day", "--html", str(tmp_path / "no" / "day.html")).exit_code == 2


@pytest.mark.faults_expected
def test_verify_compares_with_a_seal_on_paper(shell: Shell, store: Store) -> None:
    day = last_finished_day(store)
    record(store, at(day), one=whole_life())
    rebuild(store)
    sealed(store)
    (seal,) = store.read(seals)
    done = shell.run("verify", "--seal", str(day), spelled(seal.hash).upper())
    assert done.exit_code == 0
    assert "一致" in done.stdout
    other = shell.run("verify", "--seal", str(day), "0" * 64)
    assert other.exit_code == 1
    assert f"seal/{day}" in other.stdout
    for wrong in ((str(day), "0" * 63), ("yesterday", "0" * 64)):
        assert shell.run("verify", "--seal", *wrong).exit_code == 2


def test_a_day_that_is_none_is_told_with_an_example(shell: Shell) -> None:
    done = shell.run("report", "day", "--day", "2026-99-99")
    assert done.exit_code == 2
    assert "is not a day such as 2026-03-05" in " ".join(done.output.replace("│", " ").split())
