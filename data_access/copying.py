"""Rows into tables: by COPY, PostgreSQL's fast way in, where it is open to the session.

Row-level security closes it to everybody but the owner, even where every row may be written: then few rows go
in by INSERT, and many by COPY into a table of the session's own and from there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table

FEW = 40
"""Rows for which a detour by another table takes longer than it saves."""


def copy_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows into a table. All rows have the same keys, which are columns of the table."""
    if not rows:
        return
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise RuntimeError("the connection is closed")
    if not _is_guarded(connection, driver, table.name):
        _copy(driver, sql.Identifier(table.name), rows)
    elif len(rows) <= FEW:
        _insert(driver, table.name, rows)
    else:
        _copy_by_detour(driver, table.name, rows)


def _copy(driver: psycopg.Connection[Any], table: sql.Composable, rows: Sequence[Mapping[str, Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, _columns(rows))
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def _insert(driver: psycopg.Connection[Any], table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    # One statement for all rows: executemany() opens a pipeline, which a lost connection leaves in disorder.
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(rows[0])))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(table), _columns(rows), sql.SQL(", ").join([row] * len(rows))
    )
    driver.execute(statement, [value for found in rows for value in found.values()])


def _copy_by_detour(driver: psycopg.Connection[Any], table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    own, whole = sql.Identifier("pg_temp", f"incoming_{table}"), sql.Identifier(table)
    columns = _columns(rows)
    with driver.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                sql.Identifier(f"incoming_{table}"), columns, whole
            )
        )
        _copy(driver, own, rows)
        cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(whole, columns, columns, own))
        cursor.execute(sql.SQL("DROP TABLE {}").format(own))


def _columns(rows: Sequence[Mapping[str, Any]]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, rows[0]))


def _is_guarded(connection: Connection, driver: psycopg.Connection[Any], table: str) -> bool:
    """Whether row-level security stands between this session and a table. Asked once a connection."""
    known: dict[str, bool] = connection.info.setdefault("qingshao_guarded", {})
    if table not in known:
        row = driver.execute("SELECT row_security_active(%s)", (table,)).fetchone()
        known[table] = bool(row and row[0])
    return known[table]
