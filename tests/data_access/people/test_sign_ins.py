"""Refused sign-ins, read from a real server's log in each form that PostgreSQL writes it in."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from data_access import people, sign_ins
from data_access.store import Store
from domain.people import Role
from domain.staff import LOG_SETTINGS, AttemptReason, LogAccess, SignIns, count_attempts
from tests.servers.cluster import HERE, OWNER
from tests.servers.fixtures import City


@pytest.fixture
def readable(city: City) -> Iterator[None]:
    """A superuser has let the owner read the server's log, as `grants_for` says."""
    with city.server.connect(city.database) as superuser:
        for statement in sign_ins.grants_for(OWNER):
            superuser.execute(statement.encode())
    yield
    with city.server.connect("postgres") as superuser:
        superuser.execute(f"REVOKE pg_monitor FROM {OWNER}".encode())


@pytest.fixture
def log_form(city: City) -> Iterator[Callable[[str], None]]:
    """Let the server write its log in another form."""

    def set_form(form: str) -> None:
        with city.server.connect("postgres") as superuser:
            superuser.execute(f"ALTER SYSTEM SET log_destination = '{form}'".encode())
            superuser.execute("SELECT pg_reload_conf()")
            for _ in range(200):
                found = superuser.execute("SELECT pg_current_logfile(%s)", [form]).fetchone()
                if found is not None and found[0] is not None:
                    return
                time.sleep(0.05)
        raise AssertionError(f"no log of the form {form}")

    yield set_form
    with city.server.connect("postgres") as superuser:
        superuser.execute("ALTER SYSTEM RESET log_destination")
        superuser.execute("SELECT pg_reload_conf()")


def now(store: Store) -> datetime:
    moment: datetime = store.read(lambda c: c.execute(select(func.clock_timestamp())).scalar_one())
    return moment


def fail(city: City, login: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(
                host=HERE, port=city.server.port, dbname=city.database, user=login, password="wrong"
            )


def read(admin: Store, since: datetime, refused: int) -> SignIns:
    """The server's log process writes a little later than the server answers."""
    for _ in range(100):
        found = admin.read(lambda c: sign_ins.sign_ins(c, since))
        if len(found.refused) >= refused:
            break
        time.sleep(0.05)
    return found


def test_where_the_log_may_not_be_read_the_answer_says_what_to_grant(admin: Store) -> None:
    found = admin.read(lambda c: sign_ins.sign_ins(c, now(admin) - timedelta(days=1)))
    assert (found.access, found.owner) == (LogAccess.DENIED, OWNER)
    assert [statement.split()[0] for statement in sign_ins.grants_for(OWNER)] == ["GRANT"] * 3


@pytest.mark.parametrize("form", ["jsonlog", "csvlog", "stderr"])
@pytest.mark.usefixtures("readable")
def test_refused_attempts_are_counted_by_name_address_and_hour(
    city: City, admin: Store, add: Callable[..., str], log_form: Callable[[str], None], form: str
) -> None:
    login = add(Role.DUTY)
    log_form(form)
    since = now(admin)
    city.connect(login).close()
    fail(city, login, 3)
    fail(city, "没有这个人", 2)
    admin.write(lambda c: people.revoke_person(c, login, "离岗"))
    with pytest.raises(psycopg.OperationalError):
        city.connect(login)
    found = read(admin, since, 6)
    assert found.access is LogAccess.READ
    counts = {(row.login, row.reason): row for row in count_attempts(found.refused)}
    assert {key: row.count for key, row in counts.items()} == {
        (login, AttemptReason.PASSWORD): 3,
        ("没有这个人", AttemptReason.PASSWORD): 2,
        (login, AttemptReason.NOT_ALLOWED): 1,
    }
    assert {row.address for row in counts.values()} == {HERE}
    assert all(since - timedelta(seconds=1) <= attempt.at <= now(admin) for attempt in found.refused)
    last = dict(found.last)
    assert since - timedelta(seconds=1) <= last[login] <= counts[login, AttemptReason.PASSWORD].last_at


@pytest.mark.usefixtures("readable")
def test_nothing_else_of_the_log_is_to_be_seen(city: City, admin: Store, admin_login: str) -> None:
    since = now(admin)
    with city.connect() as owner:
        for statement in (
            "SELECT 'state_code\":\"28P01' || 1/0",
            'SELECT \'"state_code":"28P01"\' FROM no_such_relation',
        ):
            with pytest.raises(psycopg.Error):
                owner.execute(statement.encode())
    fail(city, admin_login, 1)
    read(admin, since, 1)
    lines = admin.read(
        lambda c: c.exec_driver_sql("SELECT line FROM sign_in_lines(%s)", (since,)).scalars().all()
    )
    assert not [line for line in lines if "no_such_relation" in line or "1/0" in line]


@pytest.mark.usefixtures("readable")
def test_a_name_of_any_bytes_does_not_stop_the_reading(city: City, admin: Store) -> None:
    since = now(admin)
    address = f"host={HERE} port={city.server.port} dbname={city.database} password=x".encode()
    bare = psycopg.pq.PGconn.connect(address + b" user='\xff\xfe\\\\n\"'")
    assert bare.status == psycopg.pq.ConnStatus.BAD
    bare.finish()
    found = read(admin, since, 1)
    assert len(found.refused) == 1


@pytest.mark.usefixtures("readable")
def test_a_line_within_a_text_is_no_attempt(
    city: City, admin: Store, add: Callable[..., str], log_form: Callable[[str], None]
) -> None:
    login, victim = add(Role.DUTY), city.login_of(Role.LEADER)
    prefix = re.search("log_line_prefix = ('.*')", LOG_SETTINGS)
    assert prefix is not None
    with city.server.connect("postgres") as superuser:
        superuser.execute(f"ALTER SYSTEM SET log_line_prefix = {prefix[1]}".encode())
    try:
        log_form("stderr")
        since = now(admin)
        start = f"{since:%Y-%m-%d %H:%M:%S}.123 UTC [1] {victim}@{city.database} 10.9.8.7"
        with city.connect(login) as person:
            for said in (
                f'x\n{start} FATAL:  password authentication failed for user "{victim}"',
                f'{victim}@db 10.9.8.7 FATAL:  password authentication failed for user "{victim}"',
                f"x\n{start} LOG:  connection authorized: user={victim} database=d",
                f"connection authorized: user={victim} database=d",
            ):
                quoted = psycopg.sql.Literal(said).as_string(person)
                person.execute(f"DO $do$ BEGIN RAISE LOG '%', {quoted}; END $do$".encode())
        fail(city, login, 1)
        found = read(admin, since, 1)
    finally:
        with city.server.connect("postgres") as superuser:
            superuser.execute("ALTER SYSTEM RESET log_line_prefix")
    assert [(attempt.login, attempt.address) for attempt in found.refused] == [(login, HERE)]
    assert victim not in {name for name, at in found.last if at >= since}
    lines = admin.read(
        lambda c: c.exec_driver_sql("SELECT line FROM sign_in_lines(%s)", (since,)).scalars().all()
    )
    assert [line for line in lines if "10.9.8.7" in line], "nothing was tried"


def test_the_settings_that_are_asked_for_are_those_of_the_guide() -> None:
    guide = Path("docs/operations.md").read_text("utf-8").splitlines()
    assert set(LOG_SETTINGS.splitlines()) <= set(guide)
    assert "log_destination = 'stderr'" in guide
