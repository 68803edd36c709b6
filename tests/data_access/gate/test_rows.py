"""What a person sees and can touch with plain SQL: no more than the window shows and lets one do."""

import json

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data_access import log, schema
from data_access.store import Store
from domain.duty_log import stream_of
from domain.people import Role
from tests.data_access.gate.conftest import SignIn
from tests.domain.test_duty_log import ZONE

PERSONS = [role for role in Role if role is not Role.SYSTEM]
GUARDED = ("ticket", "node_state", "warning", "event")


def seen(store: Store, table: str) -> int:
    statement = text(f"SELECT count(*) FROM {table}")
    return int(store.read(lambda c: c.execute(statement).scalar_one()))


@pytest.mark.parametrize("role", [role for role in PERSONS if role is not Role.HANDLER])
def test_everybody_else_sees_all_tickets(city: Store, sign_in: SignIn, role: Role) -> None:
    person = sign_in(role)
    for table in GUARDED:
        assert seen(person, table) == seen(city, table), table


def test_a_handler_sees_its_own_bodys(city: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])
    assert handler.read(lambda c: c.execute(text("SELECT number FROM ticket")).scalars().all()) == ["T-1"]
    for table in ("node_state", "warning"):
        found = handler.read(lambda c, t=table: c.execute(text(f"SELECT ticket FROM {t}")).scalars().all())
        assert set(found) <= {"T-1"}, table
    streams = handler.read(lambda c: c.execute(text("SELECT DISTINCT stream FROM event")).scalars().all())
    assert streams == ["ticket/T-1"]
    about_others = text("SELECT count(*) FROM event WHERE stream = 'ticket/T-2'")
    assert handler.read(lambda c: c.execute(about_others).scalar_one()) == 0
    tallied = text("SELECT DISTINCT dimension, key FROM tally UNION SELECT 'body', body FROM tally_change")
    keys = handler.read(lambda c: {tuple(row) for row in c.execute(tallied)})
    assert keys <= {("body", bodies[0])}


def test_no_wall_shows_the_duty_log(city: Store, sign_in: SignIn) -> None:
    """T05: anybody walks past a wall; what shifts leave to each other is for those who are on."""
    duty, wall = sign_in(Role.DUTY), sign_in(Role.WALL)
    month = stream_of(city.read(log.transaction_time), ZONE)
    about = {"stream": month, "data": json.dumps({"note": "entry", "text": "接到市府办电话"})}
    duty.write(
        lambda c: c.execute(text("SELECT record_event(:stream, NULL, 'DutyNoted', :data)"), about).one()
    )
    lines = text("SELECT count(*) FROM event WHERE stream LIKE 'duty/%'")
    assert [one.read(lambda c: c.execute(lines).scalar_one()) for one in (duty, wall)] == [1, 0]


def test_who_is_no_longer_listed_sees_nothing(city: Store, sign_in: SignIn) -> None:
    leader = sign_in(Role.LEADER)
    assert seen(leader, "ticket")
    city.write(lambda c: c.execute(text("UPDATE person SET active = false WHERE role = 'leader'")))
    for table in GUARDED:
        assert seen(leader, table) == 0, table


ATTACKS = (
    "UPDATE node_state SET due_at = due_at + interval '1 year'",
    "UPDATE ticket SET red_at = NULL",
    "UPDATE event SET person = 'x'",
    "DELETE FROM event",
    "TRUNCATE event",
    "TRUNCATE ticket",
    "INSERT INTO event OVERRIDING SYSTEM VALUE SELECT * FROM event",
    "UPDATE person SET role = 'admin'",
    "INSERT INTO person (key, name, role, title, position) VALUES ('x', 'x', 'admin', '', 1)",
    "UPDATE permission SET role = 'handler'",
    "INSERT INTO permission VALUES ('Closed', 'handler', 'all', 'x')",
    "DELETE FROM unchecked",
    "SELECT * FROM unchecked",
    "SELECT * FROM complainant",
    "COPY complainant TO STDOUT",
    "UPDATE serial SET last = 0",
    "UPDATE policy SET toml = ''",
    "UPDATE tally SET due = 0",
    "UPDATE gate SET fingerprint = ''",
    "CREATE TABLE mine (x int)",
    "CREATE FUNCTION event_hash(x int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION my_body() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
    "DROP POLICY seen_by_own ON ticket",
    "DROP TABLE event",
    "SET ROLE qingshao_engine",
    "SET ROLE qingshao_admin",
    "GRANT qingshao_admin TO CURRENT_USER",
    "CREATE ROLE other SUPERUSER",
    "SET session_replication_role = replica",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT append_event('ticket/T-1', NULL, 'Closed', '{}', NULL, (SELECT p FROM person AS p LIMIT 1))",
    "SELECT holder_of('ticket/T-2')",
    "SELECT lo_import('/etc/passwd')",
)


