"""The command: reports for people and for programs, codes at the end, calendars and policies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from data_access.master import put_city
from data_access.rules import RESOURCES, load_rules
from data_access.store import Store
from desktop import cli
from desktop.city import load_city
from desktop.cli import app
from tests.desktop.imports.sources import FIRST, SECOND, write_csv
from tests.desktop.imports.test_registry import ONE

MAP = """
[source]
key = "test"
policy = "source-due"
[columns]
id = "编号"
received = "受理时间"
body = "单位"
[[done]]
node = "rectify"
column = "办结时间"
"""
ONE_HEARD = ONE.replace("measures = [", 'measures = [{ factor = "LA", unit = "dB" }, ')
BAD = ("B1", "", "", "2026-02-30", *FIRST[4:])
Command = Callable[..., Result]


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `import …` on a fresh database."""
    monkeypatch.setenv("QINGSHAO_DATABASE_URL", database_url)
    monkeypatch.setattr("desktop.logs.open_log", _no_log)
    if not app.registered_groups:
        cli._register_commands()

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "import", *map(str, arguments)])

    return run


def _no_log(_: object) -> None:
    """Logging is set up once a process; the test session has its own."""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "map.toml"
    path.write_text(MAP, "utf-8")
    return path


def test_a_report_for_people(command: Command, mapping: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [FIRST, BAD, SECOND])
    result = command("tickets", path, "--mapping", mapping)
    assert result.exit_code == 0, result.output
    assert "读 3 行，新增 2，续写 0，未变 0，退回 1" in result.output
    assert "每秒" in result.output
    assert "退回 1 行，如第 3 行「受理时间」不是有效的日期时间：'2026-02-30'" in result.output
    assert f"退回的行及原因在 {path}.rejects.csv" in result.output


def test_a_report_for_programs(command: Command, mapping: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [FIRST, BAD, SECOND])
    for added, unchanged in ((2, 0), (0, 2)):
        report = json.loads(command("tickets", path, "--mapping", mapping, "--json").stdout)
        assert (report["rows"], report["rejected"]) == (3, 1)
        assert (report["added"], report["unchanged"]) == (added, unchanged)
        assert report["rejects_file"] == f"{path}.rejects.csv"


