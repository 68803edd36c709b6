"""Backs a store up into one file, and restores it: into an empty store, all of it or nothing.

A restore is one transaction of the server: the schema that was there goes, the archive comes, and only when
all of it has arrived is it committed. What an archive cannot hold is made anew: the group roles (the gate)
and the people's login roles, without passwords.

The number of the transaction that wrote an event (`event.xid`) belongs to the server that counted it. On
another one it would be a transaction that is yet to come: the change feed would miss it or show it twice, and
a person might write cached rows of a stream in its name. So all events get the restoring transaction's own.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, bindparam, func, make_url, select, text

from data_access import schema, server
from data_access.dumps import Clients, Contents, Progress, clients_for
from data_access.errors import StoreError
from data_access.gate.roles import GROUPS
from data_access.master import is_empty
from data_access.migrate import knows, upgrade
from data_access.planning import know_the_data
from data_access.rules import install_defaults
from data_access.store import Store, create_engine_for
from domain.people import Role

NOT_EMPTY = StoreError(
    "这个库里已有数据，不能在其上恢复",
    "用 --into 目录 恢复到一个新的数据目录，或在服务器上新建一个空库；核对（verify）之后再改用它。",
)
_MAGIC = b"PGDMP"
"""With which an archive of pg_dump in the form `custom` begins."""
_BEGIN = """
BEGIN;
SET LOCAL lock_timeout = '30s';
SELECT FROM pg_advisory_xact_lock(71230002);
DO $$
BEGIN
    IF EXISTS (SELECT FROM public.event) OR EXISTS (SELECT FROM public.city) THEN
        RAISE EXCEPTION 'the store is not empty';
    END IF;
END
$$;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""
_RENUMBER = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.oid::regclass AS relation, a.attname AS name
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
            AND a.atttypid = 'xid8'::regtype AND NOT a.attisdropped
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I TYPE xid8 USING pg_current_xact_id()', found.relation, found.name
        );
    END LOOP;
END
$$;
"""
"""A rewrite, not an UPDATE: no row trigger runs, and the table does not grow."""
_COMMIT = """
DO $$
BEGIN
    IF to_regclass('public.gate') IS NOT NULL THEN
        DELETE FROM public.gate;
    END IF;
