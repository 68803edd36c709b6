"""People and bodies, as the functions for admins keep them (gate/people.sql).

Each change is one call: roles, row and event follow together, or none does. The caller's session must be an
admin's or the owner's; the database checks. A password is turned into its SCRAM verifier by libpq here, and
goes nowhere.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Integer, String, bindparam, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from data_access import schema
from data_access.errors import StoreError
from data_access.gate.roles import ENGINE, GROUPS
from data_access.gate.session import refusal_in
from domain.people import Role
from domain.rights import Reason, RefusedError
from domain.staff import SHORTEST_PASSWORD, PersonDraft, StaffMember

SCRAM = b"scram-sha-256"
LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a made password: none that is taken for another when it is read out."""


def new_password() -> str:
    """Return a password that nobody has thought of: four groups of four, 92 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def verifier_of(connection: Connection, login: str, password: str) -> str:
    """Return what PostgreSQL keeps instead of a password, computed here.

    Raises:
        RefusedError: the password is too short, or no password at all.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise RefusedError(Reason.BAD_PASSWORD, str(SHORTEST_PASSWORD))
    sendable({"login": login, "password": password})
    driver = _driver(connection)
    return driver.pgconn.encrypt_password(password.encode(), login.encode(), SCRAM).decode()


def add_person(connection: Connection, draft: PersonDraft, password: str | None) -> None:
    """Let a new person sign in. Without a password only LDAP, GSSAPI or a certificate can let them in.

    Raises:
        RefusedError: the caller may not, or the draft does not fit; nothing was written.
    """
    verifier = None if password is None else verifier_of(connection, draft.login, password)
    with refusals_told(connection):
        connection.execute(_ADD, {**_particulars(draft), "verifier": verifier})


def change_person(connection: Connection, draft: PersonDraft) -> None:
    """Give a person another name, role, body, area or title; what stays the same is no change.

    Raises:
        RefusedError: the caller may not, the draft does not fit, or the last admin would be none.
    """
    with refusals_told(connection):
        connection.execute(_CHANGE, _particulars(draft))


def revoke_person(connection: Connection, login: str, reason: str) -> int:
    """Let a person in no more, end what they have open, and return how many sessions that were.

    Call `end_sessions_of_revoked` when this is committed: somebody may come in until then.

    Raises:
        RefusedError: the caller may not, there is no such person, or it is the last admin.
    """
    with refusals_told(connection):
        asked = sendable({"login": login, "reason": reason})
        return int(connection.execute(_REVOKE, asked).scalar_one())


def end_sessions_of_revoked(connection: Connection, login: str) -> int:
    """End what a revoked person still has open; return how many sessions that were."""
    with refusals_told(connection):
        return int(connection.execute(_END, sendable({"login": login})).scalar_one())


def restore_person(connection: Connection, login: str) -> None:
    """Let a revoked person in again, with the old password.

    Raises:
        RefusedError: the caller may not, or the person is not revoked.
    """
    with refusals_told(connection):
        connection.execute(_RESTORE, sendable({"login": login}))


def reset_password(connection: Connection, login: str, password: str) -> None:
    """Give a person a new password, and end what was opened with the old one.

    Raises:
        RefusedError: the caller may not, or there is no such person.
    """
    verifier = verifier_of(connection, login, password)
    with refusals_told(connection):
        connection.execute(_RESET, {"login": login, "verifier": verifier})


def put_body(connection: Connection, key: str, name: str, short_name: str = "") -> None:
    """Add a responsible body, or give one other names.

    Raises:
        RefusedError: the caller may not, or a name does not fit.
    """
    with refusals_told(connection):
        asked = sendable({"key": key, "name": name, "short_name": short_name})
        connection.execute(_PUT_BODY, asked)


