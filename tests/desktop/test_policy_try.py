"""`policy try` on a store: what a changed policy would have made of it, and that nothing is written."""

import ast
import csv
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from data_access import policy_trial, schema
from data_access.rules import RESOURCES, load_rules
from data_access.store import Connection, Store
from desktop import cli
from desktop.commands import policy
from desktop.policy_faults import fault_text
from domain.events import Accepted, Arrived, Dispatched, FedBack, Rectified, Signed
from domain.policy import Policy
from domain.urgency import Urgency
from tests.data_access.readers.worlds import put_city, put_tickets
from tests.data_access.streams import DUTY, HANDLER, START, happened, received

MINUTE = 1 / 60
WORDS = ("--from", "2026-09-01", "--to", "2026-10-01")


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("QINGSHAO_DATABASE_URL", database_url)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    app = typer.Typer(cls=cli.app.info.cls, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(cli._open)
    policy.register(app)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "policy", "try", *arguments])

    yield invoke
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def changed_policy(folder: Path, family: str, old: str, new: str) -> str:
    """A file with one line of a policy that comes with the program written otherwise."""
    (*_, newest) = sorted((RESOURCES / "policies").glob(f"{family}-v*.toml"))
    text = newest.read_text("utf-8")
    assert old in text
    file = folder / "new.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return str(file)


def life(minutes: float) -> object:
    """A critical ticket that its body signs after so many minutes."""
    return happened(
        (0, DUTY, received(Urgency.CRITICAL)),
        (1 * MINUTE, DUTY, Accepted()),
        (1.5 * MINUTE, DUTY, Dispatched("housing")),
        (minutes * MINUTE, HANDLER, Signed()),
        (0.5, HANDLER, Arrived(evidence=("a" * 64,))),
        (3, HANDLER, Rectified("已停工", evidence=("b" * 64,))),
        (3.2, HANDLER, FedBack("电话")),
    )


def everything(connection: Connection) -> list[int]:
    tables = (schema.event, schema.ticket, schema.node_state, schema.warning, schema.policy)
    return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def test_which_nodes_would_have_been_late_and_which_not(store: Store, run: object, tmp_path: Path) -> None:
    put_city(store)
    # Signed after 2, 2.5, 4 and 6 minutes of 5: the last is late, the fourth slow (from 3.75 on).
    put_tickets(store, **{f"T-{n}": life(m) for n, m in enumerate((2, 2.5, 4, 6))})  # type: ignore[arg-type]
    before = store.read(everything)
    file = changed_policy(
        tmp_path, "standard", 'limit = { critical = "5 min"', 'limit = { critical = "3 min"'
    )
    out = tmp_path / "changes.csv"
    done = run(file, *WORDS, "--json", "--out", str(out))  # type: ignore[operator]
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    # Of 3 minutes: 2 is in time, 2.5 slow (from 2.25 on), 4 and 6 late.
    assert (found["tickets"], found["changed"]) == (4, 2)
    signed = next(row for row in found["nodes"] if row["node"] == "sign")
    assert (signed["body"], signed["clocks"]) == ("housing", [4, 4])
    assert (signed["late"], signed["slow"]) == ([1, 2], [1, 1])
    others = [row for row in found["nodes"] if row["node"] != "sign"]
    assert all(row[name][0] == row[name][1] for row in others for name in ("late", "slow", "wrong"))
    changes = {row["ticket"]: row["changes"] for row in found["changed_tickets"]}
    assert {n: (c["before"]["pace"], c["after"]["pace"]) for n, [c] in changes.items()} == {
        "T-1": ("in_time", "slow"),
        "T-2": ("slow", "late"),
    }
    with out.open(encoding="utf-8-sig", newline="") as rows:
        assert [(row["工单"], row["试行政策"]) for row in csv.DictReader(rows)] == [
            ("T-1", "做得慢"),
            ("T-2", "做得晚"),
        ]
    assert store.read(everything) == before
    told = run(file, *WORDS, "--first", "1")  # type: ignore[operator]
    assert "结果不同 2 件。未写入任何内容。" in told.stdout
    assert "T-1" in told.stdout
    assert "T-2" not in told.stdout
    none = run(file, "--to", "2026-09-01")  # type: ignore[operator]
    assert "○ 没有可试算的工单" in none.stdout


