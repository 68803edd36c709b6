"""An admin keeps people over the real server: roles, rows and log change together, or not at all."""

import re
import threading
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import text

from data_access import log, people
from data_access.errors import StoreError
from data_access.rules import load_rules
from data_access.store import Connection, Store, open_url
from data_access.verify import verify
from desktop.city import load_city
from domain.admin_events import PasswordReset, PersonAdded, PersonChanged, PersonRestored, PersonRevoked
from domain.events import Fact
from domain.people import Role
from domain.rights import Reason, RefusedError
from domain.staff import PersonDraft
from tests.data_access.people.conftest import PASSWORD
from tests.servers.fixtures import City

Add = Callable[..., str]
BODY = load_city().responsible[0].key
VERIFIER = f"SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==${'A' * 43}=:{'B' * 43}="


def facts(store: Store, login: str) -> list[Fact]:
    return [record.event.fact for record in store.read(lambda c: log.read_stream(c, f"person/{login}"))]


def refused(work: Callable[[], object]) -> Reason:
    with pytest.raises(RefusedError) as caught:
        work()
    return caught.value.reason


def test_a_new_person_signs_in_as_what_the_admin_said(city: City, admin: Store, add: Add) -> None:
    login = add(Role.HANDLER, BODY)
    with city.connect(login) as connection:
        me = connection.execute("SELECT login, name, role, body FROM me()").fetchone()
        assert me == (login, "李雷", "handler", BODY)
    records = admin.read(lambda c: log.read_stream(c, f"person/{login}"))
    assert [record.event.fact for record in records] == [PersonAdded("李雷", Role.HANDLER, BODY)]
    assert records[0].event.actor.role is Role.ADMIN


def test_every_step_of_a_person_is_in_the_chain(admin: Store, owner_store: Store, add: Add) -> None:
    login = add(Role.LEADER)
    draft = PersonDraft(login, "韩梅", Role.DUTY, title="组长")
    admin.write(lambda c: people.change_person(c, draft))
    admin.write(lambda c: people.change_person(c, draft))  # nothing new: no event
    admin.write(lambda c: people.revoke_person(c, login, "调离"))
    admin.write(lambda c: people.restore_person(c, login))
    admin.write(lambda c: people.reset_password(c, login, "another-long-one"))
    assert facts(admin, login) == [
        PersonAdded("李雷", Role.LEADER),
        PersonChanged("韩梅", Role.DUTY, "platform", title="组长"),
        PersonRevoked("调离"),
        PersonRestored(),
        PasswordReset(),
    ]
    rules = owner_store.read(load_rules)
    verdict = owner_store.scratch(lambda c: verify(c, rules))
    assert verdict.flaw is None


def test_the_password_is_nowhere_but_in_its_verifier(city: City, add: Add) -> None:
    login = add(Role.WALL)
    with city.server.connect(city.database) as superuser:
        row = superuser.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [login]).fetchone()
        assert row is not None
        assert row[0].startswith("SCRAM-SHA-256$4096:")
        superuser.execute("SELECT pg_rotate_logfile()")
        said = superuser.execute("SELECT string_agg(data::text, '') FROM event").fetchone()
    assert said is not None
    assert PASSWORD not in said[0]
    log_text = (city.server.data / "log" / "server.json").read_text("utf-8")
    assert PASSWORD not in log_text


def test_what_is_no_verifier_is_refused(city: City, admin_login: str, add: Add) -> None:
    login = add(Role.WALL)
    good = VERIFIER
    weak = good.replace("4096", "1000")
    with city.connect(admin_login) as connection:
        for said in ("password", "md5" + "0" * 32, "", weak, good[:-3], good + "\n", None):
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
                connection.execute("SELECT reset_password(%s, %s)", [login, said])
            assert caught.value.diag.message_detail == "bad_verifier"
        connection.execute("SELECT reset_password(%s, %s)", [login, good])


def test_revoking_ends_open_sessions_at_once_and_lets_nobody_in(city: City, admin: Store, add: Add) -> None:
    login = add(Role.DUTY)
    sessions = [city.connect(login) for _ in range(3)]
    assert sessions[0].execute("SELECT role FROM me()").fetchone() == ("duty",)
    assert admin.write(lambda c: people.revoke_person(c, login, "离岗")) == 3
    for session in sessions:
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
        session.close()
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        city.connect(login)
    assert admin.write(lambda c: people.end_sessions_of_revoked(c, login)) == 0
    admin.write(lambda c: people.restore_person(c, login))
    with city.connect(login) as session:
        assert session.execute("SELECT role FROM me()").fetchone() == ("duty",)