def bodies(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """Return key, name and kind of all bodies, those that handlers act for first."""
    body = schema.body.c
    rows = connection.execute(
        select(body.key, body.name, body.kind).order_by(body.kind != "responsible", body.key)
    )
    return tuple((row.key, row.name, row.kind) for row in rows)


def staff(connection: Connection) -> tuple[StaffMember, ...]:
    """Return all people in their order, with the sessions that each has open on this server."""
    person, body, area, event = schema.person.c, schema.body.c, schema.area.c, schema.event.c
    changed = (
        select(func.max(event.at))
        .where(event.stream == func.concat("person/", person.login))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            person.login,
            person.name,
            person.role,
            person.body,
            func.coalesce(body.short_name, person.body, "").label("body_name"),
            person.area,
            func.coalesce(area.name, person.area, "").label("area_name"),
            person.title,
            person.active,
            changed.label("changed_at"),
        )
        .join_from(schema.person, schema.body, body.key == person.body, isouter=True)
        .join(schema.area, area.code == person.area, isouter=True)
        .order_by(person.position, person.key)
    )
    sessions: dict[str, int] = {row.usename: row.open for row in connection.execute(_SESSIONS)}
    return tuple(
        StaffMember(
            row.login,
            row.name,
            Role(row.role),
            row.body,
            row.body_name,
            row.area,
            row.area_name,
            row.title,
            row.active,
            sessions.get(row.login, 0),
            row.changed_at,
        )
        for row in rows
    )


