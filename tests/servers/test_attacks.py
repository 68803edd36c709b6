"""What a person with a password and the means of PostgreSQL could block, forge or find out."""

import json
import random
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from data_access import bulk, gate, log
from data_access.proving import prove
from data_access.rules import load_rules
from data_access.store import Connection, Store, open_url
from data_access.sweep import sweep
from data_access.sweeper import Sweeper
from data_access.verify import verify
from domain import events as e
from domain.directive import fold_directive
from domain.due import DueSource
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.people import Actor, Role
from domain.re_supervision import FileState
from domain.urgency import Urgency
from tests.data_access.streams import DUTY, happened, received, ticket
from tests.servers.cluster import Cluster
from tests.servers.fixtures import TEMPLATE, City, open_to_its_people

Row = dict[str, Any]
OWN = tuple(f"A-{n}" for n in range(1, 21))
OTHERS = "B-1"
SIGN = "SELECT record_event('ticket/{0}', NULL, 'Signed', '{{}}')"
ISSUE = (
    "SELECT record_event('directive/{0}', 0, 'DirectiveIssued', '{{\"text\":\"停工\","
    '"receivers":["{1}"],"deadline":"2090-01-01T00:00:00Z"}}\')'
)


@dataclass(frozen=True)
class Town:
    """A city where one body holds the tickets OWN, another one OTHERS; nobody has signed any."""

    city: City
    store: Store
    handler: str
    body: str

    def login(self, role: Role) -> str:
        """Return the login of a person of a role."""
        return self.city.login_of(role)

    def sweep(self, within: float = 5.0) -> None:
        """Let the engine come round until nothing waits for proof."""
        until = time.monotonic() + within
        sweeper = Sweeper(self.store)
        try:
            while not (sweeper.round().sweeps and not self.store.read(_waiting)):
                assert time.monotonic() < until, "the engine was kept from its work"
                time.sleep(0.05)
        finally:
            sweeper.close()


def _waiting(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM unchecked").scalar_one())


@pytest.fixture(scope="module")
def town(city_server: Cluster, city_template: dict[str, Actor]) -> Iterator[Town]:
    name = f"town_{uuid.uuid4().hex[:12]}"
    city_server.create_database(name, TEMPLATE)
    open_to_its_people(city_server, name)
    city = City(city_server, name, city_template)
    handler = city.login_of(Role.HANDLER)
    body = city.logins[handler].body
    assert body is not None
    other = next(
        a.body for a in city.logins.values() if a.role is Role.HANDLER and a.body not in (body, None)
    )
    store = open_url(city.url())
    held = [(number, body) for number in OWN] + [(OTHERS, other)]
    steps = [
        (number, happened((0, DUTY, received()), (0.1, DUTY, e.Accepted()), (0.5, DUTY, e.Dispatched(lead))))
        for number, lead in held
    ]
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket(n, found) for n, found in steps]))
    sweeper = Sweeper(store)
    while (done := sweeper.round()).done.raised or done.next_in == 0.0:
        pass
    sweeper.close()
    yield Town(city, store, handler, body)
    store.close()
    city_server.drop_database(name)


def is_ended(connection: psycopg.Connection[object]) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


HOARDED = (
    "SELECT pg_advisory_lock(71230003)",
    "SELECT pg_advisory_lock_shared(71230003)",
    "SELECT pg_advisory_lock(71230004)",
    "BEGIN; LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE",
    "BEGIN; LOCK TABLE node_state IN SHARE MODE",
)


@pytest.mark.faults_expected
@pytest.mark.parametrize("lock", HOARDED)
def test_nobody_keeps_the_engine_from_its_work(town: Town, lock: str) -> None:
    with town.city.connect(town.handler) as hog:
        hog.execute(lock)  # type: ignore[call-overload]
        town.sweep()
        assert is_ended(hog)