def test_a_seat_that_is_open_is_told_and_not_let_in_again(city: City, admin: Store, add: Add) -> None:
    login = add(Role.DUTY)
    seat = open_url(city.url(login))
    assert seat.read(lambda c: c.execute(text("SELECT count(*) FROM ticket")).scalar_one())
    admin.write(lambda c: people.revoke_person(c, login, "离岗"))
    with pytest.raises(StoreError):
        seat.read(lambda c: c.execute(text("SELECT count(*) FROM ticket")).scalar_one())
    seat.close()


def test_a_new_password_ends_what_the_old_one_opened(city: City, admin: Store, add: Add) -> None:
    login = add(Role.LEADER)
    session = city.connect(login)
    admin.write(lambda c: people.reset_password(c, login, "another-long-one"))
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        city.connect(login)
    city.server.passwords[login] = "another-long-one"
    city.connect(login).close()


def test_another_role_is_another_group(city: City, admin: Store, add: Add) -> None:
    login = add(Role.WALL)
    admin.write(lambda c: people.change_person(c, PersonDraft(login, "李雷", Role.HANDLER, BODY)))
    with city.server.connect(city.database) as superuser:
        groups = superuser.execute(
            "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::text::regrole",
            [f'"{login}"'],
        ).fetchall()
    assert groups == [("qingshao_handler",)]


STATEMENTS = (
    "UPDATE person SET role = 'leader'",
    "UPDATE person SET login = 'x' WHERE login = session_user",
    "DELETE FROM person",
    "INSERT INTO person (key, name, role, title, position, login) VALUES ('k', 'n', 'admin', '', 1, 'x')",
    "UPDATE body SET name = 'x'",
    "INSERT INTO policy (family, version, effective_from, toml) VALUES ('standard', 99, '2026-01-01', 'x')",
    "UPDATE scheme SET toml = 'x'",
    "DELETE FROM calendar_year",
    "UPDATE permission SET scope = 'all'",
    "INSERT INTO permission (kind, role, scope, command) VALUES ('Accepted', 'admin', 'all', 'x')",
    "GRANT qingshao_leader TO CURRENT_USER",
    "CREATE ROLE somebody LOGIN",
    "ALTER ROLE \"{other}\" PASSWORD 'x'",
    "SET ROLE qingshao_owner",
    'SET SESSION AUTHORIZATION "{other}"',
    "SELECT append_event('person/x', NULL, 'PersonChanged', '{{}}', NULL, NULL)",
    'SELECT record_event(\'person/x\', 0, \'PersonAdded\', \'{{"name":"x","role":"admin"}}\')',
    "SELECT record_event('rules/policy-x', 0, 'RuleSubmitted', '{{}}')",
    "SELECT end_sessions_of('{other}')",
    "SELECT known_person('{other}')",
    "ALTER FUNCTION administrator(text) SECURITY INVOKER",
    "CREATE FUNCTION me() RETURNS int LANGUAGE sql AS 'SELECT 1'",
)


def test_an_admins_psql_can_change_nothing_without_an_event(city: City, admin_login: str) -> None:
    before = everything(city)
    other = city.login_of(Role.LEADER)
    for statement in STATEMENTS:
        code, _, said = city.psql(admin_login, statement.format(other=other))
        assert code == 3, (statement, said)
        assert re.search("permission denied|must be owner|must have admin option|refused: ", said), (
            statement,
            said,
        )
    assert everything(city) == before


def everything(city: City) -> list[object]:
    with city.server.connect(city.database) as superuser:
        return [
            superuser.execute(statement).fetchall()
            for statement in (
                "SELECT * FROM person ORDER BY key",
                "SELECT * FROM body ORDER BY key",
                "SELECT family, version, toml FROM policy ORDER BY 1, 2",
                "SELECT * FROM permission ORDER BY 1, 2",
                "SELECT count(*) FROM event",
                "SELECT roleid, member FROM pg_auth_members ORDER BY 1, 2",
            )
        ]


def test_a_trick_with_the_search_path_is_of_no_use(city: City, admin_login: str, add: Add) -> None:
    login = add(Role.DUTY)
    code, _, said = city.psql(
        login,
        "CREATE TEMPORARY TABLE person AS SELECT * FROM public.person;"
        "UPDATE person SET role = 'admin';"
        "SET search_path = pg_temp, public;"
        "SELECT public.add_person('thief', 'x', 'admin')",
    )
    assert code == 3
    assert "refused: role" in said


