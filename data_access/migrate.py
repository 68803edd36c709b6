"""Brings a database to this version's schema, through Alembic, one program at a time."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from data_access.errors import StoreError
from data_access.gate.install import install_gate, remove_gate

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> bool:
    """Bring the database to the newest revision, and the gate to this program's; return whether one may.

    Only the owner may. A person's session, or the engine's, finds the newest revision, or is told.

    Raises:
        StoreError: the database was written by a newer version of the program, or waits for its owner to
            bring it to this one's.
    """
    with engine.begin() as connection:
        owner = bool(connection.execute(_MAY_MIGRATE).scalar_one())
        if owner:
            connection.execute(text("SELECT pg_advisory_xact_lock(71230002)"))
        current = revision(connection)
        if not (current is None or knows(current)):
            raise StoreError(f"数据库的版本 {current} 比本程序新", "请使用与之相同或更新的青哨版本打开它。")
        if owner:
            if current != newest():
                # A column that a policy speaks of can be neither changed nor dropped.
                remove_gate(connection)
                _run_upgrade(connection)
            install_gate(connection, anew=current != newest())
            _fill_again(connection)
        elif current != newest():
            raise StoreError(
                f"数据库的版本 {current or '（空）'} 比本程序旧",
                "请数据库管理员以所有者身份运行 admin upgrade 升级后再登录。",
            )
    return owner


_MAY_MIGRATE = text("SELECT has_schema_privilege('public', 'CREATE')")


def check_downgrade(engine: Engine, wanted: str) -> None:
    """Find out whether a database can be taken back so far, and change nothing.

    Raises:
        StoreError: there is no such older revision, or the session is not the owner's.
    """
    with engine.begin() as connection:
        if not connection.execute(_MAY_MIGRATE).scalar_one():
            raise StoreError("只有库的所有者可以退回版本", "请以所有者的地址运行（QINGSHAO_DATABASE_URL）。")
        _check_older(connection, wanted)


def _check_older(connection: Connection, wanted: str) -> None:
    current = revision(connection)
    older = [known for known in reversed(_revisions()) if current is not None and known < current]
    if wanted not in older:
        raise StoreError(
            f"没有可退回的版本 {wanted}（现为 {current}）", f"可退回到：{'、'.join(older) or '无'}。"
        )


def downgrade(engine: Engine, wanted: str) -> None:
    """Take a database back to the form that an older version of the program knows. For the owner only.

    What only the newer form can hold is lost; events never are.

    Raises:
        StoreError: there is no such older revision, or other programs have the store open.
    """
    from alembic import command

    check_downgrade(engine, wanted)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(71230002)"))
        _check_older(connection, wanted)
        others = connection.execute(_OTHERS).scalar_one()
        if others:
            raise StoreError(
                f"还有 {others} 个连接在使用这个库，不能退回", "先停止所有窗口、collect 服务和连接池。"
            )
        remove_gate(connection)
        command.downgrade(alembic_config(connection), wanted)
        if connection.execute(text("SELECT to_regclass('public.gate')")).scalar() is not None:
            # The older program puts up its own.
            connection.execute(text("DELETE FROM gate"))
        connection.execute(_NOTE_OF_RETURN)


def _fill_again(connection: Connection) -> None:
    """Write the caches of a store anew that was taken back once: its events say more than migrations fill in.

    What an older program's store holds, they fill in by themselves.
    """
    if connection.execute(_WAS_TAKEN_BACK).scalar() is None:
        return
    from data_access.rules import load_rules
    from data_access.verify import rebuild_caches

    rebuild_caches(connection, load_rules(connection))
    connection.execute(text("COMMENT ON TABLE event IS NULL"))


_NOTE_OF_RETURN = text("COMMENT ON TABLE event IS 'taken back to an older revision'")
_WAS_TAKEN_BACK = text("SELECT obj_description('public.event'::regclass, 'pg_class')")


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()"
)


def outgrown(engine: Engine) -> StoreError | None:
    """Return what to tell a running program whose store a newer version has migrated; None when none has.

    Raises:
        sqlalchemy.exc.DBAPIError: the database cannot be asked.
    """
    with engine.connect() as connection:
        current = revision(connection)
    if current is None or knows(current):
        return None
    return StoreError(
        f"数据库已由更新版本的青哨升级（{current}），本程序不能再使用它。",
        "请关闭本程序，安装新版本后重新打开。",
    )


def revision(connection: Connection) -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newest() -> str:
    """Return the revision that this version of the program needs."""
    return _revisions()[-1]


def knows(current: str) -> bool:
    """Whether a revision is one of this version of the program, or older."""
    return current in _revisions()


@cache
def _revisions() -> tuple[str, ...]:
    """Return all revisions, the oldest first, by the names of their files.

    They are one after the other, and Alembic, which would run each file to know, is loaded only to migrate.
    """
    return tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def _run_upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
