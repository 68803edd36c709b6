"""Empties a store that holds sample data, so that a demo city can be made anew.

The event log refuses every change, so the schema goes as a whole and is created again.
"""

from sqlalchemy import func, select, text

from data_access import schema
from data_access.errors import StoreError
from data_access.master import is_empty
from data_access.migrate import upgrade
from data_access.rules import install_defaults
from data_access.store import Connection, Store
from domain.people import IMPORTED_BY

WAY_OUT = "重置会删除全部事件；请用 --data 指定另一个目录来创建演示城市。"


def reset_sample(store: Store) -> None:
    """Empty a store whose city is marked as sample data; an empty one is left as it is.

    What people ordered while they tried the sample goes with it; what was imported is never deleted.

    Raises:
        StoreError: the store holds something that is not sample data.
    """
    if store.read(is_empty):
        return
    store.write(_drop_sample)
    upgrade(store.engine)
    store.write(install_defaults)


def _drop_sample(connection: Connection) -> None:
    # An import on its way commits first, and is seen.
    connection.execute(text("LOCK TABLE event IN ACCESS EXCLUSIVE MODE"))
    if not connection.execute(select(schema.city.c.sample)).scalar():
        raise StoreError("库中不是示例数据，不能重置", WAY_OUT)
    event = schema.event.c
    imported = connection.execute(
        select(func.count(event.stream.distinct())).where(event.person.startswith(IMPORTED_BY))
    ).scalar_one()
    if imported:
        raise StoreError(f"库中除示例数据外还有导入的 {imported:,} 件工单，不能重置", WAY_OUT)
    for statement in (
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO PUBLIC",
    ):
        connection.execute(text(statement))
