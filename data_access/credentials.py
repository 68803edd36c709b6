"""A person's own connections to a named server: opened with a password that is written down nowhere.

Who somebody is, PostgreSQL decides (SCRAM, LDAP, GSSAPI, certificates, as its pg_hba says). The password goes
to the driver as a value of its own: it is in no address, no log, no `ps` and no environment.
"""

from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, event, make_url, text

from data_access import patience
from data_access.errors import StoreError
from data_access.letting_in import told
from data_access.store import Connection, Store, create_engine_for, open_engine
from data_access.store import _connect as store_connect
from domain.servers import SYSTEM_ROOTS, Server, Tls

DEFAULT_PORT = "5432"
SCRAM = "scram-sha-256"
OWN_METHODS = (SCRAM, "md5", "password", "trust")
"""How one can have been let in by a password that PostgreSQL keeps itself (SYSTEM_USER, since version 16)."""


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
    except UnicodeError:
        # Half a surrogate, from a file or a broken input method: no server knows such a name.
        raise told(psycopg.OperationalError("no such user")) from None


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