@pytest.mark.faults_expected
def test_a_lock_of_ones_own_stream_does_not_keep_forged_rows(town: Town) -> None:
    number = OWN[0]
    with town.city.connect(town.handler) as hog:
        hog.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"ticket/{number}",))
        with hog.transaction():
            hog.execute(SIGN.format(number))  # type: ignore[call-overload]
            hog.execute("DELETE FROM node_state WHERE ticket = %s", (number,))
        time.sleep(2.1)
        town.sweep()
        assert is_ended(hog)
    assert not town.store.write(lambda c: log.repair(c, load_rules(c), f"ticket/{number}"))


def test_who_writes_an_order_is_left_alone(town: Town) -> None:
    with town.city.connect(town.handler) as busy, town.city.connect(town.handler) as idle:
        idle.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
        idle.execute("SELECT count(*) FROM ticket")
        busy.execute("BEGIN")
        busy.execute(SIGN.format(OWN[1]))  # type: ignore[call-overload]
        assert town.store.write(lambda c: c.exec_driver_sql("SELECT * FROM end_hogs()").all()) == []
        assert not is_ended(busy)
        assert not is_ended(idle)
        busy.execute("ROLLBACK")
        idle.execute("ROLLBACK")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            idle.execute("SELECT end_hogs()")


IMPOSSIBLE = (
    ("node_state", "ticket", "due_at = 'infinity'"),
    ("node_state", "ticket", "yellow_at = '-infinity'"),
    ("node_state", "ticket", "started_at = '0044-03-15 12:00 BC'"),
    ("node_state", "ticket", "node = 'no_such_node'"),
    ("node_state", "ticket", "round = -1"),
    ("node_state", "ticket", "leg = 9000"),
    ("node_state", "ticket", "person = repeat('x', 10000)"),
    ("ticket", "number", "text = repeat('x', 17000000)"),
    ("ticket", "number", "lng = 'NaN'"),
    ("ticket", "number", "lat = 'infinity'"),
    ("ticket", "number", "urgency = 'none'"),
    ("ticket", "number", "policy_family = 'none'"),
    ("ticket", "number", "assisting = array_fill('x'::text, ARRAY[501])"),
    ("ticket", "number", "head = ''"),
)


@pytest.mark.parametrize(("table", "key", "change"), IMPOSSIBLE)
def test_no_seat_has_to_read_what_no_program_can_hold(town: Town, table: str, key: str, change: str) -> None:
    number = OWN[1]
    with town.city.connect(town.handler) as forger, forger.transaction(force_rollback=True):
        for statement in (
            SIGN.format(number),
            f"CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT * FROM {table} WHERE {key} = '{number}'",
            f"DELETE FROM {table} WHERE {key} = '{number}'",
            f"INSERT INTO {table} SELECT * FROM mine",
            f"DELETE FROM {table} WHERE {key} = '{number}'",
            f"UPDATE mine SET {change}",
        ):
            forger.execute(statement)  # type: ignore[call-overload]
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            forger.execute(f"INSERT INTO {table} SELECT * FROM mine")  # type: ignore[call-overload]


def test_the_words_that_may_be_cached_are_those_that_the_program_knows() -> None:
    said = (Path(gate.__file__).parent / "limits.sql").read_text("utf-8")
    known: dict[str, type[StrEnum]] = {
        "urgency": Urgency,
        "node": Node,
        "ended": NodeEnd,
        "due_source": DueSource,
        "kind": e.WarningKind,
        "level": e.WarningLevel,
        "state": FileState,
        "behaviour": e.Behaviour,
    }
    for column, words in known.items():
        found = re.search(rf"attname = '{column}' THEN(.*?)WHEN", said, re.DOTALL)
        assert found is not None
        assert re.findall(r"''(\w+)''", found[1]) == [word.value for word in words]


@pytest.mark.faults_expected
def test_rows_that_cannot_be_read_keep_no_other_stream_from_its_proof(town: Town) -> None:
    bad, good = OWN[2], OWN[3]
    with town.city.connect() as owner, town.city.connect(town.handler) as handler:
        owner.execute("UPDATE node_state SET yellow_at = 'infinity' WHERE ticket = %s", (bad,))
        for number in (bad, good):
            with handler.transaction():
                handler.execute(SIGN.format(number))  # type: ignore[call-overload]
                handler.execute("DELETE FROM warning WHERE ticket = %s", (number,))
        found = town.store.write(lambda c: prove(c, load_rules(c)))
        assert f"ticket/{good}" in found.repaired
        owner.execute("DELETE FROM node_state WHERE ticket = %s", (bad,))
    town.store.write(lambda c: log.repair(c, load_rules(c), f"ticket/{bad}"))


