"""A person's own connections to a named server: opened with a password that is written down nowhere.

Who somebody is, PostgreSQL decides (SCRAM, LDAP, GSSAPI, certificates, as its pg_hba says). The password goes
to the driver as a value of its own: it is in no address, no log, no `ps` and no environment.
"""

import re
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, event, make_url, text

from data_access import patience
from data_access.errors import StoreError
from data_access.store import Connection, Store, create_engine_for, open_engine
from data_access.store import _connect as store_connect
from domain.servers import SYSTEM_ROOTS, Server, Tls

DEFAULT_PORT = "5432"
SCRAM = "scram-sha-256"
OWN_METHODS = (SCRAM, "md5", "password", "trust")
"""How one can have been let in by a password that PostgreSQL keeps itself (SYSTEM_USER, since version 16)."""


class Refusal(StrEnum):
    """Why a server lets somebody not in."""

    WRONG = "wrong"
    NO_PASSWORD = "no_password"  # noqa: S105 - no secret
    REVOKED = "revoked"
    NOT_ALLOWED = "not_allowed"
    NO_DATABASE = "no_database"
    TOO_MANY = "too_many"
    CERTIFICATE = "certificate"
    NO_TLS = "no_tls"
    UNREACHABLE = "unreachable"


class SignInError(StoreError):
    """The server was asked to let somebody in and does not. `refusal` tells why."""

    def __init__(self, refusal: Refusal, message: str, way_out: str) -> None:
        super().__init__(message, way_out)
        self.refusal = refusal

    @property
    def final(self) -> bool:
        """Whether asking again will not help: a seat that was connected is no longer wanted there."""
        return self.refusal in (Refusal.WRONG, Refusal.NO_PASSWORD, Refusal.REVOKED, Refusal.NOT_ALLOWED)


class Secret:
    """A password in memory, for as long as connections have to be made with it."""

    def __init__(self, value: str) -> None:
        self._value: str | None = value or None

    def __repr__(self) -> str:
        return "Secret(…)"

    def reveal(self) -> str | None:
        """Return it for the driver; None for none."""
        return self._value

    def forget(self) -> None:
        """Forget it: no further connection can be made with it."""
        self._value = None

    def become(self, value: str) -> None:
        """Take another password's place."""
        self._value = value or None


def server_of(url: str) -> tuple[Server, str | None]:
    """Return the server that an address names, and the user in it, if any.

    Raises:
        StoreError: it is not an address of a PostgreSQL.
    """
    engine = create_engine_for(url)
    engine.dispose()
    parsed = make_url(url)
    host = _query(parsed, "host") or parsed.host or ""
    port = _query(parsed, "port") or (str(parsed.port) if parsed.port else "")
    mode = _query(parsed, "sslmode")
    try:
        tls = Tls(mode) if mode else None
    except ValueError as error:
        raise StoreError(
            f"sslmode={mode} 不可用", "可用：verify-full、verify-ca、require、prefer。"
        ) from error
    server = Server(
        name=host.split(",")[0] or "localhost",
        host=host,
        port=port,
        database=parsed.database or "qingshao",
        tls=tls,
        root_certificate=_path(_query(parsed, "sslrootcert")),
        certificate=_query(parsed, "sslcert"),
        key=_query(parsed, "sslkey"),
    )
    return server, parsed.username


def protected(url: str) -> str:
    """Return the address with full verification where it asks for nothing and leads to another machine.

    Raises:
        StoreError: it is not an address of a PostgreSQL.
    """
    server, _ = server_of(url)
    parsed = make_url(url)
    wanted = {"sslmode": server.mode.value, "sslrootcert": _roots(server)}
    missing = {name: value for name, value in wanted.items() if value and not _query(parsed, name)}
    if server.local or not missing:
        return url
    return parsed.update_query_dict(missing).render_as_string(hide_password=False)


def open_as(server: Server, login: str, secret: Secret) -> Store:
    """Return the store on a server as a person sees it; it keeps the secret to connect again.

    Raises:
        SignInError: the server does not let this person in.
        StoreError: it does, but the store cannot be used.
    """
    _connect(_arguments(server, login), secret).close()
    engine = create_engine_for(_url(server, login))
    _use_secret(engine, secret)
    try:
        return open_engine(engine)
    except BaseException:
        engine.dispose()
        raise


def sign_in_again_by(store: Store) -> Secret:
    """Let a person's store that an address opened tell, as others do, when the person is let in no more.

    Return the password that stood in the address.
    """
    secret = Secret(store.engine.url.password or "")
    _use_secret(store.engine, secret)
    return secret


def check_password(server: Server, login: str, password: str) -> None:
    """Let a password pass by connecting with it, once.

    Raises:
        SignInError: the server does not accept it.
    """
    _connect(_arguments(server, login), Secret(password)).close()


def change_password(server: Server, login: str, old: str, new: str) -> None:
    """Give a person another password, as that person. The server is sent its verifier, never the password.

    Raises:
        SignInError: the old one is wrong.
        StoreError: the password is not kept by PostgreSQL, or the server refuses the new one.
    """
    try:
        with _connect(_arguments(server, login), Secret(old)) as connection:
            _require_own_password(connection)
            verifier = connection.pgconn.encrypt_password(
                new.encode(), login.encode(), SCRAM.encode()
            ).decode()
            connection.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(sql.Literal(verifier)))
    except psycopg.Error as error:
        raise StoreError("服务器没有接受新口令", "稍后再试；仍不行时请管理员重置。") from error


def session_user(connection: Connection) -> str:
    """Return the login that the database knows this session by."""
    return str(connection.execute(text("SELECT session_user")).scalar_one())