@pytest.mark.faults_expected
def test_what_cannot_be_read_ends_with_2_and_the_reason(
    command: Command, mapping: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "a.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    for file in (broken, tmp_path / "none.csv"):
        result = command("tickets", file, "--mapping", mapping, "--json")
        assert result.exit_code == 2
        assert file.name in json.loads(result.stderr)["error"]["message"]


def test_a_calendar_year_goes_in(command: Command, store: Store, shared_data: Path) -> None:
    result = command("calendar", shared_data / "calendar" / "holiday-cn_2026.json", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "year": 2026,
        "source": "holiday-cn",
        "off": 33,
        "working": 6,
        "rejudged": 0,
    }
    assert store.read(load_rules).calendar.notices[2026].source == "holiday-cn"


@pytest.mark.faults_expected
def test_a_calendar_without_days_yet_is_refused(command: Command, shared_data: Path, tmp_path: Path) -> None:
    result = command("calendar", shared_data / "calendar" / "holiday-cn_2027.json")
    assert result.exit_code == 2
    assert "尚未发布" in result.stderr
    other = tmp_path / "other.json"
    other.write_text('{"days": 3}', "utf-8")
    assert command("calendar", other).exit_code == 2


def test_a_policy_goes_in_once(command: Command, store: Store, tmp_path: Path) -> None:
    text = (RESOURCES / "policies" / "reply-v1.toml").read_text("utf-8")
    path = tmp_path / "reply-v2.toml"
    path.write_text(text.replace("version = 1", "version = 2").replace("5 wd", "3 wd"), "utf-8")
    assert [json.loads(command("policy", path, "--json").stdout)["new"] for _ in range(2)] == [True, False]
    assert {policy.version for policy in store.read(load_rules).policies.policies} >= {2}


@pytest.mark.faults_expected
def test_a_policy_that_would_judge_tickets_anew_needs_a_word(
    command: Command, mapping: Path, tmp_path: Path
) -> None:
    command("tickets", write_csv(tmp_path / "a.csv", [FIRST, SECOND]), "--mapping", mapping)
    text = (RESOURCES / "policies" / "source-due-v1.toml").read_text("utf-8")
    path = tmp_path / "source-due-v2.toml"
    path.write_text(text.replace("version = 1", "version = 2").replace("1970-01-01", "2026-01-01"), "utf-8")
    refused = command("policy", path)
    assert refused.exit_code == 2
    assert "库中已有 2 件此后受理的工单会按它重新判定，未导入" in refused.stderr
    assert "--retroactive" in refused.stderr
    taken = command("policy", path, "--retroactive")
    assert (taken.exit_code, taken.stdout) == (0, "规则已入库，并按它重新判定了 2 件工单。\n")


@pytest.mark.faults_expected
def test_a_policy_that_does_not_fit_is_refused(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('family = "x"\n', "utf-8")
    result = command("policy", path)
    assert result.exit_code == 2
    assert "不是有效的规则文件" in result.stderr


@pytest.mark.faults_expected
def test_findings_are_reported_and_go_in_once(command: Command, tmp_path: Path) -> None:
    """`import findings` (T24)."""
    path = tmp_path / "van.csv"
    lines = [
        "time,lng,lat,what,value,track",
        "2026-01-20 10:00,117.2,34.1,走航,80,A",
        "2026-01-20 10:01,117.3,34.1,走航,260,A",
        "2026-01-20 10:02,217.3,34.1,错点,1,",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    asked = ("findings", str(path), "--source", "van", "--threshold", "250")
    first = command(*asked)
    assert "0 个点，1 条轨迹，疑似问题 1 个，市域外 0 个，退回 1" in first.stdout
    assert "第 4 行" in first.stdout
    again = json.loads(command(*asked, "--json").stdout)
    assert (again["new"], again["tracks"]) == (False, 1)
    assert "没有新增" in command("findings", str(path), "--source", "radar").stdout
    missing = command("findings", str(tmp_path / "none.csv"), "--source", "van")
    assert missing.exit_code == 2


@pytest.mark.faults_expected
def test_stations_are_listed_with_the_limits_that_hold_today(
    command: Command, tmp_path: Path, store: Store
) -> None:
    """X14: what was registered can be looked at without a window, and no password is in it."""
    store.write(lambda connection: put_city(connection, load_city(), datetime(2026, 1, 1, tzinfo=UTC)))
    file = tmp_path / "stations.toml"
    ended = 'key = "old"\nstations = "loud"\nfactor = "LA"\nspan = "hour"\nhigh = 1\nsource = "x"\n'
    dates = "effective_from = 2020-01-01\neffective_until = 2021-01-01\n"
    file.write_text(ONE_HEARD.replace("[groups]", f"[[limit]]\n{ended}{dates}[groups]"), "utf-8")
    assert command("stations", file).exit_code == 0

    def listed(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "stations", *arguments])

    shown = listed()
    assert shown.exit_code == 0
    assert "一号工地" in shown.stdout
    assert "噪声 LA 分钟 ≤ 55 dB 22:00–06:00（night/d1）" in shown.stdout
    result = listed("--json")
    (station,) = json.loads(result.stdout)
    assert (station["key"], station["mn"], station["point"]) == ("d1", "M1", [117.2, 34.2])
    (limit,) = station["limits"]
    assert (limit["key"], limit["high"], limit["from"], limit["until"]) == (
        "night/d1",
        55.0,
        "22:00",
        "06:00",
    )
    assert "123456" not in result.stdout
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(ONE.replace("high = 55", "hgh = 55"), "utf-8")
    refused = command("stations", wrong)
    assert refused.exit_code == 2
    assert "不认识 hgh" in refused.stderr
    assert listed("--json").stdout == result.stdout
