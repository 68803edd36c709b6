"""Rules that admins submit and the engine installs; and what `verify` finds of what an owner did by hand."""

import json
from collections.abc import Callable
from datetime import date

import psycopg
import pytest

from data_access import log, people, people_proof, rule_files
from data_access.rules import RESOURCES, load_rules
from data_access.store import Store, open_url
from data_access.verify import verify
from domain.admin_events import RuleInstalled, RuleKind, RuleRefused
from domain.people import Role
from domain.rights import Reason, RefusedError
from domain.staff import RuleState
from tests.servers.fixtures import City

STANDARD = (RESOURCES / "policies" / "standard-v1.toml").read_text("utf-8")
LATER = STANDARD.replace("version = 1", "version = 3").replace("2020-01-01", "2099-01-01")
YEAR = json.dumps(
    {
        "year": 2031,
        "papers": ["国办发明电〔2030〕1 号"],
        "days": [
            {"name": "元旦", "date": "2031-01-02", "isOffDay": True},
            {"name": "元旦", "date": "2031-01-04", "isOffDay": False},
        ],
    },
    ensure_ascii=False,
)


@pytest.fixture
def engine(city: City, owner_store: Store) -> Store:
    """The store as `collect` has it, by a service login."""
    login = "rules_engine"
    owner_store.write(lambda c: people.add_engine_login(c, login, "a-long-password"))
    city.server.passwords[login] = "a-long-password"
    store = open_url(city.url(login))
    yield store
    store.close()
    with city.server.connect("postgres") as connection:
        connection.execute("DROP ROLE rules_engine")


def flaw(store: Store) -> str | None:
    rules = store.read(load_rules)
    found = store.scratch(lambda c: verify(c, rules)).flaw
    return None if found is None else f"{found.stream}: {found.reason}"


def test_the_engine_installs_what_an_admin_submitted(admin: Store, engine: Store, owner_store: Store) -> None:
    file = rule_files.read_rule(RuleKind.POLICY, LATER)
    year = rule_files.read_rule(RuleKind.CALENDAR, YEAR)
    admin.write(lambda c: rule_files.submit(c, file))
    admin.write(lambda c: rule_files.submit(c, year))
    assert engine.read(rule_files.waiting) == ("rules/calendar-2031", "rules/policy-standard")
    assert engine.write(rule_files.install_waiting) == 2
    assert engine.read(rule_files.waiting) == ()
    rules = engine.read(load_rules)
    assert {(p.family, p.version) for p in rules.policies.policies} >= {("standard", 2), ("standard", 3)}
    assert date(2031, 1, 2) in rules.calendar.notices[2031].off
    last = admin.read(lambda c: log.read_stream(c, "rules/policy-standard"))[-1].event
    assert isinstance(last.fact, RuleInstalled)
    assert last.actor.role is Role.SYSTEM
    lines = admin.read(lambda c: rule_files.rule_lines(c, load_rules(c), last.at))
    mine = {(line.kind, line.version): line for line in lines if line.name in ("standard", "2031")}
    assert mine[RuleKind.POLICY, 2].in_force
    assert not mine[RuleKind.POLICY, 3].in_force
    assert {line.state for line in mine.values()} == {RuleState.BUILT_IN, RuleState.INSTALLED}
    assert flaw(owner_store) is None


def test_what_was_submitted_by_other_ways_judges_nothing(
    city: City, admin_login: str, engine: Store, owner_store: Store
) -> None:
    with city.connect(admin_login) as connection:
        for name, said in (
            ("broken", "this is = no policy"),
            ("standard", LATER),
            ("other", LATER),
            ("deep", "a = " + "[" * 4000),
        ):
            connection.execute("SELECT submit_rule('policy', %s, %s, 5, '2020-01-01')", [name, said])
    assert engine.write(rule_files.install_waiting) == 4
    for name in ("broken", "standard", "other", "deep"):
        fact = engine.read(lambda c, name=name: log.read_stream(c, f"rules/policy-{name}"))[-1].event.fact
        assert isinstance(fact, RuleRefused), name
    assert len(engine.read(load_rules).policies.policies) == 4
    assert flaw(owner_store) is None