@pytest.mark.parametrize("role", PERSONS)
def test_plain_sql_is_refused(city: Store, sign_in: SignIn, bodies: tuple[str, str], role: Role) -> None:
    person = sign_in(role, bodies[0] if role is Role.HANDLER else None)
    before = city.read(lambda c: [c.execute(table.select()).all() for table in schema.metadata.sorted_tables])
    for attack in ATTACKS:
        if role is Role.ADMIN and attack == "SET ROLE qingshao_admin":
            continue  # one's own
        with pytest.raises(DBAPIError) as error:
            person.write(lambda c, attack=attack: c.execute(text(attack)))
        assert error.value.orig.sqlstate == "42501", (attack, error.value)  # type: ignore[union-attr]
    after = city.read(lambda c: [c.execute(table.select()).all() for table in schema.metadata.sorted_tables])
    assert after == before


def test_rows_of_others_are_not_there_to_delete(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])
    count = seen(city, "node_state"), seen(city, "ticket")
    for table in ("ticket", "node_state", "warning"):
        done = handler.write(lambda c, t=table: c.execute(text(f"DELETE FROM {t}")).rowcount)
        assert done == 0, table
    assert (seen(city, "node_state"), seen(city, "ticket")) == count

    # Not even beside an event of one's own ticket.
    def beside(connection: Connection) -> int:
        connection.execute(text("SELECT record_event('ticket/T-1', NULL, 'Signed', '{}')"))
        return connection.execute(text("DELETE FROM node_state WHERE ticket <> 'T-1'")).rowcount

    assert handler.write(beside) == 0
    with pytest.raises(DBAPIError) as error:
        handler.write(
            lambda c: c.execute(
                text("INSERT INTO warning SELECT 'T-2', 1, 1, 'sign', 'late', 'red', NULL, 'x', now()")
            )
        )
    assert error.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


def test_a_function_cannot_be_tricked_by_the_search_path(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])

    def trick(connection: Connection) -> None:
        # Somebody's own tables, functions and operators, looked at before all others.
        connection.execute(
            text("CREATE TEMP TABLE permission (kind text, role text, scope text, command text)")
        )
        connection.execute(text("INSERT INTO permission VALUES ('Closed', 'handler', 'all', 'x')"))
        connection.execute(text("CREATE TEMP TABLE person AS SELECT * FROM public.person"))
        connection.execute(text("UPDATE person SET role = 'duty'"))
        connection.execute(text("SET LOCAL search_path = pg_temp, public, pg_catalog"))
        connection.execute(text("SELECT public.record_event('ticket/T-1', NULL, 'Closed', '{}')"))

    with pytest.raises(DBAPIError) as error:
        handler.write(trick)
    assert error.value.orig.diag.message_detail == "role Closed"  # type: ignore[union-attr]


def test_the_engine_may_not_change_the_log_either(city: Store) -> None:
    def as_engine(statement: str) -> None:
        def work(connection: Connection) -> None:
            connection.execute(text("SET LOCAL ROLE qingshao_engine"))
            connection.execute(text(statement))

        city.write(work)

    for statement in (
        "UPDATE event SET person = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "SELECT * FROM complainant",
        "UPDATE person SET active = false",
    ):
        with pytest.raises(DBAPIError) as error:
            as_engine(statement)
        assert error.value.orig.sqlstate == "42501", statement  # type: ignore[union-attr]
    as_engine("SELECT count(*) FROM event")


def test_not_even_the_owner_changes_or_forges_an_event(city: Store) -> None:
    copied = "SELECT stream, seq + 1, kind, at, role, person, body, data, now(), {0}, {1}, NULL FROM event"
    insert = (
        "INSERT INTO event"
        " (stream, seq, kind, at, role, person, body, data, recorded_at, previous, hash, request) "
    )
    last = " WHERE stream = 'ticket/T-1' ORDER BY seq DESC LIMIT 1"
    for statement in (
        "UPDATE event SET person = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "SET LOCAL session_replication_role = replica; DELETE FROM event",
        insert + copied.format("hash", "hash") + last,
        insert + copied.format("previous", "hash") + last,
        insert + copied.replace("now()", "now() - interval '1 day'").format("hash", "hash") + last,
    ):
        with pytest.raises(DBAPIError) as error:
            city.write(lambda c, statement=statement: c.exec_driver_sql(statement))
        assert error.value.orig.sqlstate in ("42501", "23000"), statement  # type: ignore[union-attr]