@pytest.mark.faults_expected
def test_a_locked_stream_keeps_none_behind_it_from_its_proof(town: Town) -> None:
    first, second = OWN[4], OWN[5]
    with town.city.connect(town.handler) as hog, town.city.connect(town.handler) as handler:
        hog.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"ticket/{first}",))
        for number in (first, second):
            (hog if number == first else handler).execute(SIGN.format(number))  # type: ignore[call-overload]
        found = town.store.write(lambda c: prove(c, load_rules(c), most=1))
        assert found.busy
        assert f"ticket/{second}" in found.repaired
    town.sweep()


@pytest.mark.faults_expected
def test_the_engine_warns_of_nothing_that_a_person_has_cached(town: Town) -> None:
    number = OWN[6]
    with town.city.connect(town.handler) as forger, forger.transaction():
        for statement in (
            SIGN.format(number),
            f"CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT * FROM node_state WHERE ticket = '{number}'",
            f"DELETE FROM node_state WHERE ticket = '{number}'",
            "UPDATE mine SET node = 'file', body = 'police', warned_late = false, ended_at = NULL,"
            " ended = NULL WHERE node = 'sign'",
            "INSERT INTO node_state SELECT * FROM mine",
        ):
            forger.execute(statement)  # type: ignore[call-overload]
    height = len(town.store.read(lambda c: log.read_stream(c, f"ticket/{number}")))
    swept = town.store.write(lambda c: sweep(c, load_rules(c), log.transaction_time(c)))
    assert swept.busy
    assert len(town.store.read(lambda c: log.read_stream(c, f"ticket/{number}"))) == height
    # Nor when it writes to that very ticket.
    town.store.write(lambda c: sweep(c, load_rules(c), log.transaction_time(c), number))
    raised = [r.event.fact for r in town.store.read(lambda c: log.read_stream(c, f"ticket/{number}"))]
    assert not [fact for fact in raised if isinstance(fact, e.WarningRaised) and fact.node is Node.FILE]
    town.sweep()


def _number(leader: psycopg.Connection[object]) -> int:
    row = leader.execute("SELECT next_serial('directive', 2026)").fetchone()
    assert row is not None
    return int(row[0])  # type: ignore[index]


@pytest.mark.faults_expected
def test_an_answer_stands_behind_its_question_however_old_its_transaction(town: Town) -> None:
    with town.city.connect(town.login(Role.LEADER)) as leader, town.city.connect(town.handler) as handler:
        handler.execute("BEGIN; SELECT pg_sleep(0.02)")
        number = f"D-2026-{_number(leader):03d}"
        leader.execute(ISSUE.format(number, town.body))  # type: ignore[call-overload]
        handler.execute(
            "SELECT record_event(%s, NULL, 'DirectiveSigned', %s)",
            (f"directive/{number}", f'{{"body":"{town.body}"}}'),
        )
        handler.execute("COMMIT")
    records = town.store.read(lambda c: log.in_time_order(log.read_stream(c, f"directive/{number}")))
    assert records[1].recorded_at < records[0].recorded_at == records[1].event.at
    assert fold_directive(number, [r.event for r in records]).receipts[town.body].signed_at is not None
    town.sweep()


def test_a_directive_is_noted_at_no_ticket_that_it_does_not_name(town: Town) -> None:
    with town.city.connect(town.login(Role.LEADER)) as leader, leader.transaction(force_rollback=True):
        number = f"D-2026-{_number(leader):03d}"
        leader.execute(ISSUE.format(number, town.body))  # type: ignore[call-overload]
        noted = f'{{"number":"{number}","text":"x","receivers":[],"deadline":"2090-01-01T00:00:00Z"}}'
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="bad_data"):
            leader.execute(
                "SELECT record_event(%s, NULL, 'DirectiveReferred', %s)", (f"ticket/{OTHERS}", noted)
            )


