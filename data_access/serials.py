"""Numbers by year, given out one after the other: directives and re-supervision files."""

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from data_access import schema
from data_access.gate.session import refusal_in


def directive_number(connection: Connection, year: int) -> str:
    """Return the next directive's number, such as D-2026-046. A rolled-back transaction gives it back."""
    return f"D-{year}-{_next(connection, 'directive', year):03d}"


def re_supervision_number(connection: Connection, year: int) -> str:
    """Return the next re-supervision file's number, such as Z-2026-0117."""
    return re_supervision_numbers(connection, year, 1)[0]


def re_supervision_numbers(connection: Connection, year: int, count: int) -> list[str]:
    """Return the next `count` numbers of re-supervision files."""
    if not count:
        return []
    last = _next(connection, "re_supervision", year, count)
    return [f"Z-{year}-{number:04d}" for number in range(last - count + 1, last + 1)]


def set_last(connection: Connection, kind: str, year: int, last: int) -> None:
    """Note that numbers up to `last` are given out already, as by a demo city."""
    statement = insert(schema.serial).values(kind=kind, year=year, last=last)
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "year"], set_={"last": last}))


def _next(connection: Connection, kind: str, year: int, count: int = 1) -> int:
    # By a function of the gate: a person may take the next number of what that person may open, and set none.
    try:
        return int(connection.execute(select(func.next_serial(kind, year, count))).scalar_one())
    except DBAPIError as error:
        raise refusal_in(error) or error from error