def _require_own_password(connection: psycopg.Connection[Any]) -> None:
    if connection.info.server_version < 160000:
        return  # it cannot say how one was let in
    row = connection.execute("SELECT system_user").fetchone()
    method = "" if row is None or row[0] is None else str(row[0]).split(":")[0]
    if method and method not in OWN_METHODS:
        raise StoreError("您的口令由单位的统一身份系统管理，不在本系统中修改", "请在统一身份系统中修改。")


def _use_secret(engine: Engine, secret: Secret) -> None:
    def connect(_dialect: object, _record: object, _given: object, arguments: dict[str, Any]) -> object:
        return _connect(arguments, secret)

    # The first listener that connects has connected: SQLAlchemy 2.1 leaves `insert` out for this event.
    event.remove(engine, "do_connect", store_connect)
    event.listen(engine, "do_connect", connect)


def _connect(arguments: dict[str, Any], secret: Secret) -> psycopg.Connection[Any]:
    try:
        return patience.connect(**arguments | {"password": secret.reveal()})
    except psycopg.Error as error:
        raise told(error) from None  # the driver's own error holds what it was called with


def _arguments(server: Server, login: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "dbname": server.database,
        "user": login,
        "application_name": "qingshao",
        **_protection(server),
        **patience.LIVENESS,
    }
    return {name: value for name, value in wanted.items() if value != ""}


def _url(server: Server, login: str) -> str:
    # Hosts and ports go by the query: several of them have no other place.
    query = {name: value for name, value in _protection(server).items() if value}
    query |= {name: value for name, value in (("host", server.host), ("port", server.port)) if value}
    return URL.create("postgresql", username=login, database=server.database, query=query).render_as_string()


def _protection(server: Server) -> dict[str, str]:
    return {
        "sslmode": server.mode.value,
        "sslrootcert": _roots(server),
        "sslcert": server.certificate,
        "sslkey": server.key,
    }


def _roots(server: Server) -> str:
    if server.root_certificate:
        return server.root_certificate
    return SYSTEM_ROOTS if server.mode is Tls.VERIFY_FULL and not server.local else ""


def _path(root_certificate: str) -> str:
    return "" if root_certificate == SYSTEM_ROOTS else root_certificate


def _query(url: URL, name: str) -> str:
    value = url.query.get(name, "")
    return value if isinstance(value, str) else ",".join(value)


_BY_CODE = {
    "28P01": Refusal.WRONG,
    "28000": Refusal.REVOKED,
    "42501": Refusal.NOT_ALLOWED,
    "3D000": Refusal.NO_DATABASE,
    "53300": Refusal.TOO_MANY,
}
# A failed connection brings its text only, no SQLSTATE (libpq 18). The client's part of it is English; the
# server's is in its own language, English or Chinese here. The order matters: the first that is found counts.
_BY_TEXT = (
    (Refusal.NO_PASSWORD, r"no password supplied"),
    (Refusal.NO_TLS, r"does not support SSL|SSL required|no encryption|SSL off"),
    (
        Refusal.CERTIFICATE,
        r"certificate verify failed|does not match host name|server certificate|root certificate|SSL error"
        r"|tlsv1 alert|weak sslmode|private key file|certificate file|requires a valid client cert",
    ),
    (Refusal.REVOKED, r"not permitted to log in|不允许角色|is not currently accepting connections"),
    (Refusal.NOT_ALLOWED, r"permission denied for database|CONNECT privilege|权限不够|pg_hba\.conf"),
    # pgbouncer knows nobody by a login that was revoked.
    (
        Refusal.WRONG,
        r'authentication failed|认证失败|role "[^"]*" does not exist|角色 ?"[^"]*" ?不存在|no such user',
    ),
    (Refusal.NO_DATABASE, r'database "[^"]*" does not exist|数据库 ?"[^"]*" ?不存在'),
    (Refusal.TOO_MANY, r"too many (?:clients|connections)|connection slots|太多"),
)
_WORDS = {
    Refusal.WRONG: ("用户名或口令不正确", "请核对后重新输入；忘记口令时请管理员重置。"),
    Refusal.NO_PASSWORD: ("服务器要求口令", "请输入口令。"),
    Refusal.REVOKED: ("此账号已被停用，不能登录", "请联系本市的系统管理员。"),
    Refusal.NOT_ALLOWED: (
        "此账号或此机器无权连接这个库",
        "请管理员检查账号授权和服务器的接入规则（pg_hba）。",
    ),
    Refusal.NO_DATABASE: ("服务器上没有这个库", "请核对服务器设置里的库名。"),
    Refusal.TOO_MANY: ("服务器的连接已满", "请稍候再试；经常出现时请管理员增加连接数。"),
    Refusal.CERTIFICATE: (
        "无法确认服务器的身份：证书校验未通过，已停止连接",
        "请核对主机名，或在服务器设置里指定本单位的根证书；不要绕过校验。",
    ),
    Refusal.NO_TLS: ("服务器不接受所要求的加密方式，已停止连接", "请管理员为服务器开启 TLS。"),
    Refusal.UNREACHABLE: ("连不上服务器", "请核对主机、端口和网络，稍后再试。"),
}


def told(error: psycopg.Error) -> SignInError:
    """Return why a connection could not be had, in the user's words."""
    said = str(error)
    refusal = _BY_CODE.get(error.sqlstate or "")
    if refusal is None:
        found = (known for known, pattern in _BY_TEXT if re.search(pattern, said, re.IGNORECASE))
        refusal = next(found, Refusal.UNREACHABLE)
    return SignInError(refusal, *_WORDS[refusal])