def strangers(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return logins with rights of a group that are nobody of this store, each with the group.

    An owner made them by hand, or they are people of another store on the same server.
    """
    rows = connection.execute(_STRANGERS, {"groups": list(GROUPS.values())})
    return tuple((row.login, row.group_name) for row in rows)


def draft_of(connection: Connection, login: str) -> PersonDraft:
    """Return a person as a draft, to change some of it.

    Raises:
        RefusedError: there is no such person.
    """
    person = schema.person
    sendable({"login": login})
    row = connection.execute(select(person).where(person.c.login == login)).one_or_none()
    if row is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, login)
    return PersonDraft(login, row.name, Role(row.role), row.body, row.area, row.title)


def holds_password(url: str) -> bool:
    """Whether an address has a password in it, so that nobody need be asked for one."""
    return make_url(url).password is not None


def is_owner(connection: Connection) -> bool:
    """Whether the session may do all that the owner of the store may."""
    return bool(connection.execute(_IS_OWNER).scalar_one())


def add_engine_login(connection: Connection, login: str, password: str) -> bool:
    """Let a service (collect, imports) sign in as the engine; return whether it is new. For the owner only.

    Raises:
        RefusedError: the name belongs to a person, to the owner, or to a role of somebody else's.
    """
    verifier = verifier_of(connection, login, password)
    known = connection.execute(_ROLE, {"login": login, "engine": ENGINE}).one_or_none()
    if known is not None and not known.engine:
        raise RefusedError(Reason.LOGIN_TAKEN, login)
    statement = sql.SQL("CREATE ROLE {login} LOGIN IN ROLE {engine} PASSWORD {verifier}")
    if known is not None:
        statement = sql.SQL("ALTER ROLE {login} LOGIN PASSWORD {verifier}")
    with _driver(connection).cursor() as cursor:
        cursor.execute(
            statement.format(
                login=sql.Identifier(login), engine=sql.Identifier(ENGINE), verifier=sql.Literal(verifier)
            )
        )
    return known is None


def lacking(connection: Connection, admin: PersonDraft, engine: str) -> tuple[str, ...]:
    """Return which of a store's first two logins are not there yet; an empty `engine` is none.

    Raises:
        RefusedError: one of the names belongs to somebody else, who is no admin, or no service.
    """
    person = schema.person.c
    roles = {}
    for login in filter(None, (engine, admin.login)):
        sendable({"login": login})
        roles[login] = connection.execute(_ROLE, {"login": login, "engine": ENGINE}).one_or_none()
    service = roles.get(engine)
    if engine == admin.login or (service is not None and not service.engine):
        raise RefusedError(Reason.LOGIN_TAKEN, engine)
    known = connection.execute(select(person.role, person.active).where(person.login == admin.login)).first()
    theirs = known is not None and known.role == Role.ADMIN and known.active
    if (known is not None or roles[admin.login] is not None) and not (theirs and roles[admin.login]):
        raise RefusedError(Reason.LOGIN_TAKEN, admin.login)
    return tuple(login for login, role in roles.items() if role is None)


def set_up(connection: Connection, admin: PersonDraft, engine: str, passwords: Mapping[str, str]) -> None:
    """Make those of a store's first two logins that have a password here, in the caller's transaction.

    Raises:
        RefusedError: a name or a password does not fit; nothing is to be committed.
    """
    if engine in passwords:
        add_engine_login(connection, engine, passwords[engine])
    if admin.login in passwords:
        add_person(connection, admin, passwords[admin.login])


def _particulars(draft: PersonDraft) -> dict[str, str | None]:
    return sendable(
        {
            "login": draft.login,
            "name": draft.name,
            "role": draft.role.value,
            "body": draft.acts_for,
            "area": draft.area,
            "title": draft.title,
        }
    )


def sendable(texts: dict[str, str | None]) -> dict[str, str | None]:
    """Return texts that PostgreSQL can be sent: none with a NUL or half a character.

    Raises:
        RefusedError: one cannot be; the detail names it.
    """
    for name, said in texts.items():
        if said is not None and _NEVER_SENT.search(said):
            raise RefusedError(Reason.BAD_DATA, name)
    return texts


@contextmanager
def refusals_told(connection: Connection) -> Iterator[None]:
    """Raise what the database's functions for admins refuse as a refusal; it undoes itself only."""
    try:
        with connection.begin_nested():
            yield
    except DBAPIError as error:
        refusal = refusal_in(error)
        if refusal is not None:
            raise refusal from error
        if isinstance(error.orig, psycopg.errors.DuplicateObject):
            raise RefusedError(Reason.LOGIN_TAKEN) from error
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise StoreError(
                f"数据库所有者的权限不够：{error.orig.diag.message_primary}",
                "请数据库管理员授予所有者 CREATEROLE，并由同一所有者创建各组角色（见 docs/operations.md）。",
            ) from error
        raise


def _driver(connection: Connection) -> "psycopg.Connection[object]":
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise RuntimeError("the connection is closed")
    return driver


_NEVER_SENT = re.compile("[\0\ud800-\udfff]")
_WORDS = {name: bindparam(name, type_=String) for name in ("login", "name", "role", "body", "area", "title")}
_ADD = select(func.add_person(*_WORDS.values(), bindparam("verifier", type_=String)))
_CHANGE = select(func.change_person(*_WORDS.values()))
_LOGIN = _WORDS["login"]
_REVOKE = select(func.revoke_person(_LOGIN, bindparam("reason", type_=String), type_=Integer))
_END = select(func.end_sessions_of_revoked(_LOGIN, type_=Integer))
_RESTORE = select(func.restore_person(_LOGIN))
_RESET = select(func.reset_password(_LOGIN, bindparam("verifier", type_=String)))
_PUT_BODY = select(func.put_body(*(bindparam(name, type_=String) for name in ("key", "name", "short_name"))))
_SESSIONS = text(
    "SELECT usename, count(*) AS open FROM pg_stat_activity WHERE usename IS NOT NULL GROUP BY usename"
)
_STRANGERS = text(
    """
    SELECT r.rolname AS login, g.rolname AS group_name
    FROM pg_roles AS r
    JOIN pg_roles AS g ON g.rolname = ANY (CAST(:groups AS text[]))
    WHERE r.rolcanlogin AND NOT r.rolsuper AND pg_has_role(r.oid, g.oid, 'USAGE')
        AND NOT EXISTS (SELECT FROM person AS p WHERE p.login = r.rolname)
    ORDER BY r.rolname, g.rolname
    """
)
_IS_OWNER = text(
    "SELECT pg_has_role(current_user, c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = 'event'::regclass"
)
_ROLE = text(
    "SELECT pg_has_role(r.oid, CAST(:engine AS name), 'MEMBER') AND NOT r.rolsuper AND NOT r.rolcreaterole"
    " AS engine FROM pg_roles AS r WHERE r.rolname = :login"
)
