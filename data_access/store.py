"""One store: a PostgreSQL database with our schema, opened for synchronous use in worker threads."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from data_access import patience, server
from data_access.errors import StoreError
from data_access.gate.demo_people import give_demo_logins
from data_access.gate.session import person_of
from data_access.letting_in import refused
from data_access.migrate import outgrown, upgrade
from data_access.rules import install_defaults
from domain.people import Actor

T = TypeVar("T")
OLDEST_SERVER = 150000
TRIES = 3
COLLISIONS = ("40001", "40P01")
"""SQLSTATE: the transaction was undone because of another one (serialization failure, deadlock)."""
LOCKED = (*COLLISIONS, "55P03")
INTERRUPTED = ("25006", "25P03", "25P04", "57014")
"""SQLSTATE: a standby took over, or a transaction was ended for its silence, its length, or by somebody."""
OF_FORM = ("23", "42")
"""Classes of SQLSTATE that a store of another form gives: a column more that must not be empty, one less."""
SESSION = (
    "-c timezone=UTC -c plan_cache_mode=force_custom_plan -c jit=off"
    # A program that was stopped in the middle of a transaction must not hold up all others for ever.
    " -c idle_in_transaction_session_timeout=5min"
)


class Store:
    """Opens transactions. `read` and `write` block: call them from a worker thread, never from the GUI's."""

    def __init__(self, engine: Engine, folder: Path | None, login: str | None = None) -> None:
        self.engine = engine
        self.folder = folder
        self._login = login
        if login is not None:
            become(engine, login)

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded server, where one may choose to be anybody."""
        return self.folder is not None

    @property
    def actor(self) -> Actor | None:
        """Who the database says one is; None for the owner of the store and for its engine.

        Raises:
            StoreError: the database cannot be reached.
        """
        return self.read(person_of)

    def as_person(self, login: str) -> "Store":
        """Return the embedded store as one of its people sees it, without a password: for trials only.

        Its connections are its own; close it. On a named server a person signs in.

        Raises:
            StoreError: there is no such login.
        """
        if self.folder is None:
            raise StoreError("命名服务器上不能代他人登录", "请用本人的登录名和密码登录。")
        url = self.engine.url.render_as_string(hide_password=False)
        person = Store(create_engine_for(url), self.folder, login)
        try:
            found = person.actor
        except (DBAPIError, StoreError) as error:
            person.close()
            raise StoreError(f"没有登录名 {login}", "从名单中选择一位。") from error
        if found is None:
            person.close()
            raise StoreError(f"登录名 {login} 未登记或已停用", "请联系管理员，或选择另一位。")
        return person

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads in one read-only snapshot of the database.

        A connection that is lost under way is replaced once: `work` then reads all of it again.

        Raises:
            StoreError: the database cannot be reached.
        """
        with _losses_told(self.engine):
            try:
                return self._read(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return self._read(work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                connection.execute(text("SET TRANSACTION READ ONLY"))
                return work(connection)

    def write(self, work: Callable[[Connection], T], *, again: bool = False) -> T:
        """Return what `work` does in one transaction: all of it is done, or nothing.

        With `again`, work that collides with somebody else's is undone and done again; it must then have no
        effects of its own.

        Raises:
            StoreError: the database cannot be reached or went away, or others keep on writing.
        """
        with _losses_told(self.engine):
            for _ in range(TRIES - 1 if again else 0):
                try:
                    with self.engine.begin() as connection:
                        return work(connection)
                except (DBAPIError, psycopg.Error) as error:
                    if _code(error) not in COLLISIONS:
                        raise
            with self.engine.begin() as connection:
                return work(connection)

    def scratch(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` finds in one snapshot where it may use temporary tables; all is undone."""
        with _losses_told(self.engine), self.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            transaction = connection.begin()
            try:
                return work(connection)
            finally:
                transaction.rollback()

    def session(self, settings: Mapping[str, str]) -> "Session":
        """Return a connection of one's own with these settings of the server's; it never goes back to others.

        Raises:
            StoreError: the database cannot be reached.
        """
        with _losses_told(self.engine):
            connection = self.engine.connect()
            session = Session(connection, self.engine)
            try:
                with connection.begin():
                    for name, value in settings.items():
                        connection.execute(select(func.set_config(name, value, False)))
            except BaseException:
                session.close()
                raise
        return session

    def revive(self) -> bool:
        """Start the embedded server if it has died, and return whether it had.

        A named server is not ours to start.

        Raises:
            StoreError: it does not start.
        """
        if self.folder is None or server.running_pid(self.folder) is not None:
            return False
        running = make_url(server.start(self.folder).url).set(database=self.engine.url.database)
        if running != self.engine.url:
            # On Windows it listens on another port each time.
            self.engine.dispose()
            self.engine = create_engine_for(running.render_as_string(hide_password=False))
            if self._login is not None:
                become(self.engine, self._login)
        return True

    def close(self) -> None:
        """Close all connections; the embedded server stops with the last program that uses it."""
        self.engine.dispose()


class Session:
    """A connection of one's own: what belongs to it, such as a lock, lives until it is closed or lost.

    For one thread at a time.
    """

    def __init__(self, connection: Connection, engine: Engine) -> None:
        self._connection, self._engine = connection, engine

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` does in one transaction: all of it is done, or nothing.

        Raises:
            StoreError: the connection is lost, for good, or others keep on writing.
        """
        with _losses_told(self._engine), self._connection.begin():
            return work(self._connection)

    def close(self) -> None:
        """Close the connection, whatever has become of it."""
        with suppress(DBAPIError, psycopg.Error):
            self._connection.invalidate()
        self._connection.close()


def open_embedded(folder: Path, database: str = server.DATABASE) -> Store:
    """Return the store of a data folder: starts the embedded server, creates and migrates the database.

    Raises:
        StoreError: the folder or the server cannot be used.
    """
    running = server.start(folder)
    _create_database(running.url, database)
    url = make_url(running.url).set(database=database)
    return _open(create_engine_for(url.render_as_string(hide_password=False)), folder)


def open_url(url: str) -> Store:
    """Return the store on a named server (`QINGSHAO_DATABASE_URL`), migrated to this version.

    Raises:
        StoreError: the server cannot be reached, or is older than PostgreSQL 15.
    """
    return _open(create_engine_for(url), None)


def open_engine(engine: Engine) -> Store:
    """Return the store on a named server behind an engine that has its own way to sign in.

    Raises:
        StoreError: as `open_url`.
    """
    return _open(engine, None)


def create_engine_for(url: str) -> Engine:
    """Return an engine whose sessions speak UTC and plan each statement for its own window.

    A plan kept for any window scans a whole table for a day (PostgreSQL makes one after five executions),
    and compiling a plan takes longer than running it here.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without what it came from, which names parts of the address, a password perhaps.
        raise StoreError(
            "QINGSHAO_DATABASE_URL 不是有效的数据库地址", "格式：postgresql://用户@主机/库名"
        ) from None
    if "@" in (parsed.host or ""):
        raise StoreError("数据库地址里的密码含有 @", "地址中的 @ 要写成 %40，: 写成 %3A，/ 写成 %2F。")
    if parsed.get_backend_name() != "postgresql":
        raise StoreError(
            f"不支持的数据库 {parsed.get_backend_name()}",
            "QINGSHAO_DATABASE_URL 需指向 PostgreSQL 15 或更新版本。",
        )
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=4,
        max_overflow=4,
        # A fault names the statement, never its values: they are complainants, and passwords being set.
        hide_parameters=True,
        connect_args={"options": SESSION, "application_name": "qingshao", **patience.LIVENESS},
    )
    event.listen(engine, "do_connect", _connect)
    return engine


def seat_name(login: str) -> str:
    """Return what the sessions of somebody who sits at an owner's engine are called."""
    return f"qingshao seat {login}"


def become(engine: Engine, login: str) -> None:
    """Let every new connection of an owner's engine act as somebody else, for good."""
    statement = sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(login))

    def act(connection: psycopg.Connection[Any], _record: object) -> None:
        # The server's list of sessions goes on naming the owner: whose they are is told by their own name.
        connection.execute("SELECT set_config('application_name', %s, false)", [seat_name(login)])
        connection.execute(statement)
        connection.commit()

    event.listen(engine, "connect", act)


def _connect(_dialect: object, _record: object, _arguments: object, address: dict[str, Any]) -> object:
    return patience.connect(**address)


def unreachable(error: DBAPIError | psycopg.Error) -> StoreError:
    """Return a driver's connection error as one of the world's errors, in the user's words."""
    return StoreError(
        f"数据库无法访问：{_first_line(error)}",
        "确认数据库在运行、网络可达；程序会在下次操作时重新连接。",
    )


def be_patient_for_seconds(connection: Connection, seconds: int) -> None:
    """Give up waiting for somebody else's lock after so long, as a StoreError, in this transaction only."""
    connection.execute(select(func.set_config("lock_timeout", f"{seconds}s", True)))


@contextmanager
def _losses_told(engine: Engine) -> Iterator[None]:
    """Raise the world's faults as a StoreError; rows go in by the driver's own COPY, too.

    What the server says of our own statements or data (classes 22, 23, 42, 54 …) is a fault of ours, unless a
    newer version of the program has given the store another form meanwhile.
    """
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        told = told_by_code(error)
        if told is None and _code(error).startswith(OF_FORM):
            told = _told_by_form(engine)
        if told is None:
            raise
        raise told from error


def _told_by_form(engine: Engine) -> StoreError | None:
    try:
        return outgrown(engine)
    except (DBAPIError, psycopg.Error) as error:
        return told_by_code(error)


def told_by_code(error: DBAPIError | psycopg.Error) -> StoreError | None:
    """Return a fault of the world by its SQLSTATE, None for one of ours."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    refusal = refused(driver) if isinstance(driver, psycopg.Error) else None
    if refusal is not None:
        return refusal
    code = _code(error)
    if not code:
        lost = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
        return unreachable(error) if isinstance(error, lost) else None
    if code in LOCKED:
        return StoreError("另一项操作正在写入，本次未写入。", "稍后再试；正在导入时请等导入结束。")
    if code.startswith("53"):
        return StoreError(f"数据库资源不足：{_first_line(error)}", "检查磁盘空间与连接数后再试。")
    if code.startswith(("08", "57P", "58")) or code in INTERRUPTED:
        return unreachable(error)
    return None


def _code(error: DBAPIError | psycopg.Error) -> str:
    told = error.orig if isinstance(error, DBAPIError) else error
    return getattr(told, "sqlstate", None) or ""


def _first_line(error: DBAPIError | psycopg.Error) -> str:
    told = error.orig if isinstance(error, DBAPIError) else error
    lines = [line.strip() for line in str(told).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _open(engine: Engine, folder: Path | None) -> Store:
    store = Store(engine, folder)
    version = store.read(_server_version)
    if version < OLDEST_SERVER:
        raise StoreError(f"数据库版本 {version // 10000} 太旧", "青哨需要 PostgreSQL 15 或更新版本。")
    with _losses_told(engine):
        owned = upgrade(engine)
    if owned:
        store.write(install_defaults)
        if folder is not None:
            store.write(give_demo_logins)
    return store


def _server_version(connection: Connection) -> int:
    return int(connection.execute(text("SELECT current_setting('server_version_num')")).scalar_one())


def _create_database(url: str, database: str) -> None:
    engine = create_engine_for(url).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            # Two programs may start at once: one creates, the other waits for it.
            connection.execute(text("SELECT pg_advisory_lock(71230001)"))
            found = connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database}
            ).scalar()
            if found is None:
                name = engine.dialect.identifier_preparer.quote(database)
                connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
            connection.execute(text("SELECT pg_advisory_unlock(71230001)"))
    except OperationalError as error:
        raise unreachable(error) from error
    finally:
        engine.dispose()


__all__ = [
    "Connection",
    "Store",
    "be_patient_for_seconds",
    "create_engine_for",
    "open_embedded",
    "open_engine",
    "open_url",
]