def test_a_number_has_one_spelling(town: Town) -> None:
    with town.city.connect(town.login(Role.LEADER)) as leader:
        serial = _number(leader)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="bad_data"):
            leader.execute(ISSUE.format(f"D-2026-{serial:05d}", town.body))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "setting",
    [
        "standard_conforming_strings = off",
        "DateStyle = 'German, DMY'",
        "TimeZone = 'America/New_York'",
        "extra_float_digits = -15",
        "bytea_output = 'escape'",
        "array_nulls = off",
        "transform_null_equals = on",
        "default_transaction_isolation = 'serializable'",
    ],
)
def test_no_setting_of_a_session_changes_what_is_recorded(town: Town, setting: str) -> None:
    number = OWN[7]
    said = '{"distance_m":5,"note":"a\\\\b\'c"}'
    with town.city.connect(town.handler) as handler, town.city.connect(town.handler) as odd:
        odd.execute(f"SET {setting}")  # type: ignore[call-overload]
        found = []
        for connection in (handler, odd):
            with connection.transaction(force_rollback=True):
                row = connection.execute(
                    "SELECT data::text FROM record_event(%s, NULL, 'Arrived', %s)", (f"ticket/{number}", said)
                ).fetchone()
                found.append(row)
    assert found == [('{"distance_m":5.0,"note":"a\\\\b\'c"}',)] * 2


@pytest.mark.parametrize("setting", ["DateStyle = 'German, DMY'", "standard_conforming_strings = off"])
def test_no_setting_makes_a_rule_unreadable(town: Town, setting: str) -> None:
    name = f"s{uuid.uuid4().hex[:8]}"
    with town.city.connect(town.login(Role.ADMIN)) as admin:
        admin.execute(f"SET {setting}")  # type: ignore[call-overload]
        admin.execute("SELECT submit_rule('scheme', %s, 'x', 1, '2030-02-01')", (name,))
        for date in ("infinity", "-infinity", "0044-03-15 BC"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                admin.execute("SELECT submit_rule('scheme', 'other', 'x', 1, %s::date)", (date,))
    (record,) = town.store.read(lambda c: log.read_stream(c, f"rules/scheme-{name}"))
    assert record.event.fact.effective_from == "2030-02-01"  # type: ignore[union-attr]


def test_no_literal_in_a_function_depends_on_a_setting(town: Town) -> None:
    with town.city.connect() as owner:
        rows = owner.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    for name, source in rows:  # type: ignore[misc]
        plain = re.sub(r"E'(?:[^'\\]|''|\\.)*'", "", source)
        assert "\\" not in plain, name


def test_a_refusal_does_not_tell_whose_a_matter_is_nor_whether_there_is_one(town: Town) -> None:
    warned = '{"kind":"late","level":"red","node":"sign","round":1,"leg":1}'
    with town.city.connect(town.handler) as handler:
        for kind, family, name, data in (
            ("Signed", "ticket", OTHERS, "{}"),
            ("WarningAcknowledged", "ticket", OTHERS, warned),
            ("ReSupervisionExplained", "re_supervision", "Z-2026-0001", '{"text":"x"}'),
            ("DirectiveSigned", "directive", "D-2026-001", f'{{"body":"{town.body}"}}'),
        ):
            told = set()
            for number in (name, "X-0"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
                    handler.execute(
                        "SELECT record_event(%s, NULL, %s, %s)", (f"{family}/{number}", kind, data)
                    )
                told.add(refused.value.diag.message_detail)
            assert told == {"other_body"}, kind


def test_a_round_that_no_table_can_hold_is_not_recorded(town: Town) -> None:
    with town.city.connect(town.login(Role.DISCIPLINE)) as officer:
        row = officer.execute("SELECT next_serial('re_supervision', 2026)").fetchone()
        assert row is not None
        for said in (32768, 999999999999):
            data = f'{{"ticket":"{OTHERS}","body":null,"node":"sign","round":{said},"cause":"x"}}'
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="bad_data"):
                officer.execute(
                    "SELECT record_event(%s, 0, 'ReSupervisionDrafted', %s)",
                    (f"re_supervision/Z-2026-{row[0]:04d}", data),  # type: ignore[index]
                )


ODD_TEXTS = (
    "",
    "x",
    'a\x1f\x7f"\\\\n\n\t/\u2028\u202e<b>',
    "长" * 4000,
    "\U0001f600",
    "=1+1",
    "\ufeff\uffff",
)
ODD_MOMENTS = (
    "2000-01-01T00:00:00Z",
    "2026-11-22T24:00:00+14:00",
    "2030-02-28T23:59:59.999999-12:00",
    "2999-12-31T23:59:59Z",
)


def _rows(connection: psycopg.Connection[object], statement: str) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement).fetchall()  # type: ignore[call-overload]