def test_only_an_admin_keeps_people(city: City) -> None:
    other = city.login_of(Role.ADMIN)
    logins = [city.login_of(role) for role in Role if role not in (Role.ADMIN, Role.SYSTEM)]
    for login, statement in product(
        logins,
        (
            "add_person('x', 'x', 'admin')",
            f"change_person('{other}', 'x', 'wall')",
            f"revoke_person('{other}', 'x')",
            f"restore_person('{other}')",
            f"reset_password('{other}', '{VERIFIER}')",
            f"end_sessions_of_revoked('{other}')",
            "put_body('x', 'x')",
            "submit_rule('policy', 'standard', 'x', 99, '2026-01-01')",
            "sign_in_lines(now())",
        ),
    ):
        code, _, said = city.psql(login, f"SELECT {statement}")
        assert code == 3, (login, statement)
        assert "refused: role" in said, (login, statement, said)


BAD_LOGINS = (
    "",
    " ",
    "pg_x",
    "PG_x",
    "qingshao_duty",
    "a b",
    "a'b",
    'a"b',
    "a\\b",
    "a/b",
    "public",
    "长" * 22,
)


def test_a_login_that_could_be_taken_for_another_is_refused(admin: Store) -> None:
    for login in BAD_LOGINS:
        assert adding(admin, PersonDraft(login, "李雷", Role.WALL)) is Reason.BAD_LOGIN, login


def adding(admin: Store, draft: PersonDraft) -> Reason:
    return refused(lambda: admin.write(lambda c: people.add_person(c, draft, None)))


def test_roles_that_are_no_persons_are_left_alone(admin: Store) -> None:
    for login in ("postgres", "qingshao_owner", "qingshao_replica"):
        draft = PersonDraft(login, "李雷", Role.WALL)
        assert adding(admin, draft) in (Reason.LOGIN_TAKEN, Reason.BAD_LOGIN)
        for work in (
            partial(people.revoke_person, login=login, reason="x"),
            partial(people.reset_password, login=login, password="a-long-password"),
            partial(people.change_person, draft=draft),
        ):
            assert refused(partial(admin.write, work)) is Reason.UNKNOWN_PERSON


@pytest.mark.parametrize(
    "power",
    [
        "ALTER ROLE {} CREATEDB",
        "GRANT qingshao_engine TO {}",
        "GRANT pg_monitor TO {}",
    ],
)
def test_a_role_with_power_of_its_own_is_not_an_admins_to_change(
    city: City, admin: Store, add: Add, power: LiteralString
) -> None:
    login = add(Role.WALL)
    with city.server.connect("postgres") as superuser:
        superuser.execute(psycopg.sql.SQL(power).format(psycopg.sql.Identifier(login)))
    work = lambda c: people.reset_password(c, login, "a-long-password")  # noqa: E731
    assert refused(lambda: admin.write(work)) is Reason.ROLE_HAS_POWER


def test_the_last_admin_stays(city: City, admin: Store, admin_login: str, add: Add) -> None:
    demote = PersonDraft(admin_login, "周明", Role.WALL)
    assert refused(lambda: admin.write(lambda c: people.change_person(c, demote))) is Reason.LAST_ADMIN
    assert (
        refused(lambda: admin.write(lambda c: people.revoke_person(c, admin_login, "x"))) is Reason.LAST_ADMIN
    )
    second = add(Role.ADMIN)
    admin.write(lambda c: people.revoke_person(c, second, "x"))
    assert (
        refused(lambda: admin.write(lambda c: people.revoke_person(c, admin_login, "x"))) is Reason.LAST_ADMIN
    )


