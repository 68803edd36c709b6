"""Anything that an admin's forms could hand over, into the real store: a person, a rule, or a refusal."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from data_access.errors import StoreError
from data_access.master import put_city
from data_access.people import staff
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.verify import verify
from desktop.city import load_city
from desktop.use_cases.by_draft import carry_out
from domain.people import Actor, Role
from domain.rights import RefusedError
from domain.staff import (
    AddPerson,
    ChangePerson,
    PersonDraft,
    ResetPassword,
    RestorePerson,
    RevokePerson,
    SubmitRule,
)
from tests.data_access.streams import START
from tests.hostile.pool import built, cases, texts
from tests.hostile.standing import assert_quiet, read_events

ADMIN = Actor(Role.ADMIN, "周明")
LOGINS = ("hostile-1", "hostile-2", "hostile 3", "hostile\"4'", "postgres", "pg_hostile")
BODIES = (*(body.key for body in load_city().responsible[:2]), "platform", "discipline", None)

logins = st.integers(0, 3).flatmap(lambda n: texts if n == 0 else st.sampled_from(LOGINS))
people = built(
    PersonDraft,
    {
        "login": logins,
        "name": st.sampled_from(["李雷", "韩梅"]) | texts,
        "body": st.sampled_from(BODIES) | texts,
        "area": st.none() | texts,
    },
)
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
drafts = st.one_of(
    st.builds(AddPerson, people, st.booleans()),
    st.builds(AddPerson, people, st.just(False)),
    st.builds(ChangePerson, people),
    built(RevokePerson, {"login": logins}),
    built(RestorePerson, {"login": logins}),
    built(ResetPassword, {"login": logins}),
    built(SubmitRule, {"effective_from": days}),
)


def drop_roles(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    for member in staff(connection):
        if member.login is not None and not member.login.startswith("demo-"):
            driver.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(member.login)))


@pytest.mark.slow
def test_admin_orders(store: Store) -> None:
    store.write(lambda c: put_city(c, load_city(), START))
    tried = {"written": 0, "refused": 0}

    @cases(0.08)
    @given(drafts)
    def order(draft: Any) -> None:
        before = read_events(store)
        try:
            carry_out(store, draft, ADMIN, START)
        except (RefusedError, StoreError) as refused:
            assert_quiet(refused)
            tried["refused"] += 1
            assert read_events(store) == before, "something was stored that was refused"
        else:
            tried["written"] += 1

    try:
        order()
        assert tried["refused"] > tried["written"] > 5, tried
        assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None
    finally:
        store.write(drop_roles)