def test_another_family_is_tried_on_its_own_tickets(store: Store, run: object, tmp_path: Path) -> None:
    put_city(store)
    one = happened((0, DUTY, received(policy="reply")), (50, HANDLER, FedBack("电话")))
    put_tickets(store, one=one, two=life(2))  # type: ignore[arg-type]
    file = changed_policy(tmp_path, "reply", 'limit = "5 wd"', 'limit = "1 wd"')
    done = run(file, "--json")  # type: ignore[operator]
    found = json.loads(done.stdout)
    assert (found["tickets"], found["changed"]) == (1, 1)
    (node,) = found["nodes"]
    assert (node["node"], node["late"]) == ("feed_back", [0, 1])


@pytest.mark.faults_expected
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('limit = "5 wd"', 'limit = "five"', "[[node]] feed_back，limit，时限写作"),
        ("yellow_share = 0.75", "yellow_share = 7.5", "不合格：yellow_share 应在 0 与 1 之间。"),
        ('holder = "body"', 'holder = "nobody"', "[[node]] feed_back，holder，没有 'nobody' 这个取值"),
        ('family = "reply"', "", "缺少 family"),
        ("version = 1", "version = ", "不是有效的 TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_field(
    run: object, tmp_path: Path, old: str, new: str, said: str
) -> None:
    done = run(changed_policy(tmp_path, "reply", old, new))  # type: ignore[operator]
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


@pytest.mark.faults_expected
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2099-01-01"), "--from 2099-01-01 00:00:00 还没有到"),
        (("--from", "2026-10-01", "--to", "2026-09-01"), "不在 --from 2026-10-01 00:00:00 之后"),
        (("--from", "yesterday"), "读不出时间“yesterday”"),
        (("--out", "changes.txt"), "changes.txt 既不是 .csv，也不是 .xlsx"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_words(
    run: object, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    file = changed_policy(tmp_path, "reply", "version = 1", "version = 2")
    done = run(file, *words)  # type: ignore[operator]
    assert done.exit_code == 2
    assert said in done.output
    assert "试算" not in done.output


def _faults() -> list[str]:
    """Every fault that the parsers of a policy can find, as they write it."""
    domain = RESOURCES.parent / "domain"
    rooms = ("policy.py", "fields.py", "repeat_rules.py", "sensor_rules.py", "wrong/rule.py")
    found = []
    for room in rooms:
        for node in ast.walk(ast.parse((domain / room).read_text("utf-8"))):
            raised = isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
            if raised and getattr(node.exc.func, "id", "") == "ValueError":  # type: ignore[union-attr]
                found.append(_written(node.exc.args[0]))  # type: ignore[union-attr]
    return found


def _written(text: ast.expr) -> str:
    if isinstance(text, ast.Constant):
        return str(text.value)
    assert isinstance(text, ast.JoinedStr)
    parts = [part.value if isinstance(part, ast.Constant) else "7" for part in text.values]
    return "".join(map(str, parts))


def test_every_fault_of_a_policy_has_words() -> None:
    faults = [fault for fault in _faults() if not fault.endswith(": 7")]
    assert len(faults) > 30
    assert [fault for fault in faults if re.search("[a-z]+ [a-z]+ [a-z]+", fault_text(fault))] == []


def test_a_trial_keeps_no_tickets(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions are read one after the other, and none is kept: the millionth costs no more than the first."""
    monkeypatch.setattr(policy_trial, "PORTION", 2)
    put_city(store)
    put_tickets(store, **{f"T-{n}": life(n + 1) for n in range(5)})  # type: ignore[arg-type]
    seen: list[int] = []

    def work(connection: Connection) -> int:
        rules = load_rules(connection)
        tried: Policy = rules.policies.in_force("standard", START)
        trial = policy_trial.try_policy(
            connection, rules, tried, START + timedelta(days=9), progress=seen.append
        )
        return trial.tickets

    assert store.read(work) == 5
    assert seen == [2, 4, 5]