END
$$;
SELECT FROM pg_notify('qingshao', '0');
COMMIT;
"""
"""The rights on the database itself are in no archive: the gate is to be written anew."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written: its size in bytes, and what is in it."""

    file: Path
    size: int
    contents: Contents


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `logins` are those of people who can sign in once each has been given a password."""

    contents: Contents
    events: int
    tickets: int
    logins: tuple[str, ...]


def address_of_embedded(folder: Path) -> str:
    """Return the address of the store in a data folder, which is not migrated; starts its server.

    Raises:
        StoreError: there is none, or its server does not start.
    """
    if not (folder / "postgres" / "PG_VERSION").exists():
        raise StoreError(f"{folder} 中没有库", "用 --data 指明数据目录。")
    url = make_url(server.start(folder).url).set(database=server.DATABASE)
    return url.render_as_string(hide_password=False)


def back_up(url: str, file: Path, data: Path, progress: Progress) -> Backup:
    """Write the whole store at a SQLAlchemy URL to a new file, as of one moment, while others go on working.

    The store is not migrated: before an upgrade, the new program can back up what the old one left.

    Raises:
        StoreError: it cannot be written; no half of a file is left.
    """
    if file.exists():
        raise StoreError(f"{file} 已存在", "换一个文件名；旧的备份不会被覆盖。")
    half = file.with_name(f".{file.name}.part")
    engine = create_engine_for(url)
    try:
        version = Store(engine, None).read(_owned_server)
        with clients_for(url, version, data) as clients:
            _create(half)
            clients.dump(half, progress)
            contents = clients.contents(half)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        size = half.stat().st_size
        # Of two at the same name the first stays.
        os.link(half, file) if os.name != "nt" else half.rename(file)
    except FileExistsError:
        raise StoreError(f"{file} 已存在", "换一个文件名；旧的备份不会被覆盖。") from None
    except OSError as error:
        raise StoreError(f"无法写入 {file}：{error.strerror}", "换一个可写的目录，或腾出空间。") from error
    finally:
        engine.dispose()
        half.unlink(missing_ok=True)
    return Backup(file, size, contents)


def check_archive(file: Path) -> None:
    """Look at the beginning of a file, before a store is made to restore it into.

    Raises:
        StoreError: there is no such file, or it is no archive of pg_dump.
    """
    if not file.is_file():
        raise StoreError(f"没有文件 {file}", "请核对备份文件的路径。")
    try:
        with file.open("rb") as archive:
            begins = archive.read(len(_MAGIC))
    except OSError as error:
        raise StoreError(f"无法读取 {file}：{error.strerror}", "请核对文件的权限。") from error
    if begins != _MAGIC:
        raise StoreError("这个文件不是备份", "请选择用 backup 命令写成的文件。")


def restore(store: Store, file: Path, data: Path, progress: Progress) -> Restored:
    """Restore a backup into an empty store that its owner has opened, all of it or nothing.

    Raises:
        StoreError: the file is no backup, is broken, or of a newer version; the store is not empty. The store
            is as it was.
    """
    check_archive(file)
    if not store.read(is_empty):
        raise NOT_EMPTY
    url = store.engine.url.render_as_string(hide_password=False)
    with clients_for(url, store.read(_owned_server), data) as clients:
        contents = clients.contents(file)
        if contents.revision is None:
            raise StoreError("这个文件不是青哨的备份", "请选择用 backup 命令写成的文件。")
        if not knows(contents.revision):
            raise StoreError(
                f"备份的版本 {contents.revision} 比本程序新", "请使用与之相同或更新的青哨版本恢复它。"
            )
        try:
            _replay(clients, file, progress)
        except StoreError:
            if not store.read(is_empty):
                raise NOT_EMPTY from None
            raise
    # Sessions that were open know the tables by numbers that are no more.
    store.engine.dispose()
    try:
        upgrade(store.engine)
        return store.write(_finish(contents))
    except BaseException:
        store.write(_empty)
        upgrade(store.engine)
        store.write(install_defaults)
        raise


def _replay(clients: Clients, file: Path, progress: Progress) -> None:
    with clients.session() as send:
        send(_BEGIN.encode())
        for section, after in (("pre-data", ""), ("data", _RENUMBER), ("post-data", "")):
            for piece in clients.script(file, section, progress):
                send(piece)
            send(after.encode())
        send(_COMMIT.encode())


def _finish(contents: Contents) -> Callable[[Connection], Restored]:
    def work(connection: Connection) -> Restored:
        install_defaults(connection)
        logins = _give_logins(connection)
        know_the_data(connection)
        event, ticket = schema.event, schema.ticket
        return Restored(
            contents,
            connection.execute(select(func.count()).select_from(event)).scalar_one(),
            connection.execute(select(func.count()).select_from(ticket)).scalar_one(),
            logins,
        )

    return work


def _give_logins(connection: Connection) -> tuple[str, ...]:
    """Make the login roles that this server lacks; return the names of those that wait for a password."""
    person = schema.person.c
    sample = bool(connection.execute(select(schema.city.c.sample)).scalar())
    rows = connection.execute(
        select(person.login, person.role, person.active)
        .where(person.login.is_not(None), person.role.in_([role.value for role in GROUPS]))
        .order_by(person.position, person.key)
    ).all()
    known = set(
        connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname IN :names").bindparams(
                bindparam("names", [row.login for row in rows], expanding=True)
            )
        ).scalars()
    )
    driver = connection.connection.driver_connection
    assert driver is not None
    made = []
    for row in rows:
        if row.login in known:
            continue
        # A made-up person cannot sign in: the owner of a trial's store becomes one of them.
        may = "LOGIN" if row.active and not sample else "NOLOGIN"
        driver.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(row.login), sql.SQL(may)))
        driver.execute(
            sql.SQL("GRANT {} TO {}").format(
                sql.Identifier(GROUPS[Role(row.role)]), sql.Identifier(row.login)
            )
        )
        if may == "LOGIN":
            made.append(str(row.login))
    return tuple(made)


_VERSION_AND_OWNED = text(
    "SELECT current_setting('server_version_num')::int, has_schema_privilege('public', 'CREATE')"
)


def _owned_server(connection: Connection) -> int:
    """Return the major version of the server, for the owner of its store."""
    version, owned = connection.execute(_VERSION_AND_OWNED).one()
    if not owned:
        raise StoreError("只有库的所有者可以备份和恢复", "请以所有者的地址运行（QINGSHAO_DATABASE_URL）。")
    return int(version) // 10000


def _empty(connection: Connection) -> None:
    for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
        connection.execute(text(statement))


def _create(file: Path) -> None:
    # It holds complainants: nobody but this user may read it.
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
