"""Tells the planner what is in the tables: until it knows, it reads them whole to find a few rows."""

from sqlalchemy import Connection, text

from data_access import schema


def know_the_data(connection: Connection) -> None:
    """Have the tables looked at, in the caller's transaction. Call it after filling an empty store."""
    connection.execute(text("ANALYZE"))


def knows_the_data(connection: Connection) -> bool:
    """Whether the large tables have ever been looked at, by the server itself or by `know_the_data`."""
    tables = [schema.event.name, schema.ticket.name, schema.node_state.name]
    statement = text(
        "SELECT bool_and(reltuples >= 0) FROM pg_class"
        " WHERE relname = ANY(:tables) AND relnamespace = 'public'::regnamespace"
    )
    return bool(connection.execute(statement, {"tables": tables}).scalar())
