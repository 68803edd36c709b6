"""Login roles for the made-up people of a sample city, so that one can be each of them in a trial.

They have no password and cannot sign in: the embedded store's owner becomes one of them (`Store.as_person`).
"""

from psycopg import sql
from sqlalchemy import Connection, Row, func, select, text, update

from data_access import schema
from data_access.gate.roles import GROUPS
from domain.people import Role


def give_demo_logins(connection: Connection) -> None:
    """Give each person of a sample city without a login role one: demo-duty-1, demo-handler-1 …

    A login's group follows from its name, for roles belong to all databases of a server.
    """
    person = schema.person.c
    if not connection.execute(select(schema.city.c.sample)).scalar():
        return
    position = func.row_number().over(partition_by=person.role, order_by=(person.position, person.key))
    rows = connection.execute(select(person.key, person.role, person.login, position.label("n"))).all()
    for row in rows:
        if row.login is None:
            _give(connection, row)


def _give(connection: Connection, row: Row[*tuple[object, ...]]) -> None:
    login = f"demo-{row.role}-{row.n}"
    group = GROUPS[Role(row.role)]
    found = connection.execute(text("SELECT FROM pg_roles WHERE rolname = :login"), {"login": login}).first()
    if found is None:
        driver = connection.connection.driver_connection
        assert driver is not None
        # Another database of this server may be at it just now.
        driver.execute(
            sql.SQL(
                "DO $$ BEGIN CREATE ROLE {login} NOLOGIN; GRANT {group} TO {login};"
                " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            ).format(login=sql.Identifier(login), group=sql.Identifier(group))
        )
    person = schema.person
    connection.execute(update(person).where(person.c.key == row.key).values(login=login))