def test_two_admins_cannot_revoke_each_other_at_once(
    city: City, admin: Store, admin_login: str, add: Add
) -> None:
    second = add(Role.ADMIN)
    other = open_url(city.url(second))
    done: list[object] = []

    def revoke(store: Store, login: str) -> None:
        try:
            done.append(store.write(lambda c: people.revoke_person(c, login, "x")))
        except (RefusedError, StoreError) as error:
            done.append(error)

    pairs = ((admin, second), (other, admin_login))
    threads = [threading.Thread(target=revoke, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    with city.server.connect(city.database) as superuser:
        count = superuser.execute("SELECT count(*) FROM person WHERE role = 'admin' AND active").fetchone()
        superuser.execute(
            psycopg.sql.SQL("ALTER ROLE {0} LOGIN; GRANT qingshao_admin TO {0}").format(
                psycopg.sql.Identifier(admin_login)
            )
        )
    assert count == (1,)
    assert sum(isinstance(outcome, int) for outcome in done) == 1


UNFIT = (
    (PersonDraft("n", "李雷", Role.HANDLER), Reason.BODY_OF_ROLE),
    (PersonDraft("n", "李雷", Role.HANDLER, "platform"), Reason.BODY_OF_ROLE),
    (PersonDraft("n", "李雷", Role.LEADER, BODY), Reason.BODY_OF_ROLE),
    (PersonDraft("n", "李雷", Role.WALL, area="999999"), Reason.UNKNOWN_AREA),
    (PersonDraft("n", "  ", Role.WALL), Reason.NO_TEXT),
    (PersonDraft("n", "长" * 41, Role.WALL), Reason.TEXT_TOO_LONG),
    (PersonDraft("n", "a\x1fb", Role.WALL), Reason.BAD_DATA),
    (PersonDraft("n", "a", Role.SYSTEM), Reason.UNKNOWN_ROLE),
)


def test_a_draft_that_does_not_fit_is_refused(admin: Store) -> None:
    for draft, reason in UNFIT:
        assert adding(admin, draft) is reason, draft


def test_short_passwords_are_refused_before_anything_is_sent(admin: Store) -> None:
    draft = PersonDraft("n", "李雷", Role.WALL)
    assert refused(lambda: admin.write(lambda c: people.add_person(c, draft, "short"))) is Reason.BAD_PASSWORD


def test_a_made_password_is_never_the_same(admin: Store) -> None:
    made = {people.new_password() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(password) == 19 for password in made)


def test_bodies_are_kept_with_their_events(admin: Store) -> None:
    admin.write(lambda c: people.put_body(c, "harbour", "港口管理局", "港口"))
    admin.write(lambda c: people.put_body(c, "harbour", "港航管理局", "港航"))
    admin.write(lambda c: people.put_body(c, "harbour", "港航管理局", "港航"))
    kinds = [
        type(record.event.fact).__name__
        for record in admin.read(lambda c: log.read_stream(c, "body/harbour"))
    ]
    assert kinds == ["BodyAdded", "BodyChanged"]


def test_the_list_tells_who_is_there_and_who_is_signed_in(city: City, admin: Store, add: Add) -> None:
    login = add(Role.HANDLER, BODY)
    with city.connect(login):
        rows = {member.login: member for member in admin.read(people.staff)}
    found = rows[login]
    assert (found.name, found.role, found.body, found.active) == ("李雷", Role.HANDLER, BODY, True)
    assert found.sessions == 1
    assert found.body_name
    assert found.changed_at is not None


def test_a_role_that_is_nobody_and_has_a_groups_rights_is_named(
    admin: Store, owner_store: Store, new_login: Callable[[str], str], add: Add
) -> None:
    known, stranger = add(Role.DUTY), new_login("stranger")

    def by_hand(connection: Connection) -> None:
        connection.exec_driver_sql(f'CREATE ROLE "{stranger}" LOGIN IN ROLE qingshao_leader')

    owner_store.write(by_hand)
    found = dict(admin.read(people.strangers))
    assert found[stranger] == "qingshao_leader"
    assert known not in found


def test_the_owner_makes_the_first_admin_and_the_engines_login(
    city: City, owner_store: Store, new_login: Callable[[str], str]
) -> None:
    first, service = new_login("first"), new_login("service")
    draft = PersonDraft(first, "首位", Role.ADMIN)
    owner_store.write(lambda c: people.add_person(c, draft, PASSWORD))
    record = owner_store.read(lambda c: log.read_stream(c, f"person/{first}"))[0]
    assert (record.event.actor.role, record.event.actor.name) == (Role.SYSTEM, "qingshao_owner")
    assert owner_store.write(lambda c: people.add_engine_login(c, service, PASSWORD))
    assert not owner_store.write(lambda c: people.add_engine_login(c, service, PASSWORD))
    work = lambda c: people.add_engine_login(c, first, PASSWORD)  # noqa: E731
    assert refused(lambda: owner_store.write(work)) is Reason.LOGIN_TAKEN
    city.server.passwords[service] = PASSWORD
    with city.connect(service) as connection:
        assert connection.execute("SELECT count(*) FROM me()").fetchone() == (0,)