def _odd_value(chance: random.Random, field: Row, bodies: list[str]) -> object:
    match field["type"]:
        case "int":
            return chance.choice([0, 1, 2, 9999])
        case "float":
            return chance.choice([0, 0.001, 1e7, 123.456, 5, 0.1 + 0.2, 9999999.999999])
        case "bool":
            return chance.random() < 0.5
        case "moment":
            return chance.choice(ODD_MOMENTS)
        case "body":
            return chance.choice(bodies)
        case "enum":
            return chance.choice(field["allowed"])
        case _:
            return chance.choice(ODD_TEXTS)


def _odd_data(chance: random.Random, fields: list[Row], bodies: list[str]) -> str:
    said: dict[str, object] = {}
    for field in fields:
        if field["otherwise"] is not None and chance.random() < 0.3:
            continue
        many = [_odd_value(chance, field, bodies) for _ in range(chance.randrange(4))]
        said[field["field"]] = many if field["many"] else _odd_value(chance, field, bodies)
    return json.dumps(said, ensure_ascii=chance.random() < 0.5)


@pytest.mark.faults_expected
def test_nothing_that_is_let_in_makes_a_stream_unreadable(town: Town) -> None:
    """Whatever a person's right allows, in whatever order: each stream is read, projected and proved."""
    chance = random.Random(20261122)
    with town.city.connect() as owner:
        fields = _rows(owner, "SELECT * FROM fact_field ORDER BY kind, field")
        allowed = _rows(
            owner, "SELECT kind, role, family_of(kind) AS family FROM permission WHERE family_of(kind) <> ''"
        )
        bodies = [row["key"] for row in _rows(owner, "SELECT key FROM body")]
        known = _rows(
            owner,
            "SELECT stream FROM event WHERE seq = 1 AND stream ~ '^(directive|re_supervision)/'"
            " ORDER BY md5(stream) LIMIT 30",
        )
    streams = [row["stream"] for row in known] + [f"ticket/{number}" for number in OWN[8:14]]
    streams.append(f"duty/{datetime.now(UTC):%Y-%m}")
    recorded = 0
    for role in (Role.DUTY, Role.DISCIPLINE, Role.LEADER, Role.HANDLER):
        rights = [row for row in allowed if row["role"] == role.value]
        login = town.handler if role is Role.HANDLER else town.login(role)
        with town.city.connect(login) as connection:
            for _ in range(600):
                kind, family = (right := chance.choice(rights))["kind"], right["family"]
                data = _odd_data(chance, [f for f in fields if f["kind"] == kind], bodies)
                if kind in ("DirectiveIssued", "ReSupervisionDrafted"):
                    serial = _rows(connection, f"SELECT next_serial('{family}', 2026) AS n")[0]["n"]
                    form = "D-2026-{:03d}" if family == "directive" else "Z-2026-{:04d}"
                    streams.append(f"{family}/{form.format(serial)}")
                    stream = streams[-1]
                else:
                    stream = chance.choice([s for s in streams if s.startswith(family)])
                with suppress(psycopg.errors.InsufficientPrivilege):
                    connection.execute("SELECT record_event(%s, NULL, %s, %s)", (stream, kind, data))
                    recorded += 1
    assert recorded > 300
    town.sweep(within=20)
    verdict = town.store.scratch(lambda c: verify(c, load_rules(c)))
    assert verdict.flaw is None
