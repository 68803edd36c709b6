"""Empties a store that holds sample data, so that a demo city can be made anew.

The event log refuses every change, so the schema goes as a whole and is created again.
"""

from sqlalchemy import select, text

from data_access import schema
from data_access.errors import StoreError
from data_access.master import is_empty
from data_access.migrate import upgrade
from data_access.rules import install_defaults
from data_access.store import Connection, Store


def reset_sample(store: Store) -> None:
    """Empty a store whose city is marked as sample data; an empty one is left as it is.

    Raises:
        StoreError: the store holds something that is not marked as sample data.
    """
    if store.read(is_empty):
        return
    if not store.read(_is_sample):
        raise StoreError(
            "库中不是示例数据，不能重置", "重置会删除全部事件；请用 --data 指定另一个目录来创建演示城市。"
        )
    store.write(_drop)
    upgrade(store.engine)
    store.write(install_defaults)


def _is_sample(connection: Connection) -> bool:
    return bool(connection.execute(select(schema.city.c.sample)).scalar())


def _drop(connection: Connection) -> None:
    for statement in (
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO PUBLIC",
    ):
        connection.execute(text(statement))