def test_a_policy_that_would_judge_anew_needs_the_admins_word(admin: Store, engine: Store) -> None:
    now = STANDARD.replace("version = 1", "version = 3").replace("2020-01-01", "2020-02-01")
    file = rule_files.read_rule(RuleKind.POLICY, now)
    admin.write(lambda c: rule_files.submit(c, file))
    engine.write(rule_files.install_waiting)
    refused = admin.read(lambda c: log.read_stream(c, "rules/policy-standard"))[-1].event.fact
    assert isinstance(refused, RuleRefused)
    admin.write(lambda c: rule_files.submit(c, file, retroactive=True))
    engine.write(rule_files.install_waiting)
    done = admin.read(lambda c: log.read_stream(c, "rules/policy-standard"))[-1].event.fact
    assert isinstance(done, RuleInstalled)
    assert done.rejudged > 0


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (RuleKind.POLICY, "x = ["),
        (RuleKind.POLICY, 'family = "standard"'),
        (RuleKind.SCHEME, STANDARD),
        (RuleKind.CALENDAR, STANDARD),
        (RuleKind.CALENDAR, "[]"),
        (RuleKind.CALENDAR, "[" * 100_000),
    ],
)
def test_a_file_that_is_none_is_refused_before_it_is_sent(kind: RuleKind, said: str) -> None:
    with pytest.raises(RefusedError) as caught:
        rule_files.read_rule(kind, said)
    assert caught.value.reason is Reason.BAD_RULE


BY_HAND = (
    ("UPDATE person SET role = 'leader' WHERE login = %(login)s", "人员与事件不符"),
    ("UPDATE person SET name = '别人' WHERE login = %(login)s", "人员与事件不符"),
    ("UPDATE person SET active = false WHERE login = %(login)s", "人员与事件不符"),
    ("DELETE FROM person WHERE login = %(login)s", "人员缺失"),
    (
        "INSERT INTO person (key, login, name, role, title, position)"
        " VALUES ('k', 'sneaked', 'x', 'admin', '', 1)",
        "没有对应的事件",
    ),
    ("GRANT qingshao_leader TO {role}", "登录角色属于"),
    ("REVOKE qingshao_duty FROM {role}", "登录角色属于"),
    ("ALTER ROLE {role} CREATEROLE", "特权"),
    ("UPDATE body SET name = 'x' WHERE key = 'harbour'", "责任主体与事件不符"),
    ("UPDATE policy SET toml = toml || E'\\n' WHERE version = 3", "第 3 版与事件不符"),
    ("DELETE FROM policy WHERE version = 3", "第 3 版与事件不符"),
    ("UPDATE calendar_year SET days = '{{}}'", "日历与事件不符"),
)


def test_what_an_owner_changes_by_hand_is_named(
    city: City, admin: Store, owner_store: Store, add: Callable[..., str]
) -> None:
    login = add(Role.DUTY)
    admin.write(lambda c: people.put_body(c, "harbour", "港口管理局", "港口"))
    for kind, said in ((RuleKind.POLICY, LATER), (RuleKind.CALENDAR, YEAR)):
        file = rule_files.read_rule(kind, said)
        owner_store.write(lambda c, file=file: rule_files.bring(c, file))
    role = psycopg.sql.Identifier(login)
    for statement, reason in BY_HAND:

        def by_hand(connection: object, statement: str = statement) -> str:
            driver = connection.connection.driver_connection  # type: ignore[attr-defined]
            driver.execute(psycopg.sql.SQL(statement).format(role=role), {"login": login})
            found = people_proof.first_odd(connection)  # type: ignore[arg-type]
            return "" if found is None else found.reason

        # All of it is undone: the next one begins from a store that is in order.
        assert reason in owner_store.scratch(by_hand), statement
    assert flaw(owner_store) is None
    owner_store.write(lambda c: c.exec_driver_sql("UPDATE person SET title = 'x' WHERE login = %s", (login,)))
    assert flaw(owner_store) == f"person/{login}: 人员与事件不符"
